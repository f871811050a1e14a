//! What must hold of requests and decisions: they are the store's, and the lines decided on cost what the decisions say.

use crate::cells::{integers, texts};
use crate::checks::find;
use crate::error::Error;
use crate::manifest::{DecisionTotal, RequestTotals, Table};
use crate::marts::scan;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Decisions, and the pence of a full year and of the year of the decision.
type Sums = [i64; 3];

/// Looks at the facts.
pub(super) fn check(directory: &Path, tables: &[Table], control: &RequestTotals, problems: &mut Vec<String>) -> Result<(), Error> {
    for (name, expected) in [("fact_decision_lines", control.decision_lines), ("fact_authorisations", control.authorisations)] {
        let rows = find(tables, name)?.rows;
        if i64::try_from(rows) != Ok(expected) {
            problems.push(format!("{name} has {rows} rows and the store {expected}"));
        }
    }
    let requests = scan(directory, find(tables, "fact_requests")?)?;
    compare_states(requests, control, problems)?;
    let decisions = scan(directory, find(tables, "fact_decisions")?)?.collect()?;
    let money = ["full_year_pence", "this_year_pence"];
    compare("fact_decisions", &decisions, Some("kind"), money, &control.decisions, problems)?;
    let lines = scan(directory, find(tables, "fact_decision_lines")?)?.collect()?;
    compare("fact_decision_lines", &lines, None, money, &control.decisions, problems)?;
    compare_lines(&decisions, &lines, problems)
}

fn compare_states(requests: LazyFrame, control: &RequestTotals, problems: &mut Vec<String>) -> Result<(), Error> {
    let states = requests.group_by([col("state")]).agg([len().cast(DataType::Int64).alias("requests")]).collect()?;
    let states = texts(&states, "state")?.into_iter().zip(integers(&states, "requests")?);
    let found: BTreeMap<String, i64> = states.map(|(state, requests)| (state.unwrap_or_default(), requests)).collect();
    let expected: BTreeMap<String, i64> = control.requests.iter().map(|total| (total.state.clone(), total.requests)).collect();
    for state in found.keys().chain(expected.keys().filter(|state| !found.contains_key(*state))) {
        let (found, stored) = (found.get(state).copied().unwrap_or_default(), expected.get(state).copied().unwrap_or_default());
        if found != stored {
            problems.push(format!("fact_requests has {found} requests in the state {state}, by their transitions, and the store {stored}"));
        }
    }
    Ok(())
}

/// Compares a table with the store's decisions by financial year, and by kind if its column is named: then a row is a decision.
pub(super) fn compare(
    name: &str,
    table: &DataFrame,
    kind: Option<&str>,
    money: [&str; 2],
    control: &[DecisionTotal],
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let years = texts(table, "financial_year")?;
    let kinds = kind.map_or_else(|| Ok(vec![None; table.height()]), |kind| texts(table, kind))?;
    let rows = years.into_iter().zip(kinds).map(|(year, kind)| (year.unwrap_or_default(), kind));
    let found = summed(rows.zip(amounts(table, money)?));
    let total = |total: &DecisionTotal| {
        let key = (total.financial_year.clone(), kind.map(|_| total.kind.clone()));
        (key, [total.decisions, total.full_year_pence, total.this_year_pence])
    };
    let expected = summed(control.iter().map(total));
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, stored) = (found.get(key).copied().unwrap_or_default(), expected.get(key).copied().unwrap_or_default());
        // Rows that are not decisions are not counted.
        let from = usize::from(kind.is_none());
        if found[from..] != stored[from..] {
            let (year, kind) = (&key.0, key.1.as_deref().unwrap_or("all"));
            problems.push(format!(
                "{name} has {} rows of {} pence a full year and {} in {year} for {kind} decisions of {year}, and the store {} decisions of {} and {}",
                found[0], found[1], found[2], stored[0], stored[1], stored[2]
            ));
        }
    }
    Ok(())
}

/// Each decision's stored figures are what its lines cost, to the penny.
fn compare_lines(decisions: &DataFrame, lines: &DataFrame, problems: &mut Vec<String>) -> Result<(), Error> {
    let money = ["full_year_pence", "this_year_pence"];
    let keyed = |table: &DataFrame| -> Result<BTreeMap<String, Sums>, Error> {
        let keys = texts(table, "decision_key")?.into_iter().map(Option::unwrap_or_default);
        Ok(summed(keys.zip(amounts(table, money)?)))
    };
    let costs = keyed(lines)?;
    for (decision, stored) in keyed(decisions)? {
        let cost = costs.get(&decision).copied().unwrap_or_default();
        if cost[1..] != stored[1..] {
            problems.push(format!(
                "the lines of the decision with pseudonym {decision} cost {} pence a full year and {} in its year, and it was recorded with {} and {}; has the profile's costing changed since?",
                cost[1], cost[2], stored[1], stored[2]
            ));
        }
    }
    Ok(())
}

/// Of each row one, and its two amounts.
fn amounts(table: &DataFrame, money: [&str; 2]) -> Result<Vec<Sums>, Error> {
    let (full_year, this_year) = (integers(table, money[0])?, integers(table, money[1])?);
    Ok(full_year.into_iter().zip(this_year).map(|(full_year, this_year)| [1, full_year, this_year]).collect())
}

fn summed<K: Ord>(rows: impl IntoIterator<Item = (K, Sums)>) -> BTreeMap<K, Sums> {
    let mut sums: BTreeMap<K, Sums> = BTreeMap::new();
    for (key, row) in rows {
        let sum = sums.entry(key).or_default();
        for (total, amount) in sum.iter_mut().zip(row) {
            *total += amount;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(decisions: i64, pence: i64) -> Vec<DecisionTotal> {
        vec![DecisionTotal {
            financial_year: "2024-25".into(),
            kind: "approved".into(),
            decisions,
            full_year_pence: pence,
            this_year_pence: 1,
        }]
    }

    fn table(kind: &str) -> DataFrame {
        df!("financial_year" => ["2024-25", "2024-25"], "kind" => ["approved", kind], "decision_key" => ["a", "b"],
            "full_year_pence" => [5_i64, 6], "this_year_pence" => [1_i64, 0])
        .expect("a table")
    }

    #[test]
    fn a_penny_a_decision_or_a_kind_that_differs_is_noticed() {
        let problems = |kind: Option<&str>, control: &[DecisionTotal], table: &DataFrame| {
            let mut problems = Vec::new();
            compare("t", table, kind, ["full_year_pence", "this_year_pence"], control, &mut problems).expect("compared");
            problems.len()
        };
        assert_eq!(problems(Some("kind"), &control(2, 11), &table("approved")), 0);
        assert_eq!(problems(Some("kind"), &control(2, 12), &table("approved")), 1);
        assert_eq!(problems(Some("kind"), &control(3, 11), &table("approved")), 1);
        assert_eq!(problems(Some("kind"), &control(2, 11), &table("declined")), 2);
        assert_eq!(problems(Some("kind"), &[], &table("approved")), 1);
        assert_eq!(problems(None, &control(3, 11), &table("declined")), 0, "rows that are not decisions are not counted");
        assert_eq!(problems(None, &control(3, 10), &table("declined")), 1);
    }

    #[test]
    fn a_decision_whose_lines_cost_something_else_is_noticed() {
        let mut problems = Vec::new();
        compare_lines(&table("approved"), &table("approved"), &mut problems).expect("compared");
        assert!(problems.is_empty());
        compare_lines(&table("approved"), &table("approved").head(Some(1)), &mut problems).expect("compared");
        assert_eq!(problems.len(), 1, "a decision whose lines are missing");
    }
}

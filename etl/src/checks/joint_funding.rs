//! What must hold of joint funding: invoices, credit notes and receipts are the store's, and the mart loses no penny of them or of what is
//! expected.

use crate::cells::{integers, texts};
use crate::checks::find;
use crate::error::Error;
use crate::manifest::{IncomeTotal, Table};
use crate::marts::scan;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Pence by budget line and kind.
type Sums = BTreeMap<(String, String), i64>;

/// Looks at the facts, and at what the mart says is expected.
pub(super) fn check(
    directory: &Path,
    tables: &[Table],
    marts: &[(&'static str, DataFrame)],
    control: &[IncomeTotal],
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let income = scan(directory, find(tables, "fact_health_income")?)?.collect()?;
    let mut found = Sums::new();
    add(&mut found, &income, &texts(&income, "kind")?, "amount_pence")?;
    compare("fact_health_income", &found, &stored(control), problems);
    let fact = scan(directory, find(tables, "fact_joint_funding")?)?.collect()?;
    let mut expected = Sums::new();
    add(&mut expected, &fact, &kinds("expected", &fact), "expected_pence")?;
    if let Some((name, mart)) = marts.iter().find(|(name, _)| *name == "joint_funding") {
        let mut found = Sums::new();
        add(&mut found, mart, &kinds("expected", mart), "expected_pence")?;
        compare(name, &found, &expected, problems);
    }
    Ok(())
}

/// Looks at the mart's columns invoiced, credited, received and outstanding.
pub(super) fn check_mart(
    name: &str,
    mart: &DataFrame,
    [invoiced, credited, received, outstanding]: [&String; 4],
    control: &[IncomeTotal],
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let stored = stored(control);
    let mut found = Sums::new();
    for (kind, column) in [("invoiced", invoiced), ("credited", credited), ("received", received)] {
        add(&mut found, mart, &kinds(kind, mart), column)?;
    }
    compare(name, &found, &stored, problems);
    let mut owed = Sums::new();
    for ((budget_line, kind), pence) in &stored {
        *owed.entry((budget_line.clone(), "outstanding".to_owned())).or_default() += if kind == "invoiced" { *pence } else { -pence };
    }
    compare(name, &at_the_end(mart, outstanding)?, &owed, problems);
    Ok(())
}

fn kinds(kind: &str, table: &DataFrame) -> Vec<Option<String>> {
    vec![Some(kind.to_owned()); table.height()]
}

/// What is outstanding in the last month of all; a debt has a row in every month until then.
fn at_the_end(mart: &DataFrame, outstanding: &str) -> Result<Sums, Error> {
    let months: Vec<_> = texts(mart, "calendar_month")?.into_iter().map(Option::unwrap_or_default).collect();
    let last = months.iter().max().cloned().unwrap_or_default();
    let mut sums = Sums::new();
    let rows = months.into_iter().zip(texts(mart, "budget_line")?).zip(integers(mart, outstanding)?);
    for ((_, budget_line), pence) in rows.filter(|((month, _), _)| *month == last) {
        *sums.entry((budget_line.unwrap_or_default(), "outstanding".to_owned())).or_default() += pence;
    }
    Ok(sums)
}

fn stored(control: &[IncomeTotal]) -> Sums {
    control.iter().map(|total| ((total.budget_line.clone(), total.kind.clone()), total.amount_pence)).collect()
}

fn add(sums: &mut Sums, table: &DataFrame, kinds: &[Option<String>], amount: &str) -> Result<(), Error> {
    let rows = texts(table, "budget_line")?.into_iter().zip(kinds).zip(integers(table, amount)?);
    for ((budget_line, kind), pence) in rows {
        *sums.entry((budget_line.unwrap_or_default(), kind.clone().unwrap_or_default())).or_default() += pence;
    }
    Ok(())
}

fn compare(name: &str, found: &Sums, expected: &Sums, problems: &mut Vec<String>) {
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, stored) = (found.get(key).copied().unwrap_or_default(), expected.get(key).copied().unwrap_or_default());
        if found != stored {
            let (budget_line, kind) = key;
            problems.push(format!("{name} has {found} pence {kind} of {budget_line}, and the store {stored}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_penny_that_differs_is_noticed() {
        let sums = |pence: i64| Sums::from([(("chc_income".to_owned(), "received".to_owned()), pence)]);
        for (found, expected, problem_count) in
            [(sums(5), sums(5), 0), (sums(5), sums(6), 1), (sums(5), Sums::new(), 1), (sums(0), Sums::new(), 0)]
        {
            let mut problems = Vec::new();
            compare("m", &found, &expected, &mut problems);
            assert_eq!(problems.len(), problem_count, "{problems:?}");
        }
    }

    #[test]
    fn what_is_owed_at_the_end_is_that_of_the_last_month() {
        let mart = df!("calendar_month" => ["2024-03", "2024-04", "2024-04"], "budget_line" => ["a", "a", "a"], "owed" => [9_i64, 4, 3]);
        let sums = at_the_end(&mart.expect("a table"), "owed").expect("summed");
        assert_eq!(sums.into_values().collect::<Vec<_>>(), [7]);
    }
}

//! What must hold before a snapshot is published: its tables equal the store's control totals to the penny, and each mart
//! keeps what it promises.

mod decisions;
mod direct_payments;
mod forecast;
mod grants;
mod joint_funding;
mod nights;

use crate::cells::{integers, texts};
use crate::error::Error;
use crate::ledger::ENTRIES;
use crate::manifest::{ControlTotals, LineTotal, Table};
use crate::marts::{Check, MARTS, scan};
use polars::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Rows and pence by financial year and budget line.
type Totals = BTreeMap<(String, String), (i64, i64)>;

/// Looks at everything; fails with [`Error::Checks`] naming all that does not hold.
pub(crate) fn check(directory: &Path, tables: &[Table], marts: &[(&'static str, DataFrame)], control: &ControlTotals) -> Result<(), Error> {
    let mut problems = Vec::new();
    for (name, expected) in [(ENTRIES, &control.ledger), ("fact_budget_movements", &control.budget)] {
        let table = find(tables, name)?;
        let found = totals(scan(directory, table)?, "amount_pence", None)?;
        compare(name, &found, expected, &mut problems);
    }
    let lines = find(tables, "fact_package_lines")?.rows;
    if i64::try_from(lines) != Ok(control.package_lines) {
        problems.push(format!("fact_package_lines has {lines} lines and the store {}", control.package_lines));
    }
    decisions::check(directory, tables, &control.requests, &mut problems)?;
    direct_payments::check(directory, tables, &control.direct_payments, &mut problems)?;
    forecast::check(directory, tables, marts, &control.commitments, &mut problems)?;
    joint_funding::check(directory, tables, marts, &control.joint_funding, &mut problems)?;
    nights::check(directory, tables, &control.nights, &mut problems)?;
    grants::check(directory, tables, &control.grants, &mut problems)?;
    for (name, mart) in marts {
        let sql = MARTS.iter().find(|(mart, _)| mart == name).map(|(_, sql)| *sql).unwrap_or_default();
        for check in Check::all_of(name, sql)? {
            check_mart(name, mart, &check, tables, control, &mut problems)?;
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Checks(problems)) }
}

fn check_mart(
    name: &str,
    mart: &DataFrame,
    check: &Check,
    tables: &[Table],
    control: &ControlTotals,
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    match check {
        Check::Unique(columns) => {
            let keys: Vec<_> = columns.iter().map(col).collect();
            let groups = mart.clone().lazy().group_by(keys).agg([len().alias("rows")]).collect()?;
            if groups.height() != mart.height() {
                problems.push(format!("{name} has {} rows for {} different {}", mart.height(), groups.height(), columns.join(", ")));
            }
        }
        Check::NotNull(columns) => {
            for column in columns {
                let nulls = mart.column(column)?.null_count();
                if nulls > 0 {
                    problems.push(format!("{name}.{column} is null in {nulls} rows"));
                }
            }
        }
        Check::Every(dimensions) => {
            let rows: Vec<u64> = dimensions.iter().map(|dimension| Ok(find(tables, dimension)?.rows)).collect::<Result<_, Error>>()?;
            let expected: u64 = rows.iter().product();
            if mart.height() as u64 != expected {
                problems.push(format!("{name} has {} rows where {} make {expected}", mart.height(), dimensions.join(" and ")));
            }
        }
        Check::Ledger { amount, entries: Some(entries) } => {
            compare(name, &totals(mart.clone().lazy(), amount, Some(entries))?, &control.ledger, problems);
        }
        Check::Ledger { amount, entries: None } => compare_amounts(name, mart, amount, &control.ledger, problems)?,
        Check::JointFunding { invoiced, credited, received, outstanding } => {
            joint_funding::check_mart(name, mart, [invoiced, credited, received, outstanding], &control.joint_funding, problems)?;
        }
        Check::Budget { amount } => compare_amounts(name, mart, amount, &control.budget, problems)?,
        Check::Grants { planned, paid, due } => grants::check_mart(name, mart, [planned, paid, due], &control.grants, problems)?,
        Check::Nights { booked, stayed, cancelled } => {
            nights::check_mart(name, mart, [booked, stayed, cancelled], &control.nights, problems)?;
        }
        Check::DirectPayments { paid, repaid } => {
            direct_payments::check_mart(name, mart, [paid, repaid], &control.direct_payments, problems)?;
        }
        Check::Decisions { kind, full_year, this_year } => {
            decisions::compare(name, mart, kind.as_deref(), [full_year, this_year], &control.requests.decisions, problems)?;
        }
    }
    Ok(())
}

fn find<'t>(tables: &'t [Table], name: &str) -> Result<&'t Table, Error> {
    tables.iter().find(|table| table.name == name).ok_or_else(|| Error::Definition(format!("there is no table `{name}`")))
}

/// Sums a table by financial year and budget line; each row counts one, or what its column `entries` says.
fn totals(table: LazyFrame, amount: &str, entries: Option<&str>) -> Result<Totals, Error> {
    let counted = entries.map_or(len(), |entries| col(entries).sum()).cast(DataType::Int64);
    let sums = table
        .group_by([col("financial_year"), col("budget_line")])
        .agg([counted.alias("total_entries"), col(amount).sum().alias("total_pence")])
        .collect()?;
    let keys = texts(&sums, "financial_year")?.into_iter().zip(texts(&sums, "budget_line")?);
    let keys = keys.map(|(year, line)| (year.unwrap_or_default(), line.unwrap_or_default()));
    Ok(keys.zip(integers(&sums, "total_entries")?.into_iter().zip(integers(&sums, "total_pence")?)).collect())
}

fn expected(control: &[LineTotal]) -> Totals {
    control.iter().map(|t| ((t.financial_year.clone(), t.budget_line.clone()), (t.entries, t.amount_pence))).collect()
}

fn compare(name: &str, found: &Totals, control: &[LineTotal], problems: &mut Vec<String>) {
    let expected = expected(control);
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, stored) = (found.get(key).copied().unwrap_or_default(), expected.get(key).copied().unwrap_or_default());
        if found != stored {
            let (year, line) = key;
            problems.push(format!(
                "{name} has {} entries of {} pence for {line} in {year}, and the store {} of {}",
                found.0, found.1, stored.0, stored.1
            ));
        }
    }
}

/// Compares amounts only: the mart's rows are not entries.
fn compare_amounts(name: &str, mart: &DataFrame, amount: &str, control: &[LineTotal], problems: &mut Vec<String>) -> Result<(), Error> {
    let (found, expected) = (totals(mart.clone().lazy(), amount, None)?, expected(control));
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, stored) = (found.get(key).map_or(0, |total| total.1), expected.get(key).map_or(0, |total| total.1));
        if found != stored {
            let (year, line) = key;
            problems.push(format!("{name}.{amount} is {found} for {line} in {year}, and the store has {stored}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(pence: i64) -> Vec<LineTotal> {
        vec![LineTotal { financial_year: "2023-24".into(), budget_line: "a".into(), entries: 2, amount_pence: pence }]
    }

    #[test]
    fn a_penny_more_or_an_entry_lost_is_noticed() {
        let table = df!("financial_year" => ["2023-24", "2023-24"], "budget_line" => ["a", "a"], "amount_pence" => [5_i64, 6]);
        let found = totals(table.expect("a table").lazy(), "amount_pence", None).expect("summed");
        for (control, problem_count) in [(control(11), 0), (control(12), 1), (Vec::new(), 1)] {
            let mut problems = Vec::new();
            compare("t", &found, &control, &mut problems);
            assert_eq!(problems.len(), problem_count, "{problems:?}");
        }
        let mut problems = Vec::new();
        compare("t", &Totals::new(), &control(11), &mut problems);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn marts_are_held_to_their_checks() {
        let mart = df!("a" => [Some("x"), Some("x"), None], "n" => [1_i64, 2, 3]).expect("a table");
        let problems = |check: Check| {
            let mut problems = Vec::new();
            check_mart("m", &mart, &check, &[], &ControlTotals::default(), &mut problems).expect("looked at");
            problems.len()
        };
        assert_eq!(problems(Check::Unique(vec!["a".into()])), 1);
        assert_eq!(problems(Check::Unique(vec!["a".into(), "n".into()])), 0);
        assert_eq!(problems(Check::NotNull(vec!["a".into(), "n".into()])), 1);
    }
}

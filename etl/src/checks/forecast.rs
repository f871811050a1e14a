//! What must hold of commitments: nothing of the store is lost on the way, every cell adds up, and what cells were paid is what payments
//! settled.

use super::{find, totals};
use crate::cells::{integers, texts};
use crate::error::Error;
use crate::forecast::{COMMITMENTS, SETTLEMENTS};
use crate::manifest::{CommitmentTotals, Table};
use crate::marts::scan;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Pence by financial year and budget line.
type Sums = BTreeMap<(String, String), i64>;

/// Looks at the facts, and at the marts made of them.
pub(super) fn check(
    directory: &Path,
    tables: &[Table],
    marts: &[(&'static str, DataFrame)],
    control: &CommitmentTotals,
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    for (name, expected) in [
        ("fact_line_versions", control.line_versions),
        ("fact_purchase_order_lines", control.order_lines),
        ("fact_ledger_matches", control.matches),
        ("fact_commitment_releases", control.releases),
        ("fact_year_closures", control.closures),
    ] {
        let rows = find(tables, name)?.rows;
        if i64::try_from(rows) != Ok(expected) {
            problems.push(format!("{name} has {rows} rows and the store {expected}"));
        }
    }
    let cells = || scan(directory, find(tables, COMMITMENTS)?);
    let carried = sums(cells()?.filter(col("is_carried").eq(lit(1_i64))), "planned_pence")?;
    let stored = control.carried.iter().map(|total| ((total.financial_year.clone(), total.budget_line.clone()), total.amount_pence));
    compare("what was carried forward", &magnitudes(carried), &stored.collect(), problems);
    check_cells(cells()?, problems)?;
    let settled = sums(scan(directory, find(tables, SETTLEMENTS)?)?, "paid_pence")?;
    compare("what cells were paid", &sums(cells()?, "paid_pence")?, &settled, problems);
    check_plans(directory, tables, cells()?, problems)?;
    let open = sums(cells()?, "open_pence")?;
    for (name, column) in
        [("forecast_outturn", "committed_pence"), ("commitments_by_week", "open_pence"), ("budget_position", "commitment_pence")]
    {
        if let Some((_, mart)) = marts.iter().find(|(mart, _)| *mart == name) {
            compare(&format!("{name}.{column}"), &sums(mart.clone().lazy(), column)?, &open, problems);
        }
    }
    Ok(())
}

/// Planned is paid, released and open together, and none of them has another sign.
fn check_cells(cells: LazyFrame, problems: &mut Vec<String>) -> Result<(), Error> {
    let parts = ["paid_pence", "released_pence", "open_pence"];
    let is_whole = parts.iter().fold(lit(0_i64), |sum, part| sum + col(*part)).eq(col("planned_pence"));
    let signs = parts.iter().fold(lit(true), |all, part| all.and((col(*part) * col("planned_pence").sign()).gt_eq(lit(0_i64))));
    let wrong = cells.filter(is_whole.and(signs).not()).select([len().cast(DataType::Int64).alias("cells")]).collect()?;
    match integers(&wrong, "cells")?.first() {
        None | Some(0) => Ok(()),
        Some(count) => {
            problems.push(format!("{count} commitments do not add up"));
            Ok(())
        }
    }
}

/// On a line of expenditure, what weeks plan is what months plan, which is computed apart.
fn check_plans(directory: &Path, tables: &[Table], cells: LazyFrame, problems: &mut Vec<String>) -> Result<(), Error> {
    let lines = scan(directory, find(tables, "dim_budget_line")?)?.filter(col("direction").eq(lit("expenditure"))).collect()?;
    let lines: BTreeSet<String> = texts(&lines, "budget_line")?.into_iter().flatten().collect();
    let weeks = sums(cells.filter(col("is_carried").eq(lit(0_i64))), "planned_pence")?;
    let months = sums(scan(directory, find(tables, "fact_planned_costs")?)?, "planned_pence")?;
    let of_expenditure = |sums: Sums| sums.into_iter().filter(|((_, line), _)| lines.contains(line)).collect();
    compare("what weeks plan, against months,", &of_expenditure(weeks), &of_expenditure(months), problems);
    Ok(())
}

fn sums(table: LazyFrame, amount: &str) -> Result<Sums, Error> {
    Ok(totals(table, amount, None)?.into_iter().map(|(key, (_, pence))| (key, pence)).collect())
}

/// What was carried forward is recorded positive on income lines too.
fn magnitudes(sums: Sums) -> Sums {
    sums.into_iter().map(|(key, pence)| (key, pence.saturating_abs())).collect()
}

fn compare(what: &str, found: &Sums, expected: &Sums, problems: &mut Vec<String>) {
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, expected) = (found.get(key).copied().unwrap_or_default(), expected.get(key).copied().unwrap_or_default());
        if found != expected {
            let (year, line) = key;
            problems.push(format!("{what} of {line} in {year} is {found} pence where {expected} are expected"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_does_not_add_up_or_has_another_sign_is_noticed() {
        let problems = |planned: i64, paid: i64, released: i64, open: i64| {
            let table = df!("planned_pence" => [planned], "paid_pence" => [paid], "released_pence" => [released], "open_pence" => [open]);
            let mut problems = Vec::new();
            check_cells(table.expect("a table").lazy(), &mut problems).expect("looked at");
            problems.len()
        };
        assert_eq!((problems(10, 3, 3, 4), problems(-10, -3, -3, -4), problems(10, 3, 3, 5), problems(10, 12, 0, -2)), (0, 0, 1, 1));
    }

    #[test]
    fn a_penny_lost_on_either_side_is_noticed() {
        let sums = |pence: i64| Sums::from([(("2024-25".to_owned(), "a".to_owned()), pence)]);
        for (found, expected, count) in [(sums(5), sums(5), 0), (sums(5), sums(6), 1), (sums(5), Sums::new(), 1), (Sums::new(), sums(5), 1)]
        {
            let mut problems = Vec::new();
            compare("it", &found, &expected, &mut problems);
            assert_eq!(problems.len(), count);
        }
    }
}

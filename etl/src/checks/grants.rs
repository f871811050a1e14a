//! What must hold of grants: what is planned, paid and still to be returned is the store's.

use super::{compare, find, totals};
use crate::cells::{integers, texts};
use crate::error::Error;
use crate::manifest::{GrantTotals, Table};
use crate::marts::scan;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::path::Path;

/// Looks at the facts.
pub(super) fn check(directory: &Path, tables: &[Table], control: &GrantTotals, problems: &mut Vec<String>) -> Result<(), Error> {
    let grants = scan(directory, find(tables, "fact_grants")?)?.collect()?;
    compare_awards("fact_grants", &grants, "amount_pence", control, problems)?;
    let payments = totals(scan(directory, find(tables, "fact_grant_payments")?)?, "amount_pence", None)?;
    compare("fact_grant_payments", &payments, &control.paid, problems);
    let due = find(tables, "fact_grant_returns_due")?.rows;
    if i64::try_from(due) != Ok(control.returns_due) {
        problems.push(format!("fact_grant_returns_due has {due} rows and the store {}", control.returns_due));
    }
    Ok(())
}

/// A mart's planned amounts by budget line, paid amounts by year and budget line, and returns due are the store's.
pub(super) fn check_mart(
    name: &str,
    mart: &DataFrame,
    [planned, paid, due]: [&str; 3],
    control: &GrantTotals,
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    compare_awards(name, mart, planned, control, problems)?;
    super::compare_amounts(name, mart, paid, &control.paid, problems)?;
    let found: i64 = integers(mart, due)?.iter().sum();
    if found != control.returns_due {
        problems.push(format!("{name}.{due} adds up to {found}, and the store asks for {} returns", control.returns_due));
    }
    Ok(())
}

fn compare_awards(name: &str, table: &DataFrame, amount: &str, control: &GrantTotals, problems: &mut Vec<String>) -> Result<(), Error> {
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for (line, pence) in texts(table, "budget_line")?.into_iter().zip(integers(table, amount)?) {
        *found.entry(line.unwrap_or_default()).or_default() += pence;
    }
    for line in found.keys().chain(control.awarded_pence.keys().filter(|line| !found.contains_key(*line))) {
        let (found, stored) = (found.get(line).copied().unwrap_or_default(), control.awarded_pence.get(line).copied().unwrap_or_default());
        if found != stored {
            problems.push(format!("{name}.{amount} adds up to {found} for {line}, and the store's grants to {stored}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::LineTotal;
    use polars::prelude::*;

    #[test]
    fn a_penny_or_a_return_that_differs_is_noticed() {
        let mart = df!("financial_year" => ["2023-24", "2024-25"], "budget_line" => ["a", "a"], "planned" => [60_i64, 40],
            "paid" => [60_i64, 0], "due" => [2_i64, 1])
        .expect("a table");
        let paid = |pence| vec![LineTotal { financial_year: "2023-24".into(), budget_line: "a".into(), entries: 1, amount_pence: pence }];
        let control =
            |awarded, pence, due| GrantTotals { awarded_pence: [("a".to_owned(), awarded)].into(), paid: paid(pence), returns_due: due };
        for (control, expected) in [(control(100, 60, 3), 0), (control(99, 60, 3), 1), (control(100, 61, 3), 1), (control(99, 61, 2), 3)] {
            let mut problems = Vec::new();
            check_mart("m", &mart, ["planned", "paid", "due"], &control, &mut problems).expect("looked at");
            assert_eq!(problems.len(), expected, "{problems:?}");
        }
    }
}

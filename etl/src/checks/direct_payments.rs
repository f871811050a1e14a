//! What must hold of direct payments: what was paid and paid back is the store's, by financial year, to the penny.

use crate::cells::{integers, texts};
use crate::checks::find;
use crate::error::Error;
use crate::manifest::{DirectPaymentTotal, Table};
use crate::marts::scan;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Pence by financial year.
type Sums = BTreeMap<String, i64>;

/// Looks at the facts.
pub(super) fn check(directory: &Path, tables: &[Table], control: &[DirectPaymentTotal], problems: &mut Vec<String>) -> Result<(), Error> {
    // A recovery is no payment of a pay file.
    let paid = scan(directory, find(tables, "fact_direct_payments")?)?.filter(col("kind").neq(lit("recovery")));
    compare("fact_direct_payments", &summed(paid, "amount_pence")?, &paid_in(control), problems);
    let repaid = scan(directory, find(tables, "fact_direct_payment_movements")?)?.filter(col("kind").eq(lit("repaid")));
    compare("fact_direct_payment_movements", &summed(repaid, "amount_pence")?, &repaid_in(control), problems);
    Ok(())
}

/// Looks at a mart's columns of what was paid and paid back.
pub(super) fn check_mart(
    name: &str,
    mart: &DataFrame,
    [paid, repaid]: [&str; 2],
    control: &[DirectPaymentTotal],
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    compare(&format!("{name}.{paid}"), &summed(mart.clone().lazy(), paid)?, &paid_in(control), problems);
    compare(&format!("{name}.{repaid}"), &summed(mart.clone().lazy(), repaid)?, &repaid_in(control), problems);
    Ok(())
}

fn paid_in(control: &[DirectPaymentTotal]) -> Sums {
    control.iter().map(|total| (total.financial_year.clone(), total.paid_pence)).collect()
}

fn repaid_in(control: &[DirectPaymentTotal]) -> Sums {
    control.iter().map(|total| (total.financial_year.clone(), total.repaid_pence)).collect()
}

fn summed(table: LazyFrame, amount: &str) -> Result<Sums, Error> {
    let sums = table.group_by([col("financial_year")]).agg([col(amount).sum().cast(DataType::Int64).alias("pence")]).collect()?;
    Ok(texts(&sums, "financial_year")?.into_iter().map(Option::unwrap_or_default).zip(integers(&sums, "pence")?).collect())
}

fn compare(name: &str, found: &Sums, control: &Sums, problems: &mut Vec<String>) {
    for year in found.keys().chain(control.keys().filter(|year| !found.contains_key(*year))) {
        let (found, stored) = (found.get(year).copied().unwrap_or_default(), control.get(year).copied().unwrap_or_default());
        if found != stored {
            problems.push(format!("{name} comes to {found} pence in {year}, and the store has {stored}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_penny_and_a_year_that_differ_are_noticed() {
        let control = |paid_pence: i64| vec![DirectPaymentTotal { financial_year: "2024-25".into(), paid_pence, repaid_pence: 3 }];
        let mart = df!("financial_year" => ["2024-25", "2024-25"], "paid_pence" => [5_i64, 6], "repaid_pence" => [0_i64, 3]);
        let mart = mart.expect("a table");
        let problems = |control: &[DirectPaymentTotal]| {
            let mut problems = Vec::new();
            check_mart("m", &mart, ["paid_pence", "repaid_pence"], control, &mut problems).expect("looked at");
            problems.len()
        };
        assert_eq!((problems(&control(11)), problems(&control(12)), problems(&[])), (0, 1, 2));
    }
}

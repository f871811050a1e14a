//! What packages and grants are planned to cost, month by month.

use crate::direct_payments::KnownAccount;
use crate::error::Error;
use crate::extract::{Extract, Grant, KnownLine};
use crate::grants::instalments;
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::{Months, NaiveDate};
use domain::costing::spread_before;
use domain::direct_payments::Stretch;
use domain::profile::CostingPolicy;
use domain::{Direction, FinancialYear, Pence, Period};
use polars::prelude::*;
use std::collections::HashMap;

/// A month's planned cost of one line or grant.
struct Planned<'e> {
    source: String,
    kind: &'static str,
    year: FinancialYear,
    period: Period,
    budget_line: &'e str,
    provider: Option<&'e str>,
    pence: i64,
}

/// One row a month in which something is planned, for the years given. Income is negative, as it is in the ledger.
pub(crate) fn planned_costs(
    extract: &Extract,
    policy: &CostingPolicy,
    years: &[FinancialYear],
    pseudonyms: &Pseudonyms,
) -> Result<DataFrame, Error> {
    let mut rows = Vec::new();
    let arrangements = extract.commitments.arrangements();
    // What an account's pauses and closure leave unpaid is not planned.
    let unpaid: HashMap<&str, Vec<Stretch>> = extract.direct_payments.iter().flat_map(KnownAccount::unpaid).collect();
    for line in &extract.lines {
        let rests = arrangements.get(line.line_id.as_str()).and_then(|first| unpaid.get(first)).map(Vec::as_slice).unwrap_or_default();
        let is_income = extract.budget_lines.iter().any(|b| b.code == line.budget_line && b.direction == Direction::Income);
        let source = pseudonyms.of(Kind::Line, &line.line_id);
        for (year, period, from, to) in months(years, line.valid_from, line.valid_to) {
            let unpaid_cost =
                |days: &Stretch| policy.cost_between(&line.costed(), from.max(days.from), days.to.map_or(to, |ends| ends.min(to)));
            let cost = policy
                .cost_between(&line.costed(), from, to)
                .and_then(|whole| rests.iter().try_fold(whole, |left, days| Ok(left.checked_sub(unpaid_cost(days)?)?)));
            let cost = cost.map_err(|reason| Error::Costing { line: source.clone(), reason })?;
            rows.push(line_row(line, &source, year, period, if is_income { -cost.0 } else { cost.0 }));
        }
    }
    for grant in &extract.grants {
        let mut push = |year, period, pence| match rows.last_mut() {
            // Instalments come soonest first: a second one in the same month is in the same row.
            Some(last) if last.source == grant.id && last.year == year && last.period == period => last.pence += pence,
            _ => rows.push(Planned {
                source: grant.id.clone(),
                kind: "grant",
                year,
                period,
                budget_line: &grant.budget_line,
                provider: Some(&grant.provider_id),
                pence,
            }),
        };
        let instalments = instalments(extract, grant);
        for (due_on, amount) in &instalments {
            let year = FinancialYear::of(*due_on)?;
            if years.contains(&year) {
                push(year, Period::of(*due_on), amount.0);
            }
        }
        if instalments.is_empty() {
            for (year, period, from, to) in months(years, grant.period_from, Some(grant.period_to)) {
                push(year, period, spread_up_to(grant, to) - spread_up_to(grant, from));
            }
        }
    }
    rows.retain(|row| row.pence != 0);
    frame(&rows)
}

fn line_row<'e>(line: &'e KnownLine, source: &str, year: FinancialYear, period: Period, pence: i64) -> Planned<'e> {
    Planned {
        source: source.to_owned(),
        kind: "package_line",
        year,
        period,
        budget_line: &line.budget_line,
        provider: line.provider_id.as_deref(),
        pence,
    }
}

/// The months of the years that a half-open stretch of days touches, each with its first day and the first day after it.
fn months(
    years: &[FinancialYear],
    from: NaiveDate,
    to: Option<NaiveDate>,
) -> impl Iterator<Item = (FinancialYear, Period, NaiveDate, NaiveDate)> {
    years.iter().flat_map(|year| Period::all().map(|period| (*year, period))).filter_map(move |(year, period)| {
        let starts = year.period_starts_on(period);
        let ends = starts + Months::new(1);
        (from < ends && to.is_none_or(|to| to > starts)).then_some((year, period, starts, ends))
    })
}

/// A grant is spread evenly over the days of its period.
fn spread_up_to(grant: &Grant, day: NaiveDate) -> i64 {
    spread_before(grant.amount, grant.period_from, grant.period_to, day).0
}

fn frame(rows: &[Planned<'_>]) -> Result<DataFrame, Error> {
    Ok(df!(
        "source_key" => rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(),
        "kind" => rows.iter().map(|row| row.kind).collect::<Vec<_>>(),
        "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
        "period" => rows.iter().map(|row| i64::from(row.period.number())).collect::<Vec<_>>(),
        "budget_line" => rows.iter().map(|row| row.budget_line).collect::<Vec<_>>(),
        "provider_key" => rows.iter().map(|row| row.provider).collect::<Vec<_>>(),
        "planned_pence" => rows.iter().map(|row| row.pence).collect::<Vec<_>>(),
    )?)
}

/// What a whole year of a line would cost.
pub(crate) fn full_year(policy: &CostingPolicy, line: &KnownLine, line_key: &str) -> Result<Pence, Error> {
    policy.full_year(&line.costed()).map_err(|reason| Error::Costing { line: line_key.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    proptest! {
        #[test]
        fn a_grants_months_add_up_to_its_award(amount in -100_000_000_i64..100_000_000, from in 0_u64..700, length in 1_u64..700) {
            let period_from = day("2023-04-01") + chrono::Days::new(from);
            let grant = Grant {
                id: String::new(),
                provider_id: String::new(),
                budget_line: String::new(),
                awarded_on: period_from,
                period_from,
                period_to: period_from + chrono::Days::new(length),
                amount: Pence(amount),
                reverses_id: None,
            };
            let years: Vec<_> = (2023..2028).map(|y| FinancialYear::starting(y).expect("a year")).collect();
            let months: Vec<_> = months(&years, grant.period_from, Some(grant.period_to)).collect();
            let total: i64 = months.iter().map(|(_, _, from, to)| spread_up_to(&grant, *to) - spread_up_to(&grant, *from)).sum();
            prop_assert_eq!(total, amount);
        }
    }
}

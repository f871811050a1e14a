//! Holding what is about to be approved or changed against its budgets: in which years, by how much it exceeds, and whether it is then
//! stopped or only told.

use crate::profile::{BudgetControlPolicy, WhenExceeded};
use crate::{Code, FinancialYear, Pence, Refusal};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The financial years whose budgets a change from a day on is held against: the current one, and those before it with such a day that
/// are open and not closed yet. What it adds to a closed year is carried into the first of these.
pub fn years_held(
    opened: impl IntoIterator<Item = FinancialYear>,
    closed_through: Option<FinancialYear>,
    current: FinancialYear,
    from: NaiveDate,
) -> BTreeSet<FinancialYear> {
    let takes_closed = |year: &FinancialYear| closed_through.is_some_and(|closed| closed.next_starts_on() == year.starts_on());
    let is_held = |year: &FinancialYear| {
        *year < current && closed_through.is_none_or(|closed| *year > closed) && (from < year.next_starts_on() || takes_closed(year))
    };
    opened.into_iter().filter(is_held).chain([current]).collect()
}

/// Whether lines that take this much exceed what is available. Lines that take nothing never do, however little there is.
pub fn exceeds(taken: Pence, available: Pence) -> bool {
    taken > Pence::ZERO && taken > available
}

/// What exceeds a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded<'a> {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: &'a str,
    /// What was available.
    pub available: Pence,
    /// What is taken of that.
    pub taken: Pence,
}

/// Refuses what exceeds, where the authority stops it; one that says nothing of it is only told.
pub fn refuse_exceeded(policy: Option<&BudgetControlPolicy>, exceeded: &[Exceeded<'_>]) -> Result<(), Refusal> {
    let Some(policy) = policy.filter(|policy| policy.when_exceeded == WhenExceeded::Stop && !exceeded.is_empty()) else { return Ok(()) };
    let each = exceeded.iter().map(|Exceeded { year, budget_line, available, taken }| {
        let short = Pence(taken.0.saturating_sub(available.0));
        format!("{budget_line} would cost {taken} in {year} and has {available} available, {short} short")
    });
    let detail = format!("{} ({}).", each.collect::<Vec<_>>().join("; "), policy.clause);
    Err(Refusal::new(Code::BudgetExceeded, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    #[test]
    fn a_change_is_held_against_the_current_year_and_those_it_reaches_that_are_not_closed() {
        let opened = ["2021-22", "2022-23", "2023-24", "2024-25", "2025-26"];
        for (closed_through, from, expected) in [
            (None, "2024-05-01", &["2024-25"][..]),
            (None, "2024-03-31", &["2023-24", "2024-25"]),
            (None, "2022-04-01", &["2022-23", "2023-24", "2024-25"]),
            (Some("2022-23"), "2022-04-01", &["2023-24", "2024-25"]),
            // What it adds to a closed year stands in the first that is not closed, whenever it starts.
            (Some("2022-23"), "2024-05-01", &["2023-24", "2024-25"]),
            (Some("2021-22"), "2024-03-31", &["2022-23", "2023-24", "2024-25"]),
            (Some("2023-24"), "2022-04-01", &["2024-25"]),
        ] {
            let from = from.parse().expect("a date");
            let held = years_held(opened.map(year), closed_through.map(year), year("2024-25"), from);
            let expected: BTreeSet<_> = expected.iter().map(|text| year(text)).collect();
            assert_eq!(held, expected, "{closed_through:?} {from}");
        }
        // The current year is held against also where nobody has opened it.
        let from = "2024-05-01".parse().expect("a date");
        assert_eq!(years_held([], None, year("2024-25"), from), BTreeSet::from([year("2024-25")]));
    }

    #[test]
    fn what_takes_more_than_is_available_exceeds_and_what_takes_nothing_never_does() {
        for (taken, available, expected) in
            [(100, 100, false), (101, 100, true), (1, 0, true), (1, -5, true), (0, 0, false), (0, -5, false), (-1, -5, false)]
        {
            assert_eq!(exceeds(Pence(taken), Pence(available)), expected, "{taken} of {available}");
        }
    }

    #[test]
    fn an_authority_that_stops_what_exceeds_refuses_it_with_every_shortfall() {
        let policy = |when_exceeded| BudgetControlPolicy { when_exceeded, count_pending: false, clause: "Standing order 4".to_owned() };
        let (stop, warn) = (policy(WhenExceeded::Stop), policy(WhenExceeded::Warn));
        let one = Exceeded { year: year("2024-25"), budget_line: "outreach", available: Pence(250_000), taken: Pence(282_657) };
        let other = Exceeded { budget_line: "home_care", available: Pence(-100), taken: Pence(50), ..one };
        for (policy, exceeded, is_refused) in [
            (Some(&stop), &[one, other][..], true),
            (Some(&stop), &[one], true),
            (Some(&stop), &[], false),
            (Some(&warn), &[one], false),
            (None, &[one], false),
        ] {
            let refused = refuse_exceeded(policy, exceeded).err();
            assert_eq!(refused.map(|refusal| refusal.code), is_refused.then_some(Code::BudgetExceeded), "{policy:?} {exceeded:?}");
        }
        let refused = refuse_exceeded(Some(&stop), &[one, other]).expect_err("refused");
        let told = "outreach would cost £2,826.57 in 2024-25 and has £2,500.00 available, £326.57 short; \
                    home_care would cost £0.50 in 2024-25 and has -£1.00 available, £1.50 short (Standing order 4).";
        assert_eq!(refused.detail, told);
    }
}

//! What a grant's terms come to: which returned periods cover what was asked for, what of the award the returned days carry, and the
//! words for how a condition, an instalment and a return stand.

pub mod award;
pub mod reach;
pub mod terms;

use crate::Pence;
use crate::column::word_column;
use crate::costing::spread_before;
use crate::money::divide_half_away_from_zero;
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How a condition of a grant stands on a day.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
    AsExpression,
    FromSqlRow
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum ConditionState {
    /// It is met.
    Met,
    /// Not yet.
    Unmet,
    /// Its day has passed without it.
    Overdue,
}

/// How an instalment of a grant stands on a day.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
    AsExpression,
    FromSqlRow
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum InstalmentState {
    /// To be paid.
    Planned,
    /// The authority's rules hold it back.
    Held,
    /// It was paid.
    Paid,
}

/// How a return that a grant asks for stands on a day.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
    AsExpression,
    FromSqlRow
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum ReturnState {
    /// Still to come.
    Due,
    /// Returns cover every day of its period.
    Received,
    /// Its day has passed without it.
    Overdue,
}

word_column!(ConditionState, InstalmentState, ReturnState);

/// A return as far as its days go, or the row that takes one back. Returns that stand share no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after it.
    pub to: NaiveDate,
    /// Whether it takes a return of the same days back.
    pub is_reversal: bool,
}

/// A grant as far as its days and its money go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Award {
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after it.
    pub to: NaiveDate,
    /// All of it.
    pub amount: Pence,
}

/// How a return stands: covered, it was received; else it is overdue once its day has passed.
pub fn return_state(is_received: bool, due_on: NaiveDate, on: NaiveDate) -> ReturnState {
    match (is_received, due_on < on) {
        (true, _) => ReturnState::Received,
        (false, true) => ReturnState::Overdue,
        (false, false) => ReturnState::Due,
    }
}

/// Whether returns that stand cover every day from `from` to the day before `to`.
pub fn is_covered(from: NaiveDate, to: NaiveDate, returned: &[Returned]) -> bool {
    let days = |one: &Returned| (one.to.min(to) - one.from.max(from)).num_days().max(0);
    let covered: i64 = returned.iter().map(|one| if one.is_reversal { -days(one) } else { days(one) }).sum();
    covered >= (to - from).num_days()
}

/// What of an award, spread evenly over its days, falls on the days that returns were made for: what the activity they tell of cost.
pub fn returned_for(award: &Award, returned: &[Returned]) -> Pence {
    let before = |day| spread_before(award.amount, award.from, award.to, day).0;
    let share = |one: &Returned| before(one.to) - before(one.from);
    // Never more than the award, as no two returns that stand share a day.
    Pence(returned.iter().map(|one| if one.is_reversal { -share(one) } else { share(one) }).sum())
}

/// What one of `count` cost, rounded half away from zero; none where there is no cost or nothing was done.
pub fn cost_of_one(cost: Pence, count: i64) -> Option<Pence> {
    if cost.0 <= 0 || count <= 0 {
        return None;
    }
    i64::try_from(divide_half_away_from_zero(i128::from(cost.0), i128::from(count))).ok().map(Pence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn returned(from: &str, to: &str, is_reversal: bool) -> Returned {
        Returned { from: day(from), to: day(to), is_reversal }
    }

    #[test]
    fn every_word_is_pinned() {
        assert_eq!(ConditionState::VARIANTS.iter().map(ConditionState::as_str).collect::<Vec<_>>(), ["met", "unmet", "overdue"]);
        assert_eq!(InstalmentState::VARIANTS.iter().map(InstalmentState::as_str).collect::<Vec<_>>(), ["planned", "held", "paid"]);
        assert_eq!(ReturnState::VARIANTS.iter().map(ReturnState::as_str).collect::<Vec<_>>(), ["due", "received", "overdue"]);
    }

    #[test]
    fn a_return_is_overdue_the_day_after_it_was_due() {
        let due = day("2024-02-29");
        assert_eq!(return_state(false, due, due), ReturnState::Due);
        assert_eq!(return_state(false, due, day("2024-03-01")), ReturnState::Overdue);
        assert_eq!(return_state(true, due, day("2024-03-01")), ReturnState::Received);
    }

    #[test]
    fn a_period_is_covered_by_returns_together_and_not_after_a_reversal() {
        let (from, to) = (day("2024-03-01"), day("2024-05-01"));
        let mut returns = vec![returned("2024-02-01", "2024-04-01", false)];
        assert!(!is_covered(from, to, &returns));
        returns.push(returned("2024-04-01", "2024-04-30", false));
        assert!(!is_covered(from, to, &returns), "a day is missing");
        returns.push(returned("2024-04-30", "2024-06-01", false));
        assert!(is_covered(from, to, &returns));
        returns.push(returned("2024-04-01", "2024-04-30", true));
        assert!(!is_covered(from, to, &returns));
    }

    #[test]
    fn what_one_cost_is_rounded_once_and_nothing_of_nothing() {
        assert_eq!(cost_of_one(Pence(5), 2), Some(Pence(3)));
        assert_eq!(cost_of_one(Pence(100), 3), Some(Pence(33)));
        for (cost, count) in [(0, 5), (5, 0), (-5, 2), (5, -2)] {
            assert_eq!(cost_of_one(Pence(cost), count), None);
        }
    }

    proptest! {
        #[test]
        fn returns_of_all_days_carry_the_award_and_one_taken_back_carries_nothing(
            amount in 1_i64..100_000_000_000, length in 3_u64..800, cuts in (1_u64..800, 1_u64..800),
        ) {
            let from = day("2023-04-01");
            let at = |days: u64| from + Days::new(days.min(length));
            let (first, second) = (at(cuts.0.min(cuts.1)), at(cuts.0.max(cuts.1)));
            let award = Award { from, to: at(length), amount: Pence(amount) };
            let stretch = |from, to| Returned { from, to, is_reversal: false };
            let mut all = vec![stretch(from, first), stretch(first, second), stretch(second, award.to)];
            prop_assert_eq!(returned_for(&award, &all), award.amount);
            prop_assert!(is_covered(award.from, award.to, &all));
            let again = all[1];
            all.push(Returned { is_reversal: true, ..again });
            all.push(again);
            prop_assert_eq!(returned_for(&award, &all), award.amount);
            prop_assert!(is_covered(award.from, award.to, &all));
        }
    }
}

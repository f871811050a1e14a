//! What a package line costs: in a full year, in a financial year, between two days, and after the year.
//!
//! An evenly spread line costs its full year × days in force ÷ days in the financial year. A term-time or holiday line costs
//! its actual weeks, a week belonging to the day its Monday is on, in every financial year the profile's calendar covers;
//! in others it is spread evenly. A one-off line costs all on its first day.
//!
//! **Rounding.** The cost from the start of a financial year up to a day is rounded once, half away from zero; a stretch of
//! days costs the difference of two such roundings. So days add up to months and months to the year, exactly, and splitting
//! a line in two at any date changes its total by at most one penny.

mod more;
mod units;

pub use more::More;

use crate::money::{MOST_PENCE, TooLarge, divide_half_away_from_zero};
use crate::profile::{CostingPolicy, Term};
use crate::year::NotAYear;
use crate::{FinancialYear, Frequency, Pence, Quantity, UnitRate};
use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use std::cmp::Ordering;
use utoipa::ToSchema;

/// What of a package line decides its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Units each time.
    pub quantity: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// Price of a unit.
    pub unit_rate: UnitRate,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// First day no longer in force; none, open-ended.
    pub valid_to: Option<NaiveDate>,
}

/// A line's three costs (form PA1), each rounded once to the penny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Costing {
    /// What a whole year would cost, whatever the dates; of a one-off line its single cost.
    pub full_year_pence: Pence,
    /// What falls in the financial year asked for.
    pub this_year_pence: Pence,
    /// What falls after it until the line ends; null when the line has no end.
    #[schema(value_type = Option<i64>)]
    pub later_years_pence: Option<Pence>,
}

/// Why a line cannot be costed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotCost {
    /// More money than a record may carry.
    #[error("the line costs more than a record may carry")]
    TooLarge,
    /// Its dates leave the supported years.
    #[error("the line's dates lie outside the supported financial years, 1990-91 to 2098-99")]
    OutOfRange,
}

impl From<TooLarge> for CannotCost {
    fn from(_: TooLarge) -> Self {
        CannotCost::TooLarge
    }
}

impl From<NotAYear> for CannotCost {
    fn from(_: NotAYear) -> Self {
        CannotCost::OutOfRange
    }
}

/// Thousandths of a unit times ten-thousandths of a pound are hundred-thousandths of a penny.
const PARTS_PER_PENNY: i128 = 100_000;

impl CostingPolicy {
    /// The line's three costs, seen from one financial year.
    pub fn cost(&self, line: &Line, year: FinancialYear) -> Result<Costing, CannotCost> {
        let later = match line.valid_to {
            None => None,
            Some(ends) => Some(self.cost_between(line, year.next_starts_on(), ends)?),
        };
        Ok(Costing { full_year_pence: self.full_year(line)?, this_year_pence: self.cost_in(line, year)?, later_years_pence: later })
    }

    /// What a whole year of the line would cost, whatever its dates. Delegated authority is tested on this.
    pub fn full_year(&self, line: &Line) -> Result<Pence, CannotCost> {
        let (times, of) = self.times_per_year(line.frequency);
        to_pence(parts(line) * times, of * PARTS_PER_PENNY)
    }

    /// What falls in one financial year.
    pub fn cost_in(&self, line: &Line, year: FinancialYear) -> Result<Pence, CannotCost> {
        self.up_to(line, year, year.next_starts_on())
    }

    /// What falls from `from` to the day before `to`; nothing when `to` is not after `from`.
    pub fn cost_between(&self, line: &Line, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        // Clip to the days in force first, so that open ends far away cost no years.
        let from = from.max(line.valid_from);
        let to = line.valid_to.map_or(to, |ends| ends.min(to));
        let mut total = Pence::ZERO;
        if from >= to {
            return Ok(total);
        }
        let mut year = FinancialYear::of(from)?;
        loop {
            let before = self.up_to(line, year, from.max(year.starts_on()))?;
            let after = self.up_to(line, year, to.min(year.next_starts_on()))?;
            total = total.checked_add(after.checked_sub(before)?)?;
            // Asked before the next year, which the last supported one does not have.
            if to <= year.next_starts_on() {
                return Ok(total);
            }
            year = year.next()?;
        }
    }

    /// The rounded cost from the start of `year` to the day before `day`, which lies in the year or just after it.
    fn up_to(&self, line: &Line, year: FinancialYear, day: NaiveDate) -> Result<Pence, CannotCost> {
        let from = line.valid_from.max(year.starts_on());
        let to = line.valid_to.map_or(day, |ends| ends.min(day));
        if from >= to {
            return Ok(Pence::ZERO);
        }
        let parts = parts(line);
        match line.frequency {
            Frequency::OneOff => {
                let is_due = line.valid_from >= year.starts_on();
                if is_due { to_pence(parts, PARTS_PER_PENNY) } else { Ok(Pence::ZERO) }
            }
            Frequency::TermTimeWeeks if self.calendar_covers(year) => to_pence(parts * self.weeks(from, to, true), PARTS_PER_PENNY),
            Frequency::HolidayWeeks if self.calendar_covers(year) => to_pence(parts * self.weeks(from, to, false), PARTS_PER_PENNY),
            _ => {
                let (times, of) = self.times_per_year(line.frequency);
                let days = i128::from((to - from).num_days());
                to_pence(parts * times * days, of * PARTS_PER_PENNY * i128::from(year.days()))
            }
        }
    }

    /// Whether one line is for more units in a full year than another, whatever they cost.
    pub fn compare_volume(&self, one: &Line, other: &Line) -> Ordering {
        let ((times, of), (other_times, other_of)) = (self.times_per_year(one.frequency), self.times_per_year(other.frequency));
        let (units, other_units) = (i128::from(one.quantity.0) * times, i128::from(other.quantity.0) * other_times);
        (units * other_of).cmp(&(other_units * of))
    }

    /// How many times a year, as a fraction: a fortnightly line of 52 weeks is 52/2.
    pub(crate) fn times_per_year(&self, frequency: Frequency) -> (i128, i128) {
        let weeks = i128::from(self.weeks_per_year.value);
        let term_weeks = i128::from(self.term_time_weeks_per_year.value);
        match frequency {
            Frequency::Weekly => (weeks, 1),
            Frequency::Fortnightly => (weeks, 2),
            Frequency::FourWeekly => (weeks, 4),
            Frequency::Monthly => (12, 1),
            Frequency::TermTimeWeeks => (term_weeks, 1),
            Frequency::HolidayWeeks => (weeks - term_weeks, 1),
            Frequency::PerYear | Frequency::OneOff => (1, 1),
        }
    }

    /// Whether the school calendar is known for the whole of a year.
    fn calendar_covers(&self, year: FinancialYear) -> bool {
        match (self.terms.first(), self.terms.last()) {
            (Some(first), Some(last)) => first.from <= year.starts_on() && last.to >= year.ends_on(),
            _ => false,
        }
    }

    /// Mondays from `from` to the day before `to` that are in term, or are not.
    fn weeks(&self, from: NaiveDate, to: NaiveDate, in_term: bool) -> i128 {
        let in_term_weeks = self.terms.iter().map(|term| mondays_in(*term, from, to)).sum();
        if in_term { in_term_weeks } else { mondays(from, to) - in_term_weeks }
    }
}

/// What of an amount that is spread evenly over the days from `from` to the day before `to` falls before `day`. Rounded once, so
/// that the stretches of a period add up to the amount.
pub fn spread_before(amount: Pence, from: NaiveDate, to: NaiveDate, day: NaiveDate) -> Pence {
    let days = (to - from).num_days();
    let elapsed = (day - from).num_days().clamp(0, days.max(0));
    let pence = divide_half_away_from_zero(i128::from(amount.0) * i128::from(elapsed), i128::from(days.max(1)));
    // Between nought and the amount, which is an i64.
    Pence(i64::try_from(pence).unwrap_or(amount.0))
}

fn mondays_in(term: Term, from: NaiveDate, to: NaiveDate) -> i128 {
    mondays(term.from.max(from), (term.to + Days::new(1)).min(to))
}

/// Mondays from `from` to the day before `to`.
fn mondays(from: NaiveDate, to: NaiveDate) -> i128 {
    if from >= to {
        return 0;
    }
    let first = from + Days::new(u64::from((7 - from.weekday().num_days_from_monday()) % 7));
    if first >= to { 0 } else { i128::from((to - first).num_days() - 1) / 7 + 1 }
}

fn parts(line: &Line) -> i128 {
    i128::from(line.quantity.0) * i128::from(line.unit_rate.0)
}

fn to_pence(numerator: i128, denominator: i128) -> Result<Pence, CannotCost> {
    let pence = i64::try_from(divide_half_away_from_zero(numerator, denominator)).map_err(|_| CannotCost::TooLarge)?;
    if pence.abs() > MOST_PENCE { Err(CannotCost::TooLarge) } else { Ok(Pence(pence)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Period, Profile};
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    fn policy() -> CostingPolicy {
        Profile::bundled("tameside").expect("sound").costing
    }

    /// The policy with a made-up school calendar from 2023 to 2027: term from the 4th of September to the 20th of July,
    /// less two weeks at Christmas and two at Easter.
    fn policy_with_calendar() -> CostingPolicy {
        let terms = (2022..2028).flat_map(|y| {
            [
                (format!("{y}-01-05"), format!("{y}-03-31")),
                (format!("{y}-04-15"), format!("{y}-07-20")),
                (format!("{y}-09-04"), format!("{y}-12-20")),
            ]
        });
        CostingPolicy { terms: terms.map(|(from, to)| Term { from: day(&from), to: day(&to) }).collect(), ..policy() }
    }

    fn line(quantity: i64, frequency: Frequency, rate: i64, from: &str, to: Option<&str>) -> Line {
        Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(rate), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn three_hours_a_week_for_a_year() {
        let weekly = line(3000, Frequency::Weekly, 175_000, "2023-04-01", None);
        let cost = policy().cost(&weekly, year("2023-24")).expect("costed");
        assert_eq!(cost.full_year_pence, Pence(273_000));
        assert_eq!(cost.this_year_pence, Pence(273_000));
        assert_eq!(cost.later_years_pence, None);
    }

    #[test]
    fn frequencies_divide_the_profiles_weeks() {
        for (frequency, pence) in [
            (Frequency::Fortnightly, 26_000),
            (Frequency::FourWeekly, 13_000),
            (Frequency::Monthly, 12_000),
            (Frequency::TermTimeWeeks, 38_000),
            (Frequency::HolidayWeeks, 14_000),
            (Frequency::PerYear, 1000),
            (Frequency::OneOff, 1000),
        ] {
            let ten_pounds = line(1000, frequency, 100_000, "2023-04-01", None);
            assert_eq!(policy().full_year(&ten_pounds).expect("costed"), Pence(pence), "{frequency}");
        }
    }

    #[test]
    fn a_leap_year_spreads_the_same_money_over_one_more_day() {
        let flat = line(1000, Frequency::PerYear, 36_600_000, "2023-04-01", None);
        assert_eq!(policy().cost_between(&flat, day("2024-02-29"), day("2024-03-01")).expect("costed"), Pence(1000));
        assert_eq!(policy().cost_in(&flat, year("2023-24")), policy().cost_in(&flat, year("2024-25")));
    }

    #[test]
    fn later_years_end_with_the_line() {
        let ends = line(1000, Frequency::PerYear, 3_650_000, "2024-10-01", Some("2025-04-11"));
        let cost = policy().cost(&ends, year("2024-25")).expect("costed");
        assert_eq!((cost.this_year_pence, cost.later_years_pence), (Pence(18_200), Some(Pence(1000))));
    }

    #[test]
    fn term_time_counts_actual_weeks_where_the_calendar_is_known() {
        let school = line(1000, Frequency::TermTimeWeeks, 100_000, "2024-09-02", Some("2024-09-30"));
        // Mondays in force: 2 (still holiday), 9, 16 and 23 September.
        assert_eq!(policy_with_calendar().cost_in(&school, year("2024-25")), Ok(Pence(3000)));
        let holiday = Line { frequency: Frequency::HolidayWeeks, ..school };
        assert_eq!(policy_with_calendar().cost_in(&holiday, year("2024-25")), Ok(Pence(1000)));
    }

    #[test]
    fn the_last_supported_year_can_be_costed_to_its_end() {
        let last = line(1000, Frequency::PerYear, 3_650_000, "2098-05-01", Some("2099-04-01"));
        assert_eq!(policy().cost_between(&last, last.valid_from, day("2099-04-01")), policy().cost_in(&last, year("2098-99")));
    }

    #[test]
    fn more_than_a_record_may_carry_is_refused() {
        let vast = line(100_000_000, Frequency::Weekly, 10_000_000_000, "2023-04-01", None);
        assert_eq!(policy().full_year(&vast), Err(CannotCost::TooLarge));
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let frequency = prop::sample::select(vec![
            Frequency::Weekly,
            Frequency::Fortnightly,
            Frequency::FourWeekly,
            Frequency::Monthly,
            Frequency::TermTimeWeeks,
            Frequency::HolidayWeeks,
            Frequency::PerYear,
            Frequency::OneOff,
        ]);
        (1_i64..50_000, frequency, 0_i64..5_000_000, 0_u64..1500, prop::option::of(1_u64..1500)).prop_map(
            |(quantity, frequency, rate, from, length)| {
                let valid_from = day("2022-04-01") + Days::new(from);
                Line {
                    quantity: Quantity(quantity),
                    frequency,
                    unit_rate: UnitRate(rate),
                    valid_from,
                    valid_to: length.map(|days| valid_from + Days::new(days)),
                }
            },
        )
    }

    fn sum(costs: impl Iterator<Item = Pence>) -> Pence {
        Pence::checked_sum(costs).expect("small")
    }

    proptest! {
        #[test]
        fn days_and_months_add_up_to_the_year(line in any_line(), start in 2022_i32..2027) {
            let (policy, year) = (policy_with_calendar(), FinancialYear::starting(start).expect("a year"));
            let between = |from, to| policy.cost_between(&line, from, to).expect("costed");
            let whole = policy.cost_in(&line, year).expect("costed");
            let days = sum((0..year.days()).map(|n| year.starts_on() + Days::new(n as u64)).map(|d| between(d, d + Days::new(1))));
            let months = sum(Period::all().map(|p| between(year.period_starts_on(p), year.period_starts_on(p) + chrono::Months::new(1))));
            prop_assert_eq!(days, whole);
            prop_assert_eq!(months, whole);
        }

        #[test]
        fn splitting_a_line_changes_its_total_by_a_penny_at_most(line in any_line(), at in 1_u64..1500) {
            prop_assume!(line.frequency != Frequency::OneOff);
            let (policy, end) = (policy_with_calendar(), day("2031-04-01"));
            let split = line.valid_from + Days::new(at);
            prop_assume!(line.valid_to.is_none_or(|ends| split < ends));
            let (first, second) = (Line { valid_to: Some(split), ..line }, Line { valid_from: split, ..line });
            let cost = |line: &Line| policy.cost_between(line, line.valid_from, end).expect("costed").0;
            prop_assert!((cost(&first) + cost(&second) - cost(&line)).abs() <= 1);
        }

        #[test]
        fn a_line_wholly_outside_a_year_costs_nothing_in_it(line in any_line(), start in 2022_i32..2035) {
            let year = FinancialYear::starting(start).expect("a year");
            prop_assume!(line.valid_from >= year.next_starts_on() || line.valid_to.is_some_and(|ends| ends <= year.starts_on()));
            prop_assert_eq!(policy_with_calendar().cost_in(&line, year), Ok(Pence::ZERO));
        }

        #[test]
        fn an_evenly_spread_line_in_force_all_year_costs_its_full_year(line in any_line(), start in 2027_i32..2035) {
            prop_assume!(line.frequency != Frequency::OneOff && line.valid_to.is_none());
            let year = FinancialYear::starting(start).expect("a year");
            prop_assert_eq!(policy().cost_in(&line, year), policy().full_year(&line));
        }
    }
}

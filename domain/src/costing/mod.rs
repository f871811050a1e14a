//! What a package line costs: in a full year, in a financial year, between two days, and after the year.
//!
//! **Whole periods.** A line costs exactly quantity × rate, rounded to the penny, in each whole period of its own frequency. So a plan
//! equals what is paid, and equal periods cost alike. Part of a period costs its days:
//!
//! - every week, fortnight or four weeks: periods follow one another from the line's first day, across the year's end;
//! - every month: calendar months, and part of one by the days of that month;
//! - once a year: years of the line's own, from its first day to the day before its anniversary, and part of one as the profile says: by
//!   the days of that year, by whole months, or all of it, on its first day. What starts on 29 February has its anniversary on 1 March
//!   where there is no such day, so that its twelve months end on 28 February;
//! - in term or in the holidays: the weeks that there are, a week belonging to the day its Monday is on, where the profile's calendar
//!   covers the financial year; else the profile's weeks spread over the days of the year;
//! - once: all of it on its first day.
//!
//! **Rounding.** There is one rule. The cost of the days from a line's first day (where weeks of a school year are spread, from the financial
//! year's first day) is whole periods plus the part of one, rounded once, half away from zero. A stretch of days costs the difference of two
//! such costs. So days add up to months and months to the year, exactly; any seven days of a weekly line cost the same; and splitting a line in two at any
//! date changes its total by at most one penny. Where a yearly line is split, years of other lengths may follow from the new first day: a
//! leap day is then worth a day of the year more, or less.
//!
//! **A full year** is what authority is tested on: quantity × rate × the profile's weeks a year. A year in force has 365 or 366 days, which
//! is a little more than 52 weeks, so the two differ.

mod days;
mod more;
mod own_years;
mod units;

pub use more::More;
pub use own_years::{anniversary, own_year};

use crate::money::{MOST_PENCE, TooLarge, divide_half_away_from_zero};
use crate::profile::CostingPolicy;
use crate::year::NotAYear;
use crate::{FinancialYear, Frequency, Pence, Quantity, UnitRate};
use chrono::{Days, NaiveDate};
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

impl Line {
    /// The first day from which it costs nothing more; none, it goes on. What is bought once costs all of it on its first day.
    pub fn costs_until(&self) -> Option<NaiveDate> {
        match self.frequency {
            Frequency::OneOff => {
                let after = self.valid_from.checked_add_days(Days::new(1)).unwrap_or(self.valid_from);
                Some(self.valid_to.map_or(after, |ends| ends.min(after)))
            }
            _ => self.valid_to,
        }
    }
}

/// A line's three costs (form PA1), each rounded once to the penny. The full year is the profile's weeks a year, mostly 52, and is what
/// authority is tested on. A year in force has 365 or 366 days, so its cost is whole periods and days, and is a little more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Costing {
    /// The financial year that counts as this year.
    pub year: FinancialYear,
    /// What a whole year would cost, whatever the dates: quantity × rate × the profile's weeks a year; of a one-off line its single cost.
    pub full_year_pence: Pence,
    /// What falls in the financial year asked for: each whole period of the line costs quantity × rate, and part of one its days.
    pub this_year_pence: Pence,
    /// What falls after it until the line ends; null when the line recurs and has no end.
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

/// All of a cost, in ten-thousandths of a per cent.
pub const WHOLE: i64 = 1_000_000;

/// Thousandths of a unit times ten-thousandths of a pound are hundred-thousandths of a penny.
const PARTS_PER_PENNY: i128 = 100_000;

impl CostingPolicy {
    /// The line's three costs, seen from one financial year.
    pub fn cost(&self, line: &Line, year: FinancialYear) -> Result<Costing, CannotCost> {
        let later = line.costs_until().map(|ends| self.cost_between(line, year.next_starts_on(), ends)).transpose()?;
        Ok(Costing { year, full_year_pence: self.full_year(line)?, this_year_pence: self.cost_in(line, year)?, later_years_pence: later })
    }

    /// What a whole year of the line would cost, whatever its dates. Delegated authority is tested on this.
    pub fn full_year(&self, line: &Line) -> Result<Pence, CannotCost> {
        let (times, of) = self.times_per_year(line.frequency);
        to_pence(parts(line) * times, of * PARTS_PER_PENNY)
    }

    /// What a share of a whole year, in ten-thousandths of a per cent, comes to: of the cost before it is rounded.
    pub fn full_year_share(&self, line: &Line, share: i64) -> Result<Pence, CannotCost> {
        let (times, of) = self.times_per_year(line.frequency);
        to_pence(parts(line) * times * i128::from(share), of * PARTS_PER_PENNY * i128::from(WHOLE))
    }

    /// Why a full year and a year in force differ, in words for whoever sees both.
    pub fn why_years_differ(&self) -> String {
        let weeks = &self.weeks_per_year;
        format!(
            "A full year is {} weeks ({}), and authority is tested on it. A year in force has 365 or 366 days: each whole period costs \
             quantity times rate, and part of one its days.",
            weeks.value, weeks.clause
        )
    }

    /// What falls in one financial year.
    pub fn cost_in(&self, line: &Line, year: FinancialYear) -> Result<Pence, CannotCost> {
        self.cost_between(line, year.starts_on(), year.next_starts_on())
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

fn parts(line: &Line) -> i128 {
    i128::from(line.quantity.0) * i128::from(line.unit_rate.0)
}

fn to_pence(numerator: i128, denominator: i128) -> Result<Pence, CannotCost> {
    let pence = i64::try_from(divide_half_away_from_zero(numerator, denominator)).map_err(|_| CannotCost::TooLarge)?;
    if pence.abs() > MOST_PENCE { Err(CannotCost::TooLarge) } else { Ok(Pence(pence)) }
}

#[cfg(test)]
mod tests;

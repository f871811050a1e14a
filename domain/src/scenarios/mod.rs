//! What the next year needs: the full-year effect of what is in force, its known ends, and what named scenarios assume on top of it.
//!
//! **In force.** What is planned for the year by the records alone, as commitments plan it: package lines that stand, up to the end that each
//! has (an end date, a birthday, a leaving), grants that are awarded, and health's shares. [`year_on()`] says how it differs from the year
//! before, month by month.
//!
//! **A scenario** assumes two things on top: that rates rise, and that new demand comes. It changes no record.
//!
//! - A rise does to each line what an uprating that was agreed would do: the line ends on the day of the rise, and another at the new rate
//!   goes on. So what it adds is, to the penny, what that uprating would add. Health's percentages rise with the lines, and its fixed amounts
//!   do not. What an uprating leaves as it is, a rise does too,
//!   but for one thing: a line that an uprating raised in that year already is raised again. Of several rises the narrowest raises a line, and no other.
//! - New demand is packages that are costed as lines are, each rounded by itself. The rate is the one that the scenario gives: no rise raises it.
//!
//! **Drivers.** What is needed is in force + uprating + new demand, in each month of each budget line. So what drives the difference between two
//! scenarios adds up to it.
//!
//! **Signs.** Amounts are positive on lines of income too; whoever tells them turns these.

mod mistakes;
mod needs;
mod raising;
mod year_on;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;

pub use mistakes::{Held, mistakes};
pub use needs::{Months, Need, in_force, needs, planned};
pub use raising::raised;
pub use year_on::{Effect, YearOn, year_on};

use crate::costing::Line;
use crate::{Frequency, Quantity, UnitRate};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most scenarios that are compared at once.
pub const MOST_SCENARIOS: usize = 10;
/// The most rises, and the most kinds of new demand, of one scenario.
pub const MOST_ASSUMPTIONS: usize = 100;

/// What is assumed of a year, by name. Nothing of it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called, as a code: columns are named by it.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,59}$", example = "pay_award")]
    pub name: String,
    /// What it stands for, in words.
    #[schema(min_length = 1, max_length = 500, example = "The living wage rises, and care agencies pass it on")]
    pub about: Option<String>,
    /// Rates that rise. Of those that fit a line, the narrowest raises it: with provider and budget line, then with a provider, then with a
    /// budget line, then for all.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub upratings: Vec<AssumedUprating>,
    /// Packages that may come.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub new_demand: Vec<AssumedDemand>,
}

/// A rise of rates that is assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumedUprating {
    /// Only lines of this budget line, by code; without it, of any.
    #[schema(example = "home_care")]
    pub budget_line: Option<String>,
    /// Only lines of this provider, by code; without it, of any.
    #[schema(example = "willow_house")]
    pub provider: Option<String>,
    /// By how much, in ten-thousandths of one per cent: 4.25 % is 42500. Below nought the rates fall.
    #[schema(minimum = -1000000, maximum = 1000000, example = 42500)]
    pub percentage_ten_thousandths: i64,
    /// The first day of the new rates, in the year or the one before; without it, the year's first day.
    pub from: Option<NaiveDate>,
}

/// Packages that are assumed to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumedDemand {
    /// The budget line that pays, by code. On a line of income: what is received.
    #[schema(example = "direct_payments")]
    pub budget_line: String,
    /// What they are, in words, without anything about a child.
    #[schema(min_length = 1, max_length = 500, example = "Young people who leave school in July")]
    pub about: Option<String>,
    /// How many of them.
    #[schema(minimum = 1, maximum = 10000, example = 4)]
    pub packages: i64,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound, as it will be then.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day, in the year or the one before; without it, the year's first day.
    pub from: Option<NaiveDate>,
    /// The first day after; without it, they go on.
    pub to: Option<NaiveDate>,
}

impl AssumedDemand {
    /// One of the packages, as a line. `starts_on` is the year's first day.
    pub(crate) fn line(&self, starts_on: NaiveDate) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.from.unwrap_or(starts_on),
            valid_to: self.to,
        }
    }
}

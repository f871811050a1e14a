//! What the tests of scenarios are made of.

use super::{AssumedDemand, AssumedUprating};
use crate::commitments::LineVersion;
use crate::costing::Line;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Frequency, LineState, Profile, Quantity, UnitRate};
use chrono::NaiveDate;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

pub(super) fn year() -> FinancialYear {
    "2025-26".parse().expect("a year")
}

/// A line of £10.00 a week from 1 September 2024.
pub(super) fn version(id: &str, budget_line: &str, provider: Option<&str>) -> LineVersion {
    let valid_from = day("2024-09-01");
    LineVersion {
        line_id: id.to_owned(),
        version: 1,
        arrangement: id.to_owned(),
        state: LineState::Recorded,
        by_correction: false,
        agreed_on: Some(valid_from),
        budget_line: budget_line.to_owned(),
        provider: provider.map(str::to_owned),
        terms: Line { quantity: Quantity(1000), frequency: Frequency::Weekly, unit_rate: UnitRate(100_000), valid_from, valid_to: None },
        recorded_on: valid_from,
    }
}

pub(super) fn rise(budget_line: Option<&str>, provider: Option<&str>, percentage_ten_thousandths: i64) -> AssumedUprating {
    let owned = |code: Option<&str>| code.map(str::to_owned);
    AssumedUprating { budget_line: owned(budget_line), provider: owned(provider), percentage_ten_thousandths, from: None }
}

/// So many packages of £100.00 a month on `care`.
pub(super) fn demand(packages: i64) -> AssumedDemand {
    AssumedDemand {
        budget_line: "care".to_owned(),
        about: None,
        packages,
        quantity_thousandths: Quantity(1000),
        frequency: Frequency::Monthly,
        unit_rate_ten_thousandths: UnitRate(1_000_000),
        from: None,
        to: None,
    }
}

//! The day that nights are looked at from.

use crate::error::Error;
use chrono::NaiveDate;
use domain::{FinancialYear, Refusal};

/// The day asked for, if it lies in a year that can be counted; today, if none is.
pub fn countable_day(asked: Option<NaiveDate>, today: NaiveDate) -> Result<NaiveDate, Error> {
    let Some(day) = asked else { return Ok(today) };
    match FinancialYear::of(day) {
        Ok(_) => Ok(day),
        Err(error) => Err(Refusal::bad_parameter("?on", "out_of_range", error.to_string()).into()),
    }
}

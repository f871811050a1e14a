//! Half-open periods that returns and grants are given for.

use crate::problem::FieldError;
use chrono::NaiveDate;
use domain::FinancialYear;
use serde::{Deserialize, Deserializer};

/// A day in a parameter: `2024-03-31` and no other form, since a year of more than four figures is beyond what databases hold.
pub fn day_parameter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text && text.len() == 10);
    day.map(Some).ok_or_else(|| serde::de::Error::custom("a day is written like 2024-03-31"))
}

/// A period that ends before it starts, or lies outside the supported years.
pub fn mistakes(from: NaiveDate, to: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, day) in [("/period_from", from), ("/period_to", to)] {
        if let Err(error) = FinancialYear::of(day) {
            errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
    }
    if to <= from {
        let detail = "the end is the first day after the period, so it is after the start";
        errors.push(FieldError::new("/period_to", "before_start", detail));
    }
    errors
}

/// As [`mistakes`], and a period of a return lies in one financial year, since its figures cannot be divided.
pub fn return_mistakes(from: NaiveDate, to: NaiveDate) -> Vec<FieldError> {
    let mut errors = mistakes(from, to);
    if let Ok(year) = FinancialYear::of(from)
        && to > year.next_starts_on()
    {
        let detail = format!("the return goes on after {}, the year's last day; give one return a financial year", year.ends_on());
        errors.push(FieldError::new("/period_to", "two_years", detail));
    }
    errors
}

//! Half-open periods that returns and grants are given for.

use crate::problem::FieldError;
use chrono::NaiveDate;
use domain::FinancialYear;

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
    if let Ok(year) = FinancialYear::of(from) {
        if to > year.next_starts_on() {
            let detail = format!("the return goes on after {}, the year's last day; give one return a financial year", year.ends_on());
            errors.push(FieldError::new("/period_to", "two_years", detail));
        }
    }
    errors
}

//! Days around those of panels.

use chrono::{Days, Months, NaiveDate};

/// A day some days later, or earlier.
pub fn shifted(day: &str, days: i64) -> anyhow::Result<String> {
    let day: NaiveDate = day.parse()?;
    let by = Days::new(days.unsigned_abs());
    Ok(if days < 0 { day - by } else { day + by }.to_string())
}

/// The first day of the next month, when support usually begins.
pub fn first_of_next_month(day: &str) -> anyhow::Result<String> {
    let day: NaiveDate = day.parse()?;
    Ok((day + Months::new(1)).format("%Y-%m-01").to_string())
}

//! Half-open periods that returns and grants are given for.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

pub use domain::periods::{mistakes, return_mistakes};

/// A day in a parameter: `2024-03-31` and no other form, since a year of more than four figures is beyond what databases hold.
pub fn day_parameter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text && text.len() == 10);
    day.map(Some).ok_or_else(|| serde::de::Error::custom("a day is written like 2024-03-31"))
}

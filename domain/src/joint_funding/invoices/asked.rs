//! The lines that a new invoice asks for.

use crate::Pence;
use chrono::NaiveDate;

/// A line that is to be invoiced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedLine {
    /// The share it asks under.
    pub funding_id: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The earlier line that it corrects; none, its days are invoiced for the first time.
    pub adjusts_line_id: Option<String>,
    /// What it asks for.
    pub amount: Pence,
    /// Whether it says why another amount than the expected one.
    pub has_reason: bool,
}

/// A line that fits, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedLine {
    /// What is expected.
    pub expected: Pence,
    /// The line.
    pub line: AskedLine,
}

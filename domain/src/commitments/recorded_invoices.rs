//! What was asked of funders, credited and received, as it was recorded: what credit notes give up is expected no longer, and what a receipt
//! says it paid settles the days of its invoice.

use crate::Pence;
use chrono::NaiveDate;

/// A line of an invoice to a funder, and until when the invoice stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedInvoiceLine {
    /// The line.
    pub id: String,
    /// Its invoice.
    pub invoice: String,
    /// The share it asks under.
    pub funding_id: String,
    /// The arrangement's first line.
    pub arrangement: String,
    /// The funder.
    pub provider: String,
    /// The line of income.
    pub budget_line: String,
    /// The first day it is for.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The earlier line that it corrects; none, it asks for its days first.
    pub adjusts: Option<String>,
    /// What was expected when it was issued; of a correction, how much more or less than before.
    pub expected: Pence,
    /// What it asks for.
    pub asked: Pence,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// The day on which its invoice was reversed.
    pub reversed_on: Option<NaiveDate>,
}

/// What a credit note takes off a line of an invoice. Reversals of invoices are none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCredit {
    /// The line of the invoice.
    pub line: String,
    /// Whether less was expected anyway.
    pub is_adjustment: bool,
    /// How much.
    pub amount: Pence,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// What a ledger entry brought of an invoice; less than nothing where a row takes that back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedReceipt {
    /// The invoice.
    pub invoice: String,
    /// The ledger entry.
    pub entry: String,
    /// How much was received.
    pub amount: Pence,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

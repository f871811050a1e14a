//! Invoices to health: what may be asked for, credited, received and disputed, and how old a debt is.
//!
//! Every rule here is over facts that were read before: it answers with a refusal or with none, and changes nothing.

pub mod aged_debt;
pub mod asked;
pub mod bounds;
pub mod credit_notes;
pub mod disputes;
pub mod facts;
pub mod lines;
pub mod money;
pub mod proposal;
pub mod receipts;
pub mod reversal;

pub use asked::{AskedLine, ExpectedLine};
pub use facts::{Billed, InvoiceFacts, InvoicedLine, LineShare};
pub use money::{InvoiceMoney, InvoiceState};

use crate::costing::CannotCost;
use crate::{FieldError, FinancialYear, Refusal};
use chrono::{Days, NaiveDate};

/// Whether a rule refuses, unless the days that it looks at cannot be costed.
pub type Checked = Result<Result<(), Refusal>, CannotCost>;

/// A day on which something happened to an invoice: not after today, and not before the invoice or what is answered.
pub fn day_mistake(pointer: &str, day: NaiveDate, earliest: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    if day > today {
        return Some(FieldError::new(pointer, "future", format!("today is {today}")));
    }
    (day < earliest).then(|| FieldError::new(pointer, "too_early", format!("it cannot be before {earliest}")))
}

/// A day outside the supported financial years.
fn year_mistake(pointer: &str, day: NaiveDate) -> Option<FieldError> {
    FinancialYear::of(day).err().map(|error| FieldError::new(pointer, "out_of_range", error.to_string()))
}

/// What is wrong with the days that an invoice is dated and due.
pub fn dates_mistakes(issued_on: NaiveDate, due_on: Option<NaiveDate>, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if issued_on > today {
        errors.push(FieldError::new("/issued_on", "future", format!("today is {today}")));
    }
    errors.extend(year_mistake("/issued_on", issued_on));
    match due_on {
        None => errors.push(FieldError::new("/due_on", "required", "the profile has no terms of payment: say when it is due")),
        Some(due_on) if due_on < issued_on => {
            errors.push(FieldError::new("/due_on", "before_issue", "it is due on the day it is dated at the earliest"));
        }
        Some(due_on) => errors.extend(year_mistake("/due_on", due_on)),
    }
    errors
}

/// The day that an invoice is due: as it says, else by the profile's terms of payment; none without either.
pub fn due_day(issued_on: NaiveDate, due_on: Option<NaiveDate>, payment_terms_days: Option<u16>) -> Option<NaiveDate> {
    due_on.or_else(|| issued_on.checked_add_days(Days::new(u64::from(payment_terms_days?))))
}

#[cfg(test)]
mod tests;

//! Direct payments: accounts, what they need before anything is paid, pay files, and what becomes of the money.

pub mod accounts;
pub mod audits;
mod book;
pub mod breaches;
pub mod exports;
pub mod page;
mod paid;
pub mod payments;
pub mod repayments;
pub mod returns;
mod standings;
pub mod steps;

pub use accounts::DirectPaymentAccount;
pub use paid::{first_paid_day, net_paid};
pub use standings::write_support_anew;

use crate::problem::{FieldError, Problem};
use chrono::NaiveDate;
use db::{AnyConnection, Event, Write};
use domain::direct_payment::looks_like_bank_details;
use serde_json::json;

/// Refuses a day that has not come, or lies outside the supported years.
fn check_past_day(errors: &mut Vec<FieldError>, pointer: &str, day: NaiveDate, today: NaiveDate) {
    if day > today {
        errors.push(FieldError::new(pointer, "future", format!("today is {today}")));
    }
    check_year(errors, pointer, day);
}

/// Refuses a day outside the supported years.
fn check_year(errors: &mut Vec<FieldError>, pointer: &str, day: NaiveDate) {
    if let Err(error) = domain::FinancialYear::of(day) {
        errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
    }
}

/// Refuses free text with bank details in it, without repeating them.
pub(super) fn check_text(errors: &mut Vec<FieldError>, pointer: &str, text: &str) {
    if looks_like_bank_details(text) {
        errors.push(FieldError::new(pointer, "bank_details", "this looks like a sort code or an account number; leave it out"));
    }
}

fn invalid_if_any(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// An account is part of its child's record: reading it is on the trail of both.
fn record_read(write: &mut Write<'_>, account: &DirectPaymentAccount) -> Result<(), Problem> {
    write.record(Event::new("read", "direct_payment_accounts", &account.id))?;
    write.record(Event::new("read", "children", &account.child_id).with(json!({ "direct_payment_account_id": account.id })))?;
    Ok(())
}

/// Where a record of an account can be read: with the account.
fn location_of(account_id: &str) -> String {
    format!("/v1/direct-payment-accounts/{account_id}")
}

/// The account, or 404.
fn account(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentAccount, Problem> {
    accounts::find(connection, id)?.ok_or_else(|| Problem::not_found("direct payment account"))
}

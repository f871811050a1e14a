//! Direct payments: accounts, what they need before anything is paid, pay files, and what becomes of the money.

pub mod account;
pub mod audit;
pub mod audits;
pub mod bounce;
pub mod bounces;
pub mod breach;
pub mod breaches;
pub mod exports;
pub mod family_return;
pub mod opening;
pub mod page;
pub mod paid;
pub mod payment;
pub mod reading;
pub mod record;
pub mod repayment;
pub mod repayment_confirmation;
pub mod repayments;
pub mod returns;
pub mod said_back;
pub mod state_rows;
pub mod step;
pub mod steps;
mod unpaid;

pub use crate::packages::agreed_since::{write_support_anew, write_supports_anew};
pub use account::DirectPaymentAccount;
pub use paid::{first_paid_days, net_paid};
pub use unpaid::unpaid_days;

pub(crate) use domain::direct_payments::check_text;

/// Where a record of an account can be read: with the account.
pub fn location_of(account_id: &str) -> String {
    format!("/v1/direct-payment-accounts/{account_id}")
}

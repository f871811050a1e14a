//! Payments that the bank returned. A transfer comes back whole: with all that its pay file sent to the account.

use super::{Account, Payment, PaymentKind, check_past_day, check_text};
use crate::{Code, FieldError, Pence, Refusal};
use chrono::NaiveDate;

/// A transfer that came back, to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBounce<'a> {
    /// When it came back.
    pub bounced_on: NaiveDate,
    /// How much.
    pub amount: Pence,
    /// In words.
    pub reason: &'a str,
}

/// What a pay file sent to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// When it was paid; none, the file sent nothing to the account.
    pub paid_on: Option<NaiveDate>,
    /// How much, all its payments together.
    pub amount: Pence,
}

impl NewBounce<'_> {
    /// Everything wrong with it.
    pub fn mistakes(&self, sent: Transfer, today: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_past_day(&mut errors, "/bounced_on", self.bounced_on, today);
        check_text(&mut errors, "/reason", self.reason);
        let Some(paid_on) = sent.paid_on else {
            errors.push(FieldError::new("/export_id", "unknown_reference", "this pay file sent nothing to the account"));
            return errors;
        };
        if self.bounced_on < paid_on {
            errors.push(FieldError::new("/bounced_on", "before_payment", format!("the file was paid on {paid_on}")));
        }
        if self.amount != sent.amount {
            let detail = format!("the file sent {} to the account, and a bank returns all of it", sent.amount);
            errors.push(FieldError::new("/amount_pence", "not_what_was_sent", detail));
        }
        errors
    }
}

/// Refuses a transfer that came back already.
pub fn refuse_bounced_twice(bounced_on: Option<NaiveDate>) -> Result<(), Refusal> {
    match bounced_on {
        None => Ok(()),
        Some(day) => Err(Refusal::new(Code::StateConflict, format!("The bank returned this payment on {day} already."))),
    }
}

impl Account {
    /// Refuses to take a bounce back once its days were paid again: they would be paid twice. `payments` are those that came back, by id.
    pub fn refuse_paid_again(&self, payments: &[&str]) -> Result<(), Refusal> {
        let came_back = || self.payments.iter().filter(|payment| payments.contains(&payment.id.as_str()));
        let is_again = |payment: &Payment, first: &Payment| {
            let is_same = match payment.kind {
                PaymentKind::Period => payment.from < first.to && first.from < payment.to,
                PaymentKind::SetUp => payment.line_id == first.line_id,
                PaymentKind::Adjustment | PaymentKind::Recovery => {
                    payment.corrects_id.as_deref() == Some(first.corrects_id.as_deref().unwrap_or(&first.id))
                }
            };
            payment.kind == first.kind && is_same && !payment.is_bounced() && payment.paid_on >= first.bounced_on.unwrap_or(payment.paid_on)
        };
        match self.payments.iter().find(|payment| came_back().any(|first| is_again(payment, first))) {
            None => Ok(()),
            Some(again) => {
                let detail = format!("What came back was paid again on {}. If the first did arrive, record a repayment.", again.paid_on);
                Err(Refusal::new(Code::StateConflict, detail))
            }
        }
    }
}

#[cfg(test)]
mod tests;

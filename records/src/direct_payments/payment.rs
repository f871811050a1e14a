//! A payment that was made. It is frozen; what it should have been otherwise is a payment of its own.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payments;
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payments::{Payment, PaymentKind};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A payment that was made, or what a repayment took back of one.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payments)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51",
    "export_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "repayment_id": null, "kind": "period", "line_id": null, "corrects_id": null,
    "period_from": "2024-06-03", "period_to": "2024-07-01", "due_on": "2024-06-03", "paid_on": "2024-06-03", "amount_pence": 40000,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412,
    "attempt": 1
}))]
pub struct DirectPayment {
    /// The payment's id.
    pub id: String,
    /// The account it went to.
    pub account_id: String,
    /// The pay file it is in; none for a recovery.
    pub export_id: Option<String>,
    /// The repayment that brought a recovery.
    pub repayment_id: Option<String>,
    /// What it is.
    pub kind: PaymentKind,
    /// The one-off package line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The payment that an adjustment or a recovery corrects.
    pub corrects_id: Option<String>,
    /// The first day it pays.
    pub period_from: NaiveDate,
    /// The first day it no longer pays.
    pub period_to: NaiveDate,
    /// When it was due.
    pub due_on: NaiveDate,
    /// The day of the pay file, or on which the repayment was received.
    pub paid_on: NaiveDate,
    /// How much; negative where it takes something back.
    pub amount_pence: Pence,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// 1, or one more for each time the bank returned a payment for the same days.
    pub attempt: i64,
}

impl DirectPayment {
    /// As the rules see it, with the day on which the bank returned it.
    pub fn money(&self, bounced_on: Option<NaiveDate>) -> Payment {
        Payment {
            id: self.id.clone(),
            kind: self.kind,
            line_id: self.line_id.clone(),
            corrects_id: self.corrects_id.clone(),
            from: self.period_from,
            to: self.period_to,
            paid_on: self.paid_on,
            amount: self.amount_pence,
            bounced_on,
        }
    }
}

/// What a repayment settled, as payments.
pub fn of_repayment(connection: &mut AnyConnection, repayment_id: &str) -> Result<Vec<DirectPayment>, Error> {
    Ok(direct_payments::table
        .select(DirectPayment::as_select())
        .filter(direct_payments::repayment_id.eq(repayment_id))
        .order(direct_payments::id)
        .load(connection)?)
}

/// The arrangements that payments of an account paid: its own, and those of set-up payments.
pub fn arrangements_of<'p>(account: &'p DirectPaymentAccount, payments: impl IntoIterator<Item = &'p DirectPayment>) -> BTreeSet<&'p str> {
    payments.into_iter().map(|payment| payment.line_id.as_deref().unwrap_or(&account.line_id)).collect()
}

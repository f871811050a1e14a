//! What a family paid back.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_repayments;
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use utoipa::ToSchema;

/// What a family paid back, or the row that takes it back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_repayments)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a84", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "received_on": "2025-07-04",
    "amount_pence": 30000, "reference": "RCT-7731", "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2025-07-04T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentRepayment {
    /// The repayment's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// When the council received it.
    pub received_on: NaiveDate,
    /// How much; negative where it takes a repayment back.
    pub amount_pence: Pence,
    /// As the finance system has it.
    pub reference: String,
    /// The repayment that this row takes back.
    pub reverses_id: Option<String>,
    /// Why it takes it back.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The row with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentRepayment, Error> {
    let row = direct_payment_repayments::table.find(id).select(DirectPaymentRepayment::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("repayment of a direct payment"))
}

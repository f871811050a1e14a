//! A family's return: what it says it spent, with evidence, and has left.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_returns;
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use utoipa::ToSchema;

/// A family's return for a period, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_returns)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "period_from": "2024-06-17",
    "period_to": "2024-09-09", "evidenced_pence": 98000, "balance_pence": 21670, "received_on": "2024-09-16", "reverses_id": null,
    "reason": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-09-16T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentReturn {
    /// The return's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// The period's first day.
    pub period_from: NaiveDate,
    /// The first day after it.
    pub period_to: NaiveDate,
    /// Spent in the period, with evidence; negative where it takes a return back.
    pub evidenced_pence: Pence,
    /// What the family's account held at the period's end; negative where it takes a return back.
    pub balance_pence: Pence,
    /// When it came.
    pub received_on: NaiveDate,
    /// The return that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The row with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentReturn, Error> {
    let row = direct_payment_returns::table.find(id).select(DirectPaymentReturn::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("return of a direct payment account"))
}

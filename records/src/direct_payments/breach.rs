//! A breach of the agreement, and what is asked back for it.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_breaches;
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use utoipa::ToSchema;

/// A breach of an account's agreement, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_breaches)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a83", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "found_on": "2024-10-01",
    "what": "Spent on what the plan does not name", "required_pence": 12000, "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-10-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentBreach {
    /// The breach's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// When it was found.
    pub found_on: NaiveDate,
    /// What was found.
    pub what: String,
    /// What is asked back; negative where it takes a breach back.
    pub required_pence: Pence,
    /// The breach that this row takes back.
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
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentBreach, Error> {
    let row = direct_payment_breaches::table.find(id).select(DirectPaymentBreach::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("breach of a direct payment agreement"))
}

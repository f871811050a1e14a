//! Receipts: what a funder paid of an invoice, in whole or in part.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::health_receipts;
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use utoipa::ToSchema;

/// A receipt, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_receipts)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "invoice_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "amount_pence": 100000,
    "received_on": "2024-05-28", "reference": "BACS 4417", "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-29T09:00:00Z", "recorded_seq": 412,
    "ledger_entry_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41"
}))]
pub struct HealthReceipt {
    /// The receipt's id.
    pub id: String,
    /// The invoice it is for.
    pub invoice_id: String,
    /// How much; negative where it was paid back, or takes a receipt back.
    pub amount_pence: Pence,
    /// The day it arrived.
    pub received_on: NaiveDate,
    /// As the bank has it.
    pub reference: String,
    /// The receipt that this row takes back.
    pub reverses_id: Option<String>,
    /// Why it is taken back.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The ledger entry that it came in; null, it is not said.
    pub ledger_entry_id: Option<String>,
}

/// An invoice's receipts, in the order recorded.
pub(crate) fn receipts_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<HealthReceipt>, Error> {
    Ok(health_receipts::table
        .filter(health_receipts::invoice_id.eq(invoice_id))
        .order((health_receipts::recorded_seq, health_receipts::id))
        .select(HealthReceipt::as_select())
        .load(connection)?)
}

/// What receipts say that a ledger entry brought.
pub(crate) fn brought_by(connection: &mut AnyConnection, entry_id: &str) -> Result<Pence, Error> {
    let amounts: Vec<Pence> = health_receipts::table
        .filter(health_receipts::ledger_entry_id.eq(entry_id))
        .select(health_receipts::amount_pence)
        .load(connection)?;
    Pence::checked_sum(amounts).map_err(Error::fault)
}

/// The receipt with that id.
pub(crate) fn find(connection: &mut AnyConnection, id: &str) -> Result<HealthReceipt, Error> {
    let row = health_receipts::table.find(id).select(HealthReceipt::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("receipt"))
}

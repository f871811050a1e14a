//! Disputes: what a funder does not accept of an invoice, and how that ended.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{health_credit_notes, health_dispute_lines, health_dispute_resolutions, health_disputes};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::DisputeOutcome;
use domain::joint_funding::invoices::disputes::NamedNote;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// What a funder does not accept of an invoice.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_disputes)]
pub struct HealthDispute {
    /// The dispute's id.
    pub id: String,
    /// The invoice.
    pub invoice_id: String,
    /// The day the funder said so.
    pub opened_on: NaiveDate,
    /// How much it does not accept.
    pub amount_pence: Pence,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// How a dispute ended.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_dispute_resolutions)]
pub struct HealthDisputeResolution {
    /// The dispute.
    pub dispute_id: String,
    /// Who was right.
    pub outcome: DisputeOutcome,
    /// The day it was settled.
    pub resolved_on: NaiveDate,
    /// The credit note that upholds it.
    pub credit_note_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A dispute with its lines and its outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputeWithOutcome {
    /// The dispute.
    #[serde(flatten)]
    pub dispute: HealthDispute,
    /// The invoice's lines that it names; none, it is about an amount.
    pub line_ids: Vec<String>,
    /// How it ended; null while it is open.
    pub resolution: Option<HealthDisputeResolution>,
}

/// An invoice's disputes, in the order recorded.
pub(crate) fn disputes_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<DisputeWithOutcome>, Error> {
    let rows: Vec<(HealthDispute, Option<HealthDisputeResolution>)> = health_disputes::table
        .left_join(health_dispute_resolutions::table)
        .filter(health_disputes::invoice_id.eq(invoice_id))
        .order((health_disputes::recorded_seq, health_disputes::id))
        .select((HealthDispute::as_select(), Option::<HealthDisputeResolution>::as_select()))
        .load(connection)?;
    let mut lines: HashMap<String, Vec<String>> = HashMap::new();
    for (dispute, _) in &rows {
        let named = health_dispute_lines::table
            .filter(health_dispute_lines::dispute_id.eq(&dispute.id))
            .order(health_dispute_lines::line_id)
            .select(health_dispute_lines::line_id);
        lines.insert(dispute.id.clone(), named.load(connection)?);
    }
    Ok(rows
        .into_iter()
        .map(|(dispute, resolution)| DisputeWithOutcome { line_ids: lines.remove(&dispute.id).unwrap_or_default(), dispute, resolution })
        .collect())
}

/// The dispute with that id.
pub(crate) fn find(connection: &mut AnyConnection, id: &str) -> Result<HealthDispute, Error> {
    let row = health_disputes::table.find(id).select(HealthDispute::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("dispute"))
}

/// How a dispute ended; none, it is open.
pub(crate) fn outcome_of(connection: &mut AnyConnection, dispute_id: &str) -> Result<Option<DisputeOutcome>, Error> {
    let outcome = health_dispute_resolutions::table.find(dispute_id).select(health_dispute_resolutions::outcome);
    Ok(outcome.first(connection).optional()?)
}

/// What the rule has to know of a credit note that is to uphold a dispute.
pub(crate) fn named_note(connection: &mut AnyConnection, dispute: &HealthDispute, note_id: &str) -> Result<NamedNote, Error> {
    let cause = health_credit_notes::table
        .filter(health_credit_notes::id.eq(note_id).and(health_credit_notes::invoice_id.eq(&dispute.invoice_id)))
        .select(health_credit_notes::cause)
        .first(connection)
        .optional()?;
    let used = health_dispute_resolutions::table.filter(health_dispute_resolutions::credit_note_id.eq(note_id));
    Ok(NamedNote { cause, is_used: diesel::select(exists(used)).get_result(connection)? })
}

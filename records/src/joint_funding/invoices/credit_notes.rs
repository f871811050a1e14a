//! Credit notes: what an invoice asks for no longer, line by line.

use crate::error::Error;
use crate::instant::Instant;
use crate::joint_funding::invoices::invoice::{HealthInvoice, lines_of};
use crate::joint_funding::shares::share::CHUNK;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{health_credit_note_lines, health_credit_notes};
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::CreditCause;
use domain::joint_funding::invoices::credit_notes::LineLeft;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// A credit note.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_credit_notes)]
pub struct HealthCreditNote {
    /// The note's id.
    pub id: String,
    /// The authority's own number for it.
    pub number: String,
    /// The invoice it is for.
    pub invoice_id: String,
    /// Why.
    pub cause: CreditCause,
    /// The day it is dated.
    pub issued_on: NaiveDate,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A line of a credit note.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_credit_note_lines)]
pub struct HealthCreditNoteLine {
    /// The line's id.
    pub id: String,
    /// The note it is on.
    pub credit_note_id: String,
    /// The invoice's line.
    pub line_id: String,
    /// How much less that asks for.
    pub amount_pence: Pence,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A credit note with its lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditNoteWithLines {
    /// The note.
    #[serde(flatten)]
    pub note: HealthCreditNote,
    /// Its lines.
    pub lines: Vec<HealthCreditNoteLine>,
    /// What they come to.
    #[schema(value_type = i64)]
    pub amount_pence: Pence,
}

/// An invoice's credit notes, in the order recorded.
pub(crate) fn notes_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<CreditNoteWithLines>, Error> {
    let notes: Vec<HealthCreditNote> = health_credit_notes::table
        .filter(health_credit_notes::invoice_id.eq(invoice_id))
        .order((health_credit_notes::recorded_seq, health_credit_notes::id))
        .select(HealthCreditNote::as_select())
        .load(connection)?;
    let rows: Vec<HealthCreditNoteLine> = health_credit_note_lines::table
        .inner_join(health_credit_notes::table)
        .filter(health_credit_notes::invoice_id.eq(invoice_id))
        .order(health_credit_note_lines::id)
        .select(HealthCreditNoteLine::as_select())
        .load(connection)?;
    let mut lines: HashMap<String, Vec<HealthCreditNoteLine>> = HashMap::new();
    for row in rows {
        lines.entry(row.credit_note_id.clone()).or_default().push(row);
    }
    notes.into_iter().map(|note| with_lines(lines.remove(&note.id).unwrap_or_default(), note)).collect()
}

/// A note with its lines and what they come to.
pub(crate) fn with_lines(lines: Vec<HealthCreditNoteLine>, note: HealthCreditNote) -> Result<CreditNoteWithLines, Error> {
    let amount_pence = Pence::checked_sum(lines.iter().map(|line| line.amount_pence)).map_err(Error::fault)?;
    Ok(CreditNoteWithLines { note, lines, amount_pence })
}

/// What each line of an invoice still asks for.
pub(crate) fn left_of(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<Vec<LineLeft>, Error> {
    let mut credited: HashMap<String, i64> = HashMap::new();
    for line in notes_of(connection, &invoice.id)?.into_iter().flat_map(|note| note.lines) {
        *credited.entry(line.line_id).or_default() += line.amount_pence.0;
    }
    let left = lines_of(connection, &invoice.id)?.into_iter().map(|line| LineLeft {
        left: Pence(line.amount_pence.0 - credited.get(&line.id).copied().unwrap_or_default()),
        asked: line.amount_pence,
        id: line.id,
        funding_id: line.funding_id,
        adjusts_line_id: line.adjusts_line_id,
    });
    Ok(left.collect())
}

/// Those of these invoices that were taken back.
pub(crate) fn reversed_among(connection: &mut AnyConnection, invoice_ids: &[String]) -> Result<HashSet<String>, Error> {
    let mut reversed = HashSet::new();
    for some in invoice_ids.chunks(CHUNK) {
        let query = health_credit_notes::table
            .filter(health_credit_notes::invoice_id.eq_any(some))
            .filter(health_credit_notes::cause.eq(CreditCause::Reversal))
            .select(health_credit_notes::invoice_id);
        reversed.extend(query.load::<String>(connection)?);
    }
    Ok(reversed)
}

/// Whether an invoice was taken back.
pub(crate) fn is_reversed(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<bool, Error> {
    Ok(!reversed_among(connection, std::slice::from_ref(&invoice.id))?.is_empty())
}

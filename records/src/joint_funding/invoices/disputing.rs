//! Recording a dispute, and how it ended.

use crate::error::Error;
use crate::joint_funding::invoices::credit_notes::left_of;
use crate::joint_funding::invoices::disputes::{
    DisputeWithOutcome, HealthDispute, HealthDisputeResolution, disputes_of, find, named_note, outcome_of,
};
use crate::joint_funding::invoices::{invoice, money};
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{health_dispute_lines, health_dispute_resolutions, health_disputes};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::DisputeOutcome;
use domain::joint_funding::invoices::day_mistake;
use domain::joint_funding::invoices::disputes::{disputed_amount, note_mistakes, refuse_amount, refuse_resolved, refuse_without_note};
use domain::{FieldError, Pence, Refusal};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A dispute to record: about lines, or about an amount.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "opened_on": "2024-05-20", "amount_pence": 45000, "reason": "Not agreed by the panel for these weeks" }))]
pub struct NewHealthDispute {
    /// The day the funder said so, not after today and not before the invoice.
    pub opened_on: NaiveDate,
    /// How much it does not accept.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Option<Pence>,
    /// The lines that it does not accept, with all they still ask for.
    #[schema(min_items = 1, max_items = 1000)]
    pub line_ids: Option<Vec<Id>>,
    /// In words.
    pub reason: Text<500>,
}

/// The end of a dispute.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "rejected", "resolved_on": "2024-05-30", "reason": "The agreement covers these weeks" }))]
pub struct NewDisputeResolution {
    /// Who was right.
    pub outcome: DisputeOutcome,
    /// The day it was settled, not after today and not before the dispute.
    pub resolved_on: NaiveDate,
    /// Of an upheld dispute: the invoice's credit note for it, of the cause `dispute` or the reversal.
    pub credit_note_id: Option<Id>,
    /// In words.
    pub reason: Text<500>,
}

/// Records that a funder does not accept lines of an invoice, or an amount of it.
///
/// # Errors
/// When there is no such invoice, or less of it is open to dispute.
pub fn open(write: &mut Write<'_>, invoice_id: &str, new: NewHealthDispute) -> Result<DisputeWithOutcome, Error> {
    let invoice = invoice::find(write.connection, invoice_id)?;
    let mut errors: Vec<FieldError> = day_mistake("/opened_on", new.opened_on, invoice.issued_on, write.today()).into_iter().collect();
    let line_ids: BTreeSet<String> = new.line_ids.iter().flatten().map(|id| id.0.clone()).collect();
    let left = left_of(write.connection, &invoice)?;
    let amount = disputed_amount(new.amount_pence, &line_ids, &left).unwrap_or_else(|error| {
        errors.push(error);
        Pence::ZERO
    });
    Refusal::unless_valid(errors)?;
    let disputed: i64 = money::open_disputes(write.connection, std::slice::from_ref(&invoice.id))?.iter().map(|(_, pence)| pence).sum();
    refuse_amount(&invoice.number, amount, !line_ids.is_empty(), &left, Pence(disputed))?;
    let dispute = HealthDispute {
        id: new_id(),
        invoice_id: invoice.id,
        opened_on: new.opened_on,
        amount_pence: amount,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(health_disputes::table).values(&dispute).execute(write.connection)?;
    for line_id in &line_ids {
        diesel::insert_into(health_dispute_lines::table)
            .values((
                health_dispute_lines::dispute_id.eq(&dispute.id),
                health_dispute_lines::line_id.eq(line_id),
                health_dispute_lines::recorded_at.eq(write.at),
                health_dispute_lines::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
    }
    write.record(Event::new("open", "health_disputes", &dispute.id))?;
    Ok(DisputeWithOutcome { dispute, line_ids: line_ids.into_iter().collect(), resolution: None })
}

/// Ends a dispute.
///
/// # Errors
/// When there is no such dispute, it ended before, or it is upheld without its credit note.
pub fn resolve(write: &mut Write<'_>, dispute_id: &str, new: NewDisputeResolution) -> Result<DisputeWithOutcome, Error> {
    let dispute = find(write.connection, dispute_id)?;
    refuse_resolved(outcome_of(write.connection, dispute_id)?)?;
    let mut errors: Vec<FieldError> = day_mistake("/resolved_on", new.resolved_on, dispute.opened_on, write.today()).into_iter().collect();
    let note = new.credit_note_id.as_ref().map(|note| named_note(write.connection, &dispute, &note.0)).transpose()?;
    errors.extend(note_mistakes(new.outcome, note));
    Refusal::unless_valid(errors)?;
    refuse_without_note(new.outcome, note.is_some())?;
    let resolution = HealthDisputeResolution {
        dispute_id: dispute.id.clone(),
        outcome: new.outcome,
        resolved_on: new.resolved_on,
        credit_note_id: new.credit_note_id.map(|id| id.0),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(health_dispute_resolutions::table).values(&resolution).execute(write.connection)?;
    write.record(Event::new("resolve", "health_disputes", &dispute.id))?;
    let disputes = disputes_of(write.connection, &dispute.invoice_id)?;
    disputes.into_iter().find(|other| other.dispute.id == dispute.id).ok_or_else(|| Error::not_found("dispute"))
}

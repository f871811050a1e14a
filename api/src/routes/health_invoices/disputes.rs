//! Disputes: what a funder does not accept of an invoice, and how that ended.

use super::credit_notes::left_of;
use super::{day_mistake, find, lines_of, location_of, money, record_event};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{health_credit_notes, health_dispute_lines, health_dispute_resolutions, health_disputes};
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::{CreditCause, DisputeOutcome};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
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

impl Located for DisputeWithOutcome {
    fn location(&self) -> String {
        location_of(&self.dispute.invoice_id)
    }
}

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

/// Record a dispute
///
/// What is disputed stays owed, and is shown apart, until the dispute ends.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthDispute,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The dispute", body = DisputeWithOutcome)))]
#[post("/health-invoices/{id}/disputes")]
pub async fn create_health_dispute(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthDispute>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| open(write, &id.0, body.value)).await
}

/// Resolve a dispute
///
/// One that is upheld needs its credit note first.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The dispute's id")), request_body = NewDisputeResolution,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The dispute", body = DisputeWithOutcome)))]
#[post("/health-disputes/{id}/resolution")]
pub async fn resolve_health_dispute(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDisputeResolution>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| resolve(write, &id.0, body.value)).await
}

/// An invoice's disputes, in the order recorded.
pub(super) fn disputes_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<DisputeWithOutcome>, Problem> {
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

fn open(write: &mut Write<'_>, invoice_id: &str, new: NewHealthDispute) -> Result<DisputeWithOutcome, Problem> {
    let invoice = find(write.connection, invoice_id)?;
    let mut errors: Vec<FieldError> = day_mistake("/opened_on", new.opened_on, invoice.issued_on, write.at.date()).into_iter().collect();
    let line_ids: BTreeSet<String> = new.line_ids.iter().flatten().map(|id| id.0.clone()).collect();
    let amount = match (new.amount_pence, line_ids.is_empty()) {
        (Some(amount), true) => Some(amount),
        (None, false) => asked_by(write.connection, &invoice.id, &line_ids, &mut errors)?,
        (Some(_), false) => {
            errors.push(FieldError::new("/amount_pence", "two_amounts", "name lines, or an amount, not both"));
            None
        }
        (None, true) => {
            errors.push(FieldError::new("/amount_pence", "required", "name lines, or an amount"));
            None
        }
    };
    let (Some(amount), true) = (amount, errors.is_empty()) else { return Err(Problem::invalid(errors)) };
    let disputed: i64 = money::open_disputes(write.connection, std::slice::from_ref(&invoice.id))?.iter().map(|(_, pence)| pence).sum();
    let asks = left_of(write.connection, &invoice)?.into_iter().map(|(_, left)| left.0);
    // Lines are disputed for what they ask for, whatever corrections on the same invoice take off other days.
    let asked: i64 = if line_ids.is_empty() { asks.sum() } else { asks.filter(|left| *left > 0).sum() };
    let open = Pence(asked - disputed);
    if amount > open || amount <= Pence::ZERO {
        let detail = format!("Invoice {} still asks for {} that is not disputed.", invoice.number, open.to_pounds());
        return Err(Problem::new(Code::StateConflict, detail));
    }
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
    record_event(write, "open", "health_disputes", &dispute.id)?;
    Ok(DisputeWithOutcome { dispute, line_ids: line_ids.into_iter().collect(), resolution: None })
}

/// What these lines of the invoice still ask for.
fn asked_by(
    connection: &mut AnyConnection,
    invoice_id: &str,
    line_ids: &BTreeSet<String>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Pence>, Problem> {
    let mut left: HashMap<String, i64> = lines_of(connection, invoice_id)?.into_iter().map(|line| (line.id, line.amount_pence.0)).collect();
    for line in super::credit_notes::notes_of(connection, invoice_id)?.into_iter().flat_map(|note| note.lines) {
        *left.entry(line.line_id).or_default() -= line.amount_pence.0;
    }
    let unknown: Vec<_> = line_ids.iter().filter(|id| !left.contains_key(*id)).map(String::as_str).collect();
    if !unknown.is_empty() {
        errors.push(FieldError::new("/line_ids", "unknown_reference", format!("the invoice has no line {}", unknown.join(", "))));
        return Ok(None);
    }
    Ok(Some(Pence(line_ids.iter().filter_map(|id| left.get(id)).sum())))
}

fn resolve(write: &mut Write<'_>, dispute_id: &str, new: NewDisputeResolution) -> Result<DisputeWithOutcome, Problem> {
    let row = health_disputes::table.find(dispute_id).select(HealthDispute::as_select()).first(write.connection).optional()?;
    let dispute: HealthDispute = row.ok_or_else(|| Problem::not_found("dispute"))?;
    let before: Option<DisputeOutcome> = health_dispute_resolutions::table
        .find(dispute_id)
        .select(health_dispute_resolutions::outcome)
        .first(write.connection)
        .optional()?;
    if let Some(outcome) = before {
        return Err(Problem::new(Code::StateConflict, format!("The dispute was {outcome} before.")));
    }
    let mut errors: Vec<FieldError> =
        day_mistake("/resolved_on", new.resolved_on, dispute.opened_on, write.at.date()).into_iter().collect();
    if new.outcome == DisputeOutcome::Rejected && new.credit_note_id.is_some() {
        errors.push(FieldError::new("/credit_note_id", "rejected", "a dispute that is rejected has no credit note"));
    }
    if let Some(note) = &new.credit_note_id {
        errors.extend(note_mistake(write.connection, &dispute, &note.0)?);
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if new.outcome == DisputeOutcome::Upheld && new.credit_note_id.is_none() {
        let missing =
            FieldError::new("/credit_note_id", "required", "credit the invoice with the cause `dispute`, and name the credit note");
        let problem = Problem::with_errors(Code::NotReady, vec![missing]);
        return Err(problem.detailed("A dispute that is upheld needs its credit note first."));
    }
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
    record_event(write, "resolve", "health_disputes", &dispute.id)?;
    let known = disputes_of(write.connection, &dispute.invoice_id)?;
    known.into_iter().find(|known| known.dispute.id == dispute.id).ok_or_else(|| Problem::not_found("dispute"))
}

/// Why a credit note does not uphold a dispute.
fn note_mistake(connection: &mut AnyConnection, dispute: &HealthDispute, note_id: &str) -> Result<Option<FieldError>, Problem> {
    let refuse = |code: &str, detail: &str| Some(FieldError::new("/credit_note_id", code, detail));
    let cause: Option<CreditCause> = health_credit_notes::table
        .filter(health_credit_notes::id.eq(note_id).and(health_credit_notes::invoice_id.eq(&dispute.invoice_id)))
        .select(health_credit_notes::cause)
        .first(connection)
        .optional()?;
    let used = health_dispute_resolutions::table.filter(health_dispute_resolutions::credit_note_id.eq(note_id));
    Ok(match cause {
        None => refuse("unknown_reference", "the invoice has no credit note of this id"),
        Some(CreditCause::Dispute | CreditCause::Reversal) if diesel::select(diesel::dsl::exists(used)).get_result(connection)? => {
            refuse("used", "another dispute was upheld by this credit note")
        }
        Some(CreditCause::Dispute | CreditCause::Reversal) => None,
        Some(CreditCause::Adjustment | CreditCause::Error) => refuse("cause", "the credit note was issued for another cause"),
    })
}

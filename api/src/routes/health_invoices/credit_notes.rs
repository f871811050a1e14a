//! Credit notes: what an invoice asks for no longer, line by line; and the reversal of an invoice, which is a credit note for all of it.

use super::billed::{billed_of, reversed_among};
use super::proposal::change_of;
use super::{HealthInvoice, HealthInvoiceLine, day_mistake, find, lines_of, location_of, money, record_event};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::joint_fundings::{FundedArrangements, Of, last_versions};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices};
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::CreditCause;
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
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

impl Located for CreditNoteWithLines {
    fn location(&self) -> String {
        location_of(&self.note.invoice_id)
    }
}

/// How much less a line asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHealthCreditNoteLine {
    /// A line of the invoice.
    pub line_id: Id,
    /// How much less: at most what it still asks for.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
}

/// A credit note to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "CHC-C-0007", "cause": "adjustment", "issued_on": "2024-06-03", "reason": "The line ended on 20 April",
    "lines": [{ "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a62", "amount_pence": 45000 }]
}))]
pub struct NewHealthCreditNote {
    /// The authority's own number for it.
    pub number: Text<60>,
    /// Why: `adjustment` where less is expected now, at most as much as a proposal shows; `reversal` is not taken here.
    pub cause: CreditCause,
    /// The day it is dated, not after today and not before the invoice.
    pub issued_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
    /// What is credited, each line of the invoice at most once.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<NewHealthCreditNoteLine>,
}

/// An invoice to take back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "number": "CHC-C-0008", "issued_on": "2024-06-03", "reason": "Sent to the wrong body" }))]
pub struct NewHealthInvoiceReversal {
    /// The authority's own number for the credit note.
    pub number: Text<60>,
    /// The day it is dated, not after today and not before the invoice.
    pub issued_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// Credit an invoice to health
///
/// Line by line, and in parts. An invoice that was paid is then in credit: the next one may ask for less, or the money is paid back.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthCreditNote,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The credit note", body = CreditNoteWithLines)))]
#[post("/health-invoices/{id}/credit-notes")]
pub async fn create_health_credit_note(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthCreditNote>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| credit(write, &profile, &id.0, body.value)).await
}

/// Reverse an invoice to health
///
/// A credit note for all that it still asks for. Its days can then be invoiced again. Refused while money received stands against it, or
/// while a later invoice corrects one of its lines.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthInvoiceReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The credit note", body = CreditNoteWithLines)))]
#[post("/health-invoices/{id}/reversal")]
pub async fn reverse_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthInvoiceReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value)).await
}

/// An invoice's credit notes, in the order recorded.
pub(super) fn notes_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<CreditNoteWithLines>, Problem> {
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

fn with_lines(lines: Vec<HealthCreditNoteLine>, note: HealthCreditNote) -> Result<CreditNoteWithLines, Problem> {
    let amount_pence = Pence::checked_sum(lines.iter().map(|line| line.amount_pence)).map_err(Problem::internal)?;
    Ok(CreditNoteWithLines { note, lines, amount_pence })
}

/// What each line still asks for.
fn left_of(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<Vec<(HealthInvoiceLine, Pence)>, Problem> {
    let mut credited: HashMap<String, i64> = HashMap::new();
    for line in notes_of(connection, &invoice.id)?.into_iter().flat_map(|note| note.lines) {
        *credited.entry(line.line_id).or_default() += line.amount_pence.0;
    }
    let lines = lines_of(connection, &invoice.id)?.into_iter();
    Ok(lines
        .map(|line| {
            let left = line.amount_pence.0 - credited.get(&line.id).copied().unwrap_or_default();
            (line, Pence(left))
        })
        .collect())
}

fn refuse_reversed(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<(), Problem> {
    if reversed_among(connection, std::slice::from_ref(&invoice.id))?.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict, format!("Invoice {} was reversed.", invoice.number)))
}

fn credit(write: &mut Write<'_>, profile: &Profile, invoice_id: &str, new: NewHealthCreditNote) -> Result<CreditNoteWithLines, Problem> {
    let invoice = find(write.connection, invoice_id)?;
    refuse_reversed(write.connection, &invoice)?;
    let mut errors: Vec<FieldError> = day_mistake("/issued_on", new.issued_on, invoice.issued_on, write.at.date()).into_iter().collect();
    if new.cause == CreditCause::Reversal {
        errors.push(FieldError::new("/cause", "reversal", "reverse the invoice instead: that credits all of it"));
    }
    let left = left_of(write.connection, &invoice)?;
    let mut seen = BTreeSet::new();
    for (place, line) in new.lines.iter().enumerate() {
        let mut refuse =
            |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("/lines/{place}/{field}"), code, detail));
        match left.iter().find(|(known, _)| known.id == line.line_id.0) {
            None => refuse("line_id", "unknown_reference", "the invoice has no line of this id".to_owned()),
            Some(_) if !seen.insert(line.line_id.0.as_str()) => refuse("line_id", "asked_twice", "the line is credited above".to_owned()),
            Some((_, left)) if line.amount_pence > *left => {
                refuse("amount_pence", "too_much", format!("the line still asks for {}", left.to_pounds()));
            }
            Some(_) => {}
        }
    }
    if errors.is_empty() && new.cause == CreditCause::Adjustment {
        errors = beyond_change(write.connection, profile, &left, &new.lines)?;
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let lines = new.lines.into_iter().map(|line| (line.line_id.0, line.amount_pence)).collect();
    insert(write, &invoice, (new.number.0, new.cause, new.issued_on, new.reason.0), lines)
}

/// Where more is credited as an adjustment than the expectation has fallen by.
fn beyond_change(
    connection: &mut AnyConnection,
    profile: &Profile,
    left: &[(HealthInvoiceLine, Pence)],
    credited: &[NewHealthCreditNoteLine],
) -> Result<Vec<FieldError>, Problem> {
    let ids: BTreeSet<String> = left.iter().map(|(line, _)| line.funding_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let fundings = last_versions(connection, Of::Ids(&ids))?;
    let first_lines: Vec<String> = fundings.iter().map(|funding| funding.line_id.clone()).collect();
    let known = FundedArrangements::of(connection, &profile.costing, &first_lines)?;
    let billed = billed_of(connection, &ids)?;
    let mut fallen: HashMap<&str, i64> = HashMap::new();
    let mut errors = Vec::new();
    for (place, credited) in credited.iter().enumerate() {
        let Some((line, _)) = left.iter().find(|(line, _)| line.id == credited.line_id.0) else { continue };
        // A correction is about the days of the line that it corrects.
        let first = line.adjusts_line_id.as_deref().unwrap_or(&line.id);
        let funding = fundings.iter().find(|funding| funding.funding_id == line.funding_id);
        let days = billed.get(&line.funding_id).into_iter().flatten().find(|billed| billed.line.id == first);
        let left = match (fallen.get(first), funding, days) {
            (Some(left), ..) => *left,
            (None, Some(funding), Some(days)) => -change_of(&known, &funding.line_id, days)?.0,
            _ => 0,
        };
        if credited.amount_pence.0 > left {
            let less = Pence(left.max(0)).to_pounds();
            let detail = format!("{less} less is expected for its days than was invoiced; a credit for another cause says so");
            errors.push(FieldError::new(&format!("/lines/{place}/amount_pence"), "not_expected", detail));
        }
        fallen.insert(first, left - credited.amount_pence.0);
    }
    Ok(errors)
}

fn reverse(write: &mut Write<'_>, invoice_id: &str, new: NewHealthInvoiceReversal) -> Result<CreditNoteWithLines, Problem> {
    let invoice = find(write.connection, invoice_id)?;
    refuse_reversed(write.connection, &invoice)?;
    let errors: Vec<FieldError> = day_mistake("/issued_on", new.issued_on, invoice.issued_on, write.at.date()).into_iter().collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let (money, _) = money::of_invoice(write.connection, &invoice.id)?;
    if money.received_pence != Pence::ZERO {
        let detail =
            format!("{} is received for it: reverse the receipts first, or credit what is not owed.", money.received_pence.to_pounds());
        return Err(Problem::new(Code::StateConflict, detail));
    }
    if let Some(number) = corrected_on(write.connection, &invoice)? {
        return Err(Problem::new(Code::StateConflict, format!("Invoice {number} corrects one of its lines: reverse that first.")));
    }
    let left = left_of(write.connection, &invoice)?;
    let lines = left.into_iter().filter(|(_, left)| *left != Pence::ZERO).map(|(line, left)| (line.id, left)).collect();
    insert(write, &invoice, (new.number.0, CreditCause::Reversal, new.issued_on, new.reason.0), lines)
}

/// The number of a standing invoice that corrects a line of this one. Left standing, its correction would be of nothing.
fn corrected_on(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<Option<String>, Problem> {
    let lines: Vec<String> = lines_of(connection, &invoice.id)?.into_iter().map(|line| line.id).collect();
    let mut correcting: Vec<(String, String)> = Vec::new();
    for some in lines.chunks(crate::routes::joint_fundings::CHUNK) {
        correcting.extend(
            health_invoice_lines::table
                .inner_join(health_invoices::table)
                .filter(health_invoice_lines::adjusts_line_id.eq_any(some))
                .order((health_invoices::recorded_seq, health_invoices::id))
                .select((health_invoices::id, health_invoices::number))
                .load::<(String, String)>(connection)?,
        );
    }
    let ids: Vec<String> = correcting.iter().map(|(id, _)| id.clone()).collect();
    let reversed = reversed_among(connection, &ids)?;
    Ok(correcting.into_iter().find(|(id, _)| !reversed.contains(id)).map(|(_, number)| number))
}

fn insert(
    write: &mut Write<'_>,
    invoice: &HealthInvoice,
    (number, cause, issued_on, reason): (String, CreditCause, NaiveDate, String),
    lines: Vec<(String, Pence)>,
) -> Result<CreditNoteWithLines, Problem> {
    let held: i64 = health_credit_notes::table.filter(health_credit_notes::number.eq(&number)).count().get_result(write.connection)?;
    if held > 0 {
        return Err(Problem::new(Code::AlreadyExists, "Another credit note has this number."));
    }
    let note = HealthCreditNote {
        id: new_id(),
        number,
        invoice_id: invoice.id.clone(),
        cause,
        issued_on,
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(health_credit_notes::table).values(&note).execute(write.connection)?;
    let mut rows = Vec::with_capacity(lines.len());
    for (line_id, amount_pence) in lines {
        let row = HealthCreditNoteLine {
            id: new_id(),
            credit_note_id: note.id.clone(),
            line_id,
            amount_pence,
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(health_credit_note_lines::table).values(&row).execute(write.connection)?;
        rows.push(row);
    }
    let action = if cause == CreditCause::Reversal { "reverse" } else { "credit" };
    record_event(write, action, "health_invoices", &invoice.id)?;
    record_event(write, "record", "health_credit_notes", &note.id)?;
    with_lines(rows, note)
}

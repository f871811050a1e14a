//! Credit notes: what an invoice asks for no longer, line by line.

use super::billed::{Billed, billed_of, reversed_among};
use super::proposal::change_of;
use super::{HealthInvoice, HealthInvoiceLine, day_mistake, find, lines_of, location_of, record_event};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::joint_fundings::{FundedArrangements, JointFunding, Of, last_versions};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{health_credit_note_lines, health_credit_notes};
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

/// Credit an invoice to health
///
/// Line by line, and in parts: at most what is left of the line, of its days after corrections and, but for an adjustment and a dispute, of
/// the whole invoice. An invoice that was paid is then in credit: the next one may ask for less, or the money is paid back.
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
pub(super) fn left_of(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<Vec<(HealthInvoiceLine, Pence)>, Problem> {
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

/// Refuses what was reversed.
pub(super) fn refuse_reversed(connection: &mut AnyConnection, invoice: &HealthInvoice) -> Result<(), Problem> {
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
            Some((known, left)) if line.amount_pence > *left => {
                let asked = known.amount_pence;
                let credited = Pence(asked.0.saturating_sub(left.0));
                let [asked, credited, left] = [asked, credited, *left].map(Pence::to_pounds);
                refuse("amount_pence", "too_much", format!("the line asks for {asked}, of which {credited} is credited: {left} is left"));
            }
            Some(_) => {}
        }
    }
    if errors.is_empty() {
        errors.extend(beyond_invoice(&invoice, new.cause, &left, &new.lines)?);
    }
    if errors.is_empty() {
        errors = beyond_days(write.connection, profile, new.cause, &left, &new.lines)?;
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let lines = new.lines.into_iter().map(|line| (line.line_id.0, line.amount_pence)).collect();
    insert(write, &invoice, (new.number.0, new.cause, new.issued_on, new.reason.0), lines)
}

/// Where more is credited than the invoice as a whole still asks for. Corrections may have taken something off it. An adjustment goes by
/// what is expected instead, and a dispute that the funder wins by the line: what a correction took off other days is not what it won. Both
/// may leave the funder in credit.
fn beyond_invoice(
    invoice: &HealthInvoice,
    cause: CreditCause,
    left: &[(HealthInvoiceLine, Pence)],
    credited: &[NewHealthCreditNoteLine],
) -> Result<Option<FieldError>, Problem> {
    let asked = Pence::checked_sum(left.iter().map(|(line, _)| line.amount_pence)).map_err(Problem::internal)?;
    let remains = Pence::checked_sum(left.iter().map(|(_, left)| *left)).map_err(Problem::internal)?;
    let credited_before = asked.checked_sub(remains).map_err(Problem::internal)?;
    let note = Pence::checked_sum(credited.iter().map(|line| line.amount_pence)).map_err(Problem::internal)?;
    if matches!(cause, CreditCause::Adjustment | CreditCause::Dispute) || note <= remains {
        return Ok(None);
    }
    let [asked, before, remains, note] = [asked, credited_before, remains, note].map(Pence::to_pounds);
    let detail = format!(
        "invoice {} asks for {asked}, of which {before} is credited: {remains} is left, and the note is for {note}",
        invoice.number
    );
    Ok(Some(FieldError::new("/lines", "too_much", detail)))
}

/// Where more is credited than stands asked for the days, with what later invoices corrected; or, as an adjustment, than the expectation has
/// fallen by.
fn beyond_days(
    connection: &mut AnyConnection,
    profile: &Profile,
    cause: CreditCause,
    left: &[(HealthInvoiceLine, Pence)],
    credited: &[NewHealthCreditNoteLine],
) -> Result<Vec<FieldError>, Problem> {
    let ids: BTreeSet<String> = left.iter().map(|(line, _)| line.funding_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let fundings = last_versions(connection, Of::Ids(&ids))?;
    let first_lines: Vec<String> = fundings.iter().map(|funding| funding.line_id.clone()).collect();
    let known = FundedArrangements::of(connection, &profile.costing, &first_lines)?;
    let billed = billed_of(connection, &ids)?;
    // By the first line of some days: what stands asked for them, and what the expectation has fallen by.
    let mut days: HashMap<&str, (i64, i64)> = HashMap::new();
    let mut errors = Vec::new();
    for (place, credited) in credited.iter().enumerate() {
        let Some((line, _)) = left.iter().find(|(line, _)| line.id == credited.line_id.0) else { continue };
        // A correction is about the days of the line that it corrects.
        let first = line.adjusts_line_id.as_deref().unwrap_or(&line.id);
        let (asked, fallen) = match days.get(first) {
            Some(known) => *known,
            None => asked_and_fallen(&known, &fundings, billed.get(&line.funding_id).into_iter().flatten(), first)?,
        };
        let pointer = format!("/lines/{place}/amount_pence");
        if cause == CreditCause::Adjustment && credited.amount_pence.0 > fallen {
            let less = Pence(fallen.max(0)).to_pounds();
            let detail = format!("{less} less is expected for its days than was invoiced; a credit for another cause says so");
            errors.push(FieldError::new(&pointer, "not_expected", detail));
        } else if credited.amount_pence.0 > asked {
            let asked = Pence(asked.max(0)).to_pounds();
            let detail = format!("with its corrections {asked} stands asked for its days: no more than that is credited");
            errors.push(FieldError::new(&pointer, "too_much", detail));
        }
        days.insert(first, (asked - credited.amount_pence.0, fallen - credited.amount_pence.0));
    }
    Ok(errors)
}

/// Of the days that a line asks for first: what stands asked for them, and what the expectation has fallen by; nothing if it does not stand.
fn asked_and_fallen<'b>(
    known: &FundedArrangements<'_>,
    fundings: &[JointFunding],
    mut billed: impl Iterator<Item = &'b Billed>,
    first: &str,
) -> Result<(i64, i64), Problem> {
    let Some(days) = billed.find(|billed| billed.line.id == first) else { return Ok((0, 0)) };
    let Some(funding) = fundings.iter().find(|funding| funding.funding_id == days.line.funding_id) else { return Ok((0, 0)) };
    let change = change_of(known, &funding.line_id, days)?;
    Ok((days.asked.0, change.checked_neg().map_err(Problem::internal)?.0))
}

/// Records a credit note.
pub(super) fn insert(
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

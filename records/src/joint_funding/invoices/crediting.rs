//! Issuing a credit note.

use crate::error::Error;
use crate::joint_funding::invoices::credit_notes::{
    CreditNoteWithLines, HealthCreditNote, HealthCreditNoteLine, is_reversed, left_of, with_lines,
};
use crate::joint_funding::invoices::facts::facts_of_shares;
use crate::joint_funding::invoices::invoice::{HealthInvoice, find};
use crate::money::carrying_again::{Changed, carrying_again};
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{health_credit_note_lines, health_credit_notes};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::CreditCause;
use domain::joint_funding::invoices::credit_notes::{
    CreditedAmount, cause_mistake, days_mistakes, invoice_mistake, line_mistakes, refuse_reversed,
};
use domain::joint_funding::invoices::day_mistake;
use domain::{Code, FieldError, Pence, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// A credit note to record: its number, cause, day and reason.
pub(crate) type NoteHeading = (String, CreditCause, NaiveDate, String);

/// Issues a credit note for lines of an invoice.
///
/// # Errors
/// When there is no such invoice, or it cannot be credited so.
pub fn credit(write: &mut Write<'_>, profile: &Profile, invoice_id: &str, new: NewHealthCreditNote) -> Result<CreditNoteWithLines, Error> {
    let invoice = find(write.connection, invoice_id)?;
    refuse_reversed(&invoice.number, is_reversed(write.connection, &invoice)?)?;
    let mut errors: Vec<FieldError> = day_mistake("/issued_on", new.issued_on, invoice.issued_on, write.today()).into_iter().collect();
    errors.extend(cause_mistake(new.cause));
    let left = left_of(write.connection, &invoice)?;
    let amount = |line: NewHealthCreditNoteLine| CreditedAmount { line_id: line.line_id.0, amount: line.amount_pence };
    let credited: Vec<CreditedAmount> = new.lines.into_iter().map(amount).collect();
    errors.extend(line_mistakes(&left, &credited));
    Refusal::unless_valid(errors)?;
    let mistake = invoice_mistake(&invoice.number, new.cause, &left, &credited).map_err(Error::fault)?;
    Refusal::unless_valid(mistake.into_iter().collect())?;
    let facts = facts_of_shares(write.connection, profile, left.iter().map(|line| line.funding_id.clone()).collect(), None)?;
    Refusal::unless_valid(days_mistakes(&facts, new.cause, &left, &credited).map_err(Error::fault)?)?;
    let lines = credited.into_iter().map(|line| (line.line_id, line.amount)).collect();
    insert(write, profile, &invoice, (new.number.0, new.cause, new.issued_on, new.reason.0), lines)
}

/// Records a credit note. What it gives up of closed years is carried no longer.
pub(crate) fn insert(
    write: &mut Write<'_>,
    profile: &Profile,
    invoice: &HealthInvoice,
    (number, cause, issued_on, reason): NoteHeading,
    lines: Vec<(String, Pence)>,
) -> Result<CreditNoteWithLines, Error> {
    let held: i64 = health_credit_notes::table.filter(health_credit_notes::number.eq(&number)).count().get_result(write.connection)?;
    if held > 0 {
        return Err(Error::refused(Code::AlreadyExists, "Another credit note has this number."));
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
    let changed = Changed { id: &invoice.id, budget_line: &invoice.budget_line, from: invoice.period_from };
    let rows = carrying_again(write, profile, changed, |write| insert_rows(write, &note, lines))?;
    let action = if cause == CreditCause::Reversal { "reverse" } else { "credit" };
    write.record(Event::new(action, "health_invoices", &invoice.id))?;
    write.record(Event::new("record", "health_credit_notes", &note.id))?;
    with_lines(rows, note)
}

fn insert_rows(write: &mut Write<'_>, note: &HealthCreditNote, lines: Vec<(String, Pence)>) -> Result<Vec<HealthCreditNoteLine>, Error> {
    diesel::insert_into(health_credit_notes::table).values(note).execute(write.connection)?;
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
    Ok(rows)
}

//! The reversal of an invoice: a credit note for all of it.

use crate::error::Error;
use crate::joint_funding::invoices::credit_notes::{CreditNoteWithLines, is_reversed, left_of, reversed_among};
use crate::joint_funding::invoices::crediting::insert;
use crate::joint_funding::invoices::facts::facts_of_shares;
use crate::joint_funding::invoices::invoice::{HealthInvoice, HealthInvoiceLine, find, lines_of};
use crate::joint_funding::invoices::money;
use crate::joint_funding::shares::share::CHUNK;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::{health_invoice_lines, health_invoices};
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::joint_funding::CreditCause;
use domain::joint_funding::invoices::bounds::{TakenOff, refuse_asked_again};
use domain::joint_funding::invoices::credit_notes::{LineLeft, refuse_reversed};
use domain::joint_funding::invoices::day_mistake;
use domain::joint_funding::invoices::reversal::refuse_reversal;
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// Takes an invoice back: credits all that it still asks for.
///
/// # Errors
/// When there is no such invoice, or money, a correction or another invoice is in the way.
pub fn reverse(
    write: &mut Write<'_>,
    profile: &Profile,
    invoice_id: &str,
    new: NewHealthInvoiceReversal,
) -> Result<CreditNoteWithLines, Error> {
    let invoice = find(write.connection, invoice_id)?;
    refuse_reversed(&invoice.number, is_reversed(write.connection, &invoice)?)?;
    let mistake = day_mistake("/issued_on", new.issued_on, invoice.issued_on, write.today());
    Refusal::unless_valid(mistake.into_iter().collect())?;
    let (money, _) = money::of_invoice(write.connection, &invoice.id)?;
    let lines = lines_of(write.connection, &invoice.id)?;
    refuse_reversal(&invoice.number, money.received_pence, corrected_on(write.connection, &lines)?.as_deref())?;
    let left = left_of(write.connection, &invoice)?;
    refuse_given_back(write.connection, profile, &invoice, &lines, &left)?;
    let credited = left.into_iter().filter(|line| line.left != Pence::ZERO).map(|line| (line.id, line.left)).collect();
    insert(write, profile, &invoice, (new.number.0, CreditCause::Reversal, new.issued_on, new.reason.0), credited)
}

/// What a correction took off falls away with it: refuses where that room is taken since.
fn refuse_given_back(
    connection: &mut AnyConnection,
    profile: &Profile,
    invoice: &HealthInvoice,
    lines: &[HealthInvoiceLine],
    left: &[LineLeft],
) -> Result<(), Error> {
    let less = lines.iter().zip(left).filter(|(_, left)| left.left < Pence::ZERO).map(|(line, _)| line);
    let taken_off: Vec<TakenOff> = less
        .map(|line| TakenOff {
            funding_id: line.funding_id.clone(),
            from: line.period_from,
            to: line.period_to,
            adjusts_line_id: line.adjusts_line_id.clone(),
        })
        .collect();
    if taken_off.is_empty() {
        return Ok(());
    }
    let ids = || taken_off.iter().map(|days| days.funding_id.clone()).collect();
    let with = facts_of_shares(connection, profile, ids(), None)?;
    let without = facts_of_shares(connection, profile, ids(), Some(&invoice.id))?;
    refuse_asked_again(&with, &without, &invoice.number, &taken_off).map_err(Error::fault)??;
    Ok(())
}

/// The number of a standing invoice that corrects one of these lines.
fn corrected_on(connection: &mut AnyConnection, lines: &[HealthInvoiceLine]) -> Result<Option<String>, Error> {
    let lines: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    let mut correcting: Vec<(String, String)> = Vec::new();
    for some in lines.chunks(CHUNK) {
        correcting.extend(
            health_invoice_lines::table
                .inner_join(health_invoices::table)
                .filter(health_invoice_lines::adjusts_line_id.eq_any(some.iter().copied()))
                .order((health_invoices::recorded_seq, health_invoices::id))
                .select((health_invoices::id, health_invoices::number))
                .load::<(String, String)>(connection)?,
        );
    }
    let ids: Vec<String> = correcting.iter().map(|(id, _)| id.clone()).collect();
    let reversed = reversed_among(connection, &ids)?;
    Ok(correcting.into_iter().find(|(id, _)| !reversed.contains(id)).map(|(_, number)| number))
}

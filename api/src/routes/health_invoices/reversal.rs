//! The reversal of an invoice: a credit note for all of it.

use super::billed::reversed_among;
use super::bounds::refuse_asked_again;
use super::credit_notes::{CreditNoteWithLines, insert, left_of, refuse_reversed};
use super::issuing::Known;
use super::{HealthInvoice, HealthInvoiceLine, day_mistake, find, lines_of, money};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{health_invoice_lines, health_invoices};
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::joint_funding::CreditCause;
use domain::{Pence, Profile};
use serde::Deserialize;
use std::collections::BTreeSet;
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

/// Reverse an invoice to health
///
/// A credit note for all that it still asks for. Its days can then be invoiced again. Refused while money received stands against it, while
/// a later invoice corrects one of its lines, or while another asks for what its own corrections took off.
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
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &id.0, body.value)).await
}

fn reverse(
    write: &mut Write<'_>,
    profile: &Profile,
    invoice_id: &str,
    new: NewHealthInvoiceReversal,
) -> Result<CreditNoteWithLines, Problem> {
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
    refuse_given_back(write.connection, profile, &invoice, &left)?;
    let lines = left.into_iter().filter(|(_, left)| *left != Pence::ZERO).map(|(line, left)| (line.id, left)).collect();
    insert(write, &invoice, (new.number.0, CreditCause::Reversal, new.issued_on, new.reason.0), lines)
}

/// What a correction took off falls away with it: refuses where that room is taken since.
fn refuse_given_back(
    connection: &mut AnyConnection,
    profile: &Profile,
    invoice: &HealthInvoice,
    left: &[(HealthInvoiceLine, Pence)],
) -> Result<(), Problem> {
    let taken_off: Vec<&HealthInvoiceLine> = left.iter().filter(|(_, left)| *left < Pence::ZERO).map(|(line, _)| line).collect();
    if taken_off.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<String> = taken_off.iter().map(|line| line.funding_id.clone()).collect();
    let with = Known::of_shares(connection, profile, ids.clone(), None)?;
    let without = Known::of_shares(connection, profile, ids, Some(&invoice.id))?;
    refuse_asked_again(&with, &without, &invoice.number, &taken_off)
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

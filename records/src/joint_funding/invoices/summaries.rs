//! Invoices with their money, and one with everything that belongs to it.

use crate::error::Error;
use crate::joint_funding::invoices::credit_notes::{CreditNoteWithLines, notes_of};
use crate::joint_funding::invoices::disputes::{DisputeWithOutcome, disputes_of};
use crate::joint_funding::invoices::invoice::{HealthInvoice, HealthInvoiceLine, lines_of};
use crate::joint_funding::invoices::money;
use crate::joint_funding::invoices::receipts::{HealthReceipt, receipts_of};
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use db::AnyConnection;
use db::schema::health_invoices;
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::invoices::{InvoiceMoney, InvoiceState};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// A line of an invoice, and what was credited of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditedLine {
    /// The line.
    #[serde(flatten)]
    pub line: HealthInvoiceLine,
    /// What credit notes take off it.
    #[schema(value_type = i64)]
    pub credited_pence: Pence,
}

/// An invoice and where its money stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthInvoiceSummary {
    /// The invoice.
    #[serde(flatten)]
    pub invoice: HealthInvoice,
    /// Where it stands.
    pub standing: InvoiceState,
    /// What was asked for, credited, received and disputed.
    #[serde(flatten)]
    pub money: InvoiceMoney,
}

/// An invoice with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthInvoiceDetail {
    /// The invoice and where its money stands.
    #[serde(flatten)]
    pub summary: HealthInvoiceSummary,
    /// Its lines, in their order.
    pub lines: Vec<CreditedLine>,
    /// Its credit notes, in the order recorded.
    pub credit_notes: Vec<CreditNoteWithLines>,
    /// Its receipts and those that were taken back, in the order recorded.
    pub receipts: Vec<HealthReceipt>,
    /// Its disputes, in the order recorded.
    pub disputes: Vec<DisputeWithOutcome>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListHealthInvoices {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only to this funder.
    provider_id: Option<Id>,
    /// Only the one with this number.
    number: Option<String>,
}

fn summaries(connection: &mut AnyConnection, invoices: Vec<HealthInvoice>) -> Result<Vec<HealthInvoiceSummary>, Error> {
    let ids: Vec<String> = invoices.iter().map(|invoice| invoice.id.clone()).collect();
    let mut money = money::of_invoices(connection, &ids)?;
    Ok(invoices
        .into_iter()
        .map(|invoice| {
            let (money, standing) = money.remove(&invoice.id).unwrap_or_default();
            HealthInvoiceSummary { invoice, standing, money }
        })
        .collect())
}

/// An invoice with everything that belongs to it.
pub(crate) fn detail_of(connection: &mut AnyConnection, invoice: HealthInvoice) -> Result<HealthInvoiceDetail, Error> {
    let credit_notes = notes_of(connection, &invoice.id)?;
    let mut credited: HashMap<&str, i64> = HashMap::new();
    for line in credit_notes.iter().flat_map(|note| &note.lines) {
        *credited.entry(line.line_id.as_str()).or_default() += line.amount_pence.0;
    }
    let lines = lines_of(connection, &invoice.id)?.into_iter().map(|line| {
        let credited_pence = Pence(credited.get(line.id.as_str()).copied().unwrap_or_default());
        CreditedLine { line, credited_pence }
    });
    let lines = lines.collect();
    let receipts = receipts_of(connection, &invoice.id)?;
    let disputes = disputes_of(connection, &invoice.id)?;
    let summary = summaries(connection, vec![invoice])?.pop().ok_or_else(|| Error::not_found("invoice to health"))?;
    Ok(HealthInvoiceDetail { summary, lines, credit_notes, receipts, disputes })
}

/// A page of invoices, in the order recorded.
///
/// # Errors
/// When the cursor is not one of this list.
pub fn list(connection: &mut AnyConnection, wanted: ListHealthInvoices) -> Result<Page<HealthInvoiceSummary>, Error> {
    let ListHealthInvoices { limit, cursor, provider_id, number } = wanted;
    let after = cursor.after_record()?;
    let mut query = health_invoices::table
        .select(HealthInvoice::as_select())
        .filter(health_invoices::recorded_seq.ge(after.seq))
        .filter(health_invoices::recorded_seq.gt(after.seq).or(health_invoices::id.gt(after.id)))
        .into_boxed();
    if let Some(provider) = provider_id {
        query = query.filter(health_invoices::provider_id.eq(provider.0));
    }
    if let Some(number) = number {
        query = query.filter(health_invoices::number.eq(number));
    }
    let rows = query.order((health_invoices::recorded_seq, health_invoices::id)).limit(limit.and_one()).load(connection)?;
    let page = limit.page(rows, |row: &HealthInvoice| After::key(row.recorded_seq, &row.id));
    let items = summaries(connection, page.items)?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

//! Invoices to health and their lines, as they were issued.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{health_invoice_lines, health_invoices};
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use utoipa::ToSchema;

/// An invoice to health.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_invoices)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "number": "CHC-0042", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "budget_line": "chc_income", "issued_on": "2024-05-02", "due_on": "2024-06-01", "period_from": "2024-04-01",
    "period_to": "2024-05-01", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-02T09:00:00Z",
    "recorded_seq": 412
}))]
pub struct HealthInvoice {
    /// The invoice's id.
    pub id: String,
    /// The authority's own number for it.
    pub number: String,
    /// The body that is to pay.
    pub provider_id: String,
    /// The budget line that receives.
    pub budget_line: String,
    /// The day it is dated.
    pub issued_on: NaiveDate,
    /// The day by which it is to be paid.
    pub due_on: NaiveDate,
    /// The first day of its lines.
    pub period_from: NaiveDate,
    /// The first day after the last of them.
    pub period_to: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A line of an invoice to health.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_invoice_lines)]
pub struct HealthInvoiceLine {
    /// The line's id.
    pub id: String,
    /// The invoice it is on.
    pub invoice_id: String,
    /// Its place on it, from 1.
    pub number: i64,
    /// The joint funding that is invoiced.
    pub funding_id: String,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// The earlier line that it corrects; null, its days are invoiced here.
    pub adjusts_line_id: Option<String>,
    /// What was expected when it was issued; of a correction, how much more or less than before.
    pub expected_pence: Pence,
    /// What is asked for.
    pub amount_pence: Pence,
    /// Why another amount than the expected one.
    pub reason: Option<String>,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Where an invoice, and all that belongs to it, can be read.
pub fn location_of(invoice_id: &str) -> String {
    format!("/v1/health-invoices/{invoice_id}")
}

/// The invoice with that id.
pub(crate) fn find(connection: &mut AnyConnection, id: &str) -> Result<HealthInvoice, Error> {
    let row = health_invoices::table.find(id).select(HealthInvoice::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("invoice to health"))
}

/// An invoice's lines, in their order.
pub(crate) fn lines_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<HealthInvoiceLine>, Error> {
    Ok(health_invoice_lines::table
        .filter(health_invoice_lines::invoice_id.eq(invoice_id))
        .order(health_invoice_lines::number)
        .select(HealthInvoiceLine::as_select())
        .load(connection)?)
}

//! Invoices to health: what funders are asked to pay of the packages they share, credited, paid and disputed.
//!
//! Nothing that was invoiced is rewritten. What changes after an invoice is put right by a line of the next one or by a credit note, and
//! an invoice that should never have been is taken back by a credit note for all of it.

mod aged_debt;
mod billed;
mod bounds;
mod credit_notes;
mod disputes;
mod issuing;
mod money;
mod proposal;
mod receipts;
mod reversal;

pub use aged_debt::*;
pub use credit_notes::*;
pub use disputes::*;
pub use money::{InvoiceMoney, InvoiceStanding};
pub use proposal::*;
pub use receipts::*;
pub use reversal::*;

use super::joint_fundings::{Of, last_versions, record_reads};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{JointFundingRead, JointFundingWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{health_invoice_lines, health_invoices};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};

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
    pub standing: InvoiceStanding,
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

impl Located for HealthInvoiceDetail {
    fn location(&self) -> String {
        location_of(&self.summary.invoice.id)
    }
}

/// A line to invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHealthInvoiceLine {
    /// The joint funding.
    pub funding_id: Id,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// The line of an earlier invoice that this one corrects, over the same days; none, the days are invoiced for the first time.
    pub adjusts_line_id: Option<Id>,
    /// What to ask for: never more than the days cost. A correction may be negative, leaves at least nothing asked for, and is not 0.
    #[schema(value_type = i64, minimum = -100000000000i64, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// Why another amount than the expected one.
    pub reason: Option<Text<500>>,
}

/// An invoice to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "CHC-0042", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "issued_on": "2024-05-02", "lines": [{
        "funding_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 123450
    }]
}))]
pub struct NewHealthInvoice {
    /// The authority's own number for it.
    pub number: Text<60>,
    /// The body that is to pay.
    pub provider_id: Id,
    /// The day it is dated, not after today.
    pub issued_on: NaiveDate,
    /// The day by which it is to be paid; none, by the profile's terms.
    pub due_on: Option<NaiveDate>,
    /// What is invoiced, of one budget line.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<NewHealthInvoiceLine>,
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

/// List invoices to health
#[utoipa::path(tag = "joint funding", params(ListHealthInvoices), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "A page of invoices, in the order recorded", body = Page<HealthInvoiceSummary>)))]
#[get("/health-invoices")]
pub async fn list_health_invoices(
    app: Data<App>,
    _: Caller<JointFundingRead>,
    params: Params<ListHealthInvoices>,
) -> Result<Json<Page<HealthInvoiceSummary>>, Problem> {
    let ListHealthInvoices { limit, cursor, provider_id, number } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
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
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    })
    .await
}

/// Read an invoice to health
///
/// With its lines, credit notes, receipts and disputes.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "The invoice", body = HealthInvoiceDetail)))]
#[get("/health-invoices/{id}")]
pub async fn get_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingRead>,
    id: Path<Id>,
) -> Result<Json<HealthInvoiceDetail>, Problem> {
    app.write(caller.actor(), move |write| {
        let invoice = find(write.connection, &id.0)?;
        let detail = detail(write.connection, invoice)?;
        write.record(Event::new("read", "health_invoices", &id.0))?;
        let fundings: BTreeSet<String> = detail.lines.iter().map(|line| line.line.funding_id.clone()).collect();
        let fundings: Vec<String> = fundings.into_iter().collect();
        let fundings = last_versions(write.connection, Of::Ids(&fundings))?;
        record_reads(write, fundings.iter().map(|funding| funding.package_id.as_str()))?;
        Ok(Json(detail))
    })
    .await
}

/// Issue an invoice to health
///
/// Each line is for days of one joint funding that are not invoiced yet, or corrects an earlier line. What is expected is computed; another
/// amount needs a reason. No reason is enough for more than the days cost, with what stands invoiced of them under any other share of the
/// package line; and days that stand invoiced under a share that no longer pays for them are credited or corrected first (409).
#[utoipa::path(tag = "joint funding", request_body = NewHealthInvoice, security(("bearer" = ["joint_funding:write"])),
    responses((status = 201, description = "The invoice", body = HealthInvoiceDetail)))]
#[post("/health-invoices")]
pub async fn create_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    key: IdempotencyKey,
    body: Body<NewHealthInvoice>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let invoice = issuing::issue(write, &profile, body.value)?;
        detail(write.connection, invoice)
    })
    .await
}

/// Where an invoice, and all that belongs to it, can be read.
fn location_of(invoice_id: &str) -> String {
    format!("/v1/health-invoices/{invoice_id}")
}

/// The invoice with that id.
fn find(connection: &mut AnyConnection, id: &str) -> Result<HealthInvoice, Problem> {
    let row = health_invoices::table.find(id).select(HealthInvoice::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Problem::not_found("invoice to health"))
}

/// An invoice's lines, in their order.
fn lines_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<HealthInvoiceLine>, Problem> {
    Ok(health_invoice_lines::table
        .filter(health_invoice_lines::invoice_id.eq(invoice_id))
        .order(health_invoice_lines::number)
        .select(HealthInvoiceLine::as_select())
        .load(connection)?)
}

fn summaries(connection: &mut AnyConnection, invoices: Vec<HealthInvoice>) -> Result<Vec<HealthInvoiceSummary>, Problem> {
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

fn detail(connection: &mut AnyConnection, invoice: HealthInvoice) -> Result<HealthInvoiceDetail, Problem> {
    let credit_notes = credit_notes::notes_of(connection, &invoice.id)?;
    let mut credited: HashMap<&str, i64> = HashMap::new();
    for line in credit_notes.iter().flat_map(|note| &note.lines) {
        *credited.entry(line.line_id.as_str()).or_default() += line.amount_pence.0;
    }
    let lines = lines_of(connection, &invoice.id)?.into_iter().map(|line| {
        let credited_pence = Pence(credited.get(line.id.as_str()).copied().unwrap_or_default());
        CreditedLine { line, credited_pence }
    });
    let lines = lines.collect();
    let receipts = receipts::receipts_of(connection, &invoice.id)?;
    let disputes = disputes::disputes_of(connection, &invoice.id)?;
    let summary = summaries(connection, vec![invoice])?.pop().ok_or_else(|| Problem::not_found("invoice to health"))?;
    Ok(HealthInvoiceDetail { summary, lines, credit_notes, receipts, disputes })
}

/// A day on which something happened to an invoice: not after today, and not before the invoice or what is answered.
fn day_mistake(pointer: &str, day: NaiveDate, earliest: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    if day > today {
        return Some(FieldError::new(pointer, "future", format!("today is {today}")));
    }
    (day < earliest).then(|| FieldError::new(pointer, "too_early", format!("it cannot be before {earliest}")))
}

/// A day outside the supported financial years.
fn year_mistake(pointer: &str, day: NaiveDate) -> Option<FieldError> {
    FinancialYear::of(day).err().map(|error| FieldError::new(pointer, "out_of_range", error.to_string()))
}

/// Puts an action on an invoice on the trail.
fn record_event(write: &mut Write<'_>, action: &'static str, entity: &'static str, id: &str) -> Result<(), Problem> {
    Ok(write.record(Event::new(action, entity, id))?)
}

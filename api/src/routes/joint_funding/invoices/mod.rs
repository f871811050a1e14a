//! Invoices to health: what funders are asked to pay of the packages they share, credited, paid and disputed.
//!
//! Nothing that was invoiced is rewritten. What changes after an invoice is put right by a line of the next one or by a credit note, and
//! an invoice that should never have been is taken back by a credit note for all of it.

pub mod aged_debt;
pub mod credit_notes;
pub mod disputes;
pub mod proposal;
pub mod receipts;
pub mod reversal;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{JointFundingRead, JointFundingWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::joint_funding::invoices::issuing::NewHealthInvoice;
use records::joint_funding::invoices::summaries::{HealthInvoiceDetail, HealthInvoiceSummary, ListHealthInvoices};
use records::joint_funding::invoices::{issuing, location_of, reading, summaries};
use records::page::Page;
use records::text::Id;

impl Located for HealthInvoiceDetail {
    fn location(&self) -> String {
        location_of(&self.summary.invoice.id)
    }
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
    app.read(move |connection| summaries::list(connection, params.0).map(Json)).await
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
    app.write(caller.actor(), move |write| reading::read(write, &id.0).map(Json)).await
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
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| issuing::issue(write, &profile, body)).await
}

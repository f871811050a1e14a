//! What could be invoiced: days that no invoice asks for yet, and what changed for days that one does.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::JointFundingRead;
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::post;
use actix_web::web::{Data, Json};
use records::joint_funding::invoices::proposal;
use records::joint_funding::invoices::proposal::{InvoiceProposal, InvoiceProposalParams};

/// Propose an invoice to health
///
/// Every joint funding's expected amounts of the period that no invoice asks for yet; and, of days that one asked for before the period's
/// end, what is expected differently now: a line that was changed back in time, a share that ended. Records nothing but that it was read.
#[utoipa::path(tag = "joint funding", request_body = InvoiceProposalParams, security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "What could be invoiced", body = InvoiceProposal)))]
#[post("/health-invoice-proposals")]
pub async fn propose_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingRead>,
    body: Body<InvoiceProposalParams>,
) -> Result<Json<InvoiceProposal>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| proposal::propose(write, &profile, &body.value).map(Json)).await
}

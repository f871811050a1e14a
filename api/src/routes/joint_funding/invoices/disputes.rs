//! Disputes: what a funder does not accept of an invoice, and how that ended.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::joint_funding::invoices::disputes::DisputeWithOutcome;
use records::joint_funding::invoices::disputing::{NewDisputeResolution, NewHealthDispute, open, resolve};
use records::joint_funding::invoices::location_of;
use records::text::Id;

impl Located for DisputeWithOutcome {
    fn location(&self) -> String {
        location_of(&self.dispute.invoice_id)
    }
}

/// Record a dispute
///
/// What is disputed stays owed, and is shown apart, until the dispute ends.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthDispute,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The dispute", body = DisputeWithOutcome)))]
#[post("/health-invoices/{id}/disputes")]
pub async fn create_health_dispute(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthDispute>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| open(write, &id.0, body)).await
}

/// Resolve a dispute
///
/// One that is upheld needs its credit note first.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The dispute's id")), request_body = NewDisputeResolution,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The dispute", body = DisputeWithOutcome)))]
#[post("/health-disputes/{id}/resolution")]
pub async fn resolve_health_dispute(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDisputeResolution>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| resolve(write, &id.0, body)).await
}

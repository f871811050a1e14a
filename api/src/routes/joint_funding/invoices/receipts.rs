//! Receipts: what a funder paid of an invoice, in whole or in part.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::joint_funding::invoices::location_of;
use records::joint_funding::invoices::receipts::HealthReceipt;
use records::joint_funding::invoices::receiving::{NewHealthReceipt, receive, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for HealthReceipt {
    fn location(&self) -> String {
        location_of(&self.invoice_id)
    }
}

/// Record a receipt
///
/// In whole or in part. More than is owed is refused.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthReceipt,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The receipt", body = HealthReceipt)))]
#[post("/health-invoices/{id}/receipts")]
pub async fn create_health_receipt(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthReceipt>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| receive(write, &id.0, body)).await
}

/// Reverse a receipt
///
/// For one recorded by mistake, or a payment that bounced.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The receipt's id")), request_body = NewReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The row that takes it back", body = HealthReceipt)))]
#[post("/health-receipts/{id}/reversal")]
pub async fn reverse_health_receipt(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, body.reason.0)).await
}

//! Breaches of the agreement, and what is asked back for them: any part of what was paid.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::breach::DirectPaymentBreach;
use records::direct_payments::breaches::{NewDirectPaymentBreach, record_breach, reverse_breach};
use records::direct_payments::location_of;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DirectPaymentBreach {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

/// Record a breach of a direct payment agreement
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentBreach,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The breach", body = DirectPaymentBreach)))]
#[post("/direct-payment-accounts/{id}/breaches")]
pub async fn create_direct_payment_breach(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentBreach>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record_breach(write, &profile, &id.0, body)).await
}

/// Reverse a breach of a direct payment agreement
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The breach's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentBreach)))]
#[post("/direct-payment-breaches/{id}/reversal")]
pub async fn reverse_direct_payment_breach(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse_breach(write, &id.0, body.reason.0)).await
}

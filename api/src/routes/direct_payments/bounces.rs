//! Payments that the bank returned.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::bounce::DirectPaymentBounce;
use records::direct_payments::bounces::{NewDirectPaymentBounce, record_bounce, reverse_bounce};
use records::direct_payments::location_of;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DirectPaymentBounce {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

/// Record a payment that the bank returned
///
/// All that the pay file sent to the account came back. Its days are due again, and the next pay file pays them once more. Whoever records
/// it makes no pay file for the child's accounts until another has paid them.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentBounce,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The record", body = DirectPaymentBounce)))]
#[post("/direct-payment-accounts/{id}/bounces")]
pub async fn create_direct_payment_bounce(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentBounce>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| record_bounce(write, &id.0, body)).await
}

/// Reverse a payment that the bank returned
///
/// It arrived after all. Refused once its days were paid again.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The record's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentBounce)))]
#[post("/direct-payment-bounces/{id}/reversal")]
pub async fn reverse_direct_payment_bounce(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse_bounce(write, &id.0, body.reason.0)).await
}

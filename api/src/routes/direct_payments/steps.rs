//! Steps of an account: what was signed, verified and seen, pauses, set-up payments and the closure; and steps taken back.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::location_of;
use records::direct_payments::step::DirectPaymentStep;
use records::direct_payments::steps::{NewDirectPaymentStep, reverse_step, take_step};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DirectPaymentStep {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

/// Record a step of a direct payment account
///
/// Payments leave out the days of a pause, and all days from a closure on, whether they are past or to come. What was paid for such
/// days already is set off against the next payment, or asked back.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentStep,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The step", body = DirectPaymentStep)))]
#[post("/direct-payment-accounts/{id}/steps")]
pub async fn create_direct_payment_step(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentStep>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| take_step(write, &profile, &id.0, body)).await
}

/// Reverse a step of a direct payment account
///
/// For one recorded by mistake. A closure that is reversed opens the account again, from the day it was closed.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The step's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentStep)))]
#[post("/direct-payment-steps/{id}/reversal")]
pub async fn reverse_direct_payment_step(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse_step(write, &profile, &id.0, body.reason.0)).await
}

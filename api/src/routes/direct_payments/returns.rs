//! Returns: what a family says it spent, with evidence, and has left.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::family_return::DirectPaymentReturn;
use records::direct_payments::location_of;
use records::direct_payments::returns::{NewDirectPaymentReturn, record_return, reverse_return};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DirectPaymentReturn {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

/// Record a return of a direct payment account
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentReturn,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The return", body = DirectPaymentReturn)))]
#[post("/direct-payment-accounts/{id}/returns")]
pub async fn create_direct_payment_return(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentReturn>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record_return(write, &profile, &id.0, body)).await
}

/// Reverse a return of a direct payment account
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The return's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentReturn)))]
#[post("/direct-payment-returns/{id}/reversal")]
pub async fn reverse_direct_payment_return(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse_return(write, &profile.direct_payments, &id.0, body.reason.0)).await
}

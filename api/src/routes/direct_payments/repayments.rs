//! What families paid back. What has to be recovered of payments that were too high is settled first.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::location_of;
use records::direct_payments::repayment::DirectPaymentRepayment;
use records::direct_payments::repayment_confirmation::RepaymentConfirmed;
use records::direct_payments::repayments::{
    NewDirectPaymentRepayment, NewRepaymentConfirmation, confirm_repayment, record_repayment, reverse_repayment,
};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DirectPaymentRepayment {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

impl Located for RepaymentConfirmed {
    fn location(&self) -> String {
        location_of(&self.repayment.account_id)
    }
}

/// Record a repayment to the council
///
/// It settles first what has to be recovered of payments that were too high, the earliest first, and then what audits and breaches
/// ask back. Whoever records one that settles payments makes no pay file for the child's accounts: another does, while it stands and nobody
/// else has confirmed it.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentRepayment,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The repayment", body = DirectPaymentRepayment)))]
#[post("/direct-payment-accounts/{id}/repayments")]
pub async fn create_direct_payment_repayment(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentRepayment>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record_repayment(write, &profile, &id.0, body)).await
}

/// Reverse a repayment to the council
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The repayment's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentRepayment)))]
#[post("/direct-payment-repayments/{id}/reversal")]
pub async fn reverse_direct_payment_repayment(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse_repayment(write, &id.0, body.reason.0)).await
}

/// Confirm a repayment that another recorded
///
/// Two people then stand behind it, and it keeps nobody from making a pay file for the child's accounts. Whoever recorded it does not
/// confirm it too.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The repayment's id")),
    request_body = NewRepaymentConfirmation, security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The repayment with its confirmation", body = RepaymentConfirmed)))]
#[post("/direct-payment-repayments/{id}/confirmation")]
pub async fn confirm_direct_payment_repayment(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewRepaymentConfirmation>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, _| confirm_repayment(write, &id.0)).await
}

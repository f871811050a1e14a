//! Audits: what was paid against what was spent, what may be kept in hand, and what is asked back.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::direct_payments::audit::AuditTold;
use records::direct_payments::audits::{NewDirectPaymentAudit, audit, reverse_audit};
use records::direct_payments::location_of;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for AuditTold {
    fn location(&self) -> String {
        location_of(&self.audit.account_id)
    }
}

/// Record an audit of a direct payment account
///
/// What was paid in the period and brought forward, less what is asked back otherwise, less what was spent, is unspent. What is left of
/// that is the surplus, and is asked back unless the audit says otherwise: less the policy's weeks in hand, less what was paid for days
/// after the period, less the family's own money. The answer says in words how the sum comes about.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentAudit,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The audit", body = AuditTold)))]
#[post("/direct-payment-accounts/{id}/audits")]
pub async fn create_direct_payment_audit(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentAudit>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| audit(write, &profile, &id.0, body)).await
}

/// Reverse an audit of a direct payment account
///
/// Only the last one: later ones carry on what it left.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The audit's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = AuditTold)))]
#[post("/direct-payment-audits/{id}/reversal")]
pub async fn reverse_direct_payment_audit(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse_audit(write, &profile.direct_payments, &id.0, body.reason.0)).await
}

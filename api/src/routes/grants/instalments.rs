//! Instalments of a grant: paid once, and a payment taken back.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::GrantsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::grants::instalments::GrantInstalment;
use records::grants::paying::{GrantInstalmentPaid, pay, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for GrantInstalment {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.grant_id)
    }
}

/// Record that a grant's instalment is paid
///
/// All of it, and once. Where the authority's rules hold instalments back for conditions or returns, the refusal names each that is missing.
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The instalment's place, from 1")),
    request_body = GrantInstalmentPaid, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The instalment", body = GrantInstalment)))]
#[post("/grants/{id}/instalments/{number}/payment")]
pub async fn pay_grant_instalment(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<GrantInstalmentPaid>,
) -> Answer {
    let ((grant, number), profile) = (path.into_inner(), app.profile.clone());
    app.create(caller.actor(), key, body, move |write, body| pay(write, &profile, &grant.0, number, body)).await
}

/// Take the payment of a grant's instalment back
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The instalment's place, from 1")),
    request_body = NewReversal, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The instalment", body = GrantInstalment)))]
#[post("/grants/{id}/instalments/{number}/payment/reversal")]
pub async fn reverse_grant_instalment_payment(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let ((grant, number), profile) = (path.into_inner(), app.profile.clone());
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &grant.0, number, &body.reason.0)).await
}

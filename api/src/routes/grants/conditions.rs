//! Conditions of a grant: met, and taken back where that was a mistake.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::GrantsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::grants::conditions::GrantCondition;
use records::grants::meeting::{ConditionMet, complete, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for GrantCondition {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.grant_id)
    }
}

/// Record that a grant's condition is met
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The condition's place, from 1")),
    request_body = ConditionMet, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The condition", body = GrantCondition)))]
#[post("/grants/{id}/conditions/{number}/completion")]
pub async fn complete_grant_condition(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<ConditionMet>,
) -> Answer {
    let (grant, number) = path.into_inner();
    app.create(caller.actor(), key, body, move |write, body| complete(write, &grant.0, number, body)).await
}

/// Take back that a grant's condition is met
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The condition's place, from 1")),
    request_body = NewReversal, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The condition", body = GrantCondition)))]
#[post("/grants/{id}/conditions/{number}/completion/reversal")]
pub async fn reverse_grant_condition_completion(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (grant, number) = path.into_inner();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &grant.0, number, &body.reason.0)).await
}

//! The case management decision: the manager's note in the child's own record, made after the panel. Until then the item is outstanding.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::decisions::case_management;
use records::decisions::case_management::{CaseManagementDecision, NewCaseManagementDecision};
use records::text::Id;

impl Located for CaseManagementDecision {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
}

/// Record that the case management decision was made
///
/// By a person in a post that the profile names for it, once, for any kind of decision, when it no longer waits for another post.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewCaseManagementDecision,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The record of it", body = CaseManagementDecision)))]
#[post("/decisions/{id}/case-management-decision")]
pub async fn record_case_management_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewCaseManagementDecision>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| case_management::record(write, &profile, &id.0, body)).await
}

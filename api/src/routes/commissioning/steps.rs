//! Recording the steps of commissioning, and taking back what was recorded by mistake.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::RequestsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::commissioning::steps::{NewStep, ReversedStep, StepTaken, record, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for StepTaken {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.record.request_id)
    }
}

impl Located for ReversedStep {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.record.request_id)
    }
}

/// Record a step of commissioning
///
/// For a request that is approved. A placement agreement signed after the start is recorded, and shown as late. A provider that is red
/// takes no placement.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), request_body = NewStep,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = StepTaken)))]
#[post("/requests/{id}/commissioning-steps")]
pub async fn create_commissioning_step(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, &id.0, body)).await
}

/// Take back a step recorded by mistake
///
/// Not while a later step that rests on it stands.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The step's id")), request_body = NewReversal,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step and its reversal", body = ReversedStep)))]
#[post("/commissioning-steps/{id}/reversal")]
pub async fn reverse_commissioning_step(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, body.reason.0)).await
}

//! What is done to a request, by the one table of states.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::requests::steps::{Submission, Withdrawal};
use records::requests::{RequestTransition, RequestTransitions, list_transitions, steps};
use records::text::Id;

impl Located for RequestTransition {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.request_id)
    }
}

/// Read how a request came to where it stands
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "Every step, the oldest first", body = RequestTransitions)))]
#[get("/requests/{id}/transitions")]
pub async fn list_request_transitions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
) -> Result<Json<RequestTransitions>, Problem> {
    app.write(caller.actor(), move |write| list_transitions(write, &id.0).map(Json)).await
}

/// Submit a request
///
/// Declares the paperwork complete. What is still missing is told all at once.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = Submission,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = RequestTransition)))]
#[post("/requests/{id}/submission")]
pub async fn submit_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Submission>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, _| steps::submit(write, &profile, &id.0)).await
}

/// Withdraw a request
///
/// Also one that was approved and is not taken up; not once a package line carries it out.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = Withdrawal,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = RequestTransition)))]
#[post("/requests/{id}/withdrawal")]
pub async fn withdraw_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Withdrawal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| steps::withdraw(write, &id.0, body)).await
}

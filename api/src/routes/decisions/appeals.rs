//! Appeals: the family asks that others than the panel look at a decision.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::decisions::appeals;
use records::decisions::appeals::{Appeal, AppealWithOutcome, ListAppeals, NewAppeal, NewOutcome, Outcome, receive};
use records::page::Page;
use records::text::Id;

impl Located for Appeal {
    fn location(&self) -> String {
        format!("/v1/appeals/{}", self.id)
    }
}

impl Located for Outcome {
    fn location(&self) -> String {
        format!("/v1/appeals/{}", self.appeal_id)
    }
}

/// List appeals
#[utoipa::path(tag = "decisions", params(ListAppeals), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of appeals, in the order recorded", body = Page<AppealWithOutcome>)))]
#[get("/appeals")]
pub async fn list_appeals(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListAppeals>,
) -> Result<Json<Page<AppealWithOutcome>>, Problem> {
    app.write(caller.actor(), move |write| appeals::list(write, params.0).map(Json)).await
}

/// Read an appeal
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The appeal's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The appeal and its outcome", body = AppealWithOutcome)))]
#[get("/appeals/{id}")]
pub async fn get_appeal(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<AppealWithOutcome>, Problem> {
    app.write(caller.actor(), move |write| appeals::read(write, &id.0).map(Json)).await
}

/// Record that an appeal was received
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The request's id")), request_body = NewAppeal,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The appeal", body = Appeal)))]
#[post("/requests/{id}/appeals")]
pub async fn create_appeal(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAppeal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| receive(write, &profile, &id.0, body.received_on)).await
}

/// Record what became of an appeal
///
/// By a person who was at no panel that had the request on its agenda, and neither decided, authorised, costed nor presented it.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The appeal's id")), request_body = NewOutcome,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The outcome", body = Outcome)))]
#[post("/appeals/{id}/outcome")]
pub async fn decide_appeal(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOutcome>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| appeals::conclude(write, &profile, &id.0, body)).await
}

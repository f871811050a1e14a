//! Requests: what a worker asks the panel for, its paperwork, its lines (form PA1), and how it came to where it stands.

pub mod own_parts;
pub mod paperwork;
pub mod steps;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::requests;
use records::requests::{ListRequests, NewRequest, Request, RequestWithPaperwork, record};
use records::text::Id;

impl Located for Request {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.id)
    }
}

/// List requests
///
/// Without their paperwork.
#[utoipa::path(tag = "requests", params(ListRequests), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of requests, in the order recorded", body = Page<Request>)))]
#[get("/requests")]
pub async fn list_requests(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListRequests>,
) -> Result<Json<Page<Request>>, Problem> {
    app.write(caller.actor(), move |write| requests::list(write, params.0).map(Json)).await
}

/// Read a request with its paperwork
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The request, its paperwork and what can be done next", body = RequestWithPaperwork)))]
#[get("/requests/{id}")]
pub async fn get_request(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<RequestWithPaperwork>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| requests::read(write, &profile, &id.0).map(Json)).await
}

/// Record a request
///
/// A draft: its paperwork can be written anew until it is submitted, and each writing stays on record.
#[utoipa::path(tag = "requests", request_body = NewRequest, security(("bearer" = ["requests:write"])),
    responses((status = 201, description = "The request", body = Request)))]
#[post("/requests")]
pub async fn create_request(app: Data<App>, caller: Caller<RequestsWrite>, key: IdempotencyKey, body: Body<NewRequest>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

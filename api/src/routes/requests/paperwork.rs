//! The paperwork of a request, kept whole each time it is written.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::requests::{ListRevisions, NewPaperwork, RequestRevision, RevisionWithLines, list_revisions, writing};
use records::text::Id;

impl Located for RequestRevision {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.request_id)
    }
}

/// List the revisions of a request's paperwork
///
/// Every writing with its lines, the oldest first; the request says which of them counts.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id"), ListRevisions),
    security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of revisions, by number", body = Page<RevisionWithLines>)))]
#[get("/requests/{id}/revisions")]
pub async fn list_request_revisions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<ListRevisions>,
) -> Result<Json<Page<RevisionWithLines>>, Problem> {
    app.write(caller.actor(), move |write| list_revisions(write, &id.0, params.0).map(Json)).await
}

/// Write a request's paperwork anew
///
/// The whole of it, lines too. A request that was submitted becomes a draft again.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = NewPaperwork,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The new revision", body = RequestRevision)))]
#[post("/requests/{id}/revisions")]
pub async fn revise_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPaperwork>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| writing::revise(write, &profile, &id.0, &body)).await
}

//! Confirming one's own parts of a request.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::requests::OwnParts;
use records::requests::own_parts::{NewOwnParts, confirm};
use records::text::Id;

impl Located for OwnParts {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.request_id)
    }
}

/// Confirm one's own parts of a request
///
/// For people only. Whom the paperwork names as assessor, coster or presenter, and who did not record that part, confirms by their own log-in
/// that it is theirs. Until then the request goes on no agenda and is not decided.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = NewOwnParts,
    security(("bearer" = ["requests:read"])), responses((status = 201, description = "The caller's word", body = OwnParts)))]
#[post("/requests/{id}/own-parts")]
pub async fn confirm_own_parts(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOwnParts>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| confirm(write, &id.0, &body)).await
}

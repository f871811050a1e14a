//! A second administrator's agreement to a log-in with rights over money.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{AccessRead, AccessWrite};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::people::agreements::{AccessAgreement, NewAgreement, Subject, agree};
use records::people::waiting::{self, WaitingList};
use records::text::Id;

impl Located for AccessAgreement {
    fn location(&self) -> String {
        match self.subject.as_str() {
            "client" => format!("/v1/api-clients/{}", self.subject_id),
            _ => format!("/v1/users/{}", self.subject_id),
        }
    }
}

/// List log-ins that wait
///
/// Those that one administrator opened, or gave a new password, and to which another has still to agree.
#[utoipa::path(tag = "access", security(("bearer" = ["access:read"])),
    responses((status = 200, description = "Every log-in that waits, in the order opened", body = WaitingList)))]
#[get("/waiting-log-ins")]
pub async fn list_waiting_log_ins(app: Data<App>, _: Caller<AccessRead>) -> Result<Json<WaitingList>, Problem> {
    app.read(move |connection| waiting::list(connection).map(Json)).await
}

/// Agree to a user's log-in
///
/// By another administrator than the one who added the user or gave them a new password. From then on the log-in is good.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), request_body = NewAgreement,
    security(("bearer" = ["access:write"])), responses((status = 201, description = "The agreement", body = AccessAgreement)))]
#[post("/users/{id}/agreement")]
pub async fn agree_user(
    app: Data<App>,
    caller: Caller<AccessWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, _| agree(write, Subject::User, &id.0)).await
}

/// Agree to an API client's log-in
///
/// By another administrator than the one who added the client. From then on the log-in is good.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The client's id")), request_body = NewAgreement,
    security(("bearer" = ["access:write"])), responses((status = 201, description = "The agreement", body = AccessAgreement)))]
#[post("/api-clients/{id}/agreement")]
pub async fn agree_api_client(
    app: Data<App>,
    caller: Caller<AccessWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, _| agree(write, Subject::Client, &id.0)).await
}

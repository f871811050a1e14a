//! Who sees to the commissioning of an approved request.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::RequestsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::commissioning::workers::{CommissioningWorker, NewCommissioningWorker, name};
use records::text::Id;

impl Located for CommissioningWorker {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.request_id)
    }
}

/// Say who sees to the commissioning of a request
///
/// Until somebody is named it is whoever presented the request.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), request_body = NewCommissioningWorker,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The record of it", body = CommissioningWorker)))]
#[post("/requests/{id}/commissioning-worker")]
pub async fn name_commissioning_worker(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewCommissioningWorker>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| name(write, &profile, &id.0, body)).await
}

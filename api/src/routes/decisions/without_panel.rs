//! Agreeing a small package without a panel, where the profile allows it.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::decisions::without_panel::NewAgreement;
use records::decisions::{DecisionMade, without_panel};
use records::text::Id;

/// Agree a small package without a panel
///
/// By a manager whose post the profile names, up to the hours a week it gives. All support of that kind that the child has counts, in
/// whatever package or request.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The request's id")), request_body = NewAgreement,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The decision", body = DecisionMade)))]
#[post("/requests/{id}/agreement-without-panel")]
pub async fn agree_request_without_panel(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| without_panel::agree(write, &profile, &id.0, body)).await
}

//! Deciding an item at a panel.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::decisions::recording::NewDecision;
use records::decisions::{DecisionMade, deciding};
use records::text::Id;

/// Record a panel's decision on a request
///
/// By whoever chairs the item. The child's total care package is tested; the decision keeps the whole reasoning. A decision of a deputy
/// chair waits for ratification, an approval above the chair's authority for the post that has it. An approval that costs more this year
/// than its budget has available is told or, where the profile says so, refused.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The request's id")), request_body = NewDecision,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The decision", body = DecisionMade)))]
#[post("/requests/{id}/decisions")]
pub async fn decide_request(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDecision>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| deciding::decide(write, &profile, &id.0, body)).await
}

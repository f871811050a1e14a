//! Putting the authority of a post behind a decision that waits for it: ratifying what a deputy chair decided, authorising what is
//! above the chair's authority. Either may be refused; the request is then declined.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::decisions::authorising::{AuthorisationMade, NewAuthorisation};
use records::decisions::{Authorisation, authorising};
use records::text::Id;

impl Located for Authorisation {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
}

impl Located for AuthorisationMade {
    fn location(&self) -> String {
        self.authorisation.location()
    }
}

/// Ratify what a deputy chair decided
///
/// By the post that the profile names, never by whoever decided. If its own limit covers the total it is the authority too; above it,
/// the decision goes on to the post that has it.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewAuthorisation,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The ratification", body = AuthorisationMade)))]
#[post("/decisions/{id}/ratification")]
pub async fn ratify_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAuthorisation>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| authorising::ratify(write, &profile, &id.0, body)).await
}

/// Authorise what is above the chair's authority
///
/// By a post whose limit covers the child's total care package today; never by whoever costed or presents the request.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewAuthorisation,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The authorisation", body = AuthorisationMade)))]
#[post("/decisions/{id}/authorisation")]
pub async fn authorise_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAuthorisation>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| authorising::authorise(write, &profile, &id.0, body)).await
}

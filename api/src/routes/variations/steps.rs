//! What becomes of a proposed variation: a post agrees or refuses it, or it is withdrawn.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesWrite};
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::text::Id;
use records::variations::agreeing::{NewAgreement, NewStep};
use records::variations::{PackageVariation, agreeing};

/// Agree a variation
///
/// By a person in a post whose limit covers the child's total care package with it; what raises nothing, in any post with a limit. Never
/// by whoever proposed it or costed the request behind its line. It takes effect at once.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewAgreement,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The variation, agreed", body = PackageVariation)))]
#[post("/package-variations/{id}/agreement")]
pub async fn agree_package_variation(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| agreeing::agree(write, &profile, &id.0, body)).await
}

/// Refuse a variation
///
/// By a person in a post.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewStep,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The variation, refused", body = PackageVariation)))]
#[post("/package-variations/{id}/refusal")]
pub async fn refuse_package_variation(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| agreeing::refuse(write, &profile, &id.0, body)).await
}

/// Withdraw a variation
///
/// While it is proposed; also one whose line has changed since, so that it can be proposed anew.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewStep,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The variation, withdrawn", body = PackageVariation)))]
#[post("/package-variations/{id}/withdrawal")]
pub async fn withdraw_package_variation(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| agreeing::withdraw(write, &profile, &id.0, body)).await
}

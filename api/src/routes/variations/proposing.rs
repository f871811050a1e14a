//! Recording a variation: what an approved request allows takes effect at once, everything else is proposed.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::PackagesWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::Data;
use records::variations::proposing::NewVariation;
use records::variations::{PackageVariation, proposing};

/// Vary a package line
///
/// With a line of an approved request, within what was agreed, it takes effect at once; else it is proposed, and a post agrees it. Service,
/// budget line and unit never vary: another service is another request. What lines already planned and paid for past days stays on
/// record; the answer tells the difference.
#[utoipa::path(tag = "packages", request_body = NewVariation, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The variation", body = PackageVariation)))]
#[post("/package-variations")]
pub async fn create_package_variation(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    key: IdempotencyKey,
    body: Body<NewVariation>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| proposing::propose(write, &profile, body)).await
}

//! What an uprating would do, for whoever is to propose it and for whoever is to agree it.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::text::Id;
use records::upratings::matching::UpratingPreview;
use records::upratings::previews;
use records::upratings::previews::UpratingProposalPreview;
use records::upratings::terms::NewUpratingProposal;

/// Preview what a proposal of an uprating would do
///
/// As it would be today, for whoever is to agree it. Records nothing but that it was read.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The proposal's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "What it would do", body = UpratingProposalPreview),
        (status = 409, description = "It is not proposed any more, or can no longer be recorded", body = Problem,
            content_type = "application/problem+json")))]
#[get("/uprating-proposals/{id}/preview")]
pub async fn preview_uprating_proposal(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    id: Path<Id>,
) -> Result<Json<UpratingProposalPreview>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| previews::of_proposal(write, &profile, &id.0).map(Json)).await
}

/// Preview an uprating
///
/// Every line of the provider or service that is in force on the day or after, with its old and new rate and cost and the tier of its
/// child's total before and after. Records nothing but that it was read.
#[utoipa::path(tag = "packages", request_body = NewUpratingProposal, security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "What it would do", body = UpratingPreview)))]
#[post("/uprating-previews")]
pub async fn preview_uprating(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    body: Body<NewUpratingProposal>,
) -> Result<Json<UpratingPreview>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| previews::of_rise(write, &profile, body.value).map(Json)).await
}

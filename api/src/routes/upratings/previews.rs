//! What an uprating would do, for whoever is to propose it and for whoever is to agree it.

use super::matching::{self, Matching, UpratingPreview};
use super::proposals;
use super::terms::{self, NewUpratingProposal};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Body;
use crate::problem::Problem;
use crate::routes::packages as packages_of;
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::{Event, Write};
use serde::Serialize;
use utoipa::ToSchema;

/// What a proposal would do today.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpratingProposalPreview {
    /// What it would do.
    #[serde(flatten)]
    pub preview: UpratingPreview,
    /// Whether the same lines, rates and costs are raised as when it was proposed: otherwise it cannot be agreed.
    pub is_as_proposed: bool,
}

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
    app.write(caller.actor(), move |write| {
        let found = proposals::find(write.connection, &id.0)?.ok_or_else(|| Problem::not_found("uprating proposal"))?;
        proposals::require_open(&found)?;
        let terms = terms::still_possible(write.connection, &found.proposal)?;
        let (matching, preview) = matching::preview_proposed(write.connection, &profile, &terms, write.at.date())?;
        record_previewed(write, &matching)?;
        let is_as_proposed = preview.preview_sha256 == found.proposal.preview_sha256;
        Ok(Json(UpratingProposalPreview { preview, is_as_proposed }))
    })
    .await
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
    app.write(caller.actor(), move |write| {
        let terms = terms::sound(write.connection, &body.value)?;
        let (matching, preview) = matching::preview(write.connection, &profile, &terms, write.at.date())?;
        record_previewed(write, &matching)?;
        Ok(Json(preview))
    })
    .await
}

/// Every package that is told of was read; where there is none, that somebody looked.
fn record_previewed(write: &mut Write<'_>, matching: &Matching) -> Result<(), Problem> {
    for package in matching.packages() {
        packages_of::record_read(write, package)?;
    }
    if matching.packages().next().is_none() {
        write.record(Event::new("preview", "upratings", ""))?;
    }
    Ok(())
}

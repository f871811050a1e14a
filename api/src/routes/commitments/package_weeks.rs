//! A package's commitments in a year, week by week.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::commitments::package_weeks;
use records::commitments::package_weeks::{CommitmentParams, PackageCommitments};
use records::text::Id;

/// Read a package's commitments
///
/// The weeks of a financial year: planned, paid, released and open. A payment that names no order and was not matched settles all
/// that its provider is planned to be paid, the earliest week first, whoever's package it is.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The package's id"), CommitmentParams),
    security(("bearer" = ["packages:read"])), responses((status = 200, description = "The weeks", body = PackageCommitments)))]
#[get("/packages/{id}/commitments")]
pub async fn get_package_commitments(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    id: Path<Id>,
    params: Params<CommitmentParams>,
) -> Result<Json<PackageCommitments>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| package_weeks::read(write, &profile, &id.0, params.0).map(Json)).await
}

//! What a variation would do, before it is recorded: lines, costs, the child's total and tier, and the difference for past days.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::post;
use actix_web::web::{Data, Json};
use records::variations::preview;
use records::variations::preview::VariationPreview;
use records::variations::proposing::NewVariation;

/// Preview a variation
///
/// Records nothing but that it was read. Everything that recording it would refuse is refused here.
#[utoipa::path(tag = "packages", request_body = NewVariation, security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "What it would do", body = VariationPreview)))]
#[post("/package-variation-previews")]
pub async fn preview_package_variation(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    body: Body<NewVariation>,
) -> Result<Json<VariationPreview>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| preview::read(write, &profile, body.value).map(Json)).await
}

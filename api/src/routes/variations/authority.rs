//! Who may agree a variation, and the whole reasoning.
//!
//! What brings more is tested on the child's total with it, as a request is; so is whatever raises the total. What brings no more may
//! be agreed by anybody whose post has a limit. Where the profile lets only a panel agree a kind of support, or lets managers agree
//! small packages alone, more of it is agreed without a panel by that rule or not at all.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::text::Id;
use records::variations::authority;
use records::variations::authority::VariationAuthority;

/// Explain who may agree a variation
///
/// Adds up the child's total care package before the variation and with it, with what else is proposed or asked for and not decided,
/// and says which post is responsible, by which clause, who may agree it today, and who may not and why.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The reasoning", body = VariationAuthority),
        (status = 409, description = "It is not proposed any more, or its line has changed since", body = Problem,
            content_type = "application/problem+json")))]
#[get("/package-variations/{id}/authority")]
pub async fn explain_variation_authority(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    id: Path<Id>,
) -> Result<Json<VariationAuthority>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| authority::read(write, &profile, &id.0).map(Json)).await
}

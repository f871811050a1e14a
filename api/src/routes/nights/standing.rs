//! A child's page of nights: how many, against which limits, and when what is booked will pass them.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::NightsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::nights::counts;
use records::nights::counts::{ChildNights, NightsOn};
use records::text::Id;

/// Read a child's nights
///
/// What counts on a day, against the limits of that day; warnings; the day on which a limit is passed with what is booked.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The child's id"), NightsOn), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "The child's nights", body = ChildNights)))]
#[get("/children/{id}/nights")]
pub async fn get_child_nights(
    app: Data<App>,
    caller: Caller<NightsRead>,
    id: Path<Id>,
    params: Params<NightsOn>,
) -> Result<Json<ChildNights>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| counts::read(write, &profile, &id.0, params.0).map(Json)).await
}

//! Children to be warned of: at a threshold, above a limit, on the way to one with what is booked, or with something that waits for an acknowledgement.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::NightsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::nights::warnings;
use records::nights::warnings::{ListNightWarnings, NightWarnings};

/// List children to be warned of
///
/// Those whose rolling count has reached a threshold of the profile or will pass the limit with what is booked, and those with a passing
/// that nobody has acknowledged. The worst first; `total` says how many there are.
#[utoipa::path(tag = "nights", params(ListNightWarnings), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "The children, the worst first", body = NightWarnings)))]
#[get("/night-warnings")]
pub async fn list_night_warnings(
    app: Data<App>,
    caller: Caller<NightsRead>,
    params: Params<ListNightWarnings>,
) -> Result<Json<NightWarnings>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| warnings::list(write, &profile, params.0).map(Json)).await
}

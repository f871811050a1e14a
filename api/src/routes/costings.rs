//! Costings: what a line would cost, before anyone asks for it.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::ReferenceRead;
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::post;
use actix_web::web::{Data, Json};
use records::costings;
use records::costings::{FundedCosting, LineToCost};

/// Cost a line
///
/// The full-year cost, the cost in the year and the cost in later years, by the authority's weeks and school calendar. Records nothing.
#[utoipa::path(tag = "packages", request_body = LineToCost, security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The costs", body = FundedCosting)))]
#[post("/costings")]
pub async fn cost_line(app: Data<App>, _: Caller<ReferenceRead>, body: Body<LineToCost>) -> Result<Json<FundedCosting>, Problem> {
    Ok(costings::cost(&app.profile, body.value).map(Json)?)
}

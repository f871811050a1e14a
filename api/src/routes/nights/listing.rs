//! Stays in a list, and the history of one.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::NightsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::nights::listing::ListStays;
use records::nights::{ListedStay, StayHistory, listing};
use records::page::Page;
use records::text::Id;

/// List stays
///
/// Each in its last version, in the order last recorded.
#[utoipa::path(tag = "nights", params(ListStays), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "A page of stays", body = Page<ListedStay>)))]
#[get("/stays")]
pub async fn list_stays(app: Data<App>, caller: Caller<NightsRead>, params: Params<ListStays>) -> Result<Json<Page<ListedStay>>, Problem> {
    app.write(caller.actor(), move |write| listing::list(write, params.0).map(Json)).await
}

/// Read a stay's history
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "Every version of the stay, and the limits they passed", body = StayHistory)))]
#[get("/stays/{id}")]
pub async fn get_stay(app: Data<App>, caller: Caller<NightsRead>, id: Path<Id>) -> Result<Json<StayHistory>, Problem> {
    app.write(caller.actor(), move |write| listing::read(write, &id.0).map(Json)).await
}

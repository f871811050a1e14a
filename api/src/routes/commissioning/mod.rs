//! Commissioning: the steps by which an approved request becomes a package in force, who took them, and what is missing.
//!
//! The steps are the profile's. Three of them are shown by records of their own: the case management decision, the package line
//! and the purchase order.

pub mod drift;
pub mod purchase_orders;
pub mod steps;
pub mod workers;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::commissioning;
use records::commissioning::Commissioning;
use records::text::Id;

/// Read how far the commissioning of a request has come
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The steps asked for, those taken, and everything on record", body = Commissioning)))]
#[get("/requests/{id}/commissioning")]
pub async fn get_commissioning(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<Commissioning>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| commissioning::read(write, &profile, &id.0).map(Json)).await
}

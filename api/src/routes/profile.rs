//! The authority's profile: its policy, each value with its clause.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::ReferenceRead;
use actix_web::get;
use actix_web::web::{Data, Json};
use domain::Profile;

/// Read the authority's profile
#[utoipa::path(tag = "authority", security(("bearer" = ["reference:read"])), responses((status = 200, description = "The profile", body = Profile)))]
#[get("/profile")]
pub async fn get_profile(app: Data<App>, _: Caller<ReferenceRead>) -> Json<Profile> {
    Json(app.profile.as_ref().clone())
}

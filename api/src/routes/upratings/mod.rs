//! Upratings: the rates of a provider or a service raised at once, looked at and proposed by one person and agreed by another.
//!
//! Every line gets a variation of its own. Rates rise yearly without a new decision: the tier is told, and not tested again, so anybody
//! whose post has a limit agrees them, and never whoever proposed them.

pub mod previews;
pub mod proposals;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::text::Id;
use records::upratings;
use records::upratings::{ListUpratings, NewUprating, Uprating, UpratingMade, raising};

impl Located for UpratingMade {
    fn location(&self) -> String {
        format!("/v1/upratings/{}", self.uprating.id)
    }
}

/// List upratings
#[utoipa::path(tag = "packages", params(ListUpratings), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of upratings, in the order recorded", body = Page<Uprating>)))]
#[get("/upratings")]
pub async fn list_upratings(
    app: Data<App>,
    _: Caller<PackagesRead>,
    params: Params<ListUpratings>,
) -> Result<Json<Page<Uprating>>, Problem> {
    app.read(move |connection| upratings::list(connection, params.0).map(Json)).await
}

/// Read an uprating
///
/// Its lines are the package variations with its id.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The uprating's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The uprating", body = Uprating)))]
#[get("/upratings/{id}")]
pub async fn get_uprating(app: Data<App>, _: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<Uprating>, Problem> {
    app.read(move |connection| upratings::read(connection, &id.0).map(Json)).await
}

/// Agree an uprating
///
/// By a person in a post with a limit, who did not propose it. All lines of the proposal or none, and only while they are what they were
/// when it was proposed. What costs more this year than a budget line has available is told or, where the profile says so, refused.
#[utoipa::path(tag = "packages", request_body = NewUprating, security(("bearer" = ["decisions:write"])),
    responses((status = 201, description = "The uprating", body = UpratingMade)))]
#[post("/upratings")]
pub async fn create_uprating(app: Data<App>, caller: Caller<DecisionsWrite>, key: IdempotencyKey, body: Body<NewUprating>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| raising::agree(write, &profile, body)).await
}

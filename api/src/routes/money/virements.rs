//! Virements: budget moved from one line to another, both sides in one transaction.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::money::virements;
use records::money::virements::{NewVirement, Virement, VirementMade, record};
use records::text::Id;

impl Located for VirementMade {
    fn location(&self) -> String {
        format!("/v1/virements/{}", self.virement.id)
    }
}

/// Read a virement
#[utoipa::path(tag = "budgets", params(("id" = Id, Path, description = "The virement's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The virement", body = Virement)))]
#[get("/virements/{id}")]
pub async fn get_virement(app: Data<App>, _: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<Virement>, Problem> {
    app.read(move |connection| virements::read(connection, &id.0).map(Json)).await
}

/// Record a virement
///
/// It is held against what the line that gives has available in its year: budget less spend, commitments and what is agreed. Whether one
/// that takes more is refused or only warned of is the profile's to say.
#[utoipa::path(tag = "budgets", request_body = NewVirement, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The virement", body = VirementMade)))]
#[post("/virements")]
pub async fn create_virement(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewVirement>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

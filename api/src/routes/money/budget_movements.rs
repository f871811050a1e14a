//! Budget movements: the only way a line's budget for a year comes about and changes.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::money::budget_movements;
use records::money::budget_movements::{ListMovements, Movement, MovementMade, MovementReversal, NewMovement, find, record, reverse};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for Movement {
    fn location(&self) -> String {
        format!("/v1/budget-movements/{}", self.id)
    }
}

impl Located for MovementMade {
    fn location(&self) -> String {
        self.movement.location()
    }
}

impl Located for MovementReversal {
    fn location(&self) -> String {
        self.movements.first().map(Located::location).unwrap_or_default()
    }
}

/// List budget movements
#[utoipa::path(tag = "budgets", params(ListMovements), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "A page of movements, in the order recorded", body = Page<Movement>)))]
#[get("/budget-movements")]
pub async fn list_budget_movements(
    app: Data<App>,
    _: Caller<BudgetsRead>,
    params: Params<ListMovements>,
) -> Result<Json<Page<Movement>>, Problem> {
    app.read(move |connection| budget_movements::list(connection, params.0).map(Json)).await
}

/// Read a budget movement
#[utoipa::path(tag = "budgets", params(("id" = Id, Path, description = "The movement's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The movement", body = Movement)))]
#[get("/budget-movements/{id}")]
pub async fn get_budget_movement(app: Data<App>, _: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<Movement>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a budget movement
///
/// One that leaves the line less is held against what it has available in its year, as the profile says.
#[utoipa::path(tag = "budgets", request_body = NewMovement, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The movement", body = MovementMade)))]
#[post("/budget-movements")]
pub async fn create_budget_movement(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewMovement>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

/// Reverse a budget movement
///
/// Adds a movement of the opposite amount that names this one; of a virement, both sides. What a line loses is held against what it has
/// available, as the profile says.
#[utoipa::path(tag = "budgets", params(("id" = Id, Path, description = "The movement's id")), request_body = NewReversal,
    security(("bearer" = ["budgets:write"])), responses((status = 201, description = "The reversing movements", body = MovementReversal)))]
#[post("/budget-movements/{id}/reversal")]
pub async fn reverse_budget_movement(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, &body.reason.0)).await
}

//! Budget control: what a budget line still has available in a year.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::BudgetsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::commitments::control;
use records::commitments::control::{BudgetControlParams, BudgetControls};

/// Read what budget lines have available
///
/// As the store has it now. Worked out from movements, ledger entries and commitments; nothing of it is stored.
#[utoipa::path(tag = "budget control", params(BudgetControlParams), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "What is available", body = BudgetControls)))]
#[get("/budget-control")]
pub async fn get_budget_control(
    app: Data<App>,
    _: Caller<BudgetsRead>,
    params: Params<BudgetControlParams>,
) -> Result<Json<BudgetControls>, Problem> {
    let profile = app.profile.clone();
    app.read(move |connection| control::read(connection, &profile, params.0).map(Json)).await
}

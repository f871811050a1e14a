//! Commitments that were carried forward when a year was closed, or something dated in it was changed after.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::BudgetsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::page::Page;
use records::year_end::carried;
use records::year_end::carried::{CarryForward, ListCarryForwards};

/// List commitments carried forward
#[utoipa::path(tag = "budget control", params(ListCarryForwards), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "A page of what closed years left committed, in the order recorded", body = Page<CarryForward>)))]
#[get("/commitment-carry-forwards")]
pub async fn list_commitment_carry_forwards(
    app: Data<App>,
    caller: Caller<BudgetsRead>,
    params: Params<ListCarryForwards>,
) -> Result<Json<Page<CarryForward>>, Problem> {
    app.write(caller.actor(), move |write| carried::list(write, params.0).map(Json)).await
}

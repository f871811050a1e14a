//! Closing a financial year: what is still committed, and what of the budget was not spent, is carried into the next, and nothing is
//! entered in the closed year any more.

pub mod carried;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use domain::FinancialYear;
use records::year_end;
use records::year_end::{ClosureInFull, ClosurePreview, NewClosure, NewClosurePreview, closing};

impl Located for ClosureInFull {
    fn location(&self) -> String {
        format!("/v1/financial-years/{}/closure", self.closure.year)
    }
}

/// Read a financial year's closure
#[utoipa::path(tag = "budget control", params(("year" = FinancialYear, Path, description = "As `2023-24`")),
    security(("bearer" = ["budgets:read"])), responses((status = 200, description = "The closure", body = ClosureInFull)))]
#[get("/financial-years/{year}/closure")]
pub async fn get_year_closure(app: Data<App>, _: Caller<BudgetsRead>, year: Path<FinancialYear>) -> Result<Json<ClosureInFull>, Problem> {
    app.read(move |connection| year_end::read(connection, &year).map(Json)).await
}

/// See what closing a financial year would carry forward
///
/// Records nothing. Refused for the reasons for which the closure would be.
#[utoipa::path(tag = "budget control", params(("year" = FinancialYear, Path, description = "As `2023-24`")),
    request_body = NewClosurePreview, security(("bearer" = ["budgets:write"])),
    responses((status = 200, description = "What would be carried forward", body = ClosurePreview)))]
#[post("/financial-years/{year}/closure/preview")]
pub async fn preview_year_closure(
    app: Data<App>,
    _: Caller<BudgetsWrite>,
    year: Path<FinancialYear>,
    body: Body<NewClosurePreview>,
) -> Result<Json<ClosurePreview>, Problem> {
    let (year, profile, today) = (*year, app.profile.clone(), app.store.clock().today());
    app.read(move |connection| {
        let plan = closing::plan(connection, &profile, year, &body.value.carry_forward, today)?;
        Ok(Json(ClosurePreview { year, next_year: plan.next_year, budget_lines: plan.lines, income_lines: plan.income }))
    })
    .await
}

/// Close a financial year
///
/// Once, when it has ended, after the years before it, and while the next is open. What packages and grants still cost is carried forward
/// as commitments of the next year; budget is carried as far as it is asked for and was not spent. From then on, ledger entries posted in
/// the closed year, and what corrects its entries, count in the next open year; its budget moves no more. When something with days in it
/// changes after (a package line, a grant, the purchase order of a payment), what that makes more or less open is carried as well; not
/// what was released before the close.
#[utoipa::path(tag = "budget control", params(("year" = FinancialYear, Path, description = "As `2023-24`")), request_body = NewClosure,
    security(("bearer" = ["budgets:write"])), responses((status = 201, description = "The closure", body = ClosureInFull)))]
#[post("/financial-years/{year}/closure")]
pub async fn close_year(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    year: Path<FinancialYear>,
    key: IdempotencyKey,
    body: Body<NewClosure>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| closing::close(write, &profile, *year, body)).await
}

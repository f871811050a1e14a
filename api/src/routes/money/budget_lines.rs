//! Budget lines: where money is budgeted and spent. The authority's profile brings its own.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::money::budget_lines;
use records::money::budget_lines::{BudgetLine, ListBudgetLines, NewBudgetLine, record};
use records::page::Page;
use records::text::CodeText;

impl Located for BudgetLine {
    fn location(&self) -> String {
        format!("/v1/budget-lines/{}", self.code)
    }
}

/// List budget lines
#[utoipa::path(tag = "budgets", params(ListBudgetLines), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of budget lines, by code", body = Page<BudgetLine>)))]
#[get("/budget-lines")]
pub async fn list_budget_lines(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListBudgetLines>,
) -> Result<Json<Page<BudgetLine>>, Problem> {
    app.read(move |connection| budget_lines::list(connection, params.0).map(Json)).await
}

/// Read a budget line
#[utoipa::path(tag = "budgets", params(("code" = CodeText, Path, description = "The line's code")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The budget line", body = BudgetLine)))]
#[get("/budget-lines/{code}")]
pub async fn get_budget_line(app: Data<App>, _: Caller<ReferenceRead>, code: Path<CodeText>) -> Result<Json<BudgetLine>, Problem> {
    app.read(move |connection| budget_lines::read(connection, &code).map(Json)).await
}

/// Record a budget line
#[utoipa::path(tag = "budgets", request_body = NewBudgetLine, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The budget line", body = BudgetLine)))]
#[post("/budget-lines")]
pub async fn create_budget_line(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewBudgetLine>) -> Answer {
    app.create(caller.actor(), key, body, record).await
}

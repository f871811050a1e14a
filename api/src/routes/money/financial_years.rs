//! Financial years: a budget or an entry needs its year to be open.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use domain::FinancialYear;
use records::money::financial_years;
use records::money::financial_years::{ListYears, NewYear, OpenYear, record};
use records::page::Page;

impl Located for OpenYear {
    fn location(&self) -> String {
        format!("/v1/financial-years/{}", self.year)
    }
}

/// List financial years
#[utoipa::path(tag = "budgets", params(ListYears), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of financial years, earliest first", body = Page<OpenYear>)))]
#[get("/financial-years")]
pub async fn list_financial_years(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListYears>,
) -> Result<Json<Page<OpenYear>>, Problem> {
    app.read(move |connection| financial_years::list(connection, params.0).map(Json)).await
}

/// Read a financial year
#[utoipa::path(tag = "budgets", params(("year" = FinancialYear, Path, description = "As `2023-24`")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The year", body = OpenYear)))]
#[get("/financial-years/{year}")]
pub async fn get_financial_year(app: Data<App>, _: Caller<ReferenceRead>, year: Path<FinancialYear>) -> Result<Json<OpenYear>, Problem> {
    app.read(move |connection| financial_years::read(connection, &year).map(Json)).await
}

/// Open a financial year
#[utoipa::path(tag = "budgets", request_body = NewYear, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The year", body = OpenYear)))]
#[post("/financial-years")]
pub async fn create_financial_year(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewYear>) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| record(write, body.year)).await
}

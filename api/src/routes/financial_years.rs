//! Financial years: a budget or an entry needs its year to be open.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::problem::{Code, Problem};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::financial_years;
use db::{Write, closed_through, open_financial_year};
use diesel::prelude::*;
use domain::FinancialYear;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An open financial year.
#[derive(Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = financial_years)]
#[schema(example = json!({ "year": "2023-24", "starts_on": "2023-04-01", "ends_on": "2024-03-31", "recorded_at": "2023-02-20T10:00:00Z" }))]
pub struct OpenYear {
    /// As `2023-24`.
    pub year: FinancialYear,
    /// 1 April.
    pub starts_on: NaiveDate,
    /// 31 March, in the year.
    pub ends_on: NaiveDate,
    /// When it was opened, UTC.
    pub recorded_at: Instant,
}

impl Located for OpenYear {
    fn location(&self) -> String {
        format!("/v1/financial-years/{}", self.year)
    }
}

/// A year to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "year": "2024-25" }))]
pub struct NewYear {
    /// As `2024-25`.
    pub year: FinancialYear,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListYears {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
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
    let ListYears { limit, cursor } = params.0;
    app.read(move |connection| {
        let rows = financial_years::table
            .select(OpenYear::as_select())
            .filter(financial_years::year.gt(cursor.after()))
            .order(financial_years::year)
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &OpenYear| row.year.to_string())))
    })
    .await
}

/// Read a financial year
#[utoipa::path(tag = "budgets", params(("year" = FinancialYear, Path, description = "As `2023-24`")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The year", body = OpenYear)))]
#[get("/financial-years/{year}")]
pub async fn get_financial_year(app: Data<App>, _: Caller<ReferenceRead>, year: Path<FinancialYear>) -> Result<Json<OpenYear>, Problem> {
    app.read(move |connection| {
        let year = financial_years::table.find(year.as_str()).select(OpenYear::as_select()).first(connection).optional()?;
        year.map(Json).ok_or_else(|| Problem::not_found("financial year"))
    })
    .await
}

/// Open a financial year
#[utoipa::path(tag = "budgets", request_body = NewYear, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The year", body = OpenYear)))]
#[post("/financial-years")]
pub async fn create_financial_year(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewYear>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value.year)).await
}

fn record(write: &mut Write<'_>, year: FinancialYear) -> Result<OpenYear, Problem> {
    if let Some(closed) = closed_through(write.connection)?.filter(|closed| year < *closed) {
        // Opened now it would stay open for ever: years are closed one after another.
        return Err(Problem::new(Code::StateConflict, format!("{closed} was closed: a year before it is not opened any more.")));
    }
    if !open_financial_year(write, year)? {
        return Err(Problem::new(Code::AlreadyExists, format!("The financial year {year} is open already.")));
    }
    Ok(OpenYear { year, starts_on: year.starts_on(), ends_on: year.ends_on(), recorded_at: write.at.into() })
}

//! Budget lines: where money is budgeted and spent. The authority's profile brings its own.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::problem::Problem;
use crate::text::{CodeText, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::budget_lines;
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::Direction;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A budget line.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = budget_lines)]
#[schema(example = json!({ "code": "direct_payments", "name": "Direct payments", "direction": "expenditure", "recorded_at": "2023-02-20T10:00:00Z" }))]
pub struct BudgetLine {
    /// The code used everywhere.
    pub code: String,
    /// As reports print it.
    pub name: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
}

impl Located for BudgetLine {
    fn location(&self) -> String {
        format!("/v1/budget-lines/{}", self.code)
    }
}

/// A budget line to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "equipment", "name": "Specialist equipment", "direction": "expenditure" }))]
pub struct NewBudgetLine {
    /// A code of its own.
    pub code: CodeText,
    /// As reports print it.
    pub name: Text<200>,
    /// Whether it pays or receives.
    pub direction: Direction,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBudgetLines {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
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
    let ListBudgetLines { limit, cursor } = params.0;
    app.read(move |connection| {
        let rows = budget_lines::table
            .select(BudgetLine::as_select())
            .filter(budget_lines::code.gt(cursor.after()))
            .order(budget_lines::code)
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &BudgetLine| row.code.clone())))
    })
    .await
}

/// Read a budget line
#[utoipa::path(tag = "budgets", params(("code" = CodeText, Path, description = "The line's code")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The budget line", body = BudgetLine)))]
#[get("/budget-lines/{code}")]
pub async fn get_budget_line(app: Data<App>, _: Caller<ReferenceRead>, code: Path<CodeText>) -> Result<Json<BudgetLine>, Problem> {
    app.read(move |connection| find(connection, &code.0)?.map(Json).ok_or_else(|| Problem::not_found("budget line"))).await
}

/// Record a budget line
#[utoipa::path(tag = "budgets", request_body = NewBudgetLine, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The budget line", body = BudgetLine)))]
#[post("/budget-lines")]
pub async fn create_budget_line(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewBudgetLine>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

/// The budget line with that code, if there is one.
pub fn find(connection: &mut AnyConnection, code: &str) -> Result<Option<BudgetLine>, Problem> {
    Ok(budget_lines::table.find(code).select(BudgetLine::as_select()).first(connection).optional()?)
}

/// Every budget line, by code.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<BudgetLine>, Problem> {
    Ok(budget_lines::table.select(BudgetLine::as_select()).order(budget_lines::code).load(connection)?)
}

fn record(write: &mut Write<'_>, new: NewBudgetLine) -> Result<BudgetLine, Problem> {
    let line = BudgetLine { code: new.code.0, name: new.name.0, direction: new.direction, recorded_at: write.at.into() };
    let seq = budget_lines::recorded_seq.eq(write.seq());
    diesel::insert_into(budget_lines::table).values((&line, seq)).execute(write.connection)?;
    write.record(Event::new("record", "budget_lines", &line.code))?;
    Ok(line)
}

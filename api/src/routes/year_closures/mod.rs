//! Closing a financial year: what is still committed, and what of the budget was not spent, is carried into the next, and nothing is
//! entered in the closed year any more.

mod carried;
mod carrying_again;
mod closing;

pub use carried::{CarryForward, list_commitment_carry_forwards};
pub use carrying_again::{Changed, carrying_again, closed_since};

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, Problem};
use crate::text::{CodeText, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::year_closures;
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The closure of a financial year.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = year_closures)]
pub struct YearClosure {
    /// The year that was closed.
    pub year: FinancialYear,
    /// The day on which it was closed.
    pub closed_on: NaiveDate,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What became of a budget line at the close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClosedLine {
    /// The budget line: one of expenditure.
    pub budget_line: String,
    /// Its budget, before anything is carried forward.
    #[schema(value_type = i64)]
    pub budget_pence: Pence,
    /// What was spent.
    #[schema(value_type = i64)]
    pub actual_pence: Pence,
    /// Budget less actual.
    #[schema(value_type = i64)]
    pub unspent_pence: Pence,
    /// What of the budget is carried into the next year.
    #[schema(value_type = i64)]
    pub carried_budget_pence: Pence,
    /// What is still committed, and stands in the next year.
    #[schema(value_type = i64)]
    pub carried_commitment_pence: Pence,
    /// Of how many arrangements, grants and providers: each is a record of its own.
    pub carried_commitments: i64,
}

/// A year's closure with what was carried forward.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "year": "2023-24", "closed_on": "2024-05-31", "reason": "Accounts closed", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-31T16:00:00Z", "recorded_seq": 912, "next_year": "2024-25", "budget_lines": [{
        "budget_line": "home_care", "budget_pence": 15000000, "actual_pence": 13900000, "unspent_pence": 1100000,
        "carried_budget_pence": 400000, "carried_commitment_pence": 412000, "carried_commitments": 7 }]
}))]
pub struct ClosureInFull {
    /// The closure.
    #[serde(flatten)]
    pub closure: YearClosure,
    /// The year that budgets and commitments were carried into.
    pub next_year: FinancialYear,
    /// Every line of expenditure, by code.
    pub budget_lines: Vec<ClosedLine>,
}

impl Located for ClosureInFull {
    fn location(&self) -> String {
        format!("/v1/financial-years/{}/closure", self.closure.year)
    }
}

/// What a closure would carry forward.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosurePreview {
    /// The year to close.
    pub year: FinancialYear,
    /// The year that budgets and commitments would be carried into.
    pub next_year: FinancialYear,
    /// Every line of expenditure, by code.
    pub budget_lines: Vec<ClosedLine>,
}

/// Budget to carry forward.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCarryForward {
    /// The budget line: one of expenditure.
    pub budget_line: CodeText,
    /// How much of what was not spent; nought unless said.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub budget_pence: Pence,
}

/// A closure to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": 400000 }], "reason": "Accounts closed" }))]
pub struct NewClosure {
    /// Budget to carry forward, by line. Open commitments go in any case.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub carry_forward: Vec<NewCarryForward>,
    /// In words.
    pub reason: Text<500>,
}

/// A closure to look at before it is recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": 400000 }] }))]
pub struct NewClosurePreview {
    /// Budget to carry forward, by line.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub carry_forward: Vec<NewCarryForward>,
}

/// Read a financial year's closure
#[utoipa::path(tag = "budget control", params(("year" = FinancialYear, Path, description = "As `2023-24`")),
    security(("bearer" = ["budgets:read"])), responses((status = 200, description = "The closure", body = ClosureInFull)))]
#[get("/financial-years/{year}/closure")]
pub async fn get_year_closure(app: Data<App>, _: Caller<BudgetsRead>, year: Path<FinancialYear>) -> Result<Json<ClosureInFull>, Problem> {
    app.read(move |connection| {
        let closure = find(connection, *year)?.ok_or_else(|| Problem::not_found("closure of a financial year"))?;
        let next_year = closure.year.next().map_err(Problem::internal)?;
        Ok(Json(ClosureInFull { next_year, budget_lines: closing::recorded_lines(connection, closure.year)?, closure }))
    })
    .await
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
        Ok(Json(ClosurePreview { year, next_year: plan.next_year, budget_lines: plan.lines }))
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
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| closing::close(write, &profile, *year, body.value)).await
}

/// The closure of a year, if it was closed.
fn find(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<YearClosure>, Problem> {
    Ok(year_closures::table.find(year).select(YearClosure::as_select()).first(connection).optional()?)
}

/// Refuses what would change a closed year, or one before it.
pub fn refuse_closed(connection: &mut AnyConnection, year: FinancialYear) -> Result<(), Problem> {
    match db::closed_through(connection)?.filter(|closed| year <= *closed) {
        None => Ok(()),
        Some(closed) => {
            let detail = format!("The financial year {closed} was closed: nothing is recorded in {year} any more.");
            Err(Problem::new(Code::StateConflict, detail))
        }
    }
}

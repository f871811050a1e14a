//! Budget movements: the only way a line's budget for a year comes about and changes.

use super::budget_lines;
use super::year_closures::refuse_closed;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{budget_movements, financial_years};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, MovementKind, Pence};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A movement of a line's budget.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = budget_movements)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "year": "2023-24", "budget_line": "direct_payments", "kind": "original",
    "amount_pence": 41000000, "effective_on": "2023-04-01", "virement_id": null, "reverses_id": null,
    "reason": "Budget Council, February 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-02-20T10:00:00Z", "recorded_seq": 412
}))]
pub struct Movement {
    /// The movement's id.
    pub id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: String,
    /// Why the budget moved.
    pub kind: MovementKind,
    /// By how much; income is negative.
    pub amount_pence: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// What both sides of a virement, or of a carry-forward, share.
    pub virement_id: Option<String>,
    /// The movement that this one takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Movement {
    fn location(&self) -> String {
        format!("/v1/budget-movements/{}", self.id)
    }
}

/// Kinds of movement that are recorded one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SingleKind {
    /// The budget the council set; one a line and year.
    Original,
    /// More or less money during the year.
    Adjustment,
}

/// A movement to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "budget_line": "direct_payments", "kind": "original", "amount_pence": 41000000, "effective_on": "2023-04-01",
    "reason": "Budget Council, February 2023"
}))]
pub struct NewMovement {
    /// The financial year, which must be open.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: CodeText,
    /// Why the budget moves.
    pub kind: SingleKind,
    /// By how much, not nought. An original budget of expenditure is positive, of income negative.
    pub amount_pence: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// The movements that took another back: one, or both sides of a virement.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementReversal {
    /// The reversing movements.
    pub movements: Vec<Movement>,
}

impl Located for MovementReversal {
    fn location(&self) -> String {
        self.movements.first().map(Located::location).unwrap_or_default()
    }
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMovements {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this financial year.
    year: Option<FinancialYear>,
    /// Only this budget line.
    budget_line: Option<CodeText>,
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
    let ListMovements { limit, cursor, year, budget_line } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = budget_movements::table
            .select(Movement::as_select())
            .filter(budget_movements::recorded_seq.ge(after.seq))
            .filter(budget_movements::recorded_seq.gt(after.seq).or(budget_movements::id.gt(after.id)))
            .into_boxed();
        if let Some(year) = year {
            query = query.filter(budget_movements::year.eq(year));
        }
        if let Some(line) = budget_line {
            query = query.filter(budget_movements::budget_line.eq(line.0));
        }
        let rows = query.order((budget_movements::recorded_seq, budget_movements::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &Movement| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a budget movement
#[utoipa::path(tag = "budgets", params(("id" = Id, Path, description = "The movement's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The movement", body = Movement)))]
#[get("/budget-movements/{id}")]
pub async fn get_budget_movement(app: Data<App>, _: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<Movement>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a budget movement
#[utoipa::path(tag = "budgets", request_body = NewMovement, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The movement", body = Movement)))]
#[post("/budget-movements")]
pub async fn create_budget_movement(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewMovement>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

/// Reverse a budget movement
///
/// Adds a movement of the opposite amount that names this one; of a virement, both sides.
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
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, &body.value.reason.0)).await
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<Movement, Problem> {
    let movement = budget_movements::table.find(id).select(Movement::as_select()).first(connection).optional()?;
    movement.ok_or_else(|| Problem::not_found("budget movement"))
}

fn record(write: &mut Write<'_>, new: NewMovement) -> Result<Movement, Problem> {
    let mut errors = missing_references(write.connection, new.year, &[("/budget_line", &new.budget_line.0)])?;
    if new.amount_pence == Pence::ZERO {
        errors.push(FieldError::new("/amount_pence", "zero", "a movement of nothing is no movement"));
    }
    if let Some(line) = budget_lines::find(write.connection, &new.budget_line.0)? {
        let (is_income, is_negative) = (line.direction == Direction::Income, new.amount_pence < Pence::ZERO);
        if new.kind == SingleKind::Original && new.amount_pence != Pence::ZERO && is_income != is_negative {
            let expected = if is_income { "negative, since the line is of income" } else { "positive, since the line is of expenditure" };
            errors.push(FieldError::new("/amount_pence", "sign", format!("the original budget is {expected}")));
        }
    }
    if FinancialYear::of(new.effective_on) != Ok(new.year) {
        errors.push(FieldError::new("/effective_on", "outside_year", format!("the day is not in {}", new.year)));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    refuse_closed(write.connection, new.year)?;
    if new.kind == SingleKind::Original && has_original(write.connection, new.year, &new.budget_line.0)? {
        let detail = format!("{} has its original budget for {}; record an adjustment, or reverse it first.", new.budget_line.0, new.year);
        return Err(Problem::new(Code::AlreadyExists, detail));
    }
    let kind = match new.kind {
        SingleKind::Original => MovementKind::Original,
        SingleKind::Adjustment => MovementKind::Adjustment,
    };
    let movement = Movement {
        id: new_id(),
        year: new.year,
        budget_line: new.budget_line.0,
        kind,
        amount_pence: new.amount_pence,
        effective_on: new.effective_on,
        virement_id: None,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &movement)?;
    refuse_turned_budget(write.connection, new.year, &movement.budget_line)?;
    write.record(Event::new("record", "budget_movements", &movement.id).with(json!({ "kind": kind })))?;
    Ok(movement)
}

fn reverse(write: &mut Write<'_>, id: &str, reason: &str) -> Result<MovementReversal, Problem> {
    let movement = find(write.connection, id)?;
    if movement.kind == MovementKind::Reversal {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the movement again instead."));
    }
    if movement.kind == MovementKind::CarryForward {
        return Err(Problem::new(Code::StateConflict, "This was carried forward when a year was closed; record an adjustment instead."));
    }
    refuse_closed(write.connection, movement.year)?;
    let sides: Vec<Movement> = match &movement.virement_id {
        None => vec![movement],
        Some(virement) => budget_movements::table
            .select(Movement::as_select())
            .filter(budget_movements::virement_id.eq(virement))
            .filter(budget_movements::kind.eq(MovementKind::Virement))
            .order(budget_movements::id)
            .load(write.connection)?,
    };
    let mut movements = Vec::new();
    for side in sides {
        let reversing = Movement {
            id: new_id(),
            kind: MovementKind::Reversal,
            amount_pence: side.amount_pence.checked_neg().map_err(Problem::internal)?,
            reverses_id: Some(side.id),
            reason: reason.to_owned(),
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
            ..side
        };
        insert(write, &reversing).map_err(|error| already_reversed(error, "budget_movements_reverses_id_key"))?;
        refuse_turned_budget(write.connection, reversing.year, &reversing.budget_line)?;
        write.record(Event::new("reverse", "budget_movements", reversing.reverses_id.clone().unwrap_or_default()))?;
        movements.push(reversing);
    }
    Ok(MovementReversal { movements })
}

/// Adds a movement's row.
pub fn insert(write: &mut Write<'_>, movement: &Movement) -> Result<(), db::Error> {
    diesel::insert_into(budget_movements::table).values(movement).execute(write.connection)?;
    Ok(())
}

/// Field errors for a year that is not open and lines that do not exist.
pub fn missing_references(connection: &mut AnyConnection, year: FinancialYear, lines: &[(&str, &str)]) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let is_open: bool = diesel::select(diesel::dsl::exists(financial_years::table.find(year))).get_result(connection)?;
    if !is_open {
        errors.push(FieldError::new("/year", "unknown_reference", format!("the financial year {year} is not open")));
    }
    for (pointer, code) in lines {
        if budget_lines::find(connection, code)?.is_none() {
            errors.push(FieldError::new(pointer, "unknown_reference", "no budget line has this code"));
        }
    }
    Ok(errors)
}

/// Refuses, after a movement was added, a line of expenditure with less than no budget, or one of income with more.
pub fn refuse_turned_budget(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<(), Problem> {
    let amounts: Vec<Pence> = budget_movements::table
        .select(budget_movements::amount_pence)
        .filter(budget_movements::year.eq(year))
        .filter(budget_movements::budget_line.eq(code))
        .load(connection)?;
    let budget = Pence::checked_sum(amounts).map_err(|error| Problem::new(Code::StateConflict, error.to_string()))?;
    let is_turned = match budget_lines::find(connection, code)?.map(|line| line.direction) {
        Some(Direction::Income) => budget > Pence::ZERO,
        _ => budget < Pence::ZERO,
    };
    if !is_turned {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict, format!("This would leave {code} with a budget of {budget} in {year}.")))
}

/// Whether the line has an original budget for the year that was not reversed. Exact, because writers take turns.
fn has_original(connection: &mut AnyConnection, year: FinancialYear, line: &str) -> Result<bool, Problem> {
    let reversed =
        budget_movements::table.select(budget_movements::reverses_id.assume_not_null()).filter(budget_movements::reverses_id.is_not_null());
    let reversed: Vec<String> =
        reversed.filter(budget_movements::year.eq(year)).filter(budget_movements::budget_line.eq(line)).load(connection)?;
    let standing = budget_movements::table
        .filter(budget_movements::year.eq(year))
        .filter(budget_movements::budget_line.eq(line))
        .filter(budget_movements::kind.eq(MovementKind::Original))
        .filter(budget_movements::id.ne_all(reversed));
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(connection)?)
}

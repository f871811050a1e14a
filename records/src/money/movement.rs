//! Budget movements as they are on record, and what a line's movements of a year add up to.

use crate::error::Error;
use crate::instant::Instant;
use crate::money::budget_lines;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::CodeText;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{budget_movements, financial_years};
use diesel::prelude::*;
use domain::budgets::movements;
use domain::{FieldError, FinancialYear, MovementKind, Pence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A movement of a line's budget.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = budget_movements)]
#[schema(as = Movement, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "year": "2023-24", "budget_line": "direct_payments", "kind": "original",
    "amount_pence": 41000000, "effective_on": "2023-04-01", "virement_id": null, "reverses_id": null,
    "reason": "Budget Council, February 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-02-20T10:00:00Z", "recorded_seq": 412
}))]
pub struct BudgetMovement {
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

/// The budget movement with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<BudgetMovement, Error> {
    let movement = budget_movements::table.find(id).select(BudgetMovement::as_select()).first(connection).optional()?;
    movement.ok_or_else(|| Error::not_found("budget movement"))
}

/// The movements that are reversed together with one: itself, or both sides of its virement.
pub(crate) fn sides_of(connection: &mut AnyConnection, movement: BudgetMovement) -> Result<Vec<BudgetMovement>, Error> {
    let Some(virement) = &movement.virement_id else { return Ok(vec![movement]) };
    let sides = budget_movements::table
        .select(BudgetMovement::as_select())
        .filter(budget_movements::virement_id.eq(virement))
        .filter(budget_movements::kind.eq(MovementKind::Virement))
        .order(budget_movements::id);
    Ok(sides.load(connection)?)
}

/// Field errors for a year that is not open and lines that do not exist.
pub fn missing_references(connection: &mut AnyConnection, year: FinancialYear, lines: &[(&str, &str)]) -> Result<Vec<FieldError>, Error> {
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
pub fn refuse_turned_budget(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<(), Error> {
    let amounts: Vec<Pence> = budget_movements::table
        .select(budget_movements::amount_pence)
        .filter(budget_movements::year.eq(year))
        .filter(budget_movements::budget_line.eq(code))
        .load(connection)?;
    let direction = budget_lines::find(connection, code)?.map(|line| line.direction);
    Ok(movements::refuse_turned_budget(code, year, direction, amounts)?)
}

/// Whether the line has an original budget for the year that was not reversed. Exact, because writers take turns.
pub(crate) fn has_original(connection: &mut AnyConnection, year: FinancialYear, line: &str) -> Result<bool, Error> {
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

/// List budget movements.
pub fn list(connection: &mut AnyConnection, wanted: ListMovements) -> Result<Page<BudgetMovement>, Error> {
    let ListMovements { limit, cursor, year, budget_line } = wanted;
    let after = cursor.after_record()?;
    let mut query = budget_movements::table
        .select(BudgetMovement::as_select())
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
    Ok(limit.page(rows, |row: &BudgetMovement| After::key(row.recorded_seq, &row.id)))
}

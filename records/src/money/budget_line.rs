//! A budget line: its row, and how it is found.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::budget_lines;
use diesel::prelude::*;
use domain::Direction;
use serde::Serialize;
use utoipa::ToSchema;

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

/// The budget line with that code, if there is one.
pub fn find(connection: &mut AnyConnection, code: &str) -> Result<Option<BudgetLine>, Error> {
    Ok(budget_lines::table.find(code).select(BudgetLine::as_select()).first(connection).optional()?)
}

/// Every budget line, by code.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<BudgetLine>, Error> {
    Ok(budget_lines::table.select(BudgetLine::as_select()).order(budget_lines::code).load(connection)?)
}

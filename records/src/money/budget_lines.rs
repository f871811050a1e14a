//! Budget lines: where money is budgeted and spent. The authority's profile brings its own.

use crate::error::Error;
use crate::page::{Cursor, Limit, Page};
use crate::text::{CodeText, Text};
use db::schema::budget_lines;
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::Direction;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub use crate::money::budget_line::{BudgetLine, all, find};

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

/// Records a budget line.
pub fn record(write: &mut Write<'_>, new: NewBudgetLine) -> Result<BudgetLine, Error> {
    let line = BudgetLine { code: new.code.0, name: new.name.0, direction: new.direction, recorded_at: write.at.into() };
    let seq = budget_lines::recorded_seq.eq(write.seq());
    diesel::insert_into(budget_lines::table).values((&line, seq)).execute(write.connection)?;
    write.record(Event::new("record", "budget_lines", &line.code))?;
    Ok(line)
}

/// List budget lines.
pub fn list(connection: &mut AnyConnection, wanted: ListBudgetLines) -> Result<Page<BudgetLine>, Error> {
    let ListBudgetLines { limit, cursor } = wanted;
    let rows = budget_lines::table
        .select(BudgetLine::as_select())
        .filter(budget_lines::code.gt(cursor.after()))
        .order(budget_lines::code)
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &BudgetLine| row.code.clone()))
}

/// The budget line with that code, or that there is none.
pub fn read(connection: &mut AnyConnection, code: &CodeText) -> Result<BudgetLine, Error> {
    find(connection, &code.0)?.ok_or_else(|| Error::not_found("budget line"))
}

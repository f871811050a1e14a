//! Commitments that were carried forward when a year was closed, or something dated in it was changed after.

use crate::error::Error;
use crate::ledger_entries::matches::record_packages_read;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::CodeText;
pub use crate::year_end::carry_forward::CarryForward;
use db::schema::commitment_carry_forwards as carried;
use db::{Event, Write};
use diesel::prelude::*;
use domain::FinancialYear;
use serde::Deserialize;
use utoipa::IntoParams;

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCarryForwards {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what was carried out of this financial year.
    from_year: Option<FinancialYear>,
    /// Only this budget line's.
    budget_line: Option<CodeText>,
}

/// List commitments carried forward.
pub fn list(write: &mut Write<'_>, wanted: ListCarryForwards) -> Result<Page<CarryForward>, Error> {
    let ListCarryForwards { limit, cursor, from_year, budget_line } = wanted;
    let after = cursor.after_record()?;
    let mut query = carried::table
        .select(CarryForward::as_select())
        .filter(carried::recorded_seq.ge(after.seq))
        .filter(carried::recorded_seq.gt(after.seq).or(carried::id.gt(after.id)))
        .into_boxed();
    if let Some(year) = from_year {
        query = query.filter(carried::from_year.eq(year));
    }
    if let Some(line) = budget_line {
        query = query.filter(carried::budget_line.eq(line.0));
    }
    let rows = query.order((carried::recorded_seq, carried::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &CarryForward| After::key(row.recorded_seq, &row.id));
    write.record(Event::new("list", "commitment_carry_forwards", ""))?;
    let lines = page.items.iter().flat_map(|row| [row.line_id.as_deref(), row.changed_id.as_deref()]);
    record_packages_read(write, lines.flatten())?;
    Ok(page)
}

//! The list of lines that wait to be confirmed, with how long each has waited.

use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, last_of};
use crate::packages::unconfirmed::{WaitingLine, WaitingOfWorker, WaitingOnBudgetLine, Wanted, by_budget_line, by_worker, waiting_lines};
use crate::page::{After, Cursor, Limit};
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::{Event, Write};
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUnconfirmed {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this budget line's.
    budget_line: Option<CodeText>,
    /// Only what this user or client recorded.
    recorded_by: Option<Id>,
}

/// A package line that waits to be confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnconfirmedLine {
    /// The line, in its last version.
    #[serde(flatten)]
    pub line: PackageLine,
    /// The authority's own number for its package.
    pub package_reference: String,
    /// What it costs in a full year.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// Who recorded what waits: a user's or client's id.
    pub waiting_recorded_by: String,
    /// Since when it waits.
    pub waits_since: NaiveDate,
    /// For how many days, to today.
    pub days_waiting: i64,
}

/// Package lines that wait to be confirmed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnconfirmedPackageLines)]
pub struct UnconfirmedLines {
    /// A page of them, in the order recorded.
    pub items: Vec<UnconfirmedLine>,
    /// Give it as `cursor` to read on; null on the last page.
    pub next_cursor: Option<String>,
    /// All that wait, by budget line, whatever was asked for.
    pub by_budget_line: Vec<WaitingOnBudgetLine>,
    /// All that wait, by who recorded them, whatever was asked for.
    pub by_worker: Vec<WaitingOfWorker>,
}

/// Lists the lines that wait. Every package that is told of was read; where there is none, somebody looked.
pub fn list(write: &mut Write<'_>, profile: &Profile, wanted: ListUnconfirmed) -> Result<UnconfirmedLines, Error> {
    let ListUnconfirmed { limit, cursor, budget_line, recorded_by } = wanted;
    let after = cursor.after_record()?;
    let wanted = Wanted {
        budget_line: budget_line.as_ref().map(|code| code.0.as_str()),
        recorded_by: recorded_by.as_ref().map(|id| id.0.as_str()),
        after: Some((after.seq, &after.id)),
        by: None,
    };
    let rows = waiting_lines(write.connection, wanted, limit.and_one())?;
    let page = limit.page(rows, |row| After::key(row.recorded_seq, &row.line_id));
    if page.items.is_empty() {
        write.record(Event::new("list", "unconfirmed_lines", ""))?;
    }
    Ok(UnconfirmedLines {
        items: told(write, profile, page.items)?,
        next_cursor: page.next_cursor,
        by_budget_line: by_budget_line(write.connection)?,
        by_worker: by_worker(write.connection)?,
    })
}

fn told(write: &mut Write<'_>, profile: &Profile, rows: Vec<WaitingLine>) -> Result<Vec<UnconfirmedLine>, Error> {
    let ids: Vec<String> = rows.iter().map(|row| row.line_id.clone()).collect();
    let packages: BTreeSet<String> = rows.iter().map(|row| row.package_id.clone()).collect();
    let packages = packages_of::find_all(write.connection, &packages.into_iter().collect::<Vec<_>>())?;
    packages.iter().try_for_each(|package| packages_of::record_read(write, package))?;
    let references: HashMap<String, String> = packages.into_iter().map(|package| (package.id, package.reference)).collect();
    let mut lines: HashMap<String, PackageLine> =
        last_of(write.connection, &ids)?.into_iter().map(|line| (line.line_id.clone(), line)).collect();
    let today = write.today();
    let item = |row: WaitingLine| {
        let line = lines.remove(&row.line_id).ok_or_else(|| Error::fault("an unconfirmed line that is not there"))?;
        let waits_since = row.waits_since.unwrap_or(today);
        Ok(UnconfirmedLine {
            package_reference: references.get(&row.package_id).cloned().unwrap_or_default(),
            full_year_pence: profile.costing.full_year(&line.costed()).map_err(Error::fault)?,
            waiting_recorded_by: row.recorded_by,
            waits_since,
            days_waiting: (today - waits_since).num_days(),
            line,
        })
    };
    rows.into_iter().map(item).collect()
}

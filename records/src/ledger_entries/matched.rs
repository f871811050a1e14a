//! Matches of ledger entries as they are on record, and the arrangement that a package line is part of.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use db::AnyConnection;
use db::schema::{ledger_matches, package_lines};
use diesel::prelude::*;
use domain::ledger_entries;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a payment is for, or the row that takes such a statement back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = ledger_matches)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "entry_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41",
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "reverses_id": null, "reason": "Invoice 4411 is for this placement",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-06-05T09:00:00Z", "recorded_seq": 440
}))]
pub struct LedgerMatch {
    /// The match's id.
    pub id: String,
    /// The ledger entry.
    pub entry_id: String,
    /// The first line of the arrangement that the entry pays; null, it is not for a package.
    pub line_id: Option<String>,
    /// The match that this row takes back.
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

impl ledger_entries::Match for LedgerMatch {
    fn id(&self) -> &str {
        &self.id
    }

    fn reverses_id(&self) -> Option<&str> {
        self.reverses_id.as_deref()
    }
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLedgerMatches {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this entry's.
    entry_id: Option<Id>,
}

/// The match with that id.
pub(crate) fn find(connection: &mut AnyConnection, id: &str) -> Result<LedgerMatch, Error> {
    let found = ledger_matches::table.find(id).select(LedgerMatch::as_select()).first(connection).optional()?;
    found.ok_or_else(|| Error::not_found("match of a ledger entry"))
}

/// The match of an entry that nothing took back.
pub(crate) fn standing(connection: &mut AnyConnection, entry_id: &str) -> Result<Option<LedgerMatch>, Error> {
    let rows: Vec<LedgerMatch> = ledger_matches::table
        .filter(ledger_matches::entry_id.eq(entry_id))
        .select(LedgerMatch::as_select())
        .order((ledger_matches::recorded_seq, ledger_matches::id))
        .load(connection)?;
    Ok(ledger_entries::standing(&rows).cloned())
}

/// The first line of the arrangement that a line is part of, and the budget line that pays it.
pub fn arrangement_of(connection: &mut AnyConnection, line_id: &str) -> Result<Option<(String, String)>, Error> {
    let found: Option<(Option<String>, String)> = package_lines::table
        .filter(package_lines::line_id.eq(line_id))
        .select((package_lines::continues_line_id, package_lines::budget_line))
        .first(connection)
        .optional()?;
    Ok(found.map(|(continues, budget_line)| (continues.unwrap_or_else(|| line_id.to_owned()), budget_line)))
}

/// A page of matches.
pub(crate) fn page(connection: &mut AnyConnection, wanted: ListLedgerMatches) -> Result<Page<LedgerMatch>, Error> {
    let ListLedgerMatches { limit, cursor, entry_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = ledger_matches::table
        .select(LedgerMatch::as_select())
        .filter(ledger_matches::recorded_seq.ge(after.seq))
        .filter(ledger_matches::recorded_seq.gt(after.seq).or(ledger_matches::id.gt(after.id)))
        .into_boxed();
    if let Some(entry) = entry_id {
        query = query.filter(ledger_matches::entry_id.eq(entry.0));
    }
    let rows = query.order((ledger_matches::recorded_seq, ledger_matches::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &LedgerMatch| After::key(row.recorded_seq, &row.id)))
}

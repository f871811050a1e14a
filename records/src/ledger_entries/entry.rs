//! Ledger entries as they are on record.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::ledger_entries;
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An entry of the ledger.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = ledger_entries)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "source": "finance_system", "file_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a40",
    "sheet": null, "line_number": 214, "occurrence": 1, "posted_on": "2023-05-12", "year": "2023-24", "budget_line": "direct_payments",
    "provider_id": null, "reference": "DP2305-0412", "purchase_order": null, "amount_pence": 48240, "reverses_id": null, "recodes_id": null,
    "reason": "imported", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-06-02T09:00:00Z", "recorded_seq": 412
}))]
pub struct LedgerEntry {
    /// The entry's id.
    pub id: String,
    /// The ledger it is from, or `correction`.
    pub source: String,
    /// The file it came in.
    pub file_id: Option<String>,
    /// Its sheet, where that file is a workbook.
    pub sheet: Option<String>,
    /// Its line in that file or sheet.
    pub line_number: Option<i64>,
    /// What identifies the line, hashed: no reader needs it.
    #[serde(skip)]
    pub line_hash: String,
    /// Its turn among equal lines of the file.
    pub occurrence: i64,
    /// The day the finance system posted it.
    pub posted_on: NaiveDate,
    /// The financial year it counts in: that of the day, or, where that was closed, the next that was open.
    pub year: FinancialYear,
    /// The budget line it counts against.
    pub budget_line: String,
    /// The provider paid, where the mapping knows the supplier.
    pub provider_id: Option<String>,
    /// The finance system's number for it.
    pub reference: Option<String>,
    /// The number of the order it was paid on, as the finance system writes it.
    pub purchase_order: Option<String>,
    /// Credits are negative.
    pub amount_pence: Pence,
    /// The entry that this one takes back.
    pub reverses_id: Option<String>,
    /// The entry whose coding this one puts right.
    pub recodes_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id, or the command.
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
pub struct ListEntries {
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
    /// Only what came in this file.
    file_id: Option<Id>,
}

/// The entry with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<LedgerEntry, Error> {
    let entry = ledger_entries::table.find(id).select(LedgerEntry::as_select()).first(connection).optional()?;
    entry.ok_or_else(|| Error::not_found("ledger entry"))
}

/// The entry that recoded what another takes back; none, it takes back nothing, or what it takes back was not recoded.
pub(crate) fn recoded_by(connection: &mut AnyConnection, entry: &LedgerEntry) -> Result<Option<String>, Error> {
    let Some(original) = &entry.reverses_id else { return Ok(None) };
    let recoding = ledger_entries::table.filter(ledger_entries::recodes_id.eq(original)).select(ledger_entries::id);
    Ok(recoding.first(connection).optional()?)
}

/// Whether an entry was taken back.
pub(crate) fn was_reversed(connection: &mut AnyConnection, entry: &LedgerEntry) -> Result<bool, Error> {
    let taken_back = ledger_entries::table.filter(ledger_entries::reverses_id.eq(&entry.id));
    Ok(diesel::select(diesel::dsl::exists(taken_back)).get_result(connection)?)
}

/// List ledger entries.
pub fn list(connection: &mut AnyConnection, wanted: ListEntries) -> Result<Page<LedgerEntry>, Error> {
    let ListEntries { limit, cursor, year, budget_line, file_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = ledger_entries::table
        .select(LedgerEntry::as_select())
        .filter(ledger_entries::recorded_seq.ge(after.seq))
        .filter(ledger_entries::recorded_seq.gt(after.seq).or(ledger_entries::id.gt(after.id)))
        .into_boxed();
    if let Some(year) = year {
        query = query.filter(ledger_entries::year.eq(year));
    }
    if let Some(line) = budget_line {
        query = query.filter(ledger_entries::budget_line.eq(line.0));
    }
    if let Some(file) = file_id {
        query = query.filter(ledger_entries::file_id.eq(file.0));
    }
    let rows = query.order((ledger_entries::recorded_seq, ledger_entries::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &LedgerEntry| After::key(row.recorded_seq, &row.id)))
}

//! Ledger entries: what was really spent, as the council's finance system has it.

use super::{budget_lines, ledger_matches};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::already_reversed;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::ledger_entries;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The source of entries that correct others: they come from no file.
const CORRECTION: &str = "correction";

/// An entry of the ledger.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = ledger_entries)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "source": "finance_system", "file_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a40",
    "line_number": 214, "occurrence": 1, "posted_on": "2023-05-12", "year": "2023-24", "budget_line": "direct_payments",
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
    /// Its line in that file.
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

/// A correction of an entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Coded to the wrong line by the finance system", "recode_to": "home_care" }))]
pub struct NewEntryReversal {
    /// In words that name no person.
    pub reason: Text<500>,
    /// The budget line it should count against; none, it should not count at all.
    pub recode_to: Option<CodeText>,
}

/// What corrected an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryReversal {
    /// The entry that takes it back.
    pub reversal: LedgerEntry,
    /// The same money under the right budget line, if it was recoded.
    pub replacement: Option<LedgerEntry>,
}

impl Located for EntryReversal {
    fn location(&self) -> String {
        format!("/v1/ledger-entries/{}", self.reversal.id)
    }
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

/// List ledger entries
#[utoipa::path(tag = "ledger", params(ListEntries), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of entries, in the order recorded", body = Page<LedgerEntry>)))]
#[get("/ledger-entries")]
pub async fn list_ledger_entries(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<ListEntries>,
) -> Result<Json<Page<LedgerEntry>>, Problem> {
    let ListEntries { limit, cursor, year, budget_line, file_id } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
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
        Ok(Json(limit.page(rows, |row: &LedgerEntry| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a ledger entry
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The entry", body = LedgerEntry)))]
#[get("/ledger-entries/{id}")]
pub async fn get_ledger_entry(app: Data<App>, _: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LedgerEntry>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Reverse or recode a ledger entry
///
/// Adds an entry of the opposite amount on the same day that names this one and, with `recode_to`, one that counts the money
/// against the right budget line. An entry that takes another back can be taken back in turn: then the first counts again. What
/// corrects an entry of a closed year counts in the next open one. A match of the entry holds for the one that takes it back.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), request_body = NewEntryReversal,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "What corrected it", body = EntryReversal)))]
#[post("/ledger-entries/{id}/reversal")]
pub async fn reverse_ledger_entry(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewEntryReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value)).await
}

/// The entry with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<LedgerEntry, Problem> {
    let entry = ledger_entries::table.find(id).select(LedgerEntry::as_select()).first(connection).optional()?;
    entry.ok_or_else(|| Problem::not_found("ledger entry"))
}

fn reverse(write: &mut Write<'_>, id: &str, new: NewEntryReversal) -> Result<EntryReversal, Problem> {
    let entry = find(write.connection, id)?;
    refuse_half_of_a_recoding(write.connection, &entry)?;
    if let Some(line) = &new.recode_to {
        refuse_line(write.connection, &entry, &line.0)?;
    }
    let (year, reason) = in_open_year(write.connection, &entry, new.reason.0)?;
    let correction = |write: &Write<'_>| {
        let id = new_id();
        LedgerEntry {
            source: CORRECTION.to_owned(),
            file_id: None,
            line_number: None,
            // Known by its own id: no line of any file is this entry.
            line_hash: id.clone(),
            id,
            occurrence: 1,
            year,
            reason: reason.clone(),
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
            recodes_id: None,
            reverses_id: None,
            ..entry.clone()
        }
    };
    let amount_pence = entry.amount_pence.checked_neg().map_err(Problem::internal)?;
    let reversal = LedgerEntry { amount_pence, reverses_id: Some(entry.id.clone()), ..correction(write) };
    insert(write, &reversal).map_err(|error| already_reversed(error, "ledger_entries_reverses_id_key"))?;
    ledger_matches::follow_reversal(write, &entry.id, &reversal.id)?;
    let replacement =
        new.recode_to.map(|line| LedgerEntry { budget_line: line.0, recodes_id: Some(entry.id.clone()), ..correction(write) });
    if let Some(replacement) = &replacement {
        insert(write, replacement)?;
    }
    write.record(Event::new("reverse", "ledger_entries", id))?;
    Ok(EntryReversal { reversal, replacement })
}

/// The year in which a correction counts, and its reason: what was posted in a closed year is put right in the next open one.
fn in_open_year(connection: &mut AnyConnection, entry: &LedgerEntry, reason: String) -> Result<(FinancialYear, String), Problem> {
    match db::open_year_for(connection, entry.year)? {
        Some(year) if year == entry.year => Ok((year, reason)),
        Some(year) => Ok((year, format!("{reason} (posted in {}, which was closed)", entry.year))),
        None => {
            let detail = format!("{} was closed, and no later year is open; open the next one first.", entry.year);
            Err(Problem::new(Code::StateConflict, detail))
        }
    }
}

/// The reversal that stands beside a recoded entry stays with it: taken back alone, the money would count twice.
fn refuse_half_of_a_recoding(connection: &mut AnyConnection, entry: &LedgerEntry) -> Result<(), Problem> {
    let Some(original) = &entry.reverses_id else { return Ok(()) };
    let recoded: Option<String> =
        ledger_entries::table.filter(ledger_entries::recodes_id.eq(original)).select(ledger_entries::id).first(connection).optional()?;
    match recoded {
        None => Ok(()),
        Some(id) => Err(Problem::new(Code::StateConflict, format!("This is half of a recoding; correct the other half, entry {id}."))),
    }
}

fn refuse_line(connection: &mut AnyConnection, entry: &LedgerEntry, code: &str) -> Result<(), Problem> {
    let refused = |code, detail| Err(Problem::invalid(vec![FieldError::new("/recode_to", code, detail)]));
    if entry.reverses_id.is_some() {
        return refused("reversal", "an entry that takes another back is taken back itself, not recoded");
    }
    if code == entry.budget_line {
        return refused("same_line", "the entry counts against this line already");
    }
    let directions = [budget_lines::find(connection, code)?, budget_lines::find(connection, &entry.budget_line)?]
        .map(|line| line.map(|line| line.direction));
    match directions {
        [None, _] => refused("unknown_reference", "no budget line has this code"),
        [Some(new), Some(old)] if new != old => refused("direction", "money does not move between expenditure and income"),
        _ => Ok(()),
    }
}

fn insert(write: &mut Write<'_>, entry: &LedgerEntry) -> Result<(), db::Error> {
    diesel::insert_into(ledger_entries::table).values(entry).execute(write.connection)?;
    Ok(())
}

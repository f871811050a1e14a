//! Matches: what a finance officer says a payment is for, where the payment does not say so itself.

use super::ledger_entries::{self, LedgerEntry};
use super::packages;
use super::year_closures::refuse_closed;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{ledger_entries as entries, ledger_matches, package_lines};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
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

impl Located for LedgerMatch {
    fn location(&self) -> String {
        format!("/v1/ledger-matches/{}", self.id)
    }
}

/// A match to record: either with a package line or for no package.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "reason": "Invoice 4411 is for this placement" }))]
pub struct NewLedgerMatch {
    /// Any line of the arrangement that the entry pays.
    pub line_id: Option<Id>,
    /// `true`: the entry pays no package, and releases no commitment.
    #[serde(default)]
    pub not_for_a_package: bool,
    /// In words that name no person.
    pub reason: Text<500>,
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

/// List matches of ledger entries
#[utoipa::path(tag = "ledger", params(ListLedgerMatches), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of matches and reversals, in the order recorded", body = Page<LedgerMatch>)))]
#[get("/ledger-matches")]
pub async fn list_ledger_matches(
    app: Data<App>,
    caller: Caller<LedgerRead>,
    params: Params<ListLedgerMatches>,
) -> Result<Json<Page<LedgerMatch>>, Problem> {
    let ListLedgerMatches { limit, cursor, entry_id } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let mut query = ledger_matches::table
            .select(LedgerMatch::as_select())
            .filter(ledger_matches::recorded_seq.ge(after.seq))
            .filter(ledger_matches::recorded_seq.gt(after.seq).or(ledger_matches::id.gt(after.id)))
            .into_boxed();
        if let Some(entry) = entry_id {
            query = query.filter(ledger_matches::entry_id.eq(entry.0));
        }
        let rows = query.order((ledger_matches::recorded_seq, ledger_matches::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &LedgerMatch| After::key(row.recorded_seq, &row.id));
        write.record(Event::new("list", "ledger_matches", ""))?;
        record_packages_read(write, page.items.iter().filter_map(|row| row.line_id.as_deref()))?;
        Ok(Json(page))
    })
    .await
}

/// Read a match of a ledger entry
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The match's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The match", body = LedgerMatch)))]
#[get("/ledger-matches/{id}")]
pub async fn get_ledger_match(app: Data<App>, caller: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LedgerMatch>, Problem> {
    app.write(caller.actor(), move |write| {
        let found = find(write.connection, &id.0)?;
        write.record(Event::new("read", "ledger_matches", &found.id))?;
        record_packages_read(write, found.line_id.as_deref())?;
        Ok(Json(found))
    })
    .await
}

/// Match a ledger entry
///
/// Says which arrangement the entry pays, or that it pays none. It then releases that arrangement's commitments and no others. Without
/// a match an entry goes by the number of its order, or else by its provider. An entry has one match at a time.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), request_body = NewLedgerMatch,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "The match", body = LedgerMatch)))]
#[post("/ledger-entries/{id}/match")]
pub async fn match_ledger_entry(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewLedgerMatch>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, &id.0, body.value)).await
}

/// Reverse a match of a ledger entry
///
/// The entry then goes by its order or its provider again, or may be matched otherwise.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The match's id")), request_body = NewReversal,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "The row that takes it back", body = LedgerMatch)))]
#[post("/ledger-matches/{id}/reversal")]
pub async fn reverse_ledger_match(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<LedgerMatch, Problem> {
    let found = ledger_matches::table.find(id).select(LedgerMatch::as_select()).first(connection).optional()?;
    found.ok_or_else(|| Problem::not_found("match of a ledger entry"))
}

/// The match of an entry that nothing took back.
fn standing(connection: &mut AnyConnection, entry_id: &str) -> Result<Option<LedgerMatch>, Problem> {
    let rows: Vec<LedgerMatch> = ledger_matches::table
        .filter(ledger_matches::entry_id.eq(entry_id))
        .select(LedgerMatch::as_select())
        .order((ledger_matches::recorded_seq, ledger_matches::id))
        .load(connection)?;
    let reversed: BTreeSet<String> = rows.iter().filter_map(|row| row.reverses_id.clone()).collect();
    Ok(rows.into_iter().rfind(|row| row.reverses_id.is_none() && !reversed.contains(&row.id)))
}

/// The entry that takes another back goes where that one went, so that together they pay nothing.
pub fn follow_reversal(write: &mut Write<'_>, entry_id: &str, reversal_id: &str) -> Result<(), Problem> {
    let Some(followed) = standing(write.connection, entry_id)? else { return Ok(()) };
    let row =
        LedgerMatch { line_id: followed.line_id, ..new_row(write, reversal_id, "Goes where the entry went that it takes back".to_owned()) };
    insert(write, &row)?;
    write.record(Event::new("match", "ledger_entries", reversal_id))?;
    Ok(())
}

fn record(write: &mut Write<'_>, entry_id: &str, new: NewLedgerMatch) -> Result<LedgerMatch, Problem> {
    let entry = ledger_entries::find(write.connection, entry_id)?;
    let line_id = match (new.line_id, new.not_for_a_package) {
        (Some(line), false) => Some(arrangement_for(write.connection, &entry, &line.0)?),
        (None, true) => None,
        _ => {
            let detail = "either the line that the entry pays, or `not_for_a_package`: true";
            return Err(Problem::invalid(vec![FieldError::new("/line_id", "one_of_two", detail)]));
        }
    };
    refuse_reversed(write.connection, &entry)?;
    refuse_closed(write.connection, entry.year)?;
    if let Some(before) = standing(write.connection, entry_id)? {
        let detail = format!("The entry is matched already (match {}); reverse that first.", before.id);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let row = LedgerMatch { line_id, ..new_row(write, entry_id, new.reason.0) };
    insert(write, &row)?;
    write.record(Event::new("match", "ledger_entries", entry_id))?;
    record_packages_read(write, row.line_id.as_deref())?;
    Ok(row)
}

/// The first line of the arrangement, if the entry counts against its budget line.
fn arrangement_for(connection: &mut AnyConnection, entry: &LedgerEntry, line_id: &str) -> Result<String, Problem> {
    let refuse = |code: &str, detail: String| Problem::invalid(vec![FieldError::new("/line_id", code, detail)]);
    let (arrangement, budget_line) =
        arrangement_of(connection, line_id)?.ok_or_else(|| refuse("unknown_reference", "no package line has this id".to_owned()))?;
    if budget_line != entry.budget_line {
        let detail =
            format!("the line is paid from {budget_line}, and the entry counts against {}: recode the entry first", entry.budget_line);
        return Err(refuse("other_budget_line", detail));
    }
    Ok(arrangement)
}

/// The first line of the arrangement that a line is part of, and the budget line that pays it.
pub fn arrangement_of(connection: &mut AnyConnection, line_id: &str) -> Result<Option<(String, String)>, Problem> {
    let found: Option<(Option<String>, String)> = package_lines::table
        .filter(package_lines::line_id.eq(line_id))
        .select((package_lines::continues_line_id, package_lines::budget_line))
        .first(connection)
        .optional()?;
    Ok(found.map(|(continues, budget_line)| (continues.unwrap_or_else(|| line_id.to_owned()), budget_line)))
}

/// What was taken back, and what takes back, pays nothing: there is nothing to match.
fn refuse_reversed(connection: &mut AnyConnection, entry: &LedgerEntry) -> Result<(), Problem> {
    if entry.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This entry takes another back, and goes where that one went."));
    }
    let taken_back = entries::table.filter(entries::reverses_id.eq(&entry.id));
    if diesel::select(diesel::dsl::exists(taken_back)).get_result(connection)? {
        return Err(Problem::new(Code::StateConflict, "The entry was reversed: it pays nothing."));
    }
    Ok(())
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<LedgerMatch, Problem> {
    let found = find(write.connection, id)?;
    if found.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; match the entry again instead."));
    }
    let entry = ledger_entries::find(write.connection, &found.entry_id)?;
    // Both would have to move together, or what they add up to would not be nothing any more.
    refuse_reversed(write.connection, &entry)?;
    refuse_closed(write.connection, entry.year)?;
    let row = LedgerMatch { line_id: found.line_id, reverses_id: Some(found.id), ..new_row(write, &entry.id, reason) };
    insert(write, &row).map_err(|error| already_reversed(error, "ledger_matches_reverses_id_key"))?;
    write.record(Event::new("reverse", "ledger_matches", id))?;
    record_packages_read(write, row.line_id.as_deref())?;
    Ok(row)
}

fn new_row(write: &Write<'_>, entry_id: &str, reason: String) -> LedgerMatch {
    LedgerMatch {
        id: new_id(),
        entry_id: entry_id.to_owned(),
        line_id: None,
        reverses_id: None,
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    }
}

fn insert(write: &mut Write<'_>, row: &LedgerMatch) -> Result<(), db::Error> {
    diesel::insert_into(ledger_matches::table).values(row).execute(write.connection)?;
    Ok(())
}

/// A line is part of its child's record: showing which one is meant is a read of its package, once each.
pub fn record_packages_read<'l>(write: &mut Write<'_>, line_ids: impl IntoIterator<Item = &'l str>) -> Result<(), Problem> {
    let line_ids: BTreeSet<&str> = line_ids.into_iter().collect();
    if line_ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = package_lines::table
        .filter(package_lines::line_id.eq_any(line_ids))
        .select(package_lines::package_id)
        .distinct()
        .order(package_lines::package_id)
        .load(write.connection)?;
    for package in packages::find_all(write.connection, &ids)? {
        packages::record_read(write, &package)?;
    }
    Ok(())
}

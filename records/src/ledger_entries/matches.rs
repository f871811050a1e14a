//! Matches: what a finance officer says a payment is for, where the payment does not say so itself.

use crate::error::Error;
use crate::joint_funding::shares::has_share_on;
use crate::ledger_entries::entry::LedgerEntry;
use crate::ledger_entries::matched::standing;
use crate::ledger_entries::{entry, matched};
use crate::money::closed_years::refuse_closed;
use crate::packages;
use crate::page::Page;
use crate::reversal::already_reversed;
use crate::text::{Id, Text};
use db::schema::{ledger_matches, package_lines};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::ledger_entries::{line_mistake, line_or_no_package, refuse_matching};
use domain::{Code, Refusal};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

pub use crate::ledger_entries::matched::{LedgerMatch, ListLedgerMatches, arrangement_of};

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

/// The entry that takes another back goes where that one went, so that together they pay nothing.
pub fn follow_reversal(write: &mut Write<'_>, entry_id: &str, reversal_id: &str) -> Result<(), Error> {
    let Some(followed) = standing(write.connection, entry_id)? else { return Ok(()) };
    let row =
        LedgerMatch { line_id: followed.line_id, ..new_row(write, reversal_id, "Goes where the entry went that it takes back".to_owned()) };
    insert(write, &row)?;
    write.record(Event::new("match", "ledger_entries", reversal_id))?;
    Ok(())
}

/// Records what an entry pays.
pub fn record(write: &mut Write<'_>, entry_id: &str, new: NewLedgerMatch) -> Result<LedgerMatch, Error> {
    let entry = entry::find(write.connection, entry_id)?;
    let line = line_or_no_package(new.line_id, new.not_for_a_package)?;
    let line_id = line.map(|line| arrangement_for(write.connection, &entry, &line.0)).transpose()?;
    refuse_reversed(write.connection, &entry)?;
    refuse_closed(write.connection, entry.year)?;
    if let Some(before) = standing(write.connection, entry_id)? {
        let detail = format!("The entry is matched already (match {}); reverse that first.", before.id);
        return Err(Error::refused(Code::StateConflict, detail));
    }
    let row = LedgerMatch { line_id, ..new_row(write, entry_id, new.reason.0) };
    insert(write, &row)?;
    write.record(Event::new("match", "ledger_entries", entry_id))?;
    record_packages_read(write, row.line_id.as_deref())?;
    Ok(row)
}

/// The first line of the arrangement, if the entry counts against its budget line, or on one that somebody pays a share of it on.
fn arrangement_for(connection: &mut AnyConnection, entry: &LedgerEntry, line_id: &str) -> Result<String, Error> {
    let mut found = arrangement_of(connection, line_id)?;
    if let Some((arrangement, budget_line)) = &mut found
        && has_share_on(connection, arrangement, &entry.budget_line)?
    {
        // What a funder paid is for the arrangement that it pays a share of.
        budget_line.clone_from(&entry.budget_line);
    }
    let mistake = line_mistake(&entry.budget_line, found.as_ref().map(|(_, budget_line)| budget_line.as_str()));
    Refusal::unless_valid(mistake.into_iter().collect())?;
    found.map(|(arrangement, _)| arrangement).ok_or_else(|| Error::not_found("package line"))
}

/// What was taken back, and what takes back, pays nothing: there is nothing to match.
fn refuse_reversed(connection: &mut AnyConnection, entry: &LedgerEntry) -> Result<(), Error> {
    Ok(refuse_matching(entry.reverses_id.is_some(), entry::was_reversed(connection, entry)?)?)
}

/// Takes a match back.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<LedgerMatch, Error> {
    let found = matched::find(write.connection, id)?;
    if found.reverses_id.is_some() {
        return Err(Error::refused(Code::StateConflict, "This is a reversal itself; match the entry again instead."));
    }
    let entry = entry::find(write.connection, &found.entry_id)?;
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
pub fn record_packages_read<'l>(write: &mut Write<'_>, line_ids: impl IntoIterator<Item = &'l str>) -> Result<(), Error> {
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

/// List matches of ledger entries.
pub fn list(write: &mut Write<'_>, wanted: ListLedgerMatches) -> Result<Page<LedgerMatch>, Error> {
    let page = matched::page(write.connection, wanted)?;
    write.record(Event::new("list", "ledger_matches", ""))?;
    record_packages_read(write, page.items.iter().filter_map(|row| row.line_id.as_deref()))?;
    Ok(page)
}

/// Read a match of a ledger entry.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<LedgerMatch, Error> {
    let found = matched::find(write.connection, id)?;
    write.record(Event::new("read", "ledger_matches", &found.id))?;
    record_packages_read(write, found.line_id.as_deref())?;
    Ok(found)
}

//! Corrections of ledger entries: one is taken back, and where its coding was wrong, replaced.

use crate::error::Error;
use crate::ledger_entries::entry::{LedgerEntry, find, recoded_by};
use crate::ledger_entries::matches;
use crate::money::budget_lines;
use crate::reversal::already_reversed;
use crate::text::{CodeText, Text};
use db::schema::ledger_entries;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::ledger_entries::{EntryLine, corrected_in, recoding_mistake, refuse_half_of_a_recoding};
use domain::{FieldError, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The source of entries that correct others: they come from no file.
const CORRECTION: &str = "correction";

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

/// Takes an entry back, and where it is recoded, adds the same money under the right budget line.
pub fn reverse(write: &mut Write<'_>, id: &str, new: NewEntryReversal) -> Result<EntryReversal, Error> {
    let entry = find(write.connection, id)?;
    refuse_half_of_a_recoding(recoded_by(write.connection, &entry)?.as_deref())?;
    if let Some(line) = &new.recode_to {
        Refusal::unless_valid(recoding_mistakes(write.connection, &entry, &line.0)?)?;
    }
    let (year, reason) = corrected_in(entry.year, db::open_year_for(write.connection, entry.year)?, new.reason.0)?;
    let correction = |write: &Write<'_>| {
        let id = new_id();
        LedgerEntry {
            source: CORRECTION.to_owned(),
            file_id: None,
            sheet: None,
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
    let amount_pence = entry.amount_pence.checked_neg().map_err(Error::fault)?;
    let reversal = LedgerEntry { amount_pence, reverses_id: Some(entry.id.clone()), ..correction(write) };
    insert(write, &reversal).map_err(|error| already_reversed(error, "ledger_entries_reverses_id_key"))?;
    matches::follow_reversal(write, &entry.id, &reversal.id)?;
    let replacement =
        new.recode_to.map(|line| LedgerEntry { budget_line: line.0, recodes_id: Some(entry.id.clone()), ..correction(write) });
    if let Some(replacement) = &replacement {
        insert(write, replacement)?;
    }
    write.record(Event::new("reverse", "ledger_entries", id))?;
    Ok(EntryReversal { reversal, replacement })
}

fn recoding_mistakes(connection: &mut AnyConnection, entry: &LedgerEntry, code: &str) -> Result<Vec<FieldError>, Error> {
    let mut direction = |code| Ok::<_, Error>(budget_lines::find(connection, code)?.map(|line| line.direction));
    let from = EntryLine { code: &entry.budget_line, direction: direction(&entry.budget_line)? };
    let to = EntryLine { code, direction: direction(code)? };
    Ok(recoding_mistake(entry.reverses_id.is_some(), from, to).into_iter().collect())
}

fn insert(write: &mut Write<'_>, entry: &LedgerEntry) -> Result<(), db::Error> {
    diesel::insert_into(ledger_entries::table).values(entry).execute(write.connection)?;
    Ok(())
}

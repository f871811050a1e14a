//! What was said and taken back later: what entries are for, and what was released.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{commitment_releases, ledger_entries, ledger_matches};
use diesel::prelude::*;
use domain::FinancialYear;
use domain::commitments::{RecordedMatch, RecordedRelease};
use std::collections::HashMap;

/// The day on which each row was taken back, by the row's id.
type TakenBack = HashMap<String, NaiveDate>;

/// What entries were said to be for; of a book also the entries that its own reverse.
pub(super) fn matches(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedMatch>, Error> {
    type Row = (String, String, Option<String>, Option<String>, NaiveDateTime);
    let mut query = ledger_matches::table
        .select((
            ledger_matches::id,
            ledger_matches::entry_id,
            ledger_matches::line_id,
            ledger_matches::reverses_id,
            ledger_matches::recorded_at,
        ))
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        let of_book =
            || ledger_entries::table.filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(budget_line.to_owned())));
        let reversed = of_book().filter(ledger_entries::reverses_id.is_not_null()).select(ledger_entries::reverses_id.assume_not_null());
        let own = of_book().select(ledger_entries::id);
        query = query.filter(ledger_matches::entry_id.eq_any(own).or(ledger_matches::entry_id.eq_any(reversed)));
    }
    let query = recorded_before!(query, ledger_matches, asked);
    let rows: Vec<Row> = query.order((ledger_matches::recorded_seq, ledger_matches::id)).load(connection)?;
    let taken_back: TakenBack = rows.iter().filter_map(|row| Some((row.3.clone()?, asked.zone.day_of(row.4)))).collect();
    let standing = rows.into_iter().filter(|row| row.3.is_none());
    let row = |(id, entry, arrangement, _, recorded_at): Row| RecordedMatch {
        reversed_on: taken_back.get(&id).copied(),
        entry,
        arrangement,
        recorded_on: asked.zone.day_of(recorded_at),
    };
    Ok(standing.map(row).collect())
}

/// What was released.
pub(super) fn releases(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedRelease>, Error> {
    use commitment_releases as releases;
    type Row = (String, FinancialYear, String, Option<String>, Option<String>, (NaiveDate, bool, i64), Option<String>, NaiveDateTime);
    let mut query = releases::table
        .select((
            releases::id,
            releases::year,
            releases::budget_line,
            releases::provider_id,
            releases::line_id,
            (releases::up_to, releases::only_carried, releases::recorded_seq),
            releases::reverses_id,
            releases::recorded_at,
        ))
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(releases::year.eq(year).and(releases::budget_line.eq(budget_line.to_owned())));
    }
    let rows: Vec<Row> = recorded_before!(query, releases, asked).order(releases::id).load(connection)?;
    let taken_back: TakenBack = rows.iter().filter_map(|row| Some((row.6.clone()?, asked.zone.day_of(row.7)))).collect();
    let standing = rows.into_iter().filter(|row| row.6.is_none());
    let row = |(id, year, budget_line, provider, arrangement, (up_to, only_carried, number), _, recorded_at): Row| RecordedRelease {
        reversed_on: taken_back.get(&id).copied(),
        year,
        budget_line,
        provider,
        arrangement,
        up_to,
        only_carried,
        number,
        recorded_on: asked.zone.day_of(recorded_at),
    };
    Ok(standing.map(row).collect())
}

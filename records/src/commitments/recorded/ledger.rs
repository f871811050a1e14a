//! Closed years, and the ledger's entries.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{ledger_entries, year_closures};
use diesel::prelude::*;
use domain::commitments::Entry;
use domain::{FinancialYear, Pence, TimeZone};

/// The closed years, and when each was closed.
pub(super) fn closures(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<(FinancialYear, NaiveDate)>, Error> {
    let mut query = year_closures::table.select((year_closures::year, year_closures::recorded_at)).into_boxed();
    if let Some((year, _)) = asked.book {
        query = query.filter(year_closures::year.eq(year));
    }
    let rows: Vec<(FinancialYear, NaiveDateTime)> =
        recorded_before!(query, year_closures, asked).order(year_closures::year).load(connection)?;
    Ok(rows.into_iter().map(|(year, recorded_at)| (year, asked.zone.day_of(recorded_at))).collect())
}

/// The ledger's entries of a year and budget line.
pub(in crate::commitments) fn entries(
    connection: &mut AnyConnection,
    year: FinancialYear,
    code: &str,
    zone: TimeZone,
) -> Result<Vec<Entry>, Error> {
    type Row = (String, NaiveDate, (String, Option<String>, Option<String>, Option<String>), Pence, NaiveDateTime);
    let rows: Vec<Row> = ledger_entries::table
        .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(code)))
        .select((
            ledger_entries::id,
            ledger_entries::posted_on,
            (ledger_entries::budget_line, ledger_entries::provider_id, ledger_entries::purchase_order, ledger_entries::reverses_id),
            ledger_entries::amount_pence,
            ledger_entries::recorded_at,
        ))
        .load(connection)?;
    let entry = |(id, posted_on, (budget_line, provider, order, reverses), amount, recorded_at): Row| {
        let recorded_on = zone.day_of(recorded_at);
        Entry { id, posted_on, budget_line, provider, order, reverses, amount, recorded_on }
    };
    Ok(rows.into_iter().map(entry).collect())
}

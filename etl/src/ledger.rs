//! The fact of ledger entries: written in bounded chunks, and only what is new.
//!
//! The ledger is append-only and writers take turns, so the entries numbered after the last run's watermark are exactly those
//! the last run did not see. Parts already written are linked into the new snapshot, not written again.

use crate::columns;
use crate::error::{At, Error};
use crate::files::{sha256, write_parquet};
use crate::manifest::{Table, TableFile, TableKind};
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::ledger_entries;
use diesel::prelude::*;
use domain::{FinancialYear, Period, TimeZone};
use polars::prelude::*;
use std::path::Path;

/// The fact's name.
pub(crate) const ENTRIES: &str = "fact_ledger_entries";
/// Entries read at a time: memory stays bounded whatever the ledger's length.
const CHUNK: i64 = 50_000;

#[derive(Queryable)]
struct Entry {
    id: String,
    source: String,
    posted_on: NaiveDate,
    year: FinancialYear,
    budget_line: String,
    provider_id: Option<String>,
    reference: Option<String>,
    purchase_order: Option<String>,
    reverses_id: Option<String>,
    amount_pence: i64,
    recorded_at: NaiveDateTime,
    recorded_seq: i64,
}

/// Writes the entries recorded after an event and before an instant, the two of `between`, below `directory`. `kept` are the parts the
/// snapshot has already; they come first in the table returned.
pub(crate) fn write(
    connection: &mut AnyConnection,
    directory: &Path,
    pseudonyms: &Pseudonyms,
    between: (i64, NaiveDateTime),
    zone: TimeZone,
    this_year: FinancialYear,
    kept: Vec<TableFile>,
) -> Result<Table, Error> {
    let (after_seq, before) = between;
    let mut files = kept;
    let mut last = (after_seq, None);
    for number in 0_u32.. {
        let entries = chunk(connection, &last, before)?;
        let Some(end) = entries.last() else { break };
        let (from, to) = (entries[0].recorded_seq, end.recorded_seq);
        last = (to, Some(end.id.clone()));
        // The chunk's number too: one import may fill several chunks.
        let name = format!("part-{from:012}-{to:012}-{number:04}.parquet");
        for mut part in frame(&entries, zone, pseudonyms)?.partition_by_stable(["financial_year"], true)? {
            let year = part.column("financial_year")?.str()?.get(0).unwrap_or_default().to_owned();
            files.push(write_part(directory, &year, &name, &mut part)?);
        }
        log::debug!("{} ledger entries extracted", entries.len());
    }
    if files.is_empty() {
        // Another engine reading the fact by its files needs one to learn the columns from.
        let mut none = frame(&[], zone, pseudonyms)?;
        files.push(write_part(directory, this_year.as_str(), "part-000000000000-000000000000-0000.parquet", &mut none)?);
    }
    Ok(Table { name: ENTRIES.to_owned(), kind: TableKind::Fact, rows: files.iter().map(|file| file.rows).sum(), files })
}

/// Links the parts of an earlier snapshot into a new one after proving them whole; none if one is missing or changed.
pub(crate) fn link_parts(from: &Path, to: &Path, parts: &[TableFile]) -> Result<Option<Vec<TableFile>>, Error> {
    for part in parts {
        let (old, new) = (from.join(&part.path), to.join(&part.path));
        match sha256(&old) {
            Ok(hash) if hash == part.sha256 => {}
            Ok(_) => return Ok(None),
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error),
        }
        let folder = crate::files::parent(&new);
        std::fs::create_dir_all(&folder).at(&folder)?;
        if std::fs::hard_link(&old, &new).is_err() {
            // A file system without hard links.
            std::fs::copy(&old, &new).at(&new)?;
        }
    }
    Ok(Some(parts.to_vec()))
}

fn chunk(connection: &mut AnyConnection, last: &(i64, Option<String>), before: NaiveDateTime) -> Result<Vec<Entry>, Error> {
    let (seq, id) = last;
    // Before the first chunk every entry numbered `seq` is in the warehouse already.
    let first = if id.is_some() { *seq } else { seq + 1 };
    let id = id.as_deref().unwrap_or_default();
    Ok(ledger_entries::table
        .filter(ledger_entries::recorded_at.lt(before))
        // Said twice: the plain bound lets both databases use the index, the second steps within one number.
        .filter(ledger_entries::recorded_seq.ge(first))
        .filter(ledger_entries::recorded_seq.gt(*seq).or(ledger_entries::id.gt(id)))
        .order((ledger_entries::recorded_seq, ledger_entries::id))
        .limit(CHUNK)
        .select((
            ledger_entries::id,
            ledger_entries::source,
            ledger_entries::posted_on,
            ledger_entries::year,
            ledger_entries::budget_line,
            ledger_entries::provider_id,
            ledger_entries::reference,
            ledger_entries::purchase_order,
            ledger_entries::reverses_id,
            ledger_entries::amount_pence,
            ledger_entries::recorded_at,
            ledger_entries::recorded_seq,
        ))
        .load(connection)?)
}

fn frame(entries: &[Entry], zone: TimeZone, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    Ok(df!(
        "entry_key" => entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(),
        "financial_year" => entries.iter().map(|entry| entry.year.as_str()).collect::<Vec<_>>(),
        "posted_on" => entries.iter().map(|entry| entry.posted_on).collect::<Vec<_>>(),
        "budget_line" => entries.iter().map(|entry| entry.budget_line.as_str()).collect::<Vec<_>>(),
        "provider_key" => entries.iter().map(|entry| entry.provider_id.as_deref()).collect::<Vec<_>>(),
        "amount_pence" => entries.iter().map(|entry| entry.amount_pence).collect::<Vec<_>>(),
        "source" => entries.iter().map(|entry| entry.source.as_str()).collect::<Vec<_>>(),
        "recorded_seq" => entries.iter().map(|entry| entry.recorded_seq).collect::<Vec<_>>(),
        "recorded_on" => entries.iter().map(|entry| zone.day_of(entry.recorded_at)).collect::<Vec<_>>(),
        "order_key" => entries.iter().map(|entry| entry.purchase_order.as_deref().map(|number| pseudonyms.of(Kind::Order, number)))
            .collect::<Vec<_>>(),
        "item_key" => entries.iter().map(|entry| item_key(entry, pseudonyms)).collect::<Vec<_>>(),
        "reverses_key" => entries.iter().map(|entry| entry.reverses_id.as_deref()).collect::<Vec<_>>(),
        "period" => entries.iter().map(|entry| i64::from(period(entry).number())).collect::<Vec<_>>(),
    )?)
}

/// What an entry is part of: with others of one day, provider and number of the finance system it is one invoice. An entry that lacks one
/// of them stands alone, since one number may be that of many families' payments.
fn item_key(entry: &Entry, pseudonyms: &Pseudonyms) -> String {
    let item = match (&entry.provider_id, &entry.reference) {
        (Some(provider), Some(reference)) => format!("{}/{provider}/{reference}", entry.posted_on),
        _ => entry.id.clone(),
    };
    pseudonyms.of(Kind::LedgerItem, &item)
}

/// The month an entry counts in: that of its day, or, where the day's own year was closed and the entry went to another, its first.
fn period(entry: &Entry) -> Period {
    Period::of(entry.posted_on.clamp(entry.year.starts_on(), entry.year.ends_on()))
}

fn write_part(directory: &Path, year: &str, name: &str, part: &mut DataFrame) -> Result<TableFile, Error> {
    columns::check(ENTRIES, part)?;
    let path = format!("facts/{ENTRIES}/financial_year={year}/{name}");
    write_parquet(&directory.join(&path), part)?;
    Ok(TableFile { sha256: sha256(&directory.join(&path))?, rows: part.height() as u64, path })
}

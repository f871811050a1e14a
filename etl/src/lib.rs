//! The warehouse: what the store holds, as facts, dimensions and marts in Parquet files.
//!
//! [`run`] extracts from one unchanging picture of the store, builds a snapshot aside, proves that it adds up to the store to
//! the penny, and publishes it by replacing one file. A run that fails, or is killed, leaves the last snapshot in place.
//! Readers open a [`Snapshot`], which never changes.
//!
//! Nobody is named in the warehouse: children, and what belongs to one of them, appear as keyed pseudonyms, and `columns.toml` says of every
//! column what it is.

mod ages;
mod calendar;
mod cells;
mod checks;
pub mod columns;
mod decisions;
mod direct_payments;
mod ends;
mod error;
mod extract;
mod facts;
mod files;
mod forecast;
mod grants;
mod in_force;
mod joint_funding;
mod ledger;
pub mod manifest;
mod marts;
mod nights;
mod packages;
mod planned;
mod pseudonym;
mod published;
mod registrations;
mod requests;
mod services;
mod statement;
mod units;
mod warehouse;

pub use cells::{dates, integers, optional_integers, texts};
pub use error::Error;
pub use files::write_atomically;
pub use forecast::{History, MonthMovement, NextYearMonth, NextYearQuestion, Outturn, OutturnMonth, Question, SettledPayments};
pub use manifest::Manifest;
pub use marts::MARTS;
pub use published::{Snapshot, Which};

use crate::calendar::Calendar;
use crate::extract::{Extract, extract, passes_through, watermark};
use crate::ledger::{ENTRIES, link_parts};
use crate::manifest::{LAYOUT, Table, TableFile, TableKind, Watermark};
use crate::pseudonym::{Pseudonyms, key_path};
use crate::warehouse::{Building, Warehouse};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use db::Store;
use domain::{FinancialYear, Profile};
use polars::prelude::DataFrame;
use records::statement_editions::named_snapshots;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// So many parts of the ledger's fact, and the next run writes them anew as a few large ones.
const MOST_PARTS: usize = 400;

/// What a run is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether it may build on the last snapshot.
    pub extent: Extent,
    /// Only what was recorded by the end of that day, in the authority's time zone, counts. Such a snapshot does not become the current one.
    pub as_known_on: Option<NaiveDate>,
}

/// How much of the ledger a run reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// What is new since the last run, where the last snapshot can be built on.
    #[default]
    Incremental,
    /// Everything.
    Full,
}

/// What a run made.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The new snapshot.
    pub snapshot_id: String,
    /// Its directory.
    pub path: PathBuf,
    /// What was read in fact: a run that may build on the last snapshot reads everything when it cannot.
    pub extent: Extent,
    /// Set when the snapshot stands aside and is not the current one.
    pub as_known_on: Option<NaiveDate>,
    /// The last write it holds.
    pub watermark: i64,
    /// Ledger entries in all.
    pub ledger_entries: u64,
    /// Of which this run extracted.
    pub new_ledger_entries: u64,
    /// Package lines that stand.
    pub package_lines: i64,
}

/// Builds a snapshot of the store in the directory `warehouse` and publishes it; `keys` is where the pseudonyms' key is, or
/// will be.
///
/// Fails with [`Error::Busy`] when another run is under way, with [`Error::MissingKey`] when there are snapshots and the key they
/// were made with is gone, and with [`Error::Checks`] when the snapshot does not add up to
/// the store; whatever the failure, readers keep what they had.
pub fn run(store: &Store, profile: &Profile, warehouse: &Path, keys: &Path, options: &Options) -> Result<Outcome, Error> {
    let today = store.clock().today();
    if let Some(day) = options.as_known_on.filter(|day| *day > today) {
        return Err(Error::Future { day, today });
    }
    let taken = Warehouse::take(warehouse)?;
    let last = match (options.extent, options.as_known_on) {
        (Extent::Incremental, None) => Last::open(warehouse, profile),
        _ => None,
    };
    let pseudonyms = match Pseudonyms::open(keys)? {
        Some(pseudonyms) => pseudonyms,
        // A new key would give every child another pseudonym, and nobody could follow one from the old snapshots to the new.
        None if taken.has_snapshots()? => return Err(Error::MissingKey { key: key_path(keys), snapshots: taken.snapshots() }),
        None => Pseudonyms::make(keys)?,
    };
    let building = taken.begin()?;
    let run = Run { profile, options, as_at: options.as_known_on.unwrap_or(today), started: store.clock().now(), pseudonyms, building };
    let extracted = store.read(|connection| run.extract(connection, last.as_ref()))?;
    let manifest = run.build(&extracted)?;
    let path = taken.keep(&run.building, &manifest)?;
    if options.as_known_on.is_none() {
        taken.make_current(&manifest.id)?;
    }
    prune(store, &taken);
    let outcome = outcome(manifest, path, &extracted);
    log::info!("snapshot {} holds {} ledger entries, {} new", outcome.snapshot_id, outcome.ledger_entries, outcome.new_ledger_entries);
    Ok(outcome)
}

/// Removes old snapshots, but none that a published statement names. The new one is out: what stays a while longer does no harm.
fn prune(store: &Store, taken: &Warehouse) {
    match store.read(named_snapshots) {
        Ok(named) => {
            if let Err(error) = taken.prune(&named) {
                log::warn!("old snapshots could not be looked through: {error}");
            }
        }
        Err(error) => log::warn!("old snapshots stay, since the store does not say which of them statements name: {error}"),
    }
}

fn outcome(manifest: Manifest, path: PathBuf, extracted: &Extracted) -> Outcome {
    Outcome {
        snapshot_id: manifest.id,
        path,
        extent: if extracted.linked > 0 { Extent::Incremental } else { Extent::Full },
        as_known_on: manifest.as_known_on,
        watermark: manifest.watermark.seq,
        ledger_entries: extracted.entries.rows,
        new_ledger_entries: extracted.entries.files[extracted.linked..].iter().map(|file| file.rows).sum(),
        package_lines: manifest.control_totals.package_lines,
    }
}

/// The current snapshot, as something to build on.
struct Last {
    directory: PathBuf,
    watermark: Watermark,
    parts: Vec<TableFile>,
}

impl Last {
    /// None when there is none, or it has another shape; then everything is read anew.
    fn open(warehouse: &Path, profile: &Profile) -> Option<Self> {
        let snapshot = match Snapshot::open(warehouse, &Which::Current) {
            Ok(snapshot) => snapshot,
            Err(Error::NothingPublished) => return None,
            Err(error) => {
                log::warn!("the last snapshot cannot be read, so all of the ledger is extracted: {error}");
                return None;
            }
        };
        let manifest = snapshot.manifest();
        let parts = manifest.table(ENTRIES)?.files.clone();
        let same_shape = snapshot.has_own_layout() && manifest.code_version == env!("CARGO_PKG_VERSION") && manifest.as_known_on.is_none();
        let same_shape = same_shape && manifest.time_zone == profile.time_zone;
        let usable = same_shape && parts.len() <= MOST_PARTS;
        usable.then(|| Last { directory: snapshot.directory().to_owned(), watermark: manifest.watermark.clone(), parts })
    }
}

/// A run under way.
struct Run<'r> {
    profile: &'r Profile,
    options: &'r Options,
    as_at: NaiveDate,
    started: NaiveDateTime,
    pseudonyms: Pseudonyms,
    building: Building,
}

/// What was taken from the store.
struct Extracted {
    watermark: Watermark,
    small: Extract,
    entries: Table,
    /// How many of the entries' files come from the last snapshot.
    linked: usize,
}

impl Run<'_> {
    /// Takes all that is needed from one picture of the store; the ledger's entries go straight to files.
    fn extract(&self, connection: &mut db::AnyConnection, last: Option<&Last>) -> Result<Extracted, Error> {
        let before = match self.options.as_known_on {
            Some(day) => self.profile.time_zone.end_of(day),
            // Past every instant a record can carry.
            None => NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN),
        };
        let directory = &self.building.directory;
        let (mut after_seq, mut kept) = (0, Vec::new());
        if let Some(last) = last {
            if !passes_through(connection, &last.watermark)? {
                log::warn!("the last snapshot is of another store, so all of the ledger is extracted");
            } else if let Some(parts) = link_parts(&last.directory, directory, &last.parts)? {
                (after_seq, kept) = (last.watermark.seq, parts);
            } else {
                log::warn!("the last snapshot's files are damaged, so all of the ledger is extracted");
                let facts = directory.join("facts");
                if facts.exists() {
                    std::fs::remove_dir_all(&facts).map_err(|cause| Error::Io { path: facts, cause })?;
                }
            }
        }
        let linked = kept.len();
        let (this_year, zone) = (FinancialYear::of(self.as_at)?, self.profile.time_zone);
        Ok(Extracted {
            watermark: watermark(connection)?,
            small: extract(connection, before, self.profile, self.options.as_known_on.is_none())?,
            entries: ledger::write(connection, directory, &self.pseudonyms, (after_seq, before), zone, this_year, kept)?,
            linked,
        })
    }

    /// Makes facts, dimensions and marts, writes and checks them.
    fn build(&self, extracted: &Extracted) -> Result<Manifest, Error> {
        let directory = &self.building.directory;
        let calendar = Calendar::of(&extracted.small, self.as_at)?;
        let mut tables = vec![extracted.entries.clone()];
        for (name, kind, table) in facts::build(&extracted.small, self.profile, &calendar, &self.pseudonyms)? {
            tables.push(write(directory, name, kind, table)?);
        }
        for (name, kind, table) in extracted.small.commitments.facts(&self.pseudonyms)? {
            tables.push(write(directory, name, kind, table)?);
        }
        // From the files, as a report of an earlier day is made: there is one way from facts to figures.
        let history = History::read(directory, &tables)?;
        tables.extend(forecast::write(directory, &history, self.profile, &calendar.years)?);
        let marts = marts::run(directory, &tables)?;
        checks::check(directory, &tables, &marts, &extracted.small.control)?;
        for (name, mart) in marts {
            tables.push(write(directory, name, TableKind::Mart, mart)?);
        }
        Ok(Manifest {
            id: self.building.id.clone(),
            created_at: self.started,
            profile: self.profile.code.clone(),
            time_zone: self.profile.time_zone,
            as_known_on: self.options.as_known_on,
            watermark: extracted.watermark.clone(),
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            layout: LAYOUT,
            tables,
            control_totals: extracted.small.control.clone(),
        })
    }
}

/// Writes a table that fits one file.
fn write(directory: &Path, name: &str, kind: TableKind, mut table: DataFrame) -> Result<Table, Error> {
    columns::check(name, &table)?;
    let path = match kind {
        TableKind::Fact => format!("facts/{name}/part.parquet"),
        TableKind::Dimension => format!("dimensions/{name}.parquet"),
        TableKind::Mart => format!("marts/{name}.parquet"),
    };
    files::write_parquet(&directory.join(&path), &mut table)?;
    let rows = table.height() as u64;
    let file = TableFile { sha256: files::sha256(&directory.join(&path))?, rows, path };
    Ok(Table { name: name.to_owned(), kind, rows, files: vec![file] })
}

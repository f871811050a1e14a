//! A ledger file's lines on their way into the ledger.
//!
//! Lines are staged in a temporary table while the file is read, so that memory stays bounded and no lock is held, and enter
//! the ledger in one transaction, or not at all.
//!
//! When two lines are the same line is in [`crate::same_line`].

mod compare;
mod on_sheets;

pub use compare::{Comparison, Differing, Otherwise};
pub(crate) use on_sheets::{OnSeveralSheets, SheetRead};

use crate::same_line::{IS_NEW, KEEP_EARLIER, NUMBER};
use chrono::NaiveDate;
use db::schema::ledger_files;
use db::{Actor, AnyConnection, DatabaseUrl, Error, Event, Store, Write, closed_through, new_id, open_financial_year};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::PooledConnection;
use diesel::sql_types::{BigInt, Text, Timestamp};
use domain::{FinancialYear, Pence};
use serde_json::json;
use std::collections::BTreeSet;

diesel::table! {
    /// The temporary table; see [`Stage::open`].
    ledger_stage (id) {
        id -> Text,
        sheet_number -> BigInt,
        sheet -> Nullable<Text>,
        line_number -> BigInt,
        line_hash -> Text,
        earlier_hash -> Text,
        posted_on -> Date,
        year -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        reference -> Nullable<Text>,
        purchase_order -> Nullable<Text>,
        amount_pence -> BigInt,
    }
}

/// Lines sent to the database at a time: thirteen columns each stay under every database's limit of bound values.
const BATCH: usize = 1000;
/// `ledger_foreseen` holds the lines that earlier files of the same trial run would have added.
const CREATE: &str = "DROP TABLE IF EXISTS ledger_foreseen; CREATE TEMPORARY TABLE ledger_foreseen (source TEXT NOT NULL, \
    line_hash TEXT NOT NULL, occurrence BIGINT NOT NULL, id TEXT, posted_on DATE NOT NULL, budget_line TEXT NOT NULL, \
    provider_id TEXT, reference TEXT, amount_pence BIGINT NOT NULL, PRIMARY KEY (source, line_hash, occurrence)); \
    CREATE INDEX ledger_foreseen_alike ON ledger_foreseen (posted_on, amount_pence, budget_line);";
const CLEAR: &str = "DROP TABLE IF EXISTS ledger_numbered; DROP TABLE IF EXISTS ledger_stage; \
    CREATE TEMPORARY TABLE ledger_stage (id TEXT NOT NULL, sheet_number BIGINT NOT NULL, sheet TEXT, line_number BIGINT NOT NULL, \
    line_hash TEXT NOT NULL, earlier_hash TEXT NOT NULL, posted_on DATE NOT NULL, year TEXT NOT NULL, budget_line TEXT NOT NULL, provider_id TEXT, \
    reference TEXT, purchase_order TEXT, amount_pence BIGINT NOT NULL);";
const DROP: &str = "DROP TABLE IF EXISTS ledger_numbered; DROP TABLE IF EXISTS ledger_stage; DROP TABLE IF EXISTS ledger_foreseen; \
    DROP TABLE IF EXISTS ledger_corrected;";
/// A line that a coding rule picked.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = ledger_stage)]
pub struct StagedLine {
    /// The id its entry will have.
    pub id: String,
    /// The place of a workbook's sheet among those that are read.
    pub sheet_number: i64,
    /// Its name; none for a CSV file.
    pub sheet: Option<String>,
    /// The line of the file or the sheet where its record starts, the first line being 1, whatever stands above the header.
    pub line_number: i64,
    /// Hash of what identifies it.
    pub line_hash: String,
    /// Its hash by the rules of earlier versions.
    pub earlier_hash: String,
    /// The day the finance system posted it.
    pub posted_on: NaiveDate,
    /// The financial year of that day. If it was closed, the entry counts in the next open one.
    pub year: FinancialYear,
    /// The budget line its rule names.
    pub budget_line: String,
    /// The provider, where the mapping knows the supplier.
    pub provider_id: Option<String>,
    /// The finance system's number for it.
    pub reference: Option<String>,
    /// The number of the order that it was paid on.
    pub purchase_order: Option<String>,
    /// Credits are negative.
    pub amount_pence: Pence,
}

/// What the ledger remembers of a file.
#[derive(Debug, Clone)]
pub struct LoadFile {
    /// Name without its folders.
    pub file_name: String,
    /// Of the file's bytes.
    pub sha256: String,
    /// Of the mapping it was read with.
    pub mapping_sha256: String,
    /// Lines after the header.
    pub lines_read: i64,
    /// Of which blank.
    pub blank: i64,
    /// Of which a rule picked.
    pub matched: i64,
    /// Of which none did.
    pub kept_out: i64,
    /// Picked lines whose amount was rounded to the penny.
    pub rounded: i64,
}

/// The lines of one file after another, staged on a connection of their own.
pub struct Stage {
    connection: PooledConnection<DatabaseUrl>,
    source: String,
    batch: Vec<StagedLine>,
    /// Files that this stage's trial run would have loaded, by their SHA-256.
    foreseen_files: BTreeSet<String>,
}

impl Stage {
    /// Makes an empty stage for files of `source`.
    pub fn open(store: &Store, source: &str) -> Result<Self, Error> {
        let mut connection = store.connection()?;
        connection.batch_execute(CREATE)?;
        connection.batch_execute(compare::CREATE_CORRECTED)?;
        connection.batch_execute(CLEAR)?;
        Ok(Stage { connection, source: source.to_owned(), batch: Vec::with_capacity(BATCH), foreseen_files: BTreeSet::new() })
    }

    /// Empties the stage for the next file.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.batch.clear();
        Ok(self.connection.batch_execute(CLEAR)?)
    }

    /// Stages a line.
    pub fn add(&mut self, line: StagedLine) -> Result<(), Error> {
        self.batch.push(line);
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = &self.batch;
        match &mut *self.connection {
            AnyConnection::Sqlite(file) => diesel::insert_into(ledger_stage::table).values(batch).execute(file)?,
            AnyConnection::Postgres(server) => diesel::insert_into(ledger_stage::table).values(batch).execute(server)?,
        };
        self.batch.clear();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Error> {
        self.flush()?;
        if let AnyConnection::Postgres(server) = &mut *self.connection {
            server.batch_execute("ANALYZE ledger_stage;")?;
        }
        diesel::sql_query(KEEP_EARLIER).bind::<Text, _>(&self.source).execute(&mut *self.connection)?;
        self.connection.batch_execute(NUMBER)?;
        if let AnyConnection::Postgres(server) = &mut *self.connection {
            // Nobody else does it for a temporary table, and the planner would take a large one for a small one.
            server.batch_execute("ANALYZE ledger_numbered; ANALYZE ledger_foreseen;")?;
        }
        Ok(())
    }

    /// Loads the staged lines that the ledger does not have, and remembers the file, in one transaction. Changes nothing when
    /// the file was loaded before with the same mapping, or when the ledger has a line of it otherwise.
    pub fn load(&mut self, store: &Store, actor: &Actor, file: &LoadFile) -> Result<Comparison, Error> {
        self.number()?;
        let found = compare::with_ledger(&mut self.connection, &self.source, file)?;
        if found.forbids_load() {
            return Ok(found);
        }
        // Only told, never acted on, so it need not be asked again under the lock.
        let alike = self.look_alike(file, &found)?;
        let source = &self.source;
        let written = store.write_on(&mut self.connection, actor, |write| {
            // Asked again, as another process may have written since: nobody else can now.
            let mut found = compare::with_ledger(write.connection, source, file)?;
            if found.forbids_load() {
                return Err(LoadError::Forbidden(Box::new(found)));
            }
            found.file_id = Some(enter(write, source, file, &found)?);
            Ok(found)
        });
        match written {
            Ok(found) => Ok(Comparison { look_alike: alike.0, on_loaded_days: alike.1, ..found }),
            Err(LoadError::Forbidden(found)) => Ok(*found),
            Err(LoadError::Store(error)) => Err(error),
        }
    }

    /// New lines that agree with entries, and new lines on days of which the ledger has any.
    fn look_alike(&mut self, file: &LoadFile, found: &Comparison) -> Result<(i64, i64), Error> {
        if file.matched == found.in_ledger() { Ok((0, 0)) } else { compare::look_alike(&mut self.connection, &self.source) }
    }

    /// What [`Stage::load`] would find, had it loaded the files that this stage was asked about before. Changes nothing.
    pub fn foresee(&mut self, file: &LoadFile) -> Result<Comparison, Error> {
        self.number()?;
        let mut found = compare::with_ledger(&mut self.connection, &self.source, file)?;
        found.is_known_file |= self.foreseen_files.contains(&file.sha256);
        compare::with_foreseen(&mut self.connection, &self.source, &mut found)?;
        if !found.forbids_load() {
            (found.look_alike, found.on_loaded_days) = self.look_alike(file, &found)?;
            diesel::sql_query(format!(
                "INSERT INTO ledger_foreseen (source, line_hash, occurrence, id, posted_on, budget_line, provider_id, reference, amount_pence) \
                 SELECT $1, n.line_hash, n.occurrence, NULL, n.posted_on, n.budget_line, n.provider_id, n.reference, n.amount_pence \
                 FROM ledger_numbered n WHERE {IS_NEW}"
            ))
            .bind::<Text, _>(&self.source)
            .execute(&mut *self.connection)?;
            self.foreseen_files.insert(file.sha256.clone());
        }
        Ok(found)
    }
}

/// The connection goes back to the pool, and a file's lines need not lie in it until the next import.
impl Drop for Stage {
    fn drop(&mut self) {
        // A connection that fails here is broken, and its temporary tables are gone with it.
        let _ = self.connection.batch_execute(DROP);
    }
}

/// Why a load's transaction was taken back.
enum LoadError {
    Forbidden(Box<Comparison>),
    Store(Error),
}

impl From<Error> for LoadError {
    fn from(error: Error) -> Self {
        LoadError::Store(error)
    }
}

impl From<diesel::result::Error> for LoadError {
    fn from(error: diesel::result::Error) -> Self {
        LoadError::Store(error.into())
    }
}

/// The transaction's work: years opened as needed, the file remembered, the new lines entered, all under one audit number.
/// `found` is what the ledger has of the file already. The remembered file's id.
fn enter(write: &mut Write<'_>, source: &str, file: &LoadFile, found: &Comparison) -> Result<String, Error> {
    let file_id = new_id();
    let in_ledger = found.in_ledger();
    let seq = write.seq();
    write.record(Event::new("import", "ledger_files", &file_id).with(json!({
        "source": source, "sha256": file.sha256, "lines_read": file.lines_read, "matched": file.matched,
        "added": file.matched - in_ledger,
    })))?;
    let years: Vec<FinancialYear> = ledger_stage::table.select(ledger_stage::year).distinct().load(write.connection)?;
    let closed_through = closed_through(write.connection)?;
    for year in years.into_iter().filter(|year| closed_through.is_none_or(|closed| *year > closed)) {
        open_financial_year(write, year)?;
    }
    let (year, reason) = compare::entered_as(write.connection)?;
    diesel::insert_into(ledger_files::table)
        .values((
            ledger_files::id.eq(&file_id),
            ledger_files::source.eq(source),
            ledger_files::file_name.eq(&file.file_name),
            ledger_files::sha256.eq(&file.sha256),
            ledger_files::mapping_sha256.eq(&file.mapping_sha256),
            ledger_files::lines_read.eq(file.lines_read),
            ledger_files::blank.eq(file.blank),
            ledger_files::matched.eq(file.matched),
            ledger_files::kept_out.eq(file.kept_out),
            ledger_files::already_present.eq(in_ledger),
            ledger_files::rounded.eq(file.rounded),
            ledger_files::recorded_by.eq(&write.actor.id),
            ledger_files::recorded_at.eq(write.at),
            ledger_files::recorded_seq.eq(seq),
        ))
        .execute(write.connection)?;
    diesel::sql_query(entering(&year, &reason))
        .bind::<Text, _>(source)
        .bind::<Text, _>(&file_id)
        .bind::<Text, _>(&write.actor.id)
        .bind::<Timestamp, _>(write.at)
        .bind::<BigInt, _>(seq)
        .execute(write.connection)?;
    Ok(file_id)
}

/// The statement that enters the new lines; their year and reason are expressions over `n`.
fn entering(year: &str, reason: &str) -> String {
    format!(
        "INSERT INTO ledger_entries (id, source, file_id, sheet, line_number, line_hash, occurrence, posted_on, year, budget_line, provider_id, \
         reference, purchase_order, amount_pence, reason, recorded_by, recorded_at, recorded_seq) \
         SELECT n.id, $1, $2, n.sheet, n.line_number, n.line_hash, n.occurrence, n.posted_on, {year}, n.budget_line, n.provider_id, n.reference, \
         n.purchase_order, n.amount_pence, {reason}, $3, $4, $5 FROM ledger_numbered n \
         WHERE {IS_NEW} ORDER BY n.sheet_number, n.line_number"
    )
}

//! A ledger file's lines on their way into the ledger.
//!
//! Lines are staged in a temporary table while the file is read, so that memory stays bounded and no lock is held, and enter
//! the ledger in one short transaction, or not at all.
//!
//! **When two lines are the same line.** Within one source (a mapping's name), a line is known by the hash of what identifies
//! it and by its *occurrence*: the first, second, third line with that hash in its file. A file with two equal lines adds two
//! entries; loading it again, or another file that repeats them, adds none; a file with three adds the third.

use crate::audit::Actor;
use crate::schema::ledger_files;
use crate::{AnyConnection, DatabaseUrl, Error, Event, Store, Write, new_id, reference};
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::PooledConnection;
use diesel::sql_types::{BigInt, Text, Timestamp};
use domain::FinancialYear;
use serde_json::json;

diesel::table! {
    /// The temporary table; see [`Stage::open`].
    ledger_stage (id) {
        id -> Text,
        line_number -> BigInt,
        line_hash -> Text,
        posted_on -> Date,
        year -> Text,
        budget_line -> Text,
        provider_id -> Nullable<Text>,
        reference -> Nullable<Text>,
        amount_pence -> BigInt,
    }
}

/// Lines sent to the database at a time: nine columns each stay under every database's limit of bound values.
const BATCH: usize = 1000;
/// Recoded lines named in a refusal; the rest are counted.
const MOST_NAMED: i64 = 50;

const CREATE: &str = "CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage (id TEXT NOT NULL, line_number BIGINT NOT NULL, \
    line_hash TEXT NOT NULL, posted_on DATE NOT NULL, year TEXT NOT NULL, budget_line TEXT NOT NULL, provider_id TEXT, \
    reference TEXT, amount_pence BIGINT NOT NULL); DELETE FROM ledger_stage;";
/// The staged lines, each with its turn among equal ones.
const NUMBERED: &str =
    "(SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.line_hash ORDER BY s.line_number) AS occurrence FROM ledger_stage s) n";
const SAME_LINE: &str = "e.source = $1 AND e.line_hash = n.line_hash AND e.occurrence = n.occurrence";

/// A line that a coding rule picked.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = ledger_stage)]
pub struct StagedLine {
    /// The id its entry will have.
    pub id: String,
    /// Its place in the file, the header being line 1.
    pub line_number: i64,
    /// Hash of what identifies it.
    pub line_hash: String,
    /// The day the finance system posted it.
    pub posted_on: NaiveDate,
    /// The financial year of that day.
    pub year: FinancialYear,
    /// The budget line its rule names.
    pub budget_line: String,
    /// The provider, where the mapping knows the supplier.
    pub provider_id: Option<String>,
    /// The finance system's number for it.
    pub reference: Option<String>,
    /// Credits are negative.
    pub amount_pence: domain::Pence,
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

/// What a load did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadCounts {
    /// The very file had been loaded before, with the very mapping.
    pub is_known_file: bool,
    /// Staged lines that the ledger had already.
    pub already_present: i64,
}

/// A staged line that the ledger already has under another budget line.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Recoded {
    /// Its place in the file.
    #[diesel(sql_type = BigInt)]
    pub line_number: i64,
    /// Where the ledger has it.
    #[diesel(sql_type = Text)]
    pub was: String,
    /// Where the mapping now puts it.
    #[diesel(sql_type = Text)]
    pub now: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The lines of one file, staged on a connection of their own.
pub struct Stage {
    connection: PooledConnection<DatabaseUrl>,
    source: String,
    batch: Vec<StagedLine>,
}

impl Stage {
    /// Makes an empty stage for a file of `source`.
    pub fn open(store: &Store, source: &str) -> Result<Self, Error> {
        let mut connection = store.connection()?;
        connection.batch_execute(CREATE)?;
        Ok(Stage { connection, source: source.to_owned(), batch: Vec::with_capacity(BATCH) })
    }

    /// Stages a line.
    pub fn add(&mut self, line: StagedLine) -> Result<(), Error> {
        self.batch.push(line);
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        match &mut *self.connection {
            AnyConnection::Sqlite(file) => diesel::insert_into(ledger_stage::table).values(&batch).execute(file)?,
            AnyConnection::Postgres(server) => diesel::insert_into(ledger_stage::table).values(&batch).execute(server)?,
        };
        self.batch = batch;
        self.batch.clear();
        Ok(())
    }

    /// What loading the staged lines would do. Changes nothing.
    pub fn compare(&mut self, file: &LoadFile) -> Result<LoadCounts, Error> {
        self.flush()?;
        counts(&mut self.connection, &self.source, file)
    }

    /// Staged lines that the ledger has under another budget line, unless that entry was reversed: the first of them, and how
    /// many there are. Adding nothing for them would leave the spend where the mapping no longer wants it.
    pub fn recoded(&mut self) -> Result<(Vec<Recoded>, i64), Error> {
        self.flush()?;
        let found = format!(
            "FROM {NUMBERED} JOIN ledger_entries e ON {SAME_LINE} WHERE e.budget_line <> n.budget_line \
             AND NOT EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = e.id)"
        );
        let named = diesel::sql_query(format!(
            "SELECT n.line_number AS line_number, e.budget_line AS was, n.budget_line AS now {found} ORDER BY n.line_number LIMIT {MOST_NAMED}"
        ))
        .bind::<Text, _>(&self.source)
        .load(&mut *self.connection)?;
        let all: Count =
            diesel::sql_query(format!("SELECT COUNT(*) AS n {found}")).bind::<Text, _>(&self.source).get_result(&mut *self.connection)?;
        Ok((named, all.n))
    }

    /// Loads the staged lines that the ledger does not have, and remembers the file, in one transaction. A file that was
    /// loaded before with the same mapping changes nothing.
    pub fn load(mut self, store: &Store, actor: &Actor, file: &LoadFile) -> Result<LoadCounts, Error> {
        self.flush()?;
        let known = counts(&mut self.connection, &self.source, file)?;
        if known.is_known_file {
            return Ok(known);
        }
        let source = self.source.clone();
        let written = store.write_on(&mut self.connection, actor, |write| {
            let counts = counts(write.connection, &source, file)?;
            if counts.is_known_file {
                // Another process loaded the very file since we looked: nothing to write, and so nothing to audit.
                return Err(LoadError::Known(counts));
            }
            enter(write, &source, file, counts)?;
            Ok(counts)
        });
        match written {
            Ok(counts) | Err(LoadError::Known(counts)) => Ok(counts),
            Err(LoadError::Store(error)) => Err(error),
        }
    }
}

/// Why a load's transaction was taken back.
enum LoadError {
    Known(LoadCounts),
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

fn counts(connection: &mut AnyConnection, source: &str, file: &LoadFile) -> Result<LoadCounts, Error> {
    let same_file = ledger_files::table
        .filter(ledger_files::source.eq(source))
        .filter(ledger_files::sha256.eq(&file.sha256))
        .filter(ledger_files::mapping_sha256.eq(&file.mapping_sha256));
    let is_known_file = diesel::select(diesel::dsl::exists(same_file)).get_result(connection)?;
    let present: Count = diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {NUMBERED} JOIN ledger_entries e ON {SAME_LINE}"))
        .bind::<Text, _>(source)
        .get_result(connection)?;
    Ok(LoadCounts { is_known_file, already_present: present.n })
}

/// The transaction's work: years opened as needed, the file remembered, the new lines entered, all under one audit number.
fn enter(write: &mut Write<'_>, source: &str, file: &LoadFile, counts: LoadCounts) -> Result<(), Error> {
    let file_id = new_id();
    let seq = write.seq();
    write.record(Event::new("import", "ledger_files", &file_id).with(json!({
        "source": source, "sha256": file.sha256, "lines_read": file.lines_read, "matched": file.matched,
        "added": file.matched - counts.already_present,
    })))?;
    let years: Vec<FinancialYear> = ledger_stage::table.select(ledger_stage::year).distinct().load(write.connection)?;
    for year in years {
        reference::open_financial_year(write, year)?;
    }
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
            ledger_files::already_present.eq(counts.already_present),
            ledger_files::rounded.eq(file.rounded),
            ledger_files::recorded_by.eq(&write.actor.id),
            ledger_files::recorded_at.eq(write.at),
            ledger_files::recorded_seq.eq(seq),
        ))
        .execute(write.connection)?;
    diesel::sql_query(format!(
        "INSERT INTO ledger_entries (id, source, file_id, line_number, line_hash, occurrence, posted_on, year, budget_line, provider_id, \
         reference, amount_pence, reason, recorded_by, recorded_at, recorded_seq) \
         SELECT n.id, $1, $2, n.line_number, n.line_hash, n.occurrence, n.posted_on, n.year, n.budget_line, n.provider_id, n.reference, \
         n.amount_pence, 'imported', $3, $4, $5 FROM {NUMBERED} \
         WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE {SAME_LINE}) ORDER BY n.line_number"
    ))
    .bind::<Text, _>(source)
    .bind::<Text, _>(&file_id)
    .bind::<Text, _>(&write.actor.id)
    .bind::<Timestamp, _>(write.at)
    .bind::<BigInt, _>(seq)
    .execute(write.connection)?;
    Ok(())
}

//! A ledger file's lines on their way into the ledger.
//!
//! Lines are staged in a temporary table while the file is read, so that memory stays bounded and no lock is held, and enter
//! the ledger in one transaction, or not at all.
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
use diesel::sql_types::{BigInt, Date, Text, Timestamp};
use domain::{FinancialYear, Pence};
use serde_json::json;
use std::collections::BTreeSet;

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
/// Differing lines named in a refusal; the rest are counted.
const MOST_NAMED: i64 = 50;

/// `ledger_foreseen` holds the lines that earlier files of the same trial run would have added.
const CREATE: &str = "DROP TABLE IF EXISTS ledger_foreseen; CREATE TEMPORARY TABLE ledger_foreseen (line_hash TEXT NOT NULL, \
    occurrence BIGINT NOT NULL, PRIMARY KEY (line_hash, occurrence));";
const CLEAR: &str = "DROP TABLE IF EXISTS ledger_numbered; DROP TABLE IF EXISTS ledger_stage; \
    CREATE TEMPORARY TABLE ledger_stage (id TEXT NOT NULL, line_number BIGINT NOT NULL, \
    line_hash TEXT NOT NULL, posted_on DATE NOT NULL, year TEXT NOT NULL, budget_line TEXT NOT NULL, provider_id TEXT, \
    reference TEXT, amount_pence BIGINT NOT NULL);";
const DROP: &str = "DROP TABLE IF EXISTS ledger_numbered; DROP TABLE IF EXISTS ledger_stage; DROP TABLE IF EXISTS ledger_foreseen;";
/// The staged lines, each with its turn among equal ones: worked out once, and before the writers' lock is taken.
const NUMBER: &str = "DROP TABLE IF EXISTS ledger_numbered; CREATE TEMPORARY TABLE ledger_numbered AS \
    SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.line_hash ORDER BY s.line_number) AS occurrence FROM ledger_stage s;";
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

/// What the ledger has of the staged lines already: how a load went, or would go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The very file had been loaded before, with the very mapping.
    pub is_known_file: bool,
    /// Staged lines that the ledger has.
    pub already_present: i64,
    /// Those that the ledger has otherwise, the first of them: with any, nothing is loaded.
    pub differing: Vec<Differing>,
    /// How many there are.
    pub differing_in_all: i64,
}

/// A staged line that the ledger has under another budget line, with another amount or on another day. Passing over it would
/// leave the spend where the file or the mapping no longer has it. An entry that was reversed no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Differing {
    /// Its place in the file.
    #[diesel(sql_type = BigInt)]
    pub line_number: i64,
    /// The budget line under which the ledger has it.
    #[diesel(sql_type = Text)]
    pub was_budget_line: String,
    /// The one it would go to now.
    #[diesel(sql_type = Text)]
    pub now_budget_line: String,
    /// The amount the ledger has.
    #[diesel(sql_type = BigInt)]
    pub was_amount_pence: Pence,
    /// The amount in the file.
    #[diesel(sql_type = BigInt)]
    pub now_amount_pence: Pence,
    /// The day the ledger has.
    #[diesel(sql_type = Date)]
    pub was_posted_on: NaiveDate,
    /// The day in the file.
    #[diesel(sql_type = Date)]
    pub now_posted_on: NaiveDate,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
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
        let found = compare(&mut self.connection, &self.source, file)?;
        if found.forbids_load() {
            return Ok(found);
        }
        let source = &self.source;
        let written = store.write_on(&mut self.connection, actor, |write| {
            // Asked again, as another process may have written since: nobody else can now.
            let found = compare(write.connection, source, file)?;
            if found.forbids_load() {
                return Err(LoadError::Forbidden(found));
            }
            enter(write, source, file, found.already_present)?;
            Ok(found)
        });
        match written {
            Ok(found) | Err(LoadError::Forbidden(found)) => Ok(found),
            Err(LoadError::Store(error)) => Err(error),
        }
    }

    /// What [`Stage::load`] would find, had it loaded the files that this stage was asked about before. Changes nothing.
    pub fn foresee(&mut self, file: &LoadFile) -> Result<Comparison, Error> {
        self.number()?;
        let mut found = compare(&mut self.connection, &self.source, file)?;
        found.is_known_file |= self.foreseen_files.contains(&file.sha256);
        let foreseen: Count = diesel::sql_query(
            "SELECT COUNT(*) AS n FROM ledger_numbered n JOIN ledger_foreseen f ON f.line_hash = n.line_hash AND f.occurrence = n.occurrence",
        )
        .get_result(&mut *self.connection)?;
        found.already_present += foreseen.n;
        if !found.forbids_load() {
            diesel::sql_query(format!(
                "INSERT INTO ledger_foreseen SELECT n.line_hash, n.occurrence FROM ledger_numbered n \
                 WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE {SAME_LINE}) \
                 AND NOT EXISTS (SELECT 1 FROM ledger_foreseen f WHERE f.line_hash = n.line_hash AND f.occurrence = n.occurrence)"
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

impl Comparison {
    fn forbids_load(&self) -> bool {
        self.is_known_file || self.differing_in_all > 0
    }
}

/// Why a load's transaction was taken back.
enum LoadError {
    Forbidden(Comparison),
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

fn compare(connection: &mut AnyConnection, source: &str, file: &LoadFile) -> Result<Comparison, Error> {
    let same_file = ledger_files::table
        .filter(ledger_files::source.eq(source))
        .filter(ledger_files::sha256.eq(&file.sha256))
        .filter(ledger_files::mapping_sha256.eq(&file.mapping_sha256));
    let is_known_file = diesel::select(diesel::dsl::exists(same_file)).get_result(connection)?;
    let count = |connection: &mut AnyConnection, from: &str| -> Result<i64, Error> {
        let count: Count = diesel::sql_query(format!("SELECT COUNT(*) AS n {from}")).bind::<Text, _>(source).get_result(connection)?;
        Ok(count.n)
    };
    let already_present = count(connection, &format!("FROM ledger_numbered n JOIN ledger_entries e ON {SAME_LINE}"))?;
    let mut found = Comparison { is_known_file, already_present, ..Comparison::default() };
    // Nothing present, nothing that could differ: the usual file is asked one question less.
    if already_present > 0 && !is_known_file {
        let differ = format!(
            "FROM ledger_numbered n JOIN ledger_entries e ON {SAME_LINE} \
             WHERE (e.budget_line <> n.budget_line OR e.amount_pence <> n.amount_pence OR e.posted_on <> n.posted_on) \
             AND NOT EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = e.id)"
        );
        found.differing_in_all = count(connection, &differ)?;
        found.differing = diesel::sql_query(format!(
            "SELECT n.line_number AS line_number, e.budget_line AS was_budget_line, n.budget_line AS now_budget_line, \
             e.amount_pence AS was_amount_pence, n.amount_pence AS now_amount_pence, e.posted_on AS was_posted_on, \
             n.posted_on AS now_posted_on {differ} ORDER BY n.line_number LIMIT {MOST_NAMED}"
        ))
        .bind::<Text, _>(source)
        .load(connection)?;
    }
    Ok(found)
}

/// The transaction's work: years opened as needed, the file remembered, the new lines entered, all under one audit number.
fn enter(write: &mut Write<'_>, source: &str, file: &LoadFile, already_present: i64) -> Result<(), Error> {
    let file_id = new_id();
    let seq = write.seq();
    write.record(Event::new("import", "ledger_files", &file_id).with(json!({
        "source": source, "sha256": file.sha256, "lines_read": file.lines_read, "matched": file.matched,
        "added": file.matched - already_present,
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
            ledger_files::already_present.eq(already_present),
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
         n.amount_pence, 'imported', $3, $4, $5 FROM ledger_numbered n \
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

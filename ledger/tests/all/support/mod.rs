//! Stores to import into, and files to import.

pub mod books;

use db::{Actor, Clock, Store};
use diesel::prelude::*;
use ledger::{FileReport, ImportReport, Input, Mapping, Mode, ProblemCode};
use std::path::PathBuf;
use tempfile::TempDir;
use test_databases::Backend;

/// A mapping of a made-up ledger: Date, Amount, Ref, Cost Centre, Account, Payee.
pub const MAPPING: &str = r#"
source = "test ledger"
[columns]
date = ["Date", "Paid On"]
amount = ["Amount", "Net Amount (£)"]
reference = "Ref"
centre = "Cost Centre"
[[rules]]
budget_line = "direct_payments"
when = [{ column = "centre", equals = "DP01" }]
[[rules]]
budget_line = "overnight_respite"
when = [{ column = "centre", starts_with = "ON" }, { column = "Account", one_of = [6401, "6402"] }]
"#;

pub const HEADER: &str = "Date,Amount,Ref,Cost Centre,Account,Payee\n";

/// A store of its own for one test, and a folder for files.
pub struct Desk {
    pub store: Store,
    pub folder: TempDir,
    pub backend: Backend,
    url: String,
}

/// One desk on each database: SQLite, and PostgreSQL where its programs are installed.
pub fn desks() -> Vec<Desk> {
    Backend::all().into_iter().map(Desk::open).collect()
}

impl Drop for Desk {
    fn drop(&mut self) {
        // A test that failed leaves it, and so stops for its own reason alone.
        if !std::thread::panicking() {
            test_databases::drop_database(&self.url);
        }
    }
}

impl Desk {
    fn open(backend: Backend) -> Self {
        let folder = test_databases::new_folder();
        let url = backend.new_database(folder.path());
        let store = Store::open(&url.parse().expect("a URL"), Clock::system(domain::TimeZone::default())).expect("a store");
        db::adopt_profile(&store, &domain::Profile::bundled("tameside").expect("a profile")).expect("budget lines");
        Desk { store, folder, backend, url }
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> Input {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        Input::new(path)
    }

    pub fn import(&self, mapping: &str, files: &[Input]) -> ImportReport {
        self.run(mapping, files, Mode::Load)
    }

    pub fn run(&self, mapping: &str, files: &[Input], mode: Mode) -> ImportReport {
        let mapping = Mapping::parse(mapping).expect("a mapping");
        ledger::import(&self.store, &Actor::system("test"), &mapping, files, mode, &mut |_| {}).expect("an import")
    }

    /// Imports one file of this text with the usual mapping.
    pub fn take(&self, bytes: impl AsRef<[u8]>) -> FileReport {
        self.take_with(MAPPING, bytes)
    }

    pub fn take_with(&self, mapping: &str, bytes: impl AsRef<[u8]>) -> FileReport {
        self.import(mapping, &[self.file("file.csv", bytes)]).files.remove(0)
    }

    /// Entries in the ledger, their sum, files remembered, and audit events.
    pub fn ledger(&self) -> (i64, i64, i64, i64) {
        use db::schema::{audit_events, ledger_entries, ledger_files};
        let mut connection = self.store.connection().expect("a connection");
        let amounts: Vec<i64> = ledger_entries::table.select(ledger_entries::amount_pence).load(&mut *connection).expect("entries");
        let files = ledger_files::table.count().get_result(&mut *connection).expect("files");
        let events = audit_events::table.count().get_result(&mut *connection).expect("events");
        (amounts.len() as i64, amounts.iter().sum(), files, events)
    }

    /// The sheets of the entries, in the order of their days.
    pub fn sheets(&self) -> Vec<Option<String>> {
        use db::schema::ledger_entries;
        let mut connection = self.store.connection().expect("a connection");
        ledger_entries::table.select(ledger_entries::sheet).order(ledger_entries::posted_on).load(&mut *connection).expect("entries")
    }

    /// The days of the entries, in the order of their lines.
    pub fn days(&self) -> Vec<String> {
        use db::schema::ledger_entries;
        let mut connection = self.store.connection().expect("a connection");
        let days: Vec<chrono::NaiveDate> = ledger_entries::table
            .select(ledger_entries::posted_on)
            .order(ledger_entries::line_number)
            .load(&mut *connection)
            .expect("days");
        days.iter().map(ToString::to_string).collect()
    }

    /// Records a provider with the id `p1`.
    pub fn provider(&self, code: &str) {
        use db::schema::providers;
        let record = |write: &mut db::Write<'_>| {
            diesel::insert_into(providers::table)
                .values((
                    providers::id.eq("p1"),
                    providers::code.eq(code),
                    providers::name.eq("A provider"),
                    providers::sector.eq("private"),
                    providers::location.eq("in_borough"),
                    providers::recorded_at.eq(write.at),
                    providers::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)?;
            write.record(db::Event::new("record", "providers", "p1"))
        };
        self.store.write(&Actor::system("test"), record).map_err(|error: db::Error| error.to_string()).expect("a provider");
    }

    /// The id of the only entry with this reference that no other one corrects.
    pub fn entry(&self, reference: &str) -> String {
        use db::schema::ledger_entries;
        let mut connection = self.store.connection().expect("a connection");
        ledger_entries::table
            .filter(ledger_entries::reference.eq(reference).and(ledger_entries::file_id.is_not_null()))
            .select(ledger_entries::id)
            .first(&mut *connection)
            .expect("an entry")
    }

    /// Corrects an entry as the API does: a reversal, and a replacement under another budget line if it is recoded. The
    /// reversal's id, or the replacement's.
    pub fn correct(&self, id: &str, recode_to: Option<&str>) -> String {
        use diesel::sql_types::{BigInt, Nullable, Text};
        let mut last = String::new();
        let columns = "source, line_hash, occurrence, posted_on, year, budget_line, provider_id, reference, amount_pence, reverses_id, \
                       recodes_id, reason, recorded_by, recorded_at, recorded_seq, id";
        for line in [None].into_iter().chain(recode_to.map(Some)) {
            let new = db::new_id();
            let sign = if line.is_none() { -1 } else { 1 };
            let add = |write: &mut db::Write<'_>| {
                diesel::sql_query(format!(
                    "INSERT INTO ledger_entries ({columns}) SELECT 'correction', $1, 1, e.posted_on, e.year, COALESCE($2, e.budget_line), \
                     e.provider_id, e.reference, e.amount_pence * $3, $4, $5, 'test', e.recorded_by, e.recorded_at, $6, $1 \
                     FROM ledger_entries e WHERE e.id = $7"
                ))
                .bind::<Text, _>(&new)
                .bind::<Nullable<Text>, _>(line)
                .bind::<BigInt, _>(sign)
                .bind::<Nullable<Text>, _>(line.is_none().then_some(id))
                .bind::<Nullable<Text>, _>(line.is_some().then_some(id))
                .bind::<BigInt, _>(write.seq())
                .bind::<Text, _>(id)
                .execute(write.connection)?;
                write.record(db::Event::new("reverse", "ledger_entries", id))
            };
            self.store.write(&Actor::system("test"), add).map_err(|error: db::Error| error.to_string()).expect("a correction");
            last = new;
        }
        last
    }

    /// Asserts that a file is refused for exactly these kinds of problems, and that the store is as it was.
    pub fn refuses(&self, mapping: &str, bytes: impl AsRef<[u8]>, codes: &[ProblemCode]) -> FileReport {
        let before = self.ledger();
        let report = self.take_with(mapping, bytes);
        let found: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(found, codes, "{:?}: {:#?}", self.backend, report.problems);
        assert_eq!(report.status, ledger::FileStatus::Refused);
        assert_eq!(self.ledger(), before, "{:?}: the store has changed", self.backend);
        report
    }
}

/// The real files, where they lie beside the project.
pub fn real_files(folder: &str) -> Option<Vec<PathBuf>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ledger").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    Some(files)
}

pub fn example_mapping(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/mappings").join(name);
    std::fs::read_to_string(path).expect("a mapping")
}

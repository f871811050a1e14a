//! Stores to import into, and files to import.
#![allow(dead_code, reason = "each test file uses a part")]

use db::{Actor, Clock, DatabaseUrl, Store};
use diesel::prelude::*;
use ledger::{FileReport, ImportReport, Input, Mapping, Mode, ProblemCode};
use std::path::PathBuf;
use tempfile::TempDir;

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
    pub backend: &'static str,
}

/// One desk on each database: SQLite, and PostgreSQL where its programs are installed.
pub fn desks() -> Vec<Desk> {
    let folder = TempDir::new().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("store.sqlite"));
    let mut desks = vec![Desk::open(&url, folder, "sqlite")];
    if let Some(url) = test_postgres::new_database() {
        desks.push(Desk::open(&url.parse().expect("a URL"), TempDir::new().expect("a folder"), "postgres"));
    }
    desks
}

impl Desk {
    fn open(url: &DatabaseUrl, folder: TempDir, backend: &'static str) -> Self {
        let store = Store::open(url, Clock::system()).expect("a store");
        db::adopt_budget_lines(&store, &domain::Profile::bundled("tameside").expect("a profile")).expect("budget lines");
        Desk { store, folder, backend }
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

    /// Asserts that a file is refused for exactly these kinds of problems, and that the store is as it was.
    pub fn refuses(&self, mapping: &str, bytes: impl AsRef<[u8]>, codes: &[ProblemCode]) -> FileReport {
        let before = self.ledger();
        let report = self.take_with(mapping, bytes);
        let found: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(found, codes, "{}: {:#?}", self.backend, report.problems);
        assert_eq!(report.status, ledger::FileStatus::Refused);
        assert_eq!(self.ledger(), before, "{}: the store has changed", self.backend);
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

//! A store with a few records in it, and a warehouse beside it.

mod commitments;
mod decisions;
mod direct_payments;
mod grant_terms;
mod health;
mod nights;
mod requests;
mod story;

pub use commitments::EntryOf;
pub use decisions::{DecisionRow, Said};
pub use health::ShareVersion;
pub use nights::StayVersion;
pub use requests::SECRET;
pub use story::Story;

use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{
    activity_returns, budget_movements, children, grant_activity_returns, grants, ledger_entries, packages, providers, statement_editions,
    statement_snapshots,
};
use db::{Actor, Clock, Event, Store, Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Profile, TimeZone};
use etl::{Extent, Options, Outcome, Snapshot, Which};
use polars::prelude::{AnyValue, DataFrame};
use std::path::PathBuf;
use tempfile::TempDir;
use test_databases::Backend;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn noon(text: &str) -> NaiveDateTime {
    day(text).and_hms_opt(12, 0, 0).unwrap()
}

/// A store, a profile, a warehouse and a key, all of their own.
pub struct Fixture {
    pub directory: TempDir,
    pub store: Store,
    pub profile: Profile,
    pub clock: Clock,
    /// The store's address, for another process to open.
    pub url: String,
}

/// A version of a package line, as a test wants it.
#[derive(Clone)]
pub struct LineVersion {
    pub line_id: String,
    pub version: i64,
    pub package: String,
    pub budget_line: &'static str,
    pub provider: Option<String>,
    pub category: Option<&'static str>,
    pub frequency: &'static str,
    pub rate: i64,
    pub from: &'static str,
    pub to: Option<&'static str>,
    /// The birthday that ends it.
    pub by_age: Option<&'static str>,
    pub state: &'static str,
}

impl LineVersion {
    /// £10 a week of direct payments, without end.
    pub fn new(package: &str, from: &'static str) -> Self {
        LineVersion {
            line_id: new_id(),
            version: 1,
            package: package.to_owned(),
            budget_line: "direct_payments",
            provider: None,
            category: None,
            frequency: "weekly",
            rate: 100_000,
            from,
            to: None,
            by_age: None,
            state: "recorded",
        }
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        // A test that failed leaves it, and so stops for its own reason alone.
        if !std::thread::panicking() {
            test_databases::drop_database(&self.url);
        }
    }
}

impl Fixture {
    /// One on SQLite, and one on PostgreSQL where its programs are installed.
    pub fn on_each_database() -> impl Iterator<Item = Self> {
        Backend::all().into_iter().map(|backend| {
            let directory = test_databases::new_folder();
            let url = backend.new_database(directory.path());
            Self::open(directory, url)
        })
    }

    /// With the budget lines of the profile, on 15 July 2024.
    fn open(directory: TempDir, url: String) -> Self {
        let clock = Clock::stopped_at(noon("2024-07-15"), TimeZone::default());
        let store = Store::open(&url.parse().unwrap(), clock.clone()).unwrap();
        let profile = Profile::bundled("tameside").unwrap();
        db::adopt_profile(&store, &profile).unwrap();
        Fixture { directory, store, profile, clock, url }
    }

    pub fn warehouse(&self) -> PathBuf {
        self.directory.path().join("warehouse")
    }

    pub fn keys(&self) -> PathBuf {
        self.directory.path().join("keys")
    }

    pub fn run(&self) -> Outcome {
        self.try_run(Options::default()).unwrap()
    }

    pub fn run_full(&self) -> Outcome {
        self.try_run(Options { extent: Extent::Full, as_known_on: None }).unwrap()
    }

    pub fn run_as_known_on(&self, text: &str) -> Outcome {
        self.try_run(Options { extent: Extent::Incremental, as_known_on: Some(day(text)) }).unwrap()
    }

    pub fn try_run(&self, options: Options) -> Result<Outcome, etl::Error> {
        etl::run(&self.store, &self.profile, &self.warehouse(), &self.keys(), &options)
    }

    /// A published edition of a year of its own, made from that snapshot.
    pub fn name_in_a_published_statement(&self, snapshot_id: &str) {
        let id = new_id();
        let year = format!("{}", 2000 + self.count_editions());
        self.write(|write| {
            let (at, seq) = (write.at, write.seq());
            diesel::insert_into(statement_editions::table)
                .values((
                    statement_editions::id.eq(&id),
                    statement_editions::financial_year.eq(&year),
                    statement_editions::number.eq(1),
                    statement_editions::recorded_by.eq("test"),
                    statement_editions::recorded_at.eq(at),
                    statement_editions::recorded_seq.eq(seq),
                ))
                .execute(write.connection)
                .unwrap();
            let row = (
                statement_snapshots::edition_id.eq(&id),
                statement_snapshots::snapshot_id.eq(snapshot_id),
                statement_snapshots::recorded_seq.eq(seq),
            );
            diesel::insert_into(statement_snapshots::table).values(row).execute(write.connection).unwrap();
        });
    }

    fn count_editions(&self) -> i64 {
        self.store.read(|connection| Ok::<_, db::Error>(statement_editions::table.count().get_result(connection)?)).unwrap()
    }

    pub fn current(&self) -> Snapshot {
        Snapshot::open(&self.warehouse(), &Which::Current).unwrap()
    }

    pub fn snapshot(&self, outcome: &Outcome) -> Snapshot {
        Snapshot::open(&self.warehouse(), &Which::Id(outcome.snapshot_id.clone())).unwrap()
    }

    /// Writes with one audit event, as every write of the program does.
    pub fn write<T>(&self, writing: impl FnOnce(&mut Write<'_>) -> T) -> T {
        self.store
            .write(&Actor::system("test-actor"), |write| {
                write.record(Event::new("record", "test", new_id()))?;
                Ok::<_, db::Error>(writing(write))
            })
            .unwrap()
    }

    pub fn provider(&self, code: &str, sector: &str, location: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(providers::table)
                .values((
                    providers::id.eq(&id),
                    providers::code.eq(code),
                    providers::name.eq(format!("Provider {code}")),
                    providers::sector.eq(sector),
                    providers::location.eq(location),
                    providers::recorded_at.eq(write.at),
                    providers::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A child with a package; returns the package's id.
    pub fn package(&self, case_reference: &str) -> String {
        self.package_born(case_reference, "2011-11-11")
    }

    /// The same of a child born on a day.
    pub fn package_born(&self, case_reference: &str, born: &str) -> String {
        let (child, package) = (new_id(), new_id());
        self.write(|write| {
            diesel::insert_into(children::table)
                .values((
                    children::id.eq(&child),
                    children::case_reference.eq(case_reference),
                    children::date_of_birth.eq(day(born)),
                    children::recorded_at.eq(write.at),
                    children::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            diesel::insert_into(packages::table)
                .values((
                    packages::id.eq(&package),
                    packages::reference.eq(format!("package of {case_reference}")),
                    packages::child_id.eq(&child),
                    packages::recorded_at.eq(write.at),
                    packages::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        package
    }

    pub fn line(&self, line: &LineVersion) {
        self.line_with(line, None, None, None);
    }

    /// Ledger entries of one write: budget line, provider, day and pence of each.
    pub fn entries(&self, entries: &[(&str, Option<&str>, NaiveDate, i64)]) {
        self.write(|write| {
            for (budget_line, provider, posted_on, pence) in entries {
                entry(write, budget_line, *provider, *posted_on, *pence);
            }
        });
    }

    pub fn movement(&self, year: &str, budget_line: &str, kind: &str, pence: i64) {
        self.write(|write| {
            db::open_financial_year(write, year.parse().unwrap()).unwrap();
            diesel::insert_into(budget_movements::table)
                .values((
                    budget_movements::id.eq(new_id()),
                    budget_movements::year.eq(year),
                    budget_movements::budget_line.eq(budget_line),
                    budget_movements::kind.eq(kind),
                    budget_movements::amount_pence.eq(pence),
                    budget_movements::effective_on.eq(write.today()),
                    budget_movements::reason.eq("a reason nobody should read"),
                    budget_movements::recorded_by.eq(&write.actor.id),
                    budget_movements::recorded_at.eq(write.at),
                    budget_movements::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// A grant of voluntary sector money; a reversal when it names one. Returns its id.
    pub fn grant(&self, provider: &str, from: &str, to: &str, pence: i64, reverses: Option<&str>) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(grants::table)
                .values((
                    grants::id.eq(&id),
                    grants::reference.eq(format!("grant {id}")),
                    grants::provider_id.eq(provider),
                    grants::budget_line.eq("voluntary_sector_grants"),
                    grants::title.eq("a title"),
                    grants::purpose.eq("a purpose"),
                    grants::awarded_on.eq(day(from)),
                    grants::period_from.eq(day(from)),
                    grants::period_to.eq(day(to)),
                    grants::amount_pence.eq(pence),
                    grants::reverses_id.eq(reverses),
                    grants::reason.eq("a reason"),
                    grants::recorded_by.eq(&write.actor.id),
                    grants::recorded_at.eq(write.at),
                    grants::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    pub fn grant_return(&self, grant: &str, from: &str, to: &str, reached: i64, reverses: Option<&str>) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(grant_activity_returns::table)
                .values((
                    grant_activity_returns::id.eq(&id),
                    grant_activity_returns::grant_id.eq(grant),
                    grant_activity_returns::period_from.eq(day(from)),
                    grant_activity_returns::period_to.eq(day(to)),
                    grant_activity_returns::children_and_families_reached.eq(reached),
                    grant_activity_returns::sessions.eq(reached / 10),
                    grant_activity_returns::reverses_id.eq(reverses),
                    grant_activity_returns::reason.eq("a reason"),
                    grant_activity_returns::recorded_by.eq(&write.actor.id),
                    grant_activity_returns::recorded_at.eq(write.at),
                    grant_activity_returns::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    pub fn activity(&self, provider: &str, from: &str, to: &str, sessions: i64) {
        self.activity_of(provider, "swimming", from, to, sessions);
    }

    pub fn activity_of(&self, provider: &str, service: &str, from: &str, to: &str, sessions: i64) {
        self.write(|write| {
            diesel::insert_into(activity_returns::table)
                .values((
                    activity_returns::id.eq(new_id()),
                    activity_returns::provider_id.eq(provider),
                    activity_returns::service.eq(service),
                    activity_returns::period_from.eq(day(from)),
                    activity_returns::period_to.eq(day(to)),
                    activity_returns::sessions.eq(sessions),
                    activity_returns::reason.eq("a reason"),
                    activity_returns::recorded_by.eq(&write.actor.id),
                    activity_returns::recorded_at.eq(write.at),
                    activity_returns::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }
}

fn entry(write: &mut Write<'_>, budget_line: &str, provider: Option<&str>, posted_on: NaiveDate, pence: i64) {
    let year = FinancialYear::of(posted_on).unwrap();
    db::open_financial_year(write, year).unwrap();
    let id = new_id();
    diesel::insert_into(ledger_entries::table)
        .values((
            ledger_entries::id.eq(&id),
            ledger_entries::source.eq("test"),
            ledger_entries::line_hash.eq(&id),
            ledger_entries::occurrence.eq(1),
            ledger_entries::posted_on.eq(posted_on),
            ledger_entries::year.eq(year.as_str()),
            ledger_entries::budget_line.eq(budget_line),
            ledger_entries::provider_id.eq(provider),
            ledger_entries::reference.eq("REFERENCE-NOBODY-READS"),
            ledger_entries::amount_pence.eq(pence),
            ledger_entries::reason.eq("a reason nobody should read"),
            ledger_entries::recorded_by.eq(&write.actor.id),
            ledger_entries::recorded_at.eq(write.at),
            ledger_entries::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)
        .unwrap();
}

/// A table's rows as text, in order.
pub fn rows(table: &DataFrame) -> Vec<String> {
    let cell = |value: AnyValue<'_>| value.to_string();
    (0..table.height()).map(|row| table.columns().iter().map(|c| cell(c.get(row).unwrap())).collect::<Vec<_>>().join("|")).collect()
}

/// A table's rows as text without quotation marks, of these columns, in order.
pub fn cells(table: &DataFrame, columns: &[&str]) -> Vec<String> {
    rows(&table.select(columns.iter().copied()).unwrap()).into_iter().map(|row| row.replace('"', "")).collect()
}

/// The number in one cell of the row where each of the keys stands.
pub fn value(table: &DataFrame, keys: &[(&str, &str)], column: &str) -> i64 {
    let texts: Vec<_> = keys.iter().map(|(name, wanted)| (etl::texts(table, name).unwrap(), *wanted)).collect();
    let row = (0..table.height()).find(|row| texts.iter().all(|(cells, wanted)| cells[*row].as_deref() == Some(*wanted)));
    etl::integers(table, column).unwrap()[row.unwrap()]
}

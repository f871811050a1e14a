//! `short-breaks demo`: a made-up authority, filled in through the API's own handlers, its ledger imported, its warehouse built.
//!
//! Deterministic: the same records on every machine. Figures are counted from the records; none is written down anywhere.

mod arrangements;
mod authority;
mod bringing_over;
mod caller;
mod commissioning;
mod direct_payments;
mod documents;
mod grants;
mod joint_funding;
mod leaving;
mod ledger_files;
mod money;
mod nights;
mod office;
mod panels;
mod scenarios;
mod standing;
mod statement;
mod variations;

use crate::access::add_user;
use crate::serve;
use crate::settings::Settings;
use actix_web::web::Data;
use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::Args;
use db::schema::{children, ledger_entries, users};
use db::{Clock, Store};
use diesel::prelude::*;
use domain::money::grouped;
use domain::{FinancialYear, Pence, Role};
use indicatif::ProgressBar;
use reports::{Which, budget_position, panel_decisions, statement_figures};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

#[cfg(test)]
pub use scenarios::FILES as SCENARIOS;

/// The day on which the made-up authority stands: three quarters through its second year.
const TODAY: &str = "2025-01-10";

/// What to do after filling.
#[derive(Debug, Args)]
pub struct Demo {
    /// Fill the data folder and stop
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    /// Fills an empty data folder, prints what is in it, and serves it.
    pub fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        refuse_what_is_not_empty(settings)?;
        let clock = Clock::stopped_at(instant("2023-02-20"), settings.profile.time_zone);
        let store = settings.open_store(clock)?;
        if has_records(&store)? {
            bail!("the database is not empty: the demonstration wants one of its own");
        }
        let users = [("finance.officer", Role::FinanceOfficer), ("panel.support", Role::PanelSupport), ("auditor", Role::Auditor)];
        let people = panels::PEOPLE.map(|(username, role, ..)| (username, role));
        let mut passwords = Vec::new();
        for (username, role) in users.into_iter().chain(people) {
            passwords.push((username, add_user(&store, username, role)?));
        }
        log::set_max_level(log::LevelFilter::Warn);
        // Draws on a terminal only.
        let spinner = ProgressBar::new_spinner().with_message("Recording a made-up authority");
        spinner.enable_steady_tick(Duration::from_millis(120));
        fill(settings, &store)?;
        spinner.set_message("Publishing its warehouse");
        store.clock().set(instant(TODAY));
        ::etl::run(&store, &settings.profile, &settings.warehouse(), &settings.keys(), &::etl::Options::default())?;
        publish_statement(settings, &store)?;
        let folder = settings.data_dir.join("demo");
        scenarios::write(&folder)?;
        spinner.set_message("Writing its statement and its annual review");
        documents::write(settings, &store, &folder, "2023-24".parse()?, "2024-25".parse()?)?;
        let standing = stand(settings, &store)?;
        spinner.finish_and_clear();
        self.show(settings, &standing, &passwords)
    }

    fn show(self, settings: &Settings, standing: &str, passwords: &[(&str, String)]) -> anyhow::Result<ExitCode> {
        let mut text = String::new();
        tell_figures(&mut text, &settings.warehouse(), "2023-24".parse()?)?;
        tell_position(&mut text, &settings.warehouse(), "2024-25".parse()?)?;
        money::tell_outturn(&mut text, &settings.warehouse(), &settings.profile, "2024-25".parse()?)?;
        tell_decisions(&mut text, &settings.warehouse(), "2024-25".parse()?)?;
        text.push_str(standing);
        writeln!(text, "\nUsers of the demonstration; the passwords are shown this once:")?;
        for (username, password) in passwords {
            writeln!(text, "  {username:<22} {password}")?;
        }
        let folder = settings.data_dir.join("demo");
        writeln!(
            text,
            "\nIts published statement, its annual review, its ledger files with their mapping, and two scenarios of its next year are in {}.",
            folder.display()
        )?;
        std::io::stdout().write_all(text.as_bytes())?;
        if self.no_serve {
            return Ok(ExitCode::SUCCESS);
        }
        log::set_max_level(log::LevelFilter::Info);
        let store = settings.open_store(Clock::system(settings.profile.time_zone))?;
        serve::run(settings, settings.app(store)?)
    }
}

fn tell_figures(text: &mut String, warehouse: &Path, year: FinancialYear) -> anyhow::Result<()> {
    let report = statement_figures(warehouse, &Which::Current, year)?;
    writeln!(text, "\nShort Breaks Service Statement, {year}")?;
    for figure in report.figures {
        let value = figure.value.map_or_else(|| figure.standing.in_words().to_owned(), |value| grouped(value.unsigned_abs()));
        writeln!(text, "  {:<110} {value:>13}", figure.label)?;
    }
    Ok(())
}

fn tell_position(text: &mut String, warehouse: &Path, year: FinancialYear) -> anyhow::Result<()> {
    let report = budget_position(warehouse, &Which::Current, year)?;
    writeln!(text, "\nBudget position, {year}, on {TODAY}")?;
    writeln!(text, "  {:<24} {:>14} {:>14} {:>14} {:>14} {:>14}", "", "budget", "actual", "commitment", "forecast", "variance")?;
    for row in report.rows {
        let amounts = row.amounts;
        let columns =
            [amounts.budget_pence, amounts.actual_pence, amounts.commitment_pence, amounts.forecast_pence, amounts.variance_pence];
        write!(text, "  {:<24}", row.budget_line)?;
        for pence in columns {
            write!(text, " {:>14}", Pence(pence).to_string())?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn tell_decisions(text: &mut String, warehouse: &Path, year: FinancialYear) -> anyhow::Result<()> {
    let mut counted: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let report = panel_decisions(warehouse, &Which::Current, year)?;
    for row in &report.rows {
        let (decisions, full_year_pence) = counted.entry(row.decision.into()).or_default();
        *decisions += 1;
        *full_year_pence += row.full_year_pence;
    }
    writeln!(text, "\nDecisions of the resource panel, {year}, up to {TODAY}")?;
    writeln!(text, "  {:<24} {:>14} {:>14}", "", "decisions", "a full year")?;
    for (decision, (decisions, full_year_pence)) in counted {
        writeln!(text, "  {decision:<24} {decisions:>14} {:>14}", Pence(full_year_pence).to_string())?;
    }
    Ok(())
}

/// Whether anybody or anything is in the store beyond what every new store has.
fn has_records(store: &Store) -> anyhow::Result<bool> {
    let records = store.read(|connection| {
        let users: i64 = users::table.count().get_result(connection)?;
        let children: i64 = children::table.count().get_result(connection)?;
        let entries: i64 = ledger_entries::table.count().get_result(connection)?;
        Ok::<_, db::Error>(users + children + entries)
    })?;
    Ok(records > 0)
}

fn refuse_what_is_not_empty(settings: &Settings) -> anyhow::Result<()> {
    let is_empty = match fs::read_dir(&settings.data_dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| format!("the data folder {} cannot be read", settings.data_dir.display())),
    };
    if !is_empty {
        bail!(
            "the data folder {} is not empty, and the demonstration never mixes with real records. Name another with --data-dir, or \
             delete it if it is an old demonstration; `short-breaks serve` serves it as it is",
            settings.data_dir.display()
        );
    }
    Ok(())
}

/// Records the authority through the API, as its own people would, and imports its ledger.
fn fill(settings: &Settings, store: &Store) -> anyhow::Result<()> {
    let app = Data::new(settings.app(store.clone())?);
    actix_web::rt::System::new().block_on(async {
        let service = actix_web::test::init_service(api::application(app.clone())).await;
        let caller = caller::Caller::new(&service, &app)?;
        let office = office::Office::open(&service, &app, store)?;
        authority::record(&caller, &settings.profile, store.clock()).await?;
        let users: Vec<(String, String)> =
            store.read(|connection| Ok::<_, db::Error>(users::table.select((users::username, users::id)).load(connection)?))?;
        let users = users.into_iter().collect();
        let second = caller::Caller::person(&service, &app, "demo.second", Role::Administrator)?;
        panels::take_posts((&caller, &second), store.clock(), &users).await?;
        bringing_over::confirm(&office).await?;
        variations::raise_rates(&office, store.clock()).await?;
        panels::record(&service, &app, &caller, store.clock(), &users).await?;
        commissioning::record(&office, store.clock()).await?;
        variations::record(&office, store.clock()).await?;
        // What the rise of rates lifted into another tier.
        bringing_over::confirm(&office).await?;
        bringing_over::one_waits(&office, store.clock()).await?;
        grants::record(&caller, store.clock()).await?;
        direct_payments::record(store, &caller, &office).await?;
        nights::record(store, &caller, office.of("head.of.service")?).await?;
        joint_funding::record(store, &caller).await?;
        leaving::record(store, &caller).await?;
        money::record(&office, settings, store).await
    })
}

/// Publishes the statement, from the warehouse; where no post approves it, there is none.
fn publish_statement(settings: &Settings, store: &Store) -> anyhow::Result<()> {
    if settings.profile.statement.approved_by.is_none() {
        return Ok(());
    }
    let app = Data::new(settings.app(store.clone())?);
    actix_web::rt::System::new().block_on(async {
        let service = actix_web::test::init_service(api::application(app.clone())).await;
        statement::publish(&office::Office::open(&service, &app, store)?).await
    })
}

/// How what is not in the marts alone stands today, as the API tells it.
fn stand(settings: &Settings, store: &Store) -> anyhow::Result<String> {
    let app = Data::new(settings.app(store.clone())?);
    let year: FinancialYear = "2024-25".parse()?;
    // The warehouse cannot be read from within the one thread that serves the calls.
    let accounts = reports::direct_payment_accounts(&settings.warehouse(), &Which::Current, year)?.rows;
    actix_web::rt::System::new().block_on(async {
        let service = actix_web::test::init_service(api::application(app.clone())).await;
        let caller = caller::Caller::new(&service, &app)?;
        let mut text = standing::tell(&caller, &accounts, year).await?;
        leaving::tell(store, &caller, &mut text).await?;
        anyhow::Ok(text + &statement::tell(&caller).await?)
    })
}

/// A day of ours.
fn day(day: &str) -> NaiveDate {
    day.parse().unwrap_or_default()
}

/// Nine in the morning of a day.
fn instant_of(day: NaiveDate) -> chrono::NaiveDateTime {
    day.and_hms_opt(9, 0, 0).unwrap_or_default()
}

/// Nine in the morning of a day of ours.
fn instant(day: &str) -> chrono::NaiveDateTime {
    instant_of(self::day(day))
}

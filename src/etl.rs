//! `short-breaks etl`: publish a new snapshot of the warehouse.

use crate::json;
use crate::settings::Settings;
use ::etl::{Extent, Options, Outcome, run};
use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use db::Store;
use indicatif::ProgressBar;
use std::process::ExitCode;
use std::time::Duration;

/// Publish a new snapshot of the warehouse.
#[derive(Debug, Args)]
pub struct Etl {
    /// Read the whole ledger, not only what is new since the last run
    #[arg(long)]
    full: bool,
    /// Show what was known by the end of that day, in the authority's time zone; the snapshot stands aside, and `report --snapshot` reads it
    #[arg(long, value_name = "DATE")]
    as_known_on: Option<NaiveDate>,
    /// Print one JSON document about the run
    #[arg(long)]
    json: bool,
}

impl Etl {
    /// Does it. Whatever happens, `--json` prints one document.
    pub fn run(&self, settings: &Settings, open_store: impl FnOnce() -> anyhow::Result<Store>) -> anyhow::Result<ExitCode> {
        match open_store().and_then(|store| self.publish(settings, &store)) {
            Ok(outcome) => self.tell(&outcome),
            Err(error) => {
                let told = format!("No snapshot was published: {error:#}.");
                eprintln!("{told}");
                if self.json {
                    json::print_error(&told)?;
                }
                Ok(ExitCode::from(1))
            }
        }
    }

    /// Whether it prints one JSON document.
    pub fn prints_json(&self) -> bool {
        self.json
    }

    fn publish(&self, settings: &Settings, store: &Store) -> anyhow::Result<Outcome> {
        let extent = if self.full { Extent::Full } else { Extent::Incremental };
        // Draws on a terminal only.
        let spinner = ProgressBar::new_spinner().with_message("Building a snapshot of the warehouse");
        spinner.enable_steady_tick(Duration::from_millis(120));
        let options = Options { extent, as_known_on: self.as_known_on };
        let outcome = run(store, &settings.profile, &settings.warehouse(), &settings.keys(), &options);
        spinner.finish_and_clear();
        outcome.map_err(|error| anyhow!("{error}"))
    }

    fn tell(&self, outcome: &Outcome) -> anyhow::Result<ExitCode> {
        if self.json {
            json::print(outcome)?;
            return Ok(ExitCode::SUCCESS);
        }
        let Outcome { snapshot_id, ledger_entries, new_ledger_entries, package_lines, .. } = outcome;
        match outcome.as_known_on {
            None => println!("Published snapshot {snapshot_id}."),
            Some(day) => println!("Made snapshot {snapshot_id}, as known on {day}; read it with `report … --snapshot {snapshot_id}`."),
        }
        println!(
            "It holds {ledger_entries} ledger entries, {new_ledger_entries} of them read in this run, and {package_lines} package lines."
        );
        println!("It is in {}.", outcome.path.display());
        Ok(ExitCode::SUCCESS)
    }
}

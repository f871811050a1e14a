//! `short-breaks etl`: publish a new snapshot of the warehouse.

use ::etl::{Extent, Options, Outcome, run};
use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;
use db::Store;
use domain::Profile;
use indicatif::ProgressBar;
use std::path::Path;
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
    /// Does it.
    pub fn run(&self, store: &Store, profile: &Profile, warehouse: &Path, keys: &Path) -> anyhow::Result<ExitCode> {
        let extent = if self.full { Extent::Full } else { Extent::Incremental };
        // Draws on a terminal only.
        let spinner = ProgressBar::new_spinner().with_message("Building a snapshot of the warehouse");
        spinner.enable_steady_tick(Duration::from_millis(120));
        let outcome = run(store, profile, warehouse, keys, &Options { extent, as_known_on: self.as_known_on });
        spinner.finish_and_clear();
        match outcome {
            Ok(outcome) => self.tell(&outcome),
            Err(error) => {
                eprintln!("No snapshot was published: {error}.");
                Ok(ExitCode::from(1))
            }
        }
    }

    fn tell(&self, outcome: &Outcome) -> anyhow::Result<ExitCode> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(outcome).context("the outcome cannot be written as JSON")?);
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

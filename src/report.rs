//! `short-breaks report`: answers from the published snapshot.

use anyhow::Context;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use domain::{FinancialYear, Sector};
use reports::{Error, GroupBy, SpendQuery, Which, budget_position, spend, statement_figures};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Answer from the published snapshot.
#[derive(Debug, Args)]
pub struct Report {
    /// Which report
    name: Name,
    /// The financial year, such as 2023-24; of spend, several or none
    #[arg(long, value_name = "YEAR", value_delimiter = ',',
        required_if_eq_any([("name", "budget-position"), ("name", "statement-figures")]))]
    year: Vec<FinancialYear>,
    /// What spend is added up by; several with commas between [default: budget_line]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', value_parser = word(&GroupBy::ALL, GroupBy::as_str))]
    group_by: Vec<GroupBy>,
    /// Only spend of these calendar months, such as 2024-04
    #[arg(long, value_name = "MONTH", value_delimiter = ',', value_parser = month)]
    month: Vec<String>,
    /// Only spend on these budget lines
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    budget_line: Vec<String>,
    /// Only spend with these providers
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    provider: Vec<String>,
    /// Only spend with providers of these sectors
    #[arg(long, value_name = "SECTOR", value_delimiter = ',', value_parser = word(&SECTORS, Sector::as_str))]
    sector: Vec<Sector>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Write to this file instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Answer from this snapshot instead of the current one
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// What the ledger has, added up
    Spend,
    /// Budget, actual, commitment, forecast and variance of every budget line
    BudgetPosition,
    /// The figures of the Short Breaks Service Statement
    StatementFigures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Amounts in whole pence
    Json,
    /// Amounts in pounds
    Csv,
}

impl Report {
    /// Does it.
    pub fn run(&self, warehouse: &Path) -> anyhow::Result<ExitCode> {
        if let Some(refusal) = self.refusal() {
            eprintln!("{refusal}");
            return Ok(ExitCode::from(1));
        }
        match self.written(warehouse) {
            Ok(text) => self.put(&text?),
            Err(error) if error.is_refusal() => {
                eprintln!("The report cannot be given: {error}.");
                Ok(ExitCode::from(1))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the arguments ask that a report of that name does not do.
    fn refusal(&self) -> Option<&'static str> {
        if self.name == Name::Spend {
            return None;
        }
        let filters = [&self.month, &self.budget_line, &self.provider];
        if !self.group_by.is_empty() || !self.sector.is_empty() || filters.iter().any(|filter| !filter.is_empty()) {
            return Some("Only the report spend can be filtered and grouped; this one is for a whole year.");
        }
        if self.year.len() != 1 { Some("This report is for one financial year; give one with --year.") } else { None }
    }

    fn written(&self, warehouse: &Path) -> Result<anyhow::Result<String>, Error> {
        let which = self.snapshot.clone().map_or(Which::Current, Which::Id);
        match (self.name, self.year.as_slice()) {
            (Name::BudgetPosition, [year, ..]) => {
                let report = budget_position(warehouse, &which, *year)?;
                self.format.of(&report, || report.to_csv())
            }
            (Name::StatementFigures, [year, ..]) => {
                let report = statement_figures(warehouse, &which, *year)?;
                self.format.of(&report, || report.to_csv())
            }
            _ => {
                let query = SpendQuery {
                    years: self.year.clone(),
                    months: self.month.clone(),
                    budget_lines: self.budget_line.clone(),
                    providers: self.provider.clone(),
                    sectors: self.sector.clone(),
                    group_by: self.group_by.clone(),
                };
                let report = spend(warehouse, &which, &query)?;
                self.format.of(&report, || report.to_csv())
            }
        }
    }

    fn put(&self, text: &str) -> anyhow::Result<ExitCode> {
        match &self.out {
            Some(path) => ::etl::write_atomically(path, text.as_bytes())?,
            None => std::io::stdout().write_all(text.as_bytes()).context("standard output cannot be written to")?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Format {
    fn of<R: Serialize>(self, report: &R, csv: impl FnOnce() -> Result<String, Error>) -> Result<anyhow::Result<String>, Error> {
        match self {
            Format::Csv => csv().map(Ok),
            Format::Json => {
                let text = serde_json::to_string_pretty(report).context("the report cannot be written as JSON");
                Ok(text.map(|text| text + "\n"))
            }
        }
    }
}

const SECTORS: [Sector; 4] = [Sector::Own, Sector::Private, Sector::OtherPublic, Sector::Voluntary];

/// One of a few words; a slip is answered with the words there are.
fn word<T>(all: &'static [T], as_str: fn(&T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(as_str))
        .try_map(move |text| all.iter().find(|value| as_str(value) == text).copied().ok_or("no such word"))
}

/// A calendar month, `2024-04`.
fn month(text: &str) -> Result<String, String> {
    match format!("{text}-01").parse::<chrono::NaiveDate>() {
        Ok(_) if text.len() == 7 => Ok(text.to_owned()),
        _ => Err("a month is written like 2024-04".to_owned()),
    }
}

//! `short-breaks report annual-review`: a year for officers, as a document or a workbook.

use crate::output::put;
use crate::settings::Settings;
use clap::Args;
use domain::FinancialYear;
use reports::annual_review::{ReviewFormat, annual_review};
use reports::{Error, Which, Written};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use strum::VariantArray;

/// What is asked for.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// The financial year, such as 2023-24
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// html, pdf or xlsx
    #[arg(long, value_name = "FORMAT", default_value = "html", value_parser = format)]
    format: ReviewFormat,
    /// Write to this file instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Answer from this snapshot instead of the current one
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
}

impl ReviewArgs {
    /// Does it.
    pub fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        if self.format.is_binary() && self.out.is_none() && std::io::stdout().is_terminal() {
            let word = self.format.as_str();
            eprintln!("This format is no text for a terminal: say where it goes with --out FILE, such as --out review.{word}.");
            return Ok(ExitCode::from(2));
        }
        match self.written(settings) {
            Ok(written) => put(self.out.as_deref(), &written.bytes),
            Err(error) if error.is_refusal() => {
                eprintln!("The report cannot be given: {error}.");
                Ok(ExitCode::from(1))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn written(&self, settings: &Settings) -> Result<Written, Error> {
        let which = self.snapshot.clone().map_or(Which::Current, Which::Id);
        annual_review(&settings.warehouse(), &which, &settings.profile, self.year)?.written(self.format)
    }
}

/// One of a few words; a slip is answered with the words there are.
fn format(text: &str) -> Result<ReviewFormat, String> {
    let words = || ReviewFormat::VARIANTS.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("the formats are {}", words()))
}

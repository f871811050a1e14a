//! `short-breaks report statement`: the Short Breaks Service Statement of a year as a document.

use crate::output::put;
use crate::settings::Settings;
use anyhow::{Context, anyhow, bail};
use api::statement_files::told_by;
use clap::Args;
use db::Store;
use domain::disclosure::Disclosure;
use domain::statement_editions::StatementFormat;
use domain::{FinancialYear, Profile};
use records::statement_editions::{StatementEdition, earlier, find_by_number, frozen_file, last_published};
use reports::Which;
use reports::statement::{Composed, EarlierEdition, EditionContent, compose, gather};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use strum::VariantArray;

/// What is asked for.
#[derive(Debug, Args)]
pub struct StatementArgs {
    /// The financial year, such as 2023-24
    #[arg(long, value_name = "YEAR")]
    year: FinancialYear,
    /// html, pdf, docx, md, txt, csv or json; zip is all of them
    #[arg(long, value_name = "FORMAT", default_value = "html", value_parser = format)]
    format: StatementFormat,
    /// Write to this file instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Give this published edition of the year; without it, its last
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["snapshot", "as_counted", "withheld", "template"])]
    edition: Option<i64>,
    /// Instead of what is published, count from this snapshot: headings and figures only
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
    /// Instead of what is published, print small numbers as they are counted, for this reason: headings and figures only
    #[arg(long, value_name = "REASON")]
    as_counted: Option<String>,
    /// Instead of the statement, list as CSV what is withheld from it and why: for officers alone
    #[arg(long, conflicts_with_all = ["format", "as_counted"])]
    withheld: bool,
    /// A Word template of the council's own, whose styles are taken, for a year that nothing is published of
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

impl StatementArgs {
    /// Does it.
    pub fn run(self, settings: &Settings, store: impl FnOnce() -> anyhow::Result<Store>) -> anyhow::Result<ExitCode> {
        if !self.withheld && self.format.is_binary() && self.out.is_none() && std::io::stdout().is_terminal() {
            let word = self.format.as_str();
            eprintln!("This format is no text for a terminal: say where it goes with --out FILE, such as --out statement.{word}.");
            return Ok(ExitCode::from(2));
        }
        let wants_published = !self.withheld && self.snapshot.is_none() && self.as_counted.is_none();
        let store = store()?;
        if wants_published && let Some(bytes) = self.published(&store)? {
            return put(self.out.as_deref(), &bytes);
        }
        let others = others(&store)?;
        match self.composed(&settings.warehouse(), &settings.profile, others).and_then(|composed| self.written(&composed)) {
            Ok(bytes) => {
                if wants_published {
                    eprintln!("No edition of {} is published. Here are its headings and figures only.", self.year);
                }
                put(self.out.as_deref(), &bytes)
            }
            Err(error) => match error.downcast_ref::<reports::Error>() {
                Some(refused) if refused.is_refusal() => {
                    eprintln!("The statement cannot be given: {refused}.");
                    Ok(ExitCode::from(1))
                }
                _ => Err(error),
            },
        }
    }

    /// The document of a published edition, byte for byte; none, the year has none.
    fn published(&self, store: &Store) -> anyhow::Result<Option<Vec<u8>>> {
        let found = store.read(|connection| match self.edition {
            Some(number) => find_by_number(connection, self.year, number),
            None => last_published(connection, self.year),
        });
        let edition: StatementEdition = match found.map_err(|error| anyhow!("{error}"))? {
            Some(edition) => edition,
            None if self.edition.is_none() => return Ok(None),
            None => bail!("{} has no such edition; `short-breaks edition list` tells which there are", self.year),
        };
        let file = store.read(|connection| frozen_file(connection, &edition.id, self.format)).map_err(|error| anyhow!("{error}"))?;
        match file {
            Some(file) => Ok(Some(file.bytes)),
            None => bail!("edition {} of {} is not published; `short-breaks edition export` writes its draft", edition.number, self.year),
        }
    }

    /// The statement as counted from a snapshot, but for what other editions published or withheld.
    fn composed(&self, warehouse: &Path, profile: &Profile, others: Vec<EarlierEdition>) -> anyhow::Result<Composed> {
        let which = self.snapshot.clone().map_or(Which::Current, Which::Id);
        let with_editions: Vec<_> = others.iter().map(|edition| edition.year).collect();
        let gathered = gather(warehouse, &which, profile, self.year, &with_editions)?;
        let mut content = EditionContent::not_authored(profile.authority.clone(), self.year, gathered.made_on());
        content.earlier = others;
        if let Some(reason) = &self.as_counted {
            content.disclosure = Disclosure::AsCounted { reason: reason.clone() };
        }
        Ok(compose(&content, &gathered, profile)?)
    }

    fn written(&self, composed: &Composed) -> anyhow::Result<Vec<u8>> {
        if self.withheld {
            return Ok(composed.withheld_sheet()?.to_csv().map_err(reports::Error::from)?.into_bytes());
        }
        let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("the template {} cannot be read", path.display()));
        let template = self.template.as_ref().map(read).transpose()?;
        Ok(composed.file(self.format, template.as_deref())?.bytes)
    }
}

/// What every published edition tells of figures.
fn others(store: &Store) -> anyhow::Result<Vec<EarlierEdition>> {
    let editions = store.read(|connection| earlier(connection, None)).map_err(|error| anyhow!("{error}"))?;
    Ok(told_by(&editions)?)
}

/// One of a few words; a slip is answered with the words there are.
fn format(text: &str) -> Result<StatementFormat, String> {
    let words = || StatementFormat::VARIANTS.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("the formats are {}", words()))
}

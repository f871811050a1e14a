//! `short-breaks edition`: the statement for an author who works with files, from a draft to the published documents.

mod author;
mod folder;

use crate::settings::Settings;
use anyhow::{Context, anyhow, bail};
use api::statement_files::{compose, current_snapshot, freeze, rendered, require_current, require_kept};
use author::{Author, AuthorArgs};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use db::Store;
use domain::statement_editions::{Disclosure, Requirement, Section};
use domain::{FinancialYear, Permission};
use records::Error;
use records::statement_editions::{
    RenderedFile, StatementEdition, StatementEditionStanding, approve, begin, choose_disclosure, consult, frozen_file, last_of_year, list,
    publication_of, publish, say_of_requirement, standing, to_approve, to_compose, to_publish, withdraw,
};
use reports::statement::Stage;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Editions of the Short Breaks Service Statement. Each command is about a year's last edition.
#[derive(Debug, Subcommand)]
pub enum EditionCommand {
    /// List every edition with its state
    List,
    /// Begin an edition, with the text of the one before it
    New(NewArgs),
    /// Write an edition's sections into a folder, a Markdown file each
    Pull(FolderArgs),
    /// Record the sections of a folder that changed
    Push(PushArgs),
    /// Record who was consulted, and what changed in consequence
    Consult(ConsultArgs),
    /// Say which section sets out what the Regulations require
    Meet(MeetArgs),
    /// Let the edition go out without something that the Regulations require
    Waive(WaiveArgs),
    /// Choose what becomes of small counts
    Disclose(DiscloseArgs),
    /// Tell how an edition stands, and what keeps it from going out
    Check(CheckArgs),
    /// Approve an edition, in a post that the profile names
    Approve(ApproveArgs),
    /// Withdraw an edition that is not out, so that the year may begin another
    Withdraw(WithdrawArgs),
    /// Publish an approved edition, with the figures that were approved
    Publish(PublishArgs),
    /// Write an edition's documents into a folder: as published, or as a draft would look now
    Export(FolderArgs),
}

/// Which edition, and which folder.
#[derive(Debug, Args)]
pub struct FolderArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// The folder
    folder: PathBuf,
}

/// Which edition.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
}

/// What is begun.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// What the edition says that the published one did not; a correction needs it
    #[arg(long, value_name = "TEXT")]
    what_changed: Option<String>,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is recorded.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// The folder that `edition pull` wrote
    folder: PathBuf,
    #[command(flatten)]
    by: AuthorArgs,
}

/// Who was consulted.
#[derive(Debug, Args)]
pub struct ConsultArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// With whom: a forum or a group, and no person by name
    #[arg(long, value_name = "TEXT")]
    with: String,
    /// When
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// What changed in consequence
    #[arg(long, value_name = "TEXT")]
    what_changed: String,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is met, and where.
#[derive(Debug, Args)]
pub struct MeetArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// range_of_services, eligibility_criteria or carers_needs
    requirement: Requirement,
    /// The section that sets it out
    #[arg(long)]
    section: Section,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is waived, and why.
#[derive(Debug, Args)]
pub struct WaiveArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// range_of_services, eligibility_criteria or carers_needs
    requirement: Requirement,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What becomes of small counts, and why.
#[derive(Debug, Args)]
pub struct DiscloseArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// withheld or as_counted
    disclosure: Disclosure,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The statement may go out although some withheld figures can still be narrowed
    #[arg(long)]
    accept_narrower: bool,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is approved.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// The edition's revision, as `edition check` told it
    #[arg(long)]
    revision: i64,
    /// The snapshot whose figures you read, as `edition check` told it
    #[arg(long, value_name = "ID")]
    snapshot: String,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is withdrawn, and why.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    by: AuthorArgs,
}

/// What is published.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The financial year, such as 2023-24
    year: FinancialYear,
    #[command(flatten)]
    by: AuthorArgs,
}

impl EditionCommand {
    /// Does it.
    pub fn run(self, settings: &Settings, store: &Store) -> anyhow::Result<ExitCode> {
        let told = match self {
            EditionCommand::List => tell_list(store)?,
            EditionCommand::New(args) => new(store, args)?,
            EditionCommand::Pull(FolderArgs { year, folder }) => folder::pull(store, &edition_of(store, year)?, &folder)?,
            EditionCommand::Push(PushArgs { year, folder, by }) => {
                let author = Author::of(store, by, Permission::StatementWrite)?;
                folder::push(&author, &edition_of(store, year)?, &folder)?
            }
            EditionCommand::Consult(args) => record_consultation(store, args)?,
            EditionCommand::Meet(MeetArgs { year, requirement, section, by }) => {
                say(store, (year, requirement), &json!({ "standing": "met", "section": section }), by)?
            }
            EditionCommand::Waive(WaiveArgs { year, requirement, reason, by }) => {
                say(store, (year, requirement), &json!({ "standing": "waived", "reason": reason }), by)?
            }
            EditionCommand::Disclose(args) => disclose(store, args)?,
            EditionCommand::Check(CheckArgs { year }) => {
                let edition = edition_of(store, year)?;
                let standing = store
                    .read(|connection| standing(connection, &settings.profile, store.clock().today(), &edition.id))
                    .map_err(|error| anyhow!("{error}"))?;
                check(&standing, current_snapshot(&settings.warehouse())?)
            }
            EditionCommand::Approve(args) => give_approval(settings, store, args)?,
            EditionCommand::Withdraw(WithdrawArgs { year, reason, by }) => {
                let (author, edition) = (Author::of(store, by, Permission::StatementWrite)?, edition_of(store, year)?);
                author.write(&json!({ "reason": reason }), |write, new| withdraw(write, &edition.id, new))?;
                format!("Withdrew {}. The year may begin another.", named(&edition))
            }
            EditionCommand::Publish(PublishArgs { year, by }) => put_out(settings, store, year, by)?,
            EditionCommand::Export(FolderArgs { year, folder }) => export(settings, store, year, &folder)?,
        };
        writeln!(std::io::stdout(), "{told}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A year's last edition.
fn edition_of(store: &Store, year: FinancialYear) -> anyhow::Result<StatementEdition> {
    let found = store.read(|connection| last_of_year(connection, year)).map_err(|error| anyhow!("{error}"))?;
    found.with_context(|| format!("{year} has no edition of the statement; begin one with `edition new {year}`"))
}

fn named(edition: &StatementEdition) -> String {
    format!("edition {} of {}", edition.number, edition.financial_year)
}

fn tell_list(store: &Store) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let wanted = serde_json::from_value(match &cursor {
            None => json!({ "limit": 500 }),
            Some(cursor) => json!({ "limit": 500, "cursor": cursor }),
        })?;
        let page = store.read(|connection| list(connection, wanted)).map_err(|error| anyhow!("{error}"))?;
        lines.extend(page.items.iter().map(|one| format!("{} {} {}", one.edition.financial_year, one.edition.number, one.state.as_str())));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(if lines.is_empty() { "There is no edition of the statement yet.".to_owned() } else { lines.join("\n") })
}

fn new(store: &Store, NewArgs { year, what_changed, by }: NewArgs) -> anyhow::Result<String> {
    let author = Author::of(store, by, Permission::StatementWrite)?;
    let last = store.read(|connection| last_of_year(connection, year)).map_err(|error| anyhow!("{error}"))?;
    let corrects = last.filter(|_| what_changed.is_some()).map(|last| last.id);
    let asked = json!({ "financial_year": year, "corrects_id": corrects, "what_changed": what_changed });
    let edition = author.write(&asked, begin)?;
    Ok(format!("Began {}. Write its sections into a folder with `edition pull {year} FOLDER`.", named(&edition)))
}

fn record_consultation(store: &Store, ConsultArgs { year, with, on, what_changed, by }: ConsultArgs) -> anyhow::Result<String> {
    let (author, edition) = (Author::of(store, by, Permission::StatementWrite)?, edition_of(store, year)?);
    let asked = json!({ "with_whom": with, "held_on": on, "what_changed": what_changed });
    author.write(&asked, |write, new| consult(write, &edition.id, new))?;
    Ok(format!("Recorded the consultation on {}.", named(&edition)))
}

fn say(
    store: &Store,
    (year, requirement): (FinancialYear, Requirement),
    word: &serde_json::Value,
    by: AuthorArgs,
) -> anyhow::Result<String> {
    let (author, edition) = (Author::of(store, by, Permission::StatementWrite)?, edition_of(store, year)?);
    author.write(word, |write, new| say_of_requirement(write, &edition.id, requirement, new))?;
    Ok(format!("Recorded it of {}.", named(&edition)))
}

fn disclose(store: &Store, args: DiscloseArgs) -> anyhow::Result<String> {
    let DiscloseArgs { year, disclosure, reason, accept_narrower, by } = args;
    let (author, edition) = (Author::of(store, by, Permission::StatementWrite)?, edition_of(store, year)?);
    let asked = json!({ "disclosure": disclosure, "reason": reason, "accepts_narrower": accept_narrower });
    author.write(&asked, |write, new| choose_disclosure(write, &edition.id, new))?;
    Ok(format!("Recorded the choice for {}.", named(&edition)))
}

/// How an edition stands, line by line.
fn check(standing: &StatementEditionStanding, snapshot_id: Option<String>) -> String {
    let mut lines = vec![format!("{}: {}, revision {}", named(&standing.edition), standing.state.as_str(), standing.revision)];
    lines.push(match snapshot_id {
        Some(id) => format!("figures of the snapshot {id}"),
        None => "no figures yet; run `short-breaks etl`".to_owned(),
    });
    for section in standing.sections.iter().filter(|section| !section.has_text) {
        lines.push(format!("no text and left out: {}", section.section));
    }
    lines.extend(standing.missing.iter().map(|missing| format!("missing: {} {}", missing.pointer, missing.detail)));
    if let Some(publication) = &standing.publication {
        lines.push(format!("published on {}, review due on {}", publication.published_on, publication.review_due_on));
    }
    lines.join("\n")
}

fn give_approval(settings: &Settings, store: &Store, args: ApproveArgs) -> anyhow::Result<String> {
    let ApproveArgs { year, revision, snapshot, by } = args;
    let (author, edition) = (Author::of(store, by, Permission::StatementApprove)?, edition_of(store, year)?);
    let (asked, today) = (json!({ "revision": revision, "snapshot_id": snapshot }), store.clock().today());
    let new = serde_json::from_value(asked.clone()).context("the snapshot is named by its id, as `edition check` tells it")?;
    let told = store.read(|connection| to_approve(connection, (author.actor(), today), &settings.profile, &edition.id, &new));
    // A mistake in the text refuses it.
    let told = told.map_err(|error| anyhow!("{error}"))?;
    require_current(&settings.warehouse(), &told)?;
    require_kept(&told, &compose(&settings.warehouse(), &settings.profile, &told, Stage::Draft)?)?;
    let approval = author.write(&asked, |write, new| approve(write, &settings.profile, &edition.id, &new))?;
    Ok(format!("Approved {} as {}.", named(&edition), approval.post))
}

fn put_out(settings: &Settings, store: &Store, year: FinancialYear, by: AuthorArgs) -> anyhow::Result<String> {
    let (author, edition) = (Author::of(store, by, Permission::StatementWrite)?, edition_of(store, year)?);
    let today = store.clock().today();
    let told =
        store.read(|connection| to_publish(connection, &settings.profile, &edition.id, today)).map_err(|error| anyhow!("{error}"))?;
    let composed = compose(&settings.warehouse(), &settings.profile, &told, Stage::Published)?;
    let frozen = freeze(told, &composed)?;
    let published = author.act(|write| publish(write, &settings.profile, &edition.id, &frozen))?;
    Ok(format!("Published {}. Its review is due on {}.", named(&edition), published.review_due_on))
}

fn export(settings: &Settings, store: &Store, year: FinancialYear, folder: &Path) -> anyhow::Result<String> {
    let edition = edition_of(store, year)?;
    let frozen = store.read(|connection| frozen_files(connection, &edition.id)).map_err(|error| anyhow!("{error}"))?;
    let (files, how) = match frozen {
        Some(files) => (files, "as published"),
        None => {
            let today = store.clock().today();
            let told = store
                .read(|connection| to_compose(connection, &settings.profile, &edition.id, today))
                .map_err(|error| anyhow!("{error}"))?;
            (rendered(&compose(&settings.warehouse(), &settings.profile, &told, Stage::Draft)?)?, "as a draft")
        }
    };
    if files.is_empty() {
        bail!("{} has no documents", named(&edition));
    }
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    for file in &files {
        let path = folder.join(format!("statement-{year}-edition-{}.{}", edition.number, file.format));
        fs::write(&path, &file.bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(format!("Wrote {} documents of {}, {how}, into {}.", files.len(), named(&edition), folder.display()))
}

/// The documents as they were published; none, the edition is not out.
fn frozen_files(connection: &mut db::AnyConnection, edition_id: &str) -> Result<Option<Vec<RenderedFile>>, Error> {
    let Some(publication) = publication_of(connection, edition_id)? else { return Ok(None) };
    let mut files = Vec::new();
    for format in publication.files.iter().map(|file| file.format) {
        if let Some(file) = frozen_file(connection, edition_id, format)? {
            files.push(RenderedFile { format, media_type: file.media_type, bytes: file.bytes });
        }
    }
    Ok(Some(files))
}

//! The one program: every command is a file beside this one, and each is thin.

mod access;
mod annual_review;
mod audit;
mod demo;
mod edition;
mod etl;
mod import;
mod json;
mod output;
mod report;
mod scenarios;
mod serve;
mod settings;
mod statement;

use clap::{Parser, Subcommand};
use db::Clock;
use settings::{Settings, SettingsArgs};
use std::io::{self, Write};
use std::process::ExitCode;

/// Commission, pay for and account for short breaks for disabled children.
#[derive(Debug, Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill an empty data folder with a made-up authority, print its statement's figures, and serve it
    Demo(demo::Demo),
    /// Serve the API
    Serve,
    /// Load files
    #[command(subcommand)]
    Import(ImportCommand),
    /// Publish a new snapshot of the warehouse
    Etl(etl::Etl),
    /// Answer from the published snapshot
    Report(report::Report),
    /// Editions of the Short Breaks Service Statement
    #[command(subcommand)]
    Edition(edition::EditionCommand),
    /// People who may log in
    #[command(subcommand)]
    User(access::UserCommand),
    /// Third-party tools that may log in
    #[command(subcommand)]
    Client(access::ClientCommand),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Debug, Subcommand)]
enum ImportCommand {
    /// The council's ledger files, by a mapping
    Ledger(import::Import),
}

impl Command {
    /// Whether stdout is for one JSON document and nothing else.
    fn prints_json(&self) -> bool {
        match self {
            Command::Etl(etl) => etl.prints_json(),
            Command::Import(ImportCommand::Ledger(import)) => import.prints_json(),
            _ => false,
        }
    }
}

fn main() -> ExitCode {
    let CommandLine { settings, command } = CommandLine::parse();
    start_log(&command);
    let done = match settings.settle() {
        Ok(settings) => run(&settings, command),
        Err(error) if command.prints_json() => json::print_error(&format!("{error:#}")).and(Err(error)),
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        let is_reader_gone = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if is_reader_gone {
            // As `… | head` leaves us: it has what it wanted.
            return ExitCode::FAILURE;
        }
        eprintln!("short-breaks: {error:#}");
        ExitCode::from(1)
    })
}

fn run(settings: &Settings, command: Command) -> anyhow::Result<ExitCode> {
    let open_store = || settings.open_store(Clock::system(settings.profile.time_zone));
    match command {
        Command::Demo(demo) => demo.run(settings),
        Command::Serve => serve::run(settings, settings.app(open_store()?)?),
        Command::Import(ImportCommand::Ledger(import)) => import.run(open_store),
        Command::Etl(etl) => etl.run(settings, open_store),
        Command::Report(report) => report.run(settings, open_store),
        Command::Edition(command) => command.run(settings, &open_store()?),
        Command::User(command) => command.run(&open_store()?),
        Command::Client(command) => command.run(&open_store()?),
        Command::Audit(command) => command.run(&open_store()?),
        Command::Openapi => {
            // Written, not printed: a reader that stops early is no fault of ours.
            writeln!(io::stdout(), "{}", api::document().to_pretty_json()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Logs to stderr: plain lines, or JSON with `SHORT_BREAKS_LOG=json`; how much, by `RUST_LOG`.
fn start_log(command: &Command) {
    let default = if matches!(command, Command::Serve | Command::Demo(_)) { "info,actix_server=warn" } else { "warn" };
    let mut builder = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(default));
    if std::env::var("SHORT_BREAKS_LOG").is_ok_and(|form| form == "json") {
        builder.format(|out, record| {
            let line = serde_json::json!({
                "at": chrono::Utc::now().to_rfc3339(), "level": record.level().as_str(), "target": record.target(),
                "message": record.args().to_string(),
            });
            writeln!(out, "{line}")
        });
    }
    builder.init();
}

//! `short-breaks audit verify`: is the trail as it was written?

use clap::Subcommand;
use db::audit::{Verdict, verify};
use db::{Error, Store};
use std::io::Write;
use std::process::ExitCode;

/// The audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Compute every event's hash again and tell the first that is not as it was written
    Verify,
}

impl AuditCommand {
    /// Does it.
    pub fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let AuditCommand::Verify = self;
        match store.read(|connection| Ok::<_, Error>(verify(connection)?))? {
            Verdict::Sound { events, last_hash } => {
                writeln!(std::io::stdout(), "The audit trail is sound: {events} events, the last with hash {last_hash}")?;
                Ok(ExitCode::SUCCESS)
            }
            Verdict::Broken { seq } => {
                eprintln!("The audit trail is broken: event {seq} is missing or not as it was written.");
                Ok(ExitCode::from(1))
            }
        }
    }
}

//! The one JSON document that `--json` prints on stdout, also where nothing was done.

use serde::Serialize;
use std::io::{self, Write};

/// Prints a document. Written, not printed: a reader that stops early is no fault of ours.
pub fn print(document: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document)?;
    writeln!(out)?;
    Ok(())
}

/// Prints why nothing was done.
pub fn print_error(error: &str) -> anyhow::Result<()> {
    print(&serde_json::json!({ "error": error }))
}

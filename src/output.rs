//! Where an answer goes: to a file or to standard output.

use anyhow::Context;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Puts an answer's bytes into the file that is named, whole or not at all; without one, on standard output.
pub fn put(out: Option<&Path>, bytes: &[u8]) -> anyhow::Result<ExitCode> {
    match out {
        Some(path) => ::etl::write_atomically(path, bytes)?,
        None => {
            let mut out = std::io::stdout().lock();
            // A workbook does not end in a line's end, after which it would be sent on by itself.
            out.write_all(bytes).and_then(|()| out.flush()).context("standard output cannot be written to")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

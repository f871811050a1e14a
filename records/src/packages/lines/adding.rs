//! Adding versions of package lines, and what follows from each.

use crate::error::Error;
use crate::packages::agreed_since::write_support_anew;
use crate::packages::lines::line::PackageLine;
use crate::year_end::Changed;
use chrono::NaiveDate;
use db::schema::package_lines;
use db::{Event, Write, new_id};
use diesel::prelude::*;

impl PackageLine {
    /// That it will be other than before, from a day on.
    pub fn changed(&self, from: NaiveDate) -> Changed<'_> {
        Changed { id: &self.line_id, budget_line: &self.budget_line, from }
    }
}

/// Adds a version of a line after the one given, and its audit event.
pub fn add_version(write: &mut Write<'_>, version: PackageLine, action: &'static str) -> Result<PackageLine, Error> {
    let next = PackageLine {
        id: new_id(),
        version: version.version + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    };
    insert(write, &next)?;
    write.record(Event::new(action, "package_lines", &next.line_id))?;
    Ok(next)
}

/// Adds a version as it is. An account that pays its arrangement is paid no longer where nobody agreed it.
pub fn insert(write: &mut Write<'_>, line: &PackageLine) -> Result<(), Error> {
    diesel::insert_into(package_lines::table).values(line).execute(write.connection)?;
    write_support_anew(write, line.arrangement())
}

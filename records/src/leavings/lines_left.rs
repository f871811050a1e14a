//! The package lines of a child, and those that its leaving ended.

use crate::error::Error;
use crate::packages::lines::{PackageLine, latest_lines_of};
use db::AnyConnection;
use db::schema::{child_leaving_lines, packages};
use diesel::prelude::*;
use domain::LineState;

/// The child's package lines that stand, each in its last version.
pub(super) fn lines_of_child(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<PackageLine>, Error> {
    let ids: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
    let mut lines = latest_lines_of(connection, &ids)?;
    lines.retain(|line| line.state != LineState::Reversed);
    Ok(lines)
}

/// The lines that a leaving ended or took back, with the version that it made of each.
pub(super) fn lines_left(connection: &mut AnyConnection, leaving_id: &str) -> Result<Vec<(String, i64)>, Error> {
    Ok(child_leaving_lines::table
        .filter(child_leaving_lines::leaving_id.eq(leaving_id))
        .select((child_leaving_lines::line_id, child_leaving_lines::version))
        .order(child_leaving_lines::line_id)
        .load(connection)?)
}

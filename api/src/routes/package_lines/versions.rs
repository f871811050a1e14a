//! The versions of package lines: which is known when, and how another is added.

use super::PackageLine;
use crate::problem::{Code, Problem};
use crate::routes::direct_payments::write_support_anew;
use chrono::{Days, NaiveDate, NaiveTime};
use db::schema::package_lines;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::LineState;

/// The day up to whose end a picture is drawn.
#[derive(Debug, Clone, Copy)]
pub enum KnownOn {
    /// Everything recorded.
    Now,
    /// What was recorded by the end of a day.
    Day(NaiveDate),
}

/// A package's lines, each in the last version known, without reversed ones.
pub fn known_lines(connection: &mut AnyConnection, package_id: &str, known_on: KnownOn) -> Result<Vec<PackageLine>, Problem> {
    let mut lines = latest_lines(connection, package_id, known_on)?;
    lines.retain(|line| line.state != LineState::Reversed);
    Ok(lines)
}

/// As [`known_lines`], with the reversed ones.
pub fn latest_lines(connection: &mut AnyConnection, package_id: &str, known_on: KnownOn) -> Result<Vec<PackageLine>, Problem> {
    let mut query = package_lines::table.select(PackageLine::as_select()).filter(package_lines::package_id.eq(package_id)).into_boxed();
    if let KnownOn::Day(day) = known_on {
        let next_day = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
        query = query.filter(package_lines::recorded_at.lt(next_day));
    }
    Ok(last_versions(query.order((package_lines::line_id, package_lines::version.desc())).load(connection)?))
}

/// The lines of these packages, each in its last version, with the reversed ones, by line; at most a few hundred packages.
pub fn latest_lines_of(connection: &mut AnyConnection, packages: &[String]) -> Result<Vec<PackageLine>, Problem> {
    let query = package_lines::table.select(PackageLine::as_select()).filter(package_lines::package_id.eq_any(packages));
    Ok(last_versions(query.order((package_lines::line_id, package_lines::version.desc())).load(connection)?))
}

/// The lines of an arrangement, each in its last version, without reversed ones, in the order of their dates.
pub fn arrangement_lines(connection: &mut AnyConnection, arrangement_id: &str) -> Result<Vec<PackageLine>, Problem> {
    let versions = package_lines::table
        .select(PackageLine::as_select())
        .filter(package_lines::line_id.eq(arrangement_id).or(package_lines::continues_line_id.eq(arrangement_id)))
        .order((package_lines::line_id, package_lines::version.desc()))
        .load(connection)?;
    let mut lines = last_versions(versions);
    lines.retain(|line| line.state != LineState::Reversed);
    lines.sort_by(|a, b| (a.valid_from, &a.line_id).cmp(&(b.valid_from, &b.line_id)));
    Ok(lines)
}

/// Of versions by line, the last first, the last of each line.
fn last_versions(versions: Vec<PackageLine>) -> Vec<PackageLine> {
    let mut lines: Vec<PackageLine> = Vec::new();
    for version in versions {
        if lines.last().is_none_or(|line| line.line_id != version.line_id) {
            lines.push(version);
        }
    }
    lines
}

/// Every version of a line, the oldest first.
pub fn history(connection: &mut AnyConnection, line_id: &str) -> Result<Vec<PackageLine>, Problem> {
    let versions: Vec<PackageLine> = package_lines::table
        .select(PackageLine::as_select())
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version)
        .load(connection)?;
    if versions.is_empty() { Err(Problem::not_found("package line")) } else { Ok(versions) }
}

/// The line's last version, unless it was reversed.
pub fn standing(connection: &mut AnyConnection, line_id: &str) -> Result<PackageLine, Problem> {
    let latest = history(connection, line_id)?.pop().ok_or_else(|| Problem::not_found("package line"))?;
    if latest.state == LineState::Reversed {
        return Err(Problem::new(Code::StateConflict, "The line was reversed."));
    }
    Ok(latest)
}

/// Adds a version of a line after the one given, and its audit event.
pub fn add_version(write: &mut Write<'_>, version: PackageLine, action: &'static str) -> Result<PackageLine, Problem> {
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
pub fn insert(write: &mut Write<'_>, line: &PackageLine) -> Result<(), Problem> {
    diesel::insert_into(package_lines::table).values(line).execute(write.connection)?;
    write_support_anew(write, line.arrangement())
}

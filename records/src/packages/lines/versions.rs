//! The versions of package lines: which is known when.

use crate::error::Error;
use crate::packages::lines::line::PackageLine;
use chrono::NaiveDateTime;
use db::AnyConnection;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::{Code, LineState};

/// Up to when a picture is drawn.
#[derive(Debug, Clone, Copy)]
pub enum KnownOn {
    /// Everything recorded.
    Now,
    /// What was recorded before an instant: by the end of a day.
    Before(NaiveDateTime),
}

/// A package's lines, each in the last version known, without reversed ones.
pub fn known_lines(connection: &mut AnyConnection, package_id: &str, known_on: KnownOn) -> Result<Vec<PackageLine>, Error> {
    let mut lines = latest_lines(connection, package_id, known_on)?;
    lines.retain(|line| line.state != LineState::Reversed);
    Ok(lines)
}

/// As [`known_lines`], with the reversed ones.
pub fn latest_lines(connection: &mut AnyConnection, package_id: &str, known_on: KnownOn) -> Result<Vec<PackageLine>, Error> {
    let mut query = package_lines::table.select(PackageLine::as_select()).filter(package_lines::package_id.eq(package_id)).into_boxed();
    if let KnownOn::Before(instant) = known_on {
        query = query.filter(package_lines::recorded_at.lt(instant));
    }
    Ok(last_versions(query.order((package_lines::line_id, package_lines::version.desc())).load(connection)?))
}

/// The lines of these packages, each in its last version, with the reversed ones, by line; at most a few hundred packages.
pub fn latest_lines_of(connection: &mut AnyConnection, packages: &[String]) -> Result<Vec<PackageLine>, Error> {
    let query = package_lines::table.select(PackageLine::as_select()).filter(package_lines::package_id.eq_any(packages));
    Ok(last_versions(query.order((package_lines::line_id, package_lines::version.desc())).load(connection)?))
}

/// These lines, each in its last version, with the reversed ones, by line; at most a page of them.
pub fn last_of(connection: &mut AnyConnection, line_ids: &[String]) -> Result<Vec<PackageLine>, Error> {
    let query = package_lines::table.select(PackageLine::as_select()).filter(package_lines::line_id.eq_any(line_ids));
    Ok(last_versions(query.order((package_lines::line_id, package_lines::version.desc())).load(connection)?))
}

/// The lines of an arrangement, each in its last version, without reversed ones, in the order of their dates.
pub fn arrangement_lines(connection: &mut AnyConnection, arrangement_id: &str) -> Result<Vec<PackageLine>, Error> {
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
pub fn history(connection: &mut AnyConnection, line_id: &str) -> Result<Vec<PackageLine>, Error> {
    let versions: Vec<PackageLine> = package_lines::table
        .select(PackageLine::as_select())
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version)
        .load(connection)?;
    if versions.is_empty() { Err(Error::not_found("package line")) } else { Ok(versions) }
}

/// The line's last version, unless it was reversed.
pub fn standing(connection: &mut AnyConnection, line_id: &str) -> Result<PackageLine, Error> {
    let latest = history(connection, line_id)?.pop().ok_or_else(|| Error::not_found("package line"))?;
    if latest.state == LineState::Reversed {
        return Err(Error::refused(Code::StateConflict, "The line was reversed."));
    }
    Ok(latest)
}

/// The first line of the arrangement that a line belongs to.
pub fn arrangement_of(connection: &mut AnyConnection, line_id: &str) -> Result<String, Error> {
    let continues: Option<String> =
        package_lines::table.filter(package_lines::line_id.eq(line_id)).select(package_lines::continues_line_id).first(connection)?;
    Ok(continues.unwrap_or_else(|| line_id.to_owned()))
}

/// What the last version of a package line says.
pub(crate) fn last_state(connection: &mut AnyConnection, line_id: &str) -> Result<LineState, Error> {
    let versions = package_lines::table.filter(package_lines::line_id.eq(line_id)).order(package_lines::version.desc());
    Ok(versions.select(package_lines::state).first(connection)?)
}

/// Lines of other arrangements that stand and carry out what lines of an arrangement carried out, each with its arrangement.
pub fn carriers_elsewhere(connection: &mut AnyConnection, arrangement_id: &str) -> Result<Vec<(String, String)>, Error> {
    let own = package_lines::line_id.eq(arrangement_id).or(package_lines::continues_line_id.eq(arrangement_id));
    let asked: Vec<Option<String>> = package_lines::table
        .filter(own)
        .filter(package_lines::request_line_id.is_not_null())
        .select(package_lines::request_line_id)
        .distinct()
        .load(connection)?;
    let carrying: Vec<(String, Option<String>)> = package_lines::table
        .filter(package_lines::request_line_id.eq_any(asked))
        .select((package_lines::line_id, package_lines::continues_line_id))
        .order(package_lines::line_id)
        .distinct()
        .load(connection)?;
    let mut elsewhere = Vec::new();
    for (line, continues) in carrying {
        let arrangement = continues.unwrap_or_else(|| line.clone());
        if arrangement != arrangement_id && last_state(connection, &line)? != LineState::Reversed {
            elsewhere.push((line, arrangement));
        }
    }
    Ok(elsewhere)
}

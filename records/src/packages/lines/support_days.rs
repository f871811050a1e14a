//! Which days a package line may have: those of the child's ages, and none after the child left.

use crate::children::{ages, leaving};
use crate::error::Error;
use crate::packages::lines::line::PackageLine;
use db::AnyConnection;
use domain::children::ages::End;
use domain::children::leaving::support_mistake;
use domain::packages::dates::date_mistakes;
use domain::{FieldError, Profile};

/// The line as far as age goes: it ends on the last birthday at the latest, unless it says why it goes on. A reason for being too young says
/// nothing of that.
pub(super) fn within_age(connection: &mut AnyConnection, profile: &Profile, line: PackageLine) -> Result<PackageLine, Error> {
    // Days that are wrong are told as they were said.
    if !date_mistakes(line.valid_from, line.valid_to).is_empty() {
        return Ok(line);
    }
    let days = ages::of_package(connection, profile, &line.package_id, &line.budget_line)?;
    let days = days.map(|days| days.unless_said(line.beyond_age_reason.is_some(), line.valid_from));
    let Some(End { valid_to, by_age_on }) = days.map(|days| days.end(line.valid_to, line.frequency)) else { return Ok(line) };
    // One that starts too late is refused, with the days that were said.
    let is_over = valid_to.is_some_and(|ends| ends <= line.valid_from);
    Ok(if is_over { line } else { PackageLine { valid_to, ends_by_age_on: by_age_on, ..line } })
}

/// Everything wrong with the days of a line to record.
pub(super) fn day_mistakes(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<Vec<FieldError>, Error> {
    let days = ages::of_package(connection, profile, &line.package_id, &line.budget_line)?;
    let days = days.map(|days| days.unless_said(line.beyond_age_reason.is_some(), line.valid_from));
    let too_young_or_old = days.and_then(|days| days.mistake("", line.valid_from));
    let left_on = leaving::left_on_of_package(connection, &line.package_id)?;
    let left = left_on.and_then(|day| support_mistake("", &line.costed(), day));
    Ok(too_young_or_old.into_iter().chain(left).collect())
}

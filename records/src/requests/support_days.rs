//! Which days a request may ask for: those of the child's ages, and none after the child left.

use crate::children::{ages, leaving};
use crate::error::Error;
use crate::requests::lines::{NewRequestLine, RequestLine};
use db::AnyConnection;
use db::schema::requests;
use diesel::prelude::*;
use domain::children::ages::End;
use domain::children::leaving::support_mistake;
use domain::refusal::Missing;
use domain::{FieldError, Profile};

/// Everything wrong with the days of a line to record for a child; pointers start with `at`, such as `/lines/0`.
pub(crate) fn day_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    line: &NewRequestLine,
    at: &str,
) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    let days = ages::of_child(connection, profile, child_id, &line.budget_line.0)?;
    errors.extend(days.and_then(|days| days.left_by(line.beyond_age_reason.is_some(), line.valid_from).mistake(at, line.valid_from)));
    if errors.is_empty()
        && let Some(left_on) = leaving::left_on(connection, child_id)?
    {
        let end = end_by_age(connection, profile, child_id, line)?;
        errors.extend(support_mistake(at, &domain::costing::Line { valid_to: end.valid_to, ..line.costed() }, left_on));
    }
    Ok(errors)
}

/// When a line to record for a child ends: by age, unless somebody says why it goes on.
pub(crate) fn end_by_age(connection: &mut AnyConnection, profile: &Profile, child_id: &str, line: &NewRequestLine) -> Result<End, Error> {
    let as_asked = End { valid_to: line.valid_to, by_age_on: None };
    let days = ages::of_child(connection, profile, child_id, &line.budget_line.0)?;
    let days = days.map(|days| days.left_by(line.beyond_age_reason.is_some(), line.valid_from));
    Ok(days.map_or(as_asked, |days| days.end(line.valid_to, line.frequency)))
}

/// What keeps lines on record from being heard or agreed: days after the child left, and days for which the child is of no age.
pub(crate) fn missing_days(
    connection: &mut AnyConnection,
    profile: &Profile,
    request_id: &str,
    lines: &[RequestLine],
) -> Result<Vec<Missing>, Error> {
    let child: String = requests::table.find(request_id).select(requests::child_id).first(connection)?;
    let left_on = leaving::left_on(connection, &child)?;
    let mut errors = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let at = format!("/lines/{place}");
        let days = ages::of_child(connection, profile, &child, &line.budget_line)?;
        errors.extend(days.and_then(|days| days.left_by(line.beyond_age_reason.is_some(), line.valid_from).mistake(&at, line.valid_from)));
        errors.extend(left_on.and_then(|day| support_mistake(&at, &line.costed(), day)));
    }
    Ok(errors.into_iter().map(|refused| Missing { pointer: refused.pointer, detail: refused.detail, clause: None }).collect())
}

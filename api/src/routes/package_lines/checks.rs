//! What keeps a package line from being recorded.

use super::PackageLine;
use crate::problem::{FieldError, Problem};
use crate::routes::budget_lines;
use crate::routes::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, package_lines, packages, providers, request_lines, requests};
use diesel::prelude::*;
use domain::costing::Line;
use domain::{Direction, FinancialYear, Frequency, LineState, Profile, RequestState};

/// Everything that keeps a line from being recorded.
pub fn mistakes(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let package_exists: bool = diesel::select(diesel::dsl::exists(packages::table.find(&line.package_id))).get_result(connection)?;
    if !package_exists {
        errors.push(FieldError::new("/package_id", "unknown_reference", "no package has this id"));
    }
    match budget_lines::find(connection, &line.budget_line)? {
        None => errors.push(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(found) if found.direction == Direction::Income => {
            errors.push(FieldError::new("/budget_line", "income", "a package line is paid from a line of expenditure"));
        }
        Some(_) => {}
    }
    if let Some(provider) = &line.provider_id {
        let provider_exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(provider))).get_result(connection)?;
        if !provider_exists {
            errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
        }
    }
    let categories: Vec<_> = profile.statement.categories.iter().map(|category| category.code.as_str()).collect();
    if let Some(category) = line.statement_category.as_deref().filter(|code| !categories.contains(code)) {
        let detail = format!("the profile has no category `{category}`; it has {}", categories.join(", "));
        errors.push(FieldError::new("/statement_category", "unknown_reference", detail));
    }
    if let Some(request_line) = &line.request_line_id {
        match agreed_line(connection, request_line, &line.package_id)? {
            None => {
                let detail = "the package's child has no approved request with this line";
                errors.push(FieldError::new("/request_line_id", "unknown_reference", detail));
            }
            Some(agreed) => {
                errors.extend(beyond_agreed(profile, line, &agreed));
                errors.extend(standing_in_the_way(connection, &agreed)?);
            }
        }
    }
    errors.extend(date_mistakes(line.valid_from, line.valid_to));
    if let Err(error) = profile.costing.full_year(&line.costed()) {
        errors.push(FieldError::new("/quantity_thousandths", "too_large", error.to_string()));
    }
    Ok(errors)
}

/// A request line if it was agreed, with authority, for the child whose package it is.
fn agreed_line(connection: &mut AnyConnection, request_line_id: &str, package_id: &str) -> Result<Option<RequestLine>, Problem> {
    Ok(request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .inner_join(packages::table.on(packages::child_id.eq(requests::child_id)))
        .filter(request_lines::id.eq(request_line_id).and(packages::id.eq(package_id)))
        .filter(decisions::revision.eq(request_lines::revision))
        .filter(requests::state.eq_any([RequestState::Approved, RequestState::ApprovedInPart]))
        .select(RequestLine::as_select())
        .first(connection)
        .optional()?)
}

/// Where a package line is not what was agreed: another support, outside its dates, or dearer.
fn beyond_agreed(profile: &Profile, line: &PackageLine, agreed: &RequestLine) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, detail: String| errors.push(FieldError::new(field, "not_as_agreed", detail));
    for (field, is_other, word) in [
        ("/service", line.service != agreed.service, agreed.service.as_str()),
        ("/budget_line", line.budget_line != agreed.budget_line, agreed.budget_line.as_str()),
        ("/unit", line.unit != agreed.unit, agreed.unit.into()),
    ] {
        if is_other {
            refuse(field, format!("`{word}` was agreed"));
        }
    }
    if agreed.frequency == Frequency::OneOff && line.frequency != Frequency::OneOff {
        refuse("/frequency", "it was agreed once".to_owned());
    }
    if line.valid_from < agreed.valid_from {
        refuse("/valid_from", format!("it was agreed from {}", agreed.valid_from));
    }
    if let Some(ends) = agreed.valid_to.filter(|ends| line.valid_to.is_none_or(|to| to > *ends)) {
        refuse("/valid_to", agreed_until(ends));
    }
    let full_year = |line: &Line| profile.costing.full_year(line);
    if let (Ok(cost), Ok(most)) = (full_year(&line.costed()), full_year(&agreed.costed()))
        && cost > most
    {
        refuse("/quantity_thousandths", format!("it costs {} a year, and {} was agreed", cost.to_pounds(), most.to_pounds()));
    }
    errors
}

fn agreed_until(ends: NaiveDate) -> String {
    format!("it was agreed until {ends}: it ends by then")
}

/// An end after that of the request line that a package line carries out.
pub fn end_mistake(connection: &mut AnyConnection, line: &PackageLine, valid_to: NaiveDate) -> Result<Option<FieldError>, Problem> {
    let Some(request_line) = &line.request_line_id else { return Ok(None) };
    let ends: Option<NaiveDate> = request_lines::table.find(request_line).select(request_lines::valid_to).first(connection)?;
    let ends = ends.filter(|ends| valid_to > *ends);
    Ok(ends.map(|ends| FieldError::new("/valid_to", "not_as_agreed", agreed_until(ends))))
}

/// What keeps an agreed line from being carried out: it is already, or a package line that its decision replaces goes on.
///
/// The total was tested without what is replaced, so all of that has its end before any of the decision starts.
fn standing_in_the_way(connection: &mut AnyConnection, agreed: &RequestLine) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("/request_line_id", code, detail));
    let carrying: Vec<String> = package_lines::table
        .filter(package_lines::request_line_id.eq(&agreed.id))
        .select(package_lines::line_id)
        .order(package_lines::line_id)
        .distinct()
        .load(connection)?;
    for line in carrying {
        if last_version(connection, &line)?.0 != LineState::Reversed {
            refuse("carried_out", format!("package line {line} carries it out already"));
        }
    }
    let replaced: Vec<(Option<String>, NaiveDate)> = request_lines::table
        .filter(request_lines::request_id.eq(&agreed.request_id).and(request_lines::revision.eq(agreed.revision)))
        .filter(request_lines::replaces_line_id.is_not_null())
        .select((request_lines::replaces_line_id, request_lines::valid_from))
        .order(request_lines::number)
        .load(connection)?;
    for (line, day) in replaced.into_iter().filter_map(|(line, day)| Some((line?, day))) {
        let (state, valid_to) = last_version(connection, &line)?;
        if state != LineState::Reversed && valid_to.is_none_or(|ends| ends > day) {
            refuse("replaced_line_runs", format!("the decision replaces package line {line}: end that on {day} or before"));
        }
    }
    Ok(errors)
}

/// What the last version of a package line says, and its end.
fn last_version(connection: &mut AnyConnection, line_id: &str) -> Result<(LineState, Option<NaiveDate>), Problem> {
    Ok(package_lines::table
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version.desc())
        .select((package_lines::state, package_lines::valid_to))
        .first(connection)?)
}

/// A period that ends before it starts, or lies outside the supported years.
pub fn date_mistakes(from: NaiveDate, to: Option<NaiveDate>) -> Vec<FieldError> {
    date_mistakes_at("", from, to)
}

/// As [`date_mistakes`], for a period inside a larger body: pointers start with `at`.
pub fn date_mistakes_at(at: &str, from: NaiveDate, to: Option<NaiveDate>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("{at}/{field}"), code, detail));
    if let Err(error) = FinancialYear::of(from) {
        refuse("valid_from", "out_of_range", error.to_string());
    }
    if let Some(to) = to {
        if to <= from {
            refuse("valid_to", "before_start", "the end is the first day no longer in force, so it is after the start".to_owned());
        }
        if let Err(error) = FinancialYear::of(to) {
            refuse("valid_to", "out_of_range", error.to_string());
        }
    }
    errors
}

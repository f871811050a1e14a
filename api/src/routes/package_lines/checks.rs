//! What keeps a package line from being recorded.

use super::PackageLine;
use crate::problem::{FieldError, Problem};
use crate::routes::budget_lines;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, packages, providers, request_lines, requests};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, Profile, RequestState};

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
    if let Some(request_line) = &line.request_line_id
        && !is_agreed(connection, request_line, &line.package_id)?
    {
        let detail = "the package's child has no approved request with this line";
        errors.push(FieldError::new("/request_line_id", "unknown_reference", detail));
    }
    errors.extend(date_mistakes(line.valid_from, line.valid_to));
    if let Err(error) = profile.costing.full_year(&line.costed()) {
        errors.push(FieldError::new("/quantity_thousandths", "too_large", error.to_string()));
    }
    Ok(errors)
}

/// Whether a request line was agreed, with authority, for the child whose package it is.
fn is_agreed(connection: &mut AnyConnection, request_line_id: &str, package_id: &str) -> Result<bool, Problem> {
    let agreed: Option<RequestState> = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(decisions::table.on(requests::decision_id.eq(decisions::id.nullable())))
        .inner_join(packages::table.on(packages::child_id.eq(requests::child_id)))
        .filter(request_lines::id.eq(request_line_id).and(packages::id.eq(package_id)))
        .filter(decisions::revision.eq(request_lines::revision))
        .select(requests::state)
        .first(connection)
        .optional()?;
    Ok(matches!(agreed, Some(RequestState::Approved | RequestState::ApprovedInPart)))
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

//! What keeps a package line from being recorded.

use super::PackageLine;
use crate::problem::{FieldError, Problem};
use crate::routes::budget_lines;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{packages, providers};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, Profile};

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
    errors.extend(date_mistakes(line.valid_from, line.valid_to));
    if let Err(error) = profile.costing.full_year(&line.costed()) {
        errors.push(FieldError::new("/quantity_thousandths", "too_large", error.to_string()));
    }
    Ok(errors)
}

/// A period that ends before it starts, or lies outside the supported years.
pub fn date_mistakes(from: NaiveDate, to: Option<NaiveDate>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(error) = FinancialYear::of(from) {
        errors.push(FieldError::new("/valid_from", "out_of_range", error.to_string()));
    }
    if let Some(to) = to {
        if to <= from {
            errors.push(FieldError::new(
                "/valid_to",
                "before_start",
                "the end is the first day no longer in force, so it is after the start",
            ));
        }
        if let Err(error) = FinancialYear::of(to) {
            errors.push(FieldError::new("/valid_to", "out_of_range", error.to_string()));
        }
    }
    errors
}

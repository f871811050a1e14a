//! What keeps a package line from being recorded.

use super::{PackageLine, arrangement_lines};
use crate::problem::{FieldError, Problem};
use crate::routes::direct_payments::net_paid;
use crate::routes::requests::RequestLine;
use crate::routes::{budget_lines, commissioning, governance};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, package_lines, packages, providers, request_lines, requests};
use diesel::prelude::*;
use domain::costing::More;
use domain::{Direction, FinancialYear, Frequency, LineState, Pence, Profile, RequestState};

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
                errors.extend(standing_in_the_way(connection, line, &agreed)?);
                errors.extend(commissioning_mistakes(connection, profile, line, &agreed)?);
            }
        }
    }
    errors.extend(red_provider(connection, profile, line)?);
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
    if line.valid_from < agreed.valid_from {
        refuse("/valid_from", format!("it was agreed from {}", agreed.valid_from));
    }
    if let Some(ends) = agreed.valid_to.filter(|ends| line.valid_to.is_none_or(|to| to > *ends)) {
        refuse("/valid_to", format!("it was agreed until {ends}: it ends by then"));
    }
    // What cannot be costed is told where the line is looked at.
    match profile.costing.more(&line.costed(), &agreed.costed()).unwrap_or_default() {
        None => {}
        Some(More::BoughtOnce) if agreed.frequency == Frequency::OneOff => refuse("/frequency", "it was agreed once".to_owned()),
        Some(More::BoughtOnce) => refuse("/frequency", format!("it was agreed `{}`, and not all at once", agreed.frequency)),
        Some(More::AWeek) => {
            let detail = format!("it was agreed `{}`: in the weeks that it comes in, it costs more than that", agreed.frequency);
            refuse("/frequency", detail);
        }
        Some(More::AYear { costs, instead_of }) => {
            let detail = format!("it costs {} a year, and {} was agreed", costs.to_pounds(), instead_of.to_pounds());
            refuse("/quantity_thousandths", detail);
        }
        Some(More::ItsDays { costs, instead_of }) => {
            let detail = format!("its days cost {}, and {} was agreed for them", costs.to_pounds(), instead_of.to_pounds());
            refuse("/quantity_thousandths", detail);
        }
    }
    errors
}

/// Whether a line stays within what a request line was agreed for.
pub fn within_agreed(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine, request_line: &str) -> Result<bool, Problem> {
    let agreed: RequestLine = request_lines::table.find(request_line).select(RequestLine::as_select()).first(connection)?;
    Ok(beyond_agreed(profile, line, &agreed).is_empty())
}

/// What keeps an agreed line from being carried out: it is already, or was and what was paid for it is still with the family, or a
/// package line that its decision replaces goes on.
///
/// The total was tested without what is replaced, so all of that has its end before any of the decision starts. Lines of one
/// arrangement never run together: a line may carry on what another of its arrangement carried out, or what it replaces.
fn standing_in_the_way(connection: &mut AnyConnection, line: &PackageLine, agreed: &RequestLine) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("/request_line_id", code, detail));
    let carrying: Vec<(String, Option<String>)> = package_lines::table
        .filter(package_lines::request_line_id.eq(&agreed.id))
        .select((package_lines::line_id, package_lines::continues_line_id))
        .order(package_lines::line_id)
        .distinct()
        .load(connection)?;
    for (carrier, continues) in carrying {
        let arrangement = continues.as_deref().unwrap_or(&carrier);
        if arrangement == line.arrangement() {
            continue;
        }
        if last_state(connection, &carrier)? != LineState::Reversed {
            refuse("carried_out", format!("package line {carrier} carries it out already"));
            continue;
        }
        let paid = net_paid(connection, arrangement, None)?;
        if paid > Pence::ZERO {
            let detail = format!("package line {carrier} carried it out until it was reversed, and {paid} that was paid is not paid back");
            refuse("paid_already", detail);
        }
    }
    let replacing: Vec<RequestLine> = request_lines::table
        .filter(request_lines::request_id.eq(&agreed.request_id).and(request_lines::revision.eq(agreed.revision)))
        .filter(request_lines::replaces_line_id.is_not_null())
        .select(RequestLine::as_select())
        .order(request_lines::number)
        .load(connection)?;
    for replacing in replacing {
        let Some(old) = &replacing.replaces_line_id else { continue };
        let (arrangement, day) = (arrangement_of(connection, old)?, replacing.valid_from);
        let lines = arrangement_lines(connection, &arrangement)?;
        // A variation may have put the new line in the old one's place.
        let is_varied = lines.iter().any(|varied| varied.request_line_id.as_ref() == Some(&replacing.id));
        if arrangement == line.arrangement() || is_varied {
            continue;
        }
        for runs in lines.iter().filter(|runs| runs.valid_to.is_none_or(|ends| ends > day)) {
            refuse("replaced_line_runs", format!("the decision replaces package line {}: end that on {day} or before", runs.line_id));
        }
    }
    Ok(errors)
}

/// The steps that come before the start, unless the line goes on with what its arrangement carries out already.
fn commissioning_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    agreed: &RequestLine,
) -> Result<Vec<FieldError>, Problem> {
    let before = arrangement_lines(connection, line.arrangement())?;
    if before.iter().any(|other| other.request_line_id.as_deref() == Some(agreed.id.as_str())) {
        return Ok(Vec::new());
    }
    commissioning::before_start_mistakes(connection, profile, agreed, line.provider_id.as_deref())
}

/// A provider that is red on the day of recording takes no placement. One that has the arrangement already may go on with it.
fn red_provider(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<Option<FieldError>, Problem> {
    let Some(provider) = &line.provider_id else { return Ok(None) };
    let before = arrangement_lines(connection, line.arrangement())?;
    if before.iter().any(|other| other.provider_id.as_ref() == Some(provider)) {
        return Ok(None);
    }
    governance::red_mistake(connection, profile, provider, &line.budget_line, line.recorded_at.0.date())
}

/// The first line of the arrangement that a line belongs to.
pub fn arrangement_of(connection: &mut AnyConnection, line_id: &str) -> Result<String, Problem> {
    let continues: Option<String> =
        package_lines::table.filter(package_lines::line_id.eq(line_id)).select(package_lines::continues_line_id).first(connection)?;
    Ok(continues.unwrap_or_else(|| line_id.to_owned()))
}

/// What the last version of a package line says.
fn last_state(connection: &mut AnyConnection, line_id: &str) -> Result<LineState, Problem> {
    let versions = package_lines::table.filter(package_lines::line_id.eq(line_id)).order(package_lines::version.desc());
    Ok(versions.select(package_lines::state).first(connection)?)
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

//! What keeps a package line from being recorded.

use crate::commissioning::before_start::before_start_mistakes;
use crate::direct_payments::paid::net_paid;
use crate::error::Error;
use crate::money::budget_line;
use crate::packages::lines::line::PackageLine;
use crate::packages::lines::reversed_carriers::reversed;
use crate::packages::lines::support_days::day_mistakes;
use crate::packages::lines::versions::{arrangement_lines, arrangement_of, last_state};
use crate::providers::governance;
use crate::requests::lines::RequestLine;
use db::schema::{decisions, package_lines, packages, providers, request_lines, requests};
use db::{AnyConnection, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::packages::agreed::{Support, beyond_agreed};
use domain::packages::dates::date_mistakes;
use domain::{Direction, FieldError, LineState, Pence, Profile, RequestState};

/// Everything that keeps a line from being recorded.
pub fn mistakes(write: &mut Write<'_>, profile: &Profile, line: &PackageLine) -> Result<Vec<FieldError>, Error> {
    let connection = &mut *write.connection;
    let mut errors = unknown_references(connection, profile, line)?;
    if let Some(request_line) = &line.request_line_id {
        errors.extend(carrying_out_mistakes(connection, profile, line, request_line)?);
    }
    errors.extend(red_provider(connection, profile, line)?);
    errors.extend(date_mistakes(line.valid_from, line.valid_to));
    errors.extend(day_mistakes(connection, profile, line)?);
    if let Err(error) = profile.costing.full_year(&line.costed()) {
        errors.push(FieldError::new("/quantity_thousandths", "too_large", error.to_string()));
    }
    Ok(errors)
}

/// A package, budget line, provider or category that is not there, and a budget line that pays nothing.
fn unknown_references(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    let package_exists: bool = diesel::select(exists(packages::table.find(&line.package_id))).get_result(connection)?;
    if !package_exists {
        errors.push(FieldError::new("/package_id", "unknown_reference", "no package has this id"));
    }
    match budget_line::find(connection, &line.budget_line)? {
        None => errors.push(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(found) if found.direction == Direction::Income => {
            errors.push(FieldError::new("/budget_line", "income", "a package line is paid from a line of expenditure"));
        }
        Some(_) => {}
    }
    if let Some(provider) = &line.provider_id {
        let provider_exists: bool = diesel::select(exists(providers::table.find(provider))).get_result(connection)?;
        if !provider_exists {
            errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
        }
    }
    errors.extend(profile.statement.category_mistake(&line.budget_line, &line.service, line.statement_category.as_deref()));
    Ok(errors)
}

/// What keeps a line from carrying out a line of a request.
fn carrying_out_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    request_line: &str,
) -> Result<Vec<FieldError>, Error> {
    let Some(agreed) = agreed_line(connection, request_line, &line.package_id)? else {
        let detail = "the package's child has no approved request with this line";
        return Ok(vec![FieldError::new("/request_line_id", "unknown_reference", detail)]);
    };
    let mut errors = beyond_agreed(&profile.costing, &line.support(), &support_of(&agreed));
    errors.extend(standing_in_the_way(connection, profile, line, &agreed)?);
    errors.extend(commissioning_mistakes(connection, profile, line, &agreed)?);
    Ok(errors)
}

/// What of a request line a package line can be held against.
fn support_of(agreed: &RequestLine) -> Support {
    Support { service: agreed.service.clone(), budget_line: agreed.budget_line.clone(), unit: agreed.unit, line: agreed.costed() }
}

/// A request line if it was agreed, with authority, for the child whose package it is.
fn agreed_line(connection: &mut AnyConnection, request_line_id: &str, package_id: &str) -> Result<Option<RequestLine>, Error> {
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

/// Why an agreed line is not carried out once more: a line of another arrangement carries it out, or did and was reversed while money
/// paid for it is with the family, or after a post ended or reduced it, or another decision replaced it.
fn carried_before(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    agreed: &RequestLine,
) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    let refusal = |code: &str, detail: String| FieldError::new("/request_line_id", code, detail);
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
            errors.push(refusal("carried_out", format!("package line {carrier} carries it out already")));
            continue;
        }
        if let Some(mistake) = reversed(connection, &profile.costing, (&carrier, arrangement), &agreed.request_id)?.mistake() {
            errors.push(mistake);
            continue;
        }
        let paid = net_paid(connection, arrangement, None)?;
        if paid > Pence::ZERO {
            let detail = format!(
                "package line {carrier} carried out this request line and was reversed, but {paid} is not paid back: \
                record the repayment first"
            );
            errors.push(refusal("paid_already", detail));
        }
    }
    Ok(errors)
}

/// What keeps an agreed line from being carried out: it is already, or was and what was paid for it is still with the family, or a
/// package line that its decision replaces goes on.
///
/// The total was tested without what is replaced, so all of that has its end before any of the decision starts. Lines of one
/// arrangement never run together: a line may carry on what another of its arrangement carried out, or what it replaces.
fn standing_in_the_way(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    agreed: &RequestLine,
) -> Result<Vec<FieldError>, Error> {
    let mut errors = carried_before(connection, profile, line, agreed)?;
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("/request_line_id", code, detail));
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
) -> Result<Vec<FieldError>, Error> {
    let before = arrangement_lines(connection, line.arrangement())?;
    if before.iter().any(|other| other.request_line_id.as_deref() == Some(agreed.id.as_str())) {
        return Ok(Vec::new());
    }
    before_start_mistakes(connection, profile, agreed, line.provider_id.as_deref())
}

/// A provider that is red on the day of recording takes no placement. One that has the arrangement already may go on with it.
fn red_provider(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<Option<FieldError>, Error> {
    let Some(provider) = &line.provider_id else { return Ok(None) };
    let before = arrangement_lines(connection, line.arrangement())?;
    if before.iter().any(|other| other.provider_id.as_ref() == Some(provider)) {
        return Ok(None);
    }
    governance::red_mistake(connection, profile, provider, &line.budget_line, profile.time_zone.day_of(line.recorded_at.0))
}

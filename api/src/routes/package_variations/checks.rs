//! What keeps a variation from being recorded, and from being agreed.

use super::{Effect, Variation};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::package_lines::{self, PackageLine, arrangement_lines, arrangement_of, date_mistakes, standing};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{package_lines as lines_table, packages, request_lines, requests};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{Profile, VariationKind};

/// Everything that a variation may not say of its line; none, the effect can be told.
pub(super) fn mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<Vec<FieldError>, Problem> {
    let change = variation.change(line);
    let found = change.mistakes(&profile.costing, &line.costed()).into_iter();
    let mut errors: Vec<_> = found.map(|mistake| FieldError::new(&format!("/{}", mistake.field), mistake.code, mistake.detail)).collect();
    errors.extend(provider_mistake(variation, line));
    errors.extend(outside_mistake(connection, variation, line)?);
    errors.extend(basis_mistake(connection, variation, line)?);
    let longer = change.of(&line.costed()).original.filter(|_| variation.kind == VariationKind::Extension);
    let effect = Effect::unmeasured(variation, line);
    match effect.changed.or_else(|| longer.map(|terms| super::effect::with_terms(line.clone(), &terms))) {
        None => errors.extend(date_mistakes(variation.valid_from, variation.valid_to)),
        Some(asked) => {
            let asked = PackageLine { request_line_id: variation.request_line_id.clone(), ..asked };
            errors.extend(line_mistakes(connection, profile, variation, &asked)?);
            if errors.is_empty() {
                errors.extend(overlap_mistake(connection, line, &asked)?);
            }
        }
    }
    Ok(errors)
}

/// What keeps the line that is asked for from being recorded as a package line, by the field of the variation.
fn line_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    asked: &PackageLine,
) -> Result<Vec<FieldError>, Problem> {
    let mut errors = package_lines::mistakes(connection, profile, asked)?;
    errors.retain_mut(|error| match error.pointer.as_str() {
        // A provider who stays was checked when the line was recorded, but for what the request's own commissioning found.
        "/provider_id" => variation.provider_id.is_some() || error.code == "another_provider",
        // What never varies is wrong only where the request line is for something else.
        "/service" | "/budget_line" | "/unit" if error.code == "not_as_agreed" => {
            error.pointer = "/request_line_id".to_owned();
            true
        }
        "/quantity_thousandths" | "/frequency" | "/valid_from" | "/valid_to" | "/request_line_id" => true,
        _ => false,
    });
    Ok(errors)
}

fn provider_mistake(variation: &Variation, line: &PackageLine) -> Option<FieldError> {
    use VariationKind as K;
    let (code, detail) = match (variation.kind, &variation.provider_id) {
        (K::Provider, None) => ("missing", "it needs the new provider".to_owned()),
        (K::Provider, new) if *new == line.provider_id => ("unchanged", "the line has this provider already".to_owned()),
        (K::Rate | K::Suspension | K::End, Some(_)) => ("not_of_this_kind", format!("a variation that is `{}` has it not", variation.kind)),
        _ => return None,
    };
    Some(FieldError::new("/provider_id", code, detail))
}

/// A first day that is none of the line's, and the line whose day it is.
fn outside_mistake(connection: &mut AnyConnection, variation: &Variation, line: &PackageLine) -> Result<Option<FieldError>, Problem> {
    let day = variation.valid_from;
    let is_free = matches!(variation.kind, VariationKind::Extension | VariationKind::Correction);
    if is_free || runs_on(line, day) {
        return Ok(None);
    }
    let ends = line.valid_to.map_or("with no end".to_owned(), |ends| format!("up to {ends}"));
    let mut detail = format!("the line runs from {} {ends}", line.valid_from);
    if let Some(other) = arrangement_lines(connection, line.arrangement())?.into_iter().find(|other| runs_on(other, day)) {
        detail = format!("{detail}; on {day} line {} of the arrangement is in force: vary that", other.line_id);
    }
    Ok(Some(FieldError::new("/valid_from", "outside_line", detail)))
}

fn runs_on(line: &PackageLine, day: NaiveDate) -> bool {
    line.valid_from <= day && line.valid_to.is_none_or(|ends| day < ends)
}

/// A request line that allows nothing of this line: it neither replaces the arrangement nor is carried out by it.
fn basis_mistake(connection: &mut AnyConnection, variation: &Variation, line: &PackageLine) -> Result<Option<FieldError>, Problem> {
    let Some(request_line) = &variation.request_line_id else { return Ok(None) };
    let refuse = |code: &str, detail: &str| Ok(Some(FieldError::new("/request_line_id", code, detail)));
    if matches!(variation.kind, VariationKind::Suspension | VariationKind::End) {
        return refuse("not_of_this_kind", "nothing is asked for, so that no request line is carried out");
    }
    let of_child = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(packages::table.on(packages::child_id.eq(requests::child_id)))
        .filter(request_lines::id.eq(request_line).and(packages::id.eq(&line.package_id)))
        .select(request_lines::replaces_line_id);
    let Some(replaces): Option<Option<String>> = of_child.first(connection).optional()? else {
        // Told where the line is looked at.
        return Ok(None);
    };
    let is_replaced = match replaces {
        Some(old) => arrangement_of(connection, &old)? == line.arrangement(),
        None => false,
    };
    let own = lines_table::line_id.eq(line.arrangement()).or(lines_table::continues_line_id.eq(line.arrangement()));
    let carrying = lines_table::table.filter(lines_table::request_line_id.eq(request_line)).filter(own);
    if is_replaced || diesel::select(exists(carrying)).get_result(connection)? {
        return Ok(None);
    }
    refuse("other_line", "it was agreed on top of this line or in place of another: it is a package line of its own")
}

/// A period in which another line of the arrangement is in force.
fn overlap_mistake(connection: &mut AnyConnection, line: &PackageLine, asked: &PackageLine) -> Result<Option<FieldError>, Problem> {
    let others = arrangement_lines(connection, line.arrangement())?.into_iter().filter(|other| other.line_id != line.line_id);
    let overlapping = others
        .filter(|other| asked.valid_to.is_none_or(|ends| other.valid_from < ends))
        .find(|other| other.valid_to.is_none_or(|ends| asked.valid_from < ends));
    Ok(overlapping.map(|other| {
        let field = if other.valid_from < line.valid_from { "/valid_from" } else { "/valid_to" };
        let detail = format!("line {} of the arrangement is in force from {}: the two would run together", other.line_id, other.valid_from);
        FieldError::new(field, "overlaps_line", detail)
    }))
}

/// The line of a proposed variation, if it is as it was then and the variation can still be made of it; else a conflict.
pub(super) fn still_standing(connection: &mut AnyConnection, profile: &Profile, variation: &Variation) -> Result<PackageLine, Problem> {
    let line = standing(connection, &variation.line_id)?;
    if line.version != variation.line_version {
        let detail = format!(
            "The line has changed since: it was in version {} and is in version {}. Withdraw the variation and propose it anew.",
            variation.line_version, line.version
        );
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let errors = mistakes(connection, profile, variation, &line)?;
    if errors.is_empty() {
        Ok(line)
    } else {
        Err(Problem::with_errors(Code::StateConflict, errors).detailed("It can no longer be made: see errors."))
    }
}

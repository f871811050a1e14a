//! What keeps a variation from being recorded, and from being agreed.

use crate::error::Error;
use crate::packages::lines;
use crate::packages::lines::{PackageLine, arrangement_lines, arrangement_of, standing};
use crate::variations::carried_out::before;
use crate::variations::effect::Effect;
use crate::variations::support_days::{as_extended, reason_mistake, too_old_mistake};
use crate::variations::variation::{Variation, with_terms};
use db::schema::{package_lines as lines_table, packages, request_lines, requests};
use db::{AnyConnection, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::packages::dates::date_mistakes;
use domain::variations::checks::{BasisFor, Days, basis_mistake, outside_mistake, overlap_mistake, provider_mistake, refuse_changed};
use domain::{Code, FieldError, Profile, VariationKind};

/// Everything that a variation may not say of its line; none, the effect can be told.
pub(crate) fn mistakes(
    write: &mut Write<'_>,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<Vec<FieldError>, Error> {
    let change = variation.change(line);
    let mut errors = change.mistakes(&profile.costing, &as_extended(variation, line));
    errors.extend(provider_mistake(variation.kind, variation.provider_id.as_deref(), line.provider_id.as_deref()));
    let arrangement = arrangement_lines(write.connection, line.arrangement())?;
    let arrangement = days_of(&arrangement);
    errors.extend(outside_mistake(variation.kind, variation.valid_from, &days(line), &arrangement));
    errors.extend(reason_mistake(write.connection, variation)?);
    errors.extend(basis_mistake(variation.kind, basis_of(write.connection, variation, line)?));
    let longer = change.of(&line.costed()).original.filter(|_| variation.kind == VariationKind::Extension);
    let effect = Effect::unmeasured(variation, line);
    if effect.changed.is_none() {
        errors.extend(too_old_mistake(write.connection, profile, variation, line)?);
    }
    match effect.changed.or_else(|| longer.map(|terms| with_terms(line.clone(), &terms))) {
        None => errors.extend(date_mistakes(variation.valid_from, variation.valid_to)),
        Some(asked) => {
            let beyond_age_reason = variation.beyond_age_reason.clone().or_else(|| asked.beyond_age_reason.clone());
            let asked = PackageLine { request_line_id: variation.request_line_id.clone(), beyond_age_reason, ..asked };
            errors.extend(line_mistakes(write, profile, variation, &asked)?);
            if errors.is_empty() {
                errors.extend(overlap_mistake(&days(line), &days(&asked), &arrangement));
                errors.extend(needs_a_post(write.connection, profile, variation, line)?);
            }
        }
    }
    Ok(errors)
}

/// That more is asked for than the request line may bring by itself.
fn needs_a_post(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<Option<FieldError>, Error> {
    let Some(request_line) = &variation.request_line_id else { return Ok(None) };
    if !variation.change(line).is_increase(&profile.costing, &line.costed()).map_err(Error::fault)? {
        return Ok(None);
    }
    Ok(before(connection, line, request_line)?.mistake())
}

/// What keeps the line that is asked for from being recorded as a package line, by the field of the variation.
fn line_mistakes(write: &mut Write<'_>, profile: &Profile, variation: &Variation, asked: &PackageLine) -> Result<Vec<FieldError>, Error> {
    let mut errors = lines::mistakes(write, profile, asked)?;
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

/// The lines of an arrangement with their days.
fn days_of(lines: &[PackageLine]) -> Vec<Days<'_>> {
    lines.iter().map(days).collect()
}

fn days(line: &PackageLine) -> Days<'_> {
    Days { line_id: &line.line_id, valid_from: line.valid_from, valid_to: line.valid_to }
}

/// What the request line that is carried out has to do with the line that is varied; none, there is none.
fn basis_of(connection: &mut AnyConnection, variation: &Variation, line: &PackageLine) -> Result<Option<BasisFor>, Error> {
    let Some(request_line) = &variation.request_line_id else { return Ok(None) };
    let of_child = request_lines::table
        .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
        .inner_join(packages::table.on(packages::child_id.eq(requests::child_id)))
        .filter(request_lines::id.eq(request_line).and(packages::id.eq(&line.package_id)))
        .select(request_lines::replaces_line_id);
    let Some(replaces): Option<Option<String>> = of_child.first(connection).optional()? else { return Ok(Some(BasisFor::NotOfChild)) };
    let is_replaced = match replaces {
        Some(old) => arrangement_of(connection, &old)? == line.arrangement(),
        None => false,
    };
    let own = lines_table::line_id.eq(line.arrangement()).or(lines_table::continues_line_id.eq(line.arrangement()));
    let carrying = lines_table::table.filter(lines_table::request_line_id.eq(request_line)).filter(own);
    let is_for_this = is_replaced || diesel::select(exists(carrying)).get_result(connection)?;
    Ok(Some(if is_for_this { BasisFor::ThisArrangement } else { BasisFor::Other }))
}

/// The line of a proposed variation, if it is as it was then and the variation can still be made of it; else a conflict.
pub(crate) fn still_standing(write: &mut Write<'_>, profile: &Profile, variation: &Variation) -> Result<PackageLine, Error> {
    let line = standing(write.connection, &variation.line_id)?;
    refuse_changed(variation.line_version, line.version)?;
    let errors = mistakes(write, profile, variation, &line)?;
    if errors.is_empty() {
        Ok(line)
    } else {
        Err(Error::with_errors(Code::StateConflict, errors).detailed("It can no longer be made: see errors."))
    }
}

//! How far a variation may move the end of its line: to the last birthday, unless somebody says why it goes on.

use crate::children::ages;
use crate::error::Error;
use crate::packages::lines::PackageLine;
use crate::variations::variation::Variation;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::request_lines;
use diesel::prelude::*;
use domain::children::ages::{AgeDays, End, unagreed_reason_mistake};
use domain::costing::Line;
use domain::packages::dates::date_mistakes;
use domain::{FieldError, Profile, VariationKind};

/// The ages that bound a variation of this line; none, somebody says why it goes on.
fn bounds<'p>(
    connection: &mut AnyConnection,
    profile: &'p Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<Option<AgeDays<'p>>, Error> {
    if variation.beyond_age_reason.is_some() {
        return Ok(None);
    }
    let days = ages::of_package(connection, profile, &line.package_id, &line.budget_line)?;
    Ok(days.map(|days| days.unless_said(line.beyond_age_reason.is_some(), line.valid_from)))
}

/// The line as a variation finds it: one from before age ended lines has the end now that it would be given.
pub(super) fn ending_by_age(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<PackageLine, Error> {
    let moves_end = matches!(variation.kind, VariationKind::Extension | VariationKind::Correction | VariationKind::End);
    let days = bounds(connection, profile, variation, line)?.filter(|days| !moves_end && days.is_before_last(variation.valid_from));
    let end = days.map(|days| days.end(line.valid_to, line.frequency));
    let is_within = |until: NaiveDate| variation.valid_to.is_none_or(|to| to < until);
    Ok(match end.and_then(|end| Some((end, end.by_age_on?))) {
        Some((end, until)) if is_within(until) => PackageLine { valid_to: end.valid_to, ends_by_age_on: end.by_age_on, ..line.clone() },
        _ => line.clone(),
    })
}

/// The variation with an end on the last birthday at the latest.
pub(super) fn within_age(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: Variation,
    line: &PackageLine,
) -> Result<Variation, Error> {
    let moves_end = match variation.kind {
        VariationKind::Extension => true,
        VariationKind::Correction => variation.valid_to.is_some(),
        _ => false,
    };
    // Days that are wrong are told as they were said.
    let moves_end = moves_end && date_mistakes(variation.valid_from, variation.valid_to).is_empty();
    let days = bounds(connection, profile, &variation, line)?.filter(|days| moves_end && days.is_before_last(variation.valid_from));
    let Some(End { valid_to, by_age_on }) = days.map(|days| days.end(variation.valid_to, line.frequency)) else { return Ok(variation) };
    Ok(Variation { valid_to, ends_by_age_on: by_age_on, ..variation })
}

/// The line as an extension sees it: one that ends by age alone has no end that could move, but on the birthday itself.
pub(super) fn as_extended(variation: &Variation, line: &PackageLine) -> Line {
    let ends_by_age = line.valid_to.is_some() && line.valid_to == line.ends_by_age_on;
    let is_open = variation.kind == VariationKind::Extension && ends_by_age && line.valid_to != Some(variation.valid_from);
    let valid_to = line.valid_to.filter(|_| !is_open);
    Line { valid_to, ..line.costed() }
}

/// Why a line may not be extended that ended on the last birthday.
pub(super) fn too_old_mistake(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
) -> Result<Option<FieldError>, Error> {
    if variation.kind != VariationKind::Extension {
        return Ok(None);
    }
    Ok(bounds(connection, profile, variation, line)?.and_then(|days| days.mistake("", variation.valid_from)))
}

/// A reason that a variation gives beside a request line that gives none.
pub(super) fn reason_mistake(connection: &mut AnyConnection, variation: &Variation) -> Result<Option<FieldError>, Error> {
    let (Some(request_line), Some(_)) = (&variation.request_line_id, &variation.beyond_age_reason) else { return Ok(None) };
    let agreed: Option<Option<String>> =
        request_lines::table.find(request_line).select(request_lines::beyond_age_reason).first(connection).optional()?;
    Ok(unagreed_reason_mistake(agreed.flatten().is_some()))
}

/// Takes the reason off lines that carry a line on, where it was for being too young and the child is that no more.
pub(super) fn drop_outgrown<'l>(
    connection: &mut AnyConnection,
    profile: &Profile,
    varied: (&Variation, &PackageLine),
    new_lines: impl Iterator<Item = &'l mut PackageLine>,
) -> Result<(), Error> {
    let (variation, line) = varied;
    if variation.beyond_age_reason.is_some() || line.beyond_age_reason.is_none() {
        return Ok(());
    }
    let Some(days) = ages::of_package(connection, profile, &line.package_id, &line.budget_line)? else { return Ok(()) };
    for new in new_lines.filter(|new| !days.carries_reason(line.valid_from, new.valid_from)) {
        new.beyond_age_reason = None;
    }
    Ok(())
}

//! What keeps paperwork and its lines from being recorded.

use crate::assessments;
use crate::error::Error;
use crate::money::budget_lines;
use crate::packages::lines::{KnownOn, known_lines};
use crate::packages::second_support::{Brought, second_support_mistakes};
use crate::requests::lines::NewRequestLine;
use crate::requests::paperwork::NewPaperwork;
use crate::requests::support_days::ChildDays;
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{package_lines, packages, providers, users};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::packages::dates::date_mistakes_at;
use domain::requests::lines::{self as rules, LineFacts, ReplacedLine};
use domain::requests::paperwork::{PaperworkReferences, reference_mistakes};
use domain::{FieldError, Profile};

/// Everything wrong with paperwork to record for a child; pointers start with `at`.
pub(crate) fn paperwork_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    new: &NewPaperwork,
    at: &str,
) -> Result<Vec<FieldError>, Error> {
    let child_has_assessment = match &new.assessment_id {
        Some(id) => assessments::find(connection, &id.0)?.is_some_and(|found| found.child_id == child_id),
        None => true,
    };
    let references = PaperworkReferences {
        child_has_assessment,
        has_presenter: is_there_or_unnamed(connection, new.presenter_id.as_ref())?,
        has_coster: is_there_or_unnamed(connection, new.coster_id.as_ref())?,
    };
    let mut errors = reference_mistakes(at, references);
    errors.extend(line_mistakes(connection, profile, child_id, &new.lines, &format!("{at}/lines"))?);
    Ok(errors)
}

fn is_there_or_unnamed(connection: &mut AnyConnection, user: Option<&Id>) -> Result<bool, Error> {
    match user {
        Some(id) => Ok(diesel::select(exists(users::table.find(&id.0))).get_result(connection)?),
        None => Ok(true),
    }
}

/// Everything wrong with lines to record for a child; pointers start with `at`, such as `/lines`.
pub fn line_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    lines: &[NewRequestLine],
    at: &str,
) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    let days = ChildDays::of(connection, child_id)?;
    for (place, line) in lines.iter().enumerate() {
        let at = format!("{at}/{place}");
        let facts = LineFacts {
            budget_line: budget_lines::find(connection, &line.budget_line.0)?.map(|found| found.direction),
            has_provider: match &line.provider_id {
                Some(id) => diesel::select(exists(providers::table.find(&id.0))).get_result(connection)?,
                None => true,
            },
            statement_category: line.statement_category.as_ref().map(|category| category.0.as_str()),
            terms: line.costed(),
            replaces: match &line.replaces_line_id {
                Some(replaced) => Some(ReplacedLine {
                    starts_on: start_of_line(connection, child_id, &replaced.0)?,
                    replaced_by: lines.iter().filter(|other| other.replaces_line_id.as_ref() == Some(replaced)).count(),
                }),
                None => None,
            },
        };
        errors.extend(rules::line_mistakes(profile, &at, &facts));
        errors.extend(date_mistakes_at(&at, line.valid_from, line.valid_to));
        errors.extend(days.mistakes(profile, line, &at));
    }
    errors.extend(second_support_mistakes(connection, child_id, &brought(lines), |place| format!("{at}/{place}"))?);
    Ok(errors)
}

/// The support that lines would bring.
fn brought(lines: &[NewRequestLine]) -> Vec<Brought<'_>> {
    let brought = lines.iter().map(|line| Brought {
        service: &line.service.0,
        budget_line: &line.budget_line.0,
        terms: line.costed(),
        replaces: line.replaces_line_id.as_ref().map(|id| id.0.as_str()),
        has_reason: line.second_support_reason.is_some(),
    });
    brought.collect()
}

/// The day on which a package line of the child's starts; none, the child has no such line that stands.
fn start_of_line(connection: &mut AnyConnection, child_id: &str, line_id: &str) -> Result<Option<NaiveDate>, Error> {
    let package: Option<String> = package_lines::table
        .inner_join(packages::table)
        .filter(package_lines::line_id.eq(line_id).and(packages::child_id.eq(child_id)))
        .select(packages::id)
        .first(connection)
        .optional()?;
    let Some(package) = package else { return Ok(None) };
    let known = known_lines(connection, &package, KnownOn::Now)?.into_iter().find(|line| line.line_id == line_id);
    Ok(known.map(|line| line.valid_from))
}

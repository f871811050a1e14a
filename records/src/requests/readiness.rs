//! What a request still lacks before it can go on an agenda, from what is on record.

use crate::assessments;
use crate::error::Error;
use crate::requests::lines::RequestLine;
use crate::requests::paperwork::RequestRevision;
use crate::requests::parts::unconfirmed_parts;
use crate::requests::support_days::ChildDays;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{request_revisions, requests};
use diesel::prelude::*;
use domain::assessments::AssessmentFacts;
use domain::requests::assessed::{self, LateUpdates};
pub use domain::requests::paperwork::Missing;
use domain::requests::paperwork::{self, PaperworkFacts, filled_in};
use domain::{Profile, RequestState, Unit};

/// Everything the request lacks to be heard: what its paperwork lacks, and the word of whoever it names and did not record their part.
pub fn missing_for_agenda(
    connection: &mut AnyConnection,
    profile: &Profile,
    paperwork: &RequestRevision,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<Vec<Missing>, Error> {
    let mut missing = missing_in_paperwork(connection, profile, paperwork, lines, on)?;
    missing.extend(unconfirmed_parts(connection, paperwork)?);
    Ok(missing)
}

/// Everything the paperwork lacks: an authorised current assessment, consent, who presents and costed it, costed lines, the local-offer
/// answer, and what the profile asks for besides.
pub fn missing_in_paperwork(
    connection: &mut AnyConnection,
    profile: &Profile,
    paperwork: &RequestRevision,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<Vec<Missing>, Error> {
    let assessment = match &paperwork.assessment_id {
        Some(id) => assessments::progress(connection, id)?,
        None => None,
    };
    let authorised = match &assessment {
        Some(found) => assessments::authorised_of_child(connection, &found.assessment.child_id)?,
        None => Vec::new(),
    };
    let assessment_carries = match profile.panel.new_assessment_each_request {
        Some(_) => carried_by_assessment(connection, paperwork)?,
        None => None,
    };
    let facts = PaperworkFacts {
        assessment: assessment.map(|found| found.facts()),
        authorised_assessments: authorised.iter().map(assessments::AssessmentProgress::facts).collect(),
        assessment_carries,
        has_presenter: paperwork.presenter_id.is_some(),
        has_coster: paperwork.coster_id.is_some(),
        parts: filled_in(|part| paperwork.has(part)),
        lines: lines.iter().map(|line| (line.budget_line.as_str(), line.unit)).collect(),
    };
    let mut missing = paperwork::missing_for_agenda(profile, &facts, on);
    let child: String = requests::table.find(&paperwork.request_id).select(requests::child_id).first(connection)?;
    missing.extend(ChildDays::of(connection, &child)?.missing(profile, lines));
    Ok(missing)
}

/// Another request that the assessment carries: it was submitted and rests on it, and was not withdrawn before anybody decided it.
fn carried_by_assessment(connection: &mut AnyConnection, paperwork: &RequestRevision) -> Result<Option<String>, Error> {
    let Some(assessment) = &paperwork.assessment_id else { return Ok(None) };
    let that_counts = request_revisions::request_id.eq(requests::id).and(request_revisions::revision.eq(requests::revision));
    let unused = [RequestState::Draft, RequestState::Withdrawn];
    Ok(requests::table
        .inner_join(request_revisions::table.on(that_counts))
        .filter(request_revisions::assessment_id.eq(assessment))
        .filter(requests::id.ne(&paperwork.request_id))
        .filter(requests::decision_id.is_not_null().or(requests::state.ne_all(unused)))
        .select(requests::reference)
        .order((requests::recorded_seq, requests::id))
        .first(connection)
        .optional()?)
}

/// What support that no request asks for lacks in the child's assessments on a day.
pub fn lacking_for_support(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    lines: &[(&str, Unit)],
    on: NaiveDate,
) -> Result<Vec<Missing>, Error> {
    let authorised = authorised_facts(connection, child_id)?;
    Ok(assessed::lacking_for_support(profile, lines, &authorised, on))
}

/// Updates of the child's assessments that are late for some support on a day.
pub fn late_updates(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    lines: &[(&str, Unit)],
    on: NaiveDate,
) -> Result<LateUpdates, Error> {
    let authorised = authorised_facts(connection, child_id)?;
    Ok(assessed::late_updates(profile, lines, &authorised, on))
}

fn authorised_facts(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<AssessmentFacts>, Error> {
    let authorised = assessments::authorised_of_child(connection, child_id)?;
    Ok(authorised.iter().map(assessments::AssessmentProgress::facts).collect())
}

/// Refuses to go on while something is missing.
pub fn refuse_missing(missing: Vec<Missing>) -> Result<(), Error> {
    Ok(paperwork::refuse_missing(missing)?)
}

//! What a request still lacks before it can go on an agenda, from what is on record.

use crate::assessments;
use crate::error::Error;
use crate::requests::lines::RequestLine;
use crate::requests::paperwork::RequestRevision;
use chrono::NaiveDate;
use db::AnyConnection;
use domain::Profile;
pub use domain::requests::paperwork::Missing;
use domain::requests::paperwork::{self, PaperworkFacts, filled_in};

/// Everything the request lacks: an authorised current assessment, consent, who presents and costed it, costed lines, the local-offer
/// answer, and what the profile asks for besides.
pub fn missing_for_agenda(
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
    let facts = PaperworkFacts {
        assessment: assessment.map(|found| found.facts()),
        authorised_assessments: authorised.iter().map(assessments::AssessmentProgress::facts).collect(),
        has_presenter: paperwork.presenter_id.is_some(),
        has_coster: paperwork.coster_id.is_some(),
        parts: filled_in(|part| paperwork.has(part)),
        lines: lines.iter().map(|line| (line.budget_line.as_str(), line.unit)).collect(),
    };
    Ok(paperwork::missing_for_agenda(profile, &facts, on))
}

/// Refuses to go on while something is missing.
pub fn refuse_missing(missing: Vec<Missing>) -> Result<(), Error> {
    Ok(paperwork::refuse_missing(missing)?)
}

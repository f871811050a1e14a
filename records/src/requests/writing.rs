//! Writing a request and its paperwork.

use crate::children::leaving;
use crate::error::Error;
use crate::requests::checks::paperwork_mistakes;
use crate::requests::lines::{NewRequestLine, RequestLine};
use crate::requests::paperwork::{NewPaperwork, RequestRevision, last_revision};
use crate::requests::request::{Request, find};
use crate::requests::steps::{require, transition};
use crate::requests::support_days::ChildDays;
use crate::text::{Id, Paragraphs, Text};
use db::schema::{children, request_lines, request_revisions, requests};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::children::leaving::refuse_left;
use domain::{FieldError, Profile, Refusal, RequestAction, RequestState};
use serde::Deserialize;
use utoipa::ToSchema;

/// A request to record, as far as its paperwork has come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reference": "RQ-2024-0107", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "paperwork": {
        "presenter_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "unmet_need": "A break at weekends", "lines": [] }
}))]
pub struct NewRequest {
    /// The authority's own number for it: no name, no date of birth.
    pub reference: Text<60>,
    /// The child it is for.
    pub child_id: Id,
    /// The paperwork, which may be finished later.
    pub paperwork: NewPaperwork,
}

/// Records a request as a draft, with the first revision of its paperwork.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewRequest) -> Result<Request, Error> {
    let mut errors = Vec::new();
    let child_exists: bool = diesel::select(exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    refuse_left(leaving::left_on(write.connection, &new.child_id.0)?, write.today())?;
    errors.extend(paperwork_mistakes(write.connection, profile, &new.child_id.0, &new.paperwork, "/paperwork")?);
    Refusal::unless_valid(errors)?;
    let request = Request {
        id: new_id(),
        reference: new.reference.0,
        child_id: new.child_id.0,
        state: RequestState::Draft,
        revision: 1,
        hearing: 0,
        decision_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(requests::table).values(&request).execute(write.connection)?;
    add_revision(write, profile, &request, revision(write, &request.id, 1, &new.paperwork), &new.paperwork.lines)?;
    write.record(Event::new("record", "requests", &request.id))?;
    Ok(request)
}

/// Writes a request's paperwork anew. One that was submitted becomes a draft again.
pub fn revise(write: &mut Write<'_>, profile: &Profile, id: &str, new: &NewPaperwork) -> Result<RequestRevision, Error> {
    let request = find(write.connection, id)?;
    require(write.connection, &request, RequestAction::Revise)?;
    Refusal::unless_valid(paperwork_mistakes(write.connection, profile, &request.child_id, new, "")?)?;
    let number = last_revision(write.connection, &request.id)? + 1;
    let written = add_revision(write, profile, &request, revision(write, &request.id, number, new), &new.lines)?;
    transition(write, &request, RequestAction::Revise, Request { state: RequestState::Draft, revision: number, ..request.clone() }, None)?;
    Ok(written)
}

/// Adds a revision with its lines.
pub fn add_revision(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    row: RequestRevision,
    lines: &[NewRequestLine],
) -> Result<RequestRevision, Error> {
    diesel::insert_into(request_revisions::table).values(&row).execute(write.connection)?;
    insert_lines(write, profile, request, row.revision, lines)?;
    write.record(Event::new("write_paperwork", "requests", &row.request_id))?;
    Ok(row)
}

/// Adds the lines of a revision, each to the last birthday at most.
fn insert_lines(write: &mut Write<'_>, profile: &Profile, request: &Request, revision: i64, lines: &[NewRequestLine]) -> Result<(), Error> {
    let days = ChildDays::of(write.connection, &request.child_id)?;
    for (number, new) in (1..).zip(lines) {
        let end = days.end_by_age(profile, new);
        let new = new.clone();
        let line = RequestLine {
            id: new_id(),
            request_id: request.id.clone(),
            revision,
            number,
            service: new.service.0,
            budget_line: new.budget_line.0,
            provider_id: new.provider_id.map(|id| id.0),
            statement_category: new.statement_category.map(|code| code.0),
            unit: new.unit,
            quantity_thousandths: new.quantity_thousandths,
            frequency: new.frequency,
            unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
            valid_from: new.valid_from,
            valid_to: end.valid_to,
            replaces_line_id: new.replaces_line_id.map(|id| id.0),
            second_support_reason: new.second_support_reason.map(|reason| reason.0),
            recorded_seq: write.seq(),
            ends_by_age_on: end.by_age_on,
            beyond_age_reason: new.beyond_age_reason.map(|reason| reason.0),
        };
        diesel::insert_into(request_lines::table).values(&line).execute(write.connection)?;
    }
    Ok(())
}

/// The row of paperwork as it was written.
fn revision(write: &Write<'_>, request_id: &str, revision: i64, new: &NewPaperwork) -> RequestRevision {
    let text = |text: &Option<Paragraphs<4000>>| text.as_ref().map(|text| text.0.clone());
    let id = |id: &Option<Id>| id.as_ref().map(|id| id.0.clone());
    RequestRevision {
        request_id: request_id.to_owned(),
        revision,
        assessment_id: id(&new.assessment_id),
        presenter_id: id(&new.presenter_id),
        coster_id: id(&new.coster_id),
        strengths: text(&new.strengths),
        worries: text(&new.worries),
        unmet_need: text(&new.unmet_need),
        outcomes: text(&new.outcomes),
        outcome_measures: text(&new.outcome_measures),
        in_place: text(&new.in_place),
        impact: text(&new.impact),
        local_offer_used: text(&new.local_offer_used),
        local_offer_barrier: text(&new.local_offer_barrier),
        decision_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    }
}

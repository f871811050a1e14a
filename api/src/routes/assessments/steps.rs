//! The steps of an assessment, and where they leave it.

use super::{Assessment, find};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::permission::{AssessmentsAuthorise, AssessmentsWrite};
use crate::auth::{Caller, CallerKind};
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{assessment_steps, assessments};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::AssessmentStep;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A step of an assessment.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = assessment_steps)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a42", "assessment_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "number": 2,
    "step": "completed", "taken_on": "2024-02-19", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13",
    "recorded_at": "2024-02-19T16:00:00Z", "recorded_seq": 518
}))]
pub struct StepTaken {
    /// The step's id.
    pub id: String,
    /// The assessment it is a step of.
    pub assessment_id: String,
    /// 1, 2, 3 … in the order recorded.
    pub number: i64,
    /// What happened.
    pub step: AssessmentStep,
    /// The day it happened.
    pub taken_on: NaiveDate,
    /// Who recorded it, and of an authorisation who gave it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for StepTaken {
    fn location(&self) -> String {
        format!("/v1/assessments/{}", self.assessment_id)
    }
}

/// A step to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "completed", "taken_on": "2024-02-19" }))]
pub struct NewStep {
    /// What happened: anything but `authorised`, which has an operation of its own.
    pub step: AssessmentStep,
    /// The day it happened: not before the assessment began, not in the future.
    pub taken_on: NaiveDate,
}

/// An authorisation to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "authorised_on": "2024-02-21" }))]
pub struct NewAssessmentAuthorisation {
    /// The day it was given: not before the assessment was completed, not in the future.
    pub authorised_on: NaiveDate,
}

/// An assessment and what its steps make of it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The assessment.
    pub assessment: Assessment,
    /// The day the assessor finished it.
    pub completed_on: Option<NaiveDate>,
    /// The day it was authorised.
    pub authorised_on: Option<NaiveDate>,
    /// The user who authorised it.
    pub authorised_by: Option<String>,
    /// Whether the panel may see it: the latest word on it was consent.
    pub has_consent: bool,
}

/// Record a step of an assessment
///
/// A checkpoint, which somebody else than the assessor records; the completion, consent or its withdrawal. Once the assessment is authorised only consent is taken: one whose
/// content changes is a new assessment.
#[utoipa::path(tag = "assessments", params(("id" = Id, Path, description = "The assessment's id")), request_body = NewStep,
    security(("bearer" = ["assessments:write"])), responses((status = 201, description = "The step", body = StepTaken)))]
#[post("/assessments/{id}/steps")]
pub async fn create_assessment_step(
    app: Data<App>,
    caller: Caller<AssessmentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| take_step(write, &id.0, body.value)).await
}

/// Authorise an assessment
///
/// By a person who did not make it, once it is completed.
#[utoipa::path(tag = "assessments", params(("id" = Id, Path, description = "The assessment's id")),
    request_body = NewAssessmentAuthorisation, security(("bearer" = ["assessments:authorise"])),
    responses((status = 201, description = "The step that authorises it", body = StepTaken)))]
#[post("/assessments/{id}/authorisation")]
pub async fn authorise_assessment(
    app: Data<App>,
    caller: Caller<AssessmentsAuthorise>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAssessmentAuthorisation>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| authorise(write, &id.0, kind, body.value.authorised_on)).await
}

/// The authorised assessments of a child, in the order they were begun on record. The caller records the read.
pub fn authorised_of_child(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<Standing>, Problem> {
    let authorised = assessment_steps::table
        .filter(assessment_steps::assessment_id.eq(assessments::id))
        .filter(assessment_steps::step.eq(AssessmentStep::Authorised));
    let of_child: Vec<Assessment> = assessments::table
        .filter(assessments::child_id.eq(child_id))
        .filter(exists(authorised))
        .select(Assessment::as_select())
        .order((assessments::recorded_seq, assessments::id))
        .load(connection)?;
    let standing = |assessment: Assessment| {
        let steps = steps_of(connection, &assessment.id)?;
        Ok(Standing::of(assessment, &steps))
    };
    of_child.into_iter().map(standing).collect()
}

/// Where the assessment with that id stands, if there is one. The caller records the read.
pub fn standing(connection: &mut AnyConnection, id: &str) -> Result<Option<Standing>, Problem> {
    let Some(assessment) = find(connection, id)? else { return Ok(None) };
    let steps = steps_of(connection, id)?;
    Ok(Some(Standing::of(assessment, &steps)))
}

impl Standing {
    /// The steps are in the order recorded.
    pub(super) fn of(assessment: Assessment, steps: &[StepTaken]) -> Self {
        let first = |wanted: AssessmentStep| steps.iter().find(|taken| taken.step == wanted);
        let authorised = first(AssessmentStep::Authorised);
        // A withdrawal is not undone by an earlier consent that is written down late.
        let consent = steps.iter().filter(|taken| is_consent(taken.step)).max_by_key(|taken| (taken.taken_on, taken.number));
        Standing {
            assessment,
            completed_on: first(AssessmentStep::Completed).map(|taken| taken.taken_on),
            authorised_on: authorised.map(|taken| taken.taken_on),
            authorised_by: authorised.map(|taken| taken.recorded_by.clone()),
            has_consent: consent.is_some_and(|taken| taken.step == AssessmentStep::ConsentGiven),
        }
    }
}

fn is_consent(step: AssessmentStep) -> bool {
    matches!(step, AssessmentStep::ConsentGiven | AssessmentStep::ConsentWithdrawn)
}

/// In the order recorded.
pub(super) fn steps_of(connection: &mut AnyConnection, assessment_id: &str) -> Result<Vec<StepTaken>, Problem> {
    Ok(assessment_steps::table
        .filter(assessment_steps::assessment_id.eq(assessment_id))
        .order(assessment_steps::number)
        .select(StepTaken::as_select())
        .load(connection)?)
}

fn take_step(write: &mut Write<'_>, id: &str, new: NewStep) -> Result<StepTaken, Problem> {
    let assessment = find(write.connection, id)?.ok_or_else(|| Problem::not_found("assessment"))?;
    if new.step == AssessmentStep::Checkpoint && write.actor.id == assessment.assessor_id {
        let detail = "A checkpoint is a manager's look at the assessment. You make this one; somebody else records it.";
        return Err(Problem::new(Code::NotAllowed, detail));
    }
    let steps = steps_of(write.connection, id)?;
    let standing = Standing::of(assessment, &steps);
    let mut errors = Vec::new();
    if new.step == AssessmentStep::Authorised {
        let detail = "an authorisation is recorded by whoever gives it, at POST /v1/assessments/{id}/authorisation";
        errors.push(FieldError::new("/step", "has_its_own_path", detail));
    }
    let started = standing.assessment.started_on;
    if new.taken_on < started {
        let detail = format!("the assessment began on {started}");
        errors.push(FieldError::new("/taken_on", "before_start", detail));
    }
    errors.extend(future_mistake(write, "/taken_on", new.taken_on));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let conflict = |detail: String| Err(Problem::new(Code::StateConflict, detail));
    if let Some(day) = standing.authorised_on.filter(|_| !is_consent(new.step)) {
        return conflict(format!("It was authorised on {day}; one whose content changes is a new assessment."));
    }
    if let Some(day) = standing.completed_on.filter(|_| new.step == AssessmentStep::Completed) {
        return conflict(format!("It was completed on {day}."));
    }
    add_step(write, &steps, id, new.step, new.taken_on)
}

fn authorise(write: &mut Write<'_>, id: &str, kind: CallerKind, authorised_on: NaiveDate) -> Result<StepTaken, Problem> {
    let assessment = find(write.connection, id)?.ok_or_else(|| Problem::not_found("assessment"))?;
    if kind != CallerKind::User {
        return Err(Problem::new(Code::NotAllowed, "An assessment is authorised by a person; a tool cannot be answerable for it."));
    }
    if write.actor.id == assessment.assessor_id {
        return Err(Problem::new(Code::NotAllowed, "You made this assessment; somebody else authorises it."));
    }
    let steps = steps_of(write.connection, id)?;
    let standing = Standing::of(assessment, &steps);
    if let Some(day) = standing.authorised_on {
        return Err(Problem::new(Code::StateConflict, format!("It was authorised on {day}.")));
    }
    let Some(completed) = standing.completed_on else {
        return Err(Problem::new(Code::StateConflict, "It is not completed; authorisation comes after."));
    };
    let mut errors: Vec<FieldError> = future_mistake(write, "/authorised_on", authorised_on).into_iter().collect();
    if authorised_on < completed {
        let detail = format!("the assessment was completed on {completed}");
        errors.push(FieldError::new("/authorised_on", "before_completion", detail));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    add_step(write, &steps, id, AssessmentStep::Authorised, authorised_on)
}

fn future_mistake(write: &Write<'_>, pointer: &str, day: NaiveDate) -> Option<FieldError> {
    let today = write.at.date();
    (day > today).then(|| FieldError::new(pointer, "in_the_future", format!("it is {today}; what has not happened is not recorded")))
}

fn add_step(
    write: &mut Write<'_>,
    before: &[StepTaken],
    assessment_id: &str,
    step: AssessmentStep,
    taken_on: NaiveDate,
) -> Result<StepTaken, Problem> {
    let taken = StepTaken {
        id: new_id(),
        assessment_id: assessment_id.to_owned(),
        number: before.last().map_or(1, |last| last.number + 1),
        step,
        taken_on,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(assessment_steps::table).values(&taken).execute(write.connection)?;
    write.record(Event::new("take_step", "assessments", assessment_id).with(json!({ "step": step, "number": taken.number })))?;
    Ok(taken)
}

//! Taking the steps of an assessment: checkpoints, completion, consent, and its authorisation.

use crate::assessments::assessment::find;
use crate::assessments::progress::{AssessmentProgress, StepTaken, steps_of};
use crate::error::Error;
use crate::people::owners::hands_of;
use chrono::NaiveDate;
use db::schema::assessment_steps;
use db::{ActorKind, Event, Write, new_id};
use diesel::prelude::*;
use domain::assessments::{Made, Recorder, refuse_authorisation, refuse_step};
use domain::panel::AssessmentStep;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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

/// Takes a step, other than the authorisation.
pub fn take(write: &mut Write<'_>, id: &str, new: &NewStep) -> Result<StepTaken, Error> {
    let (assessment, steps) = with_steps(write, id)?;
    let AssessmentProgress { assessment, progress } = &assessment;
    let (today, also) = (write.today(), hands(write)?);
    refuse_step(&assessment.assessor_id, assessment.started_on, progress, new.step, new.taken_on, recorder(write, &also), today)?;
    add(write, &steps, id, new.step, new.taken_on)
}

/// Authorises a completed assessment, by somebody else than whoever made it or recorded a part of it.
pub fn authorise(write: &mut Write<'_>, id: &str, authorised_on: NaiveDate) -> Result<StepTaken, Error> {
    let (assessment, steps) = with_steps(write, id)?;
    let AssessmentProgress { assessment, progress } = &assessment;
    let facts: Vec<_> = steps.iter().map(StepTaken::facts).collect();
    let made = Made { assessor_id: &assessment.assessor_id, recorded_by: &assessment.recorded_by, steps: &facts };
    let also = hands(write)?;
    refuse_authorisation(made, progress, authorised_on, recorder(write, &also), write.today())?;
    add(write, &steps, id, AssessmentStep::Authorised, authorised_on)
}

fn with_steps(write: &mut Write<'_>, id: &str) -> Result<(AssessmentProgress, Vec<StepTaken>), Error> {
    let assessment = find(write.connection, id)?.ok_or_else(|| Error::not_found("assessment"))?;
    let steps = steps_of(write.connection, id)?;
    Ok((AssessmentProgress::of(assessment, &steps), steps))
}

/// Everything that the caller acts by.
fn hands(write: &mut Write<'_>) -> Result<Vec<String>, Error> {
    Ok(hands_of(write.connection, &write.actor.id)?.into_iter().collect())
}

fn recorder<'w>(write: &'w Write<'_>, also: &'w [String]) -> Recorder<'w> {
    Recorder { id: &write.actor.id, is_tool: write.actor.kind == ActorKind::Client, also }
}

fn add(
    write: &mut Write<'_>,
    before: &[StepTaken],
    assessment_id: &str,
    step: AssessmentStep,
    taken_on: NaiveDate,
) -> Result<StepTaken, Error> {
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

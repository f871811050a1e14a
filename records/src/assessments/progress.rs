//! The steps that were taken of an assessment, and where they leave it.

use crate::assessments::assessment::{Assessment, find};
use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{assessment_steps, assessments};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::assessments::{AssessmentFacts, Made, Progress, TakenStep};
use domain::panel::AssessmentStep;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// So many are asked for at once.
const CHUNK: usize = 500;

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

/// An assessment and what its steps make of it.
#[derive(Debug, Clone)]
pub struct AssessmentProgress {
    /// The assessment.
    pub assessment: Assessment,
    /// What its steps make of it.
    pub progress: Progress,
}

impl AssessmentProgress {
    /// The steps are in the order recorded.
    pub fn of(assessment: Assessment, steps: &[StepTaken]) -> Self {
        let steps: Vec<_> = steps.iter().map(StepTaken::facts).collect();
        AssessmentProgress { assessment, progress: Progress::of(&steps) }
    }

    /// What of it decides whether a request may rest on it.
    pub fn facts(&self) -> AssessmentFacts {
        AssessmentFacts { kind: self.assessment.kind, progress: self.progress.clone() }
    }
}

/// Whoever made an assessment, as far as its record shows.
#[derive(Debug, Clone)]
pub struct Makers {
    /// The user who is named as having made it.
    pub assessor_id: String,
    /// Everybody who recorded a part of it.
    pub hands: BTreeSet<String>,
    /// Whether the named assessor recorded it, or that it was finished.
    pub is_assessors_own: bool,
}

impl Makers {
    /// Of an assessment and its steps.
    pub fn of(assessment: &Assessment, steps: &[StepTaken]) -> Self {
        let steps: Vec<_> = steps.iter().map(StepTaken::facts).collect();
        let made = Made { assessor_id: &assessment.assessor_id, recorded_by: &assessment.recorded_by, steps: &steps };
        Makers {
            assessor_id: assessment.assessor_id.clone(),
            hands: made.hands().into_iter().map(str::to_owned).collect(),
            is_assessors_own: made.is_assessors_own(),
        }
    }
}

/// Whoever made the assessment with that id, if there is one.
pub fn makers(connection: &mut AnyConnection, id: &str) -> Result<Option<Makers>, Error> {
    let Some(assessment) = find(connection, id)? else { return Ok(None) };
    let steps = steps_of(connection, id)?;
    Ok(Some(Makers::of(&assessment, &steps)))
}

impl StepTaken {
    pub(super) fn facts(&self) -> TakenStep<'_> {
        TakenStep { number: self.number, step: self.step, taken_on: self.taken_on, recorded_by: &self.recorded_by }
    }
}

/// Where the assessment with that id stands, if there is one. The caller records the read.
pub fn progress(connection: &mut AnyConnection, id: &str) -> Result<Option<AssessmentProgress>, Error> {
    let Some(assessment) = find(connection, id)? else { return Ok(None) };
    let steps = steps_of(connection, id)?;
    Ok(Some(AssessmentProgress::of(assessment, &steps)))
}

/// The authorised assessments of a child, in the order they were begun on record. The caller records the read.
pub fn authorised_of_child(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<AssessmentProgress>, Error> {
    Ok(authorised_of_children(connection, &[child_id])?.remove(child_id).unwrap_or_default())
}

/// The same of many children, by child: in as many queries for one as for hundreds.
pub fn authorised_of_children(
    connection: &mut AnyConnection,
    children: &[&str],
) -> Result<HashMap<String, Vec<AssessmentProgress>>, Error> {
    let mut by_child: HashMap<String, Vec<AssessmentProgress>> = HashMap::new();
    for some in children.chunks(CHUNK) {
        let authorised = assessment_steps::table
            .filter(assessment_steps::assessment_id.eq(assessments::id))
            .filter(assessment_steps::step.eq(AssessmentStep::Authorised));
        let of_children: Vec<Assessment> = assessments::table
            .filter(assessments::child_id.eq_any(some))
            .filter(exists(authorised))
            .select(Assessment::as_select())
            .order((assessments::recorded_seq, assessments::id))
            .load(connection)?;
        let mut steps: HashMap<String, Vec<StepTaken>> = HashMap::new();
        for assessments in of_children.chunks(CHUNK) {
            let ids = assessments.iter().map(|assessment| assessment.id.as_str());
            let taken: Vec<(String, StepTaken)> = assessment_steps::table
                .filter(assessment_steps::assessment_id.eq_any(ids))
                .order((assessment_steps::assessment_id, assessment_steps::number))
                .select((assessment_steps::assessment_id, StepTaken::as_select()))
                .load(connection)?;
            for (assessment, step) in taken {
                steps.entry(assessment).or_default().push(step);
            }
        }
        for assessment in of_children {
            let taken = steps.remove(&assessment.id).unwrap_or_default();
            by_child.entry(assessment.child_id.clone()).or_default().push(AssessmentProgress::of(assessment, &taken));
        }
    }
    Ok(by_child)
}

/// In the order recorded.
pub fn steps_of(connection: &mut AnyConnection, assessment_id: &str) -> Result<Vec<StepTaken>, Error> {
    Ok(assessment_steps::table
        .filter(assessment_steps::assessment_id.eq(assessment_id))
        .order(assessment_steps::number)
        .select(StepTaken::as_select())
        .load(connection)?)
}

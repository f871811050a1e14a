//! Recording an assessment.

use crate::assessments::assessment::Assessment;
use crate::error::Error;
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::{assessments, children, users};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::assessments::start_mistakes;
use domain::panel::AssessmentKind;
use domain::{FieldError, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// An assessment to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "kind": "child_and_family", "started_on": "2024-01-08",
    "assessor_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13"
}))]
pub struct NewAssessment {
    /// The child it is of.
    pub child_id: Id,
    /// How the needs are assessed.
    pub kind: AssessmentKind,
    /// The day it began, not in the future.
    pub started_on: NaiveDate,
    /// The user who makes it, and so may not authorise it.
    pub assessor_id: Id,
}

/// Records an assessment that has begun.
pub fn record(write: &mut Write<'_>, new: NewAssessment) -> Result<Assessment, Error> {
    let mut errors = Vec::new();
    let child_exists: bool = diesel::select(exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    errors.extend(start_mistakes(new.started_on, write.today()));
    let assessor_exists: bool = diesel::select(exists(users::table.find(&new.assessor_id.0))).get_result(write.connection)?;
    if !assessor_exists {
        errors.push(FieldError::new("/assessor_id", "unknown_reference", "no user has this id"));
    }
    Refusal::unless_valid(errors)?;
    let assessment = Assessment {
        id: new_id(),
        child_id: new.child_id.0,
        kind: new.kind,
        started_on: new.started_on,
        assessor_id: new.assessor_id.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(assessments::table).values(&assessment).execute(write.connection)?;
    write.record(Event::new("record", "assessments", &assessment.id))?;
    Ok(assessment)
}

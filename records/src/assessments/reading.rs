//! Reading assessments: each read is on the audit trail.

use crate::assessments::assessment::{Assessment, find};
use crate::assessments::progress::{AssessmentProgress, StepTaken, steps_of};
use crate::error::Error;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::assessments;
use db::{Event, Write};
use diesel::prelude::*;
use domain::BankHolidays;
use domain::assessments::Progress;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// Where an assessment stands, from its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "completed_on": "2024-02-19", "authorised_on": "2024-02-21", "authorised_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a14",
    "has_consent": true, "working_days_taken": 30
}))]
pub struct AssessmentStatus {
    /// The day the assessor finished it; null, not yet.
    pub completed_on: Option<NaiveDate>,
    /// The day it was authorised; null, not yet.
    pub authorised_on: Option<NaiveDate>,
    /// The user who authorised it.
    pub authorised_by: Option<String>,
    /// Whether the panel may see it: the latest word on it was consent.
    pub has_consent: bool,
    /// Working days after the start, up to and including its completion; null until then, and where the bank holidays of those
    /// years are not known.
    pub working_days_taken: Option<i64>,
}

/// An assessment, its steps and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentWithSteps {
    /// The assessment.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// In the order recorded.
    pub steps: Vec<StepTaken>,
    /// Where it stands.
    pub status: AssessmentStatus,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAssessments {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
}

/// An assessment is part of its child's record: reading it is on the trail of both.
fn record_read(write: &mut Write<'_>, assessment: &Assessment) -> Result<(), Error> {
    write.record(Event::new("read", "assessments", &assessment.id))?;
    write.record(Event::new("read", "children", &assessment.child_id).with(json!({ "assessment_id": assessment.id })))?;
    Ok(())
}

fn status(assessment: &Assessment, progress: Progress) -> Result<AssessmentStatus, Error> {
    let holidays = BankHolidays::bundled().map_err(Error::fault)?;
    let days_until = |completed| holidays.working_days_between(assessment.started_on, completed).ok();
    Ok(AssessmentStatus {
        working_days_taken: progress.completed_on.and_then(days_until),
        completed_on: progress.completed_on,
        authorised_on: progress.authorised_on,
        authorised_by: progress.authorised_by,
        has_consent: progress.has_consent,
    })
}

/// Lists assessments.
pub fn list(write: &mut Write<'_>, wanted: ListAssessments) -> Result<Page<Assessment>, Error> {
    let ListAssessments { limit, cursor, child_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = assessments::table
        .select(Assessment::as_select())
        .filter(assessments::recorded_seq.ge(after.seq))
        .filter(assessments::recorded_seq.gt(after.seq).or(assessments::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = child_id {
        query = query.filter(assessments::child_id.eq(child.0));
    }
    let rows = query.order((assessments::recorded_seq, assessments::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &Assessment| After::key(row.recorded_seq, &row.id));
    for assessment in &page.items {
        record_read(write, assessment)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "assessments", ""))?;
    }
    Ok(page)
}

/// Reads an assessment with its steps.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<AssessmentWithSteps, Error> {
    let assessment = find(write.connection, id)?.ok_or_else(|| Error::not_found("assessment"))?;
    let steps = steps_of(write.connection, &assessment.id)?;
    record_read(write, &assessment)?;
    let AssessmentProgress { assessment, progress } = AssessmentProgress::of(assessment, &steps);
    let status = status(&assessment, progress)?;
    Ok(AssessmentWithSteps { assessment, steps, status })
}

//! Assessments of a child's needs, and what happened to each: checkpoints, completion, authorisation, consent.
//!
//! Steps are added, never changed. An assessment is part of its child's record, so every read is on the audit trail.

mod steps;

pub use steps::{Standing, StepTaken, authorise_assessment, authorised_of_child, create_assessment_step, standing};

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{AssessmentsRead, AssessmentsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{assessments, children, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::AssessmentKind;
use domain::{BankHolidays, FinancialYear};
use serde::{Deserialize, Serialize};
use serde_json::json;
use steps::steps_of;
use utoipa::{IntoParams, ToSchema};

/// An assessment as it was begun.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = assessments)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "kind": "child_and_family",
    "started_on": "2024-01-08", "assessor_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-01-08T09:00:00Z", "recorded_seq": 412
}))]
pub struct Assessment {
    /// The assessment's id.
    pub id: String,
    /// The child it is of.
    pub child_id: String,
    /// How the needs are assessed.
    pub kind: AssessmentKind,
    /// The day it began.
    pub started_on: NaiveDate,
    /// The user who makes it, and so may not authorise it.
    pub assessor_id: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Assessment {
    fn location(&self) -> String {
        format!("/v1/assessments/{}", self.id)
    }
}

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

/// List assessments
#[utoipa::path(tag = "assessments", params(ListAssessments), security(("bearer" = ["assessments:read"])),
    responses((status = 200, description = "A page of assessments, in the order recorded", body = Page<Assessment>)))]
#[get("/assessments")]
pub async fn list_assessments(
    app: Data<App>,
    caller: Caller<AssessmentsRead>,
    params: Params<ListAssessments>,
) -> Result<Json<Page<Assessment>>, Problem> {
    let ListAssessments { limit, cursor, child_id } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
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
        Ok(Json(page))
    })
    .await
}

/// Read an assessment with its steps
#[utoipa::path(tag = "assessments", params(("id" = Id, Path, description = "The assessment's id")),
    security(("bearer" = ["assessments:read"])),
    responses((status = 200, description = "The assessment, its steps and where it stands", body = AssessmentWithSteps)))]
#[get("/assessments/{id}")]
pub async fn get_assessment(app: Data<App>, caller: Caller<AssessmentsRead>, id: Path<Id>) -> Result<Json<AssessmentWithSteps>, Problem> {
    app.write(caller.actor(), move |write| {
        let assessment = find(write.connection, &id.0)?.ok_or_else(|| Problem::not_found("assessment"))?;
        let steps = steps_of(write.connection, &assessment.id)?;
        record_read(write, &assessment)?;
        let status = status(&Standing::of(assessment.clone(), &steps))?;
        Ok(Json(AssessmentWithSteps { assessment, steps, status }))
    })
    .await
}

/// Record an assessment
#[utoipa::path(tag = "assessments", request_body = NewAssessment, security(("bearer" = ["assessments:write"])),
    responses((status = 201, description = "The assessment", body = Assessment)))]
#[post("/assessments")]
pub async fn create_assessment(app: Data<App>, caller: Caller<AssessmentsWrite>, key: IdempotencyKey, body: Body<NewAssessment>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

/// An assessment is part of its child's record: reading it is on the trail of both.
pub fn record_read(write: &mut Write<'_>, assessment: &Assessment) -> Result<(), Problem> {
    write.record(Event::new("read", "assessments", &assessment.id))?;
    write.record(Event::new("read", "children", &assessment.child_id).with(json!({ "assessment_id": assessment.id })))?;
    Ok(())
}

fn status(standing: &Standing) -> Result<AssessmentStatus, Problem> {
    let holidays = BankHolidays::bundled().map_err(Problem::internal)?;
    let days_until = |completed| holidays.working_days_between(standing.assessment.started_on, completed).ok();
    Ok(AssessmentStatus {
        completed_on: standing.completed_on,
        authorised_on: standing.authorised_on,
        authorised_by: standing.authorised_by.clone(),
        has_consent: standing.has_consent,
        working_days_taken: standing.completed_on.and_then(days_until),
    })
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Assessment>, Problem> {
    Ok(assessments::table.find(id).select(Assessment::as_select()).first(connection).optional()?)
}

fn record(write: &mut Write<'_>, new: NewAssessment) -> Result<Assessment, Problem> {
    let mut errors = Vec::new();
    let child_exists: bool = diesel::select(exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    if new.started_on > write.at.date() {
        errors.push(FieldError::new("/started_on", "in_the_future", "an assessment is recorded once it has begun"));
    }
    if let Err(error) = FinancialYear::of(new.started_on) {
        errors.push(FieldError::new("/started_on", "out_of_range", error.to_string()));
    }
    let assessor_exists: bool = diesel::select(exists(users::table.find(&new.assessor_id.0))).get_result(write.connection)?;
    if !assessor_exists {
        errors.push(FieldError::new("/assessor_id", "unknown_reference", "no user has this id"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
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

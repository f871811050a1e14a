//! Assessments of a child's needs, and what happened to each: checkpoints, completion, authorisation, consent.
//!
//! Steps are added, never changed. An assessment is part of its child's record, so every read is on the audit trail.

pub mod steps;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{AssessmentsRead, AssessmentsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::assessments;
use records::assessments::{Assessment, AssessmentWithSteps, ListAssessments, NewAssessment, record};
use records::page::Page;
use records::text::Id;

impl Located for Assessment {
    fn location(&self) -> String {
        format!("/v1/assessments/{}", self.id)
    }
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
    app.write(caller.actor(), move |write| assessments::list(write, params.0).map(Json)).await
}

/// Read an assessment with its steps
#[utoipa::path(tag = "assessments", params(("id" = Id, Path, description = "The assessment's id")),
    security(("bearer" = ["assessments:read"])),
    responses((status = 200, description = "The assessment, its steps and where it stands", body = AssessmentWithSteps)))]
#[get("/assessments/{id}")]
pub async fn get_assessment(app: Data<App>, caller: Caller<AssessmentsRead>, id: Path<Id>) -> Result<Json<AssessmentWithSteps>, Problem> {
    app.write(caller.actor(), move |write| assessments::read(write, &id.0).map(Json)).await
}

/// Record an assessment
#[utoipa::path(tag = "assessments", request_body = NewAssessment, security(("bearer" = ["assessments:write"])),
    responses((status = 201, description = "The assessment", body = Assessment)))]
#[post("/assessments")]
pub async fn create_assessment(app: Data<App>, caller: Caller<AssessmentsWrite>, key: IdempotencyKey, body: Body<NewAssessment>) -> Answer {
    app.create(caller.actor(), key, body, record).await
}

//! The steps of an assessment, and where they leave it.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{AssessmentsAuthorise, AssessmentsWrite};
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::assessments::StepTaken;
use records::assessments::steps;
use records::assessments::steps::{NewAssessmentAuthorisation, NewStep};
use records::text::Id;

impl Located for StepTaken {
    fn location(&self) -> String {
        format!("/v1/assessments/{}", self.assessment_id)
    }
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
    app.create(caller.actor(), key, body, move |write, body| steps::take(write, &id.0, &body)).await
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
    app.create(caller.actor(), key, body, move |write, body| steps::authorise(write, &id.0, body.authorised_on)).await
}

//! What the next year needs: the one report that is asked with a body.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::{Body, Params};
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use crate::report_answer::answer_to_body;
use actix_web::web::Data;
use actix_web::{HttpRequest, post};
use reports::{NextYear, NextYearQuery, Question};
use serde::Deserialize;
use utoipa::IntoParams;

/// How the answer is written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NextYearParams {
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

/// Report what the next year needs
///
/// By budget line and month: what is in force beside this year, with its full-year effect and known ends, and scenarios side by side, with what
/// drives the difference from the first. The scenarios are the caller's to keep: nothing is recorded, and the answer repeats them. As CSV only
/// the months are written; a workbook has sheets of budget lines and assumptions too.
#[utoipa::path(tag = "reports", params(NextYearParams), request_body = NextYearQuery, security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "What is needed", content((NextYear = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 404, description = "The warehouse has nothing for the year before", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[post("/reports/next-year")]
pub async fn report_next_year(
    app: Data<App>,
    _: Caller<ReportsRead>,
    params: Params<NextYearParams>,
    body: Body<NextYearQuery>,
    request: HttpRequest,
) -> Answer {
    answer_to_body(&app, &request, params.0.format, Question::NextYear(body.value)).await
}

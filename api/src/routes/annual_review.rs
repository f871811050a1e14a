//! The annual review, for officers: a document or a workbook of the last published snapshot.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::Params;
use crate::format::Workbook;
use crate::problem::Problem;
use crate::report_answer::{Tagged, answer_tagged};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::FinancialYear;
use reports::Which;
use reports::annual_review::{AnnualReview, ReviewFormat, annual_review};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which review, and how it is written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// How it is written; a web page unless said.
    format: Option<ReviewFormat>,
}

/// A document of the review, as the document of the API describes it.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct ReviewDocument(#[expect(dead_code, reason = "only its schema is used")] Vec<u8>);

/// Read the annual review
///
/// A year for officers, beside the year before: spend against budget by line and month, and what moved it; packages by service, provider,
/// sector, cost band, tier and age band; transitions; panel outcomes and times; next year's full-year effect; unit costs; health's share; direct
/// payments; nights; grants. Nobody is named, small numbers are shown: it is not for publication. Its `ETag` is its snapshot.
#[utoipa::path(tag = "reports", params(ReviewParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The review", content((ReviewDocument = "text/html"), (ReviewDocument = "application/pdf"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/annual-review")]
pub async fn get_annual_review(app: Data<App>, _: Caller<ReportsRead>, params: Params<ReviewParams>, request: HttpRequest) -> Answer {
    let ReviewParams { year, format } = params.0;
    let format = format.unwrap_or(ReviewFormat::Html);
    let (warehouse, profile) = (app.warehouse.clone(), app.profile.clone());
    let turn = app.turns.to_compose().await?;
    let asked = Tagged {
        extension: format.as_str(),
        write: move || {
            // The turn goes with the work, which goes on when the asker leaves.
            let _turn = turn;
            annual_review(&warehouse, &Which::Current, &profile, year)?.written(format)
        },
        respond: move |bytes| offered(format, year, bytes),
    };
    answer_tagged(&app, &request, asked).await
}

/// A web page is shown, anything else offered as a file.
fn offered(format: ReviewFormat, year: FinancialYear, bytes: Vec<u8>) -> HttpResponse {
    let name = format!("{}.{}", AnnualReview::file_name(year), format.as_str());
    let how = if format.is_binary() { "attachment" } else { "inline" };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("{how}; filename=\"{name}\"")))
        .body(bytes)
}

//! Statutory returns and open data, each in the layout of its year.

use super::reports::{YearParams, of_year};
use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use crate::report_answer::answer;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use domain::FinancialYear;
use reports::{
    FreedomOfInformation, FreedomOfInformationQuery, Grants360Giving, Question, Section251, SpendingOver500, VoluntarySectorGrants,
    YearCount, YearReport,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which freedom of information pack.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InformationParams {
    /// The last financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// How many years, that one included; one unless said.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 5, example = 3)]
    years: Option<YearCount>,
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

/// Report spending over £500
///
/// Items of expenditure strictly over £500, credits by their magnitude, as the Local Government Transparency Code asks for them. A family that
/// is paid stands as `REDACTED PERSONAL DATA`. As CSV it is the file to publish, in the layout of the year.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The items", content((SpendingOver500 = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year, or no layout is known for it", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/spending-over-500")]
pub async fn get_spending_over_500(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::SpendingOver500, params.0).await
}

/// Report grants to voluntary organisations
///
/// Grants awarded in the year to organisations of the voluntary sector, as the Local Government Transparency Code asks for them. As CSV it is
/// the file to publish, in the layout of the year.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The grants", content((VoluntarySectorGrants = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year, or no layout is known for it", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/voluntary-sector-grants")]
pub async fn get_voluntary_sector_grants(
    app: Data<App>,
    _: Caller<ReportsRead>,
    params: Params<YearParams>,
    request: HttpRequest,
) -> Answer {
    of_year(&app, &request, YearReport::VoluntarySectorGrants, params.0).await
}

/// Report grants as 360Giving data
///
/// Grants awarded in the year. JSON is the file of the 360Giving data standard 1.4, to publish as it is: its amounts are in pounds, as the
/// standard wants them.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The grants", content((Grants360Giving = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year, or no layout is known for it", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The profile does not say as whom the authority publishes", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/grants-360giving")]
pub async fn get_grants_360giving(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::Grants360Giving, params.0).await
}

/// Report the section 251 lines
///
/// The short-breaks lines of the section 251 outturn by own, private, other public and voluntary provision: total, income and net. With them
/// the unit costs behind the lines, to look at before the return is sent, and budget lines that belong to no line.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The lines", content((Section251 = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year, or no layout is known for it", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The profile does not say where its budget lines belong", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/section-251")]
pub async fn get_section_251(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::Section251, params.0).await
}

/// Report what councils are asked every year
///
/// The freedom of information pack over one to five years: children by age and service, direct payments and repayments, what was allocated and
/// used, spend and budget, what moved a section 251 line, and the projection of the next year. Small counts and what would give them away
/// are withheld; what is not held is said.
#[utoipa::path(tag = "reports", params(InformationParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The answers", content((FreedomOfInformation = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The profile does not say which counts are too small to publish", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/freedom-of-information")]
pub async fn get_freedom_of_information(
    app: Data<App>,
    _: Caller<ReportsRead>,
    params: Params<InformationParams>,
    request: HttpRequest,
) -> Answer {
    let InformationParams { year, years, format } = params.0;
    let query = FreedomOfInformationQuery { year, years: years.unwrap_or(YearCount::ONE) };
    answer(&app, &request, format, Question::FreedomOfInformation(query)).await
}

//! The reports of commitments and of the forecast outturn.

use super::reports::{Asked, Written};
use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::{Many, Params};
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use domain::FinancialYear;
use reports::{CommitmentsByWeek, ForecastOutturn, OutturnQuery, WeeksQuery, Which};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which forecast.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct OutturnParams {
    /// The financial year.
    #[param(example = "2024-25")]
    year: FinancialYear,
    /// Only these budget lines, by code, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<String>>, explode = false, example = json!(["home_care"]))]
    budget_line: Many<String>,
    /// Only what was recorded by the end of that day (UTC) counts: the figures are those that were reported then.
    #[param(example = "2024-09-30")]
    as_known_on: Option<NaiveDate>,
    /// Also how the forecast moved, by cause, since the end of this earlier day.
    #[param(example = "2024-08-31")]
    since: Option<NaiveDate>,
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

/// Which commitments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct WeeksParams {
    /// The financial year.
    #[param(example = "2024-25")]
    year: FinancialYear,
    /// Only these budget lines, by code, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<String>>, explode = false, example = json!(["home_care"]))]
    budget_line: Many<String>,
    /// Only weeks from the one that this day is in.
    #[param(example = "2024-09-02")]
    from: Option<NaiveDate>,
    /// Only weeks up to the one that this day is in.
    #[param(example = "2024-09-30")]
    to: Option<NaiveDate>,
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

/// Report the forecast outturn
///
/// What the year will come to, by budget line and month: actual, what is still committed, and, apart, what requests may add. With `since`,
/// how that moved and why. `payments` says what was paid beyond what was planned, and what settles nothing. As CSV only the months are
/// written; a workbook has a sheet of payments too.
#[utoipa::path(tag = "reports", params(OutturnParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The forecast", content((ForecastOutturn = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/forecast-outturn")]
pub async fn get_forecast_outturn(app: Data<App>, _: Caller<ReportsRead>, params: Params<OutturnParams>, request: HttpRequest) -> Answer {
    let OutturnParams { year, budget_line, as_known_on, since, format } = params.0;
    let asked = Asked::of(&request, format)?;
    let (profile, format) = (app.profile.clone(), asked.format);
    let query = OutturnQuery { year, budget_lines: budget_line.0, as_known_on, since };
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::forecast_outturn(&warehouse, &Which::Current, &profile, &query)?;
            let made_at = report.origin.made_at;
            let bytes = match format {
                Format::Xlsx => reports::workbook(&report.to_sheets()?, made_at)?,
                Format::Json | Format::Csv => format.write(&report, made_at, || report.to_sheet())?,
            };
            Ok(Written { file_name: format!("forecast-outturn-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
}

/// Report commitments by week
///
/// What is planned, paid, released and open of the year, by week, budget line and provider. A week is never both paid and open.
#[utoipa::path(tag = "reports", params(WeeksParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The commitments", content((CommitmentsByWeek = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/commitments-by-week")]
pub async fn get_commitments_by_week(app: Data<App>, _: Caller<ReportsRead>, params: Params<WeeksParams>, request: HttpRequest) -> Answer {
    let WeeksParams { year, budget_line, from, to, format } = params.0;
    let asked = Asked::of(&request, format)?;
    let query = WeeksQuery { year, budget_lines: budget_line.0, from, to };
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::commitments_by_week(&warehouse, &Which::Current, &query)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("commitments-by-week-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
}

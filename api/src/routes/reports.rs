//! Reports: figures from the last published snapshot, as JSON, CSV or a workbook.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::{Many, Params};
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use crate::report_answer::answer;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use domain::{FinancialYear, Sector};
use reports::{
    BudgetPosition, CommitmentsByWeek, DirectPaymentAccounts, ForecastOutturn, GrantActivity, GroupBy, JointFundingReport, NightsReport,
    OutturnQuery, PanelDecisions, PanelOutcomes, Question, Spend, SpendQuery, StatementFigures, UnitCosts, WeeksQuery, YearReport,
};
use serde::Deserialize;
use std::str::FromStr;
use utoipa::IntoParams;

/// A calendar month, `2024-04`.
#[derive(Debug, Clone)]
pub struct Month(String);

impl FromStr for Month {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match format!("{text}-01").parse::<chrono::NaiveDate>() {
            Ok(_) if text.len() == 7 && text.starts_with(|first: char| first.is_ascii_digit()) => Ok(Month(text.to_owned())),
            _ => Err("a month is written like 2024-04"),
        }
    }
}

/// What spend to add up, and by what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct SpendParams {
    /// Only these financial years, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<FinancialYear>>, explode = false, example = json!(["2023-24"]))]
    year: Many<FinancialYear>,
    /// Only these calendar months, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<String>>, explode = false, example = json!(["2023-04"]))]
    month: Many<Month>,
    /// Only these budget lines, by code, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<String>>, explode = false, example = json!(["direct_payments"]))]
    budget_line: Many<String>,
    /// Only these providers, by code, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<String>>, explode = false, example = json!(["willow_house"]))]
    provider: Many<String>,
    /// Only providers of these sectors, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<Vec<Sector>>, explode = false)]
    sector: Many<Sector>,
    /// What to add up by, separated by commas; by budget line unless said.
    #[serde(default)]
    #[param(value_type = Option<Vec<GroupBy>>, explode = false, example = json!(["budget_line", "month"]))]
    group_by: Many<GroupBy>,
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

/// A report for a year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct YearParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// How it is written, if the `Accept` header does not say.
    format: Option<Format>,
}

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
    /// Only what was recorded by the end of that day, in the authority's time zone, counts: the figures are those that were reported then.
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

/// Report spend
///
/// What the ledger has, added up by any of year, month, budget line, provider and sector.
#[utoipa::path(tag = "reports", params(SpendParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The spend", content((Spend = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "Nothing has been published yet", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/spend")]
pub async fn get_spend(app: Data<App>, _: Caller<ReportsRead>, params: Params<SpendParams>, request: HttpRequest) -> Answer {
    let SpendParams { year, month, budget_line, provider, sector, group_by, format } = params.0;
    let query = SpendQuery {
        years: year.0,
        months: month.0.into_iter().map(|month| month.0).collect(),
        budget_lines: budget_line.0,
        providers: provider.0,
        sectors: sector.0,
        group_by: group_by.0,
    };
    answer(&app, &request, format, Question::Spend(query)).await
}

/// Report the budget position
///
/// Budget, actual, commitment, forecast and variance of every budget line.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The position", content((BudgetPosition = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/budget-position")]
pub async fn get_budget_position(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::BudgetPosition, params.0).await
}

/// Report the statement's figures
///
/// The figures of the annual Short Breaks Service Statement, as the authority's profile defines them.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The figures", content((StatementFigures = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/statement-figures")]
pub async fn get_statement_figures(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::StatementFigures, params.0).await
}

/// Report panel decisions
///
/// Every decision of the year: what was decided, what it cost, what authority it needed and from when it has it. No child is in it.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The decisions", content((PanelDecisions = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/panel-decisions")]
pub async fn get_panel_decisions(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::PanelDecisions, params.0).await
}

/// Report panel outcomes
///
/// Decisions of the year by month, budget line and what they count as: how many, what they cost in a full year and in this one, and the
/// median days from assessment to panel to authority.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The outcomes", content((PanelOutcomes = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/panel-outcomes")]
pub async fn get_panel_outcomes(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::PanelOutcomes, params.0).await
}

/// Report direct payment accounts
///
/// Account by account what families were paid, spent, were asked for and paid back, and what they have in hand. Nobody is named.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The accounts", content((DirectPaymentAccounts = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/direct-payment-accounts")]
pub async fn get_direct_payment_accounts(
    app: Data<App>,
    _: Caller<ReportsRead>,
    params: Params<YearParams>,
    request: HttpRequest,
) -> Answer {
    of_year(&app, &request, YearReport::DirectPaymentAccounts, params.0).await
}

/// Report joint funding
///
/// What health is expected to pay of packages, what it was invoiced, credited and paid, and what it owed at each month's end, by month,
/// budget line and funder.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "Health's share", content((JointFundingReport = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/joint-funding")]
pub async fn get_joint_funding_report(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::JointFunding, params.0).await
}

/// Report nights
///
/// Nights away of the year by month and setting: booked, stayed, cancelled; children reached, and children at a warning or above the
/// limit at the month's end.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The nights", content((NightsReport = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/nights")]
pub async fn get_nights(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::Nights, params.0).await
}

/// Report grants and their activity
///
/// Each grant in the year: what was to be paid and was, returns due, received and overdue, what was achieved and what one of it cost.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The grants", content((GrantActivity = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/grant-activity")]
pub async fn get_grant_activity(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::GrantActivity, params.0).await
}

/// Report unit costs
///
/// The year's spend divided by its activity, by budget line, provider and unit, with the median of each budget line's and what stands out.
#[utoipa::path(tag = "reports", params(YearParams), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "The unit costs", content((UnitCosts = "application/json"), (String = "text/csv"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "The snapshot is the one named in `If-None-Match`"),
        (status = 404, description = "The warehouse has nothing for the year", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/reports/unit-costs")]
pub async fn get_unit_costs(app: Data<App>, _: Caller<ReportsRead>, params: Params<YearParams>, request: HttpRequest) -> Answer {
    of_year(&app, &request, YearReport::UnitCosts, params.0).await
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
    let query = OutturnQuery { year, budget_lines: budget_line.0, as_known_on, since };
    answer(&app, &request, format, Question::ForecastOutturn(query)).await
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
    let query = WeeksQuery { year, budget_lines: budget_line.0, from, to };
    answer(&app, &request, format, Question::CommitmentsByWeek(query)).await
}

/// The answer to a question that a year alone decides.
pub(super) async fn of_year(app: &App, request: &HttpRequest, report: YearReport, params: YearParams) -> Answer {
    answer(app, request, params.format, Question::OfYear(report, params.year)).await
}

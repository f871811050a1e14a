//! Reports: figures from the last published snapshot, as JSON, CSV or a workbook.
//!
//! A report's `ETag` is its snapshot, so a tool that asks again is told 304 until a new one is published.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::{Many, Params};
use crate::format::{Format, Workbook};
use crate::problem::{Code, FieldError, Problem};
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::web::{Data, block};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::{FinancialYear, Sector};
use reports::{BudgetPosition, Error, GroupBy, PanelDecisions, PanelOutcomes, Snapshot, Spend, SpendQuery, StatementFigures, Which};
use serde::Deserialize;
use std::path::PathBuf;
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
    pub(super) year: FinancialYear,
    /// How it is written, if the `Accept` header does not say.
    pub(super) format: Option<Format>,
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
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::spend(&warehouse, &Which::Current, &query)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: "spend".to_owned(), snapshot_id: report.snapshot_id, bytes })
        })
        .await
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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::budget_position(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("budget-position-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::statement_figures(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("statement-figures-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::panel_decisions(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("panel-decisions-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::panel_outcomes(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("panel-outcomes-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
}

/// A report as it goes out.
pub(super) struct Written {
    /// Of the file that a workbook is offered as, without its end.
    pub(super) file_name: String,
    pub(super) snapshot_id: String,
    pub(super) bytes: Vec<u8>,
}

/// In what form the report is asked for, and which snapshot the asker has.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) format: Format,
    known: Option<String>,
}

impl Asked {
    pub(super) fn of(request: &HttpRequest, format: Option<Format>) -> Result<Self, Problem> {
        let format = Format::of(request, format)?;
        let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Asked { format, known })
    }

    /// The report, or 304 without making it when the asker has the current snapshot's.
    pub(super) async fn answer(
        &self,
        warehouse: PathBuf,
        writing: impl FnOnce(PathBuf) -> Result<Written, Problem> + Send + 'static,
    ) -> Answer {
        let tag_of = |snapshot_id: &str| format!("\"{snapshot_id}.{}\"", self.format.extension());
        let current = {
            let warehouse = warehouse.clone();
            block(move || Snapshot::open(&warehouse, &Which::Current).map(|snapshot| snapshot.id().to_owned())).await
        };
        let current = current.map_err(Problem::internal)?.map_err(Error::from)?;
        let is_known = self
            .known
            .as_deref()
            .is_some_and(|known| known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag_of(&current)));
        let (mut response, tag) = if is_known {
            let mut unchanged = HttpResponse::NotModified().finish();
            unchanged.headers_mut().append(VARY, HeaderValue::from_static("accept"));
            (unchanged, tag_of(&current))
        } else {
            let Written { file_name, snapshot_id, bytes } = block(move || writing(warehouse)).await.map_err(Problem::internal)??;
            (self.format.respond(bytes, &file_name), tag_of(&snapshot_id))
        };
        let headers = response.headers_mut();
        headers.insert(ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        Ok(response)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        problem(error)
    }
}

/// What the asker can put right is said; the rest goes to the log.
fn problem(error: Error) -> Problem {
    let parameter =
        |name: &str, detail: String| Problem::with_errors(Code::InvalidParameter, vec![FieldError::new(name, "unknown_reference", detail)]);
    match &error {
        Error::NothingPublished => Problem::new(Code::NothingPublished, "Run `short-breaks etl` first."),
        Error::UnknownSnapshot(_) | Error::UnknownYear { .. } => Problem::new(Code::NotFound, error.to_string()),
        Error::UnknownMonth { .. } => parameter("?month", error.to_string()),
        Error::UnknownBudgetLine { .. } => parameter("?budget_line", error.to_string()),
        Error::NotYetKnown { .. } => {
            Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?as_known_on", "not_yet_known", error.to_string())])
        }
        Error::SinceLater { .. } => {
            Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?since", "not_before", error.to_string())])
        }
        Error::UnknownProvider(_) => parameter("?provider", error.to_string()),
        Error::TooManyRows { .. } => Problem::new(Code::NotAcceptable, error.to_string()),
        Error::Damaged(_) | Error::Warehouse(_) | Error::Csv(_) | Error::Sheet(_) | Error::Xlsx(_) => Problem::internal(error),
    }
}

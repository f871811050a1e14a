//! Reports of grants and of unit costs.

use super::reports::{Asked, Written, YearParams};
use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::Params;
use crate::format::Workbook;
use crate::problem::Problem;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use reports::{GrantActivity, UnitCosts, Which};

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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::grant_activity(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("grant-activity-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::unit_costs(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("unit-costs-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
}

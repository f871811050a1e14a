//! The report of direct payment accounts.

use super::reports::{Asked, Written, YearParams};
use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::ReportsRead;
use crate::extract::Params;
use crate::format::Workbook;
use crate::problem::Problem;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use reports::{DirectPaymentAccounts, Which};

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
    let YearParams { year, format } = params.0;
    let asked = Asked::of(&request, format)?;
    asked
        .answer(app.warehouse.clone(), move |warehouse| {
            let report = reports::direct_payment_accounts(&warehouse, &Which::Current, year)?;
            let bytes = asked.format.write(&report, report.origin.made_at, || report.to_sheet())?;
            Ok(Written { file_name: format!("direct-payment-accounts-{}", report.year.as_str()), snapshot_id: report.snapshot_id, bytes })
        })
        .await
}

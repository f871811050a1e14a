//! Aged debt: what funders owe, by how long it is past due, on a day and as it was known on a day.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::JointFundingRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use records::joint_funding::invoices::aged_debt::AgedDebt;
use records::period::day_parameter;
use serde::Deserialize;
use utoipa::IntoParams;

/// On which day, as known when, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgedDebtParams {
    /// The day; today unless said. What was issued, credited or received later does not count.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
    /// As the store knew it at the end of this day, in the authority's time zone; now unless said.
    #[serde(default, deserialize_with = "day_parameter")]
    as_known_on: Option<NaiveDate>,
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// Report aged debt
///
/// By funder: what is not due yet, and what is past due by the bands of the profile. What is disputed is in it, and shown beside it. An
/// invoice in credit takes off its own band.
#[utoipa::path(tag = "joint funding", params(AgedDebtParams), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "The debt", content((AgedDebt = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/health-invoices/aged-debt")]
pub async fn get_aged_debt(app: Data<App>, _: Caller<JointFundingRead>, params: Params<AgedDebtParams>, request: HttpRequest) -> Answer {
    let AgedDebtParams { on, as_known_on, format } = params.0;
    let format = Format::of(&request, format)?;
    let made_at = app.store.clock().now();
    let on = on.unwrap_or_else(|| app.store.clock().today());
    let profile = app.profile.clone();
    let bytes = app.read(move |connection| {
        let debt = AgedDebt::of(connection, &profile, on, as_known_on)?;
        format.write(&debt, made_at, || debt.to_sheet(made_at))
    });
    Ok(format.respond(bytes.await?, &format!("aged-debt-{on}")))
}

//! Drift and delay: every approved package with a step missing, and for how many working days.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use domain::Permission;
use records::commissioning::drift::Drift;
use records::commissioning::drift_list;
use records::commissioning::drift_list::Sees;
use records::period::day_parameter;
use records::text::Id;
use serde::Deserialize;
use utoipa::IntoParams;

/// Counted to which day, of whom, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DriftParams {
    /// Working days are counted to this day; without it, to today. What is approved later is left out; what is missing is what is
    /// missing now.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
    /// Only what this person sees to.
    worker_id: Option<Id>,
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// Read the list of drift and delay
///
/// Every approved package with a step missing, whether or not anybody has recorded anything of it. The longest wait comes first. Where more
/// than 2,000 packages have a step missing, ask for one worker's list at a time.
///
/// Beside them stands every package line that nobody with the authority has confirmed. The list has the first 2,000 of these lines, and a note
/// says that there are more. Whoever may not read packages is shown no lines. Whoever may not read the ledger is told of no payments.
#[utoipa::path(tag = "commissioning", params(DriftParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The list", content((Drift = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/commissionings/drift")]
pub async fn list_drift(app: Data<App>, caller: Caller<RequestsRead>, params: Params<DriftParams>, request: HttpRequest) -> Answer {
    let DriftParams { on, worker_id, format } = params.0;
    let format = Format::of(&request, format)?;
    let (profile, made_at) = (app.profile.clone(), app.store.clock().now());
    let sees = Sees { packages: caller.may(Permission::PackagesRead), ledger: caller.may(Permission::LedgerRead) };
    let drift = app.write(caller.actor(), move |write| drift_list::list(write, &profile, (on, worker_id), sees)).await?;
    let name = format!("drift-{}", drift.on);
    // A long sheet takes a while: nobody who writes waits for it.
    let bytes = app.read(move |_| format.write(&drift, made_at, || drift.sheet(made_at)));
    Ok(format.respond(bytes.await?, &name))
}

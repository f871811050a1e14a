//! The sheets of a panel: agenda, minutes, outcomes and financial projection, as JSON, CSV and workbooks.
//!
//! They are read from the store as it stands, since they are used on the day. Every item read is on the audit trail.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::problem::Problem;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get};
use chrono::{NaiveDate, NaiveDateTime};
use db::{Actor, AnyConnection};
use domain::Profile;
use records::Error;
use records::panel::Panel;
use records::panel_sheets::agenda::Agenda;
use records::panel_sheets::minutes::Minutes;
use records::panel_sheets::outcomes::Outcomes;
use records::panel_sheets::projection::Projection;
use records::panel_sheets::{panels_between, period, read, record_read, words};
use records::period::day_parameter;
use records::text::Id;
use serde::Deserialize;
use utoipa::IntoParams;

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SheetParams {
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// Which panels, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutcomesParams {
    /// Panels from this day.
    #[serde(default, deserialize_with = "day_parameter")]
    #[param(required = true)]
    from: Option<NaiveDate>,
    /// Up to but not including this day, at most 366 days later.
    #[serde(default, deserialize_with = "day_parameter")]
    #[param(required = true)]
    to: Option<NaiveDate>,
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// Read a panel's agenda
///
/// Items by slot with what they ask for, what it costs, and who would have to authorise it. Ages in place of dates of birth.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), SheetParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The agenda", content((Agenda = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/panels/{id}/agenda")]
pub async fn get_panel_agenda(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<SheetParams>,
    request: HttpRequest,
) -> Answer {
    let format = Format::of(&request, params.0.format)?;
    sheet_of(&app, caller.actor(), id.into_inner(), ("agenda", format), move |connection, profile, panel, made_at| {
        let agenda = Agenda::of(connection, profile, panel)?;
        format.write(&agenda, made_at, || agenda.sheet(made_at))
    })
    .await
}

/// Read a panel's minutes
///
/// Who was there, what was decided and why, what is to be done. CSV has the decisions; the workbook a sheet of each, and of the notes.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), SheetParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The minutes", content((Minutes = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/panels/{id}/minutes")]
pub async fn get_panel_minutes(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<SheetParams>,
    request: HttpRequest,
) -> Answer {
    let format = Format::of(&request, params.0.format)?;
    sheet_of(&app, caller.actor(), id.into_inner(), ("minutes", format), move |connection, profile, panel, made_at| {
        let minutes = Minutes::of(connection, profile, panel)?;
        match format {
            Format::Xlsx => Ok(sheets::workbook(&minutes.sheets(made_at)?, made_at)?),
            _ => format.write(&minutes, made_at, || minutes.decisions_sheet(made_at)),
        }
    })
    .await
}

/// Read a panel's outcomes
///
/// One row an item: what was decided, what it costs, with whose authority, what is outstanding.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), SheetParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The outcomes", content((Outcomes = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/panels/{id}/outcomes")]
pub async fn get_outcomes_of_panel(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<SheetParams>,
    request: HttpRequest,
) -> Answer {
    let format = Format::of(&request, params.0.format)?;
    sheet_of(&app, caller.actor(), id.into_inner(), ("outcomes", format), move |connection, profile, panel, made_at| {
        let about = words::named(&panel);
        let outcomes = Outcomes::of(connection, profile, vec![panel])?;
        format.write(&outcomes, made_at, || outcomes.sheet(&about, made_at))
    })
    .await
}

/// Read the outcomes of all panels of a period
///
/// The outcomes spreadsheet: one row an item of every panel from a day to a day, cancelled panels left out.
#[utoipa::path(tag = "panels", params(OutcomesParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The outcomes", content((Outcomes = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/panel-outcomes")]
pub async fn list_panel_outcomes(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<OutcomesParams>,
    request: HttpRequest,
) -> Answer {
    let OutcomesParams { from, to, format } = params.0;
    let format = Format::of(&request, format)?;
    let (from, to) = period(from, to)?;
    let panels = app.read(move |connection| panels_between(connection, from, to)).await?;
    // A write without an event would be refused.
    if !panels.is_empty() {
        let held = panels.clone();
        app.write(caller.actor(), move |write| held.iter().try_for_each(|panel| record_read(write, panel))).await?;
    }
    let (profile, made_at) = (app.profile.clone(), app.store.clock().now());
    let bytes = app.read(move |connection| {
        let outcomes = Outcomes::of(connection, &profile, panels)?;
        let about = format!("Resource panels from {from} up to and not including {to}");
        format.write(&outcomes, made_at, || outcomes.sheet(&about, made_at))
    });
    Ok(format.respond(bytes.await?, &format!("outcomes-{from}-{to}")))
}

/// Read a panel's financial projection
///
/// Each budget line before and after each decision, in the panel's financial year and in a full year, and what is still undecided.
/// The workbook has a sheet of budget lines and one of steps; CSV has both, the word in `row` says which.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), SheetParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The projection", content((Projection = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/panels/{id}/projection")]
pub async fn get_panel_projection(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<SheetParams>,
    request: HttpRequest,
) -> Answer {
    let format = Format::of(&request, params.0.format)?;
    sheet_of(&app, caller.actor(), id.into_inner(), ("projection", format), move |connection, profile, panel, made_at| {
        let projection = Projection::of(connection, profile, panel)?;
        match format {
            Format::Xlsx => Ok(sheets::workbook(&[projection.lines_sheet(made_at)?, projection.steps_sheet(made_at)?], made_at)?),
            _ => format.write(&projection, made_at, || projection.whole_sheet(made_at)),
        }
    })
    .await
}

/// Answers with a sheet of a panel, which `write` reads and writes as it stands at a time (UTC). The reading is on the audit trail
/// first; the sheet itself is then read without holding up anybody who writes.
async fn sheet_of(
    app: &App,
    actor: Actor,
    id: Id,
    (name, format): (&str, Format),
    write: impl FnOnce(&mut AnyConnection, &Profile, Panel, NaiveDateTime) -> Result<Vec<u8>, Error> + Send + 'static,
) -> Answer {
    let panel = app.write(actor, move |write| read(write, &id.0)).await?;
    let (profile, made_at, name) = (app.profile.clone(), app.store.clock().now(), format!("{name}-{}", panel.held_on));
    let bytes = app.read(move |connection| write(connection, &profile, panel, made_at));
    Ok(format.respond(bytes.await?, &name))
}

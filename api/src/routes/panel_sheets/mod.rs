//! The sheets of a panel: agenda, minutes, outcomes and financial projection, as JSON, CSV and workbooks.
//!
//! They are read from the store as it stands, since they are used on the day. Every item read is on the audit trail.

mod agenda;
mod minutes;
mod outcomes;
mod projection;
mod standing;
mod words;

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::decisions::Decision;
use crate::routes::panels::{self, Panel, PanelBooking};
use crate::routes::requests::{self, Request, RequestLine, lines_of};
use crate::text::Id;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get};
use agenda::Agenda;
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{children, decisions, panel_cancellations, panels as panels_table, requests as requests_table};
use db::{Actor, AnyConnection, Write};
use diesel::prelude::*;
use domain::Profile;
use minutes::Minutes;
use outcomes::Outcomes;
use projection::Projection;
use serde::{Deserialize, Serialize};
use standing::Supported;
use std::collections::{HashMap, HashSet};
use utoipa::{IntoParams, ToSchema};

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

/// What an item on an agenda has come to, as far as money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStanding {
    /// Not heard yet.
    Undecided,
    /// Agreed by the panel, and waiting for ratification or for the post that has the authority.
    Waiting,
    /// Agreed, with authority.
    Agreed,
    /// Deferred, declined, signposted, withdrawn, or heard again at the same panel.
    NotAgreed,
}

impl ItemStanding {
    /// The word in JSON and on sheets.
    fn as_str(self) -> &'static str {
        match self {
            ItemStanding::Undecided => "undecided",
            ItemStanding::Waiting => "waiting",
            ItemStanding::Agreed => "agreed",
            ItemStanding::NotAgreed => "not_agreed",
        }
    }
}

/// An item of a panel, and what it came to there.
struct Item {
    booking: PanelBooking,
    request: Request,
    case_reference: String,
    date_of_birth: NaiveDate,
    decision: Option<Decision>,
    standing: ItemStanding,
    /// What was decided on, or is asked for.
    lines: Vec<RequestLine>,
}

impl Item {
    fn services(&self) -> String {
        // Lines of one service need not follow each other.
        let mut said = HashSet::new();
        let services = self.lines.iter().map(|line| line.service.as_str()).filter(|service| said.insert(*service));
        services.collect::<Vec<_>>().join(", ")
    }

    fn lines_in_words(&self) -> String {
        words::lines_in_words(&self.lines)
    }
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
            Format::Xlsx => Ok(reports::workbook(&minutes.sheets(made_at)?, made_at)?),
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
        let read = panels.clone();
        app.write(caller.actor(), move |write| read.iter().try_for_each(|panel| record_read(write, panel))).await?;
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
/// CSV and the workbook's second sheet have the steps, its first the budget lines.
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
            Format::Xlsx => Ok(reports::workbook(&[projection.lines_sheet(made_at)?, projection.steps_sheet(made_at)?], made_at)?),
            _ => format.write(&projection, made_at, || projection.steps_sheet(made_at)),
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
    write: impl FnOnce(&mut AnyConnection, &Profile, Panel, NaiveDateTime) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Answer {
    let read = move |write: &mut Write<'_>| {
        let panel = panels::find(write.connection, &id.0)?;
        record_read(write, &panel)?;
        Ok(panel)
    };
    let panel = app.write(actor, read).await?;
    let (profile, made_at, name) = (app.profile.clone(), app.store.clock().now(), format!("{name}-{}", panel.held_on));
    let bytes = app.read(move |connection| write(connection, &profile, panel, made_at));
    Ok(format.respond(bytes.await?, &name))
}

/// Puts the reading of a panel's items on the audit trail.
fn record_read(write: &mut Write<'_>, panel: &Panel) -> Result<(), Problem> {
    write.record(db::Event::new("read", "panels", &panel.id))?;
    for booking in panels::bookings_of(write.connection, &panel.id)? {
        let request = requests::find(write.connection, &booking.request_id)?;
        requests::record_read(write, &request)?;
    }
    Ok(())
}

fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(NaiveDate, NaiveDate), Problem> {
    let refuse = |pointer: &str, code: &str, detail: &str| {
        Problem::with_errors(Code::InvalidParameter, vec![FieldError::new(pointer, code, detail)])
    };
    let from = from.ok_or_else(|| refuse("?from", "required", "the first day is needed"))?;
    let to = to.ok_or_else(|| refuse("?to", "required", "the first day no longer meant is needed"))?;
    if to <= from || (to - from).num_days() > 366 {
        return Err(refuse("?to", "out_of_range", "after `from`, by at most 366 days"));
    }
    Ok((from, to))
}

fn panels_between(connection: &mut AnyConnection, from: NaiveDate, to: NaiveDate) -> Result<Vec<Panel>, Problem> {
    let cancelled = panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels_table::id));
    Ok(panels_table::table
        .filter(panels_table::held_on.ge(from).and(panels_table::held_on.lt(to)))
        .filter(diesel::dsl::not(diesel::dsl::exists(cancelled)))
        .select(Panel::as_select())
        .order((panels_table::held_on, panels_table::id))
        .load(connection)?)
}

/// A panel's items by slot.
fn items_of(connection: &mut AnyConnection, panel: &Panel) -> Result<Vec<Item>, Problem> {
    let decided: Vec<Decision> = decisions::table
        .filter(decisions::panel_id.eq(&panel.id))
        .select(Decision::as_select())
        .order(decisions::number)
        .load(connection)?;
    let mut of_request: HashMap<String, Vec<Decision>> = HashMap::new();
    for decision in decided {
        of_request.entry(decision.request_id.clone()).or_default().push(decision);
    }
    let bookings = panels::bookings_of(connection, &panel.id)?;
    let supported = Supported::at(connection, panel)?;
    let mut items = Vec::new();
    for booking in bookings.clone() {
        let (request, case_reference, date_of_birth): (Request, String, NaiveDate) = requests_table::table
            .inner_join(children::table)
            .filter(requests_table::id.eq(&booking.request_id))
            .select((Request::as_select(), children::case_reference, children::date_of_birth))
            .first(connection)?;
        // A request heard twice at one panel, after an appeal that was upheld, has a decision of each hearing.
        let is_earlier = |other: &&PanelBooking| other.request_id == booking.request_id && other.hearing < booking.hearing;
        let heard_before = bookings.iter().filter(is_earlier).count();
        let decision = of_request.get(&request.id).and_then(|decisions| decisions.get(heard_before)).cloned();
        // What is heard again at the same panel counts as it is decided then.
        let is_heard_again = bookings.iter().any(|other| other.request_id == booking.request_id && other.hearing > booking.hearing);
        let standing = if is_heard_again { ItemStanding::NotAgreed } else { supported.standing(&request, decision.as_ref()) };
        let revision = decision.as_ref().map_or(request.revision, |decision| decision.revision);
        let lines = lines_of(connection, &request.id, revision)?;
        items.push(Item { booking, request, case_reference, date_of_birth, decision, standing, lines });
    }
    Ok(items)
}

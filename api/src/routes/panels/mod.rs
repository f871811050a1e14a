//! Panels: the days they are held, their slots, and what belongs to them: bookings, members, attendance, interests, notes.

mod attendances;
mod bookings;
mod calendars;
mod cancellations;
mod interests;
mod members;
mod notes;
mod signatures;

pub use attendances::{PanelAttendance, Present, create_panel_attendance, list_panel_attendances, present};
pub use bookings::{
    PanelBooking, agenda_of, bookings_of, create_panel_booking, list_panel_bookings, release_panel_booking, release_withdrawn,
    standing_booking,
};
pub use calendars::create_panel_calendar;
pub use cancellations::{PanelCancellation, cancel_panel, cancellation_of};
pub use interests::{DeclaredInterest, create_interest, create_own_interest, list_interests, reverse_interest, stood_down};
pub use members::{PanelMember, create_panel_member, get_panel_member, list_panel_members};
pub use notes::{PanelNotes, create_panel_notes, latest_notes, list_panel_notes};
pub use signatures::create_panel_signature;

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::requests;
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use attendances::{Attending, attendance_of};
use bookings::free_slots;
use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike, Weekday};
use db::schema::{panel_cancellations, panels};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::panel::Attendance;
use domain::{BankHolidays, Profile, RequestState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panels)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20,
    "papers_due_on": "2024-06-03", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
    "recorded_seq": 640
}))]
pub struct Panel {
    /// The panel's id.
    pub id: String,
    /// The day.
    pub held_on: NaiveDate,
    /// When it starts, `HH:MM`, local time.
    pub starts_at: String,
    /// How many requests can be heard.
    pub slots: i64,
    /// Minutes for each.
    pub slot_minutes: i64,
    /// The last day on which a request can be put on the agenda.
    pub papers_due_on: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Panel {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.id)
    }
}

impl Panel {
    /// When a slot starts, `HH:MM`, local time.
    pub fn slot_starts_at(&self, slot: i64) -> Result<String, Problem> {
        let minute = minute_of_day(&self.starts_at)? + (slot - 1) * self.slot_minutes;
        Ok(format!("{:02}:{:02}", minute / 60, minute % 60))
    }
}

/// A panel in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedPanel {
    /// The panel.
    #[serde(flatten)]
    pub panel: Panel,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
}

/// A slot of a panel that a request has.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedSlot {
    /// The slot, from 1.
    pub slot: i64,
    /// When it starts, `HH:MM`, local time.
    #[schema(example = "09:50")]
    pub starts_at: String,
    /// The booking's id.
    pub booking_id: String,
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// Where it stands now.
    pub state: RequestState,
    /// 1 the first time the request is on an agenda, 2 the next.
    pub hearing: i64,
}

/// How many members an item needs, and how many are there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quorum {
    /// Members needed, by the profile.
    pub needed: u16,
    /// Members there, before anybody stands down for an item.
    pub present: usize,
    /// Where the authority says so.
    pub clause: String,
}

/// A panel with its agenda, who was there and what was noted.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelInFull {
    /// The panel.
    #[serde(flatten)]
    pub panel: Panel,
    /// Its cancellation; null, it stands.
    pub cancellation: Option<PanelCancellation>,
    /// The agenda, by slot.
    pub bookings: Vec<BookedSlot>,
    /// The slots that no request has.
    pub free_slots: Vec<i64>,
    /// Everybody whose attendance is recorded, in its last version: the chair first.
    pub attendance: Vec<Attending>,
    /// The member who chairs; null, nobody is put down.
    pub chair_member_id: Option<String>,
    /// The member who chairs in the chair's place; null, nobody.
    pub deputy_chair_member_id: Option<String>,
    /// Null where the profile has no quorum.
    pub quorum: Option<Quorum>,
    /// The notes that count; null, none.
    pub notes: Option<PanelNotes>,
}

/// A panel to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20 }))]
pub struct NewPanel {
    /// The day: no weekend, no bank holiday.
    pub held_on: NaiveDate,
    /// When it starts, `HH:MM`, local time.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: String,
    /// How many requests can be heard. The last slot ends by midnight.
    #[schema(minimum = 1, maximum = 100)]
    pub slots: i64,
    /// Minutes for each.
    #[schema(minimum = 1, maximum = 480)]
    pub slot_minutes: i64,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPanels {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only those held on this day or later.
    #[serde(default, deserialize_with = "day_parameter")]
    from: Option<NaiveDate>,
    /// Only those held before this day.
    #[serde(default, deserialize_with = "day_parameter")]
    to: Option<NaiveDate>,
}

/// What to list of one panel.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOfPanel {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List panels
///
/// Without their agendas, which are parts of children's records.
#[utoipa::path(tag = "panels", params(ListPanels), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of panels, in the order recorded", body = Page<ListedPanel>)))]
#[get("/panels")]
pub async fn list_panels(app: Data<App>, _: Caller<PanelsRead>, params: Params<ListPanels>) -> Result<Json<Page<ListedPanel>>, Problem> {
    let ListPanels { limit, cursor, from, to } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = panels::table
            .left_join(panel_cancellations::table.on(panel_cancellations::panel_id.eq(panels::id)))
            .select((Panel::as_select(), panel_cancellations::panel_id.nullable()))
            .filter(panels::recorded_seq.ge(after.seq))
            .filter(panels::recorded_seq.gt(after.seq).or(panels::id.gt(after.id)))
            .into_boxed();
        if let Some(from) = from {
            query = query.filter(panels::held_on.ge(from));
        }
        if let Some(to) = to {
            query = query.filter(panels::held_on.lt(to));
        }
        let rows: Vec<(Panel, Option<String>)> = query.order((panels::recorded_seq, panels::id)).limit(limit.and_one()).load(connection)?;
        let rows = rows.into_iter().map(|(panel, cancelled)| ListedPanel { panel, is_cancelled: cancelled.is_some() }).collect();
        Ok(Json(limit.page(rows, |row: &ListedPanel| After::key(row.panel.recorded_seq, &row.panel.id))))
    })
    .await
}

/// Read a panel with its agenda
///
/// The requests by reference and state, without their paperwork. Every request on the agenda counts as read.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "The panel, its agenda, attendance and notes", body = PanelInFull)))]
#[get("/panels/{id}")]
pub async fn get_panel(app: Data<App>, caller: Caller<PanelsRead>, id: Path<Id>) -> Result<Json<PanelInFull>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let panel = find(write.connection, &id.0)?;
        write.record(Event::new("read", "panels", &panel.id))?;
        in_full(write, &profile, panel).map(Json)
    })
    .await
}

/// Record a panel
#[utoipa::path(tag = "panels", request_body = NewPanel, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The panel", body = Panel)))]
#[post("/panels")]
pub async fn create_panel(app: Data<App>, caller: Caller<PanelsWrite>, key: IdempotencyKey, body: Body<NewPanel>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let new = body.value;
        let mut errors = time_mistakes(&new)?;
        errors.extend(day_mistake("/held_on", new.held_on)?);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        if stands_on(write.connection, new.held_on)? {
            return Err(Problem::new(Code::StateConflict, format!("There is a panel on {} already.", new.held_on)));
        }
        insert(write, &profile, &new)
    })
    .await
}

/// The panel with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Panel, Problem> {
    let panel = panels::table.find(id).select(Panel::as_select()).first(connection).optional()?;
    panel.ok_or_else(|| Problem::not_found("panel"))
}

/// The panel with that id, unless it was cancelled.
pub fn find_standing(connection: &mut AnyConnection, id: &str) -> Result<Panel, Problem> {
    let panel = find(connection, id)?;
    refuse_cancelled(connection, &panel)?;
    Ok(panel)
}

fn refuse_cancelled(connection: &mut AnyConnection, panel: &Panel) -> Result<(), Problem> {
    match cancellation_of(connection, &panel.id)? {
        None => Ok(()),
        Some(_) => Err(Problem::new(Code::StateConflict, format!("The panel of {} was cancelled.", panel.held_on))),
    }
}

/// Whether a panel that is not cancelled is held on a day.
fn stands_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<bool, Problem> {
    let cancelled = panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id));
    let standing = panels::table.filter(panels::held_on.eq(day)).filter(not(exists(cancelled)));
    Ok(diesel::select(exists(standing)).get_result(connection)?)
}

fn insert(write: &mut Write<'_>, profile: &Profile, new: &NewPanel) -> Result<Panel, Problem> {
    let days = profile.panel.papers_days_before.as_ref().map_or(0, |days| u64::from(days.value));
    let panel = Panel {
        id: new_id(),
        held_on: new.held_on,
        starts_at: new.starts_at.clone(),
        slots: new.slots,
        slot_minutes: new.slot_minutes,
        papers_due_on: new.held_on - Days::new(days),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panels::table).values(&panel).execute(write.connection)?;
    write.record(Event::new("record", "panels", &panel.id))?;
    Ok(panel)
}

fn in_full(write: &mut Write<'_>, profile: &Profile, panel: Panel) -> Result<PanelInFull, Problem> {
    let mut bookings = Vec::new();
    for (booking, request) in agenda_of(write.connection, &panel.id)? {
        requests::record_read(write, &request)?;
        bookings.push(BookedSlot {
            slot: booking.slot,
            starts_at: panel.slot_starts_at(booking.slot)?,
            booking_id: booking.id,
            request_id: request.id,
            reference: request.reference,
            state: request.state,
            hearing: booking.hearing,
        });
    }
    let taken: Vec<i64> = bookings.iter().map(|booking| booking.slot).collect();
    let attendance = attendance_of(write.connection, &panel.id)?;
    let who = |part| attendance.iter().find(|member| member.attendance == part).map(|member| member.member_id.clone());
    let present = attendance.iter().filter(|member| member.attendance != Attendance::Absent).count();
    let quorum = profile.panel.quorum_members.as_ref();
    Ok(PanelInFull {
        cancellation: cancellation_of(write.connection, &panel.id)?,
        free_slots: free_slots(&panel, &taken),
        chair_member_id: who(Attendance::Chair),
        deputy_chair_member_id: who(Attendance::DeputyChair),
        quorum: quorum.map(|quorum| Quorum { needed: quorum.value, present, clause: quorum.clause.clone() }),
        notes: latest_notes(write.connection, &panel.id)?,
        attendance,
        bookings,
        panel,
    })
}

fn minute_of_day(text: &str) -> Result<i64, Problem> {
    let time = NaiveTime::parse_from_str(text, "%H:%M").map_err(Problem::internal)?;
    Ok(i64::from(time.hour() * 60 + time.minute()))
}

fn time_mistakes(new: &NewPanel) -> Result<Vec<FieldError>, Problem> {
    let ends = minute_of_day(&new.starts_at)? + new.slots * new.slot_minutes;
    if ends <= 24 * 60 {
        return Ok(Vec::new());
    }
    let detail = "the last slot would end after midnight: start earlier, or make fewer or shorter slots";
    Ok(vec![FieldError::new("/slots", "too_long", detail)])
}

/// Why no panel can be held on a day: a weekend, a bank holiday, or a day of a year whose bank holidays are not known.
fn day_mistake(pointer: &str, day: NaiveDate) -> Result<Option<FieldError>, Problem> {
    Ok(match BankHolidays::bundled().map_err(Problem::internal)?.name(day) {
        Err(unknown) => Some(FieldError::new(pointer, "out_of_range", unknown.to_string())),
        Ok(Some(name)) => Some(FieldError::new(pointer, "bank_holiday", format!("{day} is a bank holiday: {name}"))),
        Ok(None) if is_weekend(day) => Some(FieldError::new(pointer, "weekend", format!("{day} is a {}", day.format("%A")))),
        Ok(None) => None,
    })
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

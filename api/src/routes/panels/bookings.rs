//! Bookings: a request's slot on a panel's agenda.
//!
//! A booking stands until it is released. One that was decided on is never released, so that a panel's agenda stays what it was.

use super::{ListOfPanel, Panel, find, refuse_cancelled};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PanelsWrite, RequestsRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::decisions::standing_deferral;
use crate::routes::requests::{self, Request, lines_of, missing_for_agenda, refuse_missing, revision_of};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{panel_booking_releases, panel_bookings, requests as requests_table};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::{Profile, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A request's slot on a panel's agenda.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_bookings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a52", "panel_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "slot": 2,
    "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "hearing": 1, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 655
}))]
pub struct PanelBooking {
    /// The booking's id.
    pub id: String,
    /// The panel.
    pub panel_id: String,
    /// The slot, from 1.
    pub slot: i64,
    /// The request.
    pub request_id: String,
    /// 1 the first time the request is on an agenda, 2 the next.
    pub hearing: i64,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelBooking {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// The release of a booking: the slot is free again.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_booking_releases)]
pub struct PanelBookingRelease {
    /// The booking.
    pub booking_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A booking that no longer stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasedBooking {
    /// The booking.
    #[serde(flatten)]
    pub booking: PanelBooking,
    /// Its release.
    pub release: PanelBookingRelease,
}

impl Located for ReleasedBooking {
    fn location(&self) -> String {
        self.booking.location()
    }
}

/// A booking, whether it stands or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingWithRelease {
    /// The booking.
    #[serde(flatten)]
    pub booking: PanelBooking,
    /// Its release; null, it stands.
    pub release: Option<PanelBookingRelease>,
}

/// A booking to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "slot": 2 }))]
pub struct NewPanelBooking {
    /// A request that is submitted or deferred, with nothing missing on the panel's day.
    pub request_id: Id,
    /// The slot; none, the first that is free.
    #[schema(minimum = 1, maximum = 100)]
    pub slot: Option<i64>,
}

/// Why a booking is released.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The worker cannot present it on that day" }))]
pub struct NewPanelBookingRelease {
    /// In words, without names.
    pub reason: Text<500>,
}

/// List a panel's bookings
///
/// Those that were released too. Every request on the page counts as read.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of bookings, in the order recorded", body = Page<BookingWithRelease>)))]
#[get("/panels/{id}/bookings")]
pub async fn list_panel_bookings(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<BookingWithRelease>>, Problem> {
    let ListOfPanel { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let panel = find(write.connection, &id.0)?;
        write.record(Event::new("read", "panels", &panel.id))?;
        let rows: Vec<(PanelBooking, Option<PanelBookingRelease>)> = panel_bookings::table
            .left_join(panel_booking_releases::table)
            .select((PanelBooking::as_select(), Option::<PanelBookingRelease>::as_select()))
            .filter(panel_bookings::panel_id.eq(panel.id))
            .filter(panel_bookings::recorded_seq.ge(after.seq))
            .filter(panel_bookings::recorded_seq.gt(after.seq).or(panel_bookings::id.gt(after.id)))
            .order((panel_bookings::recorded_seq, panel_bookings::id))
            .limit(limit.and_one())
            .load(write.connection)?;
        let rows = rows.into_iter().map(|(booking, release)| BookingWithRelease { booking, release }).collect();
        let page = limit.page(rows, |row: &BookingWithRelease| After::key(row.booking.recorded_seq, &row.booking.id));
        for row in &page.items {
            let request = requests::find(write.connection, &row.booking.request_id)?;
            requests::record_read(write, &request)?;
        }
        Ok(Json(page))
    })
    .await
}

/// Book a request
///
/// Puts a request on a panel's agenda. What it still lacks on the panel's day is told all at once. Booked at once by two callers,
/// it is booked for one of them; the other is told who it was, and for which slot.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelBooking,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The booking", body = PanelBooking)))]
#[post("/panels/{id}/bookings")]
pub async fn create_panel_booking(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelBooking>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| book(write, &profile, &id.0, &body.value)).await
}

/// Release a booking
///
/// Takes a request off an agenda; it is submitted again and can be booked elsewhere. Not once it was decided.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The booking's id")), request_body = NewPanelBookingRelease,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The booking and its release", body = ReleasedBooking)))]
#[post("/panel-bookings/{id}/release")]
pub async fn release_panel_booking(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelBookingRelease>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| release(write, &id.0, body.value.reason.0)).await
}

/// The booking of a request's last hearing, unless it was released: also of one that has been decided at it.
pub fn standing_booking(connection: &mut AnyConnection, request: &Request) -> Result<Option<PanelBooking>, Problem> {
    let of_hearing = panel_bookings::request_id.eq(&request.id).and(panel_bookings::hearing.eq(request.hearing));
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    let standing = panel_bookings::table.filter(of_hearing).filter(not(exists(released)));
    Ok(standing.select(PanelBooking::as_select()).first(connection).optional()?)
}

/// A panel's bookings that stand, by slot.
pub fn bookings_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<PanelBooking>, Problem> {
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    let standing = panel_bookings::table.filter(panel_bookings::panel_id.eq(panel_id)).filter(not(exists(released)));
    Ok(standing.select(PanelBooking::as_select()).order(panel_bookings::slot).load(connection)?)
}

/// A panel's bookings that stand, with their requests, by slot.
pub fn agenda_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<(PanelBooking, Request)>, Problem> {
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    Ok(panel_bookings::table
        .inner_join(requests_table::table)
        .filter(panel_bookings::panel_id.eq(panel_id))
        .filter(not(exists(released)))
        .select((PanelBooking::as_select(), Request::as_select()))
        .order(panel_bookings::slot)
        .load(connection)?)
}

/// Frees the slot of a request that is withdrawn before it was decided.
pub fn release_withdrawn(write: &mut Write<'_>, request: &Request) -> Result<(), Problem> {
    if request.state != RequestState::Booked {
        return Ok(());
    }
    if let Some(booking) = standing_booking(write.connection, request)? {
        record_release(write, &booking, "The request was withdrawn")?;
    }
    Ok(())
}

/// The slots of a panel that are not taken.
pub(super) fn free_slots(panel: &Panel, taken: &[i64]) -> Vec<i64> {
    (1..=panel.slots).filter(|slot| !taken.contains(slot)).collect()
}

/// Adds the release of a booking. What becomes of its request is the caller's to say.
pub(super) fn record_release(write: &mut Write<'_>, booking: &PanelBooking, reason: &str) -> Result<PanelBookingRelease, Problem> {
    let release = PanelBookingRelease {
        booking_id: booking.id.clone(),
        reason: reason.to_owned(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_booking_releases::table).values(&release).execute(write.connection)?;
    write.record(Event::new("release", "panel_bookings", &booking.id))?;
    Ok(release)
}

fn book(write: &mut Write<'_>, profile: &Profile, panel_id: &str, new: &NewPanelBooking) -> Result<PanelBooking, Problem> {
    let panel = find(write.connection, panel_id)?;
    let request = requests::find(write.connection, &new.request_id.0).map_err(|problem| match problem.code() {
        Code::NotFound => Problem::invalid(vec![FieldError::new("/request_id", "unknown_reference", "no request has this id")]),
        _ => problem,
    })?;
    requests::require(write.connection, &request, RequestAction::Book)?;
    refuse_cancelled(write.connection, &panel)?;
    refuse_late(profile, &panel, write.at.date())?;
    refuse_before_deferral(write.connection, &panel, &request)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let lines = lines_of(write.connection, &request.id, request.revision)?;
    refuse_missing(missing_for_agenda(write.connection, profile, &paperwork, &lines, panel.held_on)?)?;
    let booking = PanelBooking {
        id: new_id(),
        slot: slot_for(write.connection, &panel, new.slot)?,
        panel_id: panel.id,
        request_id: request.id.clone(),
        hearing: request.hearing + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_bookings::table).values(&booking).execute(write.connection)?;
    let detail = json!({ "panel_id": booking.panel_id, "slot": booking.slot });
    write.record(Event::new("record", "panel_bookings", &booking.id).with(detail))?;
    let next = Request { state: RequestState::Booked, hearing: booking.hearing, ..request.clone() };
    requests::transition(write, &request, RequestAction::Book, next, None)?;
    Ok(booking)
}

fn release(write: &mut Write<'_>, booking_id: &str, reason: String) -> Result<ReleasedBooking, Problem> {
    let booking = panel_bookings::table.find(booking_id).select(PanelBooking::as_select()).first(write.connection).optional()?;
    let booking = booking.ok_or_else(|| Problem::not_found("booking"))?;
    let released = panel_booking_releases::table.find(&booking.id);
    if diesel::select(exists(released)).get_result(write.connection)? {
        return Err(Problem::new(Code::StateConflict, "The booking was released before."));
    }
    let request = requests::find(write.connection, &booking.request_id)?;
    requests::require(write.connection, &request, RequestAction::Release)?;
    if booking.hearing != request.hearing {
        let detail = "The request was decided on this agenda, and is on a later one: release that booking.";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let release = record_release(write, &booking, &reason)?;
    let next = Request { state: RequestState::Submitted, ..request.clone() };
    requests::transition(write, &request, RequestAction::Release, next, Some(reason))?;
    Ok(ReleasedBooking { booking, release })
}

/// Refuses an agenda that is closed: the panel was held, or the day by which papers are due is over.
fn refuse_late(profile: &Profile, panel: &Panel, today: NaiveDate) -> Result<(), Problem> {
    let held_on = panel.held_on;
    if today > held_on {
        return Err(Problem::new(Code::StateConflict, format!("The panel was held on {held_on}.")));
    }
    if today > panel.papers_due_on {
        let clause = profile.panel.papers_days_before.as_ref().map(|days| format!(" ({})", days.clause)).unwrap_or_default();
        let detail = format!("Papers for the panel of {held_on} were due on {}{clause}; book a later panel.", panel.papers_due_on);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    Ok(())
}

/// Refuses a panel before the day until which the last decision deferred the request, however it was written anew since.
fn refuse_before_deferral(connection: &mut AnyConnection, panel: &Panel, request: &Request) -> Result<(), Problem> {
    match standing_deferral(connection, request)? {
        Some(until) if panel.held_on < until => {
            let detail = format!("The request was deferred until {until}; the panel is held on {}, before that.", panel.held_on);
            Err(Problem::new(Code::StateConflict, detail))
        }
        _ => Ok(()),
    }
}

/// The slot asked for, or the first that is free.
fn slot_for(connection: &mut AnyConnection, panel: &Panel, wanted: Option<i64>) -> Result<i64, Problem> {
    let taken: Vec<i64> = bookings_of(connection, &panel.id)?.into_iter().map(|booking| booking.slot).collect();
    let free = free_slots(panel, &taken);
    let Some(first) = free.first() else {
        return Err(Problem::new(Code::StateConflict, format!("All {} slots of the panel of {} are taken.", panel.slots, panel.held_on)));
    };
    let slot = wanted.unwrap_or(*first);
    if free.contains(&slot) {
        return Ok(slot);
    }
    let free: Vec<_> = free.iter().map(i64::to_string).collect();
    let fault = if slot > panel.slots { format!("There are only {} slots", panel.slots) } else { format!("Slot {slot} is taken") };
    Err(Problem::new(Code::StateConflict, format!("{fault}; free are {}.", free.join(", "))))
}

//! Booking requests on a panel's agenda, and taking them off it.

use crate::authority::explain;
use crate::decisions::standing_deferral;
use crate::error::Error;
use crate::page::{After, Page};
use crate::panel::booking::bookings_of;
pub use crate::panel::booking::{BookingTakenOff, BookingWithRelease, PanelBooking, TakingOff};
use crate::panel::day::{ListOfPanel, find, refuse_cancelled};
use crate::requests;
use crate::requests::bookings_taken_off::take_off_agenda;
use crate::requests::{Request, lines_of, missing_for_agenda, refuse_missing, revision_of};
use crate::text::{Id, Text};
use db::schema::{panel_booking_releases, panel_bookings};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::slots::{OpenUntil, refuse_before_deferral, refuse_late, slot_for};
use domain::{Code, FieldError, Profile, Refusal, RequestAction, RequestState};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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
#[schema(as = NewPanelBookingRelease, example = json!({ "reason": "The worker cannot present it on that day" }))]
pub struct NewTakingOff {
    /// In words, without names.
    pub reason: Text<500>,
}

/// Puts a request on a panel's agenda.
pub fn book(write: &mut Write<'_>, profile: &Profile, panel_id: &str, new: &NewPanelBooking) -> Result<PanelBooking, Error> {
    let panel = find(write.connection, panel_id)?;
    let request = requests::find(write.connection, &new.request_id.0).map_err(|error| match error {
        Error::Refused(Refusal { code: Code::NotFound, .. }) => {
            Error::invalid(vec![FieldError::new("/request_id", "unknown_reference", "no request has this id")])
        }
        other => other,
    })?;
    requests::require(write.connection, &request, RequestAction::Book)?;
    refuse_cancelled(write.connection, &panel)?;
    let papers_days_before = profile.panel.papers_days_before.as_ref();
    refuse_late(OpenUntil { held_on: panel.held_on, papers_due_on: panel.papers_due_on, papers_days_before }, write.today())?;
    refuse_before_deferral(panel.held_on, standing_deferral(write.connection, &request)?)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let lines = lines_of(write.connection, &request.id, request.revision)?;
    let mut missing = missing_for_agenda(write.connection, profile, &paperwork, &lines, panel.held_on)?;
    if profile.delegation.increases.is_some() {
        missing.extend(explain(write.connection, profile, &request, &lines, panel.held_on)?.lacks);
    }
    refuse_missing(missing)?;
    let taken: Vec<i64> = bookings_of(write.connection, &panel.id)?.into_iter().map(|booking| booking.slot).collect();
    let booking = PanelBooking {
        id: new_id(),
        slot: slot_for(panel.held_on, panel.slots, &taken, new.slot)?,
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

/// Takes a booking off its agenda: its request is submitted again, and can be booked elsewhere.
pub fn take_off(write: &mut Write<'_>, booking_id: &str, reason: String) -> Result<BookingTakenOff, Error> {
    let booking = panel_bookings::table.find(booking_id).select(PanelBooking::as_select()).first(write.connection).optional()?;
    let booking = booking.ok_or_else(|| Error::not_found("booking"))?;
    let released = panel_booking_releases::table.find(&booking.id);
    if diesel::select(exists(released)).get_result(write.connection)? {
        return Err(Error::refused(Code::StateConflict, "The request is already off this agenda."));
    }
    let request = requests::find(write.connection, &booking.request_id)?;
    requests::require(write.connection, &request, RequestAction::Release)?;
    if booking.hearing != request.hearing {
        let detail = "The request was decided on this agenda and is on a later one. Take it off the later one instead.";
        return Err(Error::refused(Code::StateConflict, detail));
    }
    let release = take_off_agenda(write, &booking, &reason)?;
    let next = Request { state: RequestState::Submitted, ..request.clone() };
    requests::transition(write, &request, RequestAction::Release, next, Some(reason))?;
    Ok(BookingTakenOff { booking, release })
}

/// Lists a panel's bookings, those that were taken off too. Every request on the page counts as read.
pub fn list(write: &mut Write<'_>, id: &str, wanted: ListOfPanel) -> Result<Page<BookingWithRelease>, Error> {
    let ListOfPanel { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let panel = find(write.connection, id)?;
    write.record(Event::new("read", "panels", &panel.id))?;
    let rows: Vec<(PanelBooking, Option<TakingOff>)> = panel_bookings::table
        .left_join(panel_booking_releases::table)
        .select((PanelBooking::as_select(), Option::<TakingOff>::as_select()))
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
    Ok(page)
}

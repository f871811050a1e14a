//! Bookings: a request's slot on a panel's agenda.
//!
//! A booking stands until it is taken off. One that was decided on never is, so that a panel's agenda stays what it was.

use crate::error::Error;
use crate::instant::Instant;
use crate::requests::Request;
use db::AnyConnection;
use db::schema::{panel_booking_releases, panel_bookings, requests as requests_table};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;
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

/// The release of a booking: the slot is free again.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_booking_releases)]
#[schema(as = PanelBookingRelease)]
pub struct TakingOff {
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
#[schema(as = ReleasedBooking)]
pub struct BookingTakenOff {
    /// The booking.
    #[serde(flatten)]
    pub booking: PanelBooking,
    /// Its release.
    pub release: TakingOff,
}

/// A booking, whether it stands or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingWithRelease {
    /// The booking.
    #[serde(flatten)]
    pub booking: PanelBooking,
    /// Its release; null, it stands.
    pub release: Option<TakingOff>,
}

/// The booking of a request's last hearing, unless it was released: also of one that has been decided at it.
pub fn standing_booking(connection: &mut AnyConnection, request: &Request) -> Result<Option<PanelBooking>, Error> {
    let of_hearing = panel_bookings::request_id.eq(&request.id).and(panel_bookings::hearing.eq(request.hearing));
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    let standing = panel_bookings::table.filter(of_hearing).filter(not(exists(released)));
    Ok(standing.select(PanelBooking::as_select()).first(connection).optional()?)
}

/// A panel's bookings that stand, by slot.
pub fn bookings_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<PanelBooking>, Error> {
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    let standing = panel_bookings::table.filter(panel_bookings::panel_id.eq(panel_id)).filter(not(exists(released)));
    Ok(standing.select(PanelBooking::as_select()).order(panel_bookings::slot).load(connection)?)
}

/// A panel's bookings that stand, with their requests, by slot.
pub fn agenda_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<(PanelBooking, Request)>, Error> {
    let released = panel_booking_releases::table.filter(panel_booking_releases::booking_id.eq(panel_bookings::id));
    Ok(panel_bookings::table
        .inner_join(requests_table::table)
        .filter(panel_bookings::panel_id.eq(panel_id))
        .filter(not(exists(released)))
        .select((PanelBooking::as_select(), Request::as_select()))
        .order(panel_bookings::slot)
        .load(connection)?)
}

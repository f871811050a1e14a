//! Taking requests off a panel's agenda: their slots are free again.

use crate::error::Error;
use crate::panel::booking::{PanelBooking, TakingOff, standing_booking};
use crate::requests::Request;
use db::schema::panel_booking_releases;
use db::{Event, Write};
use diesel::prelude::*;
use domain::RequestState;

/// Takes a booking off its agenda. What becomes of its request is the caller's to say.
pub fn take_off_agenda(write: &mut Write<'_>, booking: &PanelBooking, reason: &str) -> Result<TakingOff, Error> {
    let taken_off = TakingOff {
        booking_id: booking.id.clone(),
        reason: reason.to_owned(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_booking_releases::table).values(&taken_off).execute(write.connection)?;
    write.record(Event::new("release", "panel_bookings", &booking.id))?;
    Ok(taken_off)
}

/// Frees the slot of a request that is withdrawn before it was decided.
pub fn take_off_withdrawn(write: &mut Write<'_>, request: &Request) -> Result<(), Error> {
    if request.state != RequestState::Booked {
        return Ok(());
    }
    if let Some(booking) = standing_booking(write.connection, request)? {
        take_off_agenda(write, &booking, "The request was withdrawn")?;
    }
    Ok(())
}

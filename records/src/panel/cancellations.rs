//! Cancelling a panel that does not take place: its requests go back to wait for another.

use crate::error::Error;
use crate::panel::booking::bookings_of;
pub use crate::panel::cancellation::PanelCancellation;
use crate::panel::day::find_standing;
use crate::requests;
use crate::requests::Request;
use crate::requests::bookings_taken_off::take_off_agenda;
use crate::text::Text;
use db::schema::{decisions, panel_cancellations};
use db::{Event, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{Code, RequestAction, RequestState};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why a panel is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The chair is ill and nobody can stand in" }))]
pub struct NewPanelCancellation {
    /// In words, without names. It is the reason of every release too.
    pub reason: Text<500>,
}

/// Cancels a panel at which nothing was decided. Each of its requests is submitted again.
pub fn cancel(write: &mut Write<'_>, panel_id: &str, reason: &str) -> Result<PanelCancellation, Error> {
    let panel = find_standing(write.connection, panel_id)?;
    let decided: bool = diesel::select(exists(decisions::table.filter(decisions::panel_id.eq(&panel.id)))).get_result(write.connection)?;
    if decided {
        let detail = format!("The panel of {} has decided a request: it took place.", panel.held_on);
        return Err(Error::refused(Code::StateConflict, detail));
    }
    let cancellation = PanelCancellation {
        panel_id: panel.id.clone(),
        reason: reason.to_owned(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_cancellations::table).values(&cancellation).execute(write.connection)?;
    write.record(Event::new("cancel", "panels", &panel.id))?;
    for booking in bookings_of(write.connection, &panel.id)? {
        let request = requests::find(write.connection, &booking.request_id)?;
        take_off_agenda(write, &booking, reason)?;
        let next = Request { state: RequestState::Submitted, ..request.clone() };
        requests::transition(write, &request, RequestAction::Release, next, Some(reason.to_owned()))?;
    }
    Ok(cancellation)
}

//! What becomes of a stay: what was stayed, that it was cancelled, that it was recorded by mistake.

use crate::error::Error;
use crate::nights::keeping::{Said, add, keep};
use crate::nights::recorded_stay::RecordedStay;
use crate::nights::stay::{Stay, last_version};
use crate::nights::support_days::day_mistakes;
use crate::reversal::NewReversal;
use crate::text::Text;
use chrono::NaiveDate;
use db::{Event, Write, new_id};
use domain::nights::{SaidStayed, StayState};
use domain::{Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// What was stayed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "first_night": "2024-06-07", "last_night": "2024-06-08", "reason": "Went home a day early" }))]
pub struct ActualNights {
    /// The first night that was stayed; with no last night either, none was.
    pub first_night: Option<NaiveDate>,
    /// The last night that was stayed, not in the future.
    pub last_night: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
    /// Where it passes a limit that nobody has acknowledged: why it took place without.
    pub unacknowledged_reason: Option<Text<500>>,
}

/// Why a booking does not come about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The setting is closed" }))]
pub struct CancelledStay {
    /// In words.
    pub reason: Text<500>,
}

/// Records what was stayed of a stay: other nights, or none.
pub fn record_stayed(write: &mut Write<'_>, profile: &Profile, id: &str, new: ActualNights) -> Result<RecordedStay, Error> {
    let latest = last_version(write.connection, id)?;
    latest.state.refuse_not_counted()?;
    let has_unacknowledged_reason = new.unacknowledged_reason.is_some();
    let said = SaidStayed { first_night: new.first_night, last_night: new.last_night, has_unacknowledged_reason };
    let reason = new.reason.0;
    let Some((first_night, last_night)) = said.nights(latest.first_night, write.today())? else {
        return add_version(write, Stay { state: StayState::Cancelled, reason, ..latest }, "confirm");
    };
    let unacknowledged_reason = latest.unacknowledged_reason.clone();
    let stayed = Stay { first_night, last_night, state: StayState::Stayed, reason, unacknowledged_reason, ..next(write, latest) };
    Refusal::unless_valid(day_mistakes(write.connection, profile, &stayed)?)?;
    let unacknowledged_reason = new.unacknowledged_reason.map(|text| text.0);
    keep(write, profile, stayed, Said { unacknowledged_reason, ..Said::default() }, "confirm")
}

/// A version whose nights do not count: nothing stands in its way.
fn add_version(write: &mut Write<'_>, version: Stay, action: &'static str) -> Result<RecordedStay, Error> {
    let stay = next(write, version);
    add(write, &stay)?;
    write.record(Event::new(action, "night_bookings", &stay.stay_id))?;
    Ok(RecordedStay::of(stay, Vec::new()))
}

fn next(write: &Write<'_>, version: Stay) -> Stay {
    Stay {
        id: new_id(),
        version: version.version + 1,
        unacknowledged_reason: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    }
}

/// Cancels a booked stay.
pub fn cancel_stay(write: &mut Write<'_>, id: &str, new: CancelledStay) -> Result<RecordedStay, Error> {
    let latest = last_version(write.connection, id)?;
    latest.state.refuse_to_cancel()?;
    add_version(write, Stay { state: StayState::Cancelled, reason: new.reason.0, ..latest }, "cancel")
}

/// Reverses a stay that was recorded by mistake.
pub fn reverse_stay(write: &mut Write<'_>, id: &str, new: NewReversal) -> Result<RecordedStay, Error> {
    let latest = last_version(write.connection, id)?;
    latest.state.refuse_reversed()?;
    add_version(write, Stay { state: StayState::Reversed, reason: new.reason.0, ..latest }, "reverse")
}

//! Recording a stay: a booking, or what was stayed.

use crate::error::Error;
use crate::nights::keeping::{Said, keep};
use crate::nights::recorded_stay::RecordedStay;
use crate::nights::stay::Stay;
use crate::nights::support_days::day_mistakes;
use crate::packages::unconfirmed::line_mistake;
use crate::text::{Id, Text};
use chrono::{Days, NaiveDate};
use db::schema::{children, package_lines, packages, providers};
use db::{AnyConnection, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::nights::{NightLimitKind, StayState, booking_mistake, night_mistakes, stayed_mistakes};
use domain::packages::unconfirmed::Door;
use domain::{FieldError, LineState, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// As what a stay is recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StayRecordedAs)]
pub enum RecordedAs {
    /// To come about, or past and to be confirmed.
    #[default]
    Booked,
    /// It came about: a fact, whether or not it was booked.
    Stayed,
}

/// A stay to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "first_night": "2024-06-07", "last_night": "2024-06-09", "reason": "June weekend"
}))]
pub struct NewStay {
    /// The child.
    pub child_id: Id,
    /// The setting.
    pub provider_id: Id,
    /// The package line that pays for it: one of the child's.
    pub line_id: Option<Id>,
    /// The first night away.
    pub first_night: NaiveDate,
    /// The last night away: at most 366 nights in all.
    pub last_night: NaiveDate,
    /// Booked, unless it is said to have been stayed; then its nights are not in the future.
    #[serde(default)]
    pub state: RecordedAs,
    /// In words.
    pub reason: Text<500>,
    /// Limits that the booking is known to pass: it is recorded, and waits for somebody else's acknowledgement of them.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub waits_for: Vec<NightLimitKind>,
    /// Of what was stayed and passes a limit: why it took place without the acknowledgement.
    pub unacknowledged_reason: Option<Text<500>>,
}

/// Records a stay.
pub fn record_stay(write: &mut Write<'_>, profile: &Profile, new: NewStay) -> Result<RecordedStay, Error> {
    let state = match new.state {
        RecordedAs::Booked => StayState::Booked,
        RecordedAs::Stayed => StayState::Stayed,
    };
    let id = new_id();
    let stay = Stay {
        stay_id: id.clone(),
        id,
        version: 1,
        child_id: new.child_id.0,
        provider_id: new.provider_id.0,
        line_id: new.line_id.map(|id| id.0),
        first_night: new.first_night,
        last_night: new.last_night,
        state,
        reason: new.reason.0,
        unacknowledged_reason: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let mut errors = if stay.state == StayState::Stayed {
        stayed_mistakes(stay.first_night, stay.last_night, write.today())
    } else {
        night_mistakes(stay.first_night, stay.last_night)
    };
    errors.extend(unknown_references(write.connection, &stay)?);
    errors.extend(day_mistakes(write.connection, profile, &stay)?);
    errors.extend(booking_mistake(stay.state, new.unacknowledged_reason.is_some()));
    Refusal::unless_valid(errors)?;
    let unacknowledged_reason = new.unacknowledged_reason.map(|text| text.0);
    keep(write, profile, stay, Said { waits_for: new.waits_for, unacknowledged_reason }, "record")
}

/// What the stay names and is not on record.
fn unknown_references(connection: &mut AnyConnection, stay: &Stay) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    let child_exists: bool = diesel::select(exists(children::table.find(&stay.child_id))).get_result(connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    let provider_exists: bool = diesel::select(exists(providers::table.find(&stay.provider_id))).get_result(connection)?;
    if !provider_exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    if let Some(line) = &stay.line_id {
        let nights = (stay.first_night, stay.last_night.checked_add_days(Days::new(1)).unwrap_or(stay.last_night));
        let states: Vec<LineState> = package_lines::table
            .inner_join(packages::table)
            .filter(package_lines::line_id.eq(line).and(packages::child_id.eq(&stay.child_id)))
            .order(package_lines::version)
            .select(package_lines::state)
            .load(connection)?;
        if states.last().is_none_or(|last| *last == LineState::Reversed) {
            errors.push(FieldError::new("/line_id", "unknown_reference", "the child has no package line with this id"));
        } else if stay.state == StayState::Booked {
            errors.extend(line_mistake(connection, Door::Booking, ("/line_id", line), Some(nights))?);
        }
    }
    Ok(errors)
}

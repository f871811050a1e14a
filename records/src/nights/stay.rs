//! A stay in its versions. The last one counts.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::night_bookings;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::nights::{NightsAt, NightsAway, StayState};
use domain::profile::NightsPolicy;
use serde::Serialize;
use utoipa::ToSchema;

/// A stay, in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_bookings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "stay_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "version": 1,
    "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": null,
    "first_night": "2024-06-07", "last_night": "2024-06-09", "state": "booked", "reason": "June weekend",
    "unacknowledged_reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Stay {
    /// This version's id.
    pub id: String,
    /// The stay's id, the same in every version.
    pub stay_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The child.
    pub child_id: String,
    /// The setting.
    pub provider_id: String,
    /// The package line that pays for it, where that is known.
    pub line_id: Option<String>,
    /// The first night away.
    pub first_night: NaiveDate,
    /// The last night away; the child goes home on the day after it.
    pub last_night: NaiveDate,
    /// How far it has come.
    pub state: StayState,
    /// In words.
    pub reason: String,
    /// Of what was stayed and passes a limit: why it took place without the acknowledgement. It stays when that is given later.
    pub unacknowledged_reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Stay {
    /// Its nights, as they are counted.
    pub fn nights(&self) -> NightsAt {
        NightsAt { setting: self.provider_id.clone(), first_night: self.first_night, last_night: self.last_night }
    }
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(pub(crate) const LATER: Alias<Later> = night_bookings as later);

/// A child's stays whose nights count, by their first night.
pub fn standing_stays(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<Stay>, Error> {
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::child_id.eq(child_id))
        .filter(night_bookings::state.eq_any([StayState::Booked, StayState::Stayed]))
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .order((night_bookings::first_night, night_bookings::id))
        .load(connection)?)
}

/// A stay's versions, the oldest first; none, it is not on record.
pub fn versions_of(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<Stay>, Error> {
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::stay_id.eq(stay_id))
        .order(night_bookings::version)
        .load(connection)?)
}

/// A stay's versions, the oldest first.
pub fn history(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<Stay>, Error> {
    let versions = versions_of(connection, stay_id)?;
    if versions.is_empty() { Err(Error::not_found("stay")) } else { Ok(versions) }
}

/// The stay's last version.
pub fn last_version(connection: &mut AnyConnection, stay_id: &str) -> Result<Stay, Error> {
    history(connection, stay_id)?.pop().ok_or_else(|| Error::not_found("stay"))
}

/// Stays of any child that count and whose last night is on a day or later.
pub fn stays_since(connection: &mut AnyConnection, day: NaiveDate) -> Result<Vec<Stay>, Error> {
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::last_night.ge(day))
        .filter(night_bookings::state.eq_any([StayState::Booked, StayState::Stayed]))
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .order((night_bookings::child_id, night_bookings::first_night))
        .load(connection)?)
}

/// All stays of these children that count.
pub fn stays_of(connection: &mut AnyConnection, children: &[String]) -> Result<Vec<Stay>, Error> {
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::child_id.eq_any(children))
        .filter(night_bookings::state.eq_any([StayState::Booked, StayState::Stayed]))
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .order((night_bookings::child_id, night_bookings::first_night))
        .load(connection)?)
}

/// Stays as they are counted.
pub fn away(policy: &NightsPolicy, stays: &[Stay]) -> NightsAway {
    let nights: Vec<NightsAt> = stays.iter().map(Stay::nights).collect();
    NightsAway::of(&nights, policy.counting())
}

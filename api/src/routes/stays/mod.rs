//! Stays: nights away from home, booked and stayed.
//!
//! A stay is a row of versions. What was stayed, a cancellation and a reversal each add one; nothing is changed. A child sleeps in one
//! bed, so no two stays of a child share a night. A booking that passes a limit is recorded as waiting and counts as booked; somebody
//! else acknowledges it. What was stayed is a fact: it is recorded, and waits as well.

mod acknowledging;
mod listing;
mod passings;
mod standing;
mod steps;
mod warnings;

pub use acknowledging::*;
pub use listing::*;
pub use passings::*;
pub use standing::*;
pub use steps::*;
pub use warnings::*;

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::Data;
use chrono::NaiveDate;
use db::schema::{children, night_bookings, package_lines, packages, providers, stays_to_confirm};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::nights::{NightLimitKind, NightsAt, NightsAway, StayState};
use domain::{FinancialYear, LineState, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// The longest stay that is taken, in nights: a year is no short break, and more is a slip.
const MOST_NIGHTS: i64 = 366;

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
    fn nights(&self) -> NightsAt {
        NightsAt { setting: self.provider_id.clone(), first_night: self.first_night, last_night: self.last_night }
    }
}

/// A stay, and whether it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedStay {
    /// The stay.
    #[serde(flatten)]
    pub stay: Stay,
    /// Whether it passes a limit and waits for the acknowledgement.
    pub is_waiting: bool,
}

/// A stay with the limits that this version of it passes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedStay {
    /// The stay, and whether it waits.
    #[serde(flatten)]
    pub listed: ListedStay,
    /// Limits that it passes, or goes on passing, and that were not acknowledged for so many before; or those acknowledged now.
    pub passings: Vec<PassingWithAcknowledgement>,
}

impl RecordedStay {
    fn of(stay: Stay, passings: Vec<PassingWithAcknowledgement>) -> Self {
        let is_waiting = passings.iter().any(|passing| passing.acknowledgement.is_none());
        RecordedStay { listed: ListedStay { stay, is_waiting }, passings }
    }
}

impl Located for RecordedStay {
    fn location(&self) -> String {
        format!("/v1/stays/{}", self.listed.stay.stay_id)
    }
}

/// Every version of a stay, and what they passed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayHistory {
    /// Whether it waits, in its last version, for the acknowledgement of what it passes.
    pub is_waiting: bool,
    /// The oldest first.
    pub versions: Vec<Stay>,
    /// Limits that they passed, in the order recorded. A later version says anew what it passes; earlier ones wait no longer.
    pub passings: Vec<PassingWithAcknowledgement>,
}

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

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = night_bookings as later);

/// Record a stay
///
/// A booking with which the child would pass a limit is refused (409 `not_ready`), with the count, the night, and who may acknowledge it.
/// With the limit in `waits_for` it is recorded: it counts as booked, and waits for somebody else, in a post that the profile names, to
/// acknowledge it. What was stayed and passes a limit is recorded with `unacknowledged_reason` (else 409 `not_ready`), and waits as well.
#[utoipa::path(tag = "nights", request_body = NewStay, security(("bearer" = ["nights:write"])),
    responses((status = 201, description = "The stay", body = RecordedStay)))]
#[post("/stays")]
pub async fn create_stay(app: Data<App>, caller: Caller<NightsWrite>, key: IdempotencyKey, body: Body<NewStay>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewStay) -> Result<RecordedStay, Problem> {
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
    let mut errors = mistakes(write.connection, &stay, write.at.date())?;
    if stay.state == StayState::Booked && new.unacknowledged_reason.is_some() {
        errors.push(FieldError::new("/unacknowledged_reason", "not_stayed", "a booking has not taken place: say what it waits for"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let unacknowledged_reason = new.unacknowledged_reason.map(|text| text.0);
    keep(write, profile, stay, Said { waits_for: new.waits_for, unacknowledged_reason }, "record")
}

/// Everything that keeps a stay from being recorded, whatever others are on record.
fn mistakes(connection: &mut AnyConnection, stay: &Stay, today: NaiveDate) -> Result<Vec<FieldError>, Problem> {
    let mut errors = night_mistakes(stay.first_night, stay.last_night);
    if stay.state == StayState::Stayed && stay.last_night > today {
        errors.push(FieldError::new("/last_night", "future", "a night that was stayed is not in the future"));
    }
    let child_exists: bool = diesel::select(exists(children::table.find(&stay.child_id))).get_result(connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    let provider_exists: bool = diesel::select(exists(providers::table.find(&stay.provider_id))).get_result(connection)?;
    if !provider_exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    if let Some(line) = &stay.line_id {
        let states: Vec<LineState> = package_lines::table
            .inner_join(packages::table)
            .filter(package_lines::line_id.eq(line).and(packages::child_id.eq(&stay.child_id)))
            .order(package_lines::version)
            .select(package_lines::state)
            .load(connection)?;
        if states.last().is_none_or(|last| *last == LineState::Reversed) {
            errors.push(FieldError::new("/line_id", "unknown_reference", "the child has no package line with this id"));
        }
    }
    Ok(errors)
}

/// Nights in the wrong order, too many, or outside the supported years.
fn night_mistakes(first_night: NaiveDate, last_night: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, day) in [("/first_night", first_night), ("/last_night", last_night)] {
        if let Err(error) = FinancialYear::of(day) {
            errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
    }
    let nights = (last_night - first_night).num_days() + 1;
    if nights < 1 {
        errors.push(FieldError::new("/last_night", "before_first", "the last night is the first, or comes after it"));
    } else if nights > MOST_NIGHTS {
        errors.push(FieldError::new("/last_night", "too_long", format!("these are {nights} nights; a stay has at most {MOST_NIGHTS}")));
    }
    errors
}

/// Adds a version whose nights count: refused where the child is elsewhere, where nights cannot be counted, where a booking passes a limit
/// that it does not say it waits for, and where what was stayed does not say why it did so unacknowledged. Exact, because writers take turns.
fn keep(write: &mut Write<'_>, profile: &Profile, mut stay: Stay, said: Said, action: &'static str) -> Result<RecordedStay, Problem> {
    let policy = &profile.nights;
    if let Some(night) = [stay.first_night, stay.last_night].into_iter().find(|night| !policy.is_ready_on(*night)) {
        let detail = format!(
            "The profile does not say what is counted and how many nights there may be on {night}; without a limit no stay is taken."
        );
        return Err(Problem::new(Code::NotReady, detail));
    }
    let mut others = standing_stays(write.connection, &stay.child_id)?;
    others.retain(|other| other.stay_id != stay.stay_id);
    if let Some(other) = others.iter().find(|other| other.first_night <= stay.last_night && stay.first_night <= other.last_night) {
        let detail =
            format!("The child has stay {} from the night of {} to that of {}.", other.stay_id, other.first_night, other.last_night);
        return Err(Problem::new(Code::PeriodOverlaps, detail));
    }
    let mut nights: Vec<NightsAt> = others.iter().map(Stay::nights).collect();
    nights.push(stay.nights());
    let away = NightsAway::of(&nights, policy.counting());
    let passed = policy.passed_by(&away, &stay.nights());
    let Settled { open, is_above } = settle(write, policy, &stay, passed, &said)?;
    // A reason that was given before holds as long as a limit is passed, also once that is acknowledged: it took place without.
    stay.unacknowledged_reason = said.unacknowledged_reason.or(stay.unacknowledged_reason).filter(|_| is_above);
    insert(write, &stay)?;
    write.record(Event::new(action, "night_bookings", &stay.stay_id))?;
    let passings = keep_waiting(write, &stay, open)?;
    Ok(RecordedStay::of(stay, passings))
}

/// Adds a version; what waited for it is done.
fn insert(write: &mut Write<'_>, stay: &Stay) -> Result<(), Problem> {
    diesel::insert_into(night_bookings::table).values(stay).execute(write.connection)?;
    diesel::delete(stays_to_confirm::table.find(&stay.stay_id)).execute(write.connection)?;
    if stay.state == StayState::Booked {
        diesel::insert_into(stays_to_confirm::table)
            .values((stays_to_confirm::stay_id.eq(&stay.stay_id), stays_to_confirm::last_night.eq(stay.last_night)))
            .execute(write.connection)?;
    }
    close_passings(write, &stay.stay_id)
}

/// A child's stays whose nights count, by their first night.
fn standing_stays(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<Stay>, Problem> {
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
fn versions_of(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<Stay>, Problem> {
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::stay_id.eq(stay_id))
        .order(night_bookings::version)
        .load(connection)?)
}

fn history(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<Stay>, Problem> {
    let versions = versions_of(connection, stay_id)?;
    if versions.is_empty() { Err(Problem::not_found("stay")) } else { Ok(versions) }
}

/// A stay is part of its child's record: reading it is on the trail of both.
fn record_read(write: &mut Write<'_>, stay: &Stay) -> Result<(), Problem> {
    write.record(Event::new("read", "night_bookings", &stay.stay_id))?;
    write.record(Event::new("read", "children", &stay.child_id).with(json!({ "stay_id": stay.stay_id })))?;
    Ok(())
}

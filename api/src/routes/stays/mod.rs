//! Stays: nights away from home, booked and stayed.
//!
//! A stay is a row of versions. What was stayed, a cancellation and a reversal each add one; nothing is changed. A child sleeps in one
//! bed, so no two stays of a child share a night. What a booking passes needs an acknowledgement first; what was stayed is a fact, is
//! recorded, and waits for one.

mod passings;
mod standing;
mod steps;
mod warnings;

pub use passings::*;
pub use standing::*;
pub use steps::*;
pub use warnings::*;

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{NightsRead, NightsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{children, night_bookings, package_lines, packages, providers, stays_to_confirm};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::nights::{NightLimitKind, NightsAt, NightsAway, StayState};
use domain::{FinancialYear, LineState, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// The longest stay that is taken, in nights: a year is no short break, and more is a slip.
const MOST_NIGHTS: i64 = 366;

/// A stay, in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_bookings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "stay_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "version": 1,
    "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": null,
    "first_night": "2024-06-07", "last_night": "2024-06-09", "state": "booked", "reason": "June weekend",
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

/// A stay with the limits that this version of it passes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedStay {
    /// The stay.
    #[serde(flatten)]
    pub stay: Stay,
    /// Limits that it passes, or goes on passing: acknowledged with it, or, where it is a fact, still to be acknowledged.
    pub passings: Vec<PassingWithAcknowledgement>,
}

impl Located for RecordedStay {
    fn location(&self) -> String {
        format!("/v1/stays/{}", self.stay.stay_id)
    }
}

/// Every version of a stay, and what they passed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayHistory {
    /// The oldest first.
    pub versions: Vec<Stay>,
    /// Limits that they passed, in the order recorded.
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
    /// Limits that it passes and that the caller acknowledges, in a post that the profile names.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub acknowledges: Vec<NightLimitKind>,
    /// Why they are passed; goes with `acknowledges`.
    pub acknowledgement_reason: Option<Text<500>>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListStays {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
    /// Only at this setting.
    provider_id: Option<Id>,
    /// Only those with a night on this day or later.
    #[serde(default, deserialize_with = "day_parameter")]
    from: Option<NaiveDate>,
    /// Only those with a night before this day.
    #[serde(default, deserialize_with = "day_parameter")]
    to: Option<NaiveDate>,
    /// Only those that have come so far.
    state: Option<StayState>,
    /// Only those that are booked, whose nights are past, and that nobody has confirmed.
    #[serde(default)]
    to_confirm: bool,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = night_bookings as later);

/// List stays
///
/// Each in its last version, in the order last recorded.
#[utoipa::path(tag = "nights", params(ListStays), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "A page of stays", body = Page<Stay>)))]
#[get("/stays")]
pub async fn list_stays(app: Data<App>, caller: Caller<NightsRead>, params: Params<ListStays>) -> Result<Json<Page<Stay>>, Problem> {
    let ListStays { limit, cursor, child_id, provider_id, from, to, state, to_confirm } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
        let mut query = night_bookings::table
            .select(Stay::as_select())
            .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
            .filter(night_bookings::recorded_seq.ge(after.seq))
            .filter(night_bookings::recorded_seq.gt(after.seq).or(night_bookings::id.gt(after.id)))
            .into_boxed();
        if let Some(child) = child_id {
            query = query.filter(night_bookings::child_id.eq(child.0));
        }
        if let Some(provider) = provider_id {
            query = query.filter(night_bookings::provider_id.eq(provider.0));
        }
        if let Some(day) = from {
            query = query.filter(night_bookings::last_night.ge(day));
        }
        if let Some(day) = to {
            query = query.filter(night_bookings::first_night.lt(day));
        }
        if let Some(state) = state {
            query = query.filter(night_bookings::state.eq(state));
        }
        if to_confirm {
            let past = stays_to_confirm::table.filter(stays_to_confirm::last_night.lt(write.at.date()));
            query = query.filter(night_bookings::stay_id.eq_any(past.select(stays_to_confirm::stay_id)));
        }
        let rows = query.order((night_bookings::recorded_seq, night_bookings::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &Stay| After::key(row.recorded_seq, &row.id));
        for stay in &page.items {
            record_read(write, stay)?;
        }
        if page.items.is_empty() {
            write.record(Event::new("list", "night_bookings", ""))?;
        }
        Ok(Json(page))
    })
    .await
}

/// Read a stay's history
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "Every version of the stay, and the limits they passed", body = StayHistory)))]
#[get("/stays/{id}")]
pub async fn get_stay(app: Data<App>, caller: Caller<NightsRead>, id: Path<Id>) -> Result<Json<StayHistory>, Problem> {
    app.write(caller.actor(), move |write| {
        let versions = history(write.connection, &id.0)?;
        if let Some(last) = versions.last() {
            record_read(write, last)?;
        }
        let passings = passings_of(write.connection, &id.0)?;
        Ok(Json(StayHistory { versions, passings }))
    })
    .await
}

/// Record a stay
///
/// A booking with which the child would pass a limit is refused (409 `not_ready`), with the count, the night, and who may acknowledge it.
/// Somebody in a post that the profile names may then book it, with `acknowledges` and a reason. What was stayed is recorded in any
/// case, and waits for the acknowledgement.
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
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let acknowledging = Acknowledging::of(new.acknowledges, new.acknowledgement_reason);
    let mut errors = mistakes(write.connection, &stay, write.at.date())?;
    errors.extend(acknowledging.mistakes());
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    keep(write, profile, stay, acknowledging, "record")
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

/// Adds a version whose nights count: refused where the child is elsewhere, where nights cannot be counted, and where a booking passes
/// a limit that is not acknowledged. Exact, because writers take turns.
fn keep(
    write: &mut Write<'_>,
    profile: &Profile,
    stay: Stay,
    acknowledging: Acknowledging,
    action: &'static str,
) -> Result<RecordedStay, Problem> {
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
    let settled = settle(write, profile, &stay, passed, &acknowledging)?;
    insert(write, &stay)?;
    write.record(Event::new(action, "night_bookings", &stay.stay_id))?;
    let passings = settled.keep(write, &stay)?;
    Ok(RecordedStay { stay, passings })
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

fn history(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<Stay>, Problem> {
    let versions: Vec<Stay> = night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::stay_id.eq(stay_id))
        .order(night_bookings::version)
        .load(connection)?;
    if versions.is_empty() { Err(Problem::not_found("stay")) } else { Ok(versions) }
}

/// A stay is part of its child's record: reading it is on the trail of both.
fn record_read(write: &mut Write<'_>, stay: &Stay) -> Result<(), Problem> {
    write.record(Event::new("read", "night_bookings", &stay.stay_id))?;
    write.record(Event::new("read", "children", &stay.child_id).with(json!({ "stay_id": stay.stay_id })))?;
    Ok(())
}

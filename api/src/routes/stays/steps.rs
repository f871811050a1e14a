//! What becomes of a stay: what was stayed, that it was cancelled, that it was recorded by mistake.

use super::{RecordedStay, Said, Stay, history, insert, keep, night_mistakes, nothing_passed};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::{AnyConnection, Event, Write, new_id};
use domain::Profile;
use domain::nights::StayState;
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

/// Record what was stayed
///
/// Of a booking, or again of a stay to put it right. It is a fact: where it passes a limit that nobody has acknowledged for its nights,
/// `unacknowledged_reason` says why it took place without (409 `not_ready`); then it is recorded, the answer says what it passes, and it
/// waits for the acknowledgement. No nights at all cancel the stay.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = ActualNights,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay's new version", body = RecordedStay)))]
#[post("/stays/{id}/actual")]
pub async fn record_actual_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<ActualNights>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| actual(write, &profile, &id.0, body.value)).await
}

/// Cancel a booked stay
///
/// Its nights count no longer. Of a stay that was cut short, record what was stayed instead.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = CancelledStay,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay's last version", body = RecordedStay)))]
#[post("/stays/{id}/cancellation")]
pub async fn cancel_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<CancelledStay>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let latest = standing(write.connection, &id.0)?;
        if latest.state != StayState::Booked {
            let detail = "Its nights were stayed: record other nights, or none, as what was stayed; or reverse the stay.";
            return Err(Problem::new(Code::StateConflict, detail));
        }
        add_version(write, Stay { state: StayState::Cancelled, reason: body.value.reason.0, ..latest }, "cancel")
    })
    .await
}

/// Reverse a stay
///
/// For one recorded by mistake: it no longer counts on any night, and stays on record.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = NewReversal,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay's last version", body = RecordedStay)))]
#[post("/stays/{id}/reversal")]
pub async fn reverse_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let latest = unreversed(write.connection, &id.0)?;
        add_version(write, Stay { state: StayState::Reversed, reason: body.value.reason.0, ..latest }, "reverse")
    })
    .await
}

fn actual(write: &mut Write<'_>, profile: &Profile, id: &str, new: ActualNights) -> Result<RecordedStay, Problem> {
    let latest = standing(write.connection, id)?;
    let (mut errors, today) = (Vec::new(), write.at.date());
    match (new.first_night, new.last_night) {
        (Some(first_night), Some(last_night)) => {
            errors.extend(night_mistakes(first_night, last_night));
            if last_night > today {
                errors.push(FieldError::new("/last_night", "future", "a night that was stayed is not in the future"));
            }
            if !errors.is_empty() {
                return Err(Problem::invalid(errors));
            }
            let unacknowledged_reason = latest.unacknowledged_reason.clone();
            let reason = new.reason.0;
            let stayed = Stay { first_night, last_night, state: StayState::Stayed, reason, unacknowledged_reason, ..next(write, latest) };
            let unacknowledged_reason = new.unacknowledged_reason.map(|text| text.0);
            keep(write, profile, stayed, Said { unacknowledged_reason, ..Said::default() }, "confirm")
        }
        (None, None) => {
            if new.unacknowledged_reason.is_some() {
                errors.push(nothing_passed());
            }
            if latest.first_night > today {
                errors.push(FieldError::new("/first_night", "future", "its first night is still to come; cancel the stay instead"));
            }
            if !errors.is_empty() {
                return Err(Problem::invalid(errors));
            }
            add_version(write, Stay { state: StayState::Cancelled, reason: new.reason.0, ..latest }, "confirm")
        }
        (first, _) => {
            let pointer = if first.is_none() { "/first_night" } else { "/last_night" };
            errors.push(FieldError::new(pointer, "missing", "give the first and the last night, or neither if none was stayed"));
            Err(Problem::invalid(errors))
        }
    }
}

/// The stay's last version, if its nights count.
fn standing(connection: &mut AnyConnection, id: &str) -> Result<Stay, Problem> {
    let latest = unreversed(connection, id)?;
    if latest.state.counts() { Ok(latest) } else { Err(Problem::new(Code::StateConflict, "The stay was cancelled.")) }
}

/// The stay's last version, unless it was reversed.
pub(super) fn unreversed(connection: &mut AnyConnection, id: &str) -> Result<Stay, Problem> {
    let latest = history(connection, id)?.pop().ok_or_else(|| Problem::not_found("stay"))?;
    if latest.state == StayState::Reversed { Err(Problem::new(Code::StateConflict, "The stay was reversed.")) } else { Ok(latest) }
}

/// A version whose nights do not count: nothing stands in its way.
fn add_version(write: &mut Write<'_>, version: Stay, action: &'static str) -> Result<RecordedStay, Problem> {
    let stay = next(write, version);
    insert(write, &stay)?;
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

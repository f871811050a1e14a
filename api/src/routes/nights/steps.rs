//! What becomes of a stay: what was stayed, that it was cancelled, that it was recorded by mistake.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::nights::steps::{ActualNights, CancelledStay};
use records::nights::{RecordedStay, steps};
use records::reversal::NewReversal;
use records::text::Id;

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
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| steps::record_stayed(write, &profile, &id.0, body)).await
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
    app.create(caller.actor(), key, body, move |write, body| steps::cancel_stay(write, &id.0, body)).await
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
    app.create(caller.actor(), key, body, move |write, body| steps::reverse_stay(write, &id.0, body)).await
}

//! Stays: nights away from home, booked and stayed.
//!
//! A stay is a row of versions. What was stayed, a cancellation and a reversal each add one; nothing is changed. A child sleeps in one
//! bed, so no two stays of a child share a night. A booking that passes a limit is recorded as waiting and counts as booked; somebody
//! else acknowledges it. What was stayed is a fact: it is recorded, and waits as well.

pub mod acknowledging;
pub mod listing;
pub mod standing;
pub mod steps;
pub mod warnings;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::Data;
use records::nights::{NewStay, RecordedStay, record_stay};

impl Located for RecordedStay {
    fn location(&self) -> String {
        format!("/v1/stays/{}", self.listed.stay.stay_id)
    }
}

/// Record a stay
///
/// A booking with which the child would pass a limit is refused (409 `not_ready`), with the count, the night, and who may acknowledge it.
/// With the limit in `waits_for` it is recorded: it counts as booked, and waits for somebody else, in a post that the profile names, to
/// acknowledge it. What was stayed and passes a limit is recorded with `unacknowledged_reason` (else 409 `not_ready`), and waits as well.
#[utoipa::path(tag = "nights", request_body = NewStay, security(("bearer" = ["nights:write"])),
    responses((status = 201, description = "The stay", body = RecordedStay)))]
#[post("/stays")]
pub async fn create_stay(app: Data<App>, caller: Caller<NightsWrite>, key: IdempotencyKey, body: Body<NewStay>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record_stay(write, &profile, body)).await
}

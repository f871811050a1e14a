//! A child leaves the service: recording it, what is still to be ended, and taking it back.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::children::leaving::ChildLeaving;
use records::leavings::{self, LeavingInFull, NewLeaving, NewLeavingReversal};
use records::text::Id;

impl Located for LeavingInFull {
    fn location(&self) -> String {
        self.leaving.location()
    }
}

impl Located for ChildLeaving {
    fn location(&self) -> String {
        format!("/v1/children/{}/leaving", self.child_id)
    }
}

/// Record that a child leaves
///
/// From the day on nothing is agreed, booked or paid for. Package lines end on it, and with them payments, health's share, commitments and the
/// forecast; lines that would begin later are taken back. What was paid for days after is to be paid back. The answer lists what people still
/// have to end. Neither a cause nor a place is kept. No tool may record it.
#[utoipa::path(tag = "children", params(("id" = Id, Path, description = "The child's id")), request_body = NewLeaving,
    security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The record, with what is still to be ended", body = LeavingInFull)))]
#[post("/children/{id}/leaving")]
pub async fn create_child_leaving(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewLeaving>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| leavings::record(write, &profile, &id.0, body)).await
}

/// Read what a child's leaving leaves to be ended
///
/// The list shrinks as accounts are closed, stays cancelled, requests withdrawn and repayments recorded.
#[utoipa::path(tag = "children", params(("id" = Id, Path, description = "The child's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The record that stands, with what is still to be ended", body = LeavingInFull)))]
#[get("/children/{id}/leaving")]
pub async fn get_child_leaving(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<LeavingInFull>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| leavings::read(write, &profile, &id.0).map(Json)).await
}

/// Take a child's leaving back
///
/// For one recorded by mistake, or for another day: record that one then. Package lines have the ends again that they had before; what somebody
/// changed since stays as they made it. No tool may, and whoever does makes no pay file for the child before another has paid it.
#[utoipa::path(tag = "children", params(("id" = Id, Path, description = "The record's id")), request_body = NewLeavingReversal,
    security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The row that takes it back", body = ChildLeaving)))]
#[post("/child-leavings/{id}/reversal")]
pub async fn reverse_child_leaving(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewLeavingReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, _| leavings::take_back(write, &profile, &id.0)).await
}

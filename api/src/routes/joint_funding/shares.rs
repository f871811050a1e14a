//! Joint fundings: what health pays of a package line, from when to when.
//!
//! A share belongs to an arrangement, named by its first line, so it goes on when a variation carries the line on. It is a row of
//! versions: ending or reversing it adds one. Delegated authority is tested on the gross cost; a share takes nothing off it.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{JointFundingRead, JointFundingWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::joint_funding::shares::cost::{CostedFunding, FundingHistory};
use records::joint_funding::shares::reading::ListJointFundings;
use records::joint_funding::shares::recording::{EndOfFunding, NewJointFunding};
use records::joint_funding::shares::share::JointFunding;
use records::joint_funding::shares::{reading, recording};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for CostedFunding {
    fn location(&self) -> String {
        format!("/v1/joint-fundings/{}", self.funding.funding_id)
    }
}

/// List joint fundings
///
/// Each in its last version, in the order last recorded: one that is ended while a reader pages comes again. Reversed ones are left
/// out.
#[utoipa::path(tag = "joint funding", params(ListJointFundings), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "A page of joint fundings", body = Page<JointFunding>)))]
#[get("/joint-fundings")]
pub async fn list_joint_fundings(
    app: Data<App>,
    caller: Caller<JointFundingRead>,
    params: Params<ListJointFundings>,
) -> Result<Json<Page<JointFunding>>, Problem> {
    app.write(caller.actor(), move |write| reading::list(write, params.0).map(Json)).await
}

/// Read a joint funding's history
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "Every version of the funding, and what it comes to", body = FundingHistory)))]
#[get("/joint-fundings/{id}")]
pub async fn get_joint_funding(app: Data<App>, caller: Caller<JointFundingRead>, id: Path<Id>) -> Result<Json<FundingHistory>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| reading::read(write, &profile, &id.0).map(Json)).await
}

/// Record a joint funding
///
/// Percentages of one line together are never more than 100 %. A fixed amount that is more than the cost of a month is cut to it, and
/// the answer says by how much.
#[utoipa::path(tag = "joint funding", request_body = NewJointFunding, security(("bearer" = ["joint_funding:write"])),
    responses((status = 201, description = "The funding, and what it comes to", body = CostedFunding)))]
#[post("/joint-fundings")]
pub async fn create_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    key: IdempotencyKey,
    body: Body<NewJointFunding>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| recording::record(write, &profile, body)).await
}

/// End a joint funding
///
/// Sets or moves the end of a funder's share. What was invoiced for days past it stays as it is: the next proposal shows the difference.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), request_body = EndOfFunding,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The funding's new version", body = CostedFunding)))]
#[post("/joint-fundings/{id}/end")]
pub async fn end_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfFunding>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| recording::end(write, &profile, &id.0, body)).await
}

/// Reverse a joint funding
///
/// For one recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), request_body = NewReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The funding's last version", body = CostedFunding)))]
#[post("/joint-fundings/{id}/reversal")]
pub async fn reverse_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| recording::reverse(write, &profile, &id.0, body.reason.0)).await
}

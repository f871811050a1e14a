//! Post holdings: who is in which post, as its holder or deputy, from when to when.
//!
//! A holding is a row of versions, as a package line is. Ending or reversing it adds a version; nothing is changed.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PostsRead, PostsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::people::post_agreements::{NewPostHoldingAgreement, PostHoldingAgreement, agree};
use records::people::post_holdings;
use records::people::post_holdings::{
    EndOfHolding, HoldingHistory, ListHoldings, ListedHolding, NewPostHolding, PostHolding, end, history, record,
};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for PostHoldingAgreement {
    fn location(&self) -> String {
        format!("/v1/post-holdings/{}", self.holding_id)
    }
}

impl Located for PostHolding {
    fn location(&self) -> String {
        format!("/v1/post-holdings/{}", self.holding_id)
    }
}

/// List post holdings
///
/// Each in its last version, in the order last recorded: one that is ended while a reader pages comes again. Reversed ones are left
/// out.
#[utoipa::path(tag = "posts", params(ListHoldings), security(("bearer" = ["posts:read"])),
    responses((status = 200, description = "A page of holdings", body = Page<ListedHolding>)))]
#[get("/post-holdings")]
pub async fn list_post_holdings(
    app: Data<App>,
    _: Caller<PostsRead>,
    params: Params<ListHoldings>,
) -> Result<Json<Page<ListedHolding>>, Problem> {
    app.read(move |connection| post_holdings::list(connection, params.0).map(Json)).await
}

/// Read a post holding's history
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), security(("bearer" = ["posts:read"])),
    responses((status = 200, description = "Every version of the holding", body = HoldingHistory)))]
#[get("/post-holdings/{id}")]
pub async fn get_post_holding(app: Data<App>, _: Caller<PostsRead>, id: Path<Id>) -> Result<Json<HoldingHistory>, Problem> {
    app.read(move |connection| Ok(Json(HoldingHistory { versions: history(connection, &id.0)? }))).await
}

/// Put somebody in a post
///
/// Two people may hold a post at once; nobody puts themselves in one. A post with authority over money waits: they act in it from the day on
/// which another administrator agrees.
#[utoipa::path(tag = "posts", request_body = NewPostHolding, security(("bearer" = ["posts:write"])),
    responses((status = 201, description = "The holding", body = PostHolding)))]
#[post("/post-holdings")]
pub async fn create_post_holding(app: Data<App>, caller: Caller<PostsWrite>, key: IdempotencyKey, body: Body<NewPostHolding>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

/// Agree to a post holding
///
/// By another administrator than the one who recorded it or made it longer. From then on it counts.
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), request_body = NewPostHoldingAgreement,
    security(("bearer" = ["posts:write"])), responses((status = 201, description = "The agreement", body = PostHoldingAgreement)))]
#[post("/post-holdings/{id}/agreement")]
pub async fn agree_post_holding(
    app: Data<App>,
    caller: Caller<PostsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPostHoldingAgreement>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, _| agree(write, &id.0)).await
}

/// End a post holding
///
/// Sets or moves the end of somebody's time in a post. What was known before stays on record as an earlier version. Ending it counts at
/// once; more time in a post with authority over money waits for another administrator's agreement, and until then all of it does not count.
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), request_body = EndOfHolding,
    security(("bearer" = ["posts:write"])), responses((status = 201, description = "The holding's new version", body = PostHolding)))]
#[post("/post-holdings/{id}/end")]
pub async fn end_post_holding(
    app: Data<App>,
    caller: Caller<PostsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfHolding>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| end(write, &profile, &id.0, body)).await
}

/// Reverse a post holding
///
/// For one recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), request_body = NewReversal,
    security(("bearer" = ["posts:write"])), responses((status = 201, description = "The holding's last version", body = PostHolding)))]
#[post("/post-holdings/{id}/reversal")]
pub async fn reverse_post_holding(
    app: Data<App>,
    caller: Caller<PostsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| post_holdings::reverse(write, &id.0, body)).await
}

//! Grants to the voluntary sector.

pub mod activity_returns;
pub mod conditions;
pub mod instalments;
pub mod returns_due;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{GrantsRead, GrantsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::grants::awarding::{GrantAwarded, NewGrant, award, reverse};
use records::grants::grant::{self, Grant, ListGrants};
use records::grants::terms::{self, GrantWithTerms};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for Grant {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.id)
    }
}

impl Located for GrantAwarded {
    fn location(&self) -> String {
        self.grant.grant.location()
    }
}

/// List grants
#[utoipa::path(tag = "grants and activity", params(ListGrants), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of grants and reversals, in the order recorded", body = Page<Grant>)))]
#[get("/grants")]
pub async fn list_grants(app: Data<App>, _: Caller<GrantsRead>, params: Params<ListGrants>) -> Result<Json<Page<Grant>>, Problem> {
    app.read(move |connection| grant::list(connection, params.0).map(Json)).await
}

/// Read a grant with its terms
///
/// Its conditions, instalments and returns as they stand today, and what its activity cost so far.
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id")), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "The grant and its terms", body = GrantWithTerms)))]
#[get("/grants/{id}")]
pub async fn get_grant(app: Data<App>, _: Caller<GrantsRead>, id: Path<Id>) -> Result<Json<GrantWithTerms>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| terms::read(connection, &profile, &id.0, today).map(Json)).await
}

/// Record a grant
///
/// It is held against what its budget line has available in each year that it reaches. Whether one that takes more is refused or only
/// warned of is the profile's to say.
#[utoipa::path(tag = "grants and activity", request_body = NewGrant, security(("bearer" = ["grants:write"])),
    responses((status = 201, description = "The grant and its terms", body = GrantAwarded)))]
#[post("/grants")]
pub async fn create_grant(app: Data<App>, caller: Caller<GrantsWrite>, key: IdempotencyKey, body: Body<NewGrant>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| award(write, &profile, &body)).await
}

/// Reverse a grant
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id")), request_body = NewReversal,
    security(("bearer" = ["grants:write"])), responses((status = 201, description = "The row that takes it back", body = Grant)))]
#[post("/grants/{id}/reversal")]
pub async fn reverse_grant(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, body.reason.0)).await
}

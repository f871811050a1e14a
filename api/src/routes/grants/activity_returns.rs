//! What a grant achieved: the children and families reached and the sessions held, as the group returned them.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{GrantsRead, GrantsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::grants::activity_returns;
use records::grants::activity_returns::{GrantActivityReturn, ListGrantActivityReturns, find};
use records::grants::returning::{NewGrantActivityReturn, record, reverse};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for GrantActivityReturn {
    fn location(&self) -> String {
        format!("/v1/grant-activity-returns/{}", self.id)
    }
}

/// List grant activity returns
#[utoipa::path(tag = "grants and activity", params(ListGrantActivityReturns), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of returns and reversals, in the order recorded", body = Page<GrantActivityReturn>)))]
#[get("/grant-activity-returns")]
pub async fn list_grant_activity_returns(
    app: Data<App>,
    _: Caller<GrantsRead>,
    params: Params<ListGrantActivityReturns>,
) -> Result<Json<Page<GrantActivityReturn>>, Problem> {
    app.read(move |connection| activity_returns::list(connection, params.0).map(Json)).await
}

/// Read a grant activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "The return", body = GrantActivityReturn)))]
#[get("/grant-activity-returns/{id}")]
pub async fn get_grant_activity_return(app: Data<App>, _: Caller<GrantsRead>, id: Path<Id>) -> Result<Json<GrantActivityReturn>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a grant activity return
#[utoipa::path(tag = "grants and activity", request_body = NewGrantActivityReturn, security(("bearer" = ["grants:write"])),
    responses((status = 201, description = "The return", body = GrantActivityReturn)))]
#[post("/grant-activity-returns")]
pub async fn create_grant_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    key: IdempotencyKey,
    body: Body<NewGrantActivityReturn>,
) -> Answer {
    app.create(caller.actor(), key, body, record).await
}

/// Reverse a grant activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), request_body = NewReversal,
    security(("bearer" = ["grants:write"])), responses((status = 201, description = "The row that takes it back", body = GrantActivityReturn)))]
#[post("/grant-activity-returns/{id}/reversal")]
pub async fn reverse_grant_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body.reason.0)).await
}

//! Sessions of services commissioned as a whole and open to any child, as the provider returned them.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{GrantsRead, GrantsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::providers::activity_returns;
use records::providers::activity_returns::{ActivityReturn, ListActivityReturns, NewActivityReturn, find, record, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for ActivityReturn {
    fn location(&self) -> String {
        format!("/v1/activity-returns/{}", self.id)
    }
}

/// List commissioned activity returns
#[utoipa::path(tag = "grants and activity", params(ListActivityReturns), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of returns and reversals, in the order recorded", body = Page<ActivityReturn>)))]
#[get("/activity-returns")]
pub async fn list_activity_returns(
    app: Data<App>,
    _: Caller<GrantsRead>,
    params: Params<ListActivityReturns>,
) -> Result<Json<Page<ActivityReturn>>, Problem> {
    app.read(move |connection| activity_returns::list(connection, params.0).map(Json)).await
}

/// Read a commissioned activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "The return", body = ActivityReturn)))]
#[get("/activity-returns/{id}")]
pub async fn get_activity_return(app: Data<App>, _: Caller<GrantsRead>, id: Path<Id>) -> Result<Json<ActivityReturn>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a commissioned activity return
#[utoipa::path(tag = "grants and activity", request_body = NewActivityReturn, security(("bearer" = ["grants:write"])),
    responses((status = 201, description = "The return", body = ActivityReturn)))]
#[post("/activity-returns")]
pub async fn create_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    key: IdempotencyKey,
    body: Body<NewActivityReturn>,
) -> Answer {
    app.create(caller.actor(), key, body, record).await
}

/// Reverse a commissioned activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), request_body = NewReversal,
    security(("bearer" = ["grants:write"])), responses((status = 201, description = "The row that takes it back", body = ActivityReturn)))]
#[post("/activity-returns/{id}/reversal")]
pub async fn reverse_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body.reason.0)).await
}

//! Declared interests: whoever has one in a request stands down for it.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsWrite, RequestsRead};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::panel::interests;
use records::panel::interests::{DeclaredInterest, DeclaredInterests, InterestWithReversal, NewInterest, NewOwnInterest, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for DeclaredInterest {
    fn location(&self) -> String {
        format!("/v1/requests/{}/interests", self.request_id)
    }
}

impl Located for InterestWithReversal {
    fn location(&self) -> String {
        self.interest.location()
    }
}

/// List the interests in a request
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "Every interest declared, the oldest first", body = DeclaredInterests)))]
#[get("/requests/{id}/interests")]
pub async fn list_interests(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<DeclaredInterests>, Problem> {
    app.write(caller.actor(), move |write| interests::list(write, &id.0).map(Json)).await
}

/// Declare a panel member's interest
///
/// The member stands down for the request: does not count, vote, chair or authorise.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), request_body = NewInterest,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The interest", body = DeclaredInterest)))]
#[post("/requests/{id}/interests")]
pub async fn create_interest(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewInterest>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| interests::declare_for_member(write, &id.0, body)).await
}

/// Declare an interest of one's own
///
/// For people only: whoever declares one may not decide or authorise the request, whatever their post.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), request_body = NewOwnInterest,
    security(("bearer" = ["requests:read"])), responses((status = 201, description = "The interest", body = DeclaredInterest)))]
#[post("/requests/{id}/own-interest")]
pub async fn create_own_interest(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOwnInterest>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| interests::declare_own(write, &id.0, body.nature)).await
}

/// Reverse an interest
///
/// For one that was declared by mistake: it rules nobody out any more, and stays on record. Somebody else than the person whose
/// interest it is reverses it, while the request is not decided for good.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The interest's id")), request_body = NewReversal,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The interest and its reversal", body = InterestWithReversal)))]
#[post("/interests/{id}/reversal")]
pub async fn reverse_interest(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body.reason.0)).await
}

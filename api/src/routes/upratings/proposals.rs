//! Proposals of upratings: what somebody looked at and would raise, until somebody else in a post agrees it, or it is withdrawn.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::text::Id;
use records::upratings::proposal::{ListUpratingProposals, UpratingProposal};
use records::upratings::proposals::{NewWithdrawal, propose};
use records::upratings::terms::NewUpratingProposal;
use records::upratings::{proposal, proposals};

impl Located for UpratingProposal {
    fn location(&self) -> String {
        format!("/v1/uprating-proposals/{}", self.proposal.id)
    }
}

/// List proposals of upratings
#[utoipa::path(tag = "packages", params(ListUpratingProposals), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of proposals, in the order recorded", body = Page<UpratingProposal>)))]
#[get("/uprating-proposals")]
pub async fn list_uprating_proposals(
    app: Data<App>,
    _: Caller<PackagesRead>,
    params: Params<ListUpratingProposals>,
) -> Result<Json<Page<UpratingProposal>>, Problem> {
    app.read(move |connection| proposal::list(connection, params.0).map(Json)).await
}

/// Read a proposal of an uprating
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The proposal's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The proposal, and where it stands", body = UpratingProposal)))]
#[get("/uprating-proposals/{id}")]
pub async fn get_uprating_proposal(app: Data<App>, _: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<UpratingProposal>, Problem> {
    app.read(move |connection| proposal::read(connection, &id.0).map(Json)).await
}

/// Propose an uprating
///
/// As a preview showed it. It raises nothing before somebody else, in a post with a limit, agrees it at `POST /v1/upratings`.
#[utoipa::path(tag = "packages", request_body = NewUpratingProposal, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The proposal", body = UpratingProposal)))]
#[post("/uprating-proposals")]
pub async fn create_uprating_proposal(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    key: IdempotencyKey,
    body: Body<NewUpratingProposal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| propose(write, &profile, body)).await
}

/// Withdraw a proposal of an uprating
///
/// While it waits for an agreement; also one that can no longer be agreed, so that it can be proposed anew.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The proposal's id")), request_body = NewWithdrawal,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The proposal, withdrawn", body = UpratingProposal)))]
#[post("/uprating-proposals/{id}/withdrawal")]
pub async fn withdraw_uprating_proposal(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewWithdrawal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| proposals::withdraw(write, &id.0, body)).await
}

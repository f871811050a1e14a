//! Releases of commitments: what is not billed for days that are over, and will not be.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::commitments::releases;
use records::commitments::releases::{CommitmentRelease, ListReleases, NewCommitmentRelease, ReleaseMade, record, reverse};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for ReleaseMade {
    fn location(&self) -> String {
        format!("/v1/commitment-releases/{}", self.release.id)
    }
}

/// List releases of commitments
#[utoipa::path(tag = "budget control", params(ListReleases), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "A page of releases and reversals, in the order recorded", body = Page<CommitmentRelease>)))]
#[get("/commitment-releases")]
pub async fn list_commitment_releases(
    app: Data<App>,
    caller: Caller<BudgetsRead>,
    params: Params<ListReleases>,
) -> Result<Json<Page<CommitmentRelease>>, Problem> {
    app.write(caller.actor(), move |write| releases::list(write, params.0).map(Json)).await
}

/// Read a release of commitments
#[utoipa::path(tag = "budget control", params(("id" = Id, Path, description = "The release's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The release", body = CommitmentRelease)))]
#[get("/commitment-releases/{id}")]
pub async fn get_commitment_release(app: Data<App>, caller: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<CommitmentRelease>, Problem> {
    app.write(caller.actor(), move |write| releases::read(write, &id.0).map(Json)).await
}

/// Release commitments
///
/// What is open of the days before `up_to` is committed no longer, and stays so when a payment for it is taken back. The answer says how
/// much that is now.
#[utoipa::path(tag = "budget control", request_body = NewCommitmentRelease, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The release", body = ReleaseMade)))]
#[post("/commitment-releases")]
pub async fn create_commitment_release(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    key: IdempotencyKey,
    body: Body<NewCommitmentRelease>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

/// Reverse a release of commitments
#[utoipa::path(tag = "budget control", params(("id" = Id, Path, description = "The release's id")), request_body = NewReversal,
    security(("bearer" = ["budgets:write"])), responses((status = 201, description = "The row that takes it back", body = ReleaseMade)))]
#[post("/commitment-releases/{id}/reversal")]
pub async fn reverse_commitment_release(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, body.reason.0)).await
}

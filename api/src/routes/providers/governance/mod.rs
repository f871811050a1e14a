//! What a provider must hold before it takes a placement, as the authority's profile asks: records of each item, how it stands, and
//! what expires.

pub mod expiries;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::providers::governance;
use records::providers::governance::{
    GovernanceParams, GovernanceRecord, ListGovernanceRecords, NewGovernanceRecord, ProviderGovernance, record,
};
use records::text::Id;

impl Located for GovernanceRecord {
    fn location(&self) -> String {
        format!("/v1/providers/{}/governance", self.provider_id)
    }
}

/// Record how an item of a provider's governance was found
///
/// Records are added, never changed. The newest record counts whose first day has come.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), request_body = NewGovernanceRecord,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The record", body = GovernanceRecord)))]
#[post("/providers/{id}/governance-records")]
pub async fn create_governance_record(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewGovernanceRecord>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, &id.0, body)).await
}

/// List records of providers' governance
#[utoipa::path(tag = "providers", params(ListGovernanceRecords), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of records, in the order recorded", body = Page<GovernanceRecord>)))]
#[get("/governance-records")]
pub async fn list_governance_records(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListGovernanceRecords>,
) -> Result<Json<Page<GovernanceRecord>>, Problem> {
    app.read(move |connection| governance::list(connection, params.0).map(Json)).await
}

/// Read how a provider's governance stands on a day
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id"), GovernanceParams),
    security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "Each item asked for, and the rating", body = ProviderGovernance)))]
#[get("/providers/{id}/governance")]
pub async fn get_provider_governance(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
    params: Params<GovernanceParams>,
) -> Result<Json<ProviderGovernance>, Problem> {
    let profile = app.profile.clone();
    let on = params.0.on.unwrap_or_else(|| app.store.clock().today());
    app.read(move |connection| governance::of_provider(connection, &profile, &id.0, on).map(Json)).await
}

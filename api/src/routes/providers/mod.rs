//! Providers: who delivers, or takes a grant.

pub mod activity_returns;
pub mod governance;
pub mod public_entries;
pub mod registrations;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::providers;
use records::providers::{ListProviders, NewProvider, Provider, record};
use records::text::Id;

impl Located for Provider {
    fn location(&self) -> String {
        format!("/v1/providers/{}", self.id)
    }
}

/// List providers
#[utoipa::path(tag = "providers", params(ListProviders), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of providers", body = Page<Provider>)))]
#[get("/providers")]
pub async fn list_providers(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListProviders>,
) -> Result<Json<Page<Provider>>, Problem> {
    app.read(move |connection| providers::list(connection, params.0).map(Json)).await
}

/// Read a provider
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The provider", body = Provider)))]
#[get("/providers/{id}")]
pub async fn get_provider(app: Data<App>, _: Caller<ReferenceRead>, id: Path<Id>) -> Result<Json<Provider>, Problem> {
    app.read(move |connection| providers::read(connection, &id.0).map(Json)).await
}

/// Record a provider
#[utoipa::path(tag = "providers", request_body = NewProvider, security(("bearer" = ["providers:write"])),
    responses((status = 201, description = "The provider", body = Provider)))]
#[post("/providers")]
pub async fn create_provider(app: Data<App>, caller: Caller<ProvidersWrite>, key: IdempotencyKey, body: Body<NewProvider>) -> Answer {
    app.create(caller.actor(), key, body, record).await
}

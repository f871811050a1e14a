//! The numbers under which providers are registered as charities or companies, and the organisation ids made of them.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::providers::registrations;
use records::providers::registrations::{ListProviderRegistrations, NewProviderRegistration, ProviderRegistration, find, record, reverse};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for ProviderRegistration {
    fn location(&self) -> String {
        format!("/v1/provider-registrations/{}", self.id)
    }
}

/// List a provider's registrations
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id"), ListProviderRegistrations),
    security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of registrations and reversals, in the order recorded", body = Page<ProviderRegistration>)))]
#[get("/providers/{id}/registrations")]
pub async fn list_provider_registrations(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
    params: Params<ListProviderRegistrations>,
) -> Result<Json<Page<ProviderRegistration>>, Problem> {
    app.read(move |connection| registrations::list(connection, &id.0, params.0).map(Json)).await
}

/// Read a provider's registration
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The registration's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The registration", body = ProviderRegistration)))]
#[get("/provider-registrations/{id}")]
pub async fn get_provider_registration(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
) -> Result<Json<ProviderRegistration>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a provider's registration
///
/// Only the form of the number is checked. A newer number of the same kind counts instead of an earlier one.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), request_body = NewProviderRegistration,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The registration", body = ProviderRegistration)))]
#[post("/providers/{id}/registrations")]
pub async fn create_provider_registration(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewProviderRegistration>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| record(write, &id.0, body)).await
}

/// Reverse a provider's registration
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The registration's id")), request_body = NewReversal,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The row that takes it back", body = ProviderRegistration)))]
#[post("/provider-registrations/{id}/reversal")]
pub async fn reverse_provider_registration(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body.reason.0)).await
}

//! API clients: third-party tools with credentials and a scope of their own.

use crate::app::{Answer, App, Located};
use crate::auth::Caller;
use crate::auth::permission::{AccessRead, AccessWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use records::page::Page;
use records::people::clients;
use records::people::clients::{ApiClient, ApiClientWithSecret, ListApiClients, NewApiClient, OwnApiClients, add};
use records::text::Id;

impl Located for ApiClient {
    fn location(&self) -> String {
        format!("/v1/api-clients/{}", self.id)
    }
}

/// List API clients
#[utoipa::path(tag = "access", params(ListApiClients), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "A page of clients, in the order added", body = Page<ApiClient>)))]
#[get("/api-clients")]
pub async fn list_api_clients(
    app: Data<App>,
    _: Caller<AccessRead>,
    params: Params<ListApiClients>,
) -> Result<Json<Page<ApiClient>>, Problem> {
    app.read(move |connection| clients::list(connection, params.0).map(Json)).await
}

/// Read an API client
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The client's id")), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "The client", body = ApiClient)))]
#[get("/api-clients/{id}")]
pub async fn get_api_client(app: Data<App>, _: Caller<AccessRead>, id: Path<Id>) -> Result<Json<ApiClient>, Problem> {
    app.read(move |connection| clients::read(connection, &id.0).map(Json)).await
}

/// Add an API client
///
/// The answer holds the client's secret, this once. It takes no idempotency key, since the secret is not kept to be answered again. A client
/// with rights over money may log in once another administrator has agreed: see `POST /v1/api-clients/{id}/agreement`. One for which another
/// than the caller answers may log in once they have accepted that: see `POST /v1/me/api-clients/{id}/acceptance`.
#[utoipa::path(tag = "access", request_body = NewApiClient, security(("bearer" = ["access:write"])),
    responses((status = 201, description = "The client with its secret", body = ApiClientWithSecret)))]
#[post("/api-clients")]
pub async fn create_api_client(app: Data<App>, caller: Caller<AccessWrite>, body: Body<NewApiClient>) -> Answer {
    let created = app.write(caller.actor(), move |write| add(write, body.value.name.0, body.value.scope, body.value.owner_id)).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, created.client.location())).json(created))
}

/// Disable an API client
///
/// Ends its log-ins at once, and with them every write and every read of a child's record; an access token it holds may read
/// other things for up to 15 minutes.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The client's id")), security(("bearer" = ["access:write"])),
    responses((status = 200, description = "The client, disabled", body = ApiClient)))]
#[post("/api-clients/{id}/disabling")]
pub async fn disable_api_client(app: Data<App>, caller: Caller<AccessWrite>, id: Path<Id>) -> Answer {
    let client = app.write(caller.actor(), move |write| clients::disable(write, &id.0)).await?;
    Ok(HttpResponse::Ok().json(client))
}

/// List the API clients I answer for
///
/// Every client that names the caller as its owner, also those that wait until the caller accepts that.
#[utoipa::path(tag = "access", security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The clients, in the order added", body = OwnApiClients)))]
#[get("/me/api-clients")]
pub async fn list_own_api_clients(app: Data<App>, caller: Caller<ReferenceRead>) -> Result<Json<OwnApiClients>, Problem> {
    let owner = caller.claims.sub;
    app.read(move |connection| clients::of_owner(connection, &owner).map(Json)).await
}

/// Accept to answer for an API client
///
/// By the user whom it names as its owner, logged in. What the client records counts as theirs from then on, and it may log in.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The client's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The client, accepted", body = ApiClient)))]
#[post("/me/api-clients/{id}/acceptance")]
pub async fn accept_api_client(app: Data<App>, caller: Caller<ReferenceRead>, id: Path<Id>) -> Answer {
    let client = app.write(caller.actor(), move |write| clients::accept(write, &id.0)).await?;
    Ok(HttpResponse::Ok().json(client))
}

//! API clients: third-party tools with credentials and a scope of their own.

use crate::app::{Answer, App, Located};
use crate::auth::permission::{AccessRead, AccessWrite};
use crate::auth::{Caller, password};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, Problem};
use crate::text::{Id, Text};
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use db::schema::api_clients;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// An API client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a51", "name": "Council dashboard", "scope": ["reports:read"], "disabled_at": null,
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct ApiClient {
    /// The client's id, which it logs in with.
    pub id: String,
    /// What the tool is.
    pub name: String,
    /// What it may do.
    pub scope: Vec<Permission>,
    /// Since when it may no longer log in, UTC.
    pub disabled_at: Option<Instant>,
    /// When it was added, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for ApiClient {
    fn location(&self) -> String {
        format!("/v1/api-clients/{}", self.id)
    }
}

/// A new client with its secret, shown this once.
#[derive(Serialize, ToSchema)]
pub struct ApiClientWithSecret {
    /// The client.
    #[serde(flatten)]
    pub client: ApiClient,
    /// Kept only as a hash: it cannot be shown again.
    #[schema(example = "9f1c6e0d4a7b2c5e8f3a6d9c0b1e4f7a9f1c6e0d4a7b2c5e8f3a6d9c0b1e4f7a")]
    pub client_secret: String,
}

/// A client to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Council dashboard", "scope": ["reports:read"] }))]
pub struct NewApiClient {
    /// What the tool is.
    pub name: Text<100>,
    /// What it may do: no more than it needs.
    #[schema(min_items = 1, max_items = 100)]
    pub scope: Vec<Permission>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApiClients {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_clients)]
struct Row {
    id: String,
    name: String,
    scope: String,
    disabled_at: Option<Instant>,
    recorded_at: Instant,
    recorded_seq: i64,
}

impl TryFrom<Row> for ApiClient {
    type Error = Problem;

    fn try_from(row: Row) -> Result<Self, Problem> {
        let scope = scope_of(&row.scope)?;
        Ok(ApiClient {
            id: row.id,
            name: row.name,
            scope,
            disabled_at: row.disabled_at,
            recorded_at: row.recorded_at,
            recorded_seq: row.recorded_seq,
        })
    }
}

/// The permissions in a scope column.
pub fn scope_of(column: &str) -> Result<Vec<Permission>, Problem> {
    column.split_whitespace().map(|word| word.parse().map_err(|_| Problem::internal("an unknown permission in a scope"))).collect()
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
    let ListApiClients { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let query = api_clients::table
            .select(Row::as_select())
            .filter(api_clients::recorded_seq.ge(after.seq))
            .filter(api_clients::recorded_seq.gt(after.seq).or(api_clients::id.gt(after.id)));
        let rows: Vec<Row> = query.order((api_clients::recorded_seq, api_clients::id)).limit(limit.and_one()).load(connection)?;
        let clients = rows.into_iter().map(ApiClient::try_from).collect::<Result<_, _>>()?;
        Ok(Json(limit.page(clients, |row: &ApiClient| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read an API client
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The client's id")), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "The client", body = ApiClient)))]
#[get("/api-clients/{id}")]
pub async fn get_api_client(app: Data<App>, _: Caller<AccessRead>, id: Path<Id>) -> Result<Json<ApiClient>, Problem> {
    app.read(move |connection| {
        let row = api_clients::table.find(&id.0).select(Row::as_select()).first(connection).optional()?;
        row.ok_or_else(|| Problem::not_found("API client"))?.try_into().map(Json)
    })
    .await
}

/// Add an API client
///
/// The answer holds the client's secret, this once. It takes no idempotency key, since the secret is not kept to be answered again.
#[utoipa::path(tag = "access", request_body = NewApiClient, security(("bearer" = ["access:write"])),
    responses((status = 201, description = "The client with its secret", body = ApiClientWithSecret)))]
#[post("/api-clients")]
pub async fn create_api_client(app: Data<App>, caller: Caller<AccessWrite>, body: Body<NewApiClient>) -> Answer {
    let created = app.write(caller.actor(), move |write| add(write, body.value.name.0, body.value.scope)).await?;
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
    let client = app
        .write(caller.actor(), move |write| {
            let row: Option<Row> = api_clients::table.find(&id.0).select(Row::as_select()).first(write.connection).optional()?;
            let client = ApiClient::try_from(row.ok_or_else(|| Problem::not_found("API client"))?)?;
            if client.disabled_at.is_some() {
                return Err(Problem::new(Code::StateConflict, "The client is disabled already."));
            }
            diesel::update(api_clients::table.find(&client.id)).set(api_clients::disabled_at.eq(write.at)).execute(write.connection)?;
            write.record(Event::new("disable", "api_clients", &client.id))?;
            Ok(ApiClient { disabled_at: Some(write.at.into()), ..client })
        })
        .await?;
    Ok(HttpResponse::Ok().json(client))
}

/// Adds a client and makes its secret.
pub fn add(write: &mut Write<'_>, name: String, mut scope: Vec<Permission>) -> Result<ApiClientWithSecret, Problem> {
    scope.sort_unstable();
    scope.dedup();
    let client_secret = password::new_secret()?;
    let client = ApiClient { id: new_id(), name, scope, disabled_at: None, recorded_at: write.at.into(), recorded_seq: write.seq() };
    let words: Vec<_> = client.scope.iter().map(Permission::as_str).collect();
    diesel::insert_into(api_clients::table)
        .values((
            api_clients::id.eq(&client.id),
            api_clients::name.eq(&client.name),
            api_clients::secret_hash.eq(password::digest(&client_secret)),
            api_clients::scope.eq(words.join(" ")),
            api_clients::recorded_at.eq(write.at),
            api_clients::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("add", "api_clients", &client.id).with(json!({ "scope": words })))?;
    Ok(ApiClientWithSecret { client, client_secret })
}

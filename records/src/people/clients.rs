//! API clients: third-party tools with credentials and a scope of their own.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::people::agreements::{Subject, let_wait};
use crate::people::password;
use crate::text::{Id, Text};
use db::schema::{api_clients, users};
use db::{ActorKind, AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::people::access::{is_accepted_from_the_start, needs_another, refuse_accepted_twice};
use domain::{Code, FieldError, Permission, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// An API client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a51", "name": "Council dashboard", "scope": ["reports:read"], "owner_id": null, "owner_accepted_at": null, "disabled_at": null,
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct ApiClient {
    /// The client's id, which it logs in with.
    pub id: String,
    /// What the tool is.
    pub name: String,
    /// What it may do.
    pub scope: Vec<Permission>,
    /// The user who answers for it: what it records counts as theirs. Null of one that the command line added without naming an owner.
    pub owner_id: Option<String>,
    /// Since when the owner has accepted that, UTC; null, they have not, and the tool may not log in.
    pub owner_accepted_at: Option<Instant>,
    /// Since when it may no longer log in, UTC.
    pub disabled_at: Option<Instant>,
    /// When it was added, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
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
    /// The user who answers for it; without one, the administrator who adds it. Another than that administrator accepts it by their own log-in
    /// before the tool may log in.
    pub owner_id: Option<Id>,
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
    owner_id: Option<String>,
    owner_accepted_at: Option<Instant>,
    disabled_at: Option<Instant>,
    recorded_at: Instant,
    recorded_seq: i64,
}

impl TryFrom<Row> for ApiClient {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let scope = scope_of(&row.scope)?;
        Ok(ApiClient {
            id: row.id,
            name: row.name,
            scope,
            owner_id: row.owner_id,
            owner_accepted_at: row.owner_accepted_at,
            disabled_at: row.disabled_at,
            recorded_at: row.recorded_at,
            recorded_seq: row.recorded_seq,
        })
    }
}

/// The permissions in a scope column.
pub fn scope_of(column: &str) -> Result<Vec<Permission>, Error> {
    column.split_whitespace().map(|word| word.parse().map_err(|_| Error::fault("an unknown permission in a scope"))).collect()
}

/// Adds a client and makes its secret. One with rights over money that a person adds waits until another administrator agrees.
pub fn add(write: &mut Write<'_>, name: String, mut scope: Vec<Permission>, owner: Option<Id>) -> Result<ApiClientWithSecret, Error> {
    let is_person = write.actor.kind == ActorKind::User;
    let owner_id = owner.map(|owner| owner.0).or_else(|| is_person.then(|| write.actor.id.clone()));
    if let Some(owner) = &owner_id {
        let is_there: bool = diesel::select(exists(users::table.find(owner))).get_result(write.connection)?;
        let unknown = FieldError::new("/owner_id", "unknown_reference", "no user has this id");
        Refusal::unless_valid((!is_there).then_some(unknown).into_iter().collect())?;
    }
    scope.sort_unstable();
    scope.dedup();
    let client_secret = password::new_secret()?;
    let is_accepted = is_accepted_from_the_start(owner_id.as_deref(), &write.actor.id);
    let client = ApiClient {
        id: new_id(),
        name,
        scope,
        owner_id,
        owner_accepted_at: is_accepted.then(|| write.at.into()),
        disabled_at: None,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let words: Vec<_> = client.scope.iter().map(Permission::as_str).collect();
    diesel::insert_into(api_clients::table)
        .values((
            api_clients::id.eq(&client.id),
            api_clients::name.eq(&client.name),
            api_clients::secret_hash.eq(password::digest(&client_secret)),
            api_clients::scope.eq(words.join(" ")),
            api_clients::owner_id.eq(&client.owner_id),
            api_clients::owner_accepted_at.eq(client.owner_accepted_at),
            api_clients::recorded_at.eq(write.at),
            api_clients::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("add", "api_clients", &client.id).with(json!({ "scope": words, "owner_id": client.owner_id })))?;
    if needs_another(is_person, &client.scope) {
        let_wait(write, Subject::Client, &client.id)?;
    }
    Ok(ApiClientWithSecret { client, client_secret })
}

/// List API clients.
pub fn list(connection: &mut AnyConnection, wanted: ListApiClients) -> Result<Page<ApiClient>, Error> {
    let ListApiClients { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let query = api_clients::table
        .select(Row::as_select())
        .filter(api_clients::recorded_seq.ge(after.seq))
        .filter(api_clients::recorded_seq.gt(after.seq).or(api_clients::id.gt(after.id)));
    let rows: Vec<Row> = query.order((api_clients::recorded_seq, api_clients::id)).limit(limit.and_one()).load(connection)?;
    let clients = rows.into_iter().map(ApiClient::try_from).collect::<Result<_, _>>()?;
    Ok(limit.page(clients, |row: &ApiClient| After::key(row.recorded_seq, &row.id)))
}

/// Read an API client.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<ApiClient, Error> {
    let row = api_clients::table.find(id).select(Row::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("API client"))?.try_into()
}

/// The API clients for which the caller answers.
#[derive(Serialize, ToSchema)]
pub struct OwnApiClients {
    /// In the order added.
    pub items: Vec<ApiClient>,
}

/// The tools that name a user as their owner, also those that wait for the user to accept it.
pub fn of_owner(connection: &mut AnyConnection, owner_id: &str) -> Result<OwnApiClients, Error> {
    let own = api_clients::table.filter(api_clients::owner_id.eq(owner_id)).select(Row::as_select());
    let rows: Vec<Row> = own.order((api_clients::recorded_seq, api_clients::id)).load(connection)?;
    Ok(OwnApiClients { items: rows.into_iter().map(ApiClient::try_from).collect::<Result<_, _>>()? })
}

/// Accepts, as the user whom a tool names as its owner, to answer for it. Nobody else learns that there is such a tool.
pub fn accept(write: &mut Write<'_>, id: &str) -> Result<ApiClient, Error> {
    let client = read(write.connection, id)?;
    if client.owner_id.as_deref() != Some(write.actor.id.as_str()) {
        return Err(Error::not_found("API client"));
    }
    refuse_accepted_twice(client.owner_accepted_at.is_some())?;
    diesel::update(api_clients::table.find(&client.id)).set(api_clients::owner_accepted_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new("accept", "api_clients", &client.id))?;
    Ok(ApiClient { owner_accepted_at: Some(write.at.into()), ..client })
}

/// Disables a client: its tokens write and read no child's record any more.
pub fn disable(write: &mut Write<'_>, id: &str) -> Result<ApiClient, Error> {
    let row: Option<Row> = api_clients::table.find(id).select(Row::as_select()).first(write.connection).optional()?;
    let client = ApiClient::try_from(row.ok_or_else(|| Error::not_found("API client"))?)?;
    if client.disabled_at.is_some() {
        return Err(Error::refused(Code::StateConflict, "The client is disabled already."));
    }
    diesel::update(api_clients::table.find(&client.id)).set(api_clients::disabled_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new("disable", "api_clients", &client.id))?;
    Ok(ApiClient { disabled_at: Some(write.at.into()), ..client })
}

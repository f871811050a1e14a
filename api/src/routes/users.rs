//! Users: people with a name, a role and a password.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::permission::{AccessRead, AccessWrite, AnyCaller};
use crate::auth::{Caller, CallerKind, password};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::problem::{Code, Problem};
use crate::text::Id;
use actix_web::web::{Data, Json, Path, block};
use actix_web::{HttpResponse, get, post};
use db::schema::{refresh_tokens, users};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Permission, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A user.
#[derive(Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = users)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "username": "finance.team", "role": "finance_officer", "disabled_at": null,
    "recorded_at": "2023-04-01T09:00:00Z"
}))]
pub struct User {
    /// The user's id, as the audit trail has it.
    pub id: String,
    /// What they log in with.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// Since when they may no longer log in, UTC.
    pub disabled_at: Option<Instant>,
    /// When they were added, UTC.
    pub recorded_at: Instant,
}

impl Located for User {
    fn location(&self) -> String {
        format!("/v1/users/{}", self.id)
    }
}

/// A log-in name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9.@_-]*$", min_length = 2, max_length = 100, example = "finance.team")]
pub struct Username(pub String);

/// A password: long rather than odd.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 12, max_length = 200, example = "four words and a number 7")]
pub struct Password(pub String);

/// A user to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "finance.team", "password": "four words and a number 7", "role": "finance_officer" }))]
pub struct NewUser {
    /// What they log in with.
    pub username: Username,
    /// Kept only as an argon2id hash.
    pub password: Password,
    /// What they may do.
    pub role: Role,
}

/// Who the token speaks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "kind": "user", "permissions": ["budgets:read", "reports:read"] }))]
pub struct Me {
    /// The user's or client's id.
    pub id: String,
    /// Person or tool.
    pub kind: CallerKind,
    /// What the token allows.
    pub permissions: Vec<Permission>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// Read who I am
#[utoipa::path(tag = "access", security(("bearer" = [])), responses((status = 200, description = "The caller", body = Me)))]
#[get("/me")]
pub async fn get_me(caller: Caller<AnyCaller>) -> Json<Me> {
    let claims = caller.claims;
    Json(Me { id: claims.sub, kind: claims.kind, permissions: claims.permissions })
}

/// List users
#[utoipa::path(tag = "access", params(ListUsers), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "A page of users, in the order added", body = Page<User>)))]
#[get("/users")]
pub async fn list_users(app: Data<App>, _: Caller<AccessRead>, params: Params<ListUsers>) -> Result<Json<Page<User>>, Problem> {
    let ListUsers { limit, cursor } = params.0;
    app.read(move |connection| {
        let query = users::table.select(User::as_select()).filter(users::id.gt(cursor.after()));
        let rows = query.order(users::id).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &User| row.id.clone())))
    })
    .await
}

/// Read a user
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "The user", body = User)))]
#[get("/users/{id}")]
pub async fn get_user(app: Data<App>, _: Caller<AccessRead>, id: Path<Id>) -> Result<Json<User>, Problem> {
    app.read(move |connection| {
        let user = users::table.find(&id.0).select(User::as_select()).first(connection).optional()?;
        user.map(Json).ok_or_else(|| Problem::not_found("user"))
    })
    .await
}

/// Add a user
#[utoipa::path(tag = "access", request_body = NewUser, security(("bearer" = ["access:write"])),
    responses((status = 201, description = "The user", body = User)))]
#[post("/users")]
pub async fn create_user(app: Data<App>, caller: Caller<AccessWrite>, key: IdempotencyKey, body: Body<NewUser>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let new = body.value;
    // Hashed before the write begins: argon2 is slow on purpose, and writers wait for one another.
    let (new, hash) = block(move || password::hash(&new.password.0).map(|hash| (new, hash))).await.map_err(Problem::internal)??;
    app.create(caller.actor(), once, move |write| add(write, new.username.0, hash, new.role)).await
}

/// Disable a user
///
/// Ends their log-ins at once; an access token they hold expires within 15 minutes.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:write"])),
    responses((status = 200, description = "The user, disabled", body = User)))]
#[post("/users/{id}/disabling")]
pub async fn disable_user(app: Data<App>, caller: Caller<AccessWrite>, id: Path<Id>) -> Answer {
    let user = app
        .write(caller.actor(), move |write| {
            let user = users::table.find(&id.0).select(User::as_select()).first(write.connection).optional()?;
            let user = user.ok_or_else(|| Problem::not_found("user"))?;
            if user.disabled_at.is_some() {
                return Err(Problem::new(Code::StateConflict, "The user is disabled already."));
            }
            diesel::update(users::table.find(&user.id)).set(users::disabled_at.eq(write.at)).execute(write.connection)?;
            diesel::update(refresh_tokens::table.filter(refresh_tokens::user_id.eq(&user.id)))
                .set(refresh_tokens::revoked_at.eq(write.at))
                .execute(write.connection)?;
            write.record(Event::new("disable", "users", &user.id))?;
            Ok(User { disabled_at: Some(write.at.into()), ..user })
        })
        .await?;
    Ok(HttpResponse::Ok().json(user))
}

/// Adds a user whose password is hashed already.
pub fn add(write: &mut Write<'_>, username: String, password_hash: String, role: Role) -> Result<User, Problem> {
    let user = User { id: new_id(), username, role, disabled_at: None, recorded_at: write.at.into() };
    diesel::insert_into(users::table)
        .values((
            users::id.eq(&user.id),
            users::username.eq(&user.username),
            users::role.eq(user.role),
            users::password_hash.eq(password_hash),
            users::recorded_at.eq(write.at),
            users::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("add", "users", &user.id).with(json!({ "role": role })))?;
    Ok(user)
}

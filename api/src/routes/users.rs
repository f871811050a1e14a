//! Users: people with a name, a role and a password.

use crate::app::{Answer, App, Located};
use crate::auth::permission::{AccessRead, AccessWrite, AnyCaller};
use crate::auth::{Caller, CallerKind, password};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::http::header::LOCATION;
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
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
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
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
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

/// A new password for the old one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "current_password": "four words and a number 7", "new_password": "another four words and 8" }))]
pub struct PasswordChange {
    /// The one in force.
    #[schema(max_length = 200, format = Password)]
    pub current_password: String,
    /// The one to be.
    pub new_password: Password,
}

/// A password made for a user, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "password": "a2b3c4d5e6f7g8h9i2j3" }))]
pub struct PasswordReset {
    /// Kept only as a hash: it cannot be shown again.
    pub password: String,
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
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let query = users::table
            .select(User::as_select())
            .filter(users::recorded_seq.ge(after.seq))
            .filter(users::recorded_seq.gt(after.seq).or(users::id.gt(after.id)));
        let rows = query.order((users::recorded_seq, users::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &User| After::key(row.recorded_seq, &row.id))))
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
pub async fn create_user(app: Data<App>, caller: Caller<AccessWrite>, body: Body<NewUser>) -> Answer {
    let NewUser { username, password, role } = body.value;
    let hash = hash(&app, password.0).await?;
    let user = app.write(caller.actor(), move |write| add(write, username.0, hash, role)).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, user.location())).json(user))
}

/// Change my password
///
/// Ends every log-in of the user but this access token.
#[utoipa::path(tag = "access", request_body = PasswordChange, security(("bearer" = [])),
    responses((status = 204, description = "Changed"),
        (status = 429, description = "Too many wrong passwords", body = Problem, content_type = "application/problem+json"), (status = 409, description = "The caller is a tool, which has no password", body = Problem, content_type = "application/problem+json")))]
#[post("/me/password")]
pub async fn change_password(app: Data<App>, caller: Caller<AnyCaller>, body: Body<PasswordChange>) -> Answer {
    let PasswordChange { current_password, new_password } = body.value;
    let id = caller.claims.sub.clone();
    let stored: Option<(String, String)> = app
        .read(move |connection| Ok(users::table.find(id).select((users::username, users::password_hash)).first(connection).optional()?))
        .await?;
    let (username, stored) = stored.ok_or_else(|| Problem::new(Code::StateConflict, "A tool has no password."))?;
    app.turns.refuse_guessing(&username)?;
    let is_right = {
        let _turn = app.turns.to_hash().await?;
        block(move || password::is_right(&current_password, Some(&stored))).await.map_err(Problem::internal)?
    };
    if !is_right {
        app.turns.failed(&username);
        return Err(Problem::invalid(vec![FieldError::new("/current_password", "wrong", "this is not the current password")]));
    }
    let (hash, id) = (hash(&app, new_password.0).await?, caller.claims.sub.clone());
    app.write(caller.actor(), move |write| set_password(write, &id, &hash, "change_password")).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a user a new password
///
/// For one who forgot theirs: the answer holds a new password, this once, which the user should change. Ends their log-ins.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:write"])),
    responses((status = 200, description = "The new password", body = PasswordReset)))]
#[post("/users/{id}/password-reset")]
pub async fn reset_password(app: Data<App>, caller: Caller<AccessWrite>, id: Path<Id>) -> Result<Json<PasswordReset>, Problem> {
    let new_password = password::new_password()?;
    let hash = hash(&app, new_password.clone()).await?;
    app.write(caller.actor(), move |write| set_password(write, &id.0, &hash, "reset_password")).await?;
    Ok(Json(PasswordReset { password: new_password }))
}

/// Hashed before a write begins: argon2 is slow on purpose, and writers wait for one another.
async fn hash(app: &App, password: String) -> Result<String, Problem> {
    let _turn = app.turns.to_hash().await?;
    block(move || password::hash(&password)).await.map_err(Problem::internal)?
}

fn set_password(write: &mut Write<'_>, id: &str, hash: &str, action: &'static str) -> Result<(), Problem> {
    let changed = diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(write.connection)?;
    if changed == 0 {
        return Err(Problem::not_found("user"));
    }
    end_log_ins(write, id)?;
    write.record(Event::new(action, "users", id))?;
    Ok(())
}

/// Revokes every refresh token of a user that is not revoked yet.
fn end_log_ins(write: &mut Write<'_>, id: &str) -> Result<(), Problem> {
    let standing = refresh_tokens::table.filter(refresh_tokens::user_id.eq(id)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(standing).set(refresh_tokens::revoked_at.eq(write.at)).execute(write.connection)?;
    Ok(())
}

/// Disable a user
///
/// Ends their log-ins at once, and with them every write and every read of a child's record; an access token they hold may read
/// other things for up to 15 minutes.
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
            end_log_ins(write, &user.id)?;
            write.record(Event::new("disable", "users", &user.id))?;
            Ok(User { disabled_at: Some(write.at.into()), ..user })
        })
        .await?;
    Ok(HttpResponse::Ok().json(user))
}

/// Adds a user whose password is hashed already.
pub fn add(write: &mut Write<'_>, username: String, password_hash: String, role: Role) -> Result<User, Problem> {
    let user = User { id: new_id(), username, role, disabled_at: None, recorded_at: write.at.into(), recorded_seq: write.seq() };
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

//! Users: people with a name, a role and a password.

use crate::app::{Answer, App, Located};
use crate::auth::permission::{AccessRead, AccessWrite, AnyCaller};
use crate::auth::{Caller, CallerKind};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path, block};
use actix_web::{HttpResponse, get, post};
use domain::Refusal;
use domain::{Code, FieldError, Permission};
use records::page::Page;
use records::people::password;
use records::people::users;
use records::people::users::{ListUsers, NewUser, PasswordChange, PasswordReset, User, add, set_password};
use records::text::Id;
use serde::Serialize;
use utoipa::ToSchema;

impl Located for User {
    fn location(&self) -> String {
        format!("/v1/users/{}", self.id)
    }
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
    app.read(move |connection| users::list(connection, params.0).map(Json)).await
}

/// Read a user
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:read"])),
    responses((status = 200, description = "The user", body = User)))]
#[get("/users/{id}")]
pub async fn get_user(app: Data<App>, _: Caller<AccessRead>, id: Path<Id>) -> Result<Json<User>, Problem> {
    app.read(move |connection| users::read(connection, &id.0).map(Json)).await
}

/// Add a user
///
/// One with rights over money may log in once another administrator has agreed: see `POST /v1/users/{id}/agreement`.
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
    let stored = app.read(move |connection| users::password_of(connection, &id)).await?;
    let (username, stored) = stored.ok_or_else(|| Problem::new(Code::StateConflict, "A tool has no password."))?;
    app.lock_out.refuse_guessing(&username)?;
    let is_right = {
        let _turn = app.turns.to_hash().await?;
        block(move || password::is_right(&current_password, Some(&stored))).await.map_err(Problem::internal)?
    };
    if !is_right {
        app.lock_out.failed(&username);
        let wrong = FieldError::new("/current_password", "wrong", "this is not the current password");
        return Err(Refusal::invalid(vec![wrong]).into());
    }
    let (hash, id) = (hash(&app, new_password.0).await?, caller.claims.sub.clone());
    app.write(caller.actor(), move |write| set_password(write, &id, &hash, "change_password")).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a user a new password
///
/// For one who forgot theirs: the answer holds a new password, this once, which the user should change. Ends their log-ins. Where the user
/// has rights over money, another administrator has to agree before it is good.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:write"])),
    responses((status = 200, description = "The new password", body = PasswordReset)))]
#[post("/users/{id}/password-reset")]
pub async fn reset_password(app: Data<App>, caller: Caller<AccessWrite>, id: Path<Id>) -> Result<Json<PasswordReset>, Problem> {
    let new_password = password::new_password()?;
    let hash = hash(&app, new_password.clone()).await?;
    app.write(caller.actor(), move |write| users::reset_password(write, &id.0, &hash)).await?;
    Ok(Json(PasswordReset { password: new_password }))
}

/// Hashed before a write begins: argon2 is slow on purpose, and writers wait for one another.
async fn hash(app: &App, password: String) -> Result<String, Problem> {
    let _turn = app.turns.to_hash().await?;
    Ok(block(move || password::hash(&password)).await.map_err(Problem::internal)??)
}

/// Disable a user
///
/// Ends their log-ins at once, and with them every write and every read of a child's record; an access token they hold may read
/// other things for up to 15 minutes.
#[utoipa::path(tag = "access", params(("id" = Id, Path, description = "The user's id")), security(("bearer" = ["access:write"])),
    responses((status = 200, description = "The user, disabled", body = User)))]
#[post("/users/{id}/disabling")]
pub async fn disable_user(app: Data<App>, caller: Caller<AccessWrite>, id: Path<Id>) -> Answer {
    let user = app.write(caller.actor(), move |write| users::disable(write, &id.0)).await?;
    Ok(HttpResponse::Ok().json(user))
}

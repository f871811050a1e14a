//! Tokens: logging in, going on, logging out.
//!
//! An access token lives for 15 minutes. A refresh token is good once: it is exchanged for a new pair, and when a spent one comes
//! back, somebody has a copy, so all that descend from that log-in are revoked.

use super::api_clients::scope_of;
use crate::app::{Answer, App};
use crate::auth::{ACCESS_TOKEN_SECONDS, CallerKind, password, request_id};
use crate::extract::{Body, FormOrJson};
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::web::{Data, block};
use actix_web::{HttpRequest, HttpResponse, post};
use chrono::{NaiveDateTime, TimeDelta};
use db::schema::{api_clients, refresh_tokens, users};
use db::{Actor, ActorKind, Event, Write, new_id};
use diesel::prelude::*;
use domain::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a refresh token lives unused.
const REFRESH_FOR: TimeDelta = TimeDelta::days(14);

/// What is given for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A person logs in: `username` and `password`.
    Password,
    /// A person goes on: `refresh_token`.
    RefreshToken,
    /// A tool logs in: `client_id` and `client_secret`.
    ClientCredentials,
}

/// A request for tokens. Other fields are ignored, as OAuth has it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "grant_type": "password", "username": "finance.team", "password": "four words and a number 7" }))]
pub struct TokenRequest {
    /// What is given.
    grant_type: GrantType,
    /// With `password`: the log-in name.
    #[schema(max_length = 200)]
    username: Option<String>,
    /// With `password`: the password.
    #[schema(max_length = 200, format = Password)]
    password: Option<String>,
    /// With `refresh_token`: the last one given.
    #[schema(max_length = 200)]
    refresh_token: Option<String>,
    /// With `client_credentials`: the client's id.
    #[schema(max_length = 200)]
    client_id: Option<String>,
    /// With `client_credentials`: its secret.
    #[schema(max_length = 200)]
    client_secret: Option<String>,
}

/// A refresh token to revoke.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "5d0c…" }))]
pub struct Revocation {
    /// The last one given.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "access_token": "eyJ0eXAiOiJKV1Qi…", "token_type": "Bearer", "expires_in": 900, "refresh_token": "5d0c…" }))]
pub struct Tokens {
    /// For the `Authorization: Bearer` header.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// For the next pair, once; only people get one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Get tokens
///
/// With a name and password, a refresh token, or a client's credentials; as JSON, or as a form like OAuth's. After ten wrong
/// passwords a name has to wait five minutes.
#[utoipa::path(tag = "access", security(()),
    request_body(content((TokenRequest = "application/json"), (TokenRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Tokens", body = Tokens),
        (status = 401, description = "The credentials are not right", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong passwords for this name", body = Problem, content_type = "application/problem+json")))]
#[post("/tokens")]
pub async fn create_tokens(app: Data<App>, request: HttpRequest, body: FormOrJson<TokenRequest>) -> Answer {
    let asked = body.0;
    let by = |id: &str, kind| Actor { kind, id: id.to_owned(), request_id: request_id(&request) };
    let tokens = match asked.grant_type {
        GrantType::Password => {
            let [username, password] = given([("/username", asked.username), ("/password", asked.password)])?;
            log_in(&app, |id| by(id, ActorKind::User), username, password).await?
        }
        GrantType::RefreshToken => {
            let [token] = given([("/refresh_token", asked.refresh_token)])?;
            refresh(&app, |id| by(id, ActorKind::User), token).await?
        }
        GrantType::ClientCredentials => {
            let [id, secret] = given([("/client_id", asked.client_id), ("/client_secret", asked.client_secret)])?;
            log_in_client(&app, by(&id, ActorKind::Client), secret).await?
        }
    };
    Ok(HttpResponse::Ok().json(tokens))
}

/// The fields that a kind of request needs; every one that is missing is told.
fn given<const N: usize>(fields: [(&str, Option<String>); N]) -> Result<[String; N], Problem> {
    let missing = fields.iter().filter(|(_, value)| value.is_none());
    let errors: Vec<_> = missing.map(|(pointer, _)| FieldError::new(pointer, "required", "this grant type needs it")).collect();
    if errors.is_empty() { Ok(fields.map(|(_, value)| value.unwrap_or_default())) } else { Err(Problem::invalid(errors)) }
}

/// Revoke a refresh token
///
/// Logs out: the token and all that descend from its log-in are no longer good. A token nobody has is no mistake.
#[utoipa::path(tag = "access", request_body = Revocation, security(()), responses((status = 204, description = "Revoked")))]
#[post("/tokens/revocation")]
pub async fn revoke_token(app: Data<App>, request: HttpRequest, body: Body<Revocation>) -> Answer {
    let token_hash = password::digest(&body.value.refresh_token);
    let found: Option<Refresh> = find_refresh(&app, token_hash).await?;
    if let Some(found) = found {
        let actor = Actor { kind: ActorKind::User, id: found.user_id.clone(), request_id: request_id(&request) };
        app.write_unchecked(actor, move |write| revoke_family(write, &found, "log_out")).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
struct Refresh {
    token_hash: String,
    user_id: String,
    family_id: String,
    expires_at: NaiveDateTime,
    spent_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

fn wrong() -> Problem {
    Problem::new(Code::BadCredentials, "Nobody has these credentials, or they are no longer good.")
}

async fn find_refresh(app: &App, token_hash: String) -> Result<Option<Refresh>, Problem> {
    app.read(move |connection| Ok(refresh_tokens::table.find(token_hash).select(Refresh::as_select()).first(connection).optional()?)).await
}

async fn log_in(app: &App, by: impl Fn(&str) -> Actor, username: String, password: String) -> Result<Tokens, Problem> {
    app.turns.refuse_guessing(&username)?;
    // Nobody's name, and PostgreSQL takes no NUL in a text.
    let name = username.replace('\0', " ");
    let found: Option<(String, Role, String)> = app
        .read(move |connection| {
            let able = users::table.filter(users::username.eq(name)).filter(users::disabled_at.is_null());
            Ok(able.select((users::id, users::role, users::password_hash)).first(connection).optional()?)
        })
        .await?;
    let stored = found.as_ref().map(|(_, _, hash)| hash.clone());
    let is_right = {
        let _turn = app.turns.to_hash().await?;
        block(move || password::is_right(&password, stored.as_deref())).await.map_err(Problem::internal)?
    };
    if !is_right {
        app.turns.failed(&username);
        if let Some((id, ..)) = found {
            // A name that nobody has stays out of the trail: it may be a password typed in the wrong place.
            app.write_unchecked(by(&id), move |write| Ok(write.record(Event::new("refuse_log_in", "users", &id))?)).await?;
        }
        return Err(wrong());
    }
    app.turns.succeeded(&username);
    let (id, role, _) = found.ok_or_else(wrong)?;
    let refresh_token = password::new_secret()?;
    let (token_hash, user_id) = (password::digest(&refresh_token), id.clone());
    app.write_unchecked(by(&id), move |write| {
        write.record(Event::new("log_in", "users", &user_id))?;
        give_refresh(write, token_hash, &user_id, &new_id())
    })
    .await?;
    tokens(app, &id, role, refresh_token)
}

async fn refresh(app: &App, by: impl Fn(&str) -> Actor, token: String) -> Result<Tokens, Problem> {
    let found = find_refresh(app, password::digest(&token)).await?.ok_or_else(wrong)?;
    let next = password::new_secret()?;
    let next_hash = password::digest(&next);
    let user_id = found.user_id.clone();
    let outcome = app.write_unchecked(by(&found.user_id), move |write| exchange(write, &found.token_hash, next_hash)).await?;
    let role = outcome.ok_or_else(wrong)?;
    tokens(app, &user_id, role, next)
}

/// Spends the token for the next one. None when it is not good; one spent before revokes its family, and that stays.
fn exchange(write: &mut Write<'_>, token_hash: &str, next_hash: String) -> Result<Option<Role>, Problem> {
    // Read again inside the write: of two exchanges at once, one finds the token spent.
    let found: Refresh = refresh_tokens::table.find(token_hash).select(Refresh::as_select()).first(write.connection)?;
    let role =
        users::table.find(&found.user_id).filter(users::disabled_at.is_null()).select(users::role).first(write.connection).optional()?;
    if found.spent_at.is_some() {
        revoke_family(write, &found, "reuse_refresh_token")?;
        return Ok(None);
    }
    if found.revoked_at.is_some() || found.expires_at < write.at || role.is_none() {
        write.record(Event::new("refuse_refresh", "users", &found.user_id))?;
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(token_hash)).set(refresh_tokens::spent_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new("refresh", "users", &found.user_id))?;
    give_refresh(write, next_hash, &found.user_id, &found.family_id)?;
    Ok(role)
}

async fn log_in_client(app: &App, actor: Actor, secret: String) -> Result<Tokens, Problem> {
    let id = Id::try_from(actor.id.clone()).map_err(|_| wrong())?.0;
    let secret_hash = password::digest(&secret);
    let found: Option<String> = app
        .read(move |connection| {
            let able = api_clients::table.find(id).filter(api_clients::disabled_at.is_null());
            Ok(able.filter(api_clients::secret_hash.eq(secret_hash)).select(api_clients::scope).first(connection).optional()?)
        })
        .await?;
    let scope = scope_of(&found.ok_or_else(wrong)?)?;
    let client_id = actor.id.clone();
    let logged_in = client_id.clone();
    app.write_unchecked(actor, move |write| Ok(write.record(Event::new("log_in", "api_clients", &logged_in))?)).await?;
    let access_token = app.keys.sign(&client_id, CallerKind::Client, scope)?;
    Ok(Tokens { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, refresh_token: None })
}

fn tokens(app: &App, user_id: &str, role: Role, refresh_token: String) -> Result<Tokens, Problem> {
    let access_token = app.keys.sign(user_id, CallerKind::User, role.permissions().to_vec())?;
    Ok(Tokens { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, refresh_token: Some(refresh_token) })
}

fn give_refresh(write: &mut Write<'_>, token_hash: String, user_id: &str, family_id: &str) -> Result<(), Problem> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::user_id.eq(user_id),
            refresh_tokens::family_id.eq(family_id),
            refresh_tokens::issued_at.eq(write.at),
            refresh_tokens::expires_at.eq(write.at + REFRESH_FOR),
        ))
        .execute(write.connection)?;
    Ok(())
}

fn revoke_family(write: &mut Write<'_>, token: &Refresh, action: &'static str) -> Result<(), Problem> {
    let family = refresh_tokens::table.filter(refresh_tokens::family_id.eq(&token.family_id)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(family).set(refresh_tokens::revoked_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new(action, "users", &token.user_id))?;
    Ok(())
}

//! Tokens: logging in, going on, logging out.
//!
//! An access token lives for 15 minutes. A refresh token is good once: it is exchanged for a new pair, and when a spent one comes
//! back, somebody has a copy, so all that descend from that log-in are revoked.

use crate::app::{Answer, App};
use crate::auth::{ACCESS_TOKEN_SECONDS, CallerKind, request_id};
use crate::extract::{Body, FormOrJson};
use crate::problem::Problem;
use actix_web::web::{Data, block};
use actix_web::{HttpRequest, HttpResponse, post};
use db::{Actor, ActorKind};
use domain::{Code, FieldError, Refusal, Role};
use records::people::password;
use records::people::sign_in::{self, Refresh};
use records::text::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
        (status = 401, description = "The credentials are not right, or the log-in waits for a second administrator", body = Problem, content_type = "application/problem+json"),
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
    Refusal::unless_valid(errors)?;
    Ok(fields.map(|(_, value)| value.unwrap_or_default()))
}

/// Revoke a refresh token
///
/// Logs out: the token and all that descend from its log-in are no longer good. A token nobody has is no mistake.
#[utoipa::path(tag = "access", request_body = Revocation, security(()), responses((status = 204, description = "Revoked")))]
#[post("/tokens/revocation")]
pub async fn revoke_token(app: Data<App>, request: HttpRequest, body: Body<Revocation>) -> Answer {
    if let Some(found) = find_refresh(&app, &body.value.refresh_token).await? {
        let actor = Actor { kind: ActorKind::User, id: found.user_id.clone(), request_id: request_id(&request) };
        app.write_unchecked(actor, move |write| sign_in::log_out(write, &found)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

fn wrong() -> Problem {
    Problem::new(Code::BadCredentials, "Nobody has these credentials, or they are no longer good.")
}

async fn find_refresh(app: &App, token: &str) -> Result<Option<Refresh>, Problem> {
    let token_hash = password::digest(token);
    app.read(move |connection| sign_in::find_refresh(connection, &token_hash)).await
}

async fn log_in(app: &App, by: impl Fn(&str) -> Actor, username: String, password: String) -> Result<Tokens, Problem> {
    app.lock_out.refuse_guessing(&username)?;
    let name = username.clone();
    let found = app.read(move |connection| sign_in::able_user(connection, &name)).await?;
    let stored = found.as_ref().map(|able| able.password_hash.clone());
    let is_right = {
        let _turn = app.turns.to_hash().await?;
        block(move || password::is_right(&password, stored.as_deref())).await.map_err(Problem::internal)?
    };
    if !is_right {
        app.lock_out.failed(&username);
        if let Some(able) = found {
            // A name that nobody has stays out of the trail: it may be a password typed in the wrong place.
            app.write_unchecked(by(&able.id), move |write| sign_in::refuse_log_in(write, &able.id)).await?;
        }
        return Err(wrong());
    }
    app.lock_out.succeeded(&username);
    let able = found.ok_or_else(wrong)?;
    refuse_waiting(app, &able.id).await?;
    let refresh_token = password::new_secret()?;
    let (token_hash, user_id) = (password::digest(&refresh_token), able.id.clone());
    app.write_unchecked(by(&able.id), move |write| sign_in::log_in(write, &user_id, token_hash)).await?;
    tokens(app, &able.id, able.role, refresh_token)
}

async fn refresh(app: &App, by: impl Fn(&str) -> Actor, token: String) -> Result<Tokens, Problem> {
    let found = find_refresh(app, &token).await?.ok_or_else(wrong)?;
    let next = password::new_secret()?;
    let next_hash = password::digest(&next);
    let user_id = found.user_id.clone();
    let outcome = app.write_unchecked(by(&found.user_id), move |write| sign_in::exchange(write, &found, next_hash)).await?;
    let role = outcome.ok_or_else(wrong)?;
    tokens(app, &user_id, role, next)
}

/// Told only to whoever has the password or the secret.
async fn refuse_waiting(app: &App, id: &str) -> Result<(), Problem> {
    let id = id.to_owned();
    app.read(move |connection| sign_in::refuse_waiting(connection, &id)).await
}

async fn log_in_client(app: &App, actor: Actor, secret: String) -> Result<Tokens, Problem> {
    let id = Id::try_from(actor.id.clone()).map_err(|_| wrong())?.0;
    let secret_hash = password::digest(&secret);
    let found = app.read(move |connection| sign_in::scope_of_client(connection, &id, &secret_hash)).await?;
    let scope = found.ok_or_else(wrong)?;
    refuse_waiting(app, &actor.id).await?;
    let unaccepted = actor.id.clone();
    app.read(move |connection| sign_in::refuse_unaccepted_client(connection, &unaccepted)).await?;
    let (client_id, logged_in) = (actor.id.clone(), actor.id.clone());
    app.write_unchecked(actor, move |write| sign_in::log_in_client(write, &logged_in)).await?;
    let access_token = app.keys.sign(&client_id, CallerKind::Client, scope)?;
    Ok(Tokens { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, refresh_token: None })
}

fn tokens(app: &App, user_id: &str, role: Role, refresh_token: String) -> Result<Tokens, Problem> {
    let access_token = app.keys.sign(user_id, CallerKind::User, role.permissions().to_vec())?;
    Ok(Tokens { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, refresh_token: Some(refresh_token) })
}

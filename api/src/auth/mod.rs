//! Who calls, and what they may do.
//!
//! A handler that takes a [`Caller<P>`] can only be reached by a token that carries the permission `P`: who may call is in the
//! handler's signature.

pub mod keys;
pub mod lock_out;
pub mod permission;

use crate::App;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use db::{Actor, ActorKind};
use domain::people::tools::refuse_tool;
use domain::{Code, Permission};
use permission::Requires;
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

/// How long an access token lives.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// Whether a token speaks for a person or a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// A person who logged in.
    User,
    /// A third-party tool with credentials of its own.
    Client,
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The user's or client's id.
    pub sub: String,
    /// Person or tool.
    pub kind: CallerKind,
    /// What the token allows.
    pub permissions: Vec<Permission>,
    /// Made at, seconds since 1970.
    pub iat: i64,
    /// Good until, seconds since 1970.
    pub exp: i64,
}

/// The request's id, given to every request at the door.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// A caller whose token carries the permission `P`.
pub struct Caller<P> {
    /// What the token says.
    pub claims: Claims,
    request_id: Option<String>,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    /// Whether the token allows something beside what the operation asks for.
    pub fn may(&self, permission: Permission) -> bool {
        self.claims.permissions.contains(&permission)
    }

    /// The caller as the audit trail names it.
    pub fn actor(&self) -> Actor {
        let kind = match self.claims.kind {
            CallerKind::User => ActorKind::User,
            CallerKind::Client => ActorKind::Client,
        };
        Actor { kind, id: self.claims.sub.clone(), request_id: self.request_id.clone() }
    }
}

impl<P: Requires> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|claims| {
            if !P::PERMISSION.is_none_or(|permission| claims.permissions.contains(&permission)) {
                let needed = P::PERMISSION.map(|permission| permission.as_str()).unwrap_or_default();
                return Err(Problem::new(Code::NotAllowed, format!("This needs the permission {needed}.")));
            }
            if claims.kind == CallerKind::Client
                && let Some(operation) = operation_id(request)
            {
                refuse_tool(&operation)?;
            }
            Ok(Caller { claims, request_id: request_id(request), permission: PhantomData })
        }))
    }
}

/// The operation's id in the API's own description: what a tool may never do is listed by it.
fn operation_id(request: &HttpRequest) -> Option<String> {
    let document = request.app_data::<Data<OpenApi>>()?;
    let item = document.paths.paths.get(&request.match_pattern()?)?;
    let operation = match *request.method() {
        Method::POST => item.post.as_ref(),
        Method::PUT => item.put.as_ref(),
        _ => item.get.as_ref(),
    };
    operation?.operation_id.clone()
}

/// The id that the request was given at the door.
pub fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(|id| id.0.clone())
}

fn authenticate(request: &HttpRequest) -> Result<Claims, Problem> {
    let refused = || Problem::new(Code::NotAuthenticated, "Send `Authorization: Bearer …` with a token from POST /v1/tokens.");
    let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("no application state"))?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let (scheme, token) = header.split_once(' ').ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    app.keys.verify(token.trim()).ok_or_else(refused)
}

//! What every handler shares, and the three ways a handler works on the store: read, write, and write once for a key.

use crate::auth::keys::SigningKeys;
use crate::auth::lock_out::LockOut;
use crate::extract::Body;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::turns::Turns;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use db::{Actor, AnyConnection, Store, Write};
use domain::{Code, Profile};
use records::Error;
use records::idempotency::{self, Asked, FirstAnswer, NewAnswer};
use records::people::sign_in::refuse_disabled;
use serde::Serialize;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::Arc;

/// The application: the store, the authority's profile, the signing keys and the warehouse's folder.
pub struct App {
    /// The store.
    pub store: Store,
    /// The authority's policy.
    pub profile: Arc<Profile>,
    /// What signs tokens.
    pub keys: SigningKeys,
    /// Where snapshots are published.
    pub warehouse: PathBuf,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// How much may be under way at once.
    pub turns: Turns,
    /// Names that were tried with wrong passwords.
    pub lock_out: LockOut,
}

/// What a handler answers with.
pub type Answer = Result<HttpResponse, Problem>;

/// The `Idempotency-Key` of a request, if it has one.
pub struct IdempotencyKey(Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get("idempotency-key") else { return ready(Ok(IdempotencyKey(None))) };
        let key = value.to_str().ok().filter(|key| (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
        ready(match key {
            Some(key) => Ok(IdempotencyKey(Some(key.to_owned()))),
            None => Err(Problem::new(Code::InvalidParameter, "An Idempotency-Key is 1 to 200 visible ASCII characters, without spaces.")),
        })
    }
}

/// A new record, and where it can be read.
pub trait Located: Serialize {
    /// Its path.
    fn location(&self) -> String;
}

impl App {
    /// Reads on one unchanging picture of the store, off the event loop.
    pub async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&mut AnyConnection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        Ok(web::block(move || store.read(reading)).await.map_err(Problem::internal)??)
    }

    /// Writes in one transaction, off the event loop; a disabled log-in does not.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        self.write_unchecked(actor, |write| {
            refuse_disabled(write.connection, write.actor)?;
            writing(write)
        })
        .await
    }

    /// As [`App::write`], for those who are only logging in.
    pub async fn write_unchecked<T: Send + 'static>(
        &self,
        actor: Actor,
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let _turn = self.turns.to_write().await?;
        Ok(web::block(move || store.write(&actor, writing)).await.map_err(Problem::internal)??)
    }

    /// Adds what the body asks for and answers 201 with it and its `Location`; the same idempotency key and request get the first answer
    /// again.
    pub async fn create<T: Send + 'static, R: Located + Send + 'static>(
        &self,
        actor: Actor,
        key: IdempotencyKey,
        body: Body<T>,
        recording: impl FnOnce(&mut Write<'_>, T) -> Result<R, Error> + Send + 'static,
    ) -> Answer {
        let asked = Asked { key: key.0, request_sha256: body.request_sha256 };
        self.write(actor, |write| idempotency::once(write, asked, |write| answered(&recording(write, body.value)?))).await.map(created)
    }
}

/// The answer as it is kept: 201 with the record and where it is.
fn answered<R: Located>(record: &R) -> Result<NewAnswer, Error> {
    let body = serde_json::to_string(record).map_err(Error::fault)?;
    Ok(NewAnswer { status: StatusCode::CREATED.as_u16(), location: record.location(), body })
}

fn created(answer: FirstAnswer) -> HttpResponse {
    let status = u16::try_from(answer.status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::CREATED);
    let mut response = HttpResponse::build(status).body(answer.body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(location) = answer.location.and_then(|path| HeaderValue::from_str(&path).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

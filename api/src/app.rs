//! What every handler shares, and the three ways a handler works on the store: read, write, and write once for a key.

use crate::auth::keys::SigningKeys;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem};
use crate::turns::Turns;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{NaiveDateTime, TimeDelta};
use db::schema::{api_clients, idempotency_keys, users};
use db::{Actor, ActorKind, AnyConnection, Event, Store, Write};
use diesel::prelude::*;
use domain::Profile;
use serde::Serialize;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::Arc;

/// How long a key is remembered: longer than any client tries again, no longer than the answer need be kept.
const KEYS_LAST: TimeDelta = TimeDelta::days(7);

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

/// The request that a write answers: its idempotency key and what makes another request the same.
pub struct Once {
    /// The key, if there is one.
    pub key: IdempotencyKey,
    /// From [`crate::extract::Body`].
    pub request_sha256: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct FirstAnswer {
    actor_id: String,
    key: String,
    request_sha256: String,
    status: i64,
    location: Option<String>,
    body: String,
    recorded_at: NaiveDateTime,
}

impl App {
    /// Reads on one unchanging picture of the store, off the event loop.
    pub async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&mut AnyConnection) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        web::block(move || store.read(reading)).await.map_err(Problem::internal)?
    }

    /// Writes in one transaction, off the event loop; a disabled account does not.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, Problem> + Send + 'static,
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
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let _turn = self.turns.to_write().await?;
        web::block(move || store.write(&actor, writing)).await.map_err(Problem::internal)?
    }

    /// Adds a record and answers 201 with it and its `Location`; the same idempotency key and request get the first answer again.
    pub async fn create<R: Located + Send + 'static>(
        &self,
        actor: Actor,
        once: Once,
        recording: impl FnOnce(&mut Write<'_>) -> Result<R, Problem> + Send + 'static,
    ) -> Answer {
        self.write(actor, |write| record_once(write, once, recording)).await.map(created)
    }
}

/// A token outlives its account by some minutes; what it may still do is read what is no child's record.
pub fn refuse_disabled(connection: &mut AnyConnection, actor: &Actor) -> Result<(), Problem> {
    let id = &actor.id;
    let disabled_at: Option<Option<NaiveDateTime>> = match actor.kind {
        ActorKind::User => users::table.find(id).select(users::disabled_at).first(connection).optional()?,
        ActorKind::Client => api_clients::table.find(id).select(api_clients::disabled_at).first(connection).optional()?,
        ActorKind::System => None,
    };
    match disabled_at.flatten() {
        None => Ok(()),
        Some(_) => Err(Problem::new(Code::NotAuthenticated, "The account is disabled.")),
    }
}

fn record_once<R: Located>(
    write: &mut Write<'_>,
    once: Once,
    recording: impl FnOnce(&mut Write<'_>) -> Result<R, Problem>,
) -> Result<FirstAnswer, Problem> {
    let key = once.key.0;
    if let Some(key) = &key {
        let before: Option<FirstAnswer> = idempotency_keys::table.find((&write.actor.id, key)).first(write.connection).optional()?;
        if let Some(before) = before {
            if before.request_sha256 != once.request_sha256 {
                let detail = "Use a new key for a new request; this one came first with another path or body.";
                return Err(Problem::new(Code::IdempotencyKeyReused, detail));
            }
            write.record(Event::new("answer_again", "requests", before.location.clone().unwrap_or_default()))?;
            return Ok(before);
        }
    }
    let record = recording(write)?;
    let answer = FirstAnswer {
        actor_id: write.actor.id.clone(),
        key: key.clone().unwrap_or_default(),
        request_sha256: once.request_sha256,
        status: i64::from(StatusCode::CREATED.as_u16()),
        location: Some(record.location()),
        body: serde_json::to_string(&record).map_err(Problem::internal)?,
        recorded_at: write.at,
    };
    if key.is_some() {
        let old = idempotency_keys::table.filter(idempotency_keys::recorded_at.lt(write.at - KEYS_LAST));
        diesel::delete(old).execute(write.connection)?;
        diesel::insert_into(idempotency_keys::table).values(&answer).execute(write.connection)?;
    }
    Ok(answer)
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

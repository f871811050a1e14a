//! A write that is asked for again under the same idempotency key is done once: the first answer is given again.

use crate::error::Error;
use chrono::{NaiveDateTime, TimeDelta};
use db::schema::idempotency_keys;
use db::{Event, Write};
use diesel::prelude::*;
use domain::idempotency::{Attempt, Before, attempt};

/// How long a key is remembered: longer than any client tries again, no longer than the answer need be kept.
const KEYS_LAST: TimeDelta = TimeDelta::days(7);

/// What was asked for, and under which key.
pub struct Asked {
    /// The idempotency key, if one was given.
    pub key: Option<String>,
    /// What makes two requests the same: SHA-256 of what they ask for.
    pub request_sha256: String,
}

/// An answer as it was first given.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub struct FirstAnswer {
    actor_id: String,
    key: String,
    request_sha256: String,
    /// Its status.
    pub status: i64,
    /// Where the new record can be read.
    pub location: Option<String>,
    /// The new record, in JSON.
    pub body: String,
    recorded_at: NaiveDateTime,
}

/// An answer about to be given for the first time.
pub struct NewAnswer {
    /// Its status.
    pub status: u16,
    /// Where the new record can be read.
    pub location: String,
    /// The new record, in JSON.
    pub body: String,
}

/// Does what is asked, or gives the answer of the first time again.
///
/// Fails with [`domain::Code::IdempotencyKeyReused`] where the key came first with another request.
pub fn once(
    write: &mut Write<'_>,
    asked: Asked,
    doing: impl FnOnce(&mut Write<'_>) -> Result<NewAnswer, Error>,
) -> Result<FirstAnswer, Error> {
    let Asked { key, request_sha256 } = asked;
    let before = key.as_ref().map(|key| before(write, key)).transpose()?.flatten();
    let before = before.map(|answer| Before { request_sha256: answer.request_sha256.clone(), answer });
    if let Attempt::Again(answer) = attempt(before, &request_sha256)? {
        write.record(Event::new("answer_again", "requests", answer.location.clone().unwrap_or_default()))?;
        return Ok(answer);
    }
    let NewAnswer { status, location, body } = doing(write)?;
    let answer = FirstAnswer {
        actor_id: write.actor.id.clone(),
        key: key.clone().unwrap_or_default(),
        request_sha256,
        status: i64::from(status),
        location: Some(location),
        body,
        recorded_at: write.at,
    };
    if key.is_some() {
        let old = idempotency_keys::table.filter(idempotency_keys::recorded_at.lt(write.at - KEYS_LAST));
        diesel::delete(old).execute(write.connection)?;
        diesel::insert_into(idempotency_keys::table).values(&answer).execute(write.connection)?;
    }
    Ok(answer)
}

fn before(write: &mut Write<'_>, key: &str) -> Result<Option<FirstAnswer>, Error> {
    Ok(idempotency_keys::table.find((&write.actor.id, key)).first(write.connection).optional()?)
}

//! A second administrator's agreement to a log-in with rights over money.

use crate::error::Error;
use crate::instant::Instant;
use crate::people::waiting::{self, Waiting};
use db::schema::{access_agreements, api_clients, users, waiting_access};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::people::access::refuse_agreement;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Whose log-in it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A person's.
    User,
    /// A tool's.
    Client,
}

impl Subject {
    fn word(self) -> &'static str {
        match self {
            Subject::User => "user",
            Subject::Client => "client",
        }
    }

    fn entity(self) -> &'static str {
        match self {
            Subject::User => "users",
            Subject::Client => "api_clients",
        }
    }
}

/// Nothing more than the wish to agree.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccessAgreement, example = json!({}))]
pub struct NewAgreement {}

/// An agreement.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = access_agreements)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a29", "subject_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "subject": "user",
    "opened_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a19", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a1a",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 414
}))]
pub struct AccessAgreement {
    /// The agreement's id.
    pub id: String,
    /// The user's or client's id.
    pub subject_id: String,
    /// `user` or `client`.
    pub subject: String,
    /// The administrator who opened the log-in, or gave it a new password.
    pub opened_by: String,
    /// The administrator who agreed.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Lets a log-in wait until somebody else than the caller agrees.
pub(crate) fn let_wait(write: &mut Write<'_>, subject: Subject, subject_id: &str) -> Result<(), Error> {
    diesel::delete(waiting_access::table.find(subject_id)).execute(write.connection)?;
    let waiting = Waiting {
        subject_id: subject_id.to_owned(),
        subject: subject.word().to_owned(),
        opened_by: write.actor.id.clone(),
        opened_seq: write.seq(),
    };
    diesel::insert_into(waiting_access::table).values(&waiting).execute(write.connection)?;
    Ok(())
}

/// Agrees a log-in that another administrator opened: from now on it is good.
pub fn agree(write: &mut Write<'_>, subject: Subject, subject_id: &str) -> Result<AccessAgreement, Error> {
    let is_there: bool = match subject {
        Subject::User => diesel::select(exists(users::table.find(subject_id))).get_result(write.connection)?,
        Subject::Client => diesel::select(exists(api_clients::table.find(subject_id))).get_result(write.connection)?,
    };
    if !is_there {
        return Err(Error::not_found("log-in"));
    }
    let waiting = waiting::of(write.connection, subject_id)?.filter(|waiting| waiting.subject == subject.word());
    refuse_agreement(waiting.as_ref().map(|waiting| waiting.opened_by.as_str()), subject_id, &write.actor.id)?;
    let agreement = AccessAgreement {
        id: new_id(),
        subject_id: subject_id.to_owned(),
        subject: subject.word().to_owned(),
        opened_by: waiting.map(|waiting| waiting.opened_by).unwrap_or_default(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::delete(waiting_access::table.find(subject_id)).execute(write.connection)?;
    diesel::insert_into(access_agreements::table).values(&agreement).execute(write.connection)?;
    write.record(Event::new("agree", subject.entity(), subject_id).with(json!({ "opened_by": agreement.opened_by })))?;
    Ok(agreement)
}

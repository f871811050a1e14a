//! The audit trail: one numbered event a write, each carrying the hash of the one before, so that a change is noticed.

use crate::AnyConnection;
use crate::schema::audit_events;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What kind of caller did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// A third-party tool.
    Client,
    /// The program itself, from the command line or at start.
    System,
}

impl ActorKind {
    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::User => "user",
            ActorKind::Client => "client",
            ActorKind::System => "system",
        }
    }
}

/// Who does something, and in answer to which request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Person, tool or program.
    pub kind: ActorKind,
    /// The user's or client's id, or the program's part.
    pub id: String,
    /// The request's id, where there is one.
    pub request_id: Option<String>,
}

impl Actor {
    /// The program itself, by the command that runs.
    pub fn system(command: &str) -> Self {
        Actor { kind: ActorKind::System, id: command.to_owned(), request_id: None }
    }
}

/// What was done to what. `detail` holds no personal data.
#[derive(Debug, Clone)]
pub struct Event {
    /// A verb: `record`, `reverse`, `read`.
    pub action: &'static str,
    /// The kind of thing, by its table.
    pub entity: &'static str,
    /// Its id.
    pub entity_id: String,
    /// Counts, codes, reasons.
    pub detail: Value,
}

impl Event {
    /// An event without detail.
    pub fn new(action: &'static str, entity: &'static str, entity_id: impl Into<String>) -> Self {
        Event { action, entity, entity_id: entity_id.into(), detail: Value::Object(serde_json::Map::new()) }
    }

    /// The event with detail.
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// A row of the trail.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events)]
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub struct AuditRow {
    pub seq: i64,
    pub recorded_at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: String,
    pub action: String,
    pub entity: String,
    pub entity_id: String,
    pub request_id: Option<String>,
    pub detail: String,
    pub previous_hash: String,
    pub hash: String,
}

impl AuditRow {
    /// SHA-256 over every other column, each preceded by its length so that no two rows read alike.
    fn computed_hash(&self) -> String {
        let mut digest = Sha256::new();
        let (seq, at) = (self.seq.to_string(), self.recorded_at.and_utc().timestamp_micros().to_string());
        let request_id = self.request_id.as_deref().unwrap_or_default();
        for part in [
            &*seq,
            &*at,
            &self.actor_kind,
            &self.actor_id,
            &self.action,
            &self.entity,
            &self.entity_id,
            request_id,
            &self.detail,
            &self.previous_hash,
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        hex(&digest.finalize())
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The last number given and its hash; 0 and nothing on an empty trail.
pub(crate) fn last(connection: &mut AnyConnection) -> QueryResult<(i64, String)> {
    let row =
        audit_events::table.order(audit_events::seq.desc()).select((audit_events::seq, audit_events::hash)).first(connection).optional()?;
    Ok(row.unwrap_or_default())
}

/// Adds an event after `last`; returns what is last now.
pub(crate) fn append(
    connection: &mut AnyConnection,
    last: (i64, String),
    at: NaiveDateTime,
    actor: &Actor,
    event: Event,
) -> QueryResult<(i64, String)> {
    let mut row = AuditRow {
        seq: last.0 + 1,
        recorded_at: at,
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.id.clone(),
        action: event.action.to_owned(),
        entity: event.entity.to_owned(),
        entity_id: event.entity_id,
        request_id: actor.request_id.clone(),
        detail: event.detail.to_string(),
        previous_hash: last.1,
        hash: String::new(),
    };
    row.hash = row.computed_hash();
    diesel::insert_into(audit_events::table).values(&row).execute(connection)?;
    Ok((row.seq, row.hash))
}

/// How a look over the whole trail went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is as it was written; so many, and the last hash, to be kept elsewhere and compared.
    Sound {
        /// Events read.
        events: i64,
        /// Hash of the last.
        last_hash: String,
    },
    /// The first event that is not, or is missing.
    Broken {
        /// Its number.
        seq: i64,
    },
}

/// Reads the trail from its start and computes every hash again.
pub fn verify(connection: &mut AnyConnection) -> QueryResult<Verdict> {
    const CHUNK: i64 = 5000;
    let mut last = (0, String::new());
    loop {
        let rows: Vec<AuditRow> = audit_events::table
            .filter(audit_events::seq.gt(last.0))
            .order(audit_events::seq)
            .limit(CHUNK)
            .select(AuditRow::as_select())
            .load(connection)?;
        if rows.is_empty() {
            return Ok(Verdict::Sound { events: last.0, last_hash: last.1 });
        }
        for row in rows {
            if row.seq != last.0 + 1 || row.previous_hash != last.1 || row.computed_hash() != row.hash {
                return Ok(Verdict::Broken { seq: last.0 + 1 });
            }
            last = (row.seq, row.hash);
        }
    }
}

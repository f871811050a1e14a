//! The audit trail, to read and to verify.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::text::{CodeText, Id};
use db::AnyConnection;
use db::audit::AuditRow;
use db::schema::audit_events;
use diesel::prelude::*;
use domain::{Code, FieldError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// No id is longer; said in [`ListEvents`] too.
const MOST_ID_CHARACTERS: usize = 100;

/// An event of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "seq": 412, "recorded_at": "2023-04-01T09:00:00Z", "actor_kind": "user", "actor_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "action": "read", "entity": "children", "entity_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a99", "detail": {}, "hash": "9f1c…"
}))]
pub struct AuditEvent {
    /// Its number: one after the other, none missing.
    pub seq: i64,
    /// When, UTC.
    pub recorded_at: Instant,
    /// Whether a user, a client or the system.
    pub actor_kind: String,
    /// Which.
    pub actor_id: String,
    /// A verb.
    pub action: String,
    /// The kind of thing.
    pub entity: String,
    /// Which.
    pub entity_id: String,
    /// The request that did it.
    pub request_id: Option<String>,
    /// Counts, codes, reasons.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Covers the event and the hash of the one before.
    pub hash: String,
}

/// How a look over the whole trail went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "is_sound": true, "events": 4120, "last_hash": "9f1c…", "first_broken_seq": null }))]
pub struct Verification {
    /// Whether every event is as it was written and none is missing.
    pub is_sound: bool,
    /// Events found sound.
    pub events: i64,
    /// Keep it elsewhere: a later trail must still hold the event with this hash.
    pub last_hash: Option<String>,
    /// The first event that is not as it was written, or is missing.
    pub first_broken_seq: Option<i64>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvents {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what this user or client did.
    actor_id: Option<Id>,
    /// Only this action, such as `read`.
    action: Option<CodeText>,
    /// Only events of this kind of thing, such as `children`.
    entity: Option<CodeText>,
    /// Only events of the thing with this id or code.
    #[param(max_length = 100)]
    entity_id: Option<String>,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = Error;

    fn try_from(row: AuditRow) -> Result<Self, Error> {
        Ok(AuditEvent {
            seq: row.seq,
            recorded_at: row.recorded_at.into(),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            action: row.action,
            entity: row.entity,
            entity_id: row.entity_id,
            request_id: row.request_id,
            detail: serde_json::from_str(&row.detail).map_err(Error::fault)?,
            hash: row.hash,
        })
    }
}

/// List audit events.
pub fn list(connection: &mut AnyConnection, wanted: ListEvents) -> Result<Page<AuditEvent>, Error> {
    let ListEvents { limit, cursor, actor_id, action, entity, entity_id } = wanted;
    let after = cursor.after_number()?;
    if entity_id.as_ref().is_some_and(|id| id.chars().count() > MOST_ID_CHARACTERS) {
        let detail = format!("an id has at most {MOST_ID_CHARACTERS} characters");
        return Err(Error::with_errors(Code::InvalidParameter, vec![FieldError::new("?entity_id", "maxLength", detail)]));
    }
    let mut query = audit_events::table.select(AuditRow::as_select()).filter(audit_events::seq.gt(after)).into_boxed();
    if let Some(actor) = actor_id {
        query = query.filter(audit_events::actor_id.eq(actor.0));
    }
    if let Some(action) = action {
        query = query.filter(audit_events::action.eq(action.0));
    }
    if let Some(entity) = entity {
        query = query.filter(audit_events::entity.eq(entity.0));
    }
    if let Some(id) = entity_id {
        query = query.filter(audit_events::entity_id.eq(id));
    }
    let rows: Vec<AuditRow> = query.order(audit_events::seq).limit(limit.and_one()).load(connection)?;
    let events = rows.into_iter().map(AuditEvent::try_from).collect::<Result<_, _>>()?;
    Ok(limit.page(events, |event: &AuditEvent| event.seq.to_string()))
}

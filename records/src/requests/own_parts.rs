//! Confirming one's own parts of a request, by one's own log-in.

use crate::error::Error;
use crate::requests::paperwork::revision_of;
use crate::requests::parts::{OwnParts, has_confirmed, named_in};
use crate::requests::request::find;
use db::schema::request_own_parts;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::requests::parts::WouldConfirm;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What the caller has read, and confirms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRequestOwnParts, example = json!({ "revision": 1 }))]
pub struct NewOwnParts {
    /// The revision of the paperwork that counts, as it was read.
    #[schema(minimum = 1)]
    pub revision: i64,
}

/// Confirms that what the paperwork names the caller for is theirs.
pub fn confirm(write: &mut Write<'_>, request_id: &str, new: &NewOwnParts) -> Result<OwnParts, Error> {
    let request = find(write.connection, request_id)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let named = named_in(write.connection, &paperwork)?;
    let is_confirmed = has_confirmed(write.connection, &paperwork, &write.actor.id)?;
    let would = WouldConfirm { state: request.state, revision: request.revision, named: &named.facts(), is_confirmed };
    would.refuse(&write.actor.id, new.revision)?;
    let own = OwnParts {
        id: new_id(),
        request_id: request.id,
        revision: paperwork.revision,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(request_own_parts::table).values(&own).execute(write.connection)?;
    write.record(Event::new("confirm_own_parts", "requests", &own.request_id).with(json!({ "revision": own.revision })))?;
    Ok(own)
}

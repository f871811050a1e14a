//! The steps that brought a request to where it stands.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::request_transitions;
use diesel::prelude::*;
use domain::{RequestAction, RequestState};
use serde::Serialize;
use utoipa::ToSchema;

/// A step of a request from one state to the next.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_transitions)]
pub struct RequestTransition {
    /// The step's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// 1, 2, 3 …
    pub number: i64,
    /// What was done.
    pub action: RequestAction,
    /// Where the request stood.
    pub from_state: RequestState,
    /// Where it stood then.
    pub to_state: RequestState,
    /// In words; null where the record of the step says it.
    pub reason: Option<String>,
    /// Who did it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Every step of a request, the oldest first.
pub fn history(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<RequestTransition>, Error> {
    Ok(request_transitions::table
        .filter(request_transitions::request_id.eq(request_id))
        .select(RequestTransition::as_select())
        .order(request_transitions::number)
        .load(connection)?)
}

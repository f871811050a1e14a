//! A request as it stands.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::requests;
use diesel::prelude::*;
use domain::RequestState;
use serde::Serialize;
use utoipa::ToSchema;

/// A request.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = requests)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-2024-0107", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12",
    "state": "submitted", "revision": 2, "hearing": 0, "decision_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 612
}))]
pub struct Request {
    /// The request's id.
    pub id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child it is for.
    pub child_id: String,
    /// Where it stands.
    pub state: RequestState,
    /// The revision of the paperwork that counts.
    pub revision: i64,
    /// How often it has been on an agenda.
    pub hearing: i64,
    /// The last decision; null, none yet.
    pub decision_id: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The request with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Request, Error> {
    let request = requests::table.find(id).select(Request::as_select()).first(connection).optional()?;
    request.ok_or_else(|| Error::not_found("request"))
}

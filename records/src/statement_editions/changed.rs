//! What a correction says that it changed, every version.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::statement_what_changed;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// What a correction says that it changed, in a version after the one it began with.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_what_changed)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c51", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "version": 2,
    "what_changed": "The number of sessions was wrong.", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 741
}))]
pub struct StatementWhatChanged {
    /// The version's id.
    pub id: String,
    /// The edition.
    pub edition_id: String,
    /// 2, 3 …: the first is what the edition began with. A change names it in `If-Match`.
    pub version: i64,
    /// What changed.
    pub what_changed: String,
    /// Who wrote it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The last version; none, it says what it began with.
pub(super) fn last_change(connection: &mut AnyConnection, edition_id: &str) -> Result<Option<StatementWhatChanged>, Error> {
    Ok(statement_what_changed::table
        .filter(statement_what_changed::edition_id.eq(edition_id))
        .order(statement_what_changed::version.desc())
        .select(StatementWhatChanged::as_select())
        .first(connection)
        .optional()?)
}

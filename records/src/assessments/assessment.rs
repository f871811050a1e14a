//! An assessment as it was begun.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::assessments;
use diesel::prelude::*;
use domain::panel::AssessmentKind;
use serde::Serialize;
use utoipa::ToSchema;

/// An assessment as it was begun.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = assessments)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "kind": "child_and_family",
    "started_on": "2024-01-08", "assessor_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-01-08T09:00:00Z", "recorded_seq": 412
}))]
pub struct Assessment {
    /// The assessment's id.
    pub id: String,
    /// The child it is of.
    pub child_id: String,
    /// How the needs are assessed.
    pub kind: AssessmentKind,
    /// The day it began.
    pub started_on: NaiveDate,
    /// The user who makes it, and so may not authorise it.
    pub assessor_id: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The assessment with that id, if there is one. The caller records the read.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Assessment>, Error> {
    Ok(assessments::table.find(id).select(Assessment::as_select()).first(connection).optional()?)
}

//! Case management decisions as they are on record.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::case_management_decisions;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// A case management decision.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = case_management_decisions)]
#[schema(example = json!({
    "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "made_on": "2024-05-03", "reference": "CN-88123",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-03T10:15:00Z", "recorded_seq": 711
}))]
pub struct CaseManagementDecision {
    /// The decision that it puts on the child's record.
    pub decision_id: String,
    /// The day.
    pub made_on: NaiveDate,
    /// The case management system's number for the note.
    pub reference: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The case management decision that follows a decision; none, it is outstanding.
pub fn case_management_decision_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Option<CaseManagementDecision>, Error> {
    let found = case_management_decisions::table.find(decision_id).select(CaseManagementDecision::as_select());
    Ok(found.first(connection).optional()?)
}

//! Who sees to the commissioning of an approved request, as recorded.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::{commissioning_workers, decisions, request_revisions};
use diesel::prelude::*;
use domain::commissioning::approval::worker;
use serde::Serialize;
use utoipa::ToSchema;

/// Who sees to the steps from a day on; the last record counts.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_workers)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "worker_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "reason": "The worker is on leave",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-04T09:00:00Z", "recorded_seq": 742
}))]
pub struct CommissioningWorker {
    /// The record's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// Who: a user's id.
    pub worker_id: String,
    /// Why, in words.
    pub reason: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Who sees to the steps: whoever was named last, else whoever presented what was decided on.
pub fn worker_of(connection: &mut AnyConnection, request_id: &str, decision_id: &str) -> Result<Option<String>, Error> {
    let named_last: Option<String> = commissioning_workers::table
        .filter(commissioning_workers::request_id.eq(request_id))
        .order((commissioning_workers::recorded_seq.desc(), commissioning_workers::id.desc()))
        .select(commissioning_workers::worker_id)
        .first(connection)
        .optional()?;
    let revision: Option<i64> = decisions::table.find(decision_id).select(decisions::revision).first(connection).optional()?;
    let revision = revision.ok_or_else(|| Error::not_found("decision"))?;
    let presenter = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id).and(request_revisions::revision.eq(revision)))
        .select(request_revisions::presenter_id)
        .first(connection)?;
    Ok(worker(named_last, presenter))
}

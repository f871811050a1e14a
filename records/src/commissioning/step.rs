//! Steps of commissioning, as they were recorded and taken back.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{commissioning_step_reversals, commissioning_steps};
use diesel::prelude::*;
use domain::commissioning::CommissioningStep;
use serde::Serialize;
use utoipa::ToSchema;

/// A step of commissioning, as it was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_steps)]
#[schema(as = CommissioningStepRecord, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "request_line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a32",
    "step": "placement_agreement", "taken_on": "2024-06-12", "taken_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "signed_by_provider_on": "2024-06-11", "signed_by_manager_on": "2024-06-12",
    "manager_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "reference": "PA-0412",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-12T09:00:00Z", "recorded_seq": 743
}))]
pub struct StepRecord {
    /// The record's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The decision that the step carries out.
    pub decision_id: String,
    /// The agreed line it is for; null, the whole.
    pub request_line_id: Option<String>,
    /// The step.
    pub step: CommissioningStep,
    /// When it was taken.
    pub taken_on: NaiveDate,
    /// By whom: a user's id.
    pub taken_by: String,
    /// The provider it names.
    pub provider_id: Option<String>,
    /// Of a placement agreement: when the provider signed.
    pub signed_by_provider_on: Option<NaiveDate>,
    /// Of a placement agreement: when the manager signed.
    pub signed_by_manager_on: Option<NaiveDate>,
    /// Of a placement agreement: the manager who signed, a user's id.
    pub manager_id: Option<String>,
    /// Where the document is kept, or its number.
    pub reference: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Why a step is taken back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_step_reversals)]
#[schema(as = CommissioningStepReversal)]
pub struct StepReversal {
    /// The step.
    pub step_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A step on record, and why it was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningStepWithReversal)]
pub struct StepWithReversal {
    /// The step.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Why it was taken back; null, it stands.
    pub reversal: Option<StepReversal>,
}

/// Everything recorded for a request, the oldest first.
pub fn records_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<StepWithReversal>, Error> {
    let rows: Vec<(StepRecord, Option<StepReversal>)> = commissioning_steps::table
        .left_join(commissioning_step_reversals::table)
        .filter(commissioning_steps::request_id.eq(request_id))
        .order((commissioning_steps::recorded_seq, commissioning_steps::id))
        .select((StepRecord::as_select(), Option::<StepReversal>::as_select()))
        .load(connection)?;
    Ok(rows.into_iter().map(|(record, reversal)| StepWithReversal { record, reversal }).collect())
}

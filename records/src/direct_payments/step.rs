//! A step of an account: what was signed, verified and seen, a pause, a set-up payment, the closure; or what takes one back.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_steps;
use diesel::prelude::*;
use domain::direct_payments::{RecordedStep, StandingStep, StepKind};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened to an account, or the row that takes a step back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_steps)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a55", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "number": 2,
    "kind": "bank_account_recorded", "taken_on": "2024-06-03", "until_on": null, "bank_reference": "****4321",
    "payee_reference": "V-20417", "line_id": null, "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentStep {
    /// The step's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// 1, 2, 3 … of the account.
    pub number: i64,
    /// What happened.
    pub kind: StepKind,
    /// When; of a pause, a resumption or a closure the first day it is about.
    pub taken_on: NaiveDate,
    /// The first day on which it no longer holds: a check's expiry, a pause's end.
    pub until_on: Option<NaiveDate>,
    /// The bank account by its last four digits.
    pub bank_reference: Option<String>,
    /// What the finance system calls the payee.
    pub payee_reference: Option<String>,
    /// The one-off package line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The step that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl DirectPaymentStep {
    /// As far as it decides the account's state.
    pub fn as_standing_step(&self) -> StandingStep {
        StandingStep { kind: self.kind, on: self.taken_on, until: self.until_on }
    }

    /// As far as it matters who recorded it.
    pub fn as_recorded_step(&self) -> RecordedStep<'_> {
        RecordedStep {
            id: &self.id,
            number: self.number,
            kind: self.kind,
            reverses_id: self.reverses_id.as_deref(),
            recorded_by: &self.recorded_by,
            recorded_seq: self.recorded_seq,
        }
    }
}

/// The row with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentStep, Error> {
    let row = direct_payment_steps::table.find(id).select(DirectPaymentStep::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("step of a direct payment account"))
}

/// The account that a one-off line is paid through.
pub fn paying_account(connection: &mut AnyConnection, line_id: &str) -> Result<Option<String>, Error> {
    use direct_payment_steps as steps;
    let rows: Vec<(String, String, Option<String>)> =
        steps::table.filter(steps::line_id.eq(line_id)).select((steps::id, steps::account_id, steps::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, _, reverses)| reverses.as_deref()).collect();
    let standing = rows.iter().find(|(id, _, reverses)| reverses.is_none() && !reversed.contains(&id.as_str()));
    Ok(standing.map(|(_, account, _)| account.clone()))
}

//! That another than whoever recorded a repayment saw it too.

use crate::direct_payments::repayment::DirectPaymentRepayment;
use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::direct_payment_repayment_confirmations;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// That somebody saw a repayment which another recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_repayment_confirmations)]
#[schema(example = json!({
    "repayment_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a84", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12",
    "recorded_at": "2025-07-07T09:00:00Z", "recorded_seq": 431
}))]
pub struct DirectPaymentRepaymentConfirmation {
    /// The repayment.
    pub repayment_id: String,
    /// Who confirmed it: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A repayment, and whether another confirmed it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DirectPaymentRepaymentTold)]
pub struct RepaymentConfirmed {
    /// The repayment.
    #[serde(flatten)]
    pub repayment: DirectPaymentRepayment,
    /// Who else saw it; null, nobody has said so. Until then whoever recorded it makes no pay file for the child's accounts, where it
    /// settles payments that were too high.
    pub confirmation: Option<DirectPaymentRepaymentConfirmation>,
}

/// What confirms each of these repayments, by its id.
pub fn of_repayments<'r>(
    connection: &mut AnyConnection,
    repayments: impl IntoIterator<Item = &'r String>,
) -> Result<HashMap<String, DirectPaymentRepaymentConfirmation>, Error> {
    let rows: Vec<DirectPaymentRepaymentConfirmation> = direct_payment_repayment_confirmations::table
        .filter(direct_payment_repayment_confirmations::repayment_id.eq_any(repayments))
        .select(DirectPaymentRepaymentConfirmation::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| (row.repayment_id.clone(), row)).collect())
}

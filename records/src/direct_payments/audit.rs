//! What an audit found.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_audits;
use diesel::prelude::*;
use domain::Pence;
use domain::costing::CannotCost;
use domain::direct_payments::{AuditSums, Finding};
use domain::profile::DirectPaymentPolicy;
use serde::Serialize;
use utoipa::ToSchema;

/// What an audit found, or the row that takes one back, with the opposite amounts.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_audits)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a82", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "audited_on": "2025-06-20",
    "period_from": "2024-06-17", "period_to": "2025-06-17", "brought_forward_pence": 0, "paid_pence": 520000, "claimed_pence": 0,
    "evidenced_pence": 370000, "contingency_pence": 80000, "surplus_pence": 30000, "required_pence": 30000, "carried_pence": 120000,
    "in_advance_pence": 40000, "own_money_pence": 0, "finding": "surplus", "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2025-06-20T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentAudit {
    /// The audit's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// When it was made.
    pub audited_on: NaiveDate,
    /// The first day audited: where the last audit ended, or the account's first.
    pub period_from: NaiveDate,
    /// The first day no longer audited.
    pub period_to: NaiveDate,
    /// What the last audit left in the account.
    pub brought_forward_pence: Pence,
    /// Paid in pay files of the period's days.
    pub paid_pence: Pence,
    /// Asked back otherwise since the last audit: paid too much, or for a breach.
    pub claimed_pence: Pence,
    /// Spent, with evidence.
    pub evidenced_pence: Pence,
    /// What the policy lets the family keep in hand; nothing once the account is closed.
    pub contingency_pence: Pence,
    /// What is unspent beyond that: the proposal of what to ask back.
    pub surplus_pence: Pence,
    /// What is asked back.
    pub required_pence: Pence,
    /// What is left in the account.
    pub carried_pence: Pence,
    /// What it found.
    pub finding: Finding,
    /// The audit that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// Paid before the period's end for later days: it is no surplus.
    pub in_advance_pence: Pence,
    /// What of the money left is the family's own: it is no surplus either.
    pub own_money_pence: Pence,
}

/// An audit, with how the sum asked back comes about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DirectPaymentAuditTold)]
pub struct AuditTold {
    /// The audit.
    #[serde(flatten)]
    pub audit: DirectPaymentAudit,
    /// How the sum asked back comes about, in words that can go to the family with it; null of a row that takes an audit back.
    pub working: Option<String>,
    /// The last day to repay what is asked back, by the profile; null, the profile sets none, or nothing is asked back.
    pub repay_by: Option<NaiveDate>,
    /// The same in words that can go to the family; null, nothing is asked back.
    pub notice: Option<String>,
}

impl AuditTold {
    /// Says how the sum comes about, and by when it is repaid.
    pub fn of(audit: DirectPaymentAudit, policy: &DirectPaymentPolicy) -> Result<Self, CannotCost> {
        let sums = AuditSums {
            brought_forward: audit.brought_forward_pence,
            paid: audit.paid_pence,
            claimed: audit.claimed_pence,
            evidenced: audit.evidenced_pence,
            contingency: audit.contingency_pence,
            in_advance: audit.in_advance_pence,
            own_money: audit.own_money_pence,
        };
        let working = match audit.reverses_id {
            None => Some(sums.working(audit.required_pence, audit.period_to)?),
            Some(_) => None,
        };
        let notice = policy.notice(audit.required_pence, audit.audited_on).filter(|_| audit.reverses_id.is_none());
        let (repay_by, notice) = notice.map_or((None, None), |notice| (notice.repay_by, Some(notice.words)));
        Ok(AuditTold { audit, working, repay_by, notice })
    }
}

/// The row with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentAudit, Error> {
    let row = direct_payment_audits::table.find(id).select(DirectPaymentAudit::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("audit of a direct payment account"))
}

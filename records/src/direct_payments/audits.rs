//! Audits: what was paid against what was spent, what may be kept in hand, and what is asked back.

use crate::direct_payments::account;
use crate::direct_payments::audit::{AuditTold, DirectPaymentAudit, find};
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::direct_payments::state_rows;
use crate::error::Error;
use crate::reversal::already_reversed;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::direct_payment_audits;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{
    AuditSums, Audited, Finding, NewAudit, refuse_audit_before_last, refuse_bank_details_in_reason, refuse_reversal_of_reversal,
};
use domain::profile::DirectPaymentPolicy;
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// An audit to record. What was paid, what may be kept and what is proposed to be asked back is worked out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "audited_on": "2025-06-20", "period_to": "2025-06-17", "evidenced_pence": 410000 }))]
pub struct NewDirectPaymentAudit {
    /// When it was made.
    pub audited_on: NaiveDate,
    /// The first day no longer audited, not after the audit. It starts where the last one ended.
    pub period_to: NaiveDate,
    /// Spent in the period, with evidence.
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub evidenced_pence: Pence,
    /// What of the money left is the family's own, paid in by them; none, nothing.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub own_money_pence: Pence,
    /// What is asked back, at most what is unspent of days that are over and not the family's own; none, the surplus.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100000000000i64)]
    pub required_pence: Option<Pence>,
    /// What it found; none, a surplus if there is one. What a breach asks back is recorded as a breach.
    pub finding: Option<Finding>,
    /// In words; needed where less or more than the surplus is asked back.
    pub reason: Option<Text<500>>,
}

impl NewDirectPaymentAudit {
    /// As the rules see it.
    fn new_audit(&self) -> NewAudit<'_> {
        NewAudit {
            audited_on: self.audited_on,
            period_to: self.period_to,
            evidenced: self.evidenced_pence,
            own_money: self.own_money_pence,
            required: self.required_pence,
            finding: self.finding,
            reason: self.reason.as_ref().map(|reason| reason.0.as_str()),
        }
    }
}

/// Audits an account from where the last audit ended.
pub fn audit(write: &mut Write<'_>, profile: &Profile, account_id: &str, new: NewDirectPaymentAudit) -> Result<AuditTold, Error> {
    let account = account::find(write.connection, account_id)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let monitoring = Monitoring::of(write.connection, &record.account.id)?;
    let before = monitoring.audited_before().map_err(Error::fault)?;
    let period_from = before.until.unwrap_or(record.account.starts_on);
    let said = new.new_audit();
    let sums = said.sums(&record.money, &before, &profile.direct_payments, &profile.costing).map_err(Error::fault)?;
    let audited = sums.come_to().map_err(Error::fault)?;
    let mut errors = said.day_mistakes(period_from, write.today());
    errors.extend(said.finding_mistakes(audited));
    Refusal::unless_valid(errors)?;
    let audit = row(write, &record.account.id, period_from, new, (sums, audited))?;
    insert(write, &audit)?;
    state_rows::write_anew(write, &profile.direct_payments, &record.account)?;
    let told = json!({ "account_id": audit.account_id, "finding": audit.finding });
    write.record(Event::new("record", "direct_payment_audits", &audit.id).with(told))?;
    AuditTold::of(audit, &profile.direct_payments).map_err(Error::fault)
}

fn row(
    write: &Write<'_>,
    account_id: &str,
    period_from: NaiveDate,
    new: NewDirectPaymentAudit,
    (sums, Audited { unspent, surplus, .. }): (AuditSums, Audited),
) -> Result<DirectPaymentAudit, Error> {
    let required = new.required_pence.unwrap_or(surplus);
    Ok(DirectPaymentAudit {
        id: new_id(),
        account_id: account_id.to_owned(),
        audited_on: new.audited_on,
        period_from,
        period_to: new.period_to,
        brought_forward_pence: sums.brought_forward,
        paid_pence: sums.paid,
        claimed_pence: sums.claimed,
        evidenced_pence: sums.evidenced,
        contingency_pence: sums.contingency,
        surplus_pence: surplus,
        required_pence: required,
        carried_pence: unspent.checked_sub(required).map_err(Error::fault)?,
        finding: new.new_audit().found(surplus),
        reverses_id: None,
        reason: new.reason.map(|reason| reason.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        in_advance_pence: sums.in_advance,
        own_money_pence: sums.own_money,
    })
}

/// Takes the last audit back.
pub fn reverse_audit(write: &mut Write<'_>, policy: &DirectPaymentPolicy, id: &str, reason: String) -> Result<AuditTold, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let audit = find(write.connection, id)?;
    refuse_reversal_of_reversal(audit.reverses_id.as_deref(), "audit")?;
    let monitoring = Monitoring::of(write.connection, &audit.account_id)?;
    refuse_audit_before_last(audit.period_to, monitoring.last_audit().map(|last| (last.id.as_str(), last.period_to)))?;
    let opposite = |pence: Pence| pence.checked_neg().map_err(Error::fault);
    let reversing = DirectPaymentAudit {
        id: new_id(),
        brought_forward_pence: opposite(audit.brought_forward_pence)?,
        paid_pence: opposite(audit.paid_pence)?,
        claimed_pence: opposite(audit.claimed_pence)?,
        evidenced_pence: opposite(audit.evidenced_pence)?,
        contingency_pence: opposite(audit.contingency_pence)?,
        surplus_pence: opposite(audit.surplus_pence)?,
        required_pence: opposite(audit.required_pence)?,
        carried_pence: opposite(audit.carried_pence)?,
        in_advance_pence: opposite(audit.in_advance_pence)?,
        own_money_pence: opposite(audit.own_money_pence)?,
        reverses_id: Some(audit.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..audit
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_audits_reverses_id_key"))?;
    let account = account::find(write.connection, &reversing.account_id)?;
    state_rows::write_anew(write, policy, &account)?;
    write.record(Event::new("reverse", "direct_payment_audits", id).with(json!({ "account_id": account.id })))?;
    AuditTold::of(reversing, policy).map_err(Error::fault)
}

fn insert(write: &mut Write<'_>, audit: &DirectPaymentAudit) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_audits::table).values(audit).execute(write.connection)?;
    Ok(())
}

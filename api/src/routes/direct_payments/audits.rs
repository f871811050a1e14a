//! Audits: what was paid against what was spent, what may be kept in hand, and what is asked back.

use super::book::{AccountBook, Monitoring};
use super::{account, check_past_day, check_text, invalid_if_any, location_of, standings};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::direct_payment_audits;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::CannotCost;
use domain::direct_payment::{AuditSums, Audited, Finding, PaymentKind, contingency};
use domain::profile::DirectPaymentPolicy;
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What an audit found, or the row that takes one back, with the opposite amounts.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_audits)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a82", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "audited_on": "2025-06-20",
    "period_from": "2024-06-17", "period_to": "2025-06-17", "brought_forward_pence": 0, "paid_pence": 520000, "claimed_pence": 0,
    "evidenced_pence": 410000, "contingency_pence": 80000, "surplus_pence": 30000, "required_pence": 30000, "carried_pence": 80000,
    "finding": "surplus", "reverses_id": null, "reason": null,
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
}

impl Located for DirectPaymentAudit {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

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
    /// What is asked back, at most what is unspent; none, the surplus.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100000000000i64)]
    pub required_pence: Option<Pence>,
    /// What it found; none, a surplus if there is one. What a breach asks back is recorded as a breach.
    pub finding: Option<Finding>,
    /// In words; needed where less or more than the surplus is asked back.
    pub reason: Option<Text<500>>,
}

/// Record an audit of a direct payment account
///
/// What was paid in the period and brought forward, less what is asked back otherwise, less what was spent, is unspent. What of that is
/// more than the policy's weeks in hand is the surplus, and is asked back unless the audit says otherwise.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentAudit,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The audit", body = DirectPaymentAudit)))]
#[post("/direct-payment-accounts/{id}/audits")]
pub async fn create_direct_payment_audit(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentAudit>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Reverse an audit of a direct payment account
///
/// Only the last one: later ones carry on what it left.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The audit's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentAudit)))]
#[post("/direct-payment-audits/{id}/reversal")]
pub async fn reverse_direct_payment_audit(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile.direct_payments, &id.0, body.value.reason.0)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, account_id: &str, new: NewDirectPaymentAudit) -> Result<DirectPaymentAudit, Problem> {
    let account = account(write.connection, account_id)?;
    let book = AccountBook::of(write.connection, account)?;
    let monitoring = Monitoring::of(write.connection, &book.account.id)?;
    let last = monitoring.last_audit();
    let period_from = last.map_or(book.account.starts_on, |audit| audit.period_to);
    let mut errors = day_mistakes(&new, period_from, write.at.date());
    let sums = sums(profile, &book, &monitoring, period_from, &new).map_err(Problem::internal)?;
    let Audited { unspent, surplus } = sums.come_to().map_err(Problem::internal)?;
    let required = new.required_pence.unwrap_or(surplus);
    errors.extend(finding_mistakes(&new, unspent, surplus));
    invalid_if_any(errors)?;
    let finding = new.finding.unwrap_or(if surplus > Pence::ZERO { Finding::Surplus } else { Finding::Sound });
    let audit = DirectPaymentAudit {
        id: new_id(),
        account_id: book.account.id.clone(),
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
        carried_pence: unspent.checked_sub(required).map_err(Problem::internal)?,
        finding,
        reverses_id: None,
        reason: new.reason.map(|reason| reason.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &audit)?;
    standings::write_anew(write, &profile.direct_payments, &book.account)?;
    write.record(
        Event::new("record", "direct_payment_audits", &audit.id).with(json!({ "account_id": audit.account_id, "finding": finding })),
    )?;
    Ok(audit)
}

fn day_mistakes(new: &NewDirectPaymentAudit, period_from: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/audited_on", new.audited_on, today);
    if new.period_to <= period_from {
        let detail = format!("the audit starts on {period_from}, where the last one ended or the account starts, and ends later");
        errors.push(FieldError::new("/period_to", "before_start", detail));
    }
    if new.period_to > new.audited_on {
        errors.push(FieldError::new("/period_to", "future", "an audit looks back: it ends by the day it is made"));
    }
    if let Some(reason) = &new.reason {
        check_text(&mut errors, "/reason", &reason.0);
    }
    errors
}

fn finding_mistakes(new: &NewDirectPaymentAudit, unspent: Pence, surplus: Pence) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(required) = new.required_pence {
        if required > unspent {
            errors.push(FieldError::new("/required_pence", "more_than_unspent", format!("{unspent} is unspent")));
        }
        if required != surplus && new.reason.is_none() {
            errors.push(FieldError::new("/reason", "required", format!("the surplus is {surplus}: say why another sum is asked back")));
        }
    }
    let disagrees = match new.finding {
        Some(Finding::Sound) => surplus > Pence::ZERO,
        Some(Finding::Surplus) => surplus == Pence::ZERO,
        Some(Finding::Breach) | None => false,
    };
    if disagrees {
        errors.push(FieldError::new("/finding", "disagrees", format!("the surplus is {surplus}")));
    }
    errors
}

/// What the audit adds up. Whatever was paid before the account's first day, in advance, is in the first audit.
fn sums(
    profile: &Profile,
    book: &AccountBook,
    monitoring: &Monitoring,
    period_from: NaiveDate,
    new: &NewDirectPaymentAudit,
) -> Result<AuditSums, CannotCost> {
    let (costing, last) = (&profile.costing, monitoring.last_audit());
    let is_in_period = |day: NaiveDate| day < new.period_to && (last.is_none() || day >= period_from);
    let money = &book.money;
    let claimed = money.recovered()?.checked_add(money.to_recover(costing)?)?.checked_add(monitoring.breaches()?)?;
    let claimed_before = Pence::checked_sum(monitoring.audits.iter().map(|audit| audit.claimed_pence))?;
    let weeks = profile.direct_payments.contingency_weeks.as_ref().map_or(0, |weeks| weeks.value);
    let is_closed = book.standing.closed_on.is_some_and(|closed| closed <= new.period_to);
    let last_day = new.period_to.pred_opt().unwrap_or(new.period_to);
    let in_hand = if is_closed { Pence::ZERO } else { contingency(costing, money.yearly(costing, last_day)?, weeks)? };
    Ok(AuditSums {
        brought_forward: last.map_or(Pence::ZERO, |audit| audit.carried_pence),
        paid: money.sum(|payment| payment.kind != PaymentKind::Recovery && is_in_period(payment.paid_on))?,
        claimed: claimed.checked_sub(claimed_before)?,
        evidenced: new.evidenced_pence,
        contingency: in_hand,
    })
}

fn reverse(write: &mut Write<'_>, policy: &DirectPaymentPolicy, id: &str, reason: String) -> Result<DirectPaymentAudit, Problem> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", &reason);
    invalid_if_any(errors)?;
    let audit = direct_payment_audits::table.find(id).select(DirectPaymentAudit::as_select()).first(write.connection).optional()?;
    let audit: DirectPaymentAudit = audit.ok_or_else(|| Problem::not_found("audit of a direct payment account"))?;
    if audit.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the audit again instead."));
    }
    let monitoring = Monitoring::of(write.connection, &audit.account_id)?;
    if let Some(later) = monitoring.last_audit().filter(|last| last.period_to > audit.period_to) {
        return Err(Problem::new(Code::StateConflict, format!("Audit {} carries on what this one left; reverse that first.", later.id)));
    }
    let opposite = |pence: Pence| pence.checked_neg().map_err(Problem::internal);
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
        reverses_id: Some(audit.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..audit
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_audits_reverses_id_key"))?;
    let account = account(write.connection, &reversing.account_id)?;
    standings::write_anew(write, policy, &account)?;
    write.record(Event::new("reverse", "direct_payment_audits", id).with(json!({ "account_id": account.id })))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, audit: &DirectPaymentAudit) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_audits::table).values(audit).execute(write.connection)?;
    Ok(())
}

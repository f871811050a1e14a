//! The page of an account: what it lacks, what was and will be paid, and where its money is.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::audit::AuditTold;
use crate::direct_payments::bounce::DirectPaymentBounce;
use crate::direct_payments::breach::DirectPaymentBreach;
use crate::direct_payments::family_return::DirectPaymentReturn;
use crate::direct_payments::payment::DirectPayment;
use crate::direct_payments::record::{AccountRecord, Monitoring, UnconfirmedLine};
use crate::direct_payments::repayment_confirmation::{DirectPaymentRepaymentConfirmation, RepaymentConfirmed};
use crate::direct_payments::step::DirectPaymentStep;
use chrono::NaiveDate;
use domain::costing::CannotCost;
use domain::direct_payments::{AccountBalance, AccountState, PaymentKind, Precondition};
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// An account with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectPaymentAccountPage {
    /// The account.
    #[serde(flatten)]
    pub account: DirectPaymentAccount,
    /// Where it stands today.
    pub state: AccountState,
    /// Whether a payment may be made today.
    pub may_be_paid: bool,
    /// What is missing before a payment may be made.
    pub missing: Vec<Precondition>,
    /// Lines that would be paid and that nobody agreed: a post confirms each, at `POST /v1/package-lines/{id}/confirmations`.
    pub unconfirmed_lines: Vec<UnconfirmedLine>,
    /// What the policy demands, and since when it is met.
    pub preconditions: Vec<PreconditionMet>,
    /// The first day no longer paid; null while the support has no end.
    pub ends_on: Option<NaiveDate>,
    /// The first day after the account; null while it is not closed.
    pub closed_on: Option<NaiveDate>,
    /// Payments for periods, made and planned, up to `schedule_until`.
    pub schedule: Vec<ScheduledPayment>,
    /// The last day on which a payment of the schedule may be due: the end of the financial year.
    pub schedule_until: NaiveDate,
    /// One-off payments, made and planned.
    pub set_up_payments: Vec<ScheduledPayment>,
    /// What was paid too much or too little, by what is known now, and is in no pay file yet.
    pub outstanding_adjustments: Vec<OutstandingAdjustment>,
    /// Adjustments and recoveries that were made, in the order made.
    pub adjustments: Vec<DirectPayment>,
    /// Payments that the bank returned, with those taken back.
    pub bounces: Vec<DirectPaymentBounce>,
    /// Every step, with those taken back.
    pub steps: Vec<DirectPaymentStep>,
    /// The family's returns, with those taken back.
    pub returns: Vec<DirectPaymentReturn>,
    /// When the next return is due; null, none is.
    pub return_due_on: Option<NaiveDate>,
    /// Audits, with those taken back.
    pub audits: Vec<AuditTold>,
    /// When the next audit is due; null, none is.
    pub audit_due_on: Option<NaiveDate>,
    /// Breaches, with those taken back.
    pub breaches: Vec<DirectPaymentBreach>,
    /// What the family paid back, with what was taken back.
    pub repayments: Vec<RepaymentConfirmed>,
    /// Where the money is.
    pub balance: AccountBalance,
}

/// Something that must be on record before anything is paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DirectPaymentPreconditionStanding)]
pub struct PreconditionMet {
    /// What.
    pub precondition: Precondition,
    /// Since when it is met; null, it is not.
    pub met_on: Option<NaiveDate>,
    /// Where the authority demands it.
    pub clause: String,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DirectPaymentStanding)]
pub enum DirectPaymentState {
    /// In a pay file.
    Paid,
    /// It was in a pay file, and the bank returned it: its days are due again.
    Bounced,
    /// To be in the pay file of its day, or the next.
    #[serde(rename = "planned")]
    Scheduled,
    /// Due, and something keeps it from being paid; or its days are paused.
    Withheld,
}

/// A payment, made or planned.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledDirectPayment)]
pub struct ScheduledPayment {
    /// The first day it pays.
    pub period_from: NaiveDate,
    /// The first day it no longer pays.
    pub period_to: NaiveDate,
    /// When it is due: in advance, on its first day.
    pub due_on: NaiveDate,
    /// What was paid, or what the days cost as known now.
    pub amount_pence: Pence,
    /// How it stands.
    pub state: DirectPaymentState,
    /// What keeps it from being paid.
    pub withheld_for: Vec<Precondition>,
    /// Whether all its days are paused, so that nothing is paid.
    pub is_paused: bool,
    /// The payment, once it is made.
    pub payment_id: Option<String>,
    /// The pay file it is in.
    pub export_id: Option<String>,
    /// The one-off package line that a set-up payment pays.
    pub line_id: Option<String>,
}

/// What a payment made should have been more, or less, by what is known now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutstandingDirectPaymentAdjustment)]
pub struct OutstandingAdjustment {
    /// The payment.
    pub corrects_id: String,
    /// The first day it paid.
    pub period_from: NaiveDate,
    /// The first day it no longer paid.
    pub period_to: NaiveDate,
    /// More, or below nought less.
    pub amount_pence: Pence,
}

/// The page of an account, as its record and what was found of it make it on a day.
pub fn page(
    profile: &Profile,
    record: AccountRecord,
    monitoring: Monitoring,
    mut confirmations: HashMap<String, DirectPaymentRepaymentConfirmation>,
    today: NaiveDate,
) -> Result<DirectPaymentAccountPage, CannotCost> {
    let (policy, costing) = (&profile.direct_payments, &profile.costing);
    let missing = record.days.lacks(policy, today);
    let until = FinancialYear::of(today)?.ends_on();
    let watched = record.watched(&monitoring);
    let (mut schedule, mut set_up_payments) = (made(&record, PaymentKind::Period), made(&record, PaymentKind::SetUp));
    for due in record.money.due(costing, until)? {
        let is_paused = due.amount == Pence::ZERO;
        let is_kept_back = due.from <= today && !missing.is_empty();
        let planned = ScheduledPayment {
            period_from: due.from,
            period_to: due.to,
            due_on: due.from,
            amount_pence: due.amount,
            state: if is_paused || is_kept_back { DirectPaymentState::Withheld } else { DirectPaymentState::Scheduled },
            withheld_for: if is_kept_back { missing.clone() } else { Vec::new() },
            is_paused,
            payment_id: None,
            export_id: None,
            line_id: due.line_id,
        };
        if due.kind == PaymentKind::Period { schedule.push(planned) } else { set_up_payments.push(planned) }
    }
    schedule.sort_by_key(|payment| payment.period_from);
    let outstanding = record.money.differences(costing)?.into_iter().map(|difference| OutstandingAdjustment {
        corrects_id: difference.of.id.clone(),
        period_from: difference.of.from,
        period_to: difference.of.to,
        amount_pence: difference.pence,
    });
    let preconditions = policy.preconditions.iter().map(|demand| PreconditionMet {
        precondition: demand.precondition,
        met_on: record.days.met_since(demand.precondition, today),
        clause: demand.clause.clone(),
    });
    let balance = AccountBalance::of(&record.money, &monitoring.spent_and_repaid()?, costing, today)?;
    let repayments = monitoring.repayments.into_iter().map(|repayment| {
        let confirmation = confirmations.remove(&repayment.id);
        RepaymentConfirmed { repayment, confirmation }
    });
    let is_correction = |payment: &&DirectPayment| matches!(payment.kind, PaymentKind::Adjustment | PaymentKind::Recovery);
    Ok(DirectPaymentAccountPage {
        state: record.days.state(policy.needs(), today),
        may_be_paid: missing.is_empty(),
        preconditions: preconditions.collect(),
        ends_on: record.money.terms(costing).ends_on(),
        closed_on: record.days.closed_on,
        schedule,
        schedule_until: until,
        set_up_payments,
        outstanding_adjustments: outstanding.collect(),
        adjustments: record.payments.iter().filter(is_correction).cloned().collect(),
        return_due_on: watched.return_due_on(policy),
        audit_due_on: watched.audit_due_on(policy),
        balance,
        missing,
        unconfirmed_lines: record.unconfirmed,
        account: record.account,
        bounces: record.bounces,
        steps: record.steps,
        returns: monitoring.returns,
        audits: monitoring.audits.into_iter().map(|audit| AuditTold::of(audit, policy)).collect::<Result<_, _>>()?,
        breaches: monitoring.breaches,
        repayments: repayments.collect(),
    })
}

/// Payments of a kind that were made.
fn made(record: &AccountRecord, kind: PaymentKind) -> Vec<ScheduledPayment> {
    let is_bounced = |id: &str| record.money.payments.iter().any(|payment| payment.id == id && payment.is_bounced());
    let of_the_kind = record.payments.iter().filter(|payment| payment.kind == kind);
    of_the_kind
        .map(|payment| ScheduledPayment {
            period_from: payment.period_from,
            period_to: payment.period_to,
            due_on: payment.due_on,
            amount_pence: payment.amount_pence,
            state: if is_bounced(&payment.id) { DirectPaymentState::Bounced } else { DirectPaymentState::Paid },
            withheld_for: Vec::new(),
            is_paused: false,
            payment_id: Some(payment.id.clone()),
            export_id: payment.export_id.clone(),
            line_id: payment.line_id.clone(),
        })
        .collect()
}

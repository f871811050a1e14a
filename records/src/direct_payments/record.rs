//! All that is on record of accounts.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::audit::DirectPaymentAudit;
use crate::direct_payments::bounce::{self, DirectPaymentBounce};
use crate::direct_payments::breach::DirectPaymentBreach;
use crate::direct_payments::family_return::DirectPaymentReturn;
use crate::direct_payments::payment::DirectPayment;
use crate::direct_payments::repayment::DirectPaymentRepayment;
use crate::direct_payments::step::DirectPaymentStep;
use crate::error::Error;
use chrono::NaiveDate;
use db::schema::{
    direct_payment_audits, direct_payment_breaches, direct_payment_repayments, direct_payment_returns, direct_payment_steps,
    direct_payments,
};
use db::{AnyConnection, arrangement_versions};
use diesel::prelude::*;
use domain::costing::CannotCost;
use domain::direct_payments::{
    Account, AccountDays, AuditedBefore, PayersHand, RecordedStep, SetUp, SpentAndRepaid, StepKind, Transfer, Watched, brought_child_back,
    brought_days_back, evidenced, made_bank_account,
};
use domain::packages::support;
use domain::packages::support::agreed_on;
use domain::{Pence, TimeZone};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use utoipa::ToSchema;

/// A package line that is paid and that no request brought nor a post confirmed; a variation leaves it as it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UnconfirmedDirectPaymentLine)]
pub struct UnconfirmedLine {
    /// The line.
    pub line_id: String,
    /// Its version, which a confirmation names.
    pub version: i64,
}

impl UnconfirmedLine {
    /// Names a line that stands.
    pub fn of(line: &support::Standing<'_>) -> Self {
        UnconfirmedLine { line_id: line.version.line_id.clone(), version: line.version.version }
    }
}

/// An account with its steps and payments, and its money as the rules see it.
pub struct AccountRecord {
    /// The account.
    pub account: DirectPaymentAccount,
    /// Every step, in the order recorded.
    pub steps: Vec<DirectPaymentStep>,
    /// The days that decide its state.
    pub days: AccountDays,
    /// Every payment, in the order recorded.
    pub payments: Vec<DirectPayment>,
    /// Payments that the bank returned, with what took that back, in the order recorded.
    pub bounces: Vec<DirectPaymentBounce>,
    /// Its money, as the rules see it.
    pub money: Account,
    /// Lines that are paid and that nobody agreed.
    pub unconfirmed: Vec<UnconfirmedLine>,
}

impl AccountRecord {
    /// One account's.
    pub fn of(connection: &mut AnyConnection, account: DirectPaymentAccount, zone: TimeZone) -> Result<Self, Error> {
        load(connection, vec![account], zone)?.pop().ok_or_else(|| Error::fault("an account was loaded and is not there"))
    }

    /// Steps that nothing took back, in the order recorded.
    pub fn standing_steps(&self) -> impl Iterator<Item = &DirectPaymentStep> {
        standing_steps(&self.steps)
    }

    /// The last bank account on record.
    pub fn bank(&self) -> Option<&DirectPaymentStep> {
        self.standing_steps().filter(|step| step.kind == StepKind::BankAccountRecorded).last()
    }

    /// The number of the next step.
    pub fn next_number(&self) -> i64 {
        self.steps.last().map_or(0, |step| step.number) + 1
    }

    /// What whoever records under these ids had a hand in. What they said of the child is looked up for all of its accounts: that money came
    /// back, and with which write that it does not leave after all.
    pub fn hand_of(&self, hands: &BTreeSet<String>, in_repayment: bool, child_back: Option<i64>) -> PayersHand {
        let steps: Vec<RecordedStep<'_>> = self.steps.iter().map(DirectPaymentStep::as_recorded_step).collect();
        let last_paid = self.payments.iter().filter(|payment| payment.export_id.is_some()).map(|payment| payment.recorded_seq).max();
        PayersHand {
            in_bank_account: made_bank_account(&steps, hands),
            in_repayment,
            in_resumption: brought_days_back(&steps, last_paid, hands) || brought_child_back(child_back, last_paid),
        }
    }

    /// The payments that a pay file sent.
    pub fn sent_by<'r>(&'r self, export_id: &'r str) -> impl Iterator<Item = &'r DirectPayment> {
        self.payments.iter().filter(move |payment| payment.export_id.as_deref() == Some(export_id))
    }

    /// All that a pay file sent.
    pub fn transfer(&self, export_id: &str) -> Result<Transfer, CannotCost> {
        let amount = Pence::checked_sum(self.sent_by(export_id).map(|payment| payment.amount_pence))?;
        Ok(Transfer { paid_on: self.sent_by(export_id).map(|payment| payment.paid_on).next(), amount })
    }

    /// When the bank returned what a pay file sent; none, it did not.
    pub fn bounced_on(&self, export_id: &str) -> Option<NaiveDate> {
        bounce::days(&self.bounces).get(&(self.account.id.as_str(), export_id)).copied()
    }

    /// What decides when it is looked at next.
    pub fn watched(&self, monitoring: &Monitoring) -> Watched {
        Watched {
            starts_on: self.account.starts_on,
            closed_on: self.days.closed_on,
            returned_until: monitoring.returned_until(),
            audited_until: monitoring.last_audit().map(|audit| audit.period_to),
        }
    }
}

fn standing_steps(steps: &[DirectPaymentStep]) -> impl Iterator<Item = &DirectPaymentStep> {
    let reversed: HashSet<&str> = steps.iter().filter_map(|step| step.reverses_id.as_deref()).collect();
    steps.iter().filter(move |step| step.reverses_id.is_none() && !reversed.contains(step.id.as_str()))
}

/// Everything of some accounts, in as many queries for one as for all of them.
pub fn load(connection: &mut AnyConnection, accounts: Vec<DirectPaymentAccount>, zone: TimeZone) -> Result<Vec<AccountRecord>, Error> {
    let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    let steps: Vec<DirectPaymentStep> = direct_payment_steps::table
        .select(DirectPaymentStep::as_select())
        .filter(direct_payment_steps::account_id.eq_any(&ids))
        .order((direct_payment_steps::account_id, direct_payment_steps::number))
        .load(connection)?;
    let payments: Vec<DirectPayment> = direct_payments::table
        .select(DirectPayment::as_select())
        .filter(direct_payments::account_id.eq_any(&ids))
        .order((direct_payments::account_id, direct_payments::recorded_seq, direct_payments::id))
        .load(connection)?;
    let mut bounces_of: HashMap<String, Vec<DirectPaymentBounce>> = HashMap::new();
    for bounce in bounce::of_accounts(connection, ids.iter().copied())? {
        bounces_of.entry(bounce.account_id.clone()).or_default().push(bounce);
    }
    let (mut steps_of, mut payments_of): (HashMap<String, Vec<_>>, HashMap<String, Vec<_>>) = (HashMap::new(), HashMap::new());
    for step in steps {
        steps_of.entry(step.account_id.clone()).or_default().push(step);
    }
    for payment in payments {
        payments_of.entry(payment.account_id.clone()).or_default().push(payment);
    }
    let set_up_lines = steps_of.values().flatten().filter_map(|step| step.line_id.clone());
    let firsts: Vec<String> = accounts.iter().map(|account| account.line_id.clone()).chain(set_up_lines).collect();
    let lines = arrangement_versions(connection, &firsts, None, zone)?;
    let records = accounts.into_iter().map(|account| {
        let steps = steps_of.remove(&account.id).unwrap_or_default();
        let standing: Vec<_> = standing_steps(&steps).map(DirectPaymentStep::as_standing_step).collect();
        let set_ups: Vec<String> = standing_steps(&steps).filter_map(|step| step.line_id.clone()).collect();
        let paid: Vec<support::Standing<'_>> =
            [&account.line_id].into_iter().chain(&set_ups).flat_map(|first| lines.standing(first)).collect();
        let support_agreed_on = agreed_on(paid.iter().copied(), account.opened_on);
        let unconfirmed = paid.iter().filter(|line| line.agreed.is_none()).map(UnconfirmedLine::of).collect();
        let set_ups = set_ups.into_iter().map(|line_id| SetUp { lines: lines.lines(&line_id), line_id }).collect();
        let days = AccountDays { support_agreed_on, ..AccountDays::of(&standing) };
        let (payments, bounces) = (payments_of.remove(&account.id).unwrap_or_default(), bounces_of.remove(&account.id).unwrap_or_default());
        let came_back = bounce::days(&bounces);
        let bounced_on = |payment: &DirectPayment| came_back.get(&(account.id.as_str(), payment.export_id.as_deref()?)).copied();
        let money = Account {
            starts_on: account.starts_on,
            weeks_per_payment: account.weeks_per_payment,
            lines: lines.lines(&account.line_id),
            set_ups,
            pauses: days.pauses.clone(),
            closed_on: days.closed_on,
            payments: payments.iter().map(|payment| payment.money(bounced_on(payment))).collect(),
        };
        AccountRecord { account, steps, days, payments, bounces, money, unconfirmed }
    });
    Ok(records.collect())
}

/// What a family returned, what was found, and what it paid back; everything recorded, in the order recorded.
pub struct Monitoring {
    /// Every return.
    pub returns: Vec<DirectPaymentReturn>,
    /// Every audit.
    pub audits: Vec<DirectPaymentAudit>,
    /// Every breach.
    pub breaches: Vec<DirectPaymentBreach>,
    /// Every repayment.
    pub repayments: Vec<DirectPaymentRepayment>,
}

impl Monitoring {
    /// Of one account.
    pub fn of(connection: &mut AnyConnection, account_id: &str) -> Result<Self, Error> {
        Ok(Monitoring {
            returns: direct_payment_returns::table
                .select(DirectPaymentReturn::as_select())
                .filter(direct_payment_returns::account_id.eq(account_id))
                .order((direct_payment_returns::recorded_seq, direct_payment_returns::id))
                .load(connection)?,
            audits: direct_payment_audits::table
                .select(DirectPaymentAudit::as_select())
                .filter(direct_payment_audits::account_id.eq(account_id))
                .order((direct_payment_audits::recorded_seq, direct_payment_audits::id))
                .load(connection)?,
            breaches: direct_payment_breaches::table
                .select(DirectPaymentBreach::as_select())
                .filter(direct_payment_breaches::account_id.eq(account_id))
                .order((direct_payment_breaches::recorded_seq, direct_payment_breaches::id))
                .load(connection)?,
            repayments: direct_payment_repayments::table
                .select(DirectPaymentRepayment::as_select())
                .filter(direct_payment_repayments::account_id.eq(account_id))
                .order((direct_payment_repayments::recorded_seq, direct_payment_repayments::id))
                .load(connection)?,
        })
    }

    /// The last audit that nothing took back.
    pub fn last_audit(&self) -> Option<&DirectPaymentAudit> {
        let reversed: HashSet<_> = self.audits.iter().filter_map(|audit| audit.reverses_id.as_deref()).collect();
        self.audits
            .iter()
            .filter(|audit| audit.reverses_id.is_none() && !reversed.contains(audit.id.as_str()))
            .max_by_key(|audit| audit.period_to)
    }

    /// The last audit that nothing took back, by id and end.
    pub fn audited_until(&self) -> Option<(&str, NaiveDate)> {
        self.last_audit().map(|audit| (audit.id.as_str(), audit.period_to))
    }

    /// The first day after the last return that nothing took back.
    pub fn returned_until(&self) -> Option<NaiveDate> {
        let reversed: HashSet<_> = self.returns.iter().filter_map(|one| one.reverses_id.as_deref()).collect();
        self.returns.iter().filter(|one| one.reverses_id.is_none() && !reversed.contains(one.id.as_str())).map(|one| one.period_to).max()
    }

    /// What earlier audits saw, and what is asked back for breaches.
    pub fn audited_before(&self) -> Result<AuditedBefore, CannotCost> {
        let last = self.last_audit();
        Ok(AuditedBefore {
            until: last.map(|audit| audit.period_to),
            carried: last.map_or(Pence::ZERO, |audit| audit.carried_pence),
            claimed: Pence::checked_sum(self.audits.iter().map(|audit| audit.claimed_pence))?,
            for_breaches: self.breaches()?,
        })
    }

    /// What is asked back for breaches.
    pub fn breaches(&self) -> Result<Pence, CannotCost> {
        Ok(Pence::checked_sum(self.breaches.iter().map(|breach| breach.required_pence))?)
    }

    /// What audits ask back.
    pub fn audits_require(&self) -> Result<Pence, CannotCost> {
        Ok(Pence::checked_sum(self.audits.iter().map(|audit| audit.required_pence))?)
    }

    /// What the family paid back.
    pub fn repaid(&self) -> Result<Pence, CannotCost> {
        Ok(Pence::checked_sum(self.repayments.iter().map(|repayment| repayment.amount_pence))?)
    }

    /// All of it added up. Reversals have the opposite amounts, and their days.
    pub fn spent_and_repaid(&self) -> Result<SpentAndRepaid, CannotCost> {
        let audited = Pence::checked_sum(self.audits.iter().map(|audit| audit.evidenced_pence))?;
        let returned = self.returns.iter().map(|one| (one.period_from, one.evidenced_pence));
        Ok(SpentAndRepaid {
            evidenced: evidenced(audited, self.last_audit().map(|audit| audit.period_to), returned)?,
            required: self.audits_require()?.checked_add(self.breaches()?)?,
            repaid: self.repaid()?,
        })
    }
}

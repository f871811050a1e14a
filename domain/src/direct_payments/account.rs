//! All of an account's money: what was paid, what is due, what was paid too much or too little, and what is owed.

use super::in_hand::{weeks_in_hand, weeks_of};
use super::{PaymentKind, Stretch, Terms, to_recover};
use crate::costing::{CannotCost, Line};
use crate::profile::CostingPolicy;
use crate::{Frequency, Pence};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A payment that was made, frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: PaymentKind,
    /// The one-off line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The payment that an adjustment or a recovery corrects.
    pub corrects_id: Option<String>,
    /// The first day it pays.
    pub from: NaiveDate,
    /// The first day it no longer pays.
    pub to: NaiveDate,
    /// When it was made.
    pub paid_on: NaiveDate,
    /// How much; negative where it takes something back.
    pub amount: Pence,
    /// When the bank returned it: its days are due again. None, it did not.
    pub bounced_on: Option<NaiveDate>,
}

impl Payment {
    /// Whether the bank returned it.
    pub fn is_bounced(&self) -> bool {
        self.bounced_on.is_some()
    }
}

/// A one-off line that is paid through an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// The line.
    pub line_id: String,
    /// It and the lines that carry it on, as last known; none, it was reversed and costs nothing.
    pub lines: Vec<Line>,
}

/// An account, as far as its money goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The first day paid for.
    pub starts_on: NaiveDate,
    /// Weeks in a period.
    pub weeks_per_payment: i64,
    /// The arrangement's lines that stand, each as last known.
    pub lines: Vec<Line>,
    /// One-off lines that are paid through it.
    pub set_ups: Vec<SetUp>,
    /// Days that are not paid for.
    pub pauses: Vec<Stretch>,
    /// The first day after it.
    pub closed_on: Option<NaiveDate>,
    /// Every payment, in the order made.
    pub payments: Vec<Payment>,
}

/// A payment that was not made yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// For a period, or to set up.
    pub kind: PaymentKind,
    /// The one-off line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The first day it pays, on which it is due.
    pub from: NaiveDate,
    /// The first day it no longer pays.
    pub to: NaiveDate,
    /// What the days cost as known now.
    pub amount: Pence,
}

/// What a payment made should have been more, or less, below nought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference<'a> {
    /// The payment.
    pub of: &'a Payment,
    /// What it came to with its corrections.
    pub paid: Pence,
    /// How much.
    pub pence: Pence,
}

impl Account {
    /// What decides its payments.
    pub fn terms<'a>(&'a self, policy: &'a CostingPolicy) -> Terms<'a> {
        Terms {
            policy,
            lines: &self.lines,
            starts_on: self.starts_on,
            days_per_payment: u64::try_from(self.weeks_per_payment).unwrap_or(1) * 7,
            pauses: &self.pauses,
            closed_on: self.closed_on,
        }
    }

    /// The stretches of days that were paid.
    pub fn paid_days(&self) -> Vec<Stretch> {
        let periods = self.payments.iter().filter(|payment| payment.kind == PaymentKind::Period && !payment.is_bounced());
        periods.map(|payment| Stretch { from: payment.from, to: Some(payment.to) }).collect()
    }

    /// What is due by a day and was not paid, nothing for periods that are paused: periods first, then set-up payments.
    pub fn due(&self, policy: &CostingPolicy, by: NaiveDate) -> Result<Vec<Due>, CannotCost> {
        let periods = self.terms(policy).unpaid(&self.paid_days(), by)?;
        let mut due: Vec<_> = periods
            .into_iter()
            .map(|unpaid| Due { kind: PaymentKind::Period, line_id: None, from: unpaid.from, to: unpaid.to, amount: unpaid.amount })
            .collect();
        for set_up in self.unpaid_set_ups() {
            if let Some(from) = set_up.lines.iter().map(|line| line.valid_from).min().filter(|from| *from <= by) {
                let to = from + Days::new(1);
                let amount = self.cost_of_set_up(policy, &set_up.line_id)?;
                due.push(Due { kind: PaymentKind::SetUp, line_id: Some(set_up.line_id.clone()), from, to, amount });
            }
        }
        Ok(due)
    }

    fn unpaid_set_ups(&self) -> impl Iterator<Item = &SetUp> {
        let pays = |set_up: &SetUp, payment: &Payment| {
            let is_its = payment.line_id.as_deref() == Some(set_up.line_id.as_str());
            payment.kind == PaymentKind::SetUp && is_its && !payment.is_bounced()
        };
        self.set_ups.iter().filter(move |set_up| !self.payments.iter().any(|payment| pays(set_up, payment)))
    }

    /// What a set-up line costs now: nothing once it is reversed, taken off the account, or later than the account's end. Lines of its
    /// arrangement that are not bought once are no set-up.
    fn cost_of_set_up(&self, policy: &CostingPolicy, line_id: &str) -> Result<Pence, CannotCost> {
        let lines = self.set_ups.iter().filter(|set_up| set_up.line_id == line_id).flat_map(|set_up| &set_up.lines);
        let once = lines.filter(|line| line.frequency == Frequency::OneOff);
        let paid = once.filter(|line| self.closed_on.is_none_or(|closed| line.valid_from < closed));
        paid.map(|line| policy.full_year(line)).try_fold(Pence::ZERO, |total, cost| Ok(total.checked_add(cost?)?))
    }

    /// What each payment made would be now, less what it came to with all its corrections; those that agree are left out. The
    /// earliest days first. What the bank returned came to nothing, and is due anew: its corrections are taken back.
    pub fn differences(&self, policy: &CostingPolicy) -> Result<Vec<Difference<'_>>, CannotCost> {
        let mut net: HashMap<&str, Pence> = HashMap::new();
        for payment in self.payments.iter().filter(|payment| !payment.is_bounced()) {
            let sum = net.entry(payment.corrects_id.as_deref().unwrap_or(&payment.id)).or_default();
            *sum = sum.checked_add(payment.amount)?;
        }
        let terms = self.terms(policy);
        let mut differences = Vec::new();
        for payment in &self.payments {
            let should_be = match (payment.kind, payment.line_id.as_deref()) {
                (PaymentKind::Period | PaymentKind::SetUp, _) if payment.is_bounced() => Pence::ZERO,
                (PaymentKind::Period, _) => terms.cost(payment.from, payment.to)?,
                (PaymentKind::SetUp, Some(line_id)) => self.cost_of_set_up(policy, line_id)?,
                _ => continue,
            };
            let paid = net.get(payment.id.as_str()).copied().unwrap_or_default();
            differences.push(Difference { of: payment, paid, pence: should_be.checked_sub(paid)? });
        }
        differences.retain(|difference| difference.pence != Pence::ZERO);
        differences.sort_by(|a, b| (a.of.from, &a.of.id).cmp(&(b.of.from, &b.of.id)));
        Ok(differences)
    }

    /// What was paid too much and has no later payment to be set off against.
    pub fn to_recover(&self, policy: &CostingPolicy) -> Result<Pence, CannotCost> {
        let differences: Vec<_> = self.differences(policy)?.iter().map(|difference| difference.pence).collect();
        let mut still_to_come = self.terms(policy).still_to_come(&self.paid_days())?;
        if let Some(sum) = &mut still_to_come {
            for set_up in self.unpaid_set_ups() {
                *sum = sum.checked_add(self.cost_of_set_up(policy, &set_up.line_id)?)?;
            }
        }
        Ok(to_recover(&differences, still_to_come)?)
    }

    /// What the payments come to that pass, without those that the bank returned.
    pub fn sum(&self, passes: impl Fn(&Payment) -> bool) -> Result<Pence, CannotCost> {
        let made = self.payments.iter().filter(|payment| !payment.is_bounced() && passes(payment));
        Ok(Pence::checked_sum(made.map(|payment| payment.amount))?)
    }

    /// How often the days of a payment, or a set-up, were paid and came back.
    pub fn bounced_before(&self, kind: PaymentKind, from: NaiveDate, line_id: Option<&str>) -> usize {
        let is_same = |payment: &&Payment| match kind {
            PaymentKind::SetUp => payment.line_id.as_deref() == line_id,
            _ => payment.from == from,
        };
        self.payments.iter().filter(|payment| payment.kind == kind && payment.is_bounced()).filter(is_same).count()
    }

    /// What families paid back of payments that were too high.
    pub fn recovered(&self) -> Result<Pence, CannotCost> {
        Ok(self.sum(|payment| payment.kind == PaymentKind::Recovery)?.checked_neg()?)
    }

    /// What so many weeks come to as the support is on a day, or on the last day paid for.
    pub fn weeks_of(&self, policy: &CostingPolicy, day: NaiveDate, weeks: i64) -> Result<Pence, CannotCost> {
        weeks_of(policy, &self.lines, self.day_in_force(policy, day), weeks)
    }

    /// The day itself, or the last day paid for, or the first.
    fn day_in_force(&self, policy: &CostingPolicy, day: NaiveDate) -> NaiveDate {
        let last = self.terms(policy).ends_on().map_or(day, |end| end.pred_opt().unwrap_or(end).min(day));
        last.max(self.starts_on)
    }
}

/// What was spent of an account's money, is asked back and was paid back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpentAndRepaid {
    /// Spent with evidence.
    pub evidenced: Pence,
    /// What audits and breaches ask back.
    pub required: Pence,
    /// Paid back by the family.
    pub repaid: Pence,
}

/// Spent with evidence: as audited, and as returned for days that no audit has seen. Returns come by their first day.
pub fn evidenced(
    audited: Pence,
    audited_until: Option<NaiveDate>,
    returned: impl Iterator<Item = (NaiveDate, Pence)>,
) -> Result<Pence, CannotCost> {
    let since = returned.filter(|(from, _)| audited_until.is_none_or(|until| *from >= until)).map(|(_, pence)| pence);
    Ok(audited.checked_add(Pence::checked_sum(since)?)?)
}

/// Where an account's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DirectPaymentBalance)]
pub struct AccountBalance {
    /// Paid in pay files.
    pub paid_pence: Pence,
    /// Spent with evidence: as audited, and as returned for days that no audit has seen.
    pub evidenced_pence: Pence,
    /// What audits and breaches ask back.
    pub required_pence: Pence,
    /// Paid too much, by what is known now, with no payment left to set it off against.
    pub to_recover_pence: Pence,
    /// Paid back by the family.
    pub repaid_pence: Pence,
    /// Asked back and not paid back yet; below nought, more was paid back than is asked.
    pub owed_pence: Pence,
    /// What should be in the family's account: paid, less spent, less paid back.
    pub balance_pence: Pence,
    /// What a week costs as the support is now.
    pub weekly_pence: Pence,
    /// For how many weeks the balance lasts, in thousandths; null where a week costs nothing.
    pub weeks_in_hand_thousandths: Option<i64>,
}

impl AccountBalance {
    /// As it is on a day.
    pub fn of(account: &Account, moved: &SpentAndRepaid, policy: &CostingPolicy, day: NaiveDate) -> Result<Self, CannotCost> {
        let SpentAndRepaid { evidenced, required, repaid } = *moved;
        let paid = account.sum(|payment| payment.kind != PaymentKind::Recovery)?;
        let to_recover = account.to_recover(policy)?;
        let balance = paid.checked_sub(evidenced)?.checked_sub(repaid)?;
        // What a repayment recovered of a payment that was too high was asked back, and is no longer to be recovered.
        let asked = required.checked_add(to_recover)?.checked_add(account.recovered()?)?;
        Ok(AccountBalance {
            paid_pence: paid,
            evidenced_pence: evidenced,
            required_pence: required,
            to_recover_pence: to_recover,
            repaid_pence: repaid,
            owed_pence: asked.checked_sub(repaid)?,
            balance_pence: balance,
            weekly_pence: account.weeks_of(policy, day, 1)?,
            weeks_in_hand_thousandths: weeks_in_hand(policy, &account.lines, account.day_in_force(policy, day), balance)?,
        })
    }
}

#[cfg(test)]
mod tests;

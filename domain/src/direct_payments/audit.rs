//! What an audit compares: what was paid, what was spent, and what may be kept in hand.

use super::{Account, Finding, PaymentKind, check_past_day, check_text};
use crate::costing::CannotCost;
use crate::money::TooLarge;
use crate::profile::{CostingPolicy, DirectPaymentPolicy};
use crate::{Code, FieldError, Pence, Refusal};
use chrono::NaiveDate;

/// What an audit adds up, all of it not below nought but `claimed`, which falls when a claim is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditSums {
    /// What the last audit left in the account.
    pub brought_forward: Pence,
    /// Paid on the days of the period, without what the bank returned.
    pub paid: Pence,
    /// Asked back otherwise since the last audit: paid too much, or for a breach.
    pub claimed: Pence,
    /// Spent, with evidence.
    pub evidenced: Pence,
    /// What may be kept in hand.
    pub contingency: Pence,
    /// Paid for days after the period, which are still to come.
    pub in_advance: Pence,
    /// What of the money left is the family's own.
    pub own_money: Pence,
}

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    /// What should be in the account. Whoever spent more than was paid spent their own money: nothing is in it.
    pub unspent: Pence,
    /// What of that is more than may be kept in hand, was paid for days up to the period's end and is not the family's own. It is proposed to
    /// be asked back.
    pub surplus: Pence,
    /// The most that may be asked back, with a reason: what is unspent, was paid for those days and is not the family's own.
    pub most: Pence,
}

impl AuditSums {
    /// What it comes to.
    pub fn come_to(&self) -> Result<Audited, TooLarge> {
        let had = self.brought_forward.checked_add(self.paid)?;
        let unspent = had.checked_sub(self.claimed)?.checked_sub(self.evidenced)?.max(Pence::ZERO);
        let most = unspent.checked_sub(self.in_advance)?.checked_sub(self.own_money)?.max(Pence::ZERO);
        Ok(Audited { unspent, surplus: most.checked_sub(self.contingency)?.max(Pence::ZERO), most })
    }

    /// How the sum asked back comes about, in words that can go to the family with it.
    pub fn working(&self, required: Pence, period_to: NaiveDate) -> Result<String, TooLarge> {
        let Audited { unspent, surplus, .. } = self.come_to()?;
        let AuditSums { brought_forward, paid, claimed, evidenced, contingency, in_advance, own_money } = self;
        let mut words = vec![format!("{brought_forward} was left before and {paid} was paid.")];
        if *claimed != Pence::ZERO {
            words.push(format!("{claimed} of that is asked back otherwise."));
        }
        words.push(format!("{evidenced} is spent with evidence, so {unspent} is unspent."));
        words.push(format!("{contingency} of that may be kept in hand."));
        if *in_advance != Pence::ZERO {
            words.push(format!("{in_advance} was paid in advance for days from {period_to} on."));
        }
        if *own_money != Pence::ZERO {
            words.push(format!("{own_money} is the family's own money."));
        }
        if required != surplus {
            words.push(format!("{surplus} is left over."));
        }
        words.push(format!("{required} is asked back."));
        Ok(words.join(" "))
    }
}

/// An audit that is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAudit<'a> {
    /// When it was made.
    pub audited_on: NaiveDate,
    /// The first day no longer audited.
    pub period_to: NaiveDate,
    /// Spent in the period, with evidence.
    pub evidenced: Pence,
    /// What of the money left is the family's own, paid in by them.
    pub own_money: Pence,
    /// What is asked back; none, the surplus.
    pub required: Option<Pence>,
    /// What it found; none, a surplus if there is one.
    pub finding: Option<Finding>,
    /// In words.
    pub reason: Option<&'a str>,
}

/// What earlier audits saw, and what is asked back for breaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditedBefore {
    /// The first day after the last audit that stands; none, there is none.
    pub until: Option<NaiveDate>,
    /// What the last audit left in the account.
    pub carried: Pence,
    /// What all audits took as asked back otherwise.
    pub claimed: Pence,
    /// What is asked back for breaches.
    pub for_breaches: Pence,
}

impl NewAudit<'_> {
    /// Days that cannot be, and a reason with bank details in it.
    pub fn day_mistakes(&self, period_from: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_past_day(&mut errors, "/audited_on", self.audited_on, today);
        if self.period_to <= period_from {
            let detail = format!("the audit starts on {period_from}, where the last one ended or the account starts, and ends later");
            errors.push(FieldError::new("/period_to", "before_start", detail));
        }
        if self.period_to > self.audited_on {
            errors.push(FieldError::new("/period_to", "future", "an audit looks back: it ends by the day it is made"));
        }
        if let Some(reason) = self.reason {
            check_text(&mut errors, "/reason", reason);
        }
        errors
    }

    /// What is asked back that is not there, or needs a reason, and a finding that the sums do not bear out.
    pub fn finding_mistakes(&self, Audited { unspent, surplus, most }: Audited) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.own_money > unspent {
            let detail = format!("only {unspent} is unspent: no more of it can be the family's own");
            errors.push(FieldError::new("/own_money_pence", "more_than_unspent", detail));
        }
        if let Some(required) = self.required {
            if required > most {
                let detail = format!("only {most} is unspent, of days that are over and not the family's own: ask back no more");
                errors.push(FieldError::new("/required_pence", "more_than_unspent", detail));
            }
            if required != surplus && self.reason.is_none() {
                errors.push(FieldError::new("/reason", "required", format!("the surplus is {surplus}: say why another sum is asked back")));
            }
        }
        let disagrees = match self.finding {
            Some(Finding::Sound) => surplus > Pence::ZERO,
            Some(Finding::Surplus) => surplus == Pence::ZERO,
            Some(Finding::Breach) | None => false,
        };
        if disagrees {
            errors.push(FieldError::new("/finding", "disagrees", format!("the surplus is {surplus}")));
        }
        errors
    }

    /// What it found: as it says, else a surplus if there is one.
    pub fn found(&self, surplus: Pence) -> Finding {
        self.finding.unwrap_or(if surplus > Pence::ZERO { Finding::Surplus } else { Finding::Sound })
    }

    /// What it adds up. Whatever was paid before the account's first day, in advance, is in the first audit. A closed account keeps nothing in
    /// hand.
    pub fn sums(
        &self,
        account: &Account,
        before: &AuditedBefore,
        policy: &DirectPaymentPolicy,
        costing: &CostingPolicy,
    ) -> Result<AuditSums, CannotCost> {
        let is_in_period = |day: NaiveDate| day < self.period_to && before.until.is_none_or(|until| day >= until);
        let claimed = account.recovered()?.checked_add(account.to_recover(costing)?)?.checked_add(before.for_breaches)?;
        let weeks = policy.contingency_weeks.as_ref().map_or(0, |weeks| weeks.value);
        let is_closed = account.closed_on.is_some_and(|closed| closed <= self.period_to);
        let last_day = self.period_to.pred_opt().unwrap_or(self.period_to);
        let in_hand = if is_closed { Pence::ZERO } else { account.weeks_of(costing, last_day, i64::from(weeks))? };
        Ok(AuditSums {
            brought_forward: before.carried,
            paid: account.sum(|payment| payment.kind != PaymentKind::Recovery && is_in_period(payment.paid_on))?,
            claimed: claimed.checked_sub(before.claimed)?,
            evidenced: self.evidenced,
            contingency: in_hand,
            in_advance: account.in_advance(costing, self.period_to)?,
            own_money: self.own_money,
        })
    }
}

impl Account {
    /// What was paid before a day for that day and later ones: what those days cost, or what is left of the payments after the days before,
    /// where more was paid and is still to be set off. What is asked back already is not counted again.
    fn in_advance(&self, costing: &CostingPolicy, day: NaiveDate) -> Result<Pence, CannotCost> {
        let terms = self.terms(costing);
        let (mut cost, mut left) = (Pence::ZERO, Pence::ZERO);
        let made = || self.payments.iter().filter(|payment| payment.paid_on < day && !payment.is_bounced());
        for payment in made().filter(|payment| payment.kind == PaymentKind::Period && payment.to > day) {
            let of_it = |one: &&super::Payment| one.id == payment.id || one.corrects_id.as_deref() == Some(payment.id.as_str());
            let net = Pence::checked_sum(made().filter(of_it).map(|one| one.amount))?;
            cost = cost.checked_add(terms.cost(payment.from.max(day), payment.to)?)?;
            left = left.checked_add(net.checked_sub(terms.cost(payment.from, payment.from.max(day))?)?.max(Pence::ZERO))?;
        }
        Ok(cost.max(left.checked_sub(self.to_recover(costing)?)?))
    }
}

/// Refuses to say of a payment that an audit counted in that the bank returned it, or that it did not after all: what the audit asks back of
/// the family would be wrong. `last` is the last audit that stands, by id and end.
pub fn refuse_once_audited(paid_on: Option<NaiveDate>, last: Option<(&str, NaiveDate)>) -> Result<(), Refusal> {
    let Some((id, until)) = last.filter(|(_, until)| paid_on.is_some_and(|day| day < *until)) else { return Ok(()) };
    let detail =
        format!("An audit reckoned with this payment. Reverse audit {id}, of the days before {until}, record this, and audit anew.");
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Refuses to take back an audit that is not the last: later ones carry on what it left. `last` is the last that stands, by id and end.
pub fn refuse_audit_before_last(period_to: NaiveDate, last: Option<(&str, NaiveDate)>) -> Result<(), Refusal> {
    match last.filter(|(_, last)| *last > period_to) {
        None => Ok(()),
        Some((id, _)) => Err(Refusal::new(Code::StateConflict, format!("Audit {id} carries on what this one left; reverse that first."))),
    }
}

#[cfg(test)]
mod tests;

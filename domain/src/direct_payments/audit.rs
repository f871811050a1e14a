//! What an audit compares: what was paid, what was spent, and what may be kept in hand.

use super::in_hand::contingency;
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
    /// Paid on the days of the period.
    pub paid: Pence,
    /// Asked back otherwise since the last audit: paid too much, or for a breach.
    pub claimed: Pence,
    /// Spent, with evidence.
    pub evidenced: Pence,
    /// What may be kept in hand.
    pub contingency: Pence,
}

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    /// What should be in the account. Whoever spent more than was paid spent their own money: nothing is in it.
    pub unspent: Pence,
    /// What of that is more than may be kept in hand, and is proposed to be asked back.
    pub surplus: Pence,
}

impl AuditSums {
    /// What it comes to.
    pub fn come_to(&self) -> Result<Audited, TooLarge> {
        let had = self.brought_forward.checked_add(self.paid)?;
        let unspent = had.checked_sub(self.claimed)?.checked_sub(self.evidenced)?.max(Pence::ZERO);
        Ok(Audited { unspent, surplus: unspent.checked_sub(self.contingency)?.max(Pence::ZERO) })
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
    pub fn finding_mistakes(&self, Audited { unspent, surplus }: Audited) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(required) = self.required {
            if required > unspent {
                errors.push(FieldError::new(
                    "/required_pence",
                    "more_than_unspent",
                    format!("only {unspent} is unspent: ask back no more"),
                ));
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
        let in_hand = if is_closed { Pence::ZERO } else { contingency(costing, account.yearly(costing, last_day)?, weeks)? };
        Ok(AuditSums {
            brought_forward: before.carried,
            paid: account.sum(|payment| payment.kind != PaymentKind::Recovery && is_in_period(payment.paid_on))?,
            claimed: claimed.checked_sub(before.claimed)?,
            evidenced: self.evidenced,
            contingency: in_hand,
        })
    }
}

/// Refuses to take back an audit that is not the last: later ones carry on what it left. `last` is the last that stands, by id and end.
pub fn refuse_audit_before_last(period_to: NaiveDate, last: Option<(&str, NaiveDate)>) -> Result<(), Refusal> {
    match last.filter(|(_, last)| *last > period_to) {
        None => Ok(()),
        Some((id, _)) => Err(Refusal::new(Code::StateConflict, format!("Audit {id} carries on what this one left; reverse that first."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costing::Line;
    use crate::{Frequency, Profile, Quantity, UnitRate};
    use proptest::prelude::*;

    fn line(frequency: Frequency, from: &str, to: Option<&str>) -> Line {
        let day = |text: &str| text.parse().expect("a date");
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(1_000_000), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn money_of_ones_own_is_no_credit_with_the_council() {
        let sums = AuditSums { paid: Pence(100), evidenced: Pence(150), contingency: Pence(10), ..AuditSums::default() };
        assert_eq!(sums.come_to(), Ok(Audited { unspent: Pence(0), surplus: Pence(0) }));
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn audit() -> NewAudit<'static> {
        let (audited_on, period_to) = (day("2025-06-20"), day("2025-06-17"));
        NewAudit { audited_on, period_to, evidenced: Pence(400), required: None, finding: None, reason: None }
    }

    #[test]
    fn an_audit_looks_back_on_days_after_the_last() {
        let good = audit();
        for (new, codes) in [
            (good, vec![]),
            (NewAudit { audited_on: good.period_to, ..good }, vec![]),
            (NewAudit { audited_on: day("2025-06-16"), ..good }, vec!["future"]),
            (NewAudit { audited_on: day("2025-07-01"), ..good }, vec!["future"]),
            (NewAudit { period_to: day("2024-06-17"), ..good }, vec!["before_start"]),
            (NewAudit { period_to: day("2024-06-18"), ..good }, vec![]),
            (NewAudit { reason: Some("to 12-34-56"), ..good }, vec!["bank_details"]),
        ] {
            let found = new.day_mistakes(day("2024-06-17"), day("2025-06-30"));
            assert_eq!(found.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{new:?}");
        }
    }

    #[test]
    fn a_finding_agrees_with_the_sums_and_another_sum_has_a_reason() {
        use Finding::{Breach, Sound, Surplus};
        let (none, some) = (Audited { unspent: Pence(50), surplus: Pence(0) }, Audited { unspent: Pence(50), surplus: Pence(30) });
        for (sums, finding, required, reason, codes) in [
            (none, None, None, None, vec![]),
            (none, Some(Sound), None, None, vec![]),
            (none, Some(Surplus), None, None, vec!["disagrees"]),
            (some, Some(Surplus), Some(30), None, vec![]),
            (some, Some(Sound), None, None, vec!["disagrees"]),
            (some, Some(Breach), Some(30), None, vec![]),
            (some, None, Some(20), None, vec!["required"]),
            (some, None, Some(20), Some("hardship"), vec![]),
            (some, None, Some(50), Some("it ends"), vec![]),
            (some, None, Some(51), Some("it ends"), vec!["more_than_unspent"]),
        ] {
            let new = NewAudit { finding, required: required.map(Pence), reason, ..audit() };
            let found = new.finding_mistakes(sums);
            assert_eq!(found.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{new:?}");
        }
        assert_eq!((audit().found(Pence(0)), audit().found(Pence(1))), (Sound, Surplus));
        assert_eq!(NewAudit { finding: Some(Breach), ..audit() }.found(Pence(1)), Breach);
        let said = NewAudit { required: Some(Pence(51)), ..audit() }.finding_mistakes(some);
        assert_eq!(said[0].detail, "only £0.50 is unspent: ask back no more");
    }

    #[test]
    fn an_audit_adds_up_what_was_paid_in_its_days_and_asked_back_since() {
        let profile = Profile::bundled("tameside").expect("sound");
        let weeks = profile.direct_payments.contingency_weeks.as_ref().map_or(0, |weeks| i64::from(weeks.value));
        let payment = |id: &str, kind, paid_on: &str, pence: i64| crate::direct_payments::Payment {
            id: id.to_owned(),
            kind,
            line_id: None,
            corrects_id: (kind == PaymentKind::Recovery).then(|| "before".to_owned()),
            from: day("2024-04-01"),
            to: day("2024-04-08"),
            paid_on: day(paid_on),
            amount: Pence(pence),
        };
        let account = |closed_on: Option<&str>| Account {
            starts_on: day("2024-04-01"),
            weeks_per_payment: 1,
            lines: vec![line(Frequency::Weekly, "2024-04-01", None)],
            set_ups: Vec::new(),
            pauses: Vec::new(),
            closed_on: closed_on.map(day),
            payments: vec![
                payment("before", PaymentKind::Period, "2024-05-31", 10_000),
                payment("first", PaymentKind::Adjustment, "2024-06-01", 300),
                payment("last", PaymentKind::Adjustment, "2025-06-16", 20),
                payment("after", PaymentKind::Adjustment, "2025-06-17", 1),
                payment("back", PaymentKind::Recovery, "2024-06-02", -100),
            ],
        };
        let none = AuditedBefore { for_breaches: Pence(7), ..AuditedBefore::default() };
        let some = AuditedBefore { until: Some(day("2024-06-01")), carried: Pence(11), claimed: Pence(60), for_breaches: Pence(7) };
        for (closed, before, brought, paid, claimed, kept) in [
            (None, none, 0, 10_320, 107, weeks * 10_000),
            (None, some, 11, 320, 47, weeks * 10_000),
            (Some("2025-06-18"), none, 0, 10_320, 107, weeks * 10_000),
        ] {
            let sums = audit().sums(&account(closed), &before, &profile.direct_payments, &profile.costing).expect("added up");
            let found = (sums.brought_forward.0, sums.paid.0, sums.evidenced.0, sums.contingency.0);
            assert_eq!(found, (brought, paid, 400, kept), "{closed:?} {before:?}");
            if closed.is_none() {
                assert_eq!(sums.claimed.0, claimed, "{before:?}");
            }
        }
        let closed = audit().sums(&account(Some("2025-06-17")), &none, &profile.direct_payments, &profile.costing).expect("added up");
        assert_eq!(closed.contingency, Pence(0), "a closed account keeps nothing in hand");
    }

    #[test]
    fn only_the_last_audit_is_taken_back() {
        let end = day("2025-06-17");
        assert_eq!(refuse_audit_before_last(end, None), Ok(()));
        assert_eq!(refuse_audit_before_last(end, Some(("this", end))), Ok(()));
        let refusal = refuse_audit_before_last(end, Some(("later", day("2025-06-18")))).expect_err("a later one");
        assert_eq!(refusal, Refusal::new(Code::StateConflict, "Audit later carries on what this one left; reverse that first."));
    }

    proptest! {
        #[test]
        fn what_is_spent_asked_back_and_kept_is_what_there_was(
            brought in 0_i64..1_000_000, paid in 0_i64..5_000_000, claimed in 0_i64..500_000, spent in 0_i64..6_000_000, kept in 0_i64..900_000
        ) {
            let sums = AuditSums {
                brought_forward: Pence(brought), paid: Pence(paid), claimed: Pence(claimed), evidenced: Pence(spent), contingency: Pence(kept),
            };
            let Audited { unspent, surplus } = sums.come_to().expect("added up");
            prop_assert_eq!(unspent.0, (brought + paid - claimed - spent).max(0));
            prop_assert!(surplus.0 >= 0 && unspent.0 - surplus.0 <= kept);
            prop_assert!(surplus.0 == 0 || unspent.0 - surplus.0 == kept);
        }
    }
}

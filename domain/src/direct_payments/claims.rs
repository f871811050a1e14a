//! What may be asked back and what may be paid back: never more than was paid.

use super::{Account, Payment, PaymentKind, check_past_day, check_text, corrections};
use crate::costing::CannotCost;
use crate::profile::CostingPolicy;
use crate::{FieldError, Pence};
use chrono::NaiveDate;

/// What a repayment settles of a payment that was too high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery<'a> {
    /// The payment.
    pub of: &'a Payment,
    /// How much, below nought: it takes something back.
    pub amount: Pence,
}

impl Account {
    /// All that was paid, less what was recovered, is to be recovered, or is asked back by audits and breaches.
    pub fn not_asked_back(&self, costing: &CostingPolicy, by_audits: Pence, for_breaches: Pence) -> Result<Pence, CannotCost> {
        let asked = self.to_recover(costing)?.checked_add(by_audits)?.checked_add(for_breaches)?;
        Ok(self.sum(|_| true)?.checked_sub(asked)?.max(Pence::ZERO))
    }

    /// All that was paid in pay files, less all that was paid back.
    pub fn not_repaid(&self, repaid: Pence) -> Result<Pence, CannotCost> {
        Ok(self.sum(|payment| payment.kind != PaymentKind::Recovery)?.checked_sub(repaid)?)
    }

    /// What of a repayment settles payments that were too high. Each is recorded as a payment of its own, so that an account that is opened
    /// again pays it out again.
    pub fn recoveries(&self, costing: &CostingPolicy, repaid: Pence) -> Result<Vec<Recovery<'_>>, CannotCost> {
        let recovered = repaid.min(self.to_recover(costing)?);
        let mut too_high = self.differences(costing)?;
        too_high.retain(|difference| difference.pence < Pence::ZERO);
        let amounts: Vec<_> = too_high.iter().map(|difference| difference.pence).collect();
        let settled = too_high.iter().zip(corrections(recovered, &amounts)?);
        let recoveries = settled.map(|(difference, amount)| Recovery { of: difference.of, amount });
        Ok(recoveries.filter(|recovery| recovery.amount != Pence::ZERO).collect())
    }
}

/// Everything wrong with a breach; `left` is what was paid and is not asked back already.
pub fn breach_mistakes(found_on: NaiveDate, what: &str, required: Pence, left: Pence, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/found_on", found_on, today);
    check_text(&mut errors, "/what", what);
    if required > left {
        let detail = format!("only {left} of what was paid can still be asked back: ask for that or less");
        errors.push(FieldError::new("/required_pence", "more_than_paid", detail));
    }
    errors
}

/// Everything wrong with a repayment; `left` is what was paid and was not paid back.
pub fn repayment_mistakes(received_on: NaiveDate, amount: Pence, left: Pence, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/received_on", received_on, today);
    if amount > left {
        errors.push(FieldError::new(
            "/amount_pence",
            "more_than_paid",
            format!("only {left} of what was paid can still be paid back: record that or less"),
        ));
    }
    errors
}

/// Everything wrong with a family's return but the order of its days.
pub fn return_mistakes(
    (period_from, period_to): (NaiveDate, NaiveDate),
    received_on: NaiveDate,
    reason: Option<&str>,
    starts_on: NaiveDate,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/received_on", received_on, today);
    if period_from < starts_on {
        errors.push(FieldError::new("/period_from", "before_start", format!("the account starts on {starts_on}")));
    }
    if period_to > received_on {
        errors.push(FieldError::new("/received_on", "before_end", "a return comes when its period is over"));
    }
    if let Some(reason) = reason {
        check_text(&mut errors, "/reason", reason);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn costing() -> CostingPolicy {
        Profile::bundled("tameside").expect("sound").costing
    }

    fn payment(id: &str, kind: PaymentKind, from: &str, to: &str, pence: i64) -> Payment {
        let corrects_id = (kind == PaymentKind::Recovery).then(|| "first".to_owned());
        Payment {
            id: id.to_owned(),
            kind,
            line_id: None,
            corrects_id,
            from: day(from),
            to: day(to),
            paid_on: day(from),
            amount: Pence(pence),
            bounced_on: None,
        }
    }

    /// An account whose line was reversed: whatever was paid was too much.
    fn account(recovered: i64) -> Account {
        let mut payments = vec![
            payment("first", PaymentKind::Period, "2024-06-03", "2024-07-01", 40_000),
            payment("second", PaymentKind::Period, "2024-07-01", "2024-07-29", 10_000),
        ];
        if recovered > 0 {
            payments.push(payment("back", PaymentKind::Recovery, "2024-06-03", "2024-07-01", -recovered));
        }
        Account {
            starts_on: day("2024-06-03"),
            weeks_per_payment: 4,
            lines: Vec::new(),
            set_ups: Vec::new(),
            pauses: Vec::new(),
            closed_on: None,
            payments,
        }
    }

    #[test]
    fn what_is_to_be_recovered_is_not_asked_back_for_a_breach_too() {
        assert_eq!(account(0).to_recover(&costing()), Ok(Pence(50_000)));
        assert_eq!(account(0).not_asked_back(&costing(), Pence(0), Pence(0)), Ok(Pence(0)));
    }

    #[test]
    fn a_breach_asks_back_what_no_audit_and_no_other_breach_did() {
        use crate::costing::Line;
        use crate::{Frequency, Quantity, UnitRate};
        let weekly = Line {
            quantity: Quantity(1000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(1_000_000),
            valid_from: day("2024-06-03"),
            valid_to: None,
        };
        let payments = vec![payment("first", PaymentKind::Period, "2024-06-03", "2024-07-01", 40_000)];
        let account = Account { lines: vec![weekly], payments, ..account(0) };
        for (audits, breaches, left) in [(0, 0, 40_000), (10_000, 0, 30_000), (10_000, 5_000, 25_000), (40_000, 5_000, 0)] {
            assert_eq!(account.not_asked_back(&costing(), Pence(audits), Pence(breaches)), Ok(Pence(left)), "{audits} {breaches}");
        }
        for (repaid, left) in [(0, 40_000), (15_000, 25_000)] {
            assert_eq!(account.not_repaid(Pence(repaid)), Ok(Pence(left)));
        }
    }

    #[test]
    fn a_recovery_lowers_no_bound_of_repayments_twice() {
        // The recovery is part of the £100.00 that were paid back: it is not taken off once more.
        assert_eq!(account(10_000).not_repaid(Pence(10_000)), Ok(Pence(40_000)));
    }

    #[test]
    fn a_repayment_settles_payments_that_were_too_high_the_earliest_first() {
        for (recovered, repaid, expected) in [
            (0, 15_000, vec![("first", -15_000)]),
            (0, 45_000, vec![("first", -40_000), ("second", -5_000)]),
            (0, 90_000, vec![("first", -40_000), ("second", -10_000)]),
            (15_000, 30_000, vec![("first", -25_000), ("second", -5_000)]),
        ] {
            let account = account(recovered);
            let found = account.recoveries(&costing(), Pence(repaid)).expect("costed");
            let found: Vec<_> = found.iter().map(|one| (one.of.id.as_str(), one.amount.0)).collect();
            assert_eq!(found, expected, "{recovered} {repaid}");
        }
    }

    fn codes(mistakes: &[FieldError]) -> Vec<(&str, &str)> {
        mistakes.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
    }

    #[test]
    fn breaches_and_repayments_have_bounds() {
        let today = day("2024-10-01");
        for (pence, on, what, mistakes) in [
            (12_000, "2024-10-01", "spent elsewhere", vec![]),
            (12_001, "2024-10-01", "spent elsewhere", vec![("/required_pence", "more_than_paid")]),
            (12_000, "2024-10-02", "spent elsewhere", vec![("/found_on", "future")]),
            (12_000, "2024-10-01", "sent to 12345678", vec![("/what", "bank_details")]),
        ] {
            assert_eq!(codes(&breach_mistakes(day(on), what, Pence(pence), Pence(12_000), today)), mistakes, "{pence} {on}");
        }
        for (pence, on, mistakes) in [
            (12_000, "2024-10-01", vec![]),
            (12_001, "2024-10-01", vec![("/amount_pence", "more_than_paid")]),
            (12_000, "2024-10-02", vec![("/received_on", "future")]),
        ] {
            assert_eq!(codes(&repayment_mistakes(day(on), Pence(pence), Pence(12_000), today)), mistakes, "{pence} {on}");
        }
        let said = breach_mistakes(today, "spent elsewhere", Pence(2), Pence(1), today);
        assert_eq!(said[0].detail, "only £0.01 of what was paid can still be asked back: ask for that or less");
        assert_eq!(
            repayment_mistakes(today, Pence(2), Pence(1), today)[0].detail,
            "only £0.01 of what was paid can still be paid back: record that or less"
        );
    }

    #[test]
    fn a_return_is_of_the_accounts_days_and_comes_when_they_are_over() {
        for (from, to, received, reason, mistakes) in [
            ("2024-06-03", "2024-09-09", "2024-09-09", None, vec![]),
            ("2024-06-02", "2024-09-09", "2024-09-09", None, vec![("/period_from", "before_start")]),
            ("2024-06-03", "2024-09-09", "2024-09-08", None, vec![("/received_on", "before_end")]),
            ("2024-06-03", "2024-09-09", "2024-10-02", None, vec![("/received_on", "future")]),
            ("2024-06-03", "2024-09-09", "2024-09-09", Some("12-34-56"), vec![("/reason", "bank_details")]),
        ] {
            let found = return_mistakes((day(from), day(to)), day(received), reason, day("2024-06-03"), day("2024-10-01"));
            assert_eq!(codes(&found), mistakes, "{from} {to} {received}");
        }
    }
}

//! What an audit adds up, finds and says.

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
    assert_eq!(sums.come_to(), Ok(Audited { unspent: Pence(0), surplus: Pence(0), most: Pence(0) }));
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn audit() -> NewAudit<'static> {
    let (audited_on, period_to) = (day("2025-06-20"), day("2025-06-17"));
    NewAudit { audited_on, period_to, evidenced: Pence(400), own_money: Pence(0), required: None, finding: None, reason: None }
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
    let none = Audited { unspent: Pence(50), surplus: Pence(0), most: Pence(50) };
    let some = Audited { surplus: Pence(30), ..none };
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
    assert_eq!(said[0].detail, "only £0.50 is unspent, of days that are over and not the family's own: ask back no more");
    let own = NewAudit { own_money: Pence(51), ..audit() }.finding_mistakes(none);
    assert_eq!(own.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/own_money_pence"]);
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
        bounced_on: None,
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

/// £100.00 a week from 26 October 2023 on, paid four weeks at a time.
fn every_four_weeks(paid: &[(&str, &str, i64)], pauses: Vec<crate::direct_payments::Stretch>, closed_on: Option<&str>) -> Account {
    let payment = |(from, to, pence): &(&str, &str, i64)| crate::direct_payments::Payment {
        id: (*from).to_owned(),
        kind: PaymentKind::Period,
        line_id: None,
        corrects_id: None,
        from: day(from),
        to: day(to),
        paid_on: day(from),
        amount: Pence(*pence),
        bounced_on: None,
    };
    Account {
        starts_on: day("2023-10-26"),
        weeks_per_payment: 4,
        lines: vec![line(Frequency::Weekly, "2023-10-26", None)],
        set_ups: Vec::new(),
        pauses,
        closed_on: closed_on.map(day),
        payments: paid.iter().map(payment).collect(),
    }
}

#[test]
fn what_was_paid_for_days_after_the_period_is_no_surplus() {
    let profile = Profile::bundled("tameside").expect("sound");
    let policy = DirectPaymentPolicy { contingency_weeks: None, ..profile.direct_payments.clone() };
    let pause = crate::direct_payments::Stretch { from: day("2023-12-07"), to: Some(day("2023-12-14")) };
    let (spent, next) = (("2023-10-26", "2023-11-23", 40_000), ("2023-11-23", "2023-12-21", 40_000));
    // 28 days paid on 23 November, of which one week is over and spent by the 30th: the family needs the other three.
    for (name, account, evidenced, own, expected) in [
        ("one week of four is over", every_four_weeks(&[spent, next], vec![], None), 50_000, 0, (30_000, 30_000, 0)),
        ("and some of it is unspent", every_four_weeks(&[spent, next], vec![], None), 45_000, 0, (35_000, 30_000, 5_000)),
        ("and some of that is their own", every_four_weeks(&[spent, next], vec![], None), 45_000, 2_000, (35_000, 30_000, 3_000)),
        ("all of it", every_four_weeks(&[spent, next], vec![], None), 45_000, 5_000, (35_000, 30_000, 0)),
        // What was paid for days that are paused since is set off against the next payment.
        ("a week of it is paused", every_four_weeks(&[spent, next], vec![pause], None), 50_000, 0, (30_000, 30_000, 0)),
        // The account has ended: three weeks are to be recovered, and are asked back once.
        ("it has ended", every_four_weeks(&[spent, next], vec![], Some("2023-11-30")), 45_000, 0, (5_000, 0, 5_000)),
        ("nothing is paid ahead", every_four_weeks(&[spent], vec![], None), 30_000, 0, (10_000, 0, 10_000)),
    ] {
        let (period_to, own_money) = (day("2023-11-30"), Pence(own));
        let new = NewAudit { audited_on: period_to, period_to, evidenced: Pence(evidenced), own_money, ..audit() };
        let sums = new.sums(&account, &AuditedBefore::default(), &policy, &profile.costing).expect("added up");
        let Audited { unspent, surplus, .. } = sums.come_to().expect("added up");
        assert_eq!((unspent.0, sums.in_advance.0, surplus.0), expected, "{name}");
    }
}

#[test]
fn the_working_says_how_the_sum_comes_about() {
    let sums = AuditSums {
        paid: Pence(520_000),
        claimed: Pence(1_000),
        evidenced: Pence(400_000),
        contingency: Pence(80_000),
        in_advance: Pence(30_000),
        own_money: Pence(500),
        ..AuditSums::default()
    };
    assert_eq!(
        sums.working(Pence(8_500), day("2024-04-01")).expect("added up"),
        "£0.00 was left before and £5,200.00 was paid. £10.00 of that is asked back otherwise. £4,000.00 is spent with evidence, so \
         £1,190.00 is unspent. £800.00 of that may be kept in hand. £300.00 was paid in advance for days from 2024-04-01 on. £5.00 is \
         the family's own money. £85.00 is asked back."
    );
    let less = sums.working(Pence(5_000), day("2024-04-01")).expect("added up");
    assert!(less.ends_with("£85.00 is left over. £50.00 is asked back."), "{less}");
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
        brought in 0_i64..1_000_000, paid in 0_i64..5_000_000, claimed in 0_i64..500_000, spent in 0_i64..6_000_000,
        kept in 0_i64..900_000, ahead in 0_i64..900_000, own in 0_i64..900_000
    ) {
        let sums = AuditSums {
            brought_forward: Pence(brought), paid: Pence(paid), claimed: Pence(claimed), evidenced: Pence(spent), contingency: Pence(kept),
            in_advance: Pence(ahead), own_money: Pence(own),
        };
        let Audited { unspent, surplus, most } = sums.come_to().expect("added up");
        prop_assert_eq!(unspent.0, (brought + paid - claimed - spent).max(0));
        prop_assert_eq!(surplus.0, (unspent.0 - kept - ahead - own).max(0));
        prop_assert!(surplus <= most && most <= unspent);
    }
}

#[test]
fn what_the_bank_returned_was_not_paid_whenever_it_came_back() {
    let profile = Profile::bundled("tameside").expect("sound");
    let account = every_four_weeks(&[("2024-06-03", "2024-07-01", 40_000), ("2024-07-01", "2024-07-29", 40_000)], Vec::new(), None);
    let new = NewAudit { audited_on: day("2024-07-29"), period_to: day("2024-06-28"), evidenced: Pence(0), ..audit() };
    for (bounced_on, paid) in [(None, 40_000), (Some("2024-06-05"), 0), (Some("2024-07-05"), 0)] {
        let mut account = account.clone();
        account.payments[0].bounced_on = bounced_on.map(day);
        let first = new.sums(&account, &AuditedBefore::default(), &profile.direct_payments, &profile.costing).expect("added up");
        assert_eq!(first.paid, Pence(paid), "{bounced_on:?}");
        // The next one counts the second payment, and takes nothing off for the first.
        let before = AuditedBefore { until: Some(day("2024-06-28")), ..AuditedBefore::default() };
        let next = NewAudit { period_to: day("2024-07-29"), ..new };
        let next = next.sums(&account, &before, &profile.direct_payments, &profile.costing).expect("added up");
        assert_eq!(next.paid, Pence(40_000), "{bounced_on:?}");
    }
}

#[test]
fn nobody_says_of_a_payment_that_an_audit_counted_that_it_came_back_or_did_not() {
    for (paid_on, last, is_refused) in [
        (Some("2024-06-03"), None, false),
        (Some("2024-06-03"), Some("2024-06-28"), true),
        (Some("2024-06-27"), Some("2024-06-28"), true),
        (Some("2024-06-28"), Some("2024-06-28"), false),
        (None, Some("2024-06-28"), false),
    ] {
        let refused = refuse_once_audited(paid_on.map(day), last.map(|until| ("A1", day(until))));
        assert_eq!(refused.is_err(), is_refused, "{paid_on:?} {last:?}");
        if let Err(refusal) = refused {
            assert!(refusal.detail.contains("Reverse audit A1, of the days before 2024-06-28"), "{}", refusal.detail);
        }
    }
}

//! A payment that came back is due again, once, and to the penny.

use super::*;
use crate::costing::Line;
use crate::direct_payments::Stretch;
use crate::{Frequency, Profile, Quantity, UnitRate};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn payment(id: &str, kind: PaymentKind, from: &str, pence: i64) -> Payment {
    let starts = day(from);
    Payment {
        id: id.to_owned(),
        kind,
        line_id: None,
        corrects_id: None,
        from: starts,
        to: starts + chrono::Days::new(28),
        paid_on: starts,
        amount: Pence(pence),
        bounced_on: None,
    }
}

/// 36 hours at £14.50 every four weeks from 1 April 2024, of which two payments were made, the first of them returned by the bank.
fn account() -> Account {
    let line = Line {
        quantity: Quantity(36_000),
        frequency: Frequency::FourWeekly,
        unit_rate: UnitRate(145_000),
        valid_from: day("2024-04-01"),
        valid_to: None,
    };
    let first = Payment { bounced_on: Some(day("2024-04-08")), ..payment("first", PaymentKind::Period, "2024-04-01", 52_200) };
    Account {
        starts_on: day("2024-04-01"),
        weeks_per_payment: 4,
        lines: vec![line],
        set_ups: Vec::new(),
        pauses: Vec::new(),
        closed_on: None,
        payments: vec![first, payment("second", PaymentKind::Period, "2024-04-29", 52_200)],
    }
}

fn to_pay(account: &Account, on: &str) -> Vec<(PaymentKind, String, i64)> {
    let costing = Profile::bundled("tameside").expect("sound").costing;
    let found = account.to_pay(&costing, day(on), day(on)).expect("costed");
    found.into_iter().map(|one| (one.kind, one.from.to_string(), one.amount.0)).collect()
}

#[test]
fn the_days_of_a_payment_that_came_back_are_due_again() {
    let period = |from: &str, pence| (PaymentKind::Period, from.to_owned(), pence);
    assert_eq!(to_pay(&account(), "2024-05-01"), [period("2024-04-01", 52_200)]);
    let stands = Account { payments: account().payments.into_iter().map(|one| Payment { bounced_on: None, ..one }).collect(), ..account() };
    assert_eq!(to_pay(&stands, "2024-05-01"), []);
    // As the days cost now: one week of them is paused.
    let pause = Stretch { from: day("2024-04-08"), to: Some(day("2024-04-15")) };
    assert_eq!(to_pay(&Account { pauses: vec![pause], ..account() }, "2024-05-01"), [period("2024-04-01", 39_150)]);
    let paid = account().sum(|_| true);
    assert_eq!(paid, Ok(Pence(52_200)), "what came back was not paid");
}

#[test]
fn corrections_of_a_payment_that_came_back_are_taken_back_with_it() {
    // £130.50 of the first were set off in the second file, before the bank returned the first.
    let mut account = account();
    let set_off = Payment { corrects_id: Some("first".to_owned()), ..payment("off", PaymentKind::Adjustment, "2024-04-01", -13_050) };
    account.payments.push(Payment { paid_on: day("2024-04-29"), ..set_off });
    let rows = to_pay(&account, "2024-05-01");
    assert_eq!(rows.iter().map(|row| row.2).sum::<i64>(), 52_200 + 13_050, "{rows:?}");
    // Came back with the second file, it is nothing to take back.
    for payment in &mut account.payments[1..] {
        payment.bounced_on = Some(day("2024-05-06"));
    }
    let rows = to_pay(&account, "2024-05-06");
    assert_eq!(rows.iter().map(|row| row.2).sum::<i64>(), 2 * 52_200, "{rows:?}");
}

#[test]
fn a_transfer_comes_back_whole_after_it_was_paid() {
    let sent = Transfer { paid_on: Some(day("2024-04-01")), amount: Pence(52_200) };
    let good = NewBounce { bounced_on: day("2024-04-08"), amount: Pence(52_200), reason: "The account is closed" };
    for (new, sent, codes) in [
        (good, sent, vec![]),
        (NewBounce { bounced_on: day("2024-04-01"), ..good }, sent, vec![]),
        (NewBounce { bounced_on: day("2024-03-31"), ..good }, sent, vec!["before_payment"]),
        (NewBounce { bounced_on: day("2024-04-10"), ..good }, sent, vec!["future"]),
        (NewBounce { amount: Pence(52_199), ..good }, sent, vec!["not_what_was_sent"]),
        (NewBounce { amount: Pence(52_201), ..good }, sent, vec!["not_what_was_sent"]),
        (NewBounce { reason: "Sort code 20-00-00", ..good }, sent, vec!["bank_details"]),
        (good, Transfer { paid_on: None, amount: Pence(0) }, vec!["unknown_reference"]),
    ] {
        let found = new.mistakes(sent, day("2024-04-09"));
        assert_eq!(found.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{new:?}");
    }
    assert_eq!(refuse_bounced_twice(None), Ok(()));
    assert!(refuse_bounced_twice(Some(day("2024-04-08"))).is_err());
}

#[test]
fn a_bounce_is_taken_back_until_its_days_are_paid_again() {
    let mut account = account();
    assert_eq!(account.refuse_paid_again(&["first"]), Ok(()));
    assert_eq!(account.bounced_before(PaymentKind::Period, day("2024-04-01"), None), 1);
    assert_eq!(account.bounced_before(PaymentKind::Period, day("2024-04-29"), None), 0);
    account.payments.push(Payment { paid_on: day("2024-05-27"), ..payment("again", PaymentKind::Period, "2024-04-01", 52_200) });
    let refused = account.refuse_paid_again(&["first"]).expect_err("paid twice");
    assert!(refused.detail.contains("2024-05-27"), "{}", refused.detail);
    // It came back too: nothing of it is paid.
    account.payments[2].bounced_on = Some(day("2024-05-28"));
    assert_eq!(account.refuse_paid_again(&["first"]), Ok(()));
}

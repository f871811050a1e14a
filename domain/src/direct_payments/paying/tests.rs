//! What a pay file takes, and whom it leaves out.

use super::*;
use crate::costing::Line;
use crate::direct_payments::{Payment, Stretch};
use crate::{Frequency, Profile, Quantity, UnitRate};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn profile() -> Profile {
    Profile::bundled("tameside").expect("sound")
}

/// An account of £100.00 a week from 3 June 2024 on, four weeks a payment.
fn account(pauses: Vec<Stretch>, paid: &[(&str, &str, i64)]) -> Account {
    let weekly = Line {
        quantity: Quantity(1000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(1_000_000),
        valid_from: day("2024-06-03"),
        valid_to: None,
    };
    let payment = |(from, to, pence): &(&str, &str, i64)| Payment {
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
        starts_on: day("2024-06-03"),
        weeks_per_payment: 4,
        lines: vec![weekly],
        set_ups: Vec::new(),
        pauses,
        closed_on: None,
        payments: paid.iter().map(payment).collect(),
    }
}

#[test]
fn a_file_pays_what_is_due_and_sets_off_what_was_paid_too_much() {
    let costing = profile().costing;
    let free = account(vec![], &[]);
    let cost = |from: &str, to: &str| free.terms(&costing).cost(day(from), day(to)).expect("costed").0;
    let (first, next, off) = (cost("2024-06-03", "2024-07-01"), cost("2024-07-01", "2024-07-29"), cost("2024-06-10", "2024-06-17"));
    assert_eq!(first, 40_000, "four weeks of £100.00");
    let whole = ("2024-06-03", "2024-07-01", first);
    let pause = |from: &str, to: &str| Stretch { from: day(from), to: Some(day(to)) };
    let week = pause("2024-06-10", "2024-06-17");
    let all = pause("2024-06-03", "2024-08-26");
    for (pauses, paid, pay_on, expected) in [
        (vec![], vec![], "2024-06-02", vec![]),
        (vec![], vec![], "2024-06-03", vec![(PaymentKind::Period, "2024-06-03", first)]),
        (vec![], vec![whole], "2024-06-30", vec![]),
        (vec![], vec![whole], "2024-07-01", vec![(PaymentKind::Period, "2024-07-01", next)]),
        (vec![week], vec![whole], "2024-06-30", vec![]),
        (
            vec![week],
            vec![whole],
            "2024-07-01",
            vec![(PaymentKind::Period, "2024-07-01", next), (PaymentKind::Adjustment, "2024-06-03", -off)],
        ),
        (vec![], vec![("2024-06-03", "2024-07-01", first - 10_000)], "2024-06-30", vec![(PaymentKind::Adjustment, "2024-06-03", 10_000)]),
        // What is paused amounts to nothing, and is no payment.
        (vec![all], vec![], "2024-07-01", vec![]),
    ] {
        let (account, pay_on) = (account(pauses.clone(), &paid), day(pay_on));
        let found = account.to_pay(&profile().costing, pay_on, pay_on).expect("costed");
        let rows: Vec<_> = found.iter().map(|one| (one.kind, one.from.to_string(), one.amount.0)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(kind, from, pence)| (kind, from.to_owned(), pence)).collect();
        assert_eq!(rows, expected, "on {pay_on}, {pauses:?}, {paid:?}");
        assert!(found.iter().map(|one| one.amount.0).sum::<i64>() >= 0);
        for one in &found {
            let corrects = (one.kind == PaymentKind::Adjustment).then(|| "2024-06-03".to_owned());
            assert_eq!(one.corrects_id, corrects);
            assert_eq!(one.due_on, if corrects.is_some() { pay_on } else { one.from });
        }
    }
}

#[test]
fn what_an_account_lacks_is_told_in_order() {
    let policy = profile().direct_payments;
    let full = AccountDays {
        agreement_on: Some(day("2024-06-01")),
        bank_on: Some(day("2024-06-01")),
        checks: vec![Stretch { from: day("2024-06-01"), to: Some(day("2024-07-01")) }],
        support_agreed_on: Some(day("2024-06-01")),
        ..AccountDays::default()
    };
    use Precondition as P;
    for (days, on, lacks) in [
        (full.clone(), "2024-06-03", vec![]),
        (full.clone(), "2024-07-01", vec![P::DbsSeen]),
        (
            AccountDays { support_agreed_on: None, bank_on: None, ..full.clone() },
            "2024-06-03",
            vec![P::BankAccountVerified, P::SupportAgreed],
        ),
        (AccountDays::default(), "2024-06-03", vec![P::AgreementSigned, P::BankAccountVerified, P::DbsSeen, P::SupportAgreed]),
    ] {
        assert_eq!(days.lacks(&policy, day(on)), lacks, "{days:?} on {on}");
    }
}

#[test]
fn a_file_is_made_for_a_day_of_the_period_to_come() {
    let (policy, holidays) = (profile().direct_payments, BankHolidays::bundled().expect("sound"));
    for (pay_on, reason, codes) in [
        ("2024-06-03", None, vec![]),
        ("2024-07-01", Some("before the holiday"), vec![]),
        ("2024-05-31", None, vec!["past"]),
        ("2024-06-08", None, vec!["no_working_day"]),
        ("2024-07-02", None, vec!["too_far_ahead"]),
        ("9024-06-03", None, vec!["out_of_range", "too_far_ahead"]),
        ("2024-06-03", Some("to 12-34-56"), vec!["bank_details"]),
    ] {
        let found = pay_file_mistakes(&policy, holidays, day(pay_on), reason, day("2024-06-03"));
        assert_eq!(found.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{pay_on}");
    }
    assert_eq!((refuse_too_many(MOST_PAYMENTS), refuse_too_many(MOST_PAYMENTS + 1).is_err()), (Ok(()), true));
}

fn left_out(id: &str) -> LeftOut {
    let missing = vec![Precondition::DbsSeen, Precondition::BankAccountByAnother];
    LeftOut { account_id: id.to_owned(), reference: format!("DP-{id}"), missing, due_pence: Pence(1) }
}

#[test]
fn accounts_that_are_named_are_paid_or_the_file_is_refused() {
    let named = ["a".to_owned(), "b".to_owned()];
    assert_eq!(refuse_unknown_accounts(&named, &named), Ok(()));
    let refusal = refuse_unknown_accounts(&named, &named[..1]).expect_err("b is unknown");
    assert_eq!(refusal.errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/account_ids/1"]);
    assert_eq!(refuse_named_left_out(&named, &[]), Ok(()));
    let refusal = refuse_named_left_out(&named, &[left_out("b")]).expect_err("b is left out");
    assert_eq!(
        (refusal.code, refusal.detail.as_str()),
        (Code::NotReady, "1 account has a payment due and cannot be paid yet. `errors` says what it lacks.")
    );
    let said = FieldError::new("/account_ids/1", "missing", "account DP-b lacks dbs_seen, bank_account_by_another");
    assert_eq!(refusal.errors, [said]);
}

#[test]
fn an_empty_file_is_refused_with_its_cause() {
    let pay_on = day("2024-06-24");
    for (left, last, code, said) in [
        (vec![], None, Code::StateConflict, "Nothing is due by 2024-06-24, and no pay file was made yet."),
        (
            vec![],
            Some((16, day("2024-06-03"))),
            Code::StateConflict,
            "Everything due by 2024-06-24 is in a pay file already. Export 16, for 2024-06-03, took the last.",
        ),
        (
            vec![left_out("a"), left_out("b")],
            None,
            Code::NotReady,
            "2 accounts have a payment due and cannot be paid yet. `errors` says what each lacks.",
        ),
    ] {
        let refusal = nothing_to_pay(pay_on, &left, last);
        assert_eq!((refusal.code, refusal.detail.as_str(), refusal.errors.len()), (code, said, left.len()));
    }
}

//! Which step is allowed, in which state.

use super::*;
use crate::{Pence, Profile};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn stretch(from: &str, to: Option<&str>) -> Stretch {
    Stretch { from: day(from), to: to.map(day) }
}

const TODAY: &str = "2024-06-15";

fn step(kind: StepKind, on: &str, until: Option<&str>) -> NewStep<'static> {
    let is_bank = kind == StepKind::BankAccountRecorded;
    NewStep {
        kind,
        on: day(on),
        until: until.map(day),
        has_bank_reference: is_bank,
        has_payee_reference: is_bank,
        has_line: kind == StepKind::SetUpPayment,
        reason: matches!(kind, StepKind::Pause | StepKind::Close).then_some("in hospital"),
    }
}

fn found(mistakes: &[FieldError]) -> Vec<(&str, &str)> {
    mistakes.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
}

#[test]
fn each_step_needs_its_own_fields_and_takes_no_others() {
    use StepKind as K;
    for kind in [K::AgreementSigned, K::BankAccountRecorded, K::DbsSeen, K::SetUpPayment, K::Pause, K::Resume, K::Close] {
        assert_eq!(step(kind, TODAY, None).mistakes(day(TODAY)), [], "{kind}");
        let bare =
            NewStep { has_bank_reference: false, has_payee_reference: false, has_line: false, reason: None, ..step(kind, TODAY, None) };
        let needed = match kind {
            K::BankAccountRecorded => vec![("/bank_reference", "required"), ("/payee_reference", "required")],
            K::SetUpPayment => vec![("/line_id", "required")],
            K::Pause | K::Close => vec![("/reason", "required")],
            _ => vec![],
        };
        assert_eq!(found(&bare.mistakes(day(TODAY))), needed, "{kind} without");
        let full = NewStep {
            has_bank_reference: true,
            has_payee_reference: true,
            has_line: true,
            until: Some(day("2024-07-01")),
            reason: Some("why"),
            ..bare
        };
        let own: &[&str] = match kind {
            K::BankAccountRecorded => &["/bank_reference", "/payee_reference"],
            K::SetUpPayment => &["/line_id"],
            K::DbsSeen | K::Pause => &["/until_on"],
            _ => &[],
        };
        let others: Vec<_> = ["/bank_reference", "/payee_reference", "/line_id", "/until_on"]
            .into_iter()
            .filter(|pointer| !own.contains(pointer))
            .map(|pointer| (pointer, "not_of_this_step"))
            .collect();
        assert_eq!(found(&full.mistakes(day(TODAY))), others, "{kind} with all of them");
    }
}

#[test]
fn only_pauses_resumptions_and_closures_may_be_to_come() {
    use StepKind as K;
    for (kind, is_taken) in [
        (K::AgreementSigned, false),
        (K::BankAccountRecorded, false),
        (K::DbsSeen, false),
        (K::SetUpPayment, false),
        (K::Pause, true),
        (K::Resume, true),
        (K::Close, true),
    ] {
        assert_eq!(step(kind, "2024-06-16", None).mistakes(day(TODAY)).is_empty(), is_taken, "{kind}");
    }
    assert_eq!(found(&step(K::Pause, TODAY, Some(TODAY)).mistakes(day(TODAY))), [("/until_on", "before_start")]);
    let told = NewStep { reason: Some("to 12-34-56"), ..step(K::Close, TODAY, None) };
    assert_eq!(found(&told.mistakes(day(TODAY))), [("/reason", "bank_details")]);
}

#[test]
fn an_account_is_neither_paused_nor_closed_before_it_starts() {
    use StepKind as K;
    for (kind, on, is_early) in [
        (K::Pause, "2024-06-02", true),
        (K::Close, "2024-06-02", true),
        (K::Pause, "2024-06-03", false),
        (K::Close, "2024-06-03", false),
        (K::AgreementSigned, "2024-06-02", false),
    ] {
        assert_eq!(step(kind, on, None).start_mistakes(day("2024-06-03")).is_some(), is_early, "{kind} on {on}");
    }
}

#[test]
fn a_set_up_payment_is_for_a_one_off_line_of_the_child() {
    let policy = Profile::bundled("tameside").expect("sound").direct_payments;
    let good = SetUpLine {
        child_id: "child",
        budget_line: "direct_payments",
        frequency: Frequency::OneOff,
        state: LineState::Recorded,
        carries_on: false,
    };
    for (line, code) in [
        (Some(good), None),
        (None, Some("unknown_reference")),
        (Some(SetUpLine { child_id: "other", ..good }), Some("unknown_reference")),
        (Some(SetUpLine { state: LineState::Reversed, ..good }), Some("unknown_reference")),
        (Some(SetUpLine { budget_line: "overnights", ..good }), Some("other_budget_line")),
        (Some(SetUpLine { frequency: Frequency::Weekly, ..good }), Some("not_one_off")),
        (Some(SetUpLine { carries_on: true, ..good }), Some("not_one_off")),
    ] {
        let mistakes = set_up_line_mistakes(&policy, "child", line.as_ref());
        assert_eq!(mistakes.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), Vec::from_iter(code), "{line:?}");
    }
}

#[test]
fn what_the_accounts_state_does_not_allow_is_refused() {
    use StepKind as K;
    let free = AccountDays::default();
    let closed = AccountDays { closed_on: Some(day("2024-06-01")), ..AccountDays::default() };
    let paused = |pauses: Vec<Stretch>| AccountDays { pauses, ..AccountDays::default() };
    let over = paused(vec![stretch("2024-05-01", Some("2024-06-01"))]);
    let running = paused(vec![stretch("2024-06-01", Some("2024-07-01"))]);
    let endless = paused(vec![stretch("2024-06-01", None)]);
    for (days, step, refused) in [
        (&free, step(K::AgreementSigned, "2024-06-10", None), None),
        (&closed, step(K::AgreementSigned, "2024-05-10", None), Some(Code::StateConflict)),
        (&closed, step(K::Close, "2024-06-10", None), Some(Code::StateConflict)),
        (&free, step(K::Close, "2024-06-10", None), None),
        (&free, step(K::Pause, "2024-06-10", None), None),
        (&over, step(K::Pause, "2024-05-20", Some("2024-05-25")), Some(Code::PeriodOverlaps)),
        (&over, step(K::Pause, "2024-06-01", None), None),
        (&running, step(K::Pause, "2024-08-01", None), Some(Code::StateConflict)),
        (&running, step(K::Pause, "2024-08-01", Some("2024-09-01")), Some(Code::StateConflict)),
        (&running, step(K::Pause, "2024-05-01", Some("2024-05-08")), None),
        (&endless, step(K::Pause, "2024-08-01", None), Some(Code::PeriodOverlaps)),
        (&free, step(K::Resume, "2024-06-10", None), Some(Code::StateConflict)),
        (&running, step(K::Resume, "2024-06-10", None), None),
        (&running, step(K::Resume, "2024-07-01", None), Some(Code::StateConflict)),
    ] {
        let refusal = days.refuse_step(&step, &PaidElsewhere::default(), day(TODAY)).err();
        assert_eq!(refusal.as_ref().map(|refusal| refusal.code), refused, "{step:?} of {days:?}: {refusal:?}");
    }
}

#[test]
fn a_line_is_paid_through_one_account() {
    let set_up = step(StepKind::SetUpPayment, TODAY, None);
    for (account, pence, said) in [
        (None, 0, None),
        (Some("A"), 0, Some("Account A pays this line already.")),
        (None, 5000, Some("Another account was paid £50.00 for this line, which was not paid back.")),
    ] {
        let elsewhere = PaidElsewhere { account_id: account.map(str::to_owned), net_paid: Pence(pence) };
        let refusal = AccountDays::default().refuse_step(&set_up, &elsewhere, day(TODAY)).err();
        assert_eq!(refusal.map(|refusal| refusal.detail).as_deref(), said);
    }
}

#[test]
fn a_pause_that_was_resumed_is_taken_back_after_its_resumption() {
    let pause = stretch("2024-06-01", Some("2024-07-01"));
    assert_eq!(refuse_resumed_pause(pause, [("before", day("2024-05-31")), ("after", day("2024-07-01"))]), Ok(()));
    let refusal = refuse_resumed_pause(pause, [("after", day("2024-07-01")), ("within", day("2024-06-20"))]).expect_err("resumed");
    assert_eq!(refusal.detail, "The resumption of 2024-06-20 ended this pause: reverse it first, step within.");
}

#[test]
fn two_pauses_neither_overlap_nor_are_both_to_come() {
    for (pauses, is_refused) in [
        (vec![], false),
        (vec![stretch("2024-06-01", None)], false),
        (vec![stretch("2024-05-01", Some("2024-05-08")), stretch("2024-06-01", None)], false),
        (vec![stretch("2024-05-01", Some("2024-06-02")), stretch("2024-06-01", Some("2024-06-08"))], true),
        (vec![stretch("2024-05-01", None), stretch("2024-06-01", Some("2024-06-08"))], true),
        (vec![stretch("2024-06-01", Some("2024-06-20")), stretch("2024-07-01", Some("2024-07-08"))], true),
        (vec![stretch("2024-06-01", Some("2024-06-15")), stretch("2024-07-01", Some("2024-07-08"))], false),
    ] {
        let days = AccountDays { pauses: pauses.clone(), ..AccountDays::default() };
        assert_eq!(days.refuse_two_pauses(day(TODAY)).is_err(), is_refused, "{pauses:?}");
    }
}

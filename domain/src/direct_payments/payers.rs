//! Two people for money that goes out: nobody both says where it goes and sends it there, nor says that money came back and sends it out
//! again, nor brings days back that were not to be paid and pays them. What a tool recorded is its owner's: `hands` are the ids under which
//! somebody records.

use super::{Precondition, StepKind};
use crate::{Code, Refusal};
use std::collections::{BTreeSet, HashSet};

/// A step as it was recorded, also one that takes another back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedStep<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its place among the account's steps.
    pub number: i64,
    /// What happened.
    pub kind: StepKind,
    /// The step that it takes back.
    pub reverses_id: Option<&'a str>,
    /// Who recorded it.
    pub recorded_by: &'a str,
    /// The number of the write that recorded it.
    pub recorded_seq: i64,
}

fn reversed<'a>(steps: &[RecordedStep<'a>]) -> HashSet<&'a str> {
    steps.iter().filter_map(|step| step.reverses_id).collect()
}

/// Whether somebody alone made the last bank account what it is: recorded it, or took back one that came after it.
pub fn made_bank_account(steps: &[RecordedStep<'_>], hands: &BTreeSet<String>) -> bool {
    let reversed = reversed(steps);
    let of_bank = || steps.iter().filter(|step| step.kind == StepKind::BankAccountRecorded);
    let stands = |step: &&RecordedStep<'_>| step.reverses_id.is_none() && !reversed.contains(step.id);
    let Some(bank) = of_bank().rfind(stands) else { return false };
    let taken_back_since = of_bank().filter(|step| step.reverses_id.is_some() && step.number > bank.number);
    taken_back_since.chain([bank]).any(|step| hands.contains(step.recorded_by))
}

/// Whether somebody brought days back that were not to be paid, since the account was last paid: took a pause or a closure back, or resumed
/// the payments. `last_paid` is the number of the write that paid it last.
pub fn brought_days_back(steps: &[RecordedStep<'_>], last_paid: Option<i64>, hands: &BTreeSet<String>) -> bool {
    let reversed = reversed(steps);
    let is_since = |step: &&RecordedStep<'_>| last_paid.is_none_or(|last| step.recorded_seq > last);
    let brings_back = |step: &RecordedStep<'_>| match step.kind {
        StepKind::Pause | StepKind::Close => step.reverses_id.is_some(),
        StepKind::Resume => step.reverses_id.is_none() && !reversed.contains(step.id),
        StepKind::AgreementSigned | StepKind::BankAccountRecorded | StepKind::DbsSeen | StepKind::SetUpPayment => false,
    };
    steps.iter().filter(is_since).any(|step| brings_back(step) && hands.contains(step.recorded_by))
}

/// Whether somebody said, since an account was last paid, that its child does not leave after all. `said` is the number of that write.
pub fn brought_child_back(said: Option<i64>, last_paid: Option<i64>) -> bool {
    said.is_some_and(|said| last_paid.is_none_or(|last| said > last))
}

/// A repayment of what was paid too much, as somebody recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepaymentTold {
    /// The child whose account it came from.
    pub child_id: String,
    /// The repayment.
    pub repayment_id: Option<String>,
}

/// The children of whom it is said that money came back: by a repayment that nothing took back and that nobody else confirmed. What such a
/// repayment settles is not set off against the next payment, and is paid again once it is due after all. `settled` are the repayments that
/// were taken back or confirmed.
pub fn children_repaid(told: Vec<RepaymentTold>, settled: &HashSet<String>) -> HashSet<String> {
    let is_open = |one: &RepaymentTold| one.repayment_id.as_ref().is_none_or(|id| !settled.contains(id));
    told.into_iter().filter(is_open).map(|one| one.child_id).collect()
}

/// A repayment that another than its recorder is to confirm, so that two people said that the money came back. Else two officers who each
/// recorded one would keep each other's pay files from the child for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepaymentToConfirm<'a> {
    /// Who recorded it.
    pub recorded_by: &'a str,
    /// Whether it takes a repayment back.
    pub is_reversal: bool,
    /// Whether it was taken back.
    pub is_reversed: bool,
}

impl RepaymentToConfirm<'_> {
    /// Refuses its recorder, whatever they confirm by, and what does not stand.
    pub fn refuse_confirmation(&self, hands: &BTreeSet<String>) -> Result<(), Refusal> {
        if self.is_reversal || self.is_reversed {
            return Err(Refusal::new(Code::StateConflict, "The repayment was taken back. There is nothing to confirm."));
        }
        if hands.contains(self.recorded_by) {
            let detail = "Whoever recorded a repayment does not confirm it too: another looks at the receipt and confirms it.";
            return Err(Refusal::new(Code::NoAuthority, detail));
        }
        Ok(())
    }
}

/// Refuses to confirm a repayment again.
pub fn repayment_confirmed_before() -> Refusal {
    Refusal::new(Code::StateConflict, "The repayment was confirmed before.")
}

/// A transfer of which somebody says that the bank returned it, and what was paid since by a pay file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceTold {
    /// The child whose account it went to.
    pub child_id: String,
    /// Whether it held more than set-up payments: days of the account.
    pub has_days: bool,
    /// Whether its account was paid since, and with it whatever was due there.
    pub is_account_paid_since: bool,
    /// The lines of its set-up payments, and whether each was paid since, through whichever account.
    pub set_ups_paid_since: Vec<bool>,
}

impl BounceTold {
    /// Whether something of it was not paid again yet. A set-up line may be paid through another account than the one it came back from.
    fn is_open(&self) -> bool {
        (self.has_days && !self.is_account_paid_since) || self.set_ups_paid_since.contains(&false)
    }
}

/// The children of whom it is said that the bank returned a payment, which was not paid again yet.
pub fn children_bounced(told: Vec<BounceTold>) -> HashSet<String> {
    told.into_iter().filter(BounceTold::is_open).map(|one| one.child_id).collect()
}

/// What the payer of an account had a hand in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PayersHand {
    /// They made the bank account what it is.
    pub in_bank_account: bool,
    /// They said that money of the same child came back.
    pub in_repayment: bool,
    /// They brought days back that were not to be paid.
    pub in_resumption: bool,
}

impl PayersHand {
    /// What another than the payer has to have done before they pay the account.
    pub fn needed_of_another(self) -> Vec<Precondition> {
        let asked = [
            (self.in_bank_account, Precondition::BankAccountByAnother),
            (self.in_repayment, Precondition::RepaymentByAnother),
            (self.in_resumption, Precondition::ResumptionByAnother),
        ];
        asked.into_iter().filter_map(|(has_a_hand, asked)| has_a_hand.then_some(asked)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps in the order recorded, each by somebody, of a kind, perhaps taking one back.
    fn steps<'a>(rows: &[(&'a str, StepKind, &'a str, Option<&'a str>)]) -> Vec<RecordedStep<'a>> {
        let step = |(number, (id, kind, recorded_by, reverses_id)): (i64, &(&'a str, StepKind, &'a str, Option<&'a str>))| RecordedStep {
            id,
            number,
            kind: *kind,
            reverses_id: *reverses_id,
            recorded_by,
            recorded_seq: 10 * number,
        };
        (1..).zip(rows).map(step).collect()
    }

    fn hands(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn whoever_says_where_the_money_goes_does_not_send_it() {
        use StepKind::{AgreementSigned, BankAccountRecorded as Bank};
        for (rows, payers) in [
            (vec![], vec![]),
            (vec![("1", AgreementSigned, "ann", None)], vec![]),
            (vec![("1", Bank, "ann", None)], vec!["ann"]),
            (vec![("1", Bank, "ann", None), ("2", AgreementSigned, "ben", None)], vec!["ann"]),
            (vec![("1", Bank, "ann", None), ("2", Bank, "ben", None)], vec!["ben"]),
            // Whoever takes the later one back brings the first to life again.
            (vec![("1", Bank, "ann", None), ("2", Bank, "ben", None), ("3", Bank, "cat", Some("2"))], vec!["ann", "cat"]),
            (vec![("1", Bank, "ann", None), ("2", Bank, "ann", Some("1")), ("3", Bank, "ben", None)], vec!["ben"]),
            (vec![("1", Bank, "ann", None), ("2", AgreementSigned, "ben", None), ("3", AgreementSigned, "cat", Some("2"))], vec!["ann"]),
            (vec![("1", Bank, "ann", None), ("2", Bank, "ben", Some("1"))], vec![]),
        ] {
            let made: Vec<_> =
                ["ann", "ben", "cat"].into_iter().filter(|person| made_bank_account(&steps(&rows), &hands(&[person]))).collect();
            assert_eq!(made, payers, "{rows:?}");
        }
        // Recorded by a tool of theirs, it is theirs.
        let by_tool = steps(&[("1", Bank, "tool", None)]);
        assert!(made_bank_account(&by_tool, &hands(&["ann", "tool"])) && !made_bank_account(&by_tool, &hands(&["ben"])));
    }

    #[test]
    fn whoever_brings_days_back_does_not_pay_them() {
        use StepKind::{AgreementSigned, Close, Pause, Resume};
        for (rows, last_paid, payers) in [
            (vec![], None, vec![]),
            (vec![("1", Close, "ann", None), ("2", Pause, "ann", None)], None, vec![]),
            (vec![("1", Close, "ann", None), ("2", Close, "ben", Some("1"))], None, vec!["ben"]),
            (vec![("1", Close, "ben", None), ("2", Close, "ben", Some("1"))], None, vec!["ben"]),
            (vec![("1", Pause, "ann", None), ("2", Pause, "ben", Some("1"))], None, vec!["ben"]),
            (vec![("1", Pause, "ann", None), ("2", Resume, "ben", None)], None, vec!["ben"]),
            // The pause goes on: nothing was brought back.
            (vec![("1", Pause, "ann", None), ("2", Resume, "ben", None), ("3", Resume, "cat", Some("2"))], None, vec![]),
            (vec![("1", AgreementSigned, "ann", None), ("2", AgreementSigned, "ben", Some("1"))], None, vec![]),
            // Paid since, by another, it holds nobody up any more.
            (vec![("1", Close, "ann", None), ("2", Close, "ben", Some("1"))], Some(15), vec!["ben"]),
            (vec![("1", Close, "ann", None), ("2", Close, "ben", Some("1"))], Some(25), vec![]),
        ] {
            let barred = ["ann", "ben", "cat"].into_iter().filter(|person| brought_days_back(&steps(&rows), last_paid, &hands(&[person])));
            assert_eq!(barred.collect::<Vec<_>>(), payers, "{rows:?}, paid {last_paid:?}");
        }
        let by_tool = steps(&[("1", Close, "ann", None), ("2", Close, "tool", Some("1"))]);
        assert!(brought_days_back(&by_tool, None, &hands(&["ben", "tool"])));
    }

    #[test]
    fn whoever_says_that_a_child_stays_after_all_does_not_pay_its_next_days() {
        for (said, last_paid, is_barred) in
            [(None, None, false), (None, Some(3), false), (Some(4), None, true), (Some(4), Some(3), true), (Some(4), Some(5), false)]
        {
            assert_eq!(brought_child_back(said, last_paid), is_barred, "{said:?} {last_paid:?}");
        }
    }

    #[test]
    fn whoever_says_that_money_came_back_does_not_send_it_out_again() {
        let told =
            |child: &str, repayment: Option<&str>| RepaymentTold { child_id: child.to_owned(), repayment_id: repayment.map(str::to_owned) };
        let rows = vec![told("a", Some("1")), told("b", Some("2")), told("b", Some("3")), told("c", Some("4")), told("d", None)];
        let settled = HashSet::from(["2".to_owned(), "4".to_owned()]);
        assert_eq!(children_repaid(rows, &settled), HashSet::from(["a".to_owned(), "b".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn a_repayment_that_stands_is_confirmed_by_another_than_its_recorder() {
        for (recorded_by, is_reversal, is_reversed, caller, code) in [
            ("ann", false, false, vec!["ben"], None),
            ("ann", false, false, vec!["ann"], Some(Code::NoAuthority)),
            // Recorded by a tool of theirs.
            ("tool", false, false, vec!["ann", "tool"], Some(Code::NoAuthority)),
            ("ann", true, false, vec!["ben"], Some(Code::StateConflict)),
            ("ann", false, true, vec!["ben"], Some(Code::StateConflict)),
        ] {
            let repayment = RepaymentToConfirm { recorded_by, is_reversal, is_reversed };
            assert_eq!(repayment.refuse_confirmation(&hands(&caller)).err().map(|refusal| refusal.code), code, "{repayment:?} {caller:?}");
        }
    }

    #[test]
    fn whoever_says_that_the_bank_returned_it_pays_nothing_of_the_child_until_all_of_it_is_paid_again() {
        for (has_days, is_account_paid_since, set_ups_paid_since, is_open) in [
            (true, false, vec![], true),
            (true, true, vec![], false),
            // The account was paid, and the set-up line perhaps goes to another account.
            (true, true, vec![false], true),
            (true, true, vec![true], false),
            (true, false, vec![true], true),
            (false, false, vec![true], false),
            (false, true, vec![true, false], true),
        ] {
            let told = BounceTold { child_id: "a".to_owned(), has_days, is_account_paid_since, set_ups_paid_since };
            assert_eq!(children_bounced(vec![told.clone()]).contains("a"), is_open, "{told:?}");
        }
    }

    #[test]
    fn each_is_asked_of_another_by_itself() {
        use Precondition::{BankAccountByAnother, RepaymentByAnother, ResumptionByAnother};
        for (in_bank_account, in_repayment, in_resumption, needed) in [
            (false, false, false, vec![]),
            (true, false, false, vec![BankAccountByAnother]),
            (false, true, false, vec![RepaymentByAnother]),
            (false, false, true, vec![ResumptionByAnother]),
            (true, true, true, vec![BankAccountByAnother, RepaymentByAnother, ResumptionByAnother]),
        ] {
            let found = PayersHand { in_bank_account, in_repayment, in_resumption }.needed_of_another();
            assert_eq!(found, needed);
            assert!(found.iter().all(|one| one.is_of_payer()));
        }
    }
}

//! Two people for money that goes out: nobody both says where it goes and sends it there, nor both says that money came back and sends it out
//! again.

use super::{Precondition, StepKind};
use std::collections::HashSet;

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
}

/// Whether somebody alone made the last bank account what it is: recorded it, or took back one that came after it.
pub fn made_bank_account(steps: &[RecordedStep<'_>], person: &str) -> bool {
    let reversed: HashSet<&str> = steps.iter().filter_map(|step| step.reverses_id).collect();
    let of_bank = || steps.iter().filter(|step| step.kind == StepKind::BankAccountRecorded);
    let stands = |step: &&RecordedStep<'_>| step.reverses_id.is_none() && !reversed.contains(step.id);
    let Some(bank) = of_bank().rfind(stands) else { return false };
    let taken_back_since = of_bank().filter(|step| step.reverses_id.is_some() && step.number > bank.number);
    taken_back_since.chain([bank]).any(|step| step.recorded_by == person)
}

/// A repayment of what was paid too much, as somebody recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepaymentTold {
    /// The child whose account it came from.
    pub child_id: String,
    /// The repayment.
    pub repayment_id: Option<String>,
}

/// The children of whom it is said that money came back: by a repayment that nothing took back. What such a repayment settles is not set off
/// against the next payment, and is paid again once it is due after all.
pub fn children_repaid(told: Vec<RepaymentTold>, reversed: &HashSet<String>) -> HashSet<String> {
    let stands = |one: &RepaymentTold| one.repayment_id.as_ref().is_none_or(|id| !reversed.contains(id));
    told.into_iter().filter(stands).map(|one| one.child_id).collect()
}

/// What another than the payer has to have done before they pay an account.
pub fn needed_of_another(payer_made_bank_account: bool, payer_told_of_repayment: bool) -> Vec<Precondition> {
    let bank = payer_made_bank_account.then_some(Precondition::BankAccountByAnother);
    let repayment = payer_told_of_repayment.then_some(Precondition::RepaymentByAnother);
    bank.into_iter().chain(repayment).collect()
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
        };
        (1..).zip(rows).map(step).collect()
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
            let made: Vec<_> = ["ann", "ben", "cat"].into_iter().filter(|person| made_bank_account(&steps(&rows), person)).collect();
            assert_eq!(made, payers, "{rows:?}");
        }
    }

    #[test]
    fn whoever_says_that_money_came_back_does_not_send_it_out_again() {
        let told =
            |child: &str, repayment: Option<&str>| RepaymentTold { child_id: child.to_owned(), repayment_id: repayment.map(str::to_owned) };
        let rows = vec![told("a", Some("1")), told("b", Some("2")), told("b", Some("3")), told("c", Some("4")), told("d", None)];
        let reversed = HashSet::from(["2".to_owned(), "4".to_owned()]);
        assert_eq!(children_repaid(rows, &reversed), HashSet::from(["a".to_owned(), "b".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn each_is_asked_of_another_by_itself() {
        for (made_bank, told, needed) in [
            (false, false, vec![]),
            (true, false, vec![Precondition::BankAccountByAnother]),
            (false, true, vec![Precondition::RepaymentByAnother]),
            (true, true, vec![Precondition::BankAccountByAnother, Precondition::RepaymentByAnother]),
        ] {
            assert_eq!(needed_of_another(made_bank, told), needed);
            assert!(needed.iter().all(|one| one.is_of_payer()));
        }
    }
}

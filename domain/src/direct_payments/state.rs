//! The state of an account on a day, from the steps on record.

use super::{AccountState, Precondition, StepKind, Stretch};
use chrono::NaiveDate;

/// A step that nothing took back, as far as it decides where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingStep {
    /// What happened.
    pub kind: StepKind,
    /// When; of a pause, a resumption or a closure the first day it is about.
    pub on: NaiveDate,
    /// The first day on which it no longer holds; none, no such day is known.
    pub until: Option<NaiveDate>,
}

/// The days that decide the state of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountDays {
    /// When the agreement was signed.
    pub agreement_on: Option<NaiveDate>,
    /// When the bank account was verified.
    pub bank_on: Option<NaiveDate>,
    /// Checks that were seen, each from the day it was seen to the day it runs out.
    pub checks: Vec<Stretch>,
    /// Days that are not paid for, earliest first.
    pub pauses: Vec<Stretch>,
    /// The first day after the account.
    pub closed_on: Option<NaiveDate>,
    /// Since when all support that is paid for is agreed. No step says so: the package lines do.
    pub support_agreed_on: Option<NaiveDate>,
}

impl AccountDays {
    /// From the steps that stand, in the order recorded. A resumption ends the pause that its day lies in.
    pub fn of(steps: &[StandingStep]) -> Self {
        let mut days = AccountDays::default();
        for StandingStep { kind, on, until } in steps.iter().copied() {
            match kind {
                StepKind::AgreementSigned => days.agreement_on = Some(days.agreement_on.map_or(on, |day| day.min(on))),
                StepKind::BankAccountRecorded => days.bank_on = Some(days.bank_on.map_or(on, |day| day.min(on))),
                StepKind::DbsSeen => days.checks.push(Stretch { from: on, to: until }),
                StepKind::Pause => days.pauses.push(Stretch { from: on, to: until }),
                StepKind::Resume => {
                    for pause in days.pauses.iter_mut().filter(|pause| pause.holds(on)) {
                        pause.to = Some(on);
                    }
                }
                StepKind::Close => days.closed_on = Some(days.closed_on.map_or(on, |day| day.min(on))),
                StepKind::SetUpPayment => {}
            }
        }
        // A pause that was resumed on its first day has no days.
        days.pauses.retain(|pause| pause.to.is_none_or(|to| to > pause.from));
        days.pauses.sort();
        days
    }

    /// What of the demands is not met on a day.
    pub fn missing(&self, demands: impl IntoIterator<Item = Precondition>, day: NaiveDate) -> Vec<Precondition> {
        demands.into_iter().filter(|demand| self.met_since(*demand, day).is_none()).collect()
    }

    /// Since when a demand is met, seen from a day; none, it is not met on that day.
    pub fn met_since(&self, demand: Precondition, day: NaiveDate) -> Option<NaiveDate> {
        match demand {
            Precondition::AgreementSigned => self.agreement_on.filter(|on| *on <= day),
            Precondition::BankAccountVerified => self.bank_on.filter(|on| *on <= day),
            Precondition::DbsSeen => self.checks.iter().filter(|check| check.holds(day)).map(|check| check.from).min(),
            Precondition::SupportAgreed => self.support_agreed_on.filter(|on| *on <= day),
            // Who recorded what is asked when a pay file is made.
            Precondition::BankAccountByAnother | Precondition::RepaymentByAnother | Precondition::ResumptionByAnother => {
                self.met_since(Precondition::BankAccountVerified, day)
            }
        }
    }

    /// The first day on which no check holds any more; none if there is no check, or one does not run out.
    pub fn checks_until(&self) -> Option<NaiveDate> {
        if self.checks.iter().any(|check| check.to.is_none()) {
            return None;
        }
        self.checks.iter().filter_map(|check| check.to).max()
    }

    /// The pause that is not over on a day: in force, or still to come.
    pub fn unfinished_pause(&self, day: NaiveDate) -> Option<Stretch> {
        self.pauses.iter().find(|pause| pause.to.is_none_or(|to| to > day)).copied()
    }

    /// The days that are not paid: the pauses, and all days after the account. No day stands twice.
    pub fn unpaid(&self) -> Vec<Stretch> {
        let before_closure = |pause: &Stretch| [pause.to, self.closed_on].into_iter().flatten().min();
        let pauses = self.pauses.iter().map(|pause| Stretch { from: pause.from, to: before_closure(pause) });
        let after = self.closed_on.map(|from| Stretch { from, to: None });
        pauses.filter(|pause| pause.to.is_none_or(|to| pause.from < to)).chain(after).collect()
    }

    /// Where the account stands on a day.
    pub fn state(&self, demands: impl IntoIterator<Item = Precondition>, day: NaiveDate) -> AccountState {
        if self.closed_on.is_some_and(|on| on <= day) {
            AccountState::Closed
        } else if !self.missing(demands, day).is_empty() {
            AccountState::SettingUp
        } else if self.pauses.iter().any(|pause| pause.holds(day)) {
            AccountState::Paused
        } else {
            AccountState::Active
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn step(kind: StepKind, on: &str, until: Option<&str>) -> StandingStep {
        StandingStep { kind, on: day(on), until: until.map(day) }
    }

    const ALL: [Precondition; 3] = [Precondition::AgreementSigned, Precondition::BankAccountVerified, Precondition::DbsSeen];

    #[test]
    fn each_demand_is_missing_until_it_is_met_and_a_check_that_ran_out_is_missing_again() {
        let steps = [
            step(StepKind::AgreementSigned, "2024-05-01", None),
            step(StepKind::BankAccountRecorded, "2024-05-02", None),
            step(StepKind::DbsSeen, "2024-05-03", Some("2024-06-03")),
        ];
        let missing = |count: usize, on: &str| AccountDays::of(&steps[..count]).missing(ALL, day(on));
        assert_eq!(missing(0, "2024-05-04"), ALL);
        assert_eq!(missing(1, "2024-05-04"), ALL[1..]);
        assert_eq!(missing(2, "2024-05-04"), ALL[2..]);
        assert_eq!(missing(3, "2024-05-03"), []);
        assert_eq!(missing(3, "2024-06-02"), []);
        assert_eq!(missing(3, "2024-06-03"), ALL[2..]);
        assert_eq!(missing(3, "2024-05-02"), ALL[2..], "not before it was seen");
        let mut renewed = steps.to_vec();
        renewed.push(step(StepKind::DbsSeen, "2024-06-01", None));
        assert_eq!(AccountDays::of(&renewed).missing(ALL, day("2030-01-01")), []);
        assert_eq!(AccountDays::of(&renewed).checks_until(), None);
    }

    #[test]
    fn support_that_is_not_agreed_keeps_an_account_from_being_paid() {
        let demands = [Precondition::SupportAgreed];
        let mut days = AccountDays::default();
        assert_eq!(
            (days.missing(demands, day("2024-05-01")), days.state(demands, day("2024-05-01"))),
            (demands.to_vec(), AccountState::SettingUp)
        );
        days.support_agreed_on = Some(day("2024-05-02"));
        assert_eq!(days.missing(demands, day("2024-05-01")), demands);
        assert_eq!(days.state(demands, day("2024-05-02")), AccountState::Active);
    }

    #[test]
    fn a_resumption_ends_the_pause_it_lies_in_and_no_other() {
        let steps = [
            step(StepKind::Pause, "2024-05-01", Some("2024-05-08")),
            step(StepKind::Pause, "2024-06-01", None),
            step(StepKind::Resume, "2024-06-15", None),
        ];
        let days = AccountDays::of(&steps);
        let stretch = |from: &str, to: &str| Stretch { from: day(from), to: Some(day(to)) };
        assert_eq!(days.pauses, [stretch("2024-05-01", "2024-05-08"), stretch("2024-06-01", "2024-06-15")]);
        assert_eq!(days.unfinished_pause(day("2024-06-14")), Some(days.pauses[1]));
        assert_eq!(days.unfinished_pause(day("2024-06-15")), None);
        assert_eq!(days.state([], day("2024-06-14")), AccountState::Paused);
        assert_eq!(days.state([], day("2024-06-15")), AccountState::Active);
        assert_eq!(days.state(ALL, day("2024-06-15")), AccountState::SettingUp);
        let at_once = AccountDays::of(&[step(StepKind::Pause, "2024-05-01", None), step(StepKind::Resume, "2024-05-01", None)]);
        assert_eq!(at_once.pauses, []);
    }

    #[test]
    fn an_account_is_closed_from_its_day_on() {
        let days = AccountDays::of(&[step(StepKind::Close, "2024-05-01", None)]);
        assert_eq!(days.state([], day("2024-04-30")), AccountState::Active);
        assert_eq!(days.state(ALL, day("2024-05-01")), AccountState::Closed);
    }
}

//! How a grant's conditions, instalments and returns stand on a day, and what may be done with them.

use super::{ConditionState, InstalmentState, ReturnState, Returned, is_covered, return_state};
use crate::profile::{GrantHold, HoldPaymentFor};
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;

/// How a condition stands: met; else overdue once its day has passed.
pub fn condition_state(is_met: bool, due_on: Option<NaiveDate>, today: NaiveDate) -> ConditionState {
    match (is_met, due_on) {
        (true, _) => ConditionState::Met,
        (false, Some(day)) if day < today => ConditionState::Overdue,
        (false, _) => ConditionState::Unmet,
    }
}

/// Where a condition is said to be met on a day that is not yet, or cannot be costed.
pub fn met_on_mistake(met_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    let is_wrong = met_on > today || FinancialYear::of(met_on).is_err();
    is_wrong.then(|| FieldError::new("/met_on", "out_of_range", "a day not after today"))
}

/// Refuses to meet a condition twice.
///
/// # Errors
/// Where it was met.
pub fn refuse_met(number: i64, met_on: Option<NaiveDate>) -> Result<(), Refusal> {
    match met_on {
        None => Ok(()),
        Some(met_on) => Err(Refusal::new(Code::StateConflict, format!("Condition {number} was met on {met_on}."))),
    }
}

/// What is to be taken back of a grant's terms: only what stands is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// That the condition with this number is met.
    ConditionMet(i64),
    /// The payment of the instalment with this number.
    InstalmentPaid(i64),
}

impl TakenBack {
    /// The refusal where there is nothing to take back.
    pub fn nothing(self) -> Refusal {
        let what = match self {
            TakenBack::ConditionMet(number) => format!("Condition {number} is not met"),
            TakenBack::InstalmentPaid(number) => format!("Instalment {number} is not paid"),
        };
        Refusal::new(Code::StateConflict, format!("{what}; there is nothing to take back."))
    }
}

/// Refuses to take back what takes a return of activity back.
///
/// # Errors
/// Where the row is a reversal itself.
pub fn refuse_return_reversal(is_reversal: bool) -> Result<(), Refusal> {
    if is_reversal {
        return Err(Refusal::new(Code::StateConflict, "This is a reversal itself; record the return again instead."));
    }
    Ok(())
}

/// A condition, as far as it holds an instalment back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldingCondition<'a> {
    /// Its place, from 1.
    pub number: i64,
    /// Its short name.
    pub code: &'a str,
    /// By when; none, before anything is paid.
    pub due_on: Option<NaiveDate>,
    /// How it stands.
    pub state: ConditionState,
}

/// A return that is due, as far as it holds an instalment back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldingReturn {
    /// Its place, from 1.
    pub number: i64,
    /// By when.
    pub due_on: NaiveDate,
    /// How it stands.
    pub state: ReturnState,
}

/// What the authority's rules make an instalment of a day wait for.
pub fn held_for(
    rule: Option<&HoldPaymentFor>,
    conditions: &[HoldingCondition<'_>],
    returns: &[HoldingReturn],
    due_on: NaiveDate,
) -> Vec<String> {
    let Some(rule) = rule else { return Vec::new() };
    let mut held = Vec::new();
    if rule.holds.contains(&GrantHold::Conditions) {
        let unmet = conditions.iter().filter(|condition| condition.state != ConditionState::Met);
        for condition in unmet.filter(|condition| condition.due_on.is_none_or(|day| day <= due_on)) {
            held.push(format!("condition {} `{}` is not met ({})", condition.number, condition.code, rule.clause));
        }
    }
    if rule.holds.contains(&GrantHold::Returns) {
        let missing = returns.iter().filter(|due| due.state != ReturnState::Received && due.due_on <= due_on);
        held.extend(missing.map(|due| format!("return {}, due on {}, is not in ({})", due.number, due.due_on, rule.clause)));
    }
    held
}

/// How an instalment stands. What is paid is paid: it waits for nothing.
pub fn instalment_state(is_paid: bool, is_held: bool) -> InstalmentState {
    match (is_paid, is_held) {
        (true, _) => InstalmentState::Paid,
        (false, true) => InstalmentState::Held,
        (false, false) => InstalmentState::Planned,
    }
}

/// Where an instalment is said to be paid before the award, or on a day that is not yet.
pub fn paid_on_mistake(paid_on: NaiveDate, awarded_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    let is_wrong = paid_on > today || paid_on < awarded_on || FinancialYear::of(paid_on).is_err();
    is_wrong.then(|| FieldError::new("/paid_on", "out_of_range", format!("a day from {awarded_on}, the award's, to today")))
}

/// Refuses to pay an instalment twice, or one that waits.
///
/// # Errors
/// Where it was paid, or is held, with everything that it waits for.
pub fn refuse_payment(number: i64, state: InstalmentState, paid_on: Option<NaiveDate>, held_for: &[String]) -> Result<(), Refusal> {
    match state {
        InstalmentState::Planned => Ok(()),
        InstalmentState::Paid => {
            let when = paid_on.map(|day| format!(" on {day}")).unwrap_or_default();
            Err(Refusal::new(Code::StateConflict, format!("Instalment {number} was paid{when}.")))
        }
        InstalmentState::Held => {
            let errors = held_for.iter().map(|why| FieldError::new("", "held", why)).collect();
            let detail = format!("Instalment {number} waits; `errors` lists everything it waits for.");
            Err(Refusal::with_errors(Code::NotReady, errors).detailed(detail))
        }
    }
}

/// A return that was recorded, or the row that takes one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedReturn {
    /// Its days.
    pub days: Returned,
    /// The day it was recorded.
    pub recorded_on: NaiveDate,
}

/// How a return that is due stands on a day, and when the last return that covers it was recorded. `returns` are in the order recorded.
pub fn return_due_state(
    (from, to): (NaiveDate, NaiveDate),
    due_on: NaiveDate,
    returns: &[RecordedReturn],
    today: NaiveDate,
) -> (ReturnState, Option<NaiveDate>) {
    let days: Vec<Returned> = returns.iter().map(|one| one.days).collect();
    let is_received = is_covered(from, to, &days);
    let touching = returns.iter().rev().find(|one| !one.days.is_reversal && one.days.from < to && one.days.to > from);
    let received_on = touching.filter(|_| is_received).map(|one| one.recorded_on);
    (return_state(is_received, due_on, today), received_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_condition_is_overdue_the_day_after_it_was_due_unless_it_is_met() {
        use ConditionState::{Met, Overdue, Unmet};
        let due = Some(day("2023-04-30"));
        let cases = [
            (true, due, "2023-05-01", Met),
            (false, due, "2023-04-30", Unmet),
            (false, due, "2023-05-01", Overdue),
            (false, None, "2030-01-01", Unmet),
        ];
        for (is_met, due_on, today, expected) in cases {
            assert_eq!(condition_state(is_met, due_on, day(today)), expected, "{is_met} {due_on:?} {today}");
        }
    }

    #[test]
    fn a_condition_is_met_once_and_not_in_the_future() {
        let today = day("2023-04-12");
        for (met_on, is_wrong) in [("2023-04-12", false), ("2023-04-13", true), ("1850-01-01", true)] {
            assert_eq!(met_on_mistake(day(met_on), today).is_some(), is_wrong, "{met_on}");
        }
        assert_eq!(refuse_met(2, None), Ok(()));
        assert_eq!(refuse_met(2, Some(today)).expect_err("met").detail, "Condition 2 was met on 2023-04-12.");
    }

    #[test]
    fn only_what_stands_is_taken_back() {
        assert_eq!(TakenBack::ConditionMet(2).nothing().detail, "Condition 2 is not met; there is nothing to take back.");
        assert_eq!(TakenBack::InstalmentPaid(3).nothing().detail, "Instalment 3 is not paid; there is nothing to take back.");
        assert_eq!([false, true].map(|is_reversal| refuse_return_reversal(is_reversal).is_err()), [false, true]);
    }

    #[test]
    fn an_instalment_waits_for_what_the_rule_names_and_is_due_by_its_day() {
        use GrantHold::{Conditions, Returns};
        let condition = |number, due_on: Option<&str>, state| HoldingCondition { number, code: "policy", due_on: due_on.map(day), state };
        let conditions = [
            condition(1, None, ConditionState::Unmet),
            condition(2, Some("2023-10-15"), ConditionState::Overdue),
            condition(3, Some("2023-10-16"), ConditionState::Unmet),
            condition(4, None, ConditionState::Met),
        ];
        let due = |number, due_on, state| HoldingReturn { number, due_on: day(due_on), state };
        let returns =
            [due(1, "2023-07-31", ReturnState::Received), due(2, "2023-10-15", ReturnState::Due), due(3, "2023-10-16", ReturnState::Due)];
        let first = "condition 1 `policy` is not met (clause 7)";
        let second = "condition 2 `policy` is not met (clause 7)";
        let third = "return 2, due on 2023-10-15, is not in (clause 7)";
        let cases = [
            (None, vec![]),
            (Some(vec![Conditions]), vec![first, second]),
            (Some(vec![Returns]), vec![third]),
            (Some(vec![Conditions, Returns]), vec![first, second, third]),
        ];
        for (holds, expected) in cases {
            let rule = holds.map(|holds| HoldPaymentFor { holds, clause: "clause 7".to_owned() });
            assert_eq!(held_for(rule.as_ref(), &conditions, &returns, day("2023-10-15")), expected, "{rule:?}");
        }
    }

    #[test]
    fn an_instalment_is_paid_once_and_only_when_it_waits_for_nothing() {
        use InstalmentState::{Held, Paid, Planned};
        let cases = [(true, true, Paid), (true, false, Paid), (false, true, Held), (false, false, Planned)];
        for (is_paid, is_held, expected) in cases {
            assert_eq!(instalment_state(is_paid, is_held), expected);
        }
        assert_eq!(refuse_payment(1, Planned, None, &[]), Ok(()));
        let paid = refuse_payment(1, Paid, Some(day("2023-04-17")), &[]).expect_err("paid");
        assert_eq!((paid.code, paid.detail.as_str()), (Code::StateConflict, "Instalment 1 was paid on 2023-04-17."));
        let held = refuse_payment(1, Held, None, &["a".to_owned(), "b".to_owned()]).expect_err("held");
        assert_eq!((held.code, held.errors.len(), held.errors[1].detail.as_str()), (Code::NotReady, 2, "b"));
    }

    #[test]
    fn an_instalment_is_paid_from_the_award_to_today() {
        let (awarded_on, today) = (day("2023-03-20"), day("2023-04-17"));
        let cases = [("2023-03-19", true), ("2023-03-20", false), ("2023-04-17", false), ("2023-04-18", true)];
        for (paid_on, is_wrong) in cases {
            assert_eq!(paid_on_mistake(day(paid_on), awarded_on, today).is_some(), is_wrong, "{paid_on}");
        }
    }

    #[test]
    fn a_return_is_received_when_the_last_that_covers_it_was_recorded() {
        let returned = |from, to, is_reversal, on| RecordedReturn {
            days: Returned { from: day(from), to: day(to), is_reversal },
            recorded_on: day(on),
        };
        let period = (day("2023-04-01"), day("2023-10-01"));
        let (due_on, today) = (day("2023-10-31"), day("2023-11-01"));
        let mut returns = vec![returned("2023-04-01", "2023-07-01", false, "2023-07-10")];
        assert_eq!(return_due_state(period, due_on, &returns, due_on), (ReturnState::Due, None));
        assert_eq!(return_due_state(period, due_on, &returns, today), (ReturnState::Overdue, None));
        returns.push(returned("2023-07-01", "2023-10-01", false, "2023-10-12"));
        returns.push(returned("2023-10-01", "2024-01-01", false, "2024-01-10"));
        assert_eq!(return_due_state(period, due_on, &returns, today), (ReturnState::Received, Some(day("2023-10-12"))));
        returns.push(returned("2023-07-01", "2023-10-01", true, "2024-02-01"));
        assert_eq!(return_due_state(period, due_on, &returns, today), (ReturnState::Overdue, None));
    }
}

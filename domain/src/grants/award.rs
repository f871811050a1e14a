//! What a grant and its terms must be before it is recorded, and when it may be taken back.

use crate::{Code, Direction, FieldError, FinancialYear, Pence, Refusal, Sector};
use chrono::{Days, Months, NaiveDate};

/// A slip of the pen puts an instalment in another year; after so many months it is taken for one.
const LATEST_AFTER: Months = Months::new(12);

/// A grant that is to be awarded, with its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAward<'a> {
    /// When it was awarded.
    pub awarded_on: NaiveDate,
    /// The first day it is for.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// How much.
    pub amount: Pence,
    /// What the group has to do or show.
    pub conditions: Vec<AwardCondition<'a>>,
    /// What is paid and when.
    pub instalments: Vec<AwardInstalment>,
    /// The returns of activity to ask for.
    pub returns_due: Vec<AwardReturn>,
}

/// A condition to award a grant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwardCondition<'a> {
    /// Its short name.
    pub code: &'a str,
    /// By when; none, before anything is paid.
    pub due_on: Option<NaiveDate>,
}

/// An instalment to pay a grant by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwardInstalment {
    /// When it is to be paid.
    pub due_on: NaiveDate,
    /// How much.
    pub amount: Pence,
}

/// A return of activity to ask a group for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwardReturn {
    /// The first day it is for.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// By when.
    pub due_on: NaiveDate,
}

/// Why a provider of this sector receives no grant; none given, there is no such provider.
pub fn group_mistake(sector: Option<Sector>) -> Option<FieldError> {
    match sector {
        None => Some(FieldError::new("/provider_id", "unknown_reference", "no provider has this id")),
        Some(Sector::Voluntary) => None,
        Some(_) => Some(FieldError::new("/provider_id", "sector", "a grant goes to a provider of the voluntary sector")),
    }
}

/// Why a budget line of this direction pays no grant; none given, there is no such budget line.
pub fn budget_line_mistake(direction: Option<Direction>) -> Option<FieldError> {
    match direction {
        None => Some(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(Direction::Income) => Some(FieldError::new("/budget_line", "income", "a grant is paid from a line of expenditure")),
        Some(Direction::Expenditure) => None,
    }
}

/// A day of award outside the supported financial years.
pub fn awarded_on_mistake(awarded_on: NaiveDate) -> Option<FieldError> {
    FinancialYear::of(awarded_on).err().map(|error| FieldError::new("/awarded_on", "out_of_range", error.to_string()))
}

/// Everything wrong with a grant's terms. The grant's own period and amount are judged elsewhere.
pub fn terms_mistakes(new: &NewAward<'_>) -> Vec<FieldError> {
    let mut errors = conditions(&new.conditions);
    errors.extend(instalments(new));
    errors.extend(returns_due(new));
    errors
}

fn conditions(conditions: &[AwardCondition<'_>]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (place, condition) in conditions.iter().enumerate() {
        if conditions[..place].iter().any(|earlier| earlier.code == condition.code) {
            errors.push(FieldError::new(
                &format!("/conditions/{place}/code"),
                "duplicate",
                "another condition of the grant has this \
                code",
            ));
        }
        if let Some(Err(error)) = condition.due_on.map(FinancialYear::of) {
            errors.push(FieldError::new(&format!("/conditions/{place}/due_on"), "out_of_range", error.to_string()));
        }
    }
    errors
}

fn instalments(new: &NewAward<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if new.instalments.is_empty() {
        return errors;
    }
    let first = new.awarded_on.min(new.from);
    let last = new.to.checked_add_months(LATEST_AFTER).unwrap_or(new.to);
    let mut before = first;
    for (place, instalment) in new.instalments.iter().enumerate() {
        let pointer = format!("/instalments/{place}/due_on");
        let due_on = instalment.due_on;
        if due_on < first || due_on > last || FinancialYear::of(due_on).is_err() {
            let detail = format!("from {first}, when the grant is awarded or begins, to {last}, a year after its end");
            errors.push(FieldError::new(&pointer, "out_of_range", detail));
        } else if due_on < before {
            errors.push(FieldError::new(&pointer, "order", "the instalment before it is due later"));
        }
        before = due_on;
    }
    let total = Pence::checked_sum(new.instalments.iter().map(|instalment| instalment.amount));
    if total != Ok(new.amount) {
        let adds_up = total.map_or_else(|_| "more than a record may carry".to_owned(), |total| total.to_string());
        let detail = format!("the instalments add up to {adds_up}, and the grant is {}", new.amount);
        errors.push(FieldError::new("/instalments", "sum", detail));
    }
    errors
}

fn returns_due(new: &NewAward<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut before: Option<NaiveDate> = None;
    for (place, due) in new.returns_due.iter().enumerate() {
        let mut wrong = |field: &str, code: &str, detail: String| {
            errors.push(FieldError::new(&format!("/returns_due/{place}/{field}"), code, detail));
        };
        if due.to <= due.from {
            wrong("period_to", "before_start", "the end is the first day after the period: give a day after the start".to_owned());
        } else if due.from < new.from || due.to > new.to {
            wrong("period_from", "outside_grant", in_words(new.from, new.to));
        } else if before.is_some_and(|before| before != due.from) {
            wrong("period_from", "gap", "a period starts where the one before it ends".to_owned());
        }
        let last_day = due.to.checked_sub_days(Days::new(1)).unwrap_or(due.to);
        match FinancialYear::of(due.due_on) {
            Err(error) => wrong("due_on", "out_of_range", error.to_string()),
            Ok(_) if due.due_on < last_day => wrong("due_on", "before_end", format!("not before {last_day}, the last day it tells of")),
            Ok(_) => {}
        }
        before = Some(due.to);
    }
    errors
}

fn in_words(from: NaiveDate, to: NaiveDate) -> String {
    format!("the grant is for {from} up to but not including {to}")
}

/// Where a return of activity is for days that its grant is not for.
pub fn outside_grant((grant_from, grant_to): (NaiveDate, NaiveDate), (from, to): (NaiveDate, NaiveDate)) -> Option<FieldError> {
    let is_outside = from < grant_from || to > grant_to;
    is_outside.then(|| FieldError::new("/period_from", "outside_grant", in_words(grant_from, grant_to)))
}

/// Refuses what concerns a grant that was taken back.
///
/// # Errors
/// Where it was.
pub fn refuse_reversed(is_reversed: bool) -> Result<(), Refusal> {
    if is_reversed { Err(Refusal::new(Code::StateConflict, "The grant was reversed.")) } else { Ok(()) }
}

/// Refuses to take a grant back while payments of its instalments or returns of its activity stand: left standing, they would go on
/// counting in the statement. A row that takes one back is not taken back itself.
///
/// # Errors
/// Where one of these is in the way.
pub fn refuse_reversal(is_reversal: bool, paid: &[i64], standing_returns: &[String]) -> Result<(), Refusal> {
    let detail = if is_reversal {
        "This is a reversal itself; record the grant again instead.".to_owned()
    } else if !paid.is_empty() {
        let numbers: Vec<_> = paid.iter().map(i64::to_string).collect();
        format!("Reverse the payments of its instalments first: {}.", numbers.join(", "))
    } else if !standing_returns.is_empty() {
        format!("Reverse its activity returns first: {}.", standing_returns.join(", "))
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::StateConflict, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// £100 from 1 April 2023 to 31 March 2024, awarded on 20 March.
    fn award() -> NewAward<'static> {
        NewAward {
            awarded_on: day("2023-03-20"),
            from: day("2023-04-01"),
            to: day("2024-04-01"),
            amount: Pence(10_000),
            conditions: vec![],
            instalments: vec![],
            returns_due: vec![],
        }
    }

    fn mistakes(award: &NewAward<'_>) -> Vec<String> {
        terms_mistakes(award).iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    #[test]
    fn instalments_come_in_order_within_a_year_of_the_grant_and_add_up_to_it() {
        let cases = [
            (vec![], vec![]),
            (vec![("2023-04-15", 4_000), ("2023-10-15", 6_000)], vec![]),
            (vec![("2023-04-15", 4_000), ("2023-04-15", 6_000)], vec![]),
            (vec![("2023-04-15", 4_000), ("2023-10-15", 5_999)], vec!["/instalments sum"]),
            (vec![("2023-04-15", 10_001)], vec!["/instalments sum"]),
            (vec![("2023-10-15", 4_000), ("2023-04-15", 6_000)], vec!["/instalments/1/due_on order"]),
            (vec![("2023-03-20", 10_000)], vec![]),
            (vec![("2023-03-19", 10_000)], vec!["/instalments/0/due_on out_of_range"]),
            (vec![("2025-04-01", 10_000)], vec![]),
            (vec![("2025-04-02", 10_000)], vec!["/instalments/0/due_on out_of_range"]),
        ];
        for (instalments, expected) in cases {
            let new = |(due_on, pence): &(&str, i64)| AwardInstalment { due_on: day(due_on), amount: Pence(*pence) };
            let award = NewAward { instalments: instalments.iter().map(new).collect(), ..award() };
            assert_eq!(mistakes(&award), expected, "{instalments:?}");
        }
        let short = NewAward { instalments: vec![AwardInstalment { due_on: day("2023-04-15"), amount: Pence(9_999) }], ..award() };
        assert_eq!(terms_mistakes(&short)[0].detail, "the instalments add up to £99.99, and the grant is £100.00");
    }

    #[test]
    fn a_condition_has_its_own_code_and_a_day_that_can_be_costed() {
        let condition = |code, due_on: Option<&str>| AwardCondition { code, due_on: due_on.map(day) };
        let cases = [
            (vec![condition("a", None), condition("b", Some("2023-04-30"))], vec![]),
            (vec![condition("a", None), condition("a", None)], vec!["/conditions/1/code duplicate"]),
            (vec![condition("a", Some("2150-01-01"))], vec!["/conditions/0/due_on out_of_range"]),
        ];
        for (conditions, expected) in cases {
            assert_eq!(mistakes(&NewAward { conditions: conditions.clone(), ..award() }), expected, "{conditions:?}");
        }
    }

    #[test]
    fn returns_follow_one_another_within_the_grant_and_are_due_after_their_days() {
        let cases = [
            (vec![("2023-04-01", "2023-07-01", "2023-06-30"), ("2023-07-01", "2024-04-01", "2024-04-30")], vec![]),
            (vec![("2023-04-01", "2023-07-01", "2023-06-29")], vec!["/returns_due/0/due_on before_end"]),
            (vec![("2023-04-01", "2023-07-01", "2150-01-01")], vec!["/returns_due/0/due_on out_of_range"]),
            (vec![("2023-04-01", "2023-04-01", "2023-06-30")], vec!["/returns_due/0/period_to before_start"]),
            (vec![("2023-03-31", "2023-07-01", "2023-07-31")], vec!["/returns_due/0/period_from outside_grant"]),
            (vec![("2023-04-01", "2024-04-02", "2024-04-30")], vec!["/returns_due/0/period_from outside_grant"]),
            (
                vec![("2023-04-01", "2023-07-01", "2023-07-31"), ("2023-07-02", "2023-10-01", "2023-10-31")],
                vec!["/returns_due/1/period_from gap"],
            ),
        ];
        for (returns, expected) in cases {
            let new = |(from, to, due_on): &(&str, &str, &str)| AwardReturn { from: day(from), to: day(to), due_on: day(due_on) };
            let award = NewAward { returns_due: returns.iter().map(new).collect(), ..award() };
            assert_eq!(mistakes(&award), expected, "{returns:?}");
        }
    }

    #[test]
    fn a_grant_goes_from_expenditure_to_the_voluntary_sector() {
        assert_eq!(group_mistake(Some(Sector::Voluntary)), None);
        for (sector, code) in [(None, "unknown_reference"), (Some(Sector::OtherPublic), "sector")] {
            assert_eq!(group_mistake(sector).expect("no group").code, code);
        }
        assert_eq!(budget_line_mistake(Some(Direction::Expenditure)), None);
        for (direction, code) in [(None, "unknown_reference"), (Some(Direction::Income), "income")] {
            assert_eq!(budget_line_mistake(direction).expect("no line").code, code);
        }
        assert_eq!(awarded_on_mistake(day("2023-03-20")), None);
        assert!(awarded_on_mistake(day("2150-01-01")).is_some());
    }

    #[test]
    fn a_return_is_for_days_of_its_grant() {
        let grant = (day("2023-04-01"), day("2024-04-01"));
        for (from, to, is_outside) in
            [("2023-04-01", "2024-04-01", false), ("2023-03-31", "2023-07-01", true), ("2024-01-01", "2024-04-02", true)]
        {
            assert_eq!(outside_grant(grant, (day(from), day(to))).is_some(), is_outside, "{from} {to}");
        }
    }

    #[test]
    fn a_grant_is_taken_back_once_nothing_of_it_is_paid_or_returned() {
        let returns = ["r1".to_owned(), "r2".to_owned()];
        type Case<'c> = (bool, &'c [i64], &'c [String], Option<&'c str>);
        let cases: [Case<'_>; 5] = [
            (false, &[], &[], None),
            (true, &[], &[], Some("This is a reversal itself; record the grant again instead.")),
            (false, &[1, 3], &[], Some("Reverse the payments of its instalments first: 1, 3.")),
            (false, &[], &returns, Some("Reverse its activity returns first: r1, r2.")),
            (false, &[1], &returns, Some("Reverse the payments of its instalments first: 1.")),
        ];
        for (is_reversal, paid, returns, expected) in cases {
            let refused = refuse_reversal(is_reversal, paid, returns).err().map(|refusal| refusal.detail);
            assert_eq!(refused.as_deref(), expected);
        }
        assert_eq!([false, true].map(|is_reversed| refuse_reversed(is_reversed).is_err()), [false, true]);
    }
}

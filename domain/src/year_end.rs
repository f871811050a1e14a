//! Closing a financial year: when it may be closed, what of its budget may be carried into the next, and how that is recorded.

use crate::money::TooLarge;
use crate::{Code, FieldError, FinancialYear, Pence, Refusal};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a year that is to be closed.
#[derive(Debug, Clone, Copy)]
pub struct ToClose<'a> {
    /// The year.
    pub year: FinancialYear,
    /// Every year that was opened, closed ones too, the earliest first.
    pub opened: &'a [FinancialYear],
    /// The day on which this one was closed; none, it was not.
    pub closed_on: Option<NaiveDate>,
    /// The last year that was closed.
    pub closed_through: Option<FinancialYear>,
    /// The day on which it is to be closed.
    pub today: NaiveDate,
}

/// The year after, if this one can be closed today; else everything that stands in the way.
pub fn ready_to_close(to_close: ToClose<'_>) -> Result<FinancialYear, Refusal> {
    let ToClose { year, opened, closed_on, closed_through, today } = to_close;
    if !opened.contains(&year) {
        return Err(Refusal::not_found("financial year"));
    }
    if let Some(closed_on) = closed_on {
        return Err(Refusal::new(Code::StateConflict, format!("{year} was closed on {closed_on}.")));
    }
    let next_year = year.next().map_err(|_| Refusal::new(Code::StateConflict, format!("No year follows {year}.")))?;
    let mut missing = Vec::new();
    if today < year.next_starts_on() {
        missing.push(FieldError::new("/year", "not_ended", format!("{year} ends on {}", year.ends_on())));
    }
    if !opened.contains(&next_year) {
        missing.push(FieldError::new("/year", "next_not_open", format!("{next_year}, which takes what is carried forward, is not open")));
    }
    let mut earlier = opened.iter().filter(|other| **other < year && closed_through.is_none_or(|closed| **other > closed));
    if let Some(first) = earlier.next() {
        missing.push(FieldError::new("/year", "earlier_open", format!("{first} is not closed yet: close it first")));
    }
    if missing.is_empty() {
        return Ok(next_year);
    }
    let detail = format!("{year} cannot be closed yet.");
    Err(Refusal::with_errors(Code::NotReady, missing).detailed(detail))
}

/// Budget that is asked to be carried forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedBudget<'a> {
    /// The budget line's code.
    pub budget_line: &'a str,
    /// How much.
    pub amount: Pence,
}

/// What a budget line is when the year is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineAtClose {
    /// It pays, and this of its budget was not spent; below nought where more was spent than it had.
    Expenditure {
        /// Budget less actual.
        unspent: Pence,
    },
    /// It receives.
    Income,
}

/// Everything wrong with the budgets that are to be carried. `lines` are all budget lines by code.
pub fn carry_forward_mistakes(asked: &[AskedBudget<'_>], lines: &BTreeMap<&str, LineAtClose>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, AskedBudget { budget_line, amount }) in asked.iter().enumerate() {
        let mut refuse = |field: &str, code: &str, detail: String| {
            errors.push(FieldError::new(&format!("/carry_forward/{place}/{field}"), code, detail))
        };
        if !seen.insert(budget_line) {
            refuse("budget_line", "repeated", "this budget line is named before".to_owned());
        }
        match lines.get(budget_line) {
            Some(LineAtClose::Expenditure { unspent }) => {
                let left = (*unspent).max(Pence::ZERO);
                if *amount > left {
                    refuse(
                        "budget_pence",
                        "more_than_unspent",
                        format!(
                            "only {left} of the budget of {budget_line} is unspent: carry \
                        forward that or less"
                        ),
                    );
                }
            }
            Some(LineAtClose::Income) => refuse("budget_line", "income", "budget is carried forward on lines of expenditure".to_owned()),
            None => refuse("budget_line", "unknown_reference", "no budget line has this code".to_owned()),
        }
    }
    errors
}

/// One side of a budget that is carried forward: a movement of a year's budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetSide {
    /// The year whose budget moves.
    pub year: FinancialYear,
    /// By how much.
    pub amount: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// In words.
    pub reason: String,
}

/// Less in the closed year from its last day, as much more in the next from its first: the two add up to nothing.
pub fn carried_budget(year: FinancialYear, next_year: FinancialYear, amount: Pence) -> Result<[BudgetSide; 2], TooLarge> {
    let out = BudgetSide {
        year,
        amount: amount.checked_neg()?,
        effective_on: year.ends_on(),
        reason: format!(
            "Carried forward to \
            {next_year}"
        ),
    };
    let into = BudgetSide {
        year: next_year,
        amount,
        effective_on: next_year.starts_on(),
        reason: format!(
            "Carried forward from \
        {year}"
        ),
    };
    Ok([out, into])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn told(errors: &[FieldError]) -> Vec<(&str, &str)> {
        errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
    }

    #[test]
    fn a_year_is_closed_when_it_has_ended_after_those_before_it_and_while_the_next_is_open() {
        // The years opened, the last that was closed, today, and what stands in the way of closing 2023-24.
        for (opened, closed_through, today, expected) in [
            (&["2023-24", "2024-25"][..], None, "2024-04-01", &[][..]),
            (&["2023-24", "2024-25"], None, "2024-03-31", &["not_ended"]),
            (&["2023-24"], None, "2024-04-01", &["next_not_open"]),
            (&["2023-24", "2025-26"], None, "2024-04-01", &["next_not_open"]),
            (&["2022-23", "2023-24", "2024-25"], None, "2024-04-01", &["earlier_open"]),
            (&["2022-23", "2023-24", "2024-25"], Some("2022-23"), "2024-04-01", &[]),
            (&["2021-22", "2022-23", "2023-24", "2024-25"], Some("2021-22"), "2024-04-01", &["earlier_open"]),
            (&["2022-23", "2023-24"], None, "2024-03-31", &["not_ended", "next_not_open", "earlier_open"]),
        ] {
            let opened: Vec<_> = opened.iter().map(|text| year(text)).collect();
            let closed_through = closed_through.map(year);
            let answer =
                ready_to_close(ToClose { year: year("2023-24"), opened: &opened, closed_on: None, closed_through, today: day(today) });
            match answer {
                Ok(next) => assert_eq!((next, expected.len()), (year("2024-25"), 0), "{opened:?} {closed_through:?} {today}"),
                Err(refusal) => {
                    let codes: Vec<_> = refusal.errors.iter().map(|error| error.code.as_str()).collect();
                    assert_eq!((refusal.code, codes), (Code::NotReady, expected.to_vec()), "{opened:?} {closed_through:?} {today}");
                }
            }
        }
    }

    #[test]
    fn a_year_is_closed_once_and_only_where_it_is_known_and_one_follows() {
        let [known, last] = [year("2023-24"), year("2098-99")];
        for (of, closed_on, expected) in [
            (year("2020-21"), None, (Code::NotFound, "There is no such financial year.")),
            (known, Some(day("2024-05-31")), (Code::StateConflict, "2023-24 was closed on 2024-05-31.")),
            (last, None, (Code::StateConflict, "No year follows 2098-99.")),
        ] {
            let to_close =
                ToClose { year: of, opened: &[known, year("2024-25"), last], closed_on, closed_through: None, today: day("2024-05-31") };
            let refused = ready_to_close(to_close).expect_err("refused");
            assert_eq!((refused.code, refused.detail.as_str()), expected);
        }
    }

    #[test]
    fn no_more_budget_is_carried_than_a_line_of_expenditure_left_unspent() {
        let spent = |pence| LineAtClose::Expenditure { unspent: Pence(pence) };
        let lines = BTreeMap::from([("home_care", spent(1_000)), ("respite", spent(-1)), ("health", LineAtClose::Income)]);
        for (asked, expected) in [
            (&[][..], vec![]),
            (&[("home_care", 1_000)], vec![]),
            (&[("home_care", 1_001)], vec![("/carry_forward/0/budget_pence", "more_than_unspent")]),
            (&[("respite", 0)], vec![]),
            (&[("respite", 1)], vec![("/carry_forward/0/budget_pence", "more_than_unspent")]),
            (&[("health", 0)], vec![("/carry_forward/0/budget_line", "income")]),
            (&[("nowhere", 0)], vec![("/carry_forward/0/budget_line", "unknown_reference")]),
            (&[("home_care", 1), ("home_care", 1)], vec![("/carry_forward/1/budget_line", "repeated")]),
        ] {
            let asked: Vec<_> = asked.iter().map(|(budget_line, pence)| AskedBudget { budget_line, amount: Pence(*pence) }).collect();
            assert_eq!(told(&carry_forward_mistakes(&asked, &lines)), expected, "{asked:?}");
        }
        let errors = carry_forward_mistakes(&[AskedBudget { budget_line: "home_care", amount: Pence(1_001) }], &lines);
        assert_eq!(errors[0].detail, "only £10.00 of the budget of home_care is unspent: carry forward that or less");
    }

    #[test]
    fn what_one_year_loses_the_next_gains() {
        let [out, into] = carried_budget(year("2023-24"), year("2024-25"), Pence(400_000)).expect("small");
        assert_eq!((out.year, out.amount, out.effective_on), (year("2023-24"), Pence(-400_000), day("2024-03-31")));
        assert_eq!((into.year, into.amount, into.effective_on), (year("2024-25"), Pence(400_000), day("2024-04-01")));
        assert_eq!((out.reason.as_str(), into.reason.as_str()), ("Carried forward to 2024-25", "Carried forward from 2023-24"));
    }
}

//! The half-open periods that returns and grants are given for.

use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;

/// A period that ends before it starts, or lies outside the supported years.
pub fn mistakes(from: NaiveDate, to: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, day) in [("/period_from", from), ("/period_to", to)] {
        if let Err(error) = FinancialYear::of(day) {
            errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
    }
    if to <= from {
        let detail = "the end is the first day after the period: give a day after the start";
        errors.push(FieldError::new("/period_to", "before_start", detail));
    }
    errors
}

/// As [`mistakes`], and a period of a return lies in one financial year, since its figures cannot be divided.
pub fn return_mistakes(from: NaiveDate, to: NaiveDate) -> Vec<FieldError> {
    let mut errors = mistakes(from, to);
    if let Ok(year) = FinancialYear::of(from)
        && to > year.next_starts_on()
    {
        let detail = format!("the return goes on after {}, the year's last day; give one return a financial year", year.ends_on());
        errors.push(FieldError::new("/period_to", "two_years", detail));
    }
    errors
}

/// A return, or a row that takes one back, as far as its days go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPeriod {
    /// The return's id.
    pub id: String,
    /// The return that it takes back.
    pub reverses_id: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// First day after.
    pub to: NaiveDate,
}

impl ReturnPeriod {
    fn overlaps(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.from < to && from < self.to
    }
}

/// Refuses a return of the days `from` up to but not including `to` where another stands that covers some of them. `others` are the
/// returns of the same kind, with the rows that take returns back.
pub fn refuse_overlap(from: NaiveDate, to: NaiveDate, others: &[ReturnPeriod]) -> Result<(), Refusal> {
    let covering: Vec<_> = others.iter().filter(|other| other.overlaps(from, to)).cloned().collect();
    refuse_covered(&covering)
}

/// Refuses a return some of whose days are `covering`, where one of these stands: the days would count twice.
pub fn refuse_covered(covering: &[ReturnPeriod]) -> Result<(), Refusal> {
    let reversed: Vec<_> = covering.iter().filter_map(|other| other.reverses_id.as_deref()).collect();
    match covering.iter().find(|other| other.reverses_id.is_none() && !reversed.contains(&other.id.as_str())) {
        None => Ok(()),
        Some(ReturnPeriod { id, from, to, .. }) => {
            Err(Refusal::new(Code::PeriodOverlaps, format!("Return {id} covers {from} up to but not including {to}.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn told(errors: &[FieldError]) -> Vec<(&str, &str)> {
        errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
    }

    #[test]
    fn a_period_ends_after_it_starts_in_the_years_that_are_kept() {
        for (from, to, expected) in [
            ("2024-04-01", "2024-04-02", vec![]),
            ("2024-04-01", "2024-04-01", vec![("/period_to", "before_start")]),
            ("2024-04-02", "2024-04-01", vec![("/period_to", "before_start")]),
            ("1990-03-31", "1990-04-02", vec![("/period_from", "out_of_range")]),
            ("2024-04-01", "2100-01-01", vec![("/period_to", "out_of_range")]),
            ("2024-04-01", "2026-01-01", vec![]),
        ] {
            assert_eq!(told(&mistakes(day(from), day(to))), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_return_lies_in_one_financial_year() {
        for (from, to, expected) in [
            ("2023-04-01", "2024-04-01", vec![]),
            ("2023-04-01", "2024-04-02", vec![("/period_to", "two_years")]),
            ("2024-03-31", "2024-04-01", vec![]),
            ("2024-03-31", "2024-04-02", vec![("/period_to", "two_years")]),
            ("2024-03-31", "2024-03-31", vec![("/period_to", "before_start")]),
        ] {
            assert_eq!(told(&return_mistakes(day(from), day(to))), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_return_covers_no_day_of_another_that_stands() {
        let stands = |id: &str, from: &str, to: &str| ReturnPeriod { id: id.to_owned(), reverses_id: None, from: day(from), to: day(to) };
        let taken_back = |of: &ReturnPeriod| ReturnPeriod { id: format!("not {}", of.id), reverses_id: Some(of.id.clone()), ..of.clone() };
        let spring = stands("spring", "2024-04-01", "2024-07-01");
        let autumn = stands("autumn", "2024-10-01", "2025-01-01");
        for (others, from, to, covers) in [
            (vec![], "2024-04-01", "2024-07-01", None),
            (vec![spring.clone()], "2024-04-01", "2024-07-01", Some("spring")),
            (vec![spring.clone()], "2024-06-30", "2024-08-01", Some("spring")),
            (vec![spring.clone()], "2024-03-01", "2024-04-02", Some("spring")),
            (vec![spring.clone()], "2024-07-01", "2024-10-01", None),
            (vec![spring.clone()], "2024-03-01", "2024-04-01", None),
            (vec![spring.clone(), taken_back(&spring)], "2024-04-01", "2024-07-01", None),
            (vec![spring.clone(), autumn.clone()], "2024-09-01", "2024-10-02", Some("autumn")),
            (vec![spring.clone(), taken_back(&spring), autumn.clone()], "2024-04-01", "2025-01-01", Some("autumn")),
            (
                vec![spring.clone(), taken_back(&spring), stands("again", "2024-04-01", "2024-05-01")],
                "2024-04-01",
                "2024-07-01",
                Some("again"),
            ),
        ] {
            let refused = refuse_overlap(day(from), day(to), &others).err();
            assert_eq!(refused.as_ref().map(|refusal| refusal.code), covers.map(|_| Code::PeriodOverlaps), "{from} {to} {others:?}");
            let names = covers.is_none_or(|id| {
                refused.is_some_and(|refusal| {
                    refusal.detail.starts_with(&format!(
                        "Return {id} covers \
                "
                    ))
                })
            });
            assert!(names, "{from} {to} {others:?}");
        }
    }
}

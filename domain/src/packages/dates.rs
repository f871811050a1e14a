//! The days of a period on record: half-open, and within the supported years.

use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;

/// A period that ends before it starts, or lies outside the supported years.
pub fn date_mistakes(from: NaiveDate, to: Option<NaiveDate>) -> Vec<FieldError> {
    date_mistakes_at("", from, to)
}

/// As [`date_mistakes`], for a period inside a larger body: pointers start with `at`.
pub fn date_mistakes_at(at: &str, from: NaiveDate, to: Option<NaiveDate>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("{at}/{field}"), code, detail));
    if let Err(error) = FinancialYear::of(from) {
        refuse("valid_from", "out_of_range", error.to_string());
    }
    if let Some(to) = to {
        if to <= from {
            refuse("valid_to", "before_start", "the end is the first day no longer in force, so it is after the start".to_owned());
        }
        if let Err(error) = FinancialYear::of(to) {
            refuse("valid_to", "out_of_range", error.to_string());
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_period_ends_after_it_starts_and_lies_in_the_supported_years() {
        for (from, to, said) in [
            ("2024-06-03", None, &[] as &[(&str, &str)]),
            ("2024-06-03", Some("2024-06-04"), &[]),
            ("2024-06-03", Some("2024-06-03"), &[("/valid_to", "before_start")]),
            ("2024-06-03", Some("2024-06-02"), &[("/valid_to", "before_start")]),
            ("1899-06-03", None, &[("/valid_from", "out_of_range")]),
            ("2024-06-03", Some("2199-06-03"), &[("/valid_to", "out_of_range")]),
            (
                "2199-06-03",
                Some("1899-06-03"),
                &[("/valid_from", "out_of_range"), ("/valid_to", "before_start"), ("/valid_to", "out_of_range")],
            ),
        ] {
            let found = date_mistakes(day(from), to.map(day));
            let found: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
            assert_eq!(found, said, "{from} to {to:?}");
        }
    }

    #[test]
    fn a_period_inside_a_body_is_pointed_at_there() {
        let found = date_mistakes_at("/lines/2", day("2024-06-03"), Some(day("2024-06-03")));
        let pointers: Vec<_> = found.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/lines/2/valid_to"]);
    }
}

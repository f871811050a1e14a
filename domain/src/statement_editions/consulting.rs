//! Consulting families on an edition.

use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;

/// Consultations of one edition, at most.
const MOST: i64 = 50;

/// Everything that keeps a consultation from being recorded; `before` is how many the edition has.
pub fn consultation_mistakes(held_on: NaiveDate, today: NaiveDate, before: i64) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(error) = FinancialYear::of(held_on) {
        errors.push(FieldError::new("/held_on", "out_of_range", error.to_string()));
    } else if held_on > today {
        errors.push(FieldError::new("/held_on", "in_future", "it has not taken place yet"));
    }
    if before >= MOST {
        errors.push(FieldError::new("/with_whom", "too_many", format!("an edition has at most {MOST} consultations")));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consultation_took_place_on_a_day_that_there_is() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (held_on, before, told) in [
            ("2024-06-03", 0, ""),
            ("2024-06-03", 49, ""),
            ("2024-06-03", 50, "/with_whom"),
            ("2024-06-04", 0, "/held_on"),
            ("1900-01-01", 0, "/held_on"),
        ] {
            let found: Vec<_> = consultation_mistakes(day(held_on), day("2024-06-03"), before).into_iter().map(|e| e.pointer).collect();
            assert_eq!(found.join(" "), told, "{held_on} {before}");
        }
    }
}

//! Checks of fields that the records of an account share.

use super::looks_like_bank_details;
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;

/// Refuses a day that has not come, or lies outside the supported years.
pub fn check_past_day(errors: &mut Vec<FieldError>, pointer: &str, day: NaiveDate, today: NaiveDate) {
    if day > today {
        errors.push(FieldError::new(pointer, "future", format!("today is {today}")));
    }
    check_year(errors, pointer, day);
}

/// Refuses a day outside the supported years.
pub fn check_year(errors: &mut Vec<FieldError>, pointer: &str, day: NaiveDate) {
    if let Err(error) = FinancialYear::of(day) {
        errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
    }
}

/// Refuses free text with bank details in it, without repeating them.
pub fn check_text(errors: &mut Vec<FieldError>, pointer: &str, text: &str) {
    if looks_like_bank_details(text) {
        errors.push(FieldError::new(pointer, "bank_details", "this looks like a sort code or an account number; leave it out"));
    }
}

/// Refuses a reason with bank details in it.
pub fn refuse_bank_details_in_reason(reason: &str) -> Result<(), Refusal> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", reason);
    Refusal::unless_valid(errors)
}

/// Refuses to take back a row that takes another back itself; `what` is the record's name.
pub fn refuse_reversal_of_reversal(reverses_id: Option<&str>, what: &str) -> Result<(), Refusal> {
    match reverses_id {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::StateConflict, format!("This is a reversal itself; record the {what} again instead."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_day_has_come_and_lies_in_a_supported_year() {
        for (given, codes) in [
            ("2024-06-03", vec![]),
            ("2024-06-04", vec!["future"]),
            ("1024-06-03", vec!["out_of_range"]),
            ("9024-06-03", vec!["future", "out_of_range"]),
        ] {
            let mut errors = Vec::new();
            check_past_day(&mut errors, "/found_on", day(given), day("2024-06-03"));
            assert_eq!(errors.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{given}");
        }
    }

    #[test]
    fn bank_details_are_refused_and_not_repeated() {
        assert_eq!(refuse_bank_details_in_reason("the family moved"), Ok(()));
        let refusal = refuse_bank_details_in_reason("pay 12-34-56 12345678").expect_err("bank details");
        assert_eq!((refusal.errors[0].pointer.as_str(), refusal.errors[0].code.as_str()), ("/reason", "bank_details"));
        assert!(!refusal.to_string().contains("12345678"));
    }

    #[test]
    fn what_takes_something_back_is_not_taken_back() {
        assert_eq!(refuse_reversal_of_reversal(None, "step"), Ok(()));
        let refusal = refuse_reversal_of_reversal(Some("step 1"), "step").expect_err("a reversal");
        assert_eq!(refusal, Refusal::new(Code::StateConflict, "This is a reversal itself; record the step again instead."));
    }
}

//! When a package line may be ended: after its start, and no later than it ends already.

use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;

/// Refuses an end that is not after the line's start, that it has already, or that is later than the one it has.
pub fn refuse_end(valid_from: NaiveDate, valid_to: Option<NaiveDate>, new_end: NaiveDate) -> Result<(), Refusal> {
    let invalid = |code: &str, detail: String| Err(Refusal::invalid(vec![FieldError::new("/valid_to", code, detail)]));
    if new_end <= valid_from {
        let detail = format!("the line starts on {valid_from}; one that should never have counted is reversed");
        return invalid("before_start", detail);
    }
    if let Err(error) = FinancialYear::of(new_end) {
        return invalid("out_of_range", error.to_string());
    }
    match valid_to {
        Some(ends) if ends == new_end => Err(Refusal::new(Code::StateConflict, format!("The line ends on {ends} already."))),
        Some(ends) if ends < new_end => {
            let detail = "the line ends before that day; a later end is a variation of the kind `extension`: POST /v1/package-variations";
            invalid("later_end", detail.to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_after_its_start_and_earlier_than_before() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (ends, new_end, said) in [
            (None, "2024-06-04", ""),
            (None, "2024-06-03", "before_start"),
            (None, "2024-06-02", "before_start"),
            (None, "2199-06-03", "out_of_range"),
            (Some("2025-04-01"), "2025-03-31", ""),
            (Some("2025-04-01"), "2025-04-01", "The line ends on 2025-04-01 already."),
            (Some("2025-04-01"), "2025-04-02", "later_end"),
        ] {
            let refused = refuse_end(day("2024-06-03"), ends.map(day), day(new_end)).err();
            let found = refused.map(|refusal| match refusal.errors.first() {
                Some(error) => error.code.clone(),
                None => refusal.detail,
            });
            assert_eq!(found.unwrap_or_default(), said, "{ends:?}, then {new_end}");
        }
    }
}

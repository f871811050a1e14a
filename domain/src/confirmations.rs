//! Confirmations: that a post says a line is agreed which no request brought to the record.

use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;

/// What decides whether a panel of before can be what a confirmation rests on.
#[derive(Debug, Clone, Copy)]
pub struct BroughtOver {
    /// The day on which the line was recorded.
    pub recorded_on: NaiveDate,
    /// The first panel that is kept here; none, none is.
    pub first_panel_here: Option<NaiveDate>,
}

impl BroughtOver {
    /// Why a panel of that day cannot be: it would have been recorded here, or came after the line.
    pub fn mistake(&self, held_on: NaiveDate) -> Option<FieldError> {
        let refuse = |code: &str, detail: String| Some(FieldError::new("/panel/held_on", code, detail));
        if let Some(first) = self.first_panel_here.filter(|first| *first <= held_on) {
            return refuse("kept_here", format!("panels from {first} on are kept here: what one decided is on its request"));
        }
        if let Err(error) = FinancialYear::of(held_on) {
            return refuse("out_of_range", error.to_string());
        }
        if held_on >= self.recorded_on {
            return refuse("after_line", format!("the line was recorded on {}: a panel agreed it before", self.recorded_on));
        }
        None
    }
}

/// What decides from which day a line may be paid here.
#[derive(Debug, Clone, Copy)]
pub struct PaidHere {
    /// Whether the line is paid to a family at all.
    pub is_paid: bool,
    /// The line's first day.
    pub valid_from: NaiveDate,
    /// Its first day no longer in force; none, it is open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The earliest day that was said of a line of its arrangement: a period that was paid may begin before it.
    pub said_before: Option<NaiveDate>,
    /// The first day of its arrangement that was paid here.
    pub first_paid: Option<NaiveDate>,
}

impl PaidHere {
    /// A first day paid here that is missing, or cannot be.
    pub fn mistake(&self, paid_from: Option<NaiveDate>) -> Option<FieldError> {
        let refuse = |code: &str, detail: String| Some(FieldError::new("/paid_from", code, detail));
        let Some(from) = paid_from.filter(|_| self.is_paid) else {
            return match (self.is_paid, paid_from) {
                (true, _) => refuse("required", "say from which day it is paid here; what came before is not paid again".to_owned()),
                (false, Some(_)) => refuse("not_of_this_line", "the line is not paid to a family".to_owned()),
                (false, None) => None,
            };
        };
        if let Err(error) = FinancialYear::of(from) {
            return refuse("out_of_range", error.to_string());
        }
        if from < self.valid_from {
            return refuse("before_line", format!("the line starts on {}", self.valid_from));
        }
        // What was paid here was paid here: said otherwise, all of it would be asked back.
        let first = self.first_paid.map(|day| self.said_before.unwrap_or(day).max(day).max(self.valid_from));
        let first = first.filter(|first| self.valid_to.is_none_or(|ends| *first < ends) && from > *first)?;
        refuse("paid_already", format!("the line has been paid here since {first}: give that day or an earlier one"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn support_is_brought_over_from_a_panel_before_the_line_and_before_those_that_are_kept_here() {
        for (first_here, held_on, code) in [
            (None, "2024-06-02", None),
            (None, "2024-06-03", Some("after_line")),
            (None, "1900-01-01", Some("out_of_range")),
            (Some("2024-05-02"), "2024-05-01", None),
            (Some("2024-05-02"), "2024-05-02", Some("kept_here")),
            (Some("2024-05-02"), "2024-06-02", Some("kept_here")),
        ] {
            let before = BroughtOver { recorded_on: day("2024-06-03"), first_panel_here: first_here.map(day) };
            assert_eq!(before.mistake(day(held_on)).map(|mistake| mistake.code), code.map(str::to_owned), "{first_here:?} {held_on}");
        }
    }

    #[test]
    fn the_first_day_paid_here_is_in_the_line_and_not_after_what_was_paid() {
        let line = PaidHere { is_paid: true, valid_from: day("2024-04-01"), valid_to: None, said_before: None, first_paid: None };
        let paid = PaidHere { first_paid: Some(day("2024-05-06")), ..line };
        let over = PaidHere { valid_to: Some(day("2024-05-06")), ..paid };
        for (name, facts, from, code) in [
            ("needed", line, None, Some("required")),
            ("not of this line", PaidHere { is_paid: false, ..line }, Some("2024-04-01"), Some("not_of_this_line")),
            ("not needed", PaidHere { is_paid: false, ..line }, None, None),
            ("no year", line, Some("1900-01-01"), Some("out_of_range")),
            ("before the line", line, Some("2024-03-31"), Some("before_line")),
            ("its first day", line, Some("2024-04-01"), None),
            ("any later day, while nothing was paid", line, Some("2030-01-01"), None),
            ("the day that was paid", paid, Some("2024-05-06"), None),
            ("after it", paid, Some("2024-05-07"), Some("paid_already")),
            ("a later day was said", PaidHere { said_before: Some(day("2024-05-13")), ..paid }, Some("2024-05-13"), None),
            ("after that", PaidHere { said_before: Some(day("2024-05-13")), ..paid }, Some("2024-05-14"), Some("paid_already")),
            ("the line was over before anything was paid", over, Some("2024-05-30"), None),
        ] {
            assert_eq!(facts.mistake(from.map(day)).map(|mistake| mistake.code), code.map(str::to_owned), "{name}");
        }
    }
}

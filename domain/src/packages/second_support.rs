//! The same support twice over the same days: of one budget line and one service, whoever provides it. It wants a replacement, or a
//! reason why the child has it twice.

use crate::costing::Line;
use crate::{FieldError, Frequency};
use chrono::{Days, NaiveDate};

/// Support that a child has, or is to have.
#[derive(Debug, Clone, Copy)]
pub struct SupportDays<'s> {
    /// What is bought.
    pub service: &'s str,
    /// The budget line that pays.
    pub budget_line: &'s str,
    /// How often, from when to when.
    pub terms: &'s Line,
}

impl SupportDays<'_> {
    /// The first day, and the first day after; none, it is open-ended. What is bought once has one day.
    fn days(&self) -> (NaiveDate, Option<NaiveDate>) {
        match self.terms.frequency {
            Frequency::OneOff => (self.terms.valid_from, self.terms.valid_from.checked_add_days(Days::new(1))),
            _ => (self.terms.valid_from, self.terms.valid_to),
        }
    }

    /// Whether both are the same support on some day. What is bought once is not what goes on; term time is not the holidays.
    pub fn is_twice(&self, other: &SupportDays<'_>) -> bool {
        use Frequency::{HolidayWeeks, OneOff, TermTimeWeeks};
        let (own, others) = (self.terms.frequency, other.terms.frequency);
        let is_apart = matches!((own, others), (TermTimeWeeks, HolidayWeeks) | (HolidayWeeks, TermTimeWeeks));
        if is_apart || (own == OneOff) != (others == OneOff) || (self.service, self.budget_line) != (other.service, other.budget_line) {
            return false;
        }
        let ((from, to), (other_from, other_to)) = (self.days(), other.days());
        to.is_none_or(|to| other_from < to) && other_to.is_none_or(|to| from < to)
    }
}

/// What is wrong with support that the child has already, on the same days, by the line named; a reason makes it right.
pub fn second_support_mistake(
    at: &str,
    support: &SupportDays<'_>,
    had: &[(String, SupportDays<'_>)],
    has_reason: bool,
) -> Option<FieldError> {
    let (line, _) = had.iter().find(|(_, had)| support.is_twice(had)).filter(|_| !has_reason)?;
    let detail = format!(
        "{line} is the same support on the same days: name the line that this one replaces, end that first, or say in \
         second_support_reason why the child has it twice"
    );
    Some(FieldError::new(&format!("{at}/second_support_reason"), "same_support_twice", detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quantity, UnitRate};

    fn line(frequency: Frequency, from: &str, to: Option<&str>) -> Line {
        let day = |text: &str| text.parse().expect("a date");
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(10_000), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn the_same_service_of_a_budget_line_on_the_same_days_is_the_same_support() {
        use Frequency::{HolidayWeeks, Monthly, OneOff, TermTimeWeeks, Weekly};
        let had = line(Weekly, "2024-04-01", Some("2025-04-01"));
        let (once, term) = (line(OneOff, "2024-05-01", None), line(TermTimeWeeks, "2024-04-01", None));
        for (name, service, budget_line, new, had, is_twice) in [
            ("the same", "club", "short", had, had, true),
            ("another rhythm", "club", "short", line(Monthly, "2024-04-01", None), had, true),
            ("another service", "outing", "short", had, had, false),
            ("another budget line", "club", "outreach", had, had, false),
            ("up to its start", "club", "short", line(Weekly, "2023-04-01", Some("2024-04-01")), had, false),
            ("its first day", "club", "short", line(Weekly, "2023-04-01", Some("2024-04-02")), had, true),
            ("from its end", "club", "short", line(Weekly, "2025-04-01", None), had, false),
            ("its last day", "club", "short", line(Weekly, "2025-03-31", None), had, true),
            ("bought once beside what goes on", "club", "short", once, had, false),
            ("bought twice on one day", "club", "short", once, once, true),
            ("bought again on the next", "club", "short", line(OneOff, "2024-05-02", None), once, false),
            ("holidays beside term time", "club", "short", line(HolidayWeeks, "2024-04-01", None), term, false),
            ("every week beside term time", "club", "short", had, term, true),
        ] {
            let new = SupportDays { service, budget_line, terms: &new };
            let had = SupportDays { service: "club", budget_line: "short", terms: &had };
            assert_eq!((new.is_twice(&had), had.is_twice(&new)), (is_twice, is_twice), "{name}");
            let all = [("package line 7".to_owned(), had)];
            let mistake = second_support_mistake("/lines/0", &new, &all, false);
            assert_eq!(mistake.map(|mistake| mistake.pointer), is_twice.then(|| "/lines/0/second_support_reason".to_owned()), "{name}");
            assert_eq!(second_support_mistake("", &new, &all, true), None, "{name}");
        }
    }
}

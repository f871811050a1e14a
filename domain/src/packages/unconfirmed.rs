//! What is shut to support that nobody with the authority has agreed: a package line that somebody recorded, and that no decision,
//! confirmation or variation of what was agreed stands behind. It is planned, shown apart and listed; nothing is done on it.

use crate::FieldError;
use chrono::NaiveDate;
use strum::VariantArray;

/// What is done on a package line, and not on one that is unconfirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum Door {
    /// A purchase order is recorded.
    Order,
    /// A placement is agreed.
    Placement,
    /// Nights are booked. That nights were stayed is a fact, and is recorded.
    Booking,
    /// Health is asked for its share. Less than was asked for is credited.
    HealthInvoice,
    /// A family is paid.
    Payment,
}

impl Door {
    /// What is not done.
    fn done(self) -> &'static str {
        match self {
            Door::Order => "ordered",
            Door::Placement => "placed",
            Door::Booking => "booked",
            Door::HealthInvoice => "invoiced",
            Door::Payment => "paid",
        }
    }

    /// Why it is not done for the line that a field names.
    pub fn mistake(self, pointer: &str, line: &UnconfirmedDays) -> FieldError {
        let detail = format!(
            "nobody with the authority has confirmed package line {}, so nothing is {} on it: \
             the post that is responsible for the child's total confirms it first",
            line.line_id,
            self.done()
        );
        FieldError::new(pointer, "unconfirmed", detail)
    }
}

/// A line that is unconfirmed, and its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmedDays {
    /// The line.
    pub line_id: String,
    /// The first line of its arrangement.
    pub arrangement: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after it; none, it is open-ended.
    pub to: Option<NaiveDate>,
}

/// What is to be done on an arrangement, and over which days.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The field that names it.
    pub pointer: String,
    /// The first line of the arrangement.
    pub arrangement: &'a str,
    /// The first day that it is for, and the first day after; none, it is for all of it.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Everything that is asked for and not done, since a line that brings it is unconfirmed: one mistake a field.
pub fn door_mistakes(door: Door, asked: &[Asked<'_>], unconfirmed: &[UnconfirmedDays]) -> Vec<FieldError> {
    let first_of = |asked: &Asked<'_>| {
        let own = unconfirmed.iter().filter(|line| line.arrangement == asked.arrangement);
        let mut own: Vec<_> = own.filter(|line| asked.days.is_none_or(|days| overlaps(line, days))).collect();
        own.sort_by_key(|line| (line.from, line.line_id.as_str()));
        own.first().map(|line| door.mistake(&asked.pointer, line))
    };
    asked.iter().filter_map(first_of).collect()
}

fn overlaps(line: &UnconfirmedDays, (from, to): (NaiveDate, NaiveDate)) -> bool {
    line.from < to && line.to.is_none_or(|ends| ends > from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn line(line_id: &str, from: &str, to: Option<&str>) -> UnconfirmedDays {
        UnconfirmedDays { line_id: line_id.to_owned(), arrangement: "a".to_owned(), from: day(from), to: to.map(day) }
    }

    #[test]
    fn nothing_is_done_on_the_days_of_a_line_that_is_unconfirmed() {
        let rise = [line("b", "2024-07-01", Some("2025-04-01"))];
        let both = [line("b", "2024-07-01", None), line("a", "2023-04-01", Some("2024-07-01"))];
        for (name, arrangement, days, lines, told) in [
            ("all of it", "a", None, &rise[..], Some("b")),
            ("another arrangement", "x", None, &rise, None),
            ("before it", "a", Some(("2024-06-01", "2024-07-01")), &rise, None),
            ("its first day", "a", Some(("2024-06-01", "2024-07-02")), &rise, Some("b")),
            ("its last day", "a", Some(("2025-03-31", "2025-04-30")), &rise, Some("b")),
            ("after it", "a", Some(("2025-04-01", "2025-04-30")), &rise, None),
            ("open-ended", "a", Some(("2030-04-01", "2030-04-30")), &both, Some("b")),
            ("the earliest is told", "a", None, &both, Some("a")),
            ("nothing is unconfirmed", "a", None, &[], None),
        ] {
            let days = days.map(|(from, to)| (day(from), day(to)));
            let asked = [Asked { pointer: "/line_ids/0".to_owned(), arrangement, days }];
            for door in Door::VARIANTS {
                let mistakes = door_mistakes(*door, &asked, lines);
                let line = mistakes.first().map(|mistake| mistake.detail.contains(&format!("package line {},", told.unwrap_or_default())));
                assert_eq!(line, told.map(|_| true), "{name} {mistakes:?}");
                assert!(mistakes.iter().all(|mistake| mistake.code == "unconfirmed" && mistake.pointer == "/line_ids/0"), "{name}");
            }
        }
    }

    #[test]
    fn each_field_has_its_own_mistake() {
        let asked = |place: usize, arrangement| Asked { pointer: format!("/line_ids/{place}"), arrangement, days: None };
        let mistakes = door_mistakes(Door::Order, &[asked(0, "a"), asked(1, "x"), asked(2, "a")], &[line("a", "2024-07-01", None)]);
        let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
        assert_eq!(pointers, ["/line_ids/0", "/line_ids/2"]);
    }
}

//! Days on which panels are held: no weekend, no bank holiday, and in a calendar every so many weeks.

use crate::profile::Number;
use crate::{BankHolidays, Code, FieldError, Refusal};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The longest calendar.
const MOST_MONTHS: Months = Months::new(24);

/// The days of a calendar to make.
#[derive(Debug, Clone, Copy)]
pub struct CalendarTerms<'p> {
    /// The first panel's day.
    pub first_on: NaiveDate,
    /// No panel is later.
    pub last_on: NaiveDate,
    /// Weeks from one panel to the next; none, as the profile says.
    pub every_weeks: Option<u16>,
    /// What the profile says.
    pub profile_weeks: Option<&'p Number>,
}

/// A day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarDay<'h> {
    /// The day.
    pub on: NaiveDate,
    /// The bank holiday that it is; none, a panel can be held.
    pub holiday: Option<&'h str>,
}

/// Why no panel can be held on a day: a weekend, a bank holiday, or a day of a year whose bank holidays are not known.
pub fn day_mistake(known: &BankHolidays, pointer: &str, day: NaiveDate) -> Option<FieldError> {
    match known.name(day) {
        Err(unknown) => Some(FieldError::new(pointer, "out_of_range", unknown.to_string())),
        Ok(Some(name)) => Some(FieldError::new(pointer, "bank_holiday", format!("{day} is a bank holiday: {name}"))),
        Ok(None) => weekend_mistake(pointer, day),
    }
}

fn weekend_mistake(pointer: &str, day: NaiveDate) -> Option<FieldError> {
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let weekday = day.format("%A");
    is_weekend.then(|| FieldError::new(pointer, "weekend", format!("{day} is a {weekday}")))
}

/// The days of a calendar, bank holidays too. `errors` is what is wrong with its slots: every mistake is told at once.
pub fn calendar_days<'h>(
    known: &'h BankHolidays,
    terms: CalendarTerms<'_>,
    mut errors: Vec<FieldError>,
) -> Result<Vec<CalendarDay<'h>>, Refusal> {
    let CalendarTerms { first_on, last_on, every_weeks, profile_weeks } = terms;
    errors.extend(weekend_mistake("/first_on", first_on));
    if last_on < first_on {
        errors.push(FieldError::new("/last_on", "before_start", "the calendar ends before it starts"));
    } else if first_on.checked_add_months(MOST_MONTHS).is_none_or(|most| last_on > most) {
        errors.push(FieldError::new("/last_on", "too_long", "a calendar is of two years at most"));
    }
    let weeks = every_weeks.or(profile_weeks.map(|weeks| weeks.value)).filter(|weeks| *weeks > 0);
    if weeks.is_none() {
        let detail = "the profile does not say how many weeks lie between panels: say it here";
        errors.push(FieldError::new("/every_weeks", "missing", detail));
    }
    Refusal::unless_valid(errors)?;
    let mut days = Vec::new();
    let mut on = first_on;
    while let Some(weeks) = weeks.filter(|_| on <= last_on) {
        let holiday = known.name(on).map_err(|unknown| {
            let pointer = if on == first_on { "/first_on" } else { "/last_on" };
            Refusal::invalid(vec![FieldError::new(pointer, "out_of_range", unknown.to_string())])
        })?;
        days.push(CalendarDay { on, holiday });
        on = on + Days::new(7 * u64::from(weeks));
    }
    Ok(days)
}

/// The refusal of a calendar that makes no panel. `skipped` are its days, each with the bank holiday that it is; without one it has a panel.
pub fn no_panel_made<'s>(skipped: impl Iterator<Item = (NaiveDate, Option<&'s str>)>) -> Refusal {
    let days = skipped.map(|(on, holiday)| match holiday {
        Some(name) => format!("{on} is a bank holiday ({name})"),
        None => format!("{on} has a panel"),
    });
    Refusal::new(Code::StateConflict, format!("No panel is to be made: {}.", days.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn known() -> &'static BankHolidays {
        BankHolidays::bundled().expect("the file")
    }

    #[test]
    fn no_panel_is_held_on_a_weekend_or_a_bank_holiday_or_beyond_the_list() {
        for (on, code) in [
            ("2024-06-10", None),
            ("2024-06-08", Some("weekend")),
            ("2024-06-09", Some("weekend")),
            ("2024-05-27", Some("bank_holiday")),
            ("2024-12-25", Some("bank_holiday")),
            ("2099-06-10", Some("out_of_range")),
        ] {
            let mistake = day_mistake(known(), "/held_on", day(on));
            assert_eq!(mistake.map(|mistake| mistake.code), code.map(str::to_owned), "{on}");
        }
    }

    #[test]
    fn a_calendar_has_a_day_every_so_many_weeks_and_tells_its_bank_holidays() {
        let fortnight = Number { value: 2, clause: "Terms 3".to_owned() };
        let days = |every_weeks, profile_weeks| {
            let terms = CalendarTerms { first_on: day("2024-05-13"), last_on: day("2024-06-10"), every_weeks, profile_weeks };
            let days = calendar_days(known(), terms, Vec::new()).expect("sound");
            days.into_iter().map(|day| (day.on.to_string(), day.holiday.map(str::to_owned))).collect::<Vec<_>>()
        };
        let plain = |on: &str| (on.to_owned(), None);
        let spring = ("2024-05-27".to_owned(), Some("Spring bank holiday".to_owned()));
        assert_eq!(days(None, Some(&fortnight)), [plain("2024-05-13"), spring.clone(), plain("2024-06-10")]);
        // What is said here goes before the profile.
        assert_eq!(days(Some(3), Some(&fortnight)), [plain("2024-05-13"), plain("2024-06-03")]);
        assert_eq!(days(Some(1), None).len(), 5);
        assert_eq!(days(Some(1), None)[2], spring);
    }

    #[test]
    fn every_mistake_of_a_calendar_is_told_at_once() {
        let codes = |first: &str, last: &str, every_weeks, errors| {
            let terms = CalendarTerms { first_on: day(first), last_on: day(last), every_weeks, profile_weeks: None };
            match calendar_days(known(), terms, errors) {
                Ok(days) => vec![format!("{} days", days.len())],
                Err(refusal) => refusal.errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect(),
            }
        };
        let late = || vec![FieldError::new("/slots", "too_long", "past midnight")];
        for (first, last, weeks, errors, expected) in [
            ("2024-06-10", "2024-06-10", Some(2), vec![], vec!["1 days"]),
            ("2024-06-10", "2026-06-10", Some(52), vec![], vec!["3 days"]),
            ("2024-06-10", "2026-06-11", Some(52), vec![], vec!["/last_on too_long"]),
            ("2024-06-10", "2024-06-09", Some(2), vec![], vec!["/last_on before_start"]),
            ("2024-06-10", "2024-06-24", None, vec![], vec!["/every_weeks missing"]),
            ("2024-06-10", "2024-06-24", Some(0), vec![], vec!["/every_weeks missing"]),
            (
                "2024-06-08",
                "2024-06-07",
                None,
                late(),
                vec!["/slots too_long", "/first_on weekend", "/last_on before_start", "/every_weeks missing"],
            ),
            ("2099-06-10", "2099-06-10", Some(2), vec![], vec!["/first_on out_of_range"]),
        ] {
            assert_eq!(codes(first, last, weeks, errors), expected, "{first} {last}");
        }
    }

    #[test]
    fn a_calendar_that_makes_nothing_says_why_of_each_day() {
        let skipped = [(day("2024-05-27"), Some("Spring bank holiday")), (day("2024-06-10"), None)];
        assert_eq!(
            no_panel_made(skipped.into_iter()).detail,
            "No panel is to be made: 2024-05-27 is a bank holiday (Spring bank holiday), 2024-06-10 has a panel."
        );
    }
}

//! The day on which support ends, as the warehouse may have it. Where age ends it, that day is a birthday. So that nothing tells which ends are
//! birthdays, every end is written as the first day of a month. What a line costs is told to the day all the same.

use chrono::{Datelike, Days, Months, NaiveDate};

/// An end as it is written: the first day of a month by which the support is over, whatever ends it.
pub(crate) fn written(ends: Option<NaiveDate>) -> Option<NaiveDate> {
    ends.map(|ends| if ends.day() == 1 { ends } else { next_month(ends) })
}

/// For how many days support is in force, whatever ends it; none, without end.
pub(crate) fn days_in_force(valid_from: NaiveDate, ends: Option<NaiveDate>) -> Option<i64> {
    ends.map(|ends| (ends - valid_from).num_days())
}

/// The end again that so many days in force make.
pub(crate) fn of_days_in_force(valid_from: NaiveDate, days: i64) -> Option<NaiveDate> {
    valid_from.checked_add_signed(chrono::TimeDelta::try_days(days)?)
}

/// The first day after a cell, whenever in its week its support ends: cells are of one week and month.
pub(crate) fn of_cell(week_starts_on: NaiveDate, from: NaiveDate, to: NaiveDate) -> NaiveDate {
    to.max((week_starts_on + Days::new(7)).min(next_month(from)))
}

/// The first day of the month after a day's.
fn next_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_end_is_written_as_the_first_day_of_a_month_by_which_it_is_over() {
        for (ends, expected) in [
            (Some("2024-09-15"), Some("2024-10-01")),
            (Some("2024-09-02"), Some("2024-10-01")),
            // Its last day is in March: it has none in the next year.
            (Some("2024-04-01"), Some("2024-04-01")),
            (Some("2024-12-31"), Some("2025-01-01")),
            (Some("2028-02-29"), Some("2028-03-01")),
            (None, None),
        ] {
            assert_eq!(written(ends.map(day)), expected.map(day), "{ends:?}");
        }
    }

    #[test]
    fn days_in_force_give_the_end_back() {
        for (from, ends) in [("2024-02-28", "2024-03-01"), ("2024-06-03", "2024-06-03"), ("2024-06-03", "2030-01-01")] {
            let days = days_in_force(day(from), Some(day(ends))).expect("an end");
            assert_eq!(of_days_in_force(day(from), days), Some(day(ends)), "{from}");
        }
        assert_eq!(days_in_force(day("2024-06-03"), None), None);
    }

    #[test]
    fn a_cell_ends_with_its_week_or_month_whatever_ends_in_it() {
        for (week, from, to, expected) in [
            ("2024-09-09", "2024-09-09", "2024-09-11", "2024-09-16"),
            ("2024-09-09", "2024-09-12", "2024-09-16", "2024-09-16"),
            ("2024-09-30", "2024-09-30", "2024-10-01", "2024-10-01"),
            ("2024-09-30", "2024-10-01", "2024-10-03", "2024-10-07"),
            ("2024-09-09", "2024-09-09", "2024-09-30", "2024-09-30"),
        ] {
            assert_eq!(of_cell(day(week), day(from), day(to)), day(expected), "{week} {from}");
        }
    }
}

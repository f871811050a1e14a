//! Years of a line's own: from its first day to the day before its anniversary.

use chrono::{Datelike, NaiveDate};

/// The year of its own that a line with this first day is in on a day that is not before it: its first day, and the first day after it.
pub fn own_year(starts: NaiveDate, day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let whole = whole_years(starts, day);
    (anniversary(starts, whole), anniversary(starts, whole + 1))
}

/// How many years of a line's own are over by the start of a day.
pub(super) fn whole_years(starts: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - starts.year();
    if anniversary(starts, years) > day { years - 1 } else { years }
}

/// The same day so many years later. Of 29 February 1 March, where there is no such day: twelve months from it end on 28 February, and whoever
/// was born on it reaches an age on the next day.
pub fn anniversary(starts: NaiveDate, years: i32) -> NaiveDate {
    let year = starts.year() + years;
    starts.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_year_of_its_own_goes_to_the_day_before_the_anniversary() {
        for (starts, on, from, to) in [
            ("2023-04-01", "2023-04-01", "2023-04-01", "2024-04-01"),
            ("2023-04-01", "2024-03-31", "2023-04-01", "2024-04-01"),
            ("2023-04-01", "2024-04-01", "2024-04-01", "2025-04-01"),
            ("2023-09-15", "2026-01-01", "2025-09-15", "2026-09-15"),
            ("2024-02-28", "2025-02-28", "2025-02-28", "2026-02-28"),
            ("2023-03-01", "2024-02-29", "2023-03-01", "2024-03-01"),
            // What starts on 29 February ends its year on 28 February.
            ("2024-02-29", "2025-02-28", "2024-02-29", "2025-03-01"),
            ("2024-02-29", "2025-03-01", "2025-03-01", "2026-03-01"),
            ("2024-02-29", "2028-02-28", "2027-03-01", "2028-02-29"),
            ("2024-02-29", "2028-02-29", "2028-02-29", "2029-03-01"),
        ] {
            assert_eq!(own_year(day(starts), day(on)), (day(from), day(to)), "{starts} on {on}");
        }
    }

    proptest! {
        /// Years of its own follow one another without a gap, and each has 365 days or 366.
        #[test]
        fn years_follow_one_another(from in 0_u64..2000, after in 0_u64..4000) {
            let starts = day("2022-04-01") + Days::new(from);
            let on = starts + Days::new(after);
            let (first, next) = own_year(starts, on);
            prop_assert!(first <= on && on < next && (365..=366).contains(&(next - first).num_days()));
            prop_assert_eq!(own_year(starts, next).0, next);
        }
    }
}

//! The authority's time zone: on which of its days an instant falls, and at which instant a day begins.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time zone by its name in the IANA list. Instants are kept in UTC; days are this zone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(Tz);

impl TimeZone {
    /// Where a day is a day of UTC.
    pub const UTC: TimeZone = TimeZone(Tz::UTC);

    /// The zone with that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(TimeZone)
    }

    /// Its name in the IANA list.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The day on which an instant in UTC falls.
    pub fn day_of(self, utc: NaiveDateTime) -> NaiveDate {
        self.0.from_utc_datetime(&utc).date_naive()
    }

    /// The instant, in UTC, at which a day begins.
    pub fn start_of(self, day: NaiveDate) -> NaiveDateTime {
        let midnight = day.and_time(NaiveTime::MIN);
        // Where the clocks go forward at midnight, the day begins an hour later.
        let begins = (0..3).find_map(|hours| self.0.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest());
        begins.as_ref().map_or(midnight, DateTime::naive_utc)
    }

    /// The instant, in UTC, from which on a day is over.
    pub fn end_of(self, day: NaiveDate) -> NaiveDateTime {
        self.start_of(day.succ_opt().unwrap_or(day))
    }
}

impl Default for TimeZone {
    /// Britain's.
    fn default() -> Self {
        TimeZone(Tz::Europe__London)
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("`{name}` is no time zone of the IANA list; write one like Europe/London"));
        TimeZone::named(&name).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> NaiveDateTime {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn the_day_is_britains_in_summer_and_in_winter() {
        for (utc, on) in [
            ("2025-03-31T22:59:59", "2025-03-31"),
            ("2025-03-31T23:00:00", "2025-04-01"),
            ("2025-03-31T23:30:00", "2025-04-01"),
            ("2025-06-30T22:30:00", "2025-06-30"),
            ("2025-06-30T23:30:00", "2025-07-01"),
            ("2024-12-31T23:30:00", "2024-12-31"),
            // The clocks had not gone forward yet, or had gone back.
            ("2024-03-30T23:30:00", "2024-03-30"),
            ("2024-10-27T23:30:00", "2024-10-27"),
            ("2024-10-26T23:30:00", "2024-10-27"),
        ] {
            assert_eq!(TimeZone::default().day_of(instant(utc)), day(on), "{utc}");
        }
        assert_eq!(TimeZone::UTC.day_of(instant("2025-06-30T23:30:00")), day("2025-06-30"));
    }

    #[test]
    fn a_day_begins_where_the_last_one_ends() {
        let london = TimeZone::default();
        for (on, begins, ends) in [
            ("2024-12-31", "2024-12-31T00:00:00", "2025-01-01T00:00:00"),
            ("2025-04-01", "2025-03-31T23:00:00", "2025-04-01T23:00:00"),
            // The day on which the clocks go forward has 23 hours, and that on which they go back 25.
            ("2025-03-30", "2025-03-30T00:00:00", "2025-03-30T23:00:00"),
            ("2025-10-26", "2025-10-25T23:00:00", "2025-10-27T00:00:00"),
        ] {
            assert_eq!((london.start_of(day(on)), london.end_of(day(on))), (instant(begins), instant(ends)), "{on}");
            assert_eq!(london.day_of(instant(begins)), day(on));
            assert_eq!(london.day_of(instant(ends) - TimeDelta::microseconds(1)), day(on));
        }
    }

    #[test]
    fn a_day_without_a_midnight_begins_an_hour_later() {
        let cairo = TimeZone::named("Africa/Cairo").expect("a zone");
        assert_eq!(cairo.start_of(day("2024-04-26")), instant("2024-04-25T22:00:00"));
    }

    #[test]
    fn a_name_that_is_no_zone_is_refused() {
        assert_eq!(TimeZone::named("Europe/Londn"), None);
        assert_eq!(TimeZone::named("Europe/London"), Some(TimeZone::default()));
    }
}

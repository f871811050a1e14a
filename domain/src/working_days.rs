//! Working days in England: no weekends and no bank holidays.

use crate::profile::toml_date;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The bank holidays of the years that are published.
#[derive(Debug, Clone)]
pub struct BankHolidays {
    from: NaiveDate,
    to: NaiveDate,
    names: BTreeMap<NaiveDate, String>,
}

/// A day of a year whose bank holidays are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bank holidays are known from {from} to {to}; {day} is outside")]
pub struct UnknownDay {
    /// The day asked about.
    pub day: NaiveDate,
    /// The first day known.
    pub from: NaiveDate,
    /// The last day known.
    pub to: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    #[serde(deserialize_with = "toml_date")]
    from: NaiveDate,
    #[serde(deserialize_with = "toml_date")]
    to: NaiveDate,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    #[serde(deserialize_with = "toml_date")]
    on: NaiveDate,
    name: String,
}

static BUNDLED: LazyLock<Result<BankHolidays, toml::de::Error>> =
    LazyLock::new(|| toml::from_str(include_str!("../profiles/bank-holidays.toml")).map(BankHolidays::of));

impl BankHolidays {
    /// Those that come with the program.
    ///
    /// Fails when the file in the program cannot be read, which a test rules out.
    pub fn bundled() -> Result<&'static Self, &'static toml::de::Error> {
        BUNDLED.as_ref()
    }

    fn of(published: Published) -> Self {
        let names = published.holidays.into_iter().map(|holiday| (holiday.on, holiday.name)).collect();
        BankHolidays { from: published.from, to: published.to, names }
    }

    /// The holiday that a day is; none, it is not one.
    pub fn name(&self, day: NaiveDate) -> Result<Option<&str>, UnknownDay> {
        if day < self.from || day > self.to {
            return Err(UnknownDay { day, from: self.from, to: self.to });
        }
        Ok(self.names.get(&day).map(String::as_str))
    }

    /// Whether people are at work on a day.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, UnknownDay> {
        let holiday = self.name(day)?;
        Ok(holiday.is_none() && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
    }

    /// Working days after `from`, up to and including `to`; none when `to` is not later.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, UnknownDay> {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = day + Days::new(1);
            count += i64::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn special_holidays_are_known_and_years_beyond_are_not_guessed() {
        let known = BankHolidays::bundled().expect("sound");
        for holiday in ["2022-06-03", "2022-09-19", "2023-05-08", "2024-04-01", "2027-12-28"] {
            assert!(known.name(day(holiday)).expect("a known year").is_some(), "{holiday}");
            assert!(!known.is_working_day(day(holiday)).expect("a known year"));
        }
        assert!(known.is_working_day(day("2024-04-02")).expect("a known year"));
        assert!(!known.is_working_day(day("2024-04-06")).expect("a known year"));
        assert!(known.is_working_day(day("2029-01-02")).expect_err("not published").to_string().contains("2028-12-31"));
    }

    #[test]
    fn working_days_step_over_easter() {
        let known = BankHolidays::bundled().expect("sound");
        assert_eq!(known.working_days_between(day("2024-03-28"), day("2024-04-03")), Ok(2));
        assert_eq!(known.working_days_between(day("2024-04-03"), day("2024-04-03")), Ok(0));
    }
}

//! The financial year, 1 April to 31 March, and its twelve periods.

use crate::column::text_column;
use chrono::{Datelike, Days, Months, NaiveDate};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A council's financial year, written `2023-24`; from 1990-91 to 2098-99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct FinancialYear {
    starts: NaiveDate,
    label: [u8; 7],
}

text_column!(FinancialYear);

/// What names no financial year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAYear {
    /// A year that is written otherwise, or is not among those supported.
    #[error("a financial year is written like 2023-24, from 1990-91 to 2098-99")]
    Year,
    /// A day in none of those supported.
    #[error("the day is outside the financial years 1990-91 to 2098-99")]
    Day,
}

impl FinancialYear {
    /// The year that starts on 1 April of `calendar_year`.
    pub fn starting(calendar_year: i32) -> Result<Self, NotAYear> {
        if !(1990..=2098).contains(&calendar_year) {
            return Err(NotAYear::Year);
        }
        let starts = NaiveDate::from_ymd_opt(calendar_year, 4, 1).ok_or(NotAYear::Year)?;
        let mut label = [0; 7];
        label.copy_from_slice(format!("{calendar_year}-{:02}", (calendar_year + 1) % 100).as_bytes());
        Ok(Self { starts, label })
    }

    /// The year a day falls in.
    pub fn of(day: NaiveDate) -> Result<Self, NotAYear> {
        Self::starting(if day.month() >= 4 { day.year() } else { day.year() - 1 }).map_err(|_| NotAYear::Day)
    }

    /// `2023-24`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.label).unwrap_or_default()
    }

    /// 1 April, the first day in the year.
    pub fn starts_on(&self) -> NaiveDate {
        self.starts
    }

    /// 31 March, the last day in the year.
    pub fn ends_on(&self) -> NaiveDate {
        self.next_starts_on() - Days::new(1)
    }

    /// 1 April after the year: the open end of a half-open period.
    pub fn next_starts_on(&self) -> NaiveDate {
        self.starts + Months::new(12)
    }

    /// 365, or 366 when the February inside it has a leap day.
    pub fn days(&self) -> i64 {
        (self.next_starts_on() - self.starts).num_days()
    }

    /// The year after, or [`NotAYear`] past the last one supported.
    pub fn next(&self) -> Result<Self, NotAYear> {
        Self::starting(self.starts.year() + 1)
    }

    /// The first day of one of the year's periods.
    pub fn period_starts_on(&self, period: Period) -> NaiveDate {
        self.starts + Months::new(u32::from(period.0) - 1)
    }
}

impl FromStr for FinancialYear {
    type Err = NotAYear;

    fn from_str(text: &str) -> Result<Self, NotAYear> {
        let first = text.get(..4).and_then(|digits| digits.parse().ok()).ok_or(NotAYear::Year)?;
        let year = Self::starting(first)?;
        if year.as_str() == text { Ok(year) } else { Err(NotAYear::Year) }
    }
}

impl ToSchema for FinancialYear {}

impl PartialSchema for FinancialYear {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A financial year, 1 April to 31 March"))
            .pattern(Some("^(199[0-9]|20[0-9]{2})-[0-9]{2}$"))
            .examples(["2023-24"])
            .into()
    }
}

impl TryFrom<String> for FinancialYear {
    type Error = NotAYear;

    fn try_from(text: String) -> Result<Self, NotAYear> {
        text.parse()
    }
}

impl From<FinancialYear> for String {
    fn from(year: FinancialYear) -> String {
        year.as_str().to_owned()
    }
}

/// A month of the financial year: 1 is April, 12 is March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schema(value_type = u8, minimum = 1, maximum = 12)]
pub struct Period(u8);

impl Period {
    /// All twelve, April first.
    pub fn all() -> impl Iterator<Item = Period> {
        (1..=12).map(Period)
    }

    /// The period a day falls in.
    pub fn of(day: NaiveDate) -> Self {
        // `month0` is 0 to 11, so the result is 1 to 12.
        Period(((day.month0() + 9) % 12) as u8 + 1)
    }

    /// 1 to 12.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Period {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if (1..=12).contains(&number) {
            Ok(Period(number))
        } else {
            Err("a period is a month of the financial year, 1 (April) to 12 (March)")
        }
    }
}

impl From<Period> for u8 {
    fn from(period: Period) -> u8 {
        period.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_year_knows_its_ends_and_its_leap_day() {
        let year: FinancialYear = "2023-24".parse().expect("a year");
        assert_eq!((year.starts_on(), year.ends_on()), (day("2023-04-01"), day("2024-03-31")));
        assert_eq!(year.days(), 366);
        assert_eq!("1999-00".parse::<FinancialYear>().expect("a year").days(), 366);
        assert_eq!(year.next().expect("a year").to_string(), "2024-25");
    }

    #[test]
    fn what_is_not_a_year_is_refused() {
        for text in ["", "2023", "2023-25", "2023/24", "2023-4", "1989-90", "2099-00", " 2023-24", "£££-24", "20é3-24"] {
            assert_eq!(text.parse::<FinancialYear>(), Err(NotAYear::Year), "{text}");
        }
    }

    #[test]
    fn periods_run_from_april() {
        assert_eq!(Period::of(day("2024-04-30")).number(), 1);
        assert_eq!(Period::of(day("2024-12-31")).number(), 9);
        assert_eq!(Period::of(day("2024-01-01")).number(), 10);
        assert_eq!(Period::of(day("2024-03-31")).number(), 12);
    }

    proptest! {
        #[test]
        fn every_day_is_in_its_year_and_period(offset in 0_u64..39_000) {
            let date = day("1990-04-01") + Days::new(offset);
            let year = FinancialYear::of(date).expect("in range");
            prop_assert!(year.starts_on() <= date && date <= year.ends_on());
            prop_assert_eq!(year.as_str().parse::<FinancialYear>(), Ok(year));
            let starts = year.period_starts_on(Period::of(date));
            prop_assert!(starts <= date && date < starts + Months::new(1));
        }
    }
}

//! A figure, or the words that stand for it.

use chrono::{Datelike, NaiveDate};
use domain::Pence;
use domain::money::{divide_half_away_from_zero, grouped};
use std::fmt;

/// A figure, or the words that stand where there is none. It prints the same in every format; what is printed is what a screen reader
/// says, so nothing is told by a sign or a colour alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Words(String),
    /// How many: `16,742`.
    Count(i64),
    /// An amount: `£1,234.50`.
    Money(Pence),
    /// An amount to whole pounds, rounded half away from zero: `£1,235`.
    Pounds(Pence),
    /// Thousandths of the whole: 125 is `12.5%`.
    PerMille(i64),
    /// Thousandths of a unit, for example of an hour: 3,500 is `3.5`.
    Thousandths(i64),
    /// A day: `1 April 2024`.
    Date(NaiveDate),
    /// Kept back, so that no child can be recognised.
    Withheld,
    /// What has not been returned yet.
    NotYetKnown,
    /// There can be no such figure.
    NotApplicable,
    /// There is such a figure, and we do not hold it.
    NotAvailable,
    /// Nothing stands here.
    Blank,
}

/// The words for what is kept back, with the sign that the statistics of government use.
const WITHHELD: &str = "withheld [c]";
/// The words for what there can be no figure of.
const NOT_APPLICABLE: &str = "not applicable [z]";
/// The words for what we do not hold.
const NOT_AVAILABLE: &str = "not available [x]";
/// The words for what has not been returned yet.
const NOT_YET_KNOWN: &str = "not yet known";

impl Value {
    /// How large it is, in its own smallest unit; none, where it is no number.
    pub fn magnitude(&self) -> Option<i64> {
        match self {
            Value::Count(number) | Value::PerMille(number) | Value::Thousandths(number) => Some(*number),
            Value::Money(amount) | Value::Pounds(amount) => Some(amount.0),
            _ => None,
        }
    }

    /// What the words that stand for a figure mean, in a sentence that can stand below a table; none for figures and words.
    pub fn meaning(&self) -> Option<&'static str> {
        match self {
            Value::Withheld => {
                Some("withheld [c]: the figure is small or would give a small one away. It is kept back to protect children.")
            }
            Value::NotYetKnown => Some("not yet known: the figure has not been returned yet."),
            Value::NotApplicable => Some("not applicable [z]: there can be no such figure."),
            Value::NotAvailable => Some("not available [x]: the council does not hold the figure."),
            _ => None,
        }
    }
}

/// A number with thousands separators and its sign.
fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// A number of parts of a unit with as many decimals as it needs.
fn parts(number: i64, of: u64, decimals: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (number.unsigned_abs() / of, number.unsigned_abs() % of);
    let rest = format!("{rest:0decimals$}");
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}", grouped(whole))
}

/// A day as people write it: `1 April 2024`.
pub fn written_date(day: NaiveDate) -> String {
    format!("{} {}", day.day(), day.format("%B %Y"))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Words(words) => f.write_str(words),
            Value::Count(number) => f.write_str(&signed(*number)),
            Value::Money(amount) => write!(f, "{amount}"),
            Value::Pounds(amount) => {
                let pounds = divide_half_away_from_zero(i128::from(amount.0), 100);
                let sign = if pounds < 0 { "-" } else { "" };
                write!(f, "{sign}£{}", grouped(u64::try_from(pounds.unsigned_abs()).unwrap_or(u64::MAX)))
            }
            Value::PerMille(number) => write!(f, "{}%", parts(*number, 10, 1)),
            Value::Thousandths(number) => f.write_str(&parts(*number, 1000, 3)),
            Value::Date(day) => f.write_str(&written_date(*day)),
            Value::Withheld => f.write_str(WITHHELD),
            Value::NotYetKnown => f.write_str(NOT_YET_KNOWN),
            Value::NotApplicable => f.write_str(NOT_APPLICABLE),
            Value::NotAvailable => f.write_str(NOT_AVAILABLE),
            Value::Blank => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_read_them() {
        let cases = [
            (Value::Words("Home care".to_owned()), "Home care"),
            (Value::Count(16_742), "16,742"),
            (Value::Count(-1_000), "-1,000"),
            (Value::Count(i64::MIN), "-9,223,372,036,854,775,808"),
            (Value::Money(Pence(123_450)), "£1,234.50"),
            (Value::Pounds(Pence(123_450)), "£1,235"),
            (Value::Pounds(Pence(-123_449)), "-£1,234"),
            (Value::Pounds(Pence(-49)), "£0"),
            (Value::PerMille(125), "12.5%"),
            (Value::PerMille(-50), "-5%"),
            (Value::PerMille(-5), "-0.5%"),
            (Value::Thousandths(3_500), "3.5"),
            (Value::Thousandths(1_234_005), "1,234.005"),
            (Value::Date(NaiveDate::from_ymd_opt(2024, 4, 1).unwrap()), "1 April 2024"),
            (Value::Withheld, "withheld [c]"),
            (Value::NotYetKnown, "not yet known"),
            (Value::NotApplicable, "not applicable [z]"),
            (Value::NotAvailable, "not available [x]"),
            (Value::Blank, ""),
        ];
        for (value, written) in cases {
            assert_eq!(value.to_string(), written);
        }
    }

    #[test]
    fn only_numbers_have_a_magnitude_and_only_their_stand_ins_a_meaning() {
        let numbers = [Value::Count(1), Value::Money(Pence(1)), Value::Pounds(Pence(1)), Value::PerMille(1), Value::Thousandths(1)];
        assert!(numbers.iter().all(|value| value.magnitude() == Some(1) && value.meaning().is_none()));
        for value in [Value::Withheld, Value::NotYetKnown, Value::NotApplicable, Value::NotAvailable] {
            assert_eq!(value.magnitude(), None);
            assert!(value.meaning().is_some_and(|meaning| meaning.starts_with(&value.to_string())), "{value}");
        }
        assert_eq!((Value::Blank.magnitude(), Value::Blank.meaning()), (None, None));
    }
}

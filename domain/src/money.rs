//! Money, unit rates and quantities as integers: no float ever touches an amount.

use crate::column::bigint_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::BigInt};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// An amount in whole pence. Expenditure is positive; income and credits are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = i64, minimum = -100000000000i64, maximum = 100000000000i64)]
pub struct Pence(pub i64);

/// The most that one record may carry, either side of nought: a thousand million pounds. Ninety million such records
/// still add up without overflow.
pub const MOST_PENCE: i64 = 100_000_000_000;

/// An arithmetic result that no record could hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large to be recorded")]
pub struct TooLarge;

impl Pence {
    /// Nothing.
    pub const ZERO: Pence = Pence(0);

    /// The sum, or [`TooLarge`] past the range of an `i64`.
    pub fn checked_add(self, other: Pence) -> Result<Pence, TooLarge> {
        self.0.checked_add(other.0).map(Pence).ok_or(TooLarge)
    }

    /// The difference, or [`TooLarge`] past the range of an `i64`.
    pub fn checked_sub(self, other: Pence) -> Result<Pence, TooLarge> {
        self.0.checked_sub(other.0).map(Pence).ok_or(TooLarge)
    }

    /// What a reversing entry carries.
    pub fn checked_neg(self) -> Result<Pence, TooLarge> {
        self.0.checked_neg().map(Pence).ok_or(TooLarge)
    }

    /// Adds amounts up, or [`TooLarge`] when the total leaves the range of an `i64`.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Pence>) -> Result<Pence, TooLarge> {
        amounts.into_iter().try_fold(Pence::ZERO, Pence::checked_add)
    }

    /// Pounds with two decimals and no separators, as CSV and spreadsheets want it: `-1234.50`.
    pub fn to_pounds(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", pence / 100, pence % 100)
    }
}

/// As people read it: `£1,234.50`, `-£0.05`.
impl fmt::Display for Pence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        f.pad(&format!("{sign}£{}.{:02}", grouped(pence / 100), pence % 100))
    }
}

/// A whole number with thousands separators: `46,628`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The price of one unit, in ten-thousandths of a pound: £17.4550 an hour is `174550`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = i64, minimum = 0, maximum = 10000000000i64)]
pub struct UnitRate(pub i64);

/// How many units, in thousandths: three and a half hours are `3500`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = i64, minimum = 1, maximum = 100000000i64)]
pub struct Quantity(pub i64);

bigint_column!(Pence, UnitRate, Quantity);

/// Divides, rounding half away from zero: the one rounding rule of the system. `denominator` must be positive.
pub fn divide_half_away_from_zero(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    // `denominator - half` and not `half`, so that an odd denominator rounds only past its true middle.
    if remainder.abs() >= denominator - half { quotient + numerator.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_written_as_people_and_spreadsheets_read_them() {
        assert_eq!(Pence(199_199_472).to_string(), "£1,991,994.72");
        assert_eq!(Pence(-5).to_string(), "-£0.05");
        assert_eq!(Pence(-123_450).to_pounds(), "-1234.50");
        assert_eq!(Pence(i64::MIN).to_pounds(), "-92233720368547758.08");
        assert_eq!(grouped(46_628), "46,628");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(divide_half_away_from_zero(5, 10), 1);
        assert_eq!(divide_half_away_from_zero(-5, 10), -1);
        assert_eq!(divide_half_away_from_zero(4, 10), 0);
        assert_eq!(divide_half_away_from_zero(1, 3), 0);
        assert_eq!(divide_half_away_from_zero(2, 3), 1);
        assert_eq!(divide_half_away_from_zero(-2, 3), -1);
    }

    #[test]
    fn sums_refuse_to_wrap() {
        assert_eq!(Pence::checked_sum([Pence(i64::MAX), Pence(1)]), Err(TooLarge));
        assert_eq!(Pence(i64::MIN).checked_neg(), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn a_quotient_is_never_more_than_half_a_unit_away(n in -10_i128.pow(20)..10_i128.pow(20), d in 1_i128..10_i128.pow(12)) {
            let q = divide_half_away_from_zero(n, d);
            prop_assert!((q * d - n).abs() * 2 <= d);
            prop_assert_eq!(divide_half_away_from_zero(-n, d), -q);
        }
    }
}

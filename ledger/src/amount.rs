//! Amounts as finance systems and spreadsheets write them, read exactly: digits are moved, never multiplied.

use crate::text::is_space;
use domain::Pence;
use domain::money::MOST_PENCE;

/// Longer than any amount anyone writes; it bounds the work a hostile cell can cause.
const MOST_LETTERS: usize = 64;

/// An amount as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// To the penny, halves away from zero.
    pub pence: Pence,
    /// Whether anything was beyond the penny.
    pub is_rounded: bool,
}

/// Why a cell is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnAmount {
    /// Its letters make no number.
    Unreadable,
    /// More than one record may carry: [`MOST_PENCE`].
    TooLarge,
}

/// Reads an amount in pounds: `1234.5`, `£1,234.50`, `(12.00)`, `12.00-`, `-12`, `12.00 CR`, `1.2E+3`; a dash alone is nothing.
///
/// Commas and spaces between digits must stand between thousands. At most one sign is allowed, brackets being one.
pub fn parse(text: &str) -> Result<Amount, NotAnAmount> {
    if text.chars().count() > MOST_LETTERS {
        return Err(NotAnAmount::Unreadable);
    }
    if is_dash(text) {
        return Ok(Amount { pence: Pence::ZERO, is_rounded: false });
    }
    let (is_negative, number) = signed(text).ok_or(NotAnAmount::Unreadable)?;
    let (pence, is_rounded) = in_pence(number)?;
    Ok(Amount { pence: Pence(if is_negative { -pence } else { pence }), is_rounded })
}

/// Whether it is the dash that a spreadsheet's accounting format has for nothing, perhaps with the currency: ` - `, `£ -`.
fn is_dash(text: &str) -> bool {
    let bare = text.trim_matches(is_space);
    let bare = bare.strip_prefix('Â').unwrap_or(bare);
    let bare = bare.strip_prefix(['£', '\u{fffd}']).or_else(|| bare.strip_suffix('£')).unwrap_or(bare).trim_matches(is_space);
    matches!(bare, "-" | "\u{2013}" | "\u{2212}")
}

/// Takes signs, brackets and currency from both ends: whether the amount is negative, and the bare number.
fn signed(text: &str) -> Option<(bool, &str)> {
    let mut rest = text.trim_matches(is_space);
    let (mut sign, mut is_bracketed, mut has_currency) = (None, false, false);
    loop {
        let mut letters = rest.chars();
        match letters.next()? {
            '+' if sign.is_none() => sign = Some(false),
            '-' | '\u{2212}' | '\u{2013}' if sign.is_none() => sign = Some(true),
            '(' if sign.is_none() => {
                letters = letters.as_str().strip_suffix(')')?.chars();
                (sign, is_bracketed) = (Some(true), true);
            }
            // U+FFFD is what a badly converted file has for a pound sign, `Â£` what another has.
            '£' | '\u{fffd}' if !has_currency => has_currency = true,
            'Â' if letters.as_str().starts_with('£') => {}
            'G' | 'g' if !has_currency && rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("gbp")) => {
                letters = rest[3..].chars();
                has_currency = true;
            }
            _ => break,
        }
        rest = letters.as_str().trim_matches(is_space);
    }
    // What may follow: a minus, CR (credit) or DR (debit), once, and not after another sign.
    let (ending, is_credit) = match rest.char_indices().next_back()? {
        (at, '-' | '\u{2212}' | '\u{2013}') => (Some(at), true),
        (at, 'R' | 'r') => {
            let at = at.checked_sub(1)?;
            (Some(at), rest.get(at..)?.eq_ignore_ascii_case("cr"))
        }
        _ => (None, false),
    };
    if let Some(at) = ending {
        let is_debit = rest.get(at..).is_some_and(|word| word.eq_ignore_ascii_case("dr"));
        if sign.is_some() || is_bracketed || !(is_credit || is_debit) {
            return None;
        }
        (sign, rest) = (Some(is_credit), rest[..at].trim_end_matches(is_space));
    }
    Some((sign.unwrap_or(false), rest))
}

/// A bare number of pounds in pence, and whether it was rounded.
fn in_pence(number: &str) -> Result<(i64, bool), NotAnAmount> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = ungrouped(whole)?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || digits.len() + fraction.len() == 0 {
        return Err(NotAnAmount::Unreadable);
    }
    // Where the penny ends among the digits: after the decimal point, moved by the exponent, and two more.
    let mut penny_end = i64::try_from(digits.len()).unwrap_or(i64::MAX).saturating_add(exponent).saturating_add(2);
    digits.push_str(fraction);
    let significant = digits.trim_start_matches('0');
    penny_end -= i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
    if significant.is_empty() || penny_end < 0 {
        return Ok((0, !significant.is_empty()));
    }
    let penny_end = usize::try_from(penny_end).unwrap_or(usize::MAX);
    if penny_end > 18 {
        return Err(NotAnAmount::TooLarge);
    }
    let (kept, beyond) = significant.split_at(penny_end.min(significant.len()));
    let zeros = penny_end - kept.len();
    let mut pence: i64 = 0;
    for digit in kept.bytes().chain(std::iter::repeat_n(b'0', zeros)) {
        pence = pence * 10 + i64::from(digit - b'0');
    }
    // From the first digit beyond the penny alone: five or more is half or more.
    pence += i64::from(beyond.bytes().next().is_some_and(|digit| digit >= b'5'));
    if pence > MOST_PENCE {
        return Err(NotAnAmount::TooLarge);
    }
    Ok((pence, beyond.bytes().any(|digit| digit != b'0')))
}

fn read_exponent(text: &str) -> Result<i64, NotAnAmount> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotAnAmount::Unreadable);
    }
    text.parse().map_err(|_| NotAnAmount::Unreadable)
}

/// The digits before the decimal point without their separators, which must stand between thousands.
fn ungrouped(whole: &str) -> Result<String, NotAnAmount> {
    let is_separator = |letter: char| letter == ',' || is_space(letter);
    let mut digits = String::with_capacity(whole.len());
    let is_grouped = whole.contains(is_separator);
    for (place, group) in whole.split(is_separator).enumerate() {
        let is_whole_group = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !group.bytes().all(|b| b.is_ascii_digit()) || (is_grouped && !is_whole_group) {
            return Err(NotAnAmount::Unreadable);
        }
        digits.push_str(group);
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::grouped;
    use proptest::prelude::*;

    fn pence(text: &str) -> i64 {
        parse(text).unwrap_or_else(|e| panic!("{text:?}: {e:?}")).pence.0
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, expected) in [
            ("900", 90_000),
            ("4013.6", 401_360),
            (".5", 50),
            ("12.", 1_200),
            ("£1,234.56", 123_456),
            (" 1,234.56 ", 123_456),
            ("1 234.56", 123_456),
            ("\u{a0}£ 1,234.56\u{a0}", 123_456),
            ("(12.00)", -1_200),
            ("£(12.00)", -1_200),
            ("(£12.00)", -1_200),
            ("12.00-", -1_200),
            ("-£12.00", -1_200),
            ("£-12.00", -1_200),
            ("\u{2212}12.00", -1_200),
            ("+12.00", 1_200),
            ("12.00 CR", -1_200),
            ("12.00DR", 1_200),
            ("GBP 12.00", 1_200),
            ("\u{fffd}12.00", 1_200),
            ("Â£12.00", 1_200),
            ("1.2E+3", 120_000),
            ("1.5e-1", 15),
            ("0", 0),
            ("-0.00", 0),
            (" - ", 0),
            ("-   ", 0),
            ("£ -", 0),
            ("\u{fffd} -", 0),
            ("\u{2013}", 0),
            ("1000000000.00", MOST_PENCE),
        ] {
            assert_eq!(pence(text), expected, "{text:?}");
        }
    }

    #[test]
    fn noise_beyond_the_penny_is_rounded_half_away_from_zero_and_told() {
        for (text, expected, is_rounded) in [
            ("599.9600000000001", 59_996, true),
            ("172201.52000000002", 17_220_152, true),
            ("0.005", 1, true),
            ("-0.005", -1, true),
            ("0.0049999", 0, true),
            ("2.675", 268, true),
            ("9.999", 1_000, true),
            ("12.3400", 1_234, false),
            ("1E-9", 0, true),
        ] {
            assert_eq!(parse(text), Ok(Amount { pence: Pence(expected), is_rounded }), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "--",
            "£",
            "(-)",
            "abc",
            "1,23",
            "12,34.00",
            "1,2345",
            "1.2.3",
            "--1",
            "(1",
            "1)",
            "-(1)",
            "(1-)",
            "1-2",
            "12%",
            "NaN",
            "inf",
            "1e",
            "1e+",
            "1e9999",
            "0x10",
            "12 34",
            "1,234,56",
            "R",
            "12ER",
            "££1",
            "１２",
            "12.00 CR-",
        ] {
            assert_eq!(parse(text), Err(NotAnAmount::Unreadable), "{text:?}");
        }
        assert_eq!(parse("1000000000.01"), Err(NotAnAmount::TooLarge));
        assert_eq!(parse("1E+99"), Err(NotAnAmount::TooLarge));
    }

    proptest! {
        #[test]
        fn any_amount_reads_back_from_every_style(amount in -MOST_PENCE..=MOST_PENCE, style in 0_usize..7) {
            let (pounds, rest) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
            let plain = format!("{pounds}.{rest:02}");
            let sign = if amount < 0 { "-" } else { "" };
            let text = match style {
                0 => format!("{sign}{plain}"),
                1 => format!("{sign}£{}.{rest:02}", grouped(pounds)),
                2 if amount < 0 => format!("({plain})"),
                3 if amount < 0 => format!("{plain}-"),
                4 if amount < 0 => format!("{plain}CR"),
                5 => format!("{sign}{}E-2", amount.unsigned_abs()),
                _ => format!("  {sign}{plain}00 "),
            };
            prop_assert_eq!(parse(&text), Ok(Amount { pence: Pence(amount), is_rounded: false }));
        }

        #[test]
        fn what_is_beyond_the_penny_moves_the_amount_by_half_a_penny_at_most(amount in 0_i64..1_000_000_000, beyond in 0_i64..1000) {
            let read = parse(&format!("-{}.{:02}{beyond:03}", amount / 100, amount % 100)).expect("an amount");
            prop_assert_eq!(read.pence.0, -(amount + i64::from(beyond >= 500)));
            prop_assert_eq!(read.is_rounded, beyond != 0);
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,70}") {
            let _ = parse(&text);
        }

        #[test]
        fn nothing_that_looks_like_a_number_makes_it_panic(text in "[-+(£]{0,2}[0-9,. eE]{0,30}[-)CRDr]{0,2}") {
            let _ = parse(&text);
        }
    }
}

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
    /// Whether what was beyond the penny is more than the noise of a program that counts in halves: `599.9600000000001` loses nothing.
    pub loses: bool,
}

impl Amount {
    /// An amount that is whole pence.
    pub(crate) fn exact(pence: Pence) -> Self {
        Amount { pence, is_rounded: false, loses: false }
    }
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
        return Ok(Amount::exact(Pence::ZERO));
    }
    let (is_negative, number) = signed(text).ok_or(NotAnAmount::Unreadable)?;
    let (pence, rounded) = in_pence(number)?;
    let pence = Pence(if is_negative { -pence } else { pence });
    Ok(Amount { pence, is_rounded: rounded != Rounded::No, loses: rounded == Rounded::Digits })
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

/// What was beyond the penny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rounded {
    No,
    /// Less than a thousandth of a penny, up or down.
    Noise,
    Digits,
}

/// A bare number of pounds in pence, and whether it was rounded.
fn in_pence(number: &str) -> Result<(i64, Rounded), NotAnAmount> {
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
        // Nothing at all, or less than half a penny.
        let is_noise = penny_end < -2;
        let rounded = if is_noise { Rounded::Noise } else { Rounded::Digits };
        return Ok((0, if significant.is_empty() { Rounded::No } else { rounded }));
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
    let rounded = match beyond.trim_end_matches('0') {
        "" => Rounded::No,
        digits if digits.starts_with("000") || digits.starts_with("999") => Rounded::Noise,
        _ => Rounded::Digits,
    };
    Ok((pence, rounded))
}

/// A number as text that any other way of writing it gives too, however large it is: in hundredths where that is exact, so that a
/// transaction's number is the same with and without `.0`, leading noughts, commas or an exponent. None, it is no number.
pub(crate) fn normal(text: &str) -> Option<String> {
    if text.chars().count() > MOST_LETTERS {
        return None;
    }
    if is_dash(text) {
        return Some("0".to_owned());
    }
    let (is_negative, number) = signed(text)?;
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent).ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = ungrouped(whole).ok()?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || digits.len() + fraction.len() == 0 {
        return None;
    }
    // Where the hundredths end among the digits; noughts are added on either side until they do.
    let end = i64::try_from(digits.len()).ok()? + exponent + 2;
    digits.push_str(fraction);
    let before = usize::try_from(-end).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(0);
    let mut digits = "0".repeat(before) + &digits;
    if digits.len() < end {
        digits.push_str(&"0".repeat(end - digits.len()));
    }
    let (hundredths, beyond) = digits.split_at(end);
    let (hundredths, beyond) = (hundredths.trim_start_matches('0'), beyond.trim_end_matches('0'));
    let sign = if is_negative && !(hundredths.is_empty() && beyond.is_empty()) { "-" } else { "" };
    let hundredths = if hundredths.is_empty() { "0" } else { hundredths };
    Some(if beyond.is_empty() { format!("{sign}{hundredths}") } else { format!("{sign}{hundredths}.{beyond}") })
}

/// As [`normal`], of a cell that may be a reference: only what nobody takes for anything but a number. `12DR`, `12-`, `GBP12` and `12E4`
/// are texts.
pub(crate) fn normal_number(text: &str) -> Option<String> {
    let bare = text.trim_matches(is_space);
    let is_number = !bare.starts_with('+')
        && !bare.ends_with(['-', '\u{2013}', '\u{2212}'])
        && !bare.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E'))
        && bare.split_once(['e', 'E']).is_none_or(|(mantissa, _)| mantissa.contains('.'))
        && (!bare.starts_with('(') || bare.contains('.'));
    // The dash alone that stands for nothing in a column of amounts.
    if is_number || is_dash(bare) { normal(bare) } else { None }
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
mod tests;

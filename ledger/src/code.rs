//! Codes and numbers of transactions, as spreadsheets write them when they take them for quantities.

/// The part of `6401.00` before the point, where only noughts follow it.
pub(crate) fn whole(text: &str) -> Option<&str> {
    let (whole, noughts) = text.split_once('.')?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (is_number(whole) && noughts.bytes().all(|b| b == b'0') && !noughts.is_empty()).then_some(whole)
}

/// A transaction's or an order's number without what a spreadsheet added: `5100001234.0` and `5.100001234E9` are `5100001234`.
pub(crate) fn as_recorded(text: String) -> String {
    if let Some(whole) = whole(&text) {
        return whole.to_owned();
    }
    from_exponent(&text).unwrap_or(text)
}

/// A whole number without the commas between its thousands, and what follows its point: `6,401.00` is `6401.00`.
pub(crate) fn without_grouping(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let (first, others) = whole.split_once(',')?;
    let is_group = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    let is_first = (1..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
    let is_number = is_first && others.split(',').all(is_group) && fraction.is_none_or(|part| part.bytes().all(|b| b.is_ascii_digit()));
    is_number.then(|| text.replace(',', ""))
}

/// The digits of a number that was written with an exponent and has lost none of them.
pub(crate) fn from_exponent(text: &str) -> Option<String> {
    let (first, fraction, exponent) = parts_with_exponent(text)?;
    let exponent: usize = exponent.parse().ok()?;
    if fraction.is_empty() || fraction.len() > exponent || exponent > 18 || has_lost_digits(text) {
        return None;
    }
    Some(format!("{first}{fraction}{}", "0".repeat(exponent - fraction.len())))
}

/// Whether a number was cut to a few digits and an exponent, as a spreadsheet does with one that is wider than its cell: `1.2E+11`.
/// Which number it was cannot be told.
pub(crate) fn has_lost_digits(text: &str) -> bool {
    let Some((_, fraction, exponent)) = parts_with_exponent(text) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    exponent.parse::<usize>().is_ok_and(|exponent| fraction.len() < exponent)
}

/// Whether an amount was cut to a few digits and an exponent, as a spreadsheet shows it: `1.23E+03`. Its pence are lost, and perhaps more.
/// A program that writes `1.2E+3` means what it says.
pub(crate) fn has_lost_pence(text: &str) -> bool {
    let bare = text.trim_start_matches(['-', '+', '\u{2212}']);
    let Some((_, fraction, exponent)) = parts_with_exponent(bare) else { return false };
    let Some(exponent) = exponent.strip_prefix('+').filter(|exponent| exponent.len() >= 2) else { return false };
    exponent.parse::<usize>().is_ok_and(|exponent| fraction.len() < exponent + 2)
}

/// `1.2E+11` in its parts: the digit before the point, those after it, and the exponent with its sign.
fn parts_with_exponent(text: &str) -> Option<(&str, &str, &str)> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let (first, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let bare = exponent.strip_prefix('+').unwrap_or(exponent);
    let is_number = first.len() == 1 && is_digits(first) && is_digits(fraction) && (1..=3).contains(&bare.len()) && is_digits(bare);
    is_number.then_some((first, fraction, exponent))
}

/// Whether two folded codes are one number, but for noughts before it, as `0401` and `401`.
pub(crate) fn differ_in_noughts(one: &str, other: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number(one) && is_number(other) && one != other && one.trim_start_matches('0') == other.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_recorded_without_what_a_spreadsheet_added() {
        for (written, recorded) in [
            ("5100001234.0", "5100001234"),
            ("4500012345.00", "4500012345"),
            ("0045.0", "0045"),
            ("5.100001234E9", "5100001234"),
            ("5.10000123E9", "5100001230"),
            ("5.100001234E+9", "5100001234"),
            ("1.2E+11", "1.2E+11"),
            ("12E4", "12E4"),
            ("1E5", "1E5"),
            ("PO-77.0", "PO-77.0"),
            ("7.5", "7.5"),
            (".0", ".0"),
            ("7.", "7."),
        ] {
            assert_eq!(as_recorded(written.to_owned()), recorded, "{written}");
        }
    }

    #[test]
    fn digits_that_a_spreadsheet_left_off_are_noticed() {
        for lost in ["1.2E+11", "5E+09", "1.23457E+11", "4.5e+9"] {
            assert!(has_lost_digits(lost), "{lost}");
        }
        for whole in ["5.100001234E+9", "12E4", "1E5", "120000000000", "A1E+11", "", "1.2E-11", "E+11"] {
            assert!(!has_lost_digits(whole), "{whole}");
        }
    }

    #[test]
    fn an_amount_that_was_cut_is_noticed() {
        for lost in ["1.23E+03", "-1.23E+03", "1.23e+05", "1E+02"] {
            assert!(has_lost_pence(lost), "{lost}");
        }
        for whole in ["1.2E+3", "1.2E3", "1.23456E+03", "1.00E+00", "1230.00", "", "1.23E-03"] {
            assert!(!has_lost_pence(whole), "{whole}");
        }
    }

    #[test]
    fn commas_between_thousands_are_no_part_of_a_number() {
        assert_eq!(without_grouping("6,401").as_deref(), Some("6401"));
        assert_eq!(without_grouping("1,006,401.00").as_deref(), Some("1006401.00"));
        for other in ["6401", "64,01", "6,4012", ",401", "a,401", "6,401.x", "0006,401"] {
            assert_eq!(without_grouping(other), None, "{other}");
        }
    }

    #[test]
    fn noughts_before_a_number_are_all_that_tells_two_codes_apart() {
        assert!(differ_in_noughts("0401", "401") && differ_in_noughts("401", "00401"));
        assert!(!differ_in_noughts("401", "401") && !differ_in_noughts("0401", "402") && !differ_in_noughts("0a", "a"));
        assert!(!differ_in_noughts("", "0"));
    }
}

//! Cells as text: decoding, and the two spellings in which they are compared.

use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// How a file's bytes are read as letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Each cell by itself: UTF-8 where it is valid UTF-8, Windows-1252 where not.
    Auto,
    /// UTF-8; anything else in a line that a rule picks is a problem.
    Utf8,
    /// Windows-1252, the Western European code page of Windows.
    Windows1252,
}

impl Encoding {
    /// The cell's letters. Under [`Encoding::Utf8`], bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn decode(self, cell: &[u8]) -> Cow<'_, str> {
        match (self, std::str::from_utf8(cell)) {
            (Encoding::Auto | Encoding::Utf8, Ok(text)) => Cow::Borrowed(text),
            (Encoding::Utf8, Err(_)) => String::from_utf8_lossy(cell),
            (Encoding::Auto | Encoding::Windows1252, _) => WINDOWS_1252.decode_without_bom_handling(cell).0,
        }
    }

    /// Whether the cell's bytes are what the mapping says they are.
    pub(crate) fn can_read(self, cell: &[u8]) -> bool {
        self != Encoding::Utf8 || std::str::from_utf8(cell).is_ok()
    }
}

/// Whether a character only takes up space, or not even that: blanks of every width, and the byte-order mark.
pub(crate) fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}')
}

/// The text without spaces around it, each run of spaces inside it as one, and typographic apostrophes made plain.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_space);
    if trimmed.is_ascii() && !trimmed.bytes().any(|b| b.is_ascii_control()) && !trimmed.contains("  ") {
        return Cow::Borrowed(trimmed);
    }
    let mut tidied = String::with_capacity(trimmed.len());
    let mut in_space = false;
    for letter in trimmed.chars() {
        if is_space(letter) {
            in_space = true;
            continue;
        }
        if std::mem::take(&mut in_space) {
            tidied.push(' ');
        }
        tidied.push(if matches!(letter, '\u{2018}' | '\u{2019}' | '\u{2bc}') { '\'' } else { letter });
    }
    Cow::Owned(tidied)
}

/// [`tidy`] in lower case: how header names and the words of rules are compared.
pub(crate) fn fold(text: &str) -> String {
    tidy(text).to_lowercase()
}

/// Puts the cell's [`fold`] into `into`, without a new string for the plain cells that most are.
pub(crate) fn fold_cell(encoding: Encoding, cell: &[u8], into: &mut String) {
    into.clear();
    let plain = cell.trim_ascii();
    let is_plain = plain.iter().all(|b| (b' '..=b'~').contains(b)) && !plain.windows(2).any(|pair| pair == b"  ");
    match std::str::from_utf8(plain) {
        Ok(text) if is_plain => {
            into.push_str(text);
            into.make_ascii_lowercase();
        }
        _ => into.push_str(&fold(&encoding.decode(cell))),
    }
}

/// A cell as a message may show it: tidied, without control characters, and cut after sixty letters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let tidied: String = tidy(text).chars().filter(|letter| !letter.is_control()).collect();
    if tidied.is_empty() {
        return "an empty cell".to_owned();
    }
    match tidied.char_indices().nth(MOST) {
        Some((cut, _)) => format!("\u{201c}{}…\u{201d}", &tidied[..cut]),
        None => format!("\u{201c}{tidied}\u{201d}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cells_are_compared_without_regard_to_spaces_case_and_apostrophes() {
        assert_eq!(fold("\u{feff} Children\u{2019}s \u{a0} Services\r\n"), "children's services");
        assert_eq!(fold("Cost\nCentre"), "cost centre");
        assert_eq!(tidy("  Care  Block "), "Care Block");
    }

    #[test]
    fn letters_are_found_whatever_the_encoding() {
        assert_eq!(Encoding::Auto.decode("Amount (£)".as_bytes()), "Amount (£)");
        assert_eq!(Encoding::Auto.decode(b"Amount (\xa3)"), "Amount (£)");
        assert_eq!(Encoding::Windows1252.decode(b"Children\x92s"), "Children\u{2019}s");
        assert!(!Encoding::Utf8.can_read(b"\xa3") && Encoding::Auto.can_read(b"\xa3"));
    }

    #[test]
    fn a_long_cell_is_shown_cut_and_an_empty_one_said() {
        assert_eq!(shown(" \t"), "an empty cell");
        assert_eq!(shown(&"é".repeat(200)).chars().count(), 63);
    }

    proptest! {
        #[test]
        fn the_short_way_folds_as_the_long_way(cell in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut folded = String::new();
            for encoding in [Encoding::Auto, Encoding::Utf8, Encoding::Windows1252] {
                fold_cell(encoding, &cell, &mut folded);
                prop_assert_eq!(&folded, &fold(&encoding.decode(&cell)));
            }
        }
    }
}

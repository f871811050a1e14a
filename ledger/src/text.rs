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

/// Whether a character only takes up space.
pub(crate) fn is_space(letter: char) -> bool {
    letter.is_whitespace()
}

/// Whether a character cannot be seen at all: the byte-order mark, marks of direction, joiners and the like. Programs leave them
/// behind, and nobody who reads the cell knows.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{ff07}')
}

/// The text as it is read: without spaces around it, each run of spaces inside it as one, without what cannot be seen, and with
/// typographic apostrophes and hyphens made plain. What only tells a spreadsheet that a cell is a text goes too: an apostrophe before
/// it, or `="…"` around it.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    let bare = as_text(text);
    if bare.is_ascii() && !bare.bytes().any(|b| b.is_ascii_control()) && !bare.contains("  ") {
        return Cow::Borrowed(bare);
    }
    let mut tidied = String::with_capacity(bare.len());
    let mut in_space = false;
    for letter in bare.chars().filter(|letter| !is_invisible(*letter)) {
        if is_space(letter) {
            in_space = true;
            continue;
        }
        if std::mem::take(&mut in_space) {
            tidied.push(' ');
        }
        tidied.push(match letter {
            _ if is_apostrophe(letter) => '\'',
            '\u{2010}' | '\u{2011}' => '-',
            _ => letter,
        });
    }
    Cow::Owned(tidied)
}

/// The text without what surrounds it and is not read.
fn as_text(text: &str) -> &str {
    let is_around = |letter: char| is_space(letter) || is_invisible(letter);
    let trimmed = text.trim_matches(is_around);
    let formula = trimmed.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    formula.unwrap_or(trimmed).trim_start_matches(|letter| is_around(letter) || is_apostrophe(letter)).trim_end_matches(is_around)
}

/// [`tidy`] in lower case and without control characters: how header names and the words of rules are compared.
pub(crate) fn fold(text: &str) -> String {
    let is_control = |letter: char| letter.is_control() && !is_space(letter);
    if text.contains(is_control) {
        return tidy(&text.replace(is_control, "")).to_lowercase();
    }
    tidy(text).to_lowercase()
}

/// Puts the cell's [`fold`] into `into`, without a new string for the plain cells that most are.
pub(crate) fn fold_cell(encoding: Encoding, cell: &[u8], into: &mut String) {
    into.clear();
    let plain = cell.trim_ascii();
    let is_marked = matches!(plain.first(), Some(b'\'' | b'='));
    let is_plain = !is_marked && plain.iter().all(|b| (b' '..=b'~').contains(b)) && !plain.windows(2).any(|pair| pair == b"  ");
    match std::str::from_utf8(plain) {
        Ok(text) if is_plain => {
            into.push_str(text);
            into.make_ascii_lowercase();
        }
        _ => into.push_str(&fold(&encoding.decode(cell))),
    }
}

/// Whether a folded cell is what a spreadsheet shows where a formula failed, or a formula that nobody has worked out.
pub(crate) fn is_failed_formula(folded: &str) -> bool {
    const ERRORS: [&str; 14] = [
        "n/a",
        "ref!",
        "value!",
        "div/0!",
        "name?",
        "null!",
        "num!",
        "spill!",
        "calc!",
        "field!",
        "blocked!",
        "connect!",
        "unknown!",
        "getting_data",
    ];
    let is_error = |text: &str| ERRORS.contains(&text) || text.starts_with("err");
    match folded.strip_prefix('#') {
        Some(rest) => is_error(rest) || (rest.len() >= 2 && rest.bytes().all(|b| b == b'#')),
        None => {
            folded.strip_prefix("err:").is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()))
                || (folded.len() > 1 && folded.starts_with('='))
        }
    }
}

#[cfg(test)]
mod tests;

//! The fonts that are built in.

use crate::signs::clean;
use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::Font;

/// Liberation Sans has the measures of Arial. DejaVu Sans has what it lacks, for example Arabic and signs.
pub const FILES: [&[u8]; 5] = [
    include_bytes!("../fonts/LiberationSans-Regular.ttf"),
    include_bytes!("../fonts/LiberationSans-Bold.ttf"),
    include_bytes!("../fonts/LiberationSans-Italic.ttf"),
    include_bytes!("../fonts/LiberationSans-BoldItalic.ttf"),
    include_bytes!("../fonts/DejaVuSans.ttf"),
];

/// The fonts, read.
pub static READ: LazyLock<Vec<Font>> = LazyLock::new(|| FILES.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect());

/// Words as the fonts can show them: a sign that none has is named, one that is never seen is left out.
pub fn shown(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for sign in clean(text).chars() {
        if sign == ' ' || has(sign) {
            words.push(sign);
        } else if !is_unseen(sign) {
            words.push_str(&format!("[U+{:04X}]", u32::from(sign)));
        }
    }
    words
}

/// Both letters that stand upright and slanted ones have it: Liberation Sans has the same signs in each.
fn has(sign: char) -> bool {
    READ.iter().any(|font| font.info().coverage.contains(u32::from(sign)))
}

/// Signs that join, part or turn others.
fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{00AD}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_no_font_has_are_named() {
        assert_eq!(shown("Größe £5 – “quotes” سلام"), "Größe £5 – “quotes” سلام");
        assert_eq!(shown("a 漢 \u{1F469}\u{200D}\u{10FFFF}"), shown("a [U+6F22] [U+1F469]\u{200D}[U+10FFFF]"));
    }
}

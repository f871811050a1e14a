//! Signs that a format cannot hold, or reads as its own.

/// Text without the control signs that neither a page nor a word processor's file may hold, and without those that turn the direction of
/// what follows: after U+202E a reader sees 14 for 41. A tab and a line's end become spaces.
pub fn clean(text: &str) -> String {
    let turns = |sign: char| matches!(sign, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let allowed = |sign: char| !sign.is_control() && !turns(sign) && !matches!(sign, '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|sign| if sign.is_whitespace() && sign.is_control() { ' ' } else { sign }).filter(|sign| allowed(*sign)).collect()
}

/// Text as XML and HTML hold it, within tags and within quotes.
pub fn escaped(text: &str) -> String {
    quick_xml::escape::escape(clean(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_as_markup_and_nothing_breaks_a_file() {
        assert_eq!(escaped("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&apos;2&apos;&gt;&amp;");
        assert_eq!(clean("a\u{0}b\u{7}c\td\ne\u{FFFE}\u{85}é😀"), "abc d e é😀");
        // Marks that belong to a word stay: Arabic and Hebrew need them.
        assert_eq!(clean("\u{202A}a\u{202E}41\u{202C}\u{2066}b\u{2069}\u{200F}ש"), "a41b\u{200F}ש");
    }
}

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
fn what_cannot_be_seen_is_not_read() {
    for code in [
        "CWD10\u{200e}",
        "\u{200f}CWD10",
        "CWD\u{200b}10",
        "C\u{ad}WD10",
        "\u{feff}CWD10",
        "\u{202a}CWD10\u{202c}",
        "CWD\u{2060}10",
        "\u{a0}CWD10\u{a0}",
        "\u{2066}cwd10\u{2069}",
        "'CWD10",
        " ' CWD10",
        "\u{2019}CWD10",
        "=\"CWD10\"",
        "CWD10\u{7}",
        "\u{1a}CWD10",
        "CWD10\u{fe0f}",
    ] {
        assert_eq!(fold(code), "cwd10", "{code:?}");
        let mut folded = String::new();
        fold_cell(Encoding::Auto, code.as_bytes(), &mut folded);
        assert_eq!(folded, "cwd10", "{code:?}");
    }
    assert_eq!(fold("cwd\u{2011}10"), "cwd-10");
    assert_eq!(fold("O'Brien"), "o'brien", "an apostrophe inside a word is read");
    assert_eq!(tidy("=\"000123\""), "000123");
    assert_eq!(tidy("'"), "", "nothing is seen of it");
}

#[test]
fn a_failed_formula_is_known_in_any_program_s_words() {
    for cell in ["#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#spill!", "###", "err:502", "#err520", "=vlookup(a1"]
    {
        assert!(is_failed_formula(cell), "{cell}");
    }
    for cell in ["", "#1", "n/a", "6401", "error", "#", "##", "=", "flat #2a"] {
        assert!(!is_failed_formula(cell), "{cell}");
    }
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

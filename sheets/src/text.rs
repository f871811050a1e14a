//! Words as the two formats can hold them.

/// What Excel holds in a cell, in UTF-16 units.
const MOST_IN_A_CELL: usize = 32_767;
/// What Excel takes as a sheet's name, in UTF-16 units.
const MOST_IN_A_NAME: usize = 31;
/// What is said of a title at the foot of a page; Excel takes 255 with the rest of the footer, and a doubled `&` counts twice.
const MOST_IN_A_FOOTER: usize = 90;
/// Ends a text that was cut.
const CUT: &str = "… (cut)";

/// Text for a CSV cell. One that a spreadsheet would take for a formula gets an apostrophe before it, which makes it text.
pub(super) fn not_a_formula(cell: &str) -> String {
    if looks_like_a_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// Whether a spreadsheet that reads or edits the text would try to calculate it.
pub(super) fn looks_like_a_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// Text for a workbook's cell: signs that XML cannot hold are shown as replaced, and what Excel has no room for is cut.
pub(super) fn for_a_cell(words: &str) -> String {
    let printable: String = words.replace("\r\n", "\n").chars().map(printable).collect();
    if printable.encode_utf16().count() <= MOST_IN_A_CELL {
        return printable;
    }
    let mut text = cut(&printable, MOST_IN_A_CELL - CUT.encode_utf16().count()).to_owned();
    text.push_str(CUT);
    text
}

/// Text without line breaks.
pub(super) fn in_one_line(words: &str) -> String {
    for_a_cell(words).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text for a page's foot, where `&` begins a command.
pub(super) fn for_a_footer(words: &str) -> String {
    cut(&in_one_line(words), MOST_IN_A_FOOTER).replace('&', "&&")
}

/// A name that Excel takes for a sheet and that is none of those `taken`, which Excel compares without regard to capitals.
pub(super) fn sheet_name(wanted: &str, taken: &[String]) -> String {
    let allowed: String = in_one_line(wanted).chars().map(|sign| if "*?:[]\\/".contains(sign) { '-' } else { sign }).collect();
    let base = Some(bare(&allowed)).filter(|name| !name.is_empty()).unwrap_or("Sheet");
    let is_free = |name: &str| {
        // Excel keeps this name for itself.
        let lower = name.to_lowercase();
        lower != "history" && taken.iter().all(|other| other.to_lowercase() != lower)
    };
    let numbered = (2..).map(|number| {
        let suffix = format!(" ({number})");
        format!("{}{suffix}", bare(cut(base, MOST_IN_A_NAME - suffix.len())))
    });
    let plain = bare(cut(base, MOST_IN_A_NAME)).to_owned();
    std::iter::once(plain.clone()).chain(numbered).find(|name| is_free(name)).unwrap_or(plain)
}

/// Without spaces or apostrophes at the ends.
fn bare(name: &str) -> &str {
    name.trim_matches([' ', '\''])
}

/// The beginning of a text, of at most so many UTF-16 units, never half a sign.
fn cut(text: &str, most: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, sign)| {
        units += sign.len_utf16();
        units > most
    });
    end.map_or(text, |(at, _)| &text[..at])
}

fn printable(sign: char) -> char {
    match sign {
        '\n' | '\t' => sign,
        '\r' => '\n',
        '\u{FFFE}' | '\u{FFFF}' => char::REPLACEMENT_CHARACTER,
        sign if sign.is_control() => char::REPLACEMENT_CHARACTER,
        sign => sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_like_a_formula_gets_an_apostrophe() {
        assert_eq!(not_a_formula("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for (text, safe) in [("@a", "'@a"), ("+1", "'+1"), ("-1", "'-1"), ("\t=1", "'\t=1"), ("a-1", "a-1"), ("", "")] {
            assert_eq!(not_a_formula(text), safe);
        }
    }

    #[test]
    fn a_cell_is_cut_at_what_excel_holds_and_says_so() {
        let whole = "é".repeat(MOST_IN_A_CELL);
        assert_eq!(for_a_cell(&whole), whole);
        let long = for_a_cell(&"🧭".repeat(MOST_IN_A_CELL));
        assert!(long.ends_with("🧭… (cut)") && (MOST_IN_A_CELL - 1..=MOST_IN_A_CELL).contains(&long.encode_utf16().count()));
        assert_eq!(for_a_cell("a\0b\r\nc\u{FFFF}\td"), "a\u{FFFD}b\nc\u{FFFD}\td");
        assert_eq!(for_a_footer("R&D\n1"), "R&&D 1");
    }

    #[test]
    fn names_of_sheets_are_those_excel_takes() {
        let taken = ["Spend".to_owned(), "spend (2)".to_owned()];
        for (wanted, name) in [
            ("Spend", "Spend (3)"),
            ("SPEND", "SPEND (3)"),
            ("History", "History (2)"),
            ("", "Sheet"),
            (" '' ", "Sheet"),
            ("2024/25: [a]*?\\", "2024-25- -a----"),
            ("'Quoted'", "Quoted"),
            ("Financial projection of the panel of 2 May", "Financial projection of the pan"),
        ] {
            assert_eq!(sheet_name(wanted, &taken), name);
        }
    }

    proptest! {
        #[test]
        fn any_title_gives_a_name_of_its_own(titles in proptest::collection::vec("\\PC{0,40}|[a'A ]{0,33}", 1..20)) {
            let mut taken = Vec::new();
            for title in &titles {
                let name = sheet_name(title, &taken);
                prop_assert!((1..=MOST_IN_A_NAME).contains(&name.encode_utf16().count()), "{name:?}");
                prop_assert!(!name.contains(['*', '?', ':', '[', ']', '\\', '/']) && !name.starts_with('\'') && !name.ends_with('\''));
                taken.push(name);
            }
            let mut lower: Vec<_> = taken.iter().map(|name| name.to_lowercase()).collect();
            lower.sort();
            lower.dedup();
            prop_assert_eq!(lower.len(), titles.len());
        }
    }
}

//! An author's text.

use crate::support::read_at;
use documents::{Block, Inline, InnerLink, Level, Mistake, Placed, Placeholder, PlaceholderKind, Resolver, Value, authored};

pub struct Codes;

impl Resolver for Codes {
    fn resolve(&self, placeholder: &Placeholder) -> Result<Placed, String> {
        match (placeholder.kind, placeholder.code.as_str()) {
            (PlaceholderKind::Figure, "children") => Ok(Placed::Inlines(vec![Inline::Value(Value::Count(40))])),
            (PlaceholderKind::Table, "services") => Ok(Placed::Blocks(vec![Block::text("THE TABLE")])),
            (kind, code) => Err(format!("there is no {} {code:?}; there are: children, services", kind.as_str())),
        }
    }
}

fn read(source: &str) -> Result<Vec<Block>, Vec<Mistake>> {
    read_at(source, Level::SECTION, &Codes)
}

#[test]
fn what_authors_write_is_read() {
    let source = "# Introduction\n\nWe *listen* to **families**: see [our page](https://example.org/a_b) or <breaks@example.org>.\\\nNext line, \
                  {{figure children}} children.\n\n{{table services}}\n\n- one\n- two\n  1. first\n\n  more of two\n\n> said\n\nTable: Who to ask\n\n\
                  | Service | Number |\n| --- | ---: |\n| Home *care* | {{figure children}} |\n\n## Deeper\n";
    insta_like(&read(source).unwrap());
}

/// Written out, so that the whole of it is seen here.
fn insta_like(blocks: &[Block]) {
    let written = format!("{blocks:?}");
    for part in [
        "Heading { level: Level(1), text: \"Introduction\", anchor: \"introduction\" }",
        "Text(\"We \"), Emphasis([Text(\"listen\")]), Text(\" to \"), Strong([Text(\"families\")])",
        "Link { address: Address(\"https://example.org/a_b\"), content: [Text(\"our page\")] }",
        "Link { address: Address(\"mailto:breaks@example.org\"), content: [Text(\"breaks@example.org\")] }",
        "LineBreak, Text(\"Next line, \"), Value(Count(40)), Text(\" children.\")",
        "Paragraph([Text(\"THE TABLE\")]), List(List { kind: Bulleted",
        "List(List { kind: Numbered, items: [[Paragraph([Text(\"first\")])]] })",
        "Paragraph([Text(\"more of two\")])",
        "Quote([Paragraph([Text(\"said\")])])",
        "Table { caption: \"Who to ask\", columns: [Column { heading: \"Service\", kind: Words }, Column { heading: \"Number\", kind: Numbers }]",
        "Ordinary([Cell([Text(\"Home \"), Emphasis([Text(\"care\")])]), Cell([Value(Count(40))])])",
        "Heading { level: Level(2), text: \"Deeper\", anchor: \"deeper\" }",
    ] {
        assert!(written.contains(part), "{part}\nis not in\n{written}");
    }
}

#[test]
fn each_mistake_is_told_with_its_line_all_at_once() {
    let cases = [
        ("words\n\n<script>alert(1)</script>", 3, "HTML has no place"),
        ("a <b>word</b>", 1, "HTML has no place"),
        ("![a picture](https://example.org/x.png)", 1, "a picture has no place"),
        ("[a](http://example.org)", 1, "not to \"http://example.org\""),
        ("[a](javascript:alert)", 1, "not to \"javascript:alert\""),
        ("[](https://example.org)", 1, "has no words"),
        ("    code", 1, "a block of code"),
        ("```\ncode\n```", 1, "a block of code"),
        ("a\n\n***\n\nb", 3, "a line across"),
        ("~~a~~", 1, "struck out"),
        ("## Deep first", 1, "skips a level; write #"),
        ("# One\n\n### Three", 3, "skips a level; write ##"),
        ("- # In a list", 1, "stands in a list"),
        ("#", 1, "has no words"),
        ("{{figure children", 1, "does not end"),
        ("{{figures children}}", 1, "no kind of place-holder"),
        ("a\nb {{figure nobody}}", 2, "there is no figure \"nobody\"; there are: children, services"),
        ("a {{table services}}", 1, "{{table services}} stands among words"),
        ("# {{table services}}", 1, "stands among words"),
        ("{{figure children 1888}}", 1, "is no year"),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", 1, "has no caption"),
        ("Table: t\n\n| a | |\n| --- | --- |\n| 1 | 2 |", 3, "no heading"),
        ("Table: t\n\n| a | b |\n| --- | --- |\n| | 2 |", 5, "first cell"),
        ("a[^1]\n\n[^1]: foot", 1, "footnotes"),
        ("Table: t\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 | 5 |", 6, "more cells than the table has headings (2)"),
        ("Table: t\n\n| a | b |\n| --- | --- |\n| 1 | `2|3` |", 5, "write \\| for a |"),
        ("> Table: t\n>\n> | a | b |\n> | --- | --- |\n> 1 | 2 | |", 5, "more cells"),
    ];
    for (source, line, part) in cases {
        let mistakes = read(source).unwrap_err();
        let told = mistakes.iter().find(|mistake| mistake.line == line && mistake.detail.contains(part));
        assert!(told.is_some(), "{source:?}: {mistakes:?}");
    }
    let both = read("{{figure a}}\n\n<b>\n\n{{table b}}").unwrap_err();
    assert_eq!(both.iter().map(|mistake| mistake.line).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn a_row_with_as_many_cells_as_headings_or_fewer_is_read() {
    for row in ["| 1 | 2 |", "| 1 | 2", "1 | 2 |", "| 1 | 2 |  ", "| 1 | `a\\|b` |", "| 1 | a\\\\\\|b |", "| 1 |", "1"] {
        let source = format!("Table: t\n\n| a | b |\n| --- | --- |\n{row}\n| 3 | 4 |\n\nWords");
        assert!(read(&source).is_ok(), "{row}: {:?}", read(&source));
    }
}

#[test]
fn links_to_headings_are_given_with_their_lines_and_mistakes_hide_none() {
    let source = "[a](#one)\n\n<b>\n\n- *see\n  [b](#two)*\n\nTable: t\n\n| a |\n| --- |\n| [c](#three) |\n\n[d](https://x/#four)";
    let text = authored(source, Level::SECTION, &Codes);
    let link = |(line, anchor): (usize, &str)| InnerLink { line, anchor: anchor.to_owned() };
    assert_eq!(text.inner_links, [(1, "one"), (6, "two"), (12, "three")].map(link));
    assert_eq!((text.mistakes.len(), text.mistakes[0].line), (1, 3), "{:?}", text.mistakes);
}

#[test]
fn text_that_lies_too_deep_is_refused_and_nothing_overflows() {
    for source in ["> ".repeat(5_000) + "a", "- ".repeat(5_000) + "a", "*a **b ".repeat(5_000), "[".repeat(20_000), "{{".repeat(20_000)] {
        let _ = read(&source);
    }
    assert!(read(&("> ".repeat(40) + "a")).unwrap_err()[0].detail.contains("too deep"));
}

#[test]
fn a_level_is_where_the_first_headings_lie() {
    let level = |source, at: u8| read_at(source, Level::new(at).unwrap(), &Codes).map(|blocks| format!("{blocks:?}"));
    assert!(level("# a\n\n## b", 3).unwrap().contains("Level(4)"));
    assert!(level("# a\n\n## b\n\n### c\n\n#### d", 3).unwrap_err()[0].detail.contains("too deep"));
}

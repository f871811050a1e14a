//! Whatever is in a document is in each of its formats: once, but for headings, which the contents list has too.

use crate::support::{document, words_of_docx, words_of_html};
use documents::*;
use proptest::prelude::*;

/// Blocks whose every word is another: `w1x`, `w2x` and so on.
struct Words(usize);

impl Words {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("w{}x", self.0)
    }

    fn block(&mut self, kind: u8) -> Block {
        match kind {
            0 => Block::Paragraph(vec![
                Inline::text(self.next()),
                Inline::text(" "),
                Inline::Strong(vec![Inline::text(self.next())]),
                Inline::text(" "),
                Inline::Code(self.next()),
            ]),
            1 => Block::List(List {
                kind: ListKind::Bulleted,
                items: vec![vec![Block::text(self.next()), Block::text(self.next())], vec![Block::text(self.next())]],
            }),
            2 => Block::List(List { kind: ListKind::Numbered, items: vec![vec![self.block(1)], vec![self.block(0)]] }),
            3 => Block::Quote(vec![self.block(0), self.block(1)]),
            4 => Block::Note(Note { title: self.next(), blocks: vec![self.block(0)] }),
            5 => Block::Table(Table {
                caption: self.next(),
                columns: vec![Column::words(self.next()), Column::numbers(self.next())],
                rows: vec![
                    Row::Ordinary(vec![Cell::words(self.next()), Cell::words(self.next())]),
                    Row::Total(vec![Cell::words(self.next()), Cell::words(self.next())]),
                ],
                notes: vec![self.next()],
            }),
            _ => Block::Paragraph(vec![
                Inline::link(Address::public("https://example.org").unwrap(), self.next()),
                Inline::LineBreak,
                Inline::Emphasis(vec![Inline::text(self.next())]),
            ]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_word_stands_once_in_every_format(kinds in proptest::collection::vec(0_u8..7, 1..12)) {
        let mut words = Words(0);
        let document = document(kinds.into_iter().map(|kind| words.block(kind)).collect());
        let formats = [words_of_html(&html(&document)), words_of_docx(&docx(&document, None).unwrap()), markdown(&document), text(&document)];
        for format in &formats {
            for number in 1..=words.0 {
                prop_assert_eq!(format.matches(&format!("w{number}x")).count(), 1, "w{}x in {}", number, format);
            }
        }
    }
}

/// The letters of a PDF are numbers of its fonts: another library reads them back.
#[test]
fn every_word_stands_once_in_a_pdf() {
    let mut words = Words(0);
    let document = document((0..7).chain(0..7).map(|kind| words.block(kind)).collect());
    let file = lopdf::Document::load_mem(&pdf(&document).unwrap()).unwrap();
    let pages: Vec<u32> = file.get_pages().keys().copied().collect();
    let read: String = file.extract_text(&pages).unwrap().split_whitespace().collect();
    for number in 1..=words.0 {
        assert_eq!(read.matches(&format!("w{number}x")).count(), 1, "w{number}x in {read}");
    }
}

//! What the tests share: documents of a block, and the words that a reader finds in a file.

use documents::{Block, Document, Level, Mistake, Resolver, authored};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// A document of blocks.
pub fn document(blocks: Vec<Block>) -> Document {
    Document {
        title: "A title".to_owned(),
        subtitle: None,
        authority: "A council".to_owned(),
        description: "What it is".to_owned(),
        dated: chrono::NaiveDate::from_ymd_opt(2024, 6, 30).unwrap(),
        blocks,
    }
}

/// What an author wrote, or everything that is wrong with it.
pub fn read_at(source: &str, level: Level, resolver: &dyn Resolver) -> Result<Vec<Block>, Vec<Mistake>> {
    let text = authored(source, level, resolver);
    if text.mistakes.is_empty() { Ok(text.blocks) } else { Err(text.mistakes) }
}

/// Words as a format keeps them: without control signs, and without those that turn the direction of what follows.
pub fn kept(words: &str) -> String {
    let turns = |sign: char| matches!(sign, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let spaced = words.chars().map(|sign| if sign.is_whitespace() { ' ' } else { sign });
    spaced.filter(|sign| !sign.is_control() && !turns(*sign)).collect()
}

/// The parts of a packed file.
pub fn unpacked(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut parts = BTreeMap::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.insert(part.name().unwrap().into_owned(), content);
    }
    parts
}

/// A part of XML, which every reader of XML can read.
pub fn xml(parts: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let text = String::from_utf8(parts[name].clone()).unwrap();
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    loop {
        match reader.read_event().unwrap_or_else(|wrong| panic!("{name}: {wrong}")) {
            quick_xml::events::Event::Start(element) => {
                depth += 1;
                element.attributes().for_each(|attribute| drop(attribute.unwrap_or_else(|wrong| panic!("{name}: {wrong}"))));
            }
            quick_xml::events::Event::Empty(element) => {
                element.attributes().for_each(|attribute| drop(attribute.unwrap_or_else(|wrong| panic!("{name}: {wrong}"))));
            }
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{name}");
    text
}

/// The words of a word processor's file, as they are read.
pub fn words_of_docx(file: &[u8]) -> String {
    let text = xml(&unpacked(file), "word/document.xml");
    let mut words = String::new();
    for run in text.split("<w:t xml:space=\"preserve\">").skip(1) {
        words.push_str(&quick_xml::escape::unescape(run.split_once("</w:t>").unwrap().0).unwrap());
        if run.contains("</w:p>") {
            words.push(' ');
        }
    }
    words
}

/// The words of a page, as they are read.
pub fn words_of_html(page: &str) -> String {
    let page = scraper::Html::parse_document(page);
    let body = page.select(&scraper::Selector::parse("body").unwrap()).next().unwrap();
    body.text().collect::<Vec<_>>().join(" ")
}

//! A PDF, read back by a library that did not write it.

use crate::sample::statement;
use crate::support::{document, unpacked, xml};
use documents::{Block, Cell, Column, Level, Row, Table, docx, pdf};
use lopdf::{Dictionary, Document, Object};

fn read(file: &[u8]) -> Document {
    Document::load_mem(file).unwrap()
}

fn text(object: &Object) -> String {
    lopdf::decode_text_string(object).unwrap()
}

fn catalog(file: &Document) -> &Dictionary {
    file.catalog().unwrap()
}

/// Every dictionary of the file's structure: what kind of part it is, and its alternative text.
fn structure(file: &Document) -> Vec<(String, Option<String>, Dictionary)> {
    let elements =
        file.objects.values().filter_map(|object| object.as_dict().ok()).filter(|dictionary| dictionary.has(b"S") && dictionary.has(b"P"));
    elements
        .filter_map(|element| {
            let kind = String::from_utf8_lossy(element.get(b"S").ok()?.as_name().ok()?).into_owned();
            Some((kind, element.get(b"Alt").ok().map(text), element.clone()))
        })
        .collect()
}

#[test]
fn a_pdf_says_its_title_its_language_and_what_its_parts_are() {
    let file = read(&pdf(&statement()).unwrap());
    let root = catalog(&file);
    assert_eq!(text(root.get(b"Lang").unwrap()), "en-GB");
    let marked = file.dereference(root.get(b"MarkInfo").unwrap()).unwrap().1.as_dict().unwrap().clone();
    assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
    assert!(root.has(b"StructTreeRoot") && root.has(b"Outlines"));
    let shown = file.dereference(root.get(b"ViewerPreferences").unwrap()).unwrap().1.as_dict().unwrap().clone();
    assert!(shown.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());
    let info = file.dereference(file.trailer.get(b"Info").unwrap()).unwrap().1.as_dict().unwrap().clone();
    assert_eq!(text(info.get(b"Title").unwrap()), "Short Breaks Service Statement");
    let metadata = file.dereference(root.get(b"Metadata").unwrap()).unwrap().1.as_stream().unwrap().clone();
    let metadata = String::from_utf8(metadata.decompressed_content().unwrap_or(metadata.content)).unwrap();
    assert!(
        metadata.contains("pdfuaid:part") && metadata.contains("pdfaid:part") && metadata.contains("Short Breaks Service Statement"),
        "{metadata}"
    );
}

#[test]
fn headings_tables_and_charts_are_tagged_as_such() {
    let file = read(&pdf(&statement()).unwrap());
    let parts = structure(&file);
    let count = |kind: &str| parts.iter().filter(|(one, _, _)| one == kind).count();
    assert_eq!((count("H1"), count("H2"), count("H3")), (7, 8, 1), "with the heading of the contents");
    assert_eq!(count("Table"), 7);
    assert!(count("TH") > 40 && count("TD") > 100 && count("LI") > 10 && count("Link") > 10, "{} {}", count("TH"), count("TD"));
    let alternatives: Vec<String> =
        parts.iter().filter(|(kind, _, _)| kind == "Figure").filter_map(|(_, alternative, _)| alternative.clone()).collect();
    assert_eq!(alternatives.len(), 3, "{alternatives:?}");
    assert!(alternatives[0].contains("Most children had community support in the school holidays: 78"), "{alternatives:?}");
    // A cell that heads its row says so, and one that heads its column too.
    let scopes = |scope: &str| {
        let attributes = parts.iter().filter(|(kind, _, _)| kind == "TH").filter_map(|(_, _, cell)| cell.get(b"A").ok());
        attributes.filter(|attribute| format!("{:?}", file.dereference(attribute).unwrap().1).contains(scope)).count()
    };
    assert!(scopes("Row") >= 35 && scopes("Column") >= 20, "{} {}", scopes("Row"), scopes("Column"));
}

#[test]
fn every_font_is_inside() {
    let file = read(&pdf(&statement()).unwrap());
    let fonts: Vec<&Dictionary> =
        file.objects.values().filter_map(|object| object.as_dict().ok()).filter(|one| one.has(b"FontName") && one.has(b"Flags")).collect();
    assert!(!fonts.is_empty());
    assert!(fonts.iter().all(|font| font.has(b"FontFile2") || font.has(b"FontFile3")), "{fonts:?}");
}

#[test]
fn levels_that_skip_and_headings_inside_others_are_mended() {
    let blocks = vec![
        Block::heading(Level::POINT, "Deep"),
        Block::heading(Level::SECTION, "Up"),
        Block::Quote(vec![Block::heading(Level::SECTION, "Inside")]),
    ];
    let file = read(&pdf(&document(blocks)).unwrap());
    let kinds: Vec<String> = structure(&file).into_iter().map(|(kind, _, _)| kind).filter(|kind| kind.starts_with('H')).collect();
    assert_eq!(kinds, ["H1", "H1"]);
}

#[test]
fn a_heading_stands_on_the_turned_page_of_its_table() {
    let columns =
        std::iter::once(Column::words("Budget line")).chain((0..14).map(|place| Column::numbers(format!("Month {place}")))).collect();
    let amounts = (0..14).map(|_| Cell::words("£123,456.78"));
    let wide = Table {
        caption: "Wide".to_owned(),
        columns,
        rows: vec![Row::Ordinary(std::iter::once(Cell::words("Home care")).chain(amounts).collect())],
        notes: Vec::new(),
    };
    let blocks = vec![
        Block::heading(Level::SECTION, "Upright"),
        Block::text("A text of its own."),
        Block::heading(Level::SECTION, "Turned"),
        Block::text("What the table is about."),
        Block::Table(wide),
    ];
    let document = document(blocks);
    let file = read(&pdf(&document).unwrap());
    // Where an entry of the outline leads: to a page that is wider than it is high, or not.
    let turned = |entry: &Dictionary| {
        let action = file.dereference(entry.get(b"Dest").or_else(|_| entry.get(b"A")).unwrap()).unwrap().1.clone();
        let place = action.as_dict().map_or(action.clone(), |action| action.get(b"D").unwrap().clone());
        let page = file.get_dictionary(place.as_array().unwrap()[0].as_reference().unwrap()).unwrap().clone();
        let sides: Vec<f32> = page.get(b"MediaBox").unwrap().as_array().unwrap().iter().map(|side| side.as_float().unwrap()).collect();
        sides[2] > sides[3]
    };
    let outlines = file.dereference(catalog(&file).get(b"Outlines").unwrap()).unwrap().1.as_dict().unwrap().clone();
    let first = file.dereference(outlines.get(b"First").unwrap()).unwrap().1.as_dict().unwrap().clone();
    let second = file.dereference(first.get(b"Next").unwrap()).unwrap().1.as_dict().unwrap().clone();
    assert_eq!((turned(&first), turned(&second)), (false, true));
    assert_eq!(file.get_pages().len(), 2);
    // A word processor's section ends before the heading.
    let words = xml(&unpacked(&docx(&document, None).unwrap()), "word/document.xml");
    assert!(words.find("<w:sectPr>").unwrap() < words.find(">Turned<").unwrap(), "{words}");
    assert_eq!(words.matches("w:orient=\"landscape\"").count(), 1);
}

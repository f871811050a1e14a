//! A file for word processors, unpacked and read.

use crate::sample::statement;
use crate::support::{document, unpacked, xml};
use documents::{Block, Error, Level, List, ListKind, docx};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn packed(parts: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        file.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        file.write_all(content).unwrap();
    }
    file.finish().unwrap().into_inner()
}

/// A council's template: its own names for styles, its own page and a list of its own.
fn template() -> BTreeMap<String, Vec<u8>> {
    let mut parts = unpacked(&docx(&document(Vec::new()), None).unwrap());
    let mut put = |name: &str, text: String| drop(parts.insert(name.to_owned(), text.into_bytes()));
    let space = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    put(
        "word/styles.xml",
        format!(
            "<w:styles {space}><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Corps\"><w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Titre1\"><w:name w:val=\"Heading 1\"/><w:rPr><w:color w:val=\"FF00FF\"/></w:rPr></w:style></w:styles>"
        ),
    );
    put(
        "word/numbering.xml",
        format!(
            "<w:numbering {space}><w:abstractNum w:abstractNumId=\"7\"></w:abstractNum><w:num w:numId=\"4\"><w:abstractNumId w:val=\"7\"/></w:num></w:numbering>"
        ),
    );
    put(
        "word/document.xml",
        format!(
            "<w:document {space}><w:body><w:p><w:r><w:t>The template's own words</w:t></w:r></w:p><w:sectPr w:rsidR=\"1\"><w:footerReference w:type=\"default\" r:id=\"own-footer\"/><w:pgSz w:w=\"10000\" w:h=\"20000\"/><w:pgMar w:top=\"1\" w:right=\"1000\" w:bottom=\"1\" w:left=\"2000\"/><w:cols w:space=\"5\"/></w:sectPr></w:body></w:document>"
        ),
    );
    let types = String::from_utf8(parts["[Content_Types].xml"].clone()).unwrap().replace("document.main+xml", "template.main+xml");
    parts.insert("[Content_Types].xml".to_owned(), types.into_bytes());
    parts
}

#[test]
fn a_file_has_headings_tables_whose_heads_repeat_and_alternative_texts() {
    let parts = unpacked(&docx(&statement(), None).unwrap());
    for name in parts.keys().filter(|name| name.ends_with(".xml") || name.ends_with(".rels")) {
        xml(&parts, name);
    }
    let text = xml(&parts, "word/document.xml");
    for (part, number) in [
        ("<w:pStyle w:val=\"Heading1\"/>", 6),
        ("<w:pStyle w:val=\"Heading2\"/>", 8),
        ("<w:pStyle w:val=\"Title\"/>", 1),
        ("<w:tblHeader/>", 7),
        ("<w:pStyle w:val=\"Caption\"/>", 10),
        ("<wp:docPr ", 3),
        (" descr=\"Children by service, this year and last. Most children", 2),
        ("w:orient=\"landscape\"", 1),
        ("<w:sectPr>", 3),
    ] {
        assert_eq!(text.matches(part).count(), number, "{part}");
    }
    assert!(xml(&parts, "docProps/core.xml").contains("<dc:title>Short Breaks Service Statement</dc:title>"));
    assert!(xml(&parts, "word/styles.xml").contains("<w:lang w:val=\"en-GB\""));
    assert_eq!(parts.keys().filter(|name| name.ends_with(".png")).count(), 3);
    // What the text knows of is there, each once.
    let relations = xml(&parts, "word/_rels/document.xml.rels");
    for id in text
        .split("r:id=\"")
        .chain(text.split("r:embed=\""))
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| id)
        .filter(|id| !id.contains('<'))
    {
        assert_eq!(relations.matches(&format!("Id=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn a_councils_template_lends_its_styles_and_its_page() {
    let list = Block::List(List { kind: ListKind::Numbered, items: vec![vec![Block::text("one")]] });
    let made = docx(&document(vec![Block::heading(Level::SECTION, "A heading"), list]), Some(&packed(&template()))).unwrap();
    let parts = unpacked(&made);
    let text = xml(&parts, "word/document.xml");
    assert!(text.contains("<w:pStyle w:val=\"Titre1\"/>") && !text.contains("own words"), "{text}");
    assert!(text.contains("<w:pgSz w:w=\"10000\" w:h=\"20000\"/><w:pgMar w:top=\"1\" w:right=\"1000\" w:bottom=\"1\" w:left=\"2000\"/><w:cols w:space=\"5\"/></w:sectPr>"), "{text}");
    assert!(text.contains("<w:numId w:val=\"5\"/>"), "{text}");
    let numbering = xml(&parts, "word/numbering.xml");
    let order = [
        "w:abstractNumId=\"7\"",
        "w:abstractNumId=\"8\"",
        "w:abstractNumId=\"9\"",
        "w:numId=\"4\"",
        "w:numId=\"5\"><w:abstractNumId w:val=\"9\"",
    ];
    let places: Vec<usize> = order.iter().map(|part| numbering.find(part).unwrap_or_else(|| panic!("{part} in {numbering}"))).collect();
    assert!(places.is_sorted(), "{numbering}");
    let styles = xml(&parts, "word/styles.xml");
    assert!(
        styles.contains("FF00FF")
            && !styles.contains("styleId=\"Heading1\"")
            && styles.contains("<w:name w:val=\"heading 2\"/><w:basedOn w:val=\"Corps\"/>"),
        "{styles}"
    );
    assert!(xml(&parts, "[Content_Types].xml").contains("document.main+xml"));
}

#[test]
fn what_is_no_template_is_refused_in_words() {
    let without = |name: &str| {
        let mut parts = template();
        parts.remove(name);
        packed(&parts)
    };
    let with = |name: &str, text: &str| {
        let mut parts = template();
        parts.insert(name.to_owned(), text.as_bytes().to_vec());
        packed(&parts)
    };
    let cases = [
        (b"no zip".to_vec(), "no file of Word"),
        (without("word/styles.xml"), "no styles"),
        (without("word/document.xml"), "no word/document.xml"),
        (without("[Content_Types].xml"), "no file of Word"),
        (with("word/vbaProject.bin", ""), "macros"),
        (with("word/document.xml", "<w:document/>"), "no size of the page"),
        (with("word/styles.xml", "<w:styles><w:a></w:b>"), "damaged"),
    ];
    for (file, part) in cases {
        match docx(&document(Vec::new()), Some(&file)) {
            Err(Error::Template(told)) => assert!(told.contains(part), "{told}"),
            other => panic!("{part}: {other:?}"),
        }
    }
}

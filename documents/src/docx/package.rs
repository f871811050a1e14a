//! The parts of the file, and how they know of one another.

use super::body::{Body, Related};
use super::styles;
use crate::Error;
use crate::model::{Document, LANGUAGE};
use crate::signs::escaped;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The parts of a file by their names.
pub type Parts = BTreeMap<String, Vec<u8>>;

/// Where the parts are named with what they are.
pub const TYPES: &str = "[Content_Types].xml";
/// What the text knows of.
pub const RELATIONS: &str = "word/_rels/document.xml.rels";
/// What the whole file knows of.
pub const ROOT_RELATIONS: &str = "_rels/.rels";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const RELATIONSHIP: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORD_PART: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// A part of XML.
pub fn part(text: &str) -> Vec<u8> {
    format!("{DECLARATION}{text}").into_bytes()
}

/// The parts of a file without a template: only the text is lacking.
pub fn own_parts() -> Parts {
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                 <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
    let relations = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"></Relationships>";
    let main = format!("<Relationship Id=\"rId1\" Type=\"{RELATIONSHIP}/officeDocument\" Target=\"word/document.xml\"/>");
    let mut parts = Parts::new();
    parts.insert(TYPES.to_owned(), part(types));
    parts.insert(ROOT_RELATIONS.to_owned(), part(&before_end(relations, "</Relationships>", &main)));
    parts.insert(RELATIONS.to_owned(), part(relations));
    put_part(&mut parts, "styles", &styles::own());
    put_part(&mut parts, "numbering", &styles::numbering());
    let settings = format!(
        "<w:settings {}><w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat><w:themeFontLang w:val=\"{LANGUAGE}\"/></w:settings>",
        styles::NAMESPACE
    );
    put_part(&mut parts, "settings", &settings);
    put_part(&mut parts, "footer", &styles::footer());
    parts
}

/// Puts a part into `word/` that the text knows of as `own` and its name.
pub fn put_part(parts: &mut Parts, name: &str, text: &str) {
    let path = format!("word/{name}.xml");
    let declared = format!("<Override PartName=\"/{path}\" ContentType=\"{WORD_PART}.{name}+xml\"/>");
    let relation = format!("<Relationship Id=\"own-{name}\" Type=\"{RELATIONSHIP}/{name}\" Target=\"{name}.xml\"/>");
    parts.insert(path, part(text));
    insert(parts, TYPES, "</Types>", &declared);
    insert(parts, RELATIONS, "</Relationships>", &relation);
}

/// The text with something put before an end.
pub fn before_end(text: &str, end: &str, more: &str) -> String {
    text.rsplit_once(end).map_or_else(|| text.to_owned(), |(before, after)| format!("{before}{more}{end}{after}"))
}

/// Puts something before the end of a part.
pub fn insert(parts: &mut Parts, name: &str, end: &str, more: &str) {
    if let Some(text) = parts.get(name).map(|text| String::from_utf8_lossy(text).into_owned()) {
        parts.insert(name.to_owned(), before_end(&text, end, more).into_bytes());
    }
}

/// Puts the text, its pictures, its links and the properties into the parts.
pub fn put(parts: &mut Parts, document: &Document, body: Body) {
    parts.insert("word/document.xml".to_owned(), part(&body.text));
    let mut relations = String::new();
    for (id, related) in &body.related {
        match related {
            Related::Link(address) => {
                relations.push_str(&format!(
                    "<Relationship Id=\"{id}\" Type=\"{RELATIONSHIP}/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
                    escaped(address)
                ));
            }
            Related::Picture(png) => {
                relations.push_str(&format!("<Relationship Id=\"{id}\" Type=\"{RELATIONSHIP}/image\" Target=\"media/{id}.png\"/>"));
                parts.insert(format!("word/media/{id}.png"), png.clone());
            }
        }
    }
    insert(parts, RELATIONS, "</Relationships>", &relations);
    insert(parts, "word/numbering.xml", "</w:numbering>", &body.lists);
    let declared =
        |parts: &Parts, what: &str| parts.get(TYPES).is_some_and(|text| String::from_utf8_lossy(text).to_lowercase().contains(what));
    if !declared(parts, "extension=\"png\"") {
        insert_first(parts, "<Default Extension=\"png\" ContentType=\"image/png\"/>");
    }
    for (path, kind) in [
        ("/word/document.xml", format!("{WORD_PART}.document.main+xml")),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
    ] {
        if !declared(parts, &format!("partname=\"{}\"", path.to_lowercase())) {
            insert(parts, TYPES, "</Types>", &format!("<Override PartName=\"{path}\" ContentType=\"{kind}\"/>"));
        }
    }
    if !parts.get(ROOT_RELATIONS).is_some_and(|text| String::from_utf8_lossy(text).contains("metadata/core-properties")) {
        let core = "<Relationship Id=\"own-core\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>";
        insert(parts, ROOT_RELATIONS, "</Relationships>", core);
    }
    parts.insert("docProps/core.xml".to_owned(), part(&properties(document)));
}

/// Kinds by a name's end stand before kinds of single parts.
fn insert_first(parts: &mut Parts, more: &str) {
    if let Some(text) = parts.get(TYPES).map(|text| String::from_utf8_lossy(text).into_owned())
        && let Some((before, after)) = text.find("<Types").and_then(|at| text[at..].find('>').map(|end| text.split_at(at + end + 1)))
    {
        parts.insert(TYPES.to_owned(), format!("{before}{more}{after}").into_bytes());
    }
}

fn properties(document: &Document) -> String {
    let (title, description, authority) = (escaped(&document.title), escaped(&document.description), escaped(&document.authority));
    let subject = document.subtitle.as_deref().map(escaped).unwrap_or_default();
    let moment = format!("{}T00:00:00Z", document.dated);
    format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{title}</dc:title><dc:subject>{subject}</dc:subject>\
         <dc:creator>{authority}</dc:creator><dc:description>{description}</dc:description><dc:language>{LANGUAGE}</dc:language>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{moment}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{moment}</dcterms:modified></cp:coreProperties>"
    )
}

/// The file: its parts packed, in the same order and with the same moment every time.
pub fn zipped(parts: &Parts) -> Result<Vec<u8>, Error> {
    let plain = SimpleFileOptions::default().last_modified_time(DateTime::default());
    let ours = |wrong: &dyn std::fmt::Display| Error::Ours(format!("the file could not be packed: {wrong}"));
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    // Readers look at what the parts are first.
    let first = parts.get_key_value(TYPES).into_iter();
    for (name, content) in first.chain(parts.iter().filter(|(name, _)| *name != TYPES)) {
        // A picture is packed already.
        let method = if name.ends_with(".png") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        file.start_file(name.as_str(), plain.compression_method(method)).map_err(|wrong| ours(&wrong))?;
        file.write_all(content).map_err(|wrong| ours(&wrong))?;
    }
    Ok(file.finish().map_err(|wrong| ours(&wrong))?.into_inner())
}

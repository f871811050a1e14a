//! A council's own template: its styles, page, header and footer are taken, its text is not.

use super::package::{self, Parts, TYPES};
use super::styles::{self, Identities, STYLES};
use crate::Error;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// What a document is put into.
pub struct Base {
    /// The parts of the file, without the text.
    pub parts: Parts,
    /// The identity of each style by its name.
    pub styles: Identities,
    /// How a page is: the last section of the template.
    pub section: Section,
    /// The identity of the first kind of list; the second follows it.
    pub first_list_kind: usize,
    /// The identity of the first list.
    pub first_list: usize,
}

/// How a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What stands before the page's size: header and footer.
    pub before: String,
    /// Width, height, and the margins at left and right, in twentieths of a point.
    pub width: i64,
    /// How high.
    pub height: i64,
    /// What lies between the margins.
    pub room: i64,
    /// The margins, and what stands after them.
    pub after: String,
}

/// A template is no larger than this, packed and unpacked.
const LARGEST: u64 = 64 * 1024 * 1024;
const MOST_PARTS: usize = 2_000;

fn wrong(reason: impl Into<String>) -> Error {
    Error::Template(reason.into())
}

/// What a document is put into without a template: A4.
pub fn own() -> Base {
    let before = "<w:footerReference w:type=\"default\" r:id=\"own-footer\"/>".to_owned();
    let after =
        "<w:pgMar w:top=\"1134\" w:right=\"1120\" w:bottom=\"1134\" w:left=\"1120\" w:header=\"600\" w:footer=\"600\" w:gutter=\"0\"/>"
            .to_owned();
    let section = Section { before, width: 11_906, height: 16_838, room: 11_906 - 2 * 1_120, after };
    Base { parts: package::own_parts(), styles: styles::own_identities(), section, first_list_kind: 0, first_list: 1 }
}

/// What a document is put into with a template.
pub fn base(file: &[u8]) -> Result<Base, Error> {
    let mut parts = unpacked(file)?;
    if parts.keys().any(|name| name.ends_with("vbaProject.bin")) {
        return Err(wrong("it has macros; save it as a template without macros (.dotx)"));
    }
    let text = |parts: &Parts, name: &str| parts.get(name).map(|part| String::from_utf8_lossy(part).into_owned());
    let types = text(&parts, TYPES).ok_or_else(|| wrong("it is no file of Word; save it as .dotx or .docx"))?;
    let document =
        text(&parts, "word/document.xml").ok_or_else(|| wrong("it has no word/document.xml; save it in Word as .dotx or .docx"))?;
    let own_styles = text(&parts, "word/styles.xml").ok_or_else(|| wrong("it has no styles; save it in Word as .dotx or .docx"))?;
    parts.insert(TYPES.to_owned(), types.replace("wordprocessingml.template.main+xml", "wordprocessingml.document.main+xml").into_bytes());
    if text(&parts, package::RELATIONS).is_none() {
        parts.insert(
            package::RELATIONS.to_owned(),
            package::part("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"></Relationships>"),
        );
    }
    let (styles, normal) = identities(&own_styles)?;
    let lacking = STYLES.iter().filter(|style| !styles.contains_key(style.name));
    let more: String = lacking.map(|style| style.written(&normal)).collect();
    package::insert(&mut parts, "word/styles.xml", "</w:styles>", &more);
    let mut all = styles::own_identities();
    all.extend(styles);
    let (first_list_kind, first_list) = lists(&mut parts)?;
    Ok(Base { parts, styles: all, section: section(&document)?, first_list_kind, first_list })
}

/// The parts of a packed file, no larger than allowed.
fn unpacked(file: &[u8]) -> Result<Parts, Error> {
    let no_file = |_| wrong("it is no file of Word; save it as .dotx or .docx");
    let too_large = || wrong("it is larger than 64 MB unpacked; take pictures out of it");
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(no_file)?;
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let (mut parts, mut room) = (Parts::new(), LARGEST);
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(no_file)?;
        if part.is_dir() {
            continue;
        }
        let name = part.name().map_err(no_file)?.into_owned();
        let mut content = Vec::new();
        part.take(room + 1).read_to_end(&mut content).map_err(|_| wrong("a part of it cannot be unpacked; save it anew in Word"))?;
        room = room.checked_sub(content.len() as u64).ok_or_else(too_large)?;
        parts.insert(name, content);
    }
    Ok(parts)
}

/// An attribute of an element, by its name with its prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|one| one.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|value| value.into_owned())
}

/// The elements of a part, with where each begins.
fn elements(text: &str, mut each: impl FnMut(&BytesStart<'_>, usize)) -> Result<(), Error> {
    let mut reader = Reader::from_str(text);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => each(&element, at),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(wrong("a part of it is damaged; save it anew in Word")),
        }
    }
}

/// The identities of a template's styles by their names in lower case, and that of its ordinary paragraph.
fn identities(text: &str) -> Result<(Identities, String), Error> {
    let (mut found, mut last, mut normal) = (Identities::new(), None, "Normal".to_owned());
    elements(text, |element, _| match element.name().as_ref() {
        "w:style" => {
            last = attribute(element, "w:styleId");
            let ordinary = attribute(element, "w:default").is_some_and(|value| value == "1")
                && attribute(element, "w:type").is_some_and(|kind| kind == "paragraph");
            if let Some(id) = last.as_ref().filter(|_| ordinary) {
                normal.clone_from(id);
            }
        }
        "w:name" => {
            if let (Some(id), Some(name)) = (last.take(), attribute(element, "w:val")) {
                found.insert(name.to_lowercase(), id);
            }
        }
        _ => {}
    })?;
    Ok((found, normal))
}

/// Adds our kinds of lists to a template's numbering. The identities of the first kind and of the first list.
fn lists(parts: &mut Parts) -> Result<(usize, usize), Error> {
    let Some(text) = parts.get("word/numbering.xml").map(|part| String::from_utf8_lossy(part).into_owned()) else {
        package::put_part(parts, "numbering", &styles::numbering());
        return Ok((0, 1));
    };
    let (mut kinds, mut lists, mut first_list_at) = (Vec::new(), Vec::new(), None);
    let number = |element: &BytesStart<'_>, name| attribute(element, name).and_then(|value| value.parse::<usize>().ok());
    elements(&text, |element, at| match element.name().as_ref() {
        "w:abstractNum" => kinds.extend(number(element, "w:abstractNumId")),
        "w:num" => {
            first_list_at.get_or_insert(at);
            lists.extend(number(element, "w:numId"));
        }
        _ => {}
    })?;
    let next = |numbers: Vec<usize>| numbers.into_iter().max().map_or(0, |most| most.saturating_add(1));
    let (kind, list) = (next(kinds), next(lists).max(1));
    let at = first_list_at.or_else(|| text.rfind("</w:numbering>")).filter(|at| text.is_char_boundary(*at));
    let Some((before, after)) = at.map(|at| text.split_at(at)) else {
        return Err(wrong("its numbering is damaged; save it anew in Word"));
    };
    parts.insert("word/numbering.xml".to_owned(), format!("{before}{}{after}", styles::list_kinds(kind)).into_bytes());
    Ok((kind, list))
}

/// The last section of a template's text.
fn section(text: &str) -> Result<Section, Error> {
    let no_page = || wrong("it says no size of the page; set one in Word and save it anew");
    let begins = ["<w:sectPr>", "<w:sectPr "].into_iter().filter_map(|begin| text.rfind(begin)).max();
    let from = begins.and_then(|at| text.get(at..)).ok_or_else(no_page)?;
    let (inner, _) = from.split_once("</w:sectPr>").ok_or_else(no_page)?;
    let (_, inner) = inner.split_once('>').ok_or_else(no_page)?;
    let (mut size, mut margins) = (None, None);
    let whole = format!("<x>{inner}</x>");
    let number = |element: &BytesStart<'_>, name| attribute(element, name).and_then(|value| value.parse::<i64>().ok());
    elements(&whole, |element, at| match element.name().as_ref() {
        "w:pgSz" => size = number(element, "w:w").zip(number(element, "w:h")).map(|size| (size, at)),
        "w:pgMar" => margins = number(element, "w:left").zip(number(element, "w:right")),
        _ => {}
    })?;
    let ((width, height), at) = size.ok_or_else(no_page)?;
    let (left, right) = margins.ok_or_else(no_page)?;
    let room = width - left - right;
    if room < 2_000 {
        return Err(wrong("its margins leave no room for text; make them narrower"));
    }
    let before = whole.get("<x>".len()..at).unwrap_or_default().to_owned();
    let after = whole.get(at..).and_then(|rest| rest.split_once('>')).map(|(_, after)| after.trim_end_matches("</x>").to_owned());
    Ok(Section { before, width, height, room, after: after.unwrap_or_default() })
}

impl Section {
    /// As a word processor has it, turned or not.
    pub fn written(&self, turned: bool) -> String {
        let Section { before, width, height, after, .. } = self;
        let size = if turned {
            format!("<w:pgSz w:w=\"{height}\" w:h=\"{width}\" w:orient=\"landscape\"/>")
        } else {
            format!("<w:pgSz w:w=\"{width}\" w:h=\"{height}\"/>")
        };
        format!("<w:sectPr>{before}{size}{after}</w:sectPr>")
    }

    /// What lies between the margins, turned or not.
    pub fn room(&self, turned: bool) -> i64 {
        if turned { self.room + self.height - self.width } else { self.room }
    }
}

//! The text of a document as a word processor has it.

use super::styles::{DEEPEST_LIST, NAMESPACE};
use super::template::Base;
use crate::fitting::{self, Fit, FittedColumn};
use crate::model::{Address, Block, Chart, ColumnKind, Document, Heading, Inline, LANGUAGE, List, ListKind, Row, Table, written_date};
use crate::numbers::Numbers;
use crate::signs::escaped;
use crate::{Error, drawing};
use std::collections::BTreeMap;
use std::vec::IntoIter;

/// What the text knows of by an identity.
pub enum Related {
    /// A place outside.
    Link(String),
    /// A picture.
    Picture(Vec<u8>),
}

/// The text of a document, and what it knows of.
pub struct Body {
    /// The part of the text.
    pub text: String,
    /// What it knows of.
    pub related: Vec<(String, Related)>,
    /// The lists of the text, as the part of the numbering has them.
    pub lists: String,
}

/// With fewer headings there is no list of contents.
const FEWEST_CONTENTS: usize = 4;
/// The units of pictures to a twentieth of a point.
const PICTURE_UNITS: i64 = 635;
const PICTURE_NAMESPACES: &str = "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";

/// Where a block stands: how a paragraph of it looks.
#[derive(Debug, Clone, Default)]
struct Place {
    /// The style's name, without which it is an ordinary paragraph.
    style: Option<&'static str>,
    /// The list and how deep in it; the first paragraph of an item has its mark.
    list: Option<(usize, usize)>,
    /// How deep in lists, in steps, where there is no mark.
    indent: usize,
    /// Whether it stays with the next paragraph.
    keeps_next: bool,
    /// Whether it stands to the right.
    right: bool,
    /// How large its letters are, in points.
    letter_pt: Option<i64>,
    /// Whether its letters are heavy.
    strong: bool,
}

struct Writer<'b> {
    base: &'b Base,
    text: String,
    related: Vec<(String, Related)>,
    lists: String,
    next_list: usize,
    marks: BTreeMap<String, usize>,
    headings: IntoIter<Heading>,
    numbers: Numbers,
    pictures: usize,
    /// Whether the next paragraph begins a page.
    breaks_page: bool,
    /// Whether what leads into the next table turned the page already.
    is_turned: bool,
}

impl Body {
    /// The text of a document.
    pub fn of(document: &Document, base: &Base) -> Result<Body, Error> {
        let headings = document.headings();
        let marks = headings.iter().map(|heading| heading.anchor.clone()).zip(1..).collect();
        let mut writer = Writer {
            base,
            text: String::new(),
            related: Vec::new(),
            lists: String::new(),
            next_list: base.first_list,
            marks,
            headings: headings.clone().into_iter(),
            numbers: Numbers::default(),
            pictures: 0,
            breaks_page: false,
            is_turned: false,
        };
        writer.front(document, &headings);
        for (place, block) in document.blocks.iter().enumerate() {
            if !writer.is_turned && fitting::leading_into_turned(&document.blocks[place..]) > 0 {
                writer.end_section(false);
                writer.is_turned = true;
            }
            writer.block(block, &Place::default(), true)?;
        }
        let (body, section) = (writer.text, base.section.written(false));
        let text = format!("<w:document {NAMESPACE} {PICTURE_NAMESPACES}><w:body>{body}{section}</w:body></w:document>");
        Ok(Body { text, related: writer.related, lists: writer.lists })
    }
}

/// A run of words, as they look.
fn run(words: &str, looks: &str) -> String {
    format!("<w:r><w:rPr>{looks}<w:lang w:val=\"{LANGUAGE}\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(words))
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn style(&self, name: &str) -> String {
        self.base.styles.get(name).map(|id| escaped(id)).unwrap_or_default()
    }

    fn front(&mut self, document: &Document, headings: &[Heading]) {
        let place = |style| Place { style: Some(style), ..Place::default() };
        self.words(&document.authority, &Place::default());
        self.words(&document.title, &place("title"));
        if let Some(subtitle) = &document.subtitle {
            self.words(subtitle, &place("subtitle"));
        }
        self.words(&written_date(document.dated), &Place::default());
        if headings.len() >= FEWEST_CONTENTS {
            self.words("Contents", &place("toc heading"));
            self.contents(headings);
        }
    }

    /// The list of contents, as a field that a word processor can renew.
    fn contents(&mut self, headings: &[Heading]) {
        let shown: Vec<&Heading> = headings.iter().filter(|heading| heading.level.depth() <= 2).collect();
        let begin = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-2\" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
        let end = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
        for (place, heading) in shown.iter().enumerate() {
            let style = self.style(if heading.level.depth() == 1 { "toc 1" } else { "toc 2" });
            let mark = self.marks.get(&heading.anchor).copied().unwrap_or_default();
            let words = run(&heading.text, "");
            let (before, after) = (if place == 0 { begin } else { "" }, if place + 1 == shown.len() { end } else { "" });
            self.push(&format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{before}<w:hyperlink w:anchor=\"_Section{mark}\" w:history=\"1\">{words}</w:hyperlink>{after}</w:p>"));
        }
        self.breaks_page = true;
    }

    fn words(&mut self, words: &str, place: &Place) {
        self.paragraph(&[Inline::text(words)], place);
    }

    fn paragraph(&mut self, content: &[Inline], place: &Place) {
        let (properties, inner) = (self.properties(place), self.inlines(content, &looks(place)));
        self.push(&format!("<w:p>{properties}{inner}</w:p>"));
    }

    /// What a paragraph is, in the order that the format wants.
    fn properties(&mut self, place: &Place) -> String {
        let style = place.style.map(|name| format!("<w:pStyle w:val=\"{}\"/>", self.style(name))).unwrap_or_default();
        let keeps = if place.keeps_next { "<w:keepNext/>" } else { "" };
        let breaks = if std::mem::take(&mut self.breaks_page) { "<w:pageBreakBefore/>" } else { "" };
        let list = place
            .list
            .map(|(list, depth)| format!("<w:numPr><w:ilvl w:val=\"{depth}\"/><w:numId w:val=\"{list}\"/></w:numPr>"))
            .unwrap_or_default();
        let indent =
            if place.list.is_none() && place.indent > 0 { format!("<w:ind w:left=\"{}\"/>", 360 * place.indent) } else { String::new() };
        let side = if place.right { "<w:jc w:val=\"right\"/>" } else { "" };
        format!("<w:pPr>{style}{keeps}{breaks}{list}{indent}{side}</w:pPr>")
    }

    fn inlines(&mut self, content: &[Inline], looks: &str) -> String {
        content.iter().map(|part| self.inline(part, looks)).collect()
    }

    fn inline(&mut self, part: &Inline, looks: &str) -> String {
        // Heavy letters come before slanted ones, and a character's style before both.
        match part {
            Inline::Text(words) | Inline::Code(words) => run(words, looks),
            Inline::Value(value) => run(&value.to_string(), looks),
            Inline::Strong(content) if looks.contains("<w:b/>") => self.inlines(content, looks),
            Inline::Strong(content) => self.inlines(content, &with(looks, "<w:b/>")),
            Inline::Emphasis(content) if looks.contains("<w:i/>") => self.inlines(content, looks),
            Inline::Emphasis(content) => self.inlines(content, &with(looks, "<w:i/>")),
            Inline::LineBreak => "<w:r><w:br/></w:r>".to_owned(),
            Inline::Link { address, content } => self.link(address, content, looks),
        }
    }

    /// A place in this system, or one that is not there, is no place to go to from a file that lies elsewhere.
    fn link(&mut self, address: &Address, content: &[Inline], looks: &str) -> String {
        let mark = address.anchor().map(|anchor| self.marks.get(anchor).copied());
        if address.is_internal() || mark == Some(None) || looks.contains("<w:rStyle") {
            return self.inlines(content, looks);
        }
        let words = self.inlines(content, &format!("<w:rStyle w:val=\"{}\"/>{looks}", self.style("hyperlink")));
        match mark.flatten() {
            Some(mark) => format!("<w:hyperlink w:anchor=\"_Section{mark}\" w:history=\"1\">{words}</w:hyperlink>"),
            None => {
                let id = self.relate(Related::Link(address.as_str().to_owned()));
                format!("<w:hyperlink r:id=\"{id}\" w:history=\"1\">{words}</w:hyperlink>")
            }
        }
    }

    fn relate(&mut self, related: Related) -> String {
        let id = format!("doc{}", self.related.len() + 1);
        self.related.push((id.clone(), related));
        id
    }

    fn block(&mut self, block: &Block, place: &Place, at_top: bool) -> Result<(), Error> {
        match block {
            Block::Heading(heading) if at_top => {
                let heading = self.headings.next().unwrap_or_else(|| heading.clone());
                let mark = self.marks.get(&heading.anchor).copied().unwrap_or_default();
                let (style, words) = (self.style(&format!("heading {}", heading.level.depth())), run(&heading.text, ""));
                let breaks = if std::mem::take(&mut self.breaks_page) { "<w:pageBreakBefore/>" } else { "" };
                self.push(&format!(
                    "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{breaks}</w:pPr><w:bookmarkStart w:id=\"{mark}\" w:name=\"_Section{mark}\"/>{words}<w:bookmarkEnd w:id=\"{mark}\"/></w:p>"
                ));
            }
            Block::Heading(heading) => self.words(&heading.text, &Place { strong: true, keeps_next: true, ..place.clone() }),
            Block::Paragraph(content) => self.paragraph(content, place),
            Block::List(list) => self.list(list, place)?,
            Block::Quote(blocks) => self.blocks(blocks, &Place { style: Some("quote"), ..place.clone() })?,
            Block::Note(note) => {
                let inner = Place { style: Some("note text set apart"), ..place.clone() };
                self.words(&note.title, &Place { strong: true, keeps_next: true, ..inner.clone() });
                self.blocks(&note.blocks, &inner)?;
                self.words("", &Place { style: Some("remark below a table"), ..Place::default() });
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart)?,
        }
        Ok(())
    }

    fn blocks(&mut self, blocks: &[Block], place: &Place) -> Result<(), Error> {
        blocks.iter().try_for_each(|block| self.block(block, place, false))
    }

    fn list(&mut self, list: &List, place: &Place) -> Result<(), Error> {
        let (number, depth) = (self.next_list, place.indent.min(DEEPEST_LIST));
        self.next_list += 1;
        let (kind, style) = match list.kind {
            ListKind::Bulleted => (self.base.first_list_kind, "list bullet"),
            ListKind::Numbered => (self.base.first_list_kind + 1, "list number"),
        };
        // Each list counts for itself.
        let starts: String = (0..=DEEPEST_LIST)
            .map(|depth| format!("<w:lvlOverride w:ilvl=\"{depth}\"><w:startOverride w:val=\"1\"/></w:lvlOverride>"))
            .collect();
        self.lists.push_str(&format!("<w:num w:numId=\"{number}\"><w:abstractNumId w:val=\"{kind}\"/>{starts}</w:num>"));
        for item in &list.items {
            let inner = Place { indent: place.indent + 1, list: None, ..place.clone() };
            let marked = Place { style: Some(style), list: Some((number, depth)), ..inner.clone() };
            let rest = match item.as_slice() {
                [Block::Paragraph(content), rest @ ..] => {
                    self.paragraph(content, &marked);
                    rest
                }
                blocks => {
                    self.paragraph(&[], &marked);
                    blocks
                }
            };
            self.blocks(rest, &inner)?;
        }
        Ok(())
    }

    fn table(&mut self, table: &Table) {
        let caption = self.numbers.table(&table.caption);
        let Fit { turned, letter_pt, parts } = fitting::fit(table);
        if turned && !std::mem::take(&mut self.is_turned) {
            self.end_section(false);
        }
        let count = parts.len();
        for (place, columns) in parts.iter().enumerate() {
            let part = if count > 1 { format!(" (part {} of {count})", place + 1) } else { String::new() };
            self.words(&format!("{caption}{part}"), &Place { style: Some("caption"), keeps_next: true, ..Place::default() });
            if !columns.is_empty() {
                self.part(table, columns, turned, letter_pt);
            }
        }
        for note in table.all_notes() {
            self.words(note, &Place { style: Some("remark below a table"), ..Place::default() });
        }
        // Two tables with nothing between them would become one.
        self.words("", &Place { style: Some("remark below a table"), ..Place::default() });
        if turned {
            self.end_section(true);
        }
    }

    fn end_section(&mut self, turned: bool) {
        let section = self.base.section.written(turned);
        self.push(&format!("<w:p><w:pPr>{section}</w:pPr></w:p>"));
    }

    fn part(&mut self, table: &Table, columns: &[FittedColumn], turned: bool, letter_pt: i64) {
        let widths: Vec<i64> = columns.iter().map(|column| column.width_pt * 20).collect();
        let (sum, room) = (widths.iter().sum::<i64>().max(1), self.base.section.room(turned));
        let widths: Vec<i64> = if sum > room { widths.iter().map(|width| width * room / sum).collect() } else { widths };
        let (style, caption) = (self.style("table of figures set out"), escaped(&table.caption));
        let sum: i64 = widths.iter().sum();
        self.push(&format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{style}\"/><w:tblW w:w=\"{sum}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
             <w:tblLook w:val=\"04A0\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"1\" w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/><w:tblCaption w:val=\"{caption}\"/></w:tblPr><w:tblGrid>"
        ));
        widths.iter().for_each(|width| self.push(&format!("<w:gridCol w:w=\"{width}\"/>")));
        self.push("</w:tblGrid>");
        let place = Place { style: Some("table words"), letter_pt: (letter_pt != 10).then_some(letter_pt), ..Place::default() };
        let head: Vec<Vec<Inline>> = columns.iter().map(|column| vec![Inline::text(table.heading(column.place))]).collect();
        let at = |place: &Place, column: &FittedColumn| Place { right: table.kind(column.place) == ColumnKind::Numbers, ..place.clone() };
        let heading = Place { strong: true, keeps_next: true, ..place.clone() };
        self.push("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for ((content, column), width) in head.iter().zip(columns).zip(&widths) {
            self.cell(content, &at(&heading, column), *width);
        }
        self.push("</w:tr>");
        let whole = fitting::stays_whole(table);
        for (number, row) in table.rows.iter().enumerate() {
            let keeps_next = whole && number + 1 < table.rows.len();
            self.row(row, columns, &widths, |column| Place { strong: row.is_total(), keeps_next, ..at(&place, column) });
        }
        self.push("</w:tbl>");
    }

    fn row(&mut self, row: &Row, columns: &[FittedColumn], widths: &[i64], place: impl Fn(&FittedColumn) -> Place) {
        self.push("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (column, width) in columns.iter().zip(widths) {
            self.cell(&row.cell(column.place).0, &place(column), *width);
        }
        self.push("</w:tr>");
    }

    fn cell(&mut self, content: &[Inline], place: &Place, width: i64) {
        self.push(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>"));
        self.paragraph(content, place);
        self.push("</w:tc>");
    }

    fn chart(&mut self, chart: &Chart) -> Result<(), Error> {
        let caption = self.numbers.chart(&chart.title);
        self.words(&caption, &Place { style: Some("caption"), keeps_next: true, ..Place::default() });
        let picture = drawing::picture(chart)?;
        let width = self.base.section.room * PICTURE_UNITS;
        let height = width * i64::from(picture.height_px) / i64::from(picture.width_px.max(1));
        let id = self.relate(Related::Picture(picture.png));
        self.pictures += 1;
        let (number, title, alternative) =
            (self.pictures, escaped(&chart.title), escaped(&format!("{}. {}", chart.title, chart.description)));
        self.push(&format!(
            "<w:p><w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
             <wp:docPr id=\"{number}\" name=\"Chart {number}\" descr=\"{alternative}\" title=\"{title}\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"Chart {number}\" descr=\"{alternative}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"{id}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        ));
        self.table(&chart.table());
        Ok(())
    }
}

/// How the words of a paragraph look, in the order that the format wants.
fn looks(place: &Place) -> String {
    let strong = if place.strong { "<w:b/>" } else { "" };
    let size = place.letter_pt.map(|pt| format!("<w:sz w:val=\"{}\"/>", pt * 2)).unwrap_or_default();
    format!("{strong}{size}")
}

/// Looks with one more, in the order that the format wants: a style, heavy, slanted, a size.
fn with(looks: &str, more: &str) -> String {
    let order = ["<w:rStyle", "<w:b/>", "<w:i/>", "<w:sz"];
    let mut parts: Vec<String> = looks.split_inclusive("/>").chain([more]).map(str::to_owned).collect();
    parts.sort_by_key(|part| order.iter().position(|one| part.starts_with(one)));
    parts.concat()
}

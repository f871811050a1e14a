//! Styles by the names that word processors know them by, in every language of theirs.

use crate::model::LANGUAGE;
use std::collections::BTreeMap;

/// The prefix of a word processor's own elements.
pub const NAMESPACE: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// A style: its name, which a template may have too, what kind it is, and how it looks if the template has it not.
pub struct Style {
    /// The word processor's name for it, in lower case.
    pub name: &'static str,
    /// Our own identity for it.
    pub id: &'static str,
    kind: &'static str,
    looks: &'static str,
}

const fn paragraph(name: &'static str, id: &'static str, looks: &'static str) -> Style {
    Style { name, id, kind: "paragraph", looks }
}

/// Every style that a document uses.
pub const STYLES: [Style; 20] = [
    paragraph(
        "title",
        "Title",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:before=\"120\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:rPr><w:b/><w:color w:val=\"0B2545\"/><w:sz w:val=\"48\"/></w:rPr>",
    ),
    paragraph(
        "subtitle",
        "Subtitle",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:after=\"160\"/></w:pPr><w:rPr><w:sz w:val=\"30\"/></w:rPr>",
    ),
    paragraph(
        "heading 1",
        "Heading1",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"400\" w:after=\"160\"/><w:outlineLvl w:val=\"0\"/></w:pPr><w:rPr><w:b/><w:color w:val=\"0B2545\"/><w:sz w:val=\"34\"/></w:rPr>",
    ),
    paragraph(
        "heading 2",
        "Heading2",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"300\" w:after=\"120\"/><w:outlineLvl w:val=\"1\"/></w:pPr><w:rPr><w:b/><w:color w:val=\"0B2545\"/><w:sz w:val=\"27\"/></w:rPr>",
    ),
    paragraph(
        "heading 3",
        "Heading3",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"240\" w:after=\"100\"/><w:outlineLvl w:val=\"2\"/></w:pPr><w:rPr><w:b/><w:color w:val=\"0B2545\"/><w:sz w:val=\"24\"/></w:rPr>",
    ),
    paragraph(
        "heading 4",
        "Heading4",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"200\" w:after=\"80\"/><w:outlineLvl w:val=\"3\"/></w:pPr><w:rPr><w:b/></w:rPr>",
    ),
    paragraph(
        "heading 5",
        "Heading5",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"200\" w:after=\"80\"/><w:outlineLvl w:val=\"4\"/></w:pPr><w:rPr><w:b/></w:rPr>",
    ),
    paragraph("list bullet", "ListBullet", "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:after=\"80\"/></w:pPr>"),
    paragraph("list number", "ListNumber", "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:after=\"80\"/></w:pPr>"),
    paragraph(
        "caption",
        "Caption",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before=\"240\" w:after=\"100\"/></w:pPr><w:rPr><w:b/><w:sz w:val=\"21\"/></w:rPr>",
    ),
    paragraph(
        "quote",
        "Quote",
        "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:pBdr><w:left w:val=\"single\" w:sz=\"24\" w:space=\"8\" w:color=\"767676\"/></w:pBdr><w:ind w:left=\"284\"/></w:pPr>",
    ),
    paragraph(
        "note text set apart",
        "NoteSetApart",
        "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:pBdr><w:left w:val=\"single\" w:sz=\"36\" w:space=\"8\" w:color=\"0B2545\"/></w:pBdr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EEF1F5\"/><w:spacing w:before=\"0\" w:after=\"0\"/><w:ind w:left=\"200\"/></w:pPr>",
    ),
    paragraph(
        "table words",
        "TableWords",
        "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:before=\"50\" w:after=\"50\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:rPr><w:sz w:val=\"20\"/></w:rPr>",
    ),
    paragraph(
        "remark below a table",
        "RemarkBelow",
        "<w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:rPr><w:sz w:val=\"18\"/></w:rPr>",
    ),
    paragraph(
        "toc heading",
        "TOCHeading",
        "<w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before=\"400\" w:after=\"120\"/></w:pPr><w:rPr><w:b/><w:color w:val=\"0B2545\"/><w:sz w:val=\"30\"/></w:rPr>",
    ),
    paragraph("toc 1", "TOC1", "<w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"60\" w:after=\"60\"/></w:pPr>"),
    paragraph(
        "toc 2",
        "TOC2",
        "<w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"40\" w:after=\"40\"/><w:ind w:left=\"260\"/></w:pPr>",
    ),
    paragraph("footer", "Footer", "<w:basedOn w:val=\"Normal\"/><w:rPr><w:color w:val=\"444444\"/><w:sz w:val=\"18\"/></w:rPr>"),
    Style {
        name: "hyperlink",
        id: "Hyperlink",
        kind: "character",
        looks: "<w:rPr><w:color w:val=\"0B4F9E\"/><w:u w:val=\"single\"/></w:rPr>",
    },
    Style {
        name: "table of figures set out",
        id: "FiguresSetOut",
        kind: "table",
        looks: "<w:tblPr><w:tblBorders><w:top w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"767676\"/><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"767676\"/><w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"767676\"/></w:tblBorders><w:tblCellMar><w:left w:w=\"100\" w:type=\"dxa\"/><w:right w:w=\"100\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"0\" w:color=\"0B2545\"/></w:tcBorders><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EEF1F5\"/></w:tcPr></w:tblStylePr>",
    },
];

/// The identities of styles, by their names.
pub type Identities = BTreeMap<String, String>;

impl Style {
    /// As a part of the styles of a file.
    pub fn written(&self, normal: &str) -> String {
        let Style { name, id, kind, looks } = self;
        let looks = looks.replace("w:val=\"Normal\"", &format!("w:val=\"{normal}\""));
        format!("<w:style w:type=\"{kind}\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{looks}</w:style>")
    }
}

/// The identity of each of our own styles.
pub fn own_identities() -> Identities {
    STYLES.iter().map(|style| (style.name.to_owned(), style.id.to_owned())).collect()
}

/// The styles of a file without a template.
pub fn own() -> String {
    let styles: String = STYLES.iter().map(|style| style.written("Normal")).collect();
    format!(
        "<w:styles {NAMESPACE}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"Arial\" w:cs=\"Arial\"/><w:sz w:val=\"22\"/><w:szCs w:val=\"22\"/>\
         <w:lang w:val=\"{LANGUAGE}\" w:eastAsia=\"{LANGUAGE}\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after=\"160\" w:line=\"276\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/></w:tblPr></w:style>{styles}</w:styles>"
    )
}

/// How deep the lists of a word processor lie at most, from 0.
pub const DEEPEST_LIST: usize = 8;

/// The kinds of lists, whose identities begin at `first`: bullets, then numbers.
pub fn list_kinds(first: usize) -> String {
    let level = |bullet: bool, depth: usize| {
        let (kind, text) = if bullet {
            ("bullet", ["\u{2022}", "\u{2013}", "\u{25E6}"][depth % 3].to_owned())
        } else {
            (["decimal", "lowerLetter", "lowerRoman"][depth % 3], format!("%{}.", depth + 1))
        };
        let left = 360 * (depth + 1);
        format!(
            "<w:lvl w:ilvl=\"{depth}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{kind}\"/><w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{left}\" w:hanging=\"360\"/></w:pPr></w:lvl>"
        )
    };
    let kind = |bullet: bool| -> String { (0..=DEEPEST_LIST).map(|depth| level(bullet, depth)).collect() };
    format!(
        "<w:abstractNum w:abstractNumId=\"{first}\"><w:multiLevelType w:val=\"multilevel\"/>{}</w:abstractNum><w:abstractNum w:abstractNumId=\"{}\"><w:multiLevelType w:val=\"multilevel\"/>{}</w:abstractNum>",
        kind(true),
        first + 1,
        kind(false)
    )
}

/// The numbering of a file without a template; lists are added when they are known.
pub fn numbering() -> String {
    format!("<w:numbering {NAMESPACE}>{}</w:numbering>", list_kinds(0))
}

/// The foot of each page.
pub fn footer() -> String {
    let field = |name: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {name} </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    format!(
        "<w:ftr {NAMESPACE}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:jc w:val=\"right\"/></w:pPr><w:r><w:t xml:space=\"preserve\">Page </w:t></w:r>{}<w:r><w:t xml:space=\"preserve\"> of </w:t></w:r>{}</w:p></w:ftr>",
        field("PAGE"),
        field("NUMPAGES")
    )
}

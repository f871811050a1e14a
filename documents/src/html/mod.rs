//! A web page of one file: no script, nothing fetched, read on a telephone, on paper and by a screen reader.

use crate::drawing;
use crate::fitting::{self, Fit};
use crate::model::{Address, Block, Cell, Chart, ColumnKind, Document, Heading, Inline, LANGUAGE, ListKind, Row, Table, written_date};
use crate::numbers::Numbers;
use crate::signs::escaped;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::vec::IntoIter;

/// How the page looks.
const STYLE: &str = include_str!("page.css");
/// With fewer headings there is no list of contents.
const FEWEST_CONTENTS: usize = 3;
/// Headings deeper than this are not in the list of contents.
const DEEPEST_CONTENTS: u8 = 2;

/// The document as a page.
pub fn page(document: &Document) -> String {
    let headings = document.headings();
    let contents = contents(&headings);
    let anchors = headings.iter().map(|heading| heading.anchor.clone()).collect();
    let mut writer = Writer { page: String::new(), anchors, headings: headings.into_iter(), numbers: Numbers::default(), names: 0 };
    document.blocks.iter().for_each(|block| writer.block(block, true));
    let (title, authority) = (escaped(&document.title), escaped(&document.authority));
    let subtitle = document.subtitle.as_deref().map(escaped);
    let whole_title =
        [Some(title.clone()), subtitle.clone(), Some(authority.clone())].into_iter().flatten().collect::<Vec<_>>().join(" – ");
    let subtitle = subtitle.map(|subtitle| format!("<p class=\"subtitle\">{subtitle}</p>\n")).unwrap_or_default();
    let (description, dated, day) = (escaped(&document.description), document.dated, written_date(document.dated));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{LANGUAGE}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{whole_title}</title>\n<meta name=\"description\" content=\"{description}\">\n<meta name=\"author\" content=\"{authority}\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the text</a>\n\
         <header>\n<p class=\"authority\">{authority}</p>\n<h1>{title}</h1>\n{subtitle}<p class=\"dated\"><time datetime=\"{dated}\">{day}</time></p>\n</header>\n\
         {contents}<main id=\"content\" tabindex=\"-1\">\n{}</main>\n</body>\n</html>\n",
        writer.page
    )
}

/// The list of contents: sections, and in each its own.
fn contents(headings: &[Heading]) -> String {
    if headings.len() < FEWEST_CONTENTS {
        return String::new();
    }
    let mut list = String::from("<nav aria-labelledby=\"contents-heading\">\n<h2 id=\"contents-heading\">Contents</h2>\n<ul>\n");
    let mut depth = 0;
    for heading in headings.iter().filter(|heading| heading.level.depth() <= DEEPEST_CONTENTS) {
        list.push_str(match (depth, heading.level.depth()) {
            (0, _) => "",
            (1, 1) => "</li>\n",
            (1, _) => "\n<ul>\n",
            (_, 1) => "</li>\n</ul>\n</li>\n",
            _ => "</li>\n",
        });
        let _ = write!(list, "<li><a href=\"#{}\">{}</a>", escaped(&heading.anchor), escaped(&heading.text));
        depth = heading.level.depth();
    }
    list.push_str(if depth == 2 { "</li>\n</ul>\n</li>\n" } else { "</li>\n" });
    list.push_str("</ul>\n</nav>\n");
    list
}

/// Writes blocks, with the headings' own anchors in order.
struct Writer {
    page: String,
    anchors: BTreeSet<String>,
    headings: IntoIter<Heading>,
    numbers: Numbers,
    names: usize,
}

impl Writer {
    fn block(&mut self, block: &Block, at_top: bool) {
        match block {
            Block::Heading(heading) if at_top => {
                let heading = self.headings.next().unwrap_or_else(|| heading.clone());
                let (level, anchor, text) = (heading.level.depth() + 1, escaped(&heading.anchor), escaped(&heading.text));
                self.push(&format!("<h{level} id=\"{anchor}\">{text}</h{level}>\n"));
            }
            // A heading inside another block is no place to go to.
            Block::Heading(heading) => self.push(&format!("<p><strong>{}</strong></p>\n", escaped(&heading.text))),
            Block::Paragraph(content) => {
                let words = self.inlines(content);
                self.push(&format!("<p>{words}</p>\n"));
            }
            Block::List(list) => {
                let tag = if list.kind == ListKind::Numbered { "ol" } else { "ul" };
                self.push(&format!("<{tag}>\n"));
                list.items.iter().for_each(|item| self.item(item));
                self.push(&format!("</{tag}>\n"));
            }
            Block::Quote(blocks) => self.within("<blockquote>\n", blocks, "</blockquote>\n"),
            Block::Note(note) => {
                let opening = format!("<div class=\"note\">\n<p class=\"note-title\">{}</p>\n", escaped(&note.title));
                self.within(&opening, &note.blocks, "</div>\n");
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart),
        }
    }

    fn push(&mut self, text: &str) {
        self.page.push_str(text);
    }

    fn within(&mut self, opening: &str, blocks: &[Block], closing: &str) {
        self.push(opening);
        blocks.iter().for_each(|block| self.block(block, false));
        self.push(closing);
    }

    /// An item of one paragraph is that paragraph's words.
    fn item(&mut self, item: &[Block]) {
        self.push("<li>");
        match item {
            [Block::Paragraph(content), rest @ ..] => {
                let words = self.inlines(content);
                self.push(&words);
                if !rest.is_empty() {
                    self.push("\n");
                }
                rest.iter().for_each(|block| self.block(block, false));
            }
            blocks => blocks.iter().for_each(|block| self.block(block, false)),
        }
        self.push("</li>\n");
    }

    fn inlines(&self, content: &[Inline]) -> String {
        content.iter().map(|part| self.inline(part)).collect()
    }

    fn inline(&self, part: &Inline) -> String {
        match part {
            Inline::Text(words) => escaped(words),
            Inline::Value(value) => escaped(&value.to_string()),
            Inline::Code(words) => format!("<code>{}</code>", escaped(words)),
            Inline::Strong(content) => format!("<strong>{}</strong>", self.inlines(content)),
            Inline::Emphasis(content) => format!("<em>{}</em>", self.inlines(content)),
            Inline::LineBreak => "<br>".to_owned(),
            Inline::Link { address, content } => self.link(address, content),
        }
    }

    /// A link to a heading that is not there is no link.
    fn link(&self, address: &Address, content: &[Inline]) -> String {
        let words = self.inlines(content);
        match address.anchor() {
            Some(anchor) if !self.anchors.contains(anchor) => words,
            _ => format!("<a href=\"{}\">{words}</a>", escaped(address.as_str())),
        }
    }

    /// A name that nothing else on the page has.
    fn name(&mut self) -> String {
        self.names += 1;
        format!("part-{}", self.names)
    }

    fn table(&mut self, table: &Table) {
        let Fit { turned, letter_pt, .. } = fitting::fit(table);
        let (name, caption) = (self.name(), escaped(&self.numbers.table(&table.caption)));
        let page = if turned { " turned" } else { "" };
        let whole = if fitting::stays_whole(table) { " whole" } else { "" };
        self.push(&format!(
            "<div class=\"table letter-{letter_pt}{page}{whole}\">\n<div class=\"scrolls\" role=\"group\" aria-labelledby=\"{name}\" tabindex=\"0\">\n\
             <table>\n<caption id=\"{name}\"><span>{caption}</span></caption>\n<thead>\n<tr>"
        ));
        for place in 0..table.width() {
            let (class, heading) = (class(table, place), escaped(table.heading(place)));
            self.push(&format!("<th scope=\"col\"{class}>{heading}</th>"));
        }
        self.push("</tr>\n</thead>\n<tbody>\n");
        table.rows.iter().for_each(|row| self.row(table, row));
        self.push("</tbody>\n</table>\n</div>\n");
        for note in table.all_notes() {
            self.push(&format!("<p class=\"remark\">{}</p>\n", escaped(note)));
        }
        self.push("</div>\n");
    }

    fn row(&mut self, table: &Table, row: &Row) {
        self.push(if row.is_total() { "<tr class=\"total\">" } else { "<tr>" });
        for place in 0..table.width() {
            let Cell(content) = row.cell(place);
            let (class, words) = (class(table, place), self.inlines(content));
            self.push(&if place == 0 { format!("<th scope=\"row\"{class}>{words}</th>") } else { format!("<td{class}>{words}</td>") });
        }
        self.push("</tr>\n");
    }

    fn chart(&mut self, chart: &Chart) {
        let (name, caption) = (self.name(), escaped(&self.numbers.chart(&chart.title)));
        // A chart that cannot be drawn leaves its words and its table.
        let drawing = drawing::inline_svg(chart, &name).unwrap_or_else(|_| format!("<p>{}</p>", escaped(&chart.description)));
        self.push(&format!(
            "<figure>\n<figcaption id=\"{name}\">{caption}</figcaption>\n<div class=\"scrolls\" role=\"group\" aria-labelledby=\"{name}\" tabindex=\"0\">\n{drawing}\n</div>\n</figure>\n"
        ));
        self.table(&chart.table());
    }
}

/// The class of a cell: numbers stand to the right.
fn class(table: &Table, place: usize) -> &'static str {
    if table.kind(place) == ColumnKind::Numbers { " class=\"number\"" } else { "" }
}

//! A document as Markdown, whose words are never read as marks.

use crate::model::{Address, Block, ColumnKind, Document, Heading, Inline, List, ListKind, Row, Table, written_date};
use crate::numbers::Numbers;
use crate::signs::clean;
use std::vec::IntoIter;

/// The document as Markdown.
pub(crate) fn written(document: &Document) -> String {
    let mut writer = Writer { text: String::new(), headings: document.headings().into_iter(), numbers: Numbers::default() };
    writer.paragraph("", &format!("# {}", words(&document.title)));
    if let Some(subtitle) = &document.subtitle {
        writer.paragraph("", &format!("**{}**", words(subtitle)));
    }
    writer.paragraph("", &format!("{}, {}", words(&document.authority), written_date(document.dated)));
    document.blocks.iter().for_each(|block| writer.block(block, "", "", true));
    format!("{}\n", writer.text.trim_end())
}

/// Words in which no sign is a mark.
fn words(text: &str) -> String {
    let text = clean(text);
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let within_a_word = before.is_some_and(char::is_alphanumeric) && signs.peek().is_some_and(|next| next.is_alphanumeric());
        let marks = match sign {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '$' | '{' | '}' | '&' => true,
            '_' => !within_a_word,
            _ => false,
        };
        if marks {
            shown.push('\\');
        }
        shown.push(sign);
        before = Some(sign);
    }
    shown
}

/// A line that begins with no mark of a heading, a list or a rule.
fn line(text: &str) -> String {
    let text = text.trim();
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let after = text[digits..].chars().next();
    if digits > 0 && matches!(after, Some('.' | ')')) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['#', '-', '+', '=', ':']) { format!("\\{text}") } else { text.to_owned() }
}

/// Words between marks that stand close to them.
fn marked(mark: &str, content: &str) -> String {
    let inner = content.trim();
    if inner.is_empty() {
        return content.to_owned();
    }
    let (before, after) = (&content[..content.len() - content.trim_start().len()], &content[content.trim_end().len()..]);
    format!("{before}{mark}{inner}{mark}{after}")
}

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between blocks.
    Paragraph,
    /// In a table, where `|` ends a cell, even one within code.
    Cell,
}

fn sentence(content: &[Inline], place: Place) -> String {
    let part = |part: &Inline| match part {
        Inline::Text(text) => words(text),
        Inline::Value(value) => words(&value.to_string()),
        Inline::Strong(content) => marked("**", &sentence(content, place)),
        Inline::Emphasis(content) => marked("*", &sentence(content, place)),
        Inline::Code(text) => code(&clean(text), place),
        Inline::Link { address, content } => link(address, &sentence(content, place)),
        Inline::LineBreak => "\\\n".to_owned(),
    };
    content.iter().map(part).collect()
}

/// Code between more backticks than it has itself. Nothing says `\|` within a cell's code: such code is written as words.
fn code(text: &str, place: Place) -> String {
    if place == Place::Cell && text.contains("\\|") {
        return words(text);
    }
    let text = if place == Place::Cell { text.replace('|', "\\|") } else { text.to_owned() };
    let longest = text.split(|sign| sign != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

fn link(address: &Address, words: &str) -> String {
    let coded = [('<', "%3C"), ('>', "%3E"), ('|', "%7C"), ('\\', "%5C")];
    let target = coded.iter().fold(clean(address.as_str()), |target, (sign, code)| target.replace(*sign, code));
    if address.is_internal() { words.to_owned() } else { format!("[{words}](<{target}>)") }
}

struct Writer {
    text: String,
    headings: IntoIter<Heading>,
    numbers: Numbers,
}

impl Writer {
    /// A block of lines: the first after its own beginning, the others after `indent`.
    fn lines(&mut self, first: &str, indent: &str, text: &str) {
        for (place, line) in text.lines().enumerate() {
            self.text.push_str(if place == 0 { first } else { indent });
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.text.push_str(indent.trim_end());
        self.text.push('\n');
    }

    fn paragraph(&mut self, indent: &str, text: &str) {
        self.lines(indent, indent, text);
    }

    fn block(&mut self, block: &Block, first: &str, indent: &str, at_top: bool) {
        match block {
            Block::Heading(heading) if at_top => {
                let heading = self.headings.next().unwrap_or_else(|| heading.clone());
                let marks = "#".repeat(usize::from(heading.level.depth()) + 1);
                self.lines(first, indent, &format!("{marks} {}", words(heading.text.trim())));
            }
            Block::Heading(heading) => self.lines(first, indent, &marked("**", &words(&heading.text))),
            Block::Paragraph(content) => {
                let text = sentence(content, Place::Paragraph).split("\\\n").map(line).collect::<Vec<_>>().join("\\\n");
                self.lines(first, indent, &text);
            }
            Block::List(list) => self.list(list, first, indent),
            Block::Quote(blocks) => self.blocks(blocks, &format!("{first}> "), &format!("{indent}> ")),
            Block::Note(note) => {
                let (first, indent) = (format!("{first}> "), format!("{indent}> "));
                self.lines(&first, &indent, &marked("**", &words(&note.title)));
                self.blocks(&note.blocks, &indent, &indent);
            }
            Block::Table(table) => self.table(table, first, indent),
            Block::Chart(chart) => {
                let caption = self.numbers.chart(&chart.title);
                self.lines(first, indent, &marked("**", &words(&caption)));
                self.lines(indent, indent, &line(&words(&chart.description)));
                self.table(&chart.table(), indent, indent);
            }
        }
    }

    fn blocks(&mut self, blocks: &[Block], first: &str, indent: &str) {
        for (place, block) in blocks.iter().enumerate() {
            self.block(block, if place == 0 { first } else { indent }, indent, false);
        }
    }

    fn list(&mut self, list: &List, first: &str, indent: &str) {
        for (number, item) in (1..).zip(&list.items) {
            let mark = if list.kind == ListKind::Numbered { format!("{number}. ") } else { "- ".to_owned() };
            let beginning = if number == 1 { first } else { indent };
            self.blocks(item, &format!("{beginning}{mark}"), &format!("{indent}{}", " ".repeat(mark.len())));
        }
    }

    fn table(&mut self, table: &Table, first: &str, indent: &str) {
        let caption = self.numbers.table(&table.caption);
        self.lines(first, indent, &marked("**", &words(&caption)));
        let places = || 0..table.width();
        let joined = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let side = |place| if table.kind(place) == ColumnKind::Numbers { "---:".to_owned() } else { "---".to_owned() };
        let row = |row: &Row| {
            let cell = |place: usize| {
                let words = sentence(&row.cell(place).0, Place::Cell).replace("\\\n", " ");
                if row.is_total() { marked("**", &words) } else { words }
            };
            joined(places().map(cell).collect())
        };
        let head = [joined(places().map(|place| words(table.heading(place))).collect()), joined(places().map(side).collect())];
        let lines: Vec<String> = head.into_iter().chain(table.rows.iter().map(row)).collect();
        self.lines(indent, indent, &lines.join("\n"));
        for note in table.all_notes() {
            self.lines(indent, indent, &line(&words(note)));
        }
    }
}

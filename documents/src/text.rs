//! Plain text.

use crate::model::{Address, Block, ColumnKind, Document, Inline, List, ListKind, Row, Table, plain, written_date};
use crate::numbers::Numbers;
use crate::signs::clean;

/// How long a line is. A longer word has a line of its own.
const LINE: usize = 78;
/// A table that is wider is written row by row.
const WIDEST_TABLE: usize = 100;
/// Between two columns.
const GAP: &str = "  ";

/// The document as plain text.
pub fn written(document: &Document) -> String {
    let mut writer = Writer { lines: Vec::new(), numbers: Numbers::default() };
    writer.underlined(&document.title, '=');
    if let Some(subtitle) = &document.subtitle {
        writer.paragraph(subtitle, "", "");
    }
    writer.lines.push(clean(&document.authority));
    writer.lines.push(written_date(document.dated));
    writer.lines.push(String::new());
    document.blocks.iter().for_each(|block| writer.block(block, ""));
    while writer.lines.last().is_some_and(String::is_empty) {
        writer.lines.pop();
    }
    writer.lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The words of a sentence, each link with where it leads.
fn sentence(content: &[Inline]) -> String {
    let words = |part: &Inline| match part {
        Inline::Text(_) | Inline::Code(_) | Inline::Value(_) => plain(std::slice::from_ref(part)),
        Inline::Strong(content) | Inline::Emphasis(content) => sentence(content),
        Inline::Link { address, content } => link(address, &sentence(content)),
        Inline::LineBreak => "\n".to_owned(),
    };
    content.iter().map(words).collect()
}

fn link(address: &Address, words: &str) -> String {
    let shown = address.as_str().trim_start_matches("mailto:").trim_start_matches("tel:");
    let elsewhere = address.anchor().is_none() && !address.is_internal() && words != shown && words != address.as_str();
    if elsewhere { format!("{words} ({shown})") } else { words.to_owned() }
}

/// How many signs are seen.
fn signs(text: &str) -> usize {
    text.chars().count()
}

struct Writer {
    lines: Vec<String>,
    numbers: Numbers,
}

impl Writer {
    fn block(&mut self, block: &Block, indent: &str) {
        match block {
            Block::Heading(heading) if indent.is_empty() && heading.level.depth() == 1 => self.underlined(&heading.text, '='),
            Block::Heading(heading) if indent.is_empty() => self.underlined(&heading.text, '-'),
            Block::Heading(heading) => self.paragraph(&heading.text, indent, indent),
            Block::Paragraph(content) => self.sentence(content, indent, indent),
            Block::List(list) => self.list(list, indent),
            Block::Quote(blocks) => self.blocks(blocks, &format!("{indent}> ")),
            Block::Note(note) => {
                self.paragraph(&note.title, &format!("{indent}| "), &format!("{indent}| "));
                self.blocks(&note.blocks, &format!("{indent}| "));
            }
            Block::Table(table) => self.table(table, indent),
            Block::Chart(chart) => {
                let caption = self.numbers.chart(&chart.title);
                self.paragraph(&caption, indent, indent);
                self.paragraph(&chart.description, indent, indent);
                self.table(&chart.table(), indent);
            }
        }
    }

    fn blocks(&mut self, blocks: &[Block], indent: &str) {
        blocks.iter().for_each(|block| self.block(block, indent));
    }

    fn underlined(&mut self, text: &str, with: char) {
        let text = clean(text);
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
        self.lines.push(text.clone());
        self.lines.push(with.to_string().repeat(signs(&text).min(LINE)));
        self.lines.push(String::new());
    }

    fn sentence(&mut self, content: &[Inline], first: &str, indent: &str) {
        let text = sentence(content);
        let mut beginning = first;
        for line in text.split('\n') {
            self.filled(line, beginning, indent);
            beginning = indent;
        }
        self.lines.push(indent.trim_end().to_owned());
    }

    fn paragraph(&mut self, text: &str, first: &str, indent: &str) {
        self.filled(text, first, indent);
        self.lines.push(indent.trim_end().to_owned());
    }

    /// Words in lines of no more than their length.
    fn filled(&mut self, text: &str, first: &str, indent: &str) {
        let (mut line, mut empty) = (first.to_owned(), true);
        for word in clean(text).split_whitespace() {
            if !empty && signs(&line) + 1 + signs(word) > LINE {
                self.lines.push(std::mem::replace(&mut line, indent.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.lines.push(line);
    }

    fn list(&mut self, list: &List, indent: &str) {
        for (number, item) in (1..).zip(&list.items) {
            let mark = if list.kind == ListKind::Numbered { format!("{number}. ") } else { "- ".to_owned() };
            let (first, inner) = (format!("{indent}{mark}"), format!("{indent}{}", " ".repeat(mark.len())));
            match item.as_slice() {
                [Block::Paragraph(content), rest @ ..] => {
                    self.sentence(content, &first, &inner);
                    self.blocks(rest, &inner);
                }
                blocks => {
                    self.lines.push(first);
                    self.blocks(blocks, &inner);
                }
            }
        }
    }

    fn table(&mut self, table: &Table, indent: &str) {
        let caption = self.numbers.table(&table.caption);
        self.paragraph(&caption, indent, indent);
        let cells = |row: &Row| (0..table.width()).map(|place| clean(&sentence(&row.cell(place).0).replace('\n', " "))).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = table.rows.iter().map(cells).collect();
        let headings: Vec<String> = (0..table.width()).map(|place| clean(table.heading(place))).collect();
        let widest = |place: usize| rows.iter().chain([&headings]).map(|row| signs(&row[place])).max().unwrap_or_default();
        let widths: Vec<usize> = (0..table.width()).map(widest).collect();
        if widths.iter().map(|width| width + GAP.len()).sum::<usize>() <= WIDEST_TABLE {
            self.aligned(table, &headings, &rows, &widths, indent);
        } else {
            rows.iter().for_each(|row| self.one_by_one(&headings, row, indent));
        }
        for note in table.all_notes() {
            self.paragraph(note, indent, indent);
        }
    }

    fn aligned(&mut self, table: &Table, headings: &[String], rows: &[Vec<String>], widths: &[usize], indent: &str) {
        let line = |cells: &[String]| {
            let cell = |(place, cell): (usize, &String)| {
                let space = " ".repeat(widths[place].saturating_sub(signs(cell)));
                if table.kind(place) == ColumnKind::Numbers { format!("{space}{cell}") } else { format!("{cell}{space}") }
            };
            format!("{indent}{}", cells.iter().enumerate().map(cell).collect::<Vec<_>>().join(GAP))
        };
        let ruled: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        self.lines.push(line(headings));
        self.lines.push(line(&ruled));
        for (row, cells) in table.rows.iter().zip(rows) {
            if row.is_total() {
                self.lines.push(line(&ruled));
            }
            self.lines.push(line(cells));
        }
        self.lines.push(indent.trim_end().to_owned());
    }

    fn one_by_one(&mut self, headings: &[String], cells: &[String], indent: &str) {
        let (first, others) = (cells.first().map(String::as_str).unwrap_or_default(), cells.iter().zip(headings).skip(1));
        self.filled(first, indent, indent);
        let inner = format!("{indent}    ");
        for (cell, heading) in others.filter(|(cell, _)| !cell.is_empty()) {
            self.filled(&format!("{heading}: {cell}"), &format!("{indent}  "), &inner);
        }
        self.lines.push(indent.trim_end().to_owned());
    }
}

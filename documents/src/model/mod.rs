//! What a document is made of, whatever it is written as.

mod address;
mod chart;
mod faults;
mod table;
mod value;

pub use address::{Address, NotAnAddress};
pub use chart::{Chart, ChartKind, Series};
pub use faults::Fault;
pub use table::{Cell, Column, ColumnKind, Row, Table};
pub use value::{Value, written_date};

use chrono::NaiveDate;

/// The language of every document, as a tag that browsers, readers of PDF and word processors know. The words of [`Value`] are in it.
pub const LANGUAGE: &str = "en-GB";

/// A document: what stands on its first page, and its blocks in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is called: the one heading above all others, and the title in the file's properties.
    pub title: String,
    /// What stands below the title, for example the year.
    pub subtitle: Option<String>,
    /// The council that publishes it.
    pub authority: String,
    /// One sentence for catalogues and search: what a reader finds in it.
    pub description: String,
    /// The day that it bears. No format asks a clock: the same document gives the same bytes on any day.
    pub dated: NaiveDate,
    /// Its text, tables and charts.
    pub blocks: Vec<Block>,
}

/// A part of a document that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List(List),
    /// What somebody else said.
    Quote(Vec<Block>),
    /// A table.
    Table(Table),
    /// A chart, which brings its own table.
    Chart(Chart),
    /// A remark set apart from the text.
    Note(Note),
}

/// A heading of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// How deep the section lies.
    pub level: Level,
    /// Its words.
    pub text: String,
    /// What a link to it names, after the `#`. Where two are the same, the later gets a number.
    pub anchor: String,
}

/// How deep a section lies below the document's title, from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// What stands before its items.
    pub kind: ListKind,
    /// Its items, each with its own blocks.
    pub items: Vec<Vec<Block>>,
}

/// What stands before the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// A bullet: their order says nothing.
    Bulleted,
    /// A number, from 1.
    Numbered,
}

/// A remark set apart from the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about, in a few words.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain words. Nothing in them is read as markup, in any format.
    Text(String),
    /// Words of weight.
    Strong(Vec<Inline>),
    /// Words that are stressed.
    Emphasis(Vec<Inline>),
    /// Words that lead elsewhere.
    Link {
        /// Where they lead.
        address: Address,
        /// The words; they make sense out of their sentence.
        content: Vec<Inline>,
    },
    /// What is written exactly so, for example a code.
    Code(String),
    /// A figure, or the words that stand for it.
    Value(Value),
    /// The rest stands in a new line.
    LineBreak,
}

impl Level {
    /// A section of the document.
    pub const SECTION: Level = Level(1);
    /// A section of a section.
    pub const SUBSECTION: Level = Level(2);
    /// What is deeper still.
    pub const POINT: Level = Level(3);

    /// The level `depth` below the title: nothing but 1 to 5 is one.
    pub fn new(depth: u8) -> Option<Level> {
        (1..=5).contains(&depth).then_some(Level(depth))
    }

    /// From 1 to 5.
    pub fn depth(self) -> u8 {
        self.0
    }
}

impl Block {
    /// A heading with an anchor made from its words.
    pub fn heading(level: Level, text: impl Into<String>) -> Block {
        let text = text.into();
        Block::Heading(Heading { level, anchor: slug(&text), text })
    }

    /// A paragraph of plain words.
    pub fn text(words: impl Into<String>) -> Block {
        Block::Paragraph(vec![Inline::Text(words.into())])
    }
}

impl Inline {
    /// Plain words.
    pub fn text(words: impl Into<String>) -> Inline {
        Inline::Text(words.into())
    }

    /// Plain words that lead elsewhere.
    pub fn link(address: Address, words: impl Into<String>) -> Inline {
        Inline::Link { address, content: vec![Inline::text(words)] }
    }
}

impl Document {
    /// The headings in order, each with an anchor that no other has, and at most one level below the heading before it. Headings stand
    /// between blocks, not inside one.
    pub fn headings(&self) -> Vec<Heading> {
        let (mut seen, mut depth) = (std::collections::BTreeSet::new(), 0);
        let headings = self.blocks.iter().filter_map(|block| if let Block::Heading(heading) = block { Some(heading) } else { None });
        headings
            .map(|heading| {
                let base = if heading.anchor.is_empty() { "section" } else { &heading.anchor };
                let mut numbered = (2_u32..).map(|number| format!("{base}-{number}"));
                let mut anchor = base.to_owned();
                while !seen.insert(anchor.clone()) {
                    anchor = numbered.next().unwrap_or_default();
                }
                depth = heading.level.depth().min(depth + 1);
                Heading { anchor, level: Level(depth), text: heading.text.clone() }
            })
            .collect()
    }

    /// What keeps the document from being read by everybody: all of it at once; empty, where nothing does.
    pub fn faults(&self) -> Vec<Fault> {
        faults::of(self)
    }
}

/// The words of a sentence without what they are set in; a line's end is a space.
pub fn plain(content: &[Inline]) -> String {
    let mut text = String::new();
    for part in content {
        match part {
            Inline::Text(words) | Inline::Code(words) => text.push_str(words),
            Inline::Strong(content) | Inline::Emphasis(content) | Inline::Link { content, .. } => text.push_str(&plain(content)),
            Inline::Value(value) => text.push_str(&value.to_string()),
            Inline::LineBreak => text.push(' '),
        }
    }
    text
}

/// What a link names a heading by: its letters and digits in lower case, with hyphens between its words.
pub fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

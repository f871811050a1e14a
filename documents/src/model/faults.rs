//! What keeps a document from being read by everybody.

use super::{Block, Chart, Document, Inline, Table, plain};
use std::collections::BTreeSet;

/// What keeps a document from being read by everybody, and where. A composer's tests want none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The document has no title, authority or description.
    #[error("the document has no {0}")]
    Missing(&'static str),
    /// A heading without words.
    #[error("a heading after {0:?} has no words")]
    EmptyHeading(String),
    /// A heading that is two or more levels below the one before it.
    #[error("the heading {0:?} skips a level: a section lies one level below the section that it is in")]
    SkippedLevel(String),
    /// A heading in a list, a quote or a note.
    #[error("the heading {0:?} stands inside another block, where no contents list finds it")]
    HeadingInside(String),
    /// A table without a caption, a heading or a row's heading.
    #[error("the table {0:?} lacks {1}")]
    Table(String, &'static str),
    /// A row with more or fewer cells than there are columns.
    #[error("row {row} of the table {caption:?} has {cells} cells for {columns} columns")]
    RowWidth {
        /// The table's caption.
        caption: String,
        /// Which row, from 1.
        row: usize,
        /// How many cells it has.
        cells: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// A chart that lacks something, or whose series do not fit its categories.
    #[error("the chart {0:?} lacks {1}")]
    Chart(String, &'static str),
    /// A link without words.
    #[error("a link to {0} has no words")]
    EmptyLink(String),
    /// A link to a heading that is not there.
    #[error("a link leads to #{0}, and no heading has that anchor")]
    NoSuchAnchor(String),
}

/// Everything wrong with a document.
pub(super) fn of(document: &Document) -> Vec<Fault> {
    let mut faults = Vec::new();
    let parts = [("title", &document.title), ("authority", &document.authority), ("description", &document.description)];
    faults.extend(parts.into_iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| Fault::Missing(name)));
    let (mut before, mut depth) = (document.title.as_str(), 0);
    for block in &document.blocks {
        if let Block::Heading(heading) = block {
            if heading.text.trim().is_empty() {
                faults.push(Fault::EmptyHeading(before.to_owned()));
            }
            if heading.level.depth() > depth + 1 {
                faults.push(Fault::SkippedLevel(heading.text.clone()));
            }
            (before, depth) = (&heading.text, heading.level.depth());
        }
    }
    let anchors = document.headings().into_iter().map(|heading| heading.anchor).collect();
    let mut reader = Reader { anchors, faults };
    for block in &document.blocks {
        reader.block(block);
    }
    reader.faults
}

/// Reads a document's blocks for what is wrong with them.
struct Reader {
    anchors: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl Reader {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(_) => {}
            Block::Paragraph(content) => self.inlines(content),
            Block::List(list) => list.items.iter().for_each(|item| self.inside(item)),
            Block::Quote(blocks) => self.inside(blocks),
            Block::Note(note) => self.inside(&note.blocks),
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart),
        }
    }

    fn inside(&mut self, blocks: &[Block]) {
        for block in blocks {
            if let Block::Heading(heading) = block {
                self.faults.push(Fault::HeadingInside(heading.text.clone()));
            }
            self.block(block);
        }
    }

    fn inlines(&mut self, content: &[Inline]) {
        for part in content {
            match part {
                Inline::Strong(content) | Inline::Emphasis(content) => self.inlines(content),
                Inline::Link { address, content } => {
                    if plain(content).trim().is_empty() {
                        self.faults.push(Fault::EmptyLink(address.to_string()));
                    }
                    if let Some(anchor) = address.anchor().filter(|anchor| !self.anchors.contains(*anchor)) {
                        self.faults.push(Fault::NoSuchAnchor(anchor.to_owned()));
                    }
                    self.inlines(content);
                }
                Inline::Text(_) | Inline::Code(_) | Inline::Value(_) | Inline::LineBreak => {}
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let mut lacks = |what| self.faults.push(Fault::Table(table.caption.clone(), what));
        if table.caption.trim().is_empty() {
            lacks("a caption");
        }
        if table.columns.is_empty() {
            lacks("columns");
        }
        if table.columns.iter().any(|column| column.heading.trim().is_empty()) {
            lacks("a heading for each column");
        }
        if table.rows.iter().any(|row| row.cell(0).plain().trim().is_empty()) {
            lacks("a heading for each row");
        }
        for (place, row) in table.rows.iter().enumerate() {
            let (cells, columns) = (row.cells().len(), table.columns.len());
            if cells != columns {
                self.faults.push(Fault::RowWidth { caption: table.caption.clone(), row: place + 1, cells, columns });
            }
            row.cells().iter().for_each(|cell| self.inlines(&cell.0));
        }
    }

    fn chart(&mut self, chart: &Chart) {
        let fits = |series: &super::Series| series.values.len() == chart.categories.len();
        let checks = [
            (chart.title.trim().is_empty(), "a title"),
            (chart.description.trim().is_empty(), "a description for those who do not see it"),
            (chart.category_heading.trim().is_empty(), "a heading for its categories"),
            (chart.categories.is_empty() || chart.categories.iter().any(|name| name.trim().is_empty()), "a name for each category"),
            (chart.series.is_empty() || chart.series.iter().any(|series| series.name.trim().is_empty()), "a name for each series"),
            (!chart.series.iter().all(fits), "one figure for each category in each series"),
        ];
        let lacking = checks.into_iter().filter(|(wrong, _)| *wrong);
        self.faults.extend(lacking.map(|(_, what)| Fault::Chart(chart.title.clone(), what)));
    }
}

//! A table: columns with headings, rows whose first cell heads the row.

use super::{Address, Inline, Value, plain};

/// A table. The first cell of a row is the row's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows, in one line above it.
    pub caption: String,
    /// Its columns; the first is that of the rows' headings.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What a reader must know of single figures, below it. What `withheld` and its like mean is added by itself.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading; never empty, for a screen reader says it with every cell.
    pub heading: String,
    /// What stands in it.
    pub kind: ColumnKind,
}

/// What stands in a column: numbers stand to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Words,
    /// Numbers: counts, money, percentages.
    Numbers,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A row like others.
    Ordinary(Vec<Cell>),
    /// The sum of others.
    Total(Vec<Cell>),
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell(pub Vec<Inline>);

/// What stands where a row is shorter than others.
static BLANK: Cell = Cell(Vec::new());

impl Column {
    /// A column of words.
    pub fn words(heading: impl Into<String>) -> Column {
        Column { heading: heading.into(), kind: ColumnKind::Words }
    }

    /// A column of numbers.
    pub fn numbers(heading: impl Into<String>) -> Column {
        Column { heading: heading.into(), kind: ColumnKind::Numbers }
    }
}

impl Row {
    /// Its cells.
    pub fn cells(&self) -> &[Cell] {
        match self {
            Row::Ordinary(cells) | Row::Total(cells) => cells,
        }
    }

    /// Whether it is the sum of others.
    pub fn is_total(&self) -> bool {
        matches!(self, Row::Total(_))
    }

    /// The cell at a place; blank, where the row is shorter.
    pub fn cell(&self, place: usize) -> &Cell {
        self.cells().get(place).unwrap_or(&BLANK)
    }
}

impl Cell {
    /// Plain words.
    pub fn words(words: impl Into<String>) -> Cell {
        Cell(vec![Inline::text(words)])
    }

    /// The same cell, leading elsewhere: for example to what a figure was counted from.
    pub fn linked(self, address: Address) -> Cell {
        Cell(vec![Inline::Link { address, content: self.0 }])
    }

    /// Its words.
    pub fn plain(&self) -> String {
        plain(&self.0)
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Cell {
        Cell(vec![Inline::Value(value)])
    }
}

impl Table {
    /// How many columns its widest row or its headings need.
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.cells().len()).chain([self.columns.len()]).max().unwrap_or_default()
    }

    /// What stands in the column at a place.
    pub fn kind(&self, place: usize) -> ColumnKind {
        self.columns.get(place).map_or(ColumnKind::Words, |column| column.kind)
    }

    /// The heading of the column at a place.
    pub fn heading(&self, place: usize) -> &str {
        self.columns.get(place).map_or("", |column| &column.heading)
    }

    /// Its notes, and after them what the words mean that stand where there is no figure.
    pub fn all_notes(&self) -> Vec<&str> {
        let mut meanings: Vec<&str> = Vec::new();
        for value in self.rows.iter().flat_map(Row::cells).flat_map(|cell| values(&cell.0)) {
            if let Some(meaning) = value.meaning().filter(|meaning| !meanings.contains(meaning)) {
                meanings.push(meaning);
            }
        }
        let empty = self.rows.is_empty().then_some("There is nothing to show in this table.");
        empty.into_iter().chain(self.notes.iter().map(String::as_str)).chain(meanings).collect()
    }
}

/// The figures in a sentence.
fn values(content: &[Inline]) -> Vec<&Value> {
    let mut found = Vec::new();
    for part in content {
        match part {
            Inline::Value(value) => found.push(value),
            Inline::Strong(content) | Inline::Emphasis(content) | Inline::Link { content, .. } => found.extend(values(content)),
            Inline::Text(_) | Inline::Code(_) | Inline::LineBreak => {}
        }
    }
    found
}

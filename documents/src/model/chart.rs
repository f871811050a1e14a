//! A chart, and the table of the same figures that always stands with it.

use super::{Cell, Column, Row, Table, Value};

/// A chart. It is drawn from the same figures as the table that stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// How it is drawn.
    pub kind: ChartKind,
    /// What it shows, in one line above it.
    pub title: String,
    /// What it says, for those who do not see it: what is most and least, and how it moves.
    pub description: String,
    /// What its categories are, for example "Financial year": the heading of the table's first column.
    pub category_heading: String,
    /// The names of the categories, in order.
    pub categories: Vec<String>,
    /// What is drawn for them.
    pub series: Vec<Series>,
    /// What a reader must know of single figures.
    pub notes: Vec<String>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// A bar across for every figure, with its value beside it.
    Bars,
    /// A bar across for every category, of one part for every series: for parts of a whole, none negative.
    StackedBars,
    /// A line for every series, from the first category to the last.
    Lines,
}

/// A row of figures in a chart, one for every category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What they are, with their unit.
    pub name: String,
    /// The figures. One that is withheld is a gap, and labelled.
    pub values: Vec<Value>,
}

impl Chart {
    /// The table of the same figures.
    pub fn table(&self) -> Table {
        let columns =
            [Column::words(&self.category_heading)].into_iter().chain(self.series.iter().map(|series| Column::numbers(&series.name)));
        let row = |(place, category): (usize, &String)| {
            let values = self.series.iter().map(|series| Cell::from(series.values.get(place).cloned().unwrap_or(Value::Blank)));
            Row::Ordinary([Cell::words(category)].into_iter().chain(values).collect())
        };
        Table {
            caption: format!("Figures of the chart: {}", self.title),
            columns: columns.collect(),
            rows: self.categories.iter().enumerate().map(row).collect(),
            notes: self.notes.clone(),
        }
    }
}

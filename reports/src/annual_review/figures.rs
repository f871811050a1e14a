//! One table of figures, for the document and for the workbook alike: so that both say the same.

use crate::charts::{described, in_pounds};
use documents::{Block, Chart, ChartKind, ColumnKind, Row, Series, Table, Value};
use domain::Pence;
use sheets::{Cell, Column, Kind, Sheet, SheetChart, SheetChartKind};

/// A table of figures, perhaps with a chart of them, and what is said where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    sheet: Sheet,
    notes: Vec<String>,
    nothing: String,
    drawn: Option<Drawn>,
}

/// How figures are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawn {
    kind: SheetChartKind,
    title: String,
    /// What a number is of: "spent".
    what: &'static str,
    series: Vec<usize>,
}

impl Figures {
    /// Of these rows; the first column names the row. `tab` is a workbook's name for it, `nothing` what is said where there are no rows.
    pub(super) fn of(
        title: impl Into<String>,
        tab: &str,
        nothing: impl Into<String>,
        columns: impl Into<Vec<Column>>,
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Result<Self, sheets::Error> {
        let sheet = Sheet::new(title, columns).tab(tab).with_rows(rows)?;
        Ok(Figures { sheet, notes: Vec::new(), nothing: nothing.into(), drawn: None })
    }

    /// With what a reader must know of them.
    pub(super) fn noted(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With a chart of some columns.
    pub(super) fn drawn(mut self, kind: SheetChartKind, title: impl Into<String>, what: &'static str, series: Vec<usize>) -> Self {
        self.drawn = Some(Drawn { kind, title: title.into(), what, series });
        self
    }

    /// The rows and totals, as a workbook has them.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    /// What is said where there are no rows; none, where there are some.
    pub fn nothing(&self) -> Option<&str> {
        self.sheet.rows().is_empty().then_some(self.nothing.as_str())
    }

    /// As a document shows them.
    pub(super) fn blocks(&self) -> Vec<Block> {
        if let Some(nothing) = self.nothing() {
            return vec![Block::text(nothing)];
        }
        let chart = self.chart().map(Block::Chart);
        std::iter::once(Block::Table(self.table())).chain(chart).collect()
    }

    /// As a sheet of a workbook, with notes and chart.
    pub(super) fn written(&self, headings: &[String]) -> Sheet {
        let said = self.nothing().map(str::to_owned).into_iter();
        let lines = headings.iter().cloned().chain(said).chain(self.notes.iter().cloned());
        let sheet = lines.fold(self.sheet.clone(), Sheet::heading);
        let Some((drawn, chart)) = self.drawn.as_ref().zip(self.chart()) else { return sheet };
        sheet.charted(SheetChart {
            kind: drawn.kind,
            title: chart.title,
            description: chart.description,
            categories: 0,
            series: drawn.series.clone(),
        })
    }

    fn table(&self) -> Table {
        let sheet = &self.sheet;
        let columns = sheet.columns().iter().map(|column| match kind(column) {
            ColumnKind::Words => documents::Column::words(heading(column)),
            ColumnKind::Numbers => documents::Column::numbers(heading(column)),
        });
        let mut rows: Vec<_> = sheet.rows().iter().map(|row| Row::Ordinary(row.iter().map(|cell| value(cell).into()).collect())).collect();
        if sheet.rows().len() > 1 && sheet.columns().iter().any(Column::is_summed) {
            let total = |(place, column): (usize, &Column)| match sheet.total(place) {
                Some(total) if column.kind() == Kind::Pounds => Value::Money(Pence(total)).into(),
                Some(total) => Value::Count(total).into(),
                None if place == 0 => documents::Cell::words("Total"),
                None => Value::Blank.into(),
            };
            rows.push(Row::Total(sheet.columns().iter().enumerate().map(total).collect()));
        }
        Table { caption: sheet.title().to_owned(), columns: columns.collect(), rows, notes: self.notes.clone() }
    }

    fn chart(&self) -> Option<Chart> {
        let drawn = self.drawn.as_ref().filter(|_| !self.sheet.rows().is_empty())?;
        let cells = |place: usize| self.sheet.rows().iter().filter_map(move |row| row.get(place));
        let categories: Vec<String> = cells(0).map(|cell| value(cell).to_string()).collect();
        let series: Vec<Series> = drawn
            .series
            .iter()
            .filter_map(|place| Some((place, self.sheet.columns().get(*place)?)))
            .map(|(place, column)| Series { name: column.label(), values: cells(*place).map(|cell| in_pounds(value(cell))).collect() })
            .collect();
        let description = described(&categories, &series.first()?.values, drawn.what);
        let kind = match drawn.kind {
            SheetChartKind::Bars => ChartKind::Bars,
            SheetChartKind::Lines => ChartKind::Lines,
        };
        let category_heading = heading(self.sheet.columns().first()?);
        Some(Chart { kind, title: drawn.title.clone(), description, category_heading, categories, series, notes: Vec::new() })
    }
}

fn kind(column: &Column) -> ColumnKind {
    match column.kind() {
        Kind::Text | Kind::Date => ColumnKind::Words,
        Kind::Integer | Kind::Pounds => ColumnKind::Numbers,
    }
}

/// A column's heading; an amount has its £ with it.
fn heading(column: &Column) -> String {
    column.label().trim_end_matches(" (£)").to_owned()
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(words) => Value::Words(words.clone()),
        Cell::Date(day) => Value::Date(*day),
        Cell::Integer(number) => Value::Count(*number),
        Cell::Pence(pence) => Value::Money(Pence(*pence)),
        Cell::Blank => Value::Blank,
    }
}

/// A code as words: `whole_day` is "Whole day".
pub(super) fn words(code: &str) -> String {
    let spaced = code.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| format!("{}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// A number, where there is one.
pub(super) fn number(value: Option<i64>) -> Cell {
    value.map_or(Cell::Blank, Cell::Integer)
}

/// An amount, where there is one.
pub(super) fn pence(value: Option<i64>) -> Cell {
    value.map_or(Cell::Blank, Cell::Pence)
}

//! One typed table, written as CSV for machines and as a workbook for people.

pub mod accept;
mod chart;
mod error;
mod look;
mod plain;
mod text;
mod workbook;

pub use chart::{SheetChart, SheetChartKind};
pub use error::Error;
pub use workbook::workbook;

use chrono::{NaiveDate, NaiveDateTime};
use domain::Pence;

/// A table with a title: columns that each hold one kind of cell, rows that fit them, and totals of the columns that have one.
///
/// ```
/// # use sheets::{Cell, Column, Sheet};
/// # use domain::Pence;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let received: chrono::NaiveDate = "2024-04-19".parse()?;
/// let mut sheet = Sheet::new("Agenda", [Column::text("reference"), Column::date("received_on"), Column::pounds("year_pounds").summed()])
///     .heading("Resource panel of 2 May 2024");
/// sheet.push([Cell::text("R-1"), Cell::Date(received), Cell::from(Pence(1_400_000))])?;
/// sheet.push([Cell::text("R-2"), Cell::Blank, Cell::Pence(1)])?;
/// assert_eq!(sheet.total(2), Some(1_400_001));
/// assert_eq!(sheet.to_csv()?, "reference,received_on,year_pounds\nR-1,2024-04-19,14000.00\nR-2,,0.01\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    title: String,
    tab: Option<String>,
    headings: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    totals: Vec<i64>,
    chart: Option<SheetChart>,
}

/// A column: what it is called, what its cells hold, whether it is added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    header: String,
    label: Option<String>,
    kind: Kind,
    is_summed: bool,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// Days.
    Date,
    /// Whole numbers.
    Integer,
    /// Money: kept in whole pence, written in pounds.
    Pounds,
}

/// What one cell holds. A blank fits every column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words; never a formula, whatever they look like.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// A whole number.
    Integer(i64),
    /// Money, in whole pence.
    Pence(i64),
    /// Nothing.
    Blank,
}

impl Column {
    /// Words. The header is the name in CSV, in snake_case.
    pub fn text(header: impl Into<String>) -> Self {
        Self::of(Kind::Text, header)
    }

    /// Days.
    pub fn date(header: impl Into<String>) -> Self {
        Self::of(Kind::Date, header)
    }

    /// Whole numbers.
    pub fn integer(header: impl Into<String>) -> Self {
        Self::of(Kind::Integer, header)
    }

    /// Money. The header ends in `_pounds`.
    pub fn pounds(header: impl Into<String>) -> Self {
        Self::of(Kind::Pounds, header)
    }

    fn of(kind: Kind, header: impl Into<String>) -> Self {
        Column { header: header.into(), label: None, kind, is_summed: false }
    }

    /// With a total at the foot of a workbook's sheet. Words and days have none, and stay as they are.
    pub fn summed(mut self) -> Self {
        self.is_summed = matches!(self.kind, Kind::Integer | Kind::Pounds);
        self
    }

    /// With these words above it in a workbook, where the header's own would not do.
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Its name in CSV.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// What its cells hold.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it has a total.
    pub fn is_summed(&self) -> bool {
        self.is_summed
    }

    /// What a workbook's reader sees above it: `full_year_pounds` is `Full year (£)`.
    pub fn label(&self) -> String {
        if let Some(label) = &self.label {
            return label.clone();
        }
        let (name, unit) = match self.header.strip_suffix("_pounds") {
            Some(name) if self.kind == Kind::Pounds => (name, " (£)"),
            _ => (self.header.as_str(), ""),
        };
        let words = name.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map(|first| format!("{}{}{unit}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
    }
}

impl Cell {
    /// Words; none are a blank.
    pub fn text(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.is_empty() { Cell::Blank } else { Cell::Text(words) }
    }

    /// None for a blank, which fits everywhere.
    fn kind(&self) -> Option<Kind> {
        match self {
            Cell::Text(_) => Some(Kind::Text),
            Cell::Date(_) => Some(Kind::Date),
            Cell::Integer(_) => Some(Kind::Integer),
            Cell::Pence(_) => Some(Kind::Pounds),
            Cell::Blank => None,
        }
    }

    fn to_csv(&self) -> String {
        match self {
            Cell::Text(words) => text::not_a_formula(words),
            Cell::Date(day) => day.to_string(),
            Cell::Integer(number) => number.to_string(),
            Cell::Pence(pence) => Pence(*pence).to_pounds(),
            Cell::Blank => String::new(),
        }
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Cell::text(words)
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Cell::text(words)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Cell::Date(day)
    }
}

impl From<Pence> for Cell {
    fn from(amount: Pence) -> Self {
        Cell::Pence(amount.0)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Blank, Into::into)
    }
}

impl Sheet {
    /// One without rows.
    pub fn new(title: impl Into<String>, columns: impl Into<Vec<Column>>) -> Self {
        let columns = columns.into();
        let totals = vec![0; columns.len()];
        Sheet { title: title.into(), tab: None, headings: Vec::new(), columns, rows: Vec::new(), totals, chart: None }
    }

    /// With one more line of heading under the title; only a workbook shows it.
    pub fn heading(mut self, line: impl Into<String>) -> Self {
        self.headings.push(line.into());
        self
    }

    /// With this name on the workbook's tab; the title unless said. What Excel refuses in a name is changed.
    pub fn tab(mut self, name: impl Into<String>) -> Self {
        self.tab = Some(name.into());
        self
    }

    /// With a chart of its rows below them in a workbook; one without rows has none.
    pub fn charted(mut self, chart: SheetChart) -> Self {
        self.chart = Some(chart);
        self
    }

    /// Adds a row. Refused when it has too many or too few cells, one of the wrong kind, or takes a total out of an `i64`.
    pub fn push(&mut self, row: impl Into<Vec<Cell>>) -> Result<(), Error> {
        let row = row.into();
        if row.len() != self.columns.len() {
            return Err(Error::Sheet(format!("a row of {} cells under {} columns", row.len(), self.columns.len())));
        }
        let mut totals = self.totals.clone();
        for ((cell, column), total) in row.iter().zip(&self.columns).zip(&mut totals) {
            // The message names the column and no value: a cell may be about a child.
            if cell.kind().is_some_and(|kind| kind != column.kind) {
                return Err(Error::Sheet(format!("a cell of the wrong kind under `{}`", column.header)));
            }
            if let (Cell::Integer(number) | Cell::Pence(number), true) = (cell, column.is_summed) {
                let sum = total.checked_add(*number);
                *total = sum.ok_or_else(|| Error::Sheet(format!("the total of `{}` is too large", column.header)))?;
            }
        }
        self.totals = totals;
        self.rows.push(row);
        Ok(())
    }

    /// With these rows too; refused as [`Sheet::push`] refuses.
    pub fn with_rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<Self, Error> {
        rows.into_iter().try_for_each(|row| self.push(row))?;
        Ok(self)
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Its rows, each as long as there are columns.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The total of a column, in pence or as a number; none for a column that is not added up.
    pub fn total(&self, column: usize) -> Option<i64> {
        self.columns.get(column).filter(|column| column.is_summed).and_then(|_| self.totals.get(column).copied())
    }

    /// As CSV for machines: one header row and the rows, amounts in pounds with two decimals, days as `2024-02-29`, and no text
    /// that a spreadsheet would take for a formula. Neither headings nor totals.
    pub fn to_csv(&self) -> Result<String, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(Column::header))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::to_csv))?;
        }
        let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        // Every cell was a String, so this loses nothing.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As a workbook of this sheet alone; see [`workbook()`].
    pub fn to_xlsx(&self, made_at: NaiveDateTime) -> Result<Vec<u8>, Error> {
        workbook(std::slice::from_ref(self), made_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn two_columns() -> Sheet {
        Sheet::new("Two", [Column::text("name"), Column::pounds("amount_pounds").summed()])
    }

    #[test]
    fn a_formula_becomes_text_and_a_negative_amount_stays_a_number() {
        let sheet = two_columns().with_rows([vec!["=1,2".into(), Cell::Pence(-123_405)], vec!["".into(), Cell::Blank]]).expect("fits");
        assert_eq!(sheet.to_csv().expect("written"), "name,amount_pounds\n\"'=1,2\",-1234.05\n,\n");
    }

    #[test]
    fn a_cell_of_the_wrong_kind_never_enters_a_sheet() {
        let mut sheet = two_columns();
        for wrong in [
            vec![],
            vec![Cell::text("a")],
            vec![Cell::text("a"), Cell::text("1.00")],
            vec![Cell::text("a"), Cell::Integer(1)],
            vec![Cell::Pence(1), Cell::Pence(1)],
            vec![Cell::Date(NaiveDate::MAX), Cell::Blank],
            vec![Cell::Blank, Cell::Blank, Cell::Blank],
        ] {
            assert!(matches!(sheet.push(wrong), Err(Error::Sheet(_))));
        }
        assert_eq!((sheet.rows().len(), sheet.total(0), sheet.total(1), sheet.total(2)), (0, None, Some(0), None));
    }

    #[test]
    fn a_row_that_would_overflow_a_total_leaves_the_sheet_as_it_was() {
        let mut sheet = two_columns().with_rows([vec![Cell::Blank, Cell::Pence(i64::MAX)]]).expect("fits");
        let before = sheet.clone();
        let error = sheet.push([Cell::Blank, Cell::Pence(1)]).expect_err("too large");
        assert_eq!((error.to_string().as_str(), sheet), ("the sheet cannot be written: the total of `amount_pounds` is too large", before));
    }

    #[test]
    fn people_read_words_above_a_column() {
        assert_eq!(Column::pounds("full_year_pounds").label(), "Full year (£)");
        assert_eq!(Column::text("pounds").label(), "Pounds");
        assert_eq!(Column::date("due_on").labelled("To be done by").label(), "To be done by");
        assert!(!Column::text("name").summed().is_summed());
    }

    proptest! {
        #[test]
        fn a_total_is_the_sum_of_the_pence(amounts in proptest::collection::vec(proptest::option::of(-domain::money::MOST_PENCE..=domain::money::MOST_PENCE), 0..200)) {
            let rows = amounts.iter().map(|amount| vec![Cell::Blank, Cell::from(amount.map(Pence))]);
            let sheet = two_columns().with_rows(rows).expect("fits");
            prop_assert_eq!(sheet.total(1), Some(amounts.iter().flatten().sum::<i64>()));
        }
    }
}

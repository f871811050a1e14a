//! The layouts of returns and open data, from `layouts.toml`: dated, so that a year's file keeps the form of its year.

use crate::error::Error;
use domain::FinancialYear;
use domain::profile::Section251Line;
use serde::Deserialize;
use sheets::{Cell, Column, Sheet};
use std::sync::LazyLock;

/// What a file may hold in place of a value that the system does not hold.
pub(super) const NOT_HELD: &str = "[x]";

/// A layout that holds from a year on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout<F> {
    /// What it is called in an answer.
    pub version: String,
    /// The first year that it is for.
    pub from: FinancialYear,
    /// Its columns, in order.
    pub columns: Vec<ColumnOf<F>>,
    /// Only what is strictly over this, in pence.
    #[serde(default)]
    pub over_pence: i64,
    /// The lines of a return that has lines.
    #[serde(default)]
    pub lines: Vec<ReturnLine>,
}

/// A column: what stands in it, and what is written above it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnOf<F> {
    pub field: F,
    pub header: String,
}

/// A line of the section 251 return, by its number in the layout's years.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnLine {
    pub line: Section251Line,
    pub number: String,
    pub label: String,
}

/// A field of a layout: the kind of its column, and the cell that a row has in it.
pub(super) trait Field<R>: Copy {
    /// The column, under its header.
    fn column(self, header: &str) -> Column;
    /// A row's cell.
    fn cell(self, row: &R) -> Cell;
}

/// Every layout there is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layouts {
    pub spending_over_500: Vec<Layout<super::spending::Field>>,
    pub voluntary_sector_grants: Vec<Layout<super::grants::Field>>,
    pub grants_360giving: Vec<Layout<super::giving::Field>>,
    pub section_251: Vec<Layout<super::section_251::Field>>,
}

static LAYOUTS: LazyLock<Result<Layouts, String>> =
    LazyLock::new(|| toml::from_str(include_str!("layouts.toml")).map_err(|error| error.to_string()));

/// The layouts, as this program was built with them.
pub(super) fn layouts() -> Result<&'static Layouts, Error> {
    LAYOUTS.as_ref().map_err(|error| Error::Layouts(error.clone()))
}

/// The layout of a year: the last that has begun. Refused for a year before the first.
pub(super) fn of_year<F>(layouts: &'static [Layout<F>], report: &'static str, year: FinancialYear) -> Result<&'static Layout<F>, Error> {
    let begun = layouts.iter().filter(|layout| layout.from <= year).max_by_key(|layout| layout.from);
    begun.ok_or_else(|| {
        let first = layouts.iter().map(|layout| layout.from).min();
        Error::NoLayout { report, year, first: first.unwrap_or(year) }
    })
}

impl<F> Layout<F> {
    /// Rows in this layout.
    pub fn sheet<R>(&self, title: String, rows: &[R]) -> Result<Sheet, sheets::Error>
    where
        F: Field<R>,
    {
        let columns: Vec<_> = self.columns.iter().map(|column| column.field.column(&column.header)).collect();
        Sheet::new(title, columns).with_rows(rows.iter().map(|row| self.columns.iter().map(|column| column.field.cell(row)).collect()))
    }
}

/// A cell of text, or what says that it is not held.
pub(super) fn text_or_not_held(text: Option<&str>) -> Cell {
    Cell::text(text.unwrap_or(NOT_HELD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use strum::VariantArray;

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    #[test]
    fn a_year_has_the_last_layout_that_has_begun_and_one_before_the_first_has_none() {
        let layouts: &'static [Layout<super::super::spending::Field>] = Vec::leak(vec![
            Layout { version: "old".into(), from: year("2014-15"), columns: Vec::new(), over_pence: 1, lines: Vec::new() },
            Layout { version: "new".into(), from: year("2024-25"), columns: Vec::new(), over_pence: 2, lines: Vec::new() },
        ]);
        let version = |text: &str| of_year(layouts, "spending-over-500", year(text)).map(|layout| layout.version.as_str());
        assert_eq!(version("2014-15").expect("there"), "old");
        assert_eq!(version("2023-24").expect("there"), "old");
        assert_eq!(version("2024-25").expect("there"), "new");
        let refused = version("2013-14").expect_err("before the first");
        assert!(refused.is_refusal() && refused.to_string().contains("2014-15"), "{refused}");
    }

    #[test]
    fn every_layout_reads_and_no_year_has_two() {
        let layouts = layouts().expect("well formed");
        fn once<F>(layouts: &[Layout<F>]) {
            let from: BTreeSet<_> = layouts.iter().map(|layout| layout.from).collect();
            assert!(from.len() == layouts.len() && layouts.iter().all(|layout| !layout.columns.is_empty()));
        }
        once(&layouts.spending_over_500);
        once(&layouts.voluntary_sector_grants);
        once(&layouts.grants_360giving);
        once(&layouts.section_251);
    }

    #[test]
    fn every_section_251_layout_has_each_line_once() {
        for layout in &layouts().expect("well formed").section_251 {
            let lines: BTreeSet<_> = layout.lines.iter().map(|line| line.line).collect();
            assert_eq!((lines.len(), layout.lines.len()), (Section251Line::VARIANTS.len(), Section251Line::VARIANTS.len()));
        }
    }
}

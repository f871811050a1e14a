//! `statement-figures`: the Short Breaks Service Statement's figures for a year.

use crate::error::Error;
use crate::origin::Origin;
use crate::years::rows_of;
use domain::FinancialYear;
use etl::{Snapshot, Which, integers, texts};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// A year's figures, in the statement's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementFigures {
    /// The snapshot they are from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The figures the authority's profile defines.
    pub figures: Vec<FigureRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureRow {
    /// The figure's stable code.
    #[schema(example = "direct_payments_children")]
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// The count; 0 where nothing counts.
    pub value: i64,
}

/// The figures of a year, counted from records.
pub fn statement_figures(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<StatementFigures, Error> {
    Snapshot::reading(warehouse, which, |snapshot| figures_of(snapshot, year), Error::is_gone)
}

fn figures_of(snapshot: &Snapshot, year: FinancialYear) -> Result<StatementFigures, Error> {
    let table = rows_of(snapshot, "statement_figures", year, "sort_order")?;
    let (codes, labels) = (texts(&table, "figure")?, texts(&table, "label")?);
    let figures = codes.into_iter().zip(labels).zip(integers(&table, "value")?);
    let figures =
        figures.map(|((code, label), value)| FigureRow { code: code.unwrap_or_default(), label: label.unwrap_or_default(), value });
    Ok(StatementFigures { snapshot_id: snapshot.id().to_owned(), year, figures: figures.collect(), origin: Origin::of(snapshot) })
}

impl StatementFigures {
    /// One line a figure; figures of different kinds have no total.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [Column::text("code"), Column::text("label").labelled("Figure"), Column::integer("value")];
        let rows = self.figures.iter().map(|row| vec![Cell::text(&row.code), Cell::text(&row.label), Cell::Integer(row.value)]);
        Sheet::new(format!("Statement figures {}", self.year.as_str()), columns)
            .tab("Statement figures")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a figure.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

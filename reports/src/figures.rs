//! `statement-figures`: the Short Breaks Service Statement's figures for a year.

use crate::error::Error;
use crate::sheet::{csv, text};
use crate::years::rows_of;
use domain::FinancialYear;
use etl::{Snapshot, Which, integers, texts};
use serde::Serialize;
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
    Ok(StatementFigures { snapshot_id: snapshot.id().to_owned(), year, figures: figures.collect() })
}

impl StatementFigures {
    /// One line a figure.
    pub fn to_csv(&self) -> Result<String, Error> {
        let rows = self.figures.iter().map(|row| vec![text(&row.code), text(&row.label), row.value.to_string()]);
        csv(&["code", "label", "value"], rows)
    }
}

//! `statement-figures`: the Short Breaks Service Statement's figures for a year.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use strum::{EnumString, IntoStaticStr};
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
    /// The count; null where nothing was returned yet, which is not nought.
    pub value: Option<i64>,
    /// Whether that is all.
    pub standing: FigureStanding,
    /// Returns that have not come, of sessions the months of which a day was not returned; 0 of what counts children.
    pub missing_returns: i64,
    /// Package lines that would perhaps count, but do not name the category that tells.
    pub uncategorised_lines: i64,
    /// Package lines that would count, and that nobody with the authority has agreed; 0 of a snapshot from before they were left out.
    pub unconfirmed_lines: i64,
}

/// How far a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FigureStanding {
    /// All that counts is on record.
    Known,
    /// Returns are missing: it is what came so far.
    SoFar,
    /// Nothing was returned.
    NotYetKnown,
}

impl FigureStanding {
    /// As a reader of a sheet has it.
    pub fn in_words(self) -> &'static str {
        match self {
            FigureStanding::Known => "known",
            FigureStanding::SoFar => "so far",
            FigureStanding::NotYetKnown => "not yet known",
        }
    }
}

/// The figures of a year, counted from records.
pub fn statement_figures(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<StatementFigures, Error> {
    Snapshot::reading(warehouse, which, |snapshot| figures_of(snapshot, year), Error::is_gone)
}

pub(crate) fn figures_of(snapshot: &Snapshot, year: FinancialYear) -> Result<StatementFigures, Error> {
    let mart = MartRows::of(snapshot, "statement_figures", year, "sort_order")?;
    if !mart.has("standing") {
        // Made before a figure said how far it is known.
        return Err(Error::NothingPublished);
    }
    let (codes, labels) = (mart.words::<String>("figure")?, mart.words::<String>("label")?);
    let (values, standings) = (mart.optional_numbers("value")?, mart.words::<FigureStanding>("standing")?);
    let (missing, uncategorised) = (mart.numbers("missing_returns")?, mart.numbers("uncategorised_lines")?);
    let unconfirmed = if mart.has("unconfirmed_lines") { mart.numbers("unconfirmed_lines")? } else { vec![0; mart.len()] };
    let row = |index: usize| FigureRow {
        code: codes[index].clone(),
        label: labels[index].clone(),
        value: values[index],
        standing: standings[index],
        missing_returns: missing[index],
        uncategorised_lines: uncategorised[index],
        unconfirmed_lines: unconfirmed[index],
    };
    let figures = (0..mart.len()).map(row).collect();
    Ok(StatementFigures { snapshot_id: snapshot.id().to_owned(), year, figures, origin: Origin::of(snapshot) })
}

impl StatementFigures {
    /// One line a figure; figures of different kinds have no total.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("code"),
            Column::text("label").labelled("Figure"),
            Column::integer("value"),
            Column::text("standing").labelled("Known"),
            Column::integer("missing_returns"),
            Column::integer("uncategorised_lines").labelled("Lines without a category"),
            Column::integer("unconfirmed_lines").labelled("Lines not confirmed"),
        ];
        let rows = self.figures.iter().map(|row| {
            vec![
                Cell::text(&row.code),
                Cell::text(&row.label),
                row.value.map_or(Cell::Blank, Cell::Integer),
                Cell::text(row.standing.in_words()),
                Cell::Integer(row.missing_returns),
                Cell::Integer(row.uncategorised_lines),
                Cell::Integer(row.unconfirmed_lines),
            ]
        });
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

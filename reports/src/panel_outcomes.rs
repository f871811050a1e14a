//! `panel-outcomes`: what was decided in a year, by month, budget line and decision.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::{CountedAs, MartRows};
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// What was decided in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelOutcomes {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year in which it was decided.
    pub year: FinancialYear,
    /// By month, budget line and decision; what never happened has no row.
    pub rows: Vec<PanelOutcomeRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// The decisions of a month that count as one thing, and what their lines on one budget line cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelOutcomeRow {
    /// The calendar month of the decisions.
    #[schema(example = "2024-06")]
    pub month: String,
    /// The budget line's code.
    #[schema(example = "direct_payments")]
    pub budget_line: String,
    /// What the decisions count as.
    pub decision: CountedAs,
    /// Decisions with a line on this budget line. One with lines on two counts on both, so these do not add up over budget lines.
    pub decisions: i64,
    /// What a full year of the lines costs, in pence.
    pub full_year_pence: i64,
    /// What the lines cost in this financial year, in pence.
    pub this_year_pence: i64,
    /// Median days from the authorisation of the assessment to the panel, a half day rounded down; null where no decision has both.
    pub median_days_assessment_to_panel: Option<i64>,
    /// Median days from the panel to the authority for what it approved, a half day rounded down; null where none was given.
    pub median_days_panel_to_authority: Option<i64>,
}

/// The outcomes of a year.
pub fn panel_outcomes(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<PanelOutcomes, Error> {
    Snapshot::reading(warehouse, which, |snapshot| outcomes_of(snapshot, year), Error::is_gone)
}

fn outcomes_of(snapshot: &Snapshot, year: FinancialYear) -> Result<PanelOutcomes, Error> {
    let mart = MartRows::of(snapshot, "panel_outcomes", year, "period")?;
    let (months, budget_lines) = (mart.words::<String>("calendar_month")?, mart.words::<String>("budget_line")?);
    let (counted, decisions) = (mart.words::<CountedAs>("decision")?, mart.numbers("decisions")?);
    let (full_year, this_year) = (mart.numbers("full_year_pence")?, mart.numbers("this_year_pence")?);
    let to_panel = mart.optional_numbers("median_days_assessment_to_panel")?;
    let to_authority = mart.optional_numbers("median_days_panel_to_authority")?;
    let row = |index: usize| PanelOutcomeRow {
        month: months[index].clone(),
        budget_line: budget_lines[index].clone(),
        decision: counted[index],
        decisions: decisions[index],
        full_year_pence: full_year[index],
        this_year_pence: this_year[index],
        median_days_assessment_to_panel: to_panel[index],
        median_days_panel_to_authority: to_authority[index],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    rows.sort_by(|a, b| (&a.month, &a.budget_line, a.decision).cmp(&(&b.month, &b.budget_line, b.decision)));
    Ok(PanelOutcomes { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

impl PanelOutcomes {
    /// One line a month, budget line and decision.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("month"),
            Column::text("budget_line"),
            Column::text("decision"),
            // Not added up: a decision counts on each budget line it has lines of.
            Column::integer("decisions"),
            // Nor these: what was declined, deferred or waits is in them.
            Column::pounds("full_year_pounds"),
            Column::pounds("this_year_pounds"),
            Column::pounds("agreed_full_year_pounds").summed(),
            Column::pounds("agreed_this_year_pounds").summed(),
            Column::integer("median_days_assessment_to_panel"),
            Column::integer("median_days_panel_to_authority"),
        ];
        let number = |value: Option<i64>| value.map_or(Cell::Blank, Cell::Integer);
        let rows = self.rows.iter().map(|row| {
            vec![
                Cell::text(&row.month),
                Cell::text(&row.budget_line),
                Cell::text(<&str>::from(row.decision)),
                Cell::Integer(row.decisions),
                Cell::Pence(row.full_year_pence),
                Cell::Pence(row.this_year_pence),
                Cell::Pence(row.decision.agreed(row.full_year_pence)),
                Cell::Pence(row.decision.agreed(row.this_year_pence)),
                number(row.median_days_assessment_to_panel),
                number(row.median_days_panel_to_authority),
            ]
        });
        Sheet::new(format!("Panel outcomes {}", self.year.as_str()), columns)
            .tab("Panel outcomes")
            .heading("A decision counts on each budget line it has lines of; what a post declined after the panel counts as declined")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a month, budget line and decision, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

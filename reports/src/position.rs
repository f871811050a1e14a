//! `budget-position`: budget, actual, commitment, forecast and variance of every budget line in a year.

use crate::error::Error;
use crate::origin::Origin;
use crate::years::rows_of;
use domain::{Direction, FinancialYear};
use etl::{Snapshot, Which, integers, texts};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Where every budget line stands in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BudgetPosition {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// Every budget line, by code.
    pub rows: Vec<PositionRow>,
    /// What they add up to.
    pub totals: PositionTotals,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// Where one budget line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PositionRow {
    /// The line's code.
    #[schema(example = "direct_payments")]
    pub budget_line: String,
    /// As a report prints it.
    pub name: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Its amounts.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// Amounts in pence: expenditure positive, income negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amounts {
    /// The original budget and every movement since.
    pub budget_pence: i64,
    /// What the ledger has.
    pub actual_pence: i64,
    /// What is planned for the year and still to be paid: no payment has settled it and nobody released it; 0 once the year is closed.
    pub commitment_pence: i64,
    /// Of the commitment, what rests on package lines that nobody with the authority has confirmed.
    pub unconfirmed_pence: i64,
    /// Actual and commitment.
    pub forecast_pence: i64,
    /// Forecast less budget: positive is overspent, or income missed.
    pub variance_pence: i64,
}

/// Totals of a position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PositionTotals {
    /// Of the lines that pay.
    pub expenditure: Amounts,
    /// Of the lines that receive.
    pub income: Amounts,
    /// Of all.
    pub net: Amounts,
}

impl Amounts {
    fn add(&mut self, other: &Amounts) {
        self.budget_pence += other.budget_pence;
        self.actual_pence += other.actual_pence;
        self.commitment_pence += other.commitment_pence;
        self.unconfirmed_pence += other.unconfirmed_pence;
        self.forecast_pence += other.forecast_pence;
        self.variance_pence += other.variance_pence;
    }

    fn cells(&self) -> [Cell; 6] {
        let Amounts { budget_pence, actual_pence, commitment_pence, unconfirmed_pence, forecast_pence, variance_pence } = *self;
        [budget_pence, actual_pence, commitment_pence, forecast_pence, variance_pence, unconfirmed_pence].map(Cell::Pence)
    }
}

/// The position of a year.
pub fn budget_position(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<BudgetPosition, Error> {
    Snapshot::reading(warehouse, which, |snapshot| position_of(snapshot, year), Error::is_gone)
}

pub(crate) fn position_of(snapshot: &Snapshot, year: FinancialYear) -> Result<BudgetPosition, Error> {
    let table = rows_of(snapshot, "budget_position", year, "budget_line")?;
    let [codes, names, directions] = ["budget_line", "name", "direction"].map(|column| texts(&table, column));
    let (codes, names, directions) = (codes?, names?, directions?);
    let [budget, actual, commitment, forecast, variance] =
        ["budget_pence", "actual_pence", "commitment_pence", "forecast_pence", "variance_pence"].map(|column| integers(&table, column));
    let (budget, actual, commitment, forecast, variance) = (budget?, actual?, commitment?, forecast?, variance?);
    // A snapshot from before told nothing apart.
    let unconfirmed = match table.column("unconfirmed_pence") {
        Ok(_) => integers(&table, "unconfirmed_pence")?,
        Err(_) => vec![0; codes.len()],
    };
    let (mut rows, mut totals) = (Vec::with_capacity(codes.len()), PositionTotals::default());
    for (row, ((code, name), direction)) in codes.into_iter().zip(names).zip(directions).enumerate() {
        let unreadable = |_| Error::Warehouse(etl::Error::Definition("a budget line of the warehouse has no direction".to_owned()));
        let direction = direction.unwrap_or_default().parse::<Direction>().map_err(unreadable)?;
        let amounts = Amounts {
            budget_pence: budget[row],
            actual_pence: actual[row],
            commitment_pence: commitment[row],
            unconfirmed_pence: unconfirmed[row],
            forecast_pence: forecast[row],
            variance_pence: variance[row],
        };
        match direction {
            Direction::Expenditure => totals.expenditure.add(&amounts),
            Direction::Income => totals.income.add(&amounts),
        }
        totals.net.add(&amounts);
        rows.push(PositionRow { budget_line: code.unwrap_or_default(), name: name.unwrap_or_default(), direction, amounts });
    }
    Ok(BudgetPosition { snapshot_id: snapshot.id().to_owned(), year, rows, totals, origin: Origin::of(snapshot) })
}

impl BudgetPosition {
    /// One line a budget line. Its totals are the net position; filtered by direction, expenditure's or income's.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let amounts = ["budget_pounds", "actual_pounds", "commitment_pounds", "forecast_pounds", "variance_pounds", "unconfirmed_pounds"];
        let mut columns =
            vec![Column::text("budget_line").labelled("Code"), Column::text("name").labelled("Budget line"), Column::text("direction")];
        columns.extend(amounts.map(|header| Column::pounds(header).summed()));
        let rows = self.rows.iter().map(|row| {
            let words = [row.budget_line.as_str(), row.name.as_str(), row.direction.as_str()].map(Cell::text);
            words.into_iter().chain(row.amounts.cells()).collect()
        });
        Sheet::new(format!("Budget position {}", self.year.as_str()), columns)
            .tab("Budget position")
            .heading("Expenditure is positive, income negative; a positive variance is overspent, or income missed")
            .heading("Unconfirmed is how much of the commitment rests on lines that nobody with the authority has confirmed")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a budget line, in pounds; totals are for the reader's spreadsheet to make.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

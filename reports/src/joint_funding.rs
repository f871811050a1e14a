//! `joint-funding`: what health is expected to pay of packages, what it was asked for and what it paid, month by month.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Health's share in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JointFundingReport {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// By month, budget line and funder.
    pub rows: Vec<JointFundingRow>,
    /// What the months come to.
    pub totals: JointFundingTotals,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// Health's share in a month, by one funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JointFundingRow {
    /// The calendar month, `2024-04`.
    #[schema(example = "2024-04")]
    pub month: String,
    /// The budget line that receives.
    #[schema(example = "chc_income")]
    pub budget_line: String,
    /// The funder's short name.
    pub provider_code: String,
    /// The funder's name.
    pub provider_name: String,
    /// What its shares of the month's days come to.
    pub expected_pence: i64,
    /// What invoices of the month ask for.
    pub invoiced_pence: i64,
    /// What credit notes of the month take off.
    pub credited_pence: i64,
    /// What arrived in the month, less what was paid back.
    pub received_pence: i64,
    /// What was owed at the month's end, of all invoices until then.
    pub outstanding_pence: i64,
}

/// What a year's months come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct JointFundingTotals {
    /// What was expected.
    pub expected_pence: i64,
    /// What was invoiced.
    pub invoiced_pence: i64,
    /// What was credited.
    pub credited_pence: i64,
    /// What was received.
    pub received_pence: i64,
    /// What is owed at the end of the last month that has a row.
    pub outstanding_pence: i64,
}

/// Health's share in a year.
pub fn joint_funding(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<JointFundingReport, Error> {
    Snapshot::reading(warehouse, which, |snapshot| report_of(snapshot, year), Error::is_gone)
}

pub(crate) fn report_of(snapshot: &Snapshot, year: FinancialYear) -> Result<JointFundingReport, Error> {
    let mart = MartRows::of(snapshot, "joint_funding", year, "calendar_month")?;
    let [months, budget_lines, codes, names] =
        ["calendar_month", "budget_line", "provider_code", "provider_name"].map(|column| mart.words::<String>(column));
    let (months, budget_lines, codes, names) = (months?, budget_lines?, codes?, names?);
    let [expected, invoiced, credited, received, outstanding] =
        ["expected_pence", "invoiced_pence", "credited_pence", "received_pence", "outstanding_pence"].map(|column| mart.numbers(column));
    let (expected, invoiced, credited, received, outstanding) = (expected?, invoiced?, credited?, received?, outstanding?);
    let row = |index: usize| JointFundingRow {
        month: months[index].clone(),
        budget_line: budget_lines[index].clone(),
        provider_code: codes[index].clone(),
        provider_name: names[index].clone(),
        expected_pence: expected[index],
        invoiced_pence: invoiced[index],
        credited_pence: credited[index],
        received_pence: received[index],
        outstanding_pence: outstanding[index],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    let key = |row: &JointFundingRow| (row.month.clone(), row.budget_line.clone(), row.provider_code.clone());
    rows.sort_by_key(key);
    let totals = totals(&rows);
    Ok(JointFundingReport { snapshot_id: snapshot.id().to_owned(), year, rows, totals, origin: Origin::of(snapshot) })
}

fn totals(rows: &[JointFundingRow]) -> JointFundingTotals {
    let last = rows.last().map(|row| row.month.as_str()).unwrap_or_default();
    rows.iter().fold(JointFundingTotals::default(), |sum, row| JointFundingTotals {
        expected_pence: sum.expected_pence + row.expected_pence,
        invoiced_pence: sum.invoiced_pence + row.invoiced_pence,
        credited_pence: sum.credited_pence + row.credited_pence,
        received_pence: sum.received_pence + row.received_pence,
        outstanding_pence: sum.outstanding_pence + if row.month == last { row.outstanding_pence } else { 0 },
    })
}

impl JointFundingReport {
    /// One line a month, budget line and funder.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("month"),
            Column::text("budget_line"),
            Column::text("provider_code").labelled("Code"),
            Column::text("provider_name").labelled("Funder"),
            Column::pounds("expected_pounds").summed(),
            Column::pounds("invoiced_pounds").summed(),
            Column::pounds("credited_pounds").summed(),
            Column::pounds("received_pounds").summed(),
            // Not added up: each month's is of all invoices until then.
            Column::pounds("outstanding_pounds").labelled("Owed at the month's end (£)"),
        ];
        let rows = self.rows.iter().map(|row| {
            let words = [&row.month, &row.budget_line, &row.provider_code, &row.provider_name].map(Cell::text);
            let amounts = [row.expected_pence, row.invoiced_pence, row.credited_pence, row.received_pence, row.outstanding_pence];
            words.into_iter().chain(amounts.map(Cell::Pence)).collect()
        });
        Sheet::new(format!("Joint funding {}", self.year.as_str()), columns)
            .tab("Joint funding")
            .heading("Expected by the days it is for, invoiced and credited by the day dated, received by the day it arrived")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }
}

//! A report as it goes out: JSON, CSV or a workbook.

use crate::error::Error;
use crate::origin::Origin;
use crate::{
    BudgetPosition, CommitmentsByWeek, DirectPaymentAccounts, ForecastOutturn, FreedomOfInformation, GrantActivity, Grants360Giving,
    JointFundingReport, NextYear, NightsReport, PanelDecisions, PanelOutcomes, Section251, Spend, SpendingOver500, StatementFigures,
    UnitCosts, VoluntarySectorGrants,
};
use serde::Serialize;
use sheets::{Sheet, workbook};

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a program: amounts in whole pence.
    Json,
    /// The same over many lines, for a person.
    IndentedJson,
    /// Amounts in pounds.
    Csv,
    /// A workbook, with totals; amounts in pounds.
    Xlsx,
    /// The workbook's sheets as text for a terminal, with totals; amounts in pounds.
    Text,
}

/// A report as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// What every report has, beside its own figures.
pub(crate) trait Report: Serialize {
    fn snapshot_id(&self) -> &str;
    fn origin(&self) -> Origin;
    fn sheet(&self) -> Result<Sheet, sheets::Error>;
    /// The sheets of its workbook.
    fn sheets(&self) -> Result<Vec<Sheet>, sheets::Error>;
}

pub(crate) fn written(format: Format, report: &impl Report) -> Result<Written, Error> {
    let bytes = match format {
        Format::Json => serde_json::to_vec(report)?,
        Format::IndentedJson => (serde_json::to_string_pretty(report)? + "\n").into_bytes(),
        Format::Csv => report.sheet()?.to_csv()?.into_bytes(),
        Format::Xlsx => workbook(&report.sheets()?, report.origin().made_at)?,
        Format::Text => report.sheets()?.iter().map(Sheet::to_text).collect::<Vec<_>>().join("\n").into_bytes(),
    };
    Ok(Written { snapshot_id: report.snapshot_id().to_owned(), bytes })
}

/// Says where a report keeps these: all do so alike, but for the sheets of a workbook.
macro_rules! report {
    ($report:ty, $sheets:expr) => {
        impl Report for $report {
            fn snapshot_id(&self) -> &str {
                &self.snapshot_id
            }

            fn origin(&self) -> Origin {
                self.origin
            }

            fn sheet(&self) -> Result<Sheet, sheets::Error> {
                self.to_sheet()
            }

            fn sheets(&self) -> Result<Vec<Sheet>, sheets::Error> {
                let sheets: fn(&Self) -> Result<Vec<Sheet>, sheets::Error> = $sheets;
                sheets(self)
            }
        }
    };
    ($($report:ty),+ $(,)?) => {
        $(report!($report, |report| Ok(vec![report.to_sheet()?]));)+
    };
}

report!(
    BudgetPosition,
    CommitmentsByWeek,
    DirectPaymentAccounts,
    FreedomOfInformation,
    GrantActivity,
    Grants360Giving,
    JointFundingReport,
    NightsReport,
    PanelDecisions,
    PanelOutcomes,
    Spend,
    SpendingOver500,
    StatementFigures,
    UnitCosts,
    VoluntarySectorGrants,
);
// A workbook has the unit costs too.
report!(Section251, |report| report.to_sheets());
// A workbook has the payments too.
report!(ForecastOutturn, |report| report.to_sheets());
// A workbook begins with the budget lines.
report!(NextYear, |report| report.to_sheets());

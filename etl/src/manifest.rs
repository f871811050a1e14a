//! What a snapshot says of itself, in its `manifest.json`.

use crate::error::{At, Error};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Text};
use domain::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Raised whenever a fact's rows or columns change, so that no run builds on parts of another shape.
pub const LAYOUT: u32 = 5;

/// The manifest's name in a snapshot's directory.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The contents of one snapshot and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The snapshot's id; ids sort by when they were made.
    pub id: String,
    /// When the run began, in UTC.
    pub created_at: NaiveDateTime,
    /// The authority profile's code.
    pub profile: String,
    /// The time zone whose days are the authority's days; Britain's in a snapshot made before it was said.
    #[serde(default)]
    pub time_zone: TimeZone,
    /// Set when only what was recorded by the end of that day, in the authority's time zone, counts.
    pub as_known_on: Option<NaiveDate>,
    /// The last write the run saw.
    pub watermark: Watermark,
    /// Version of the program that ran.
    pub code_version: String,
    /// Version of the facts' shape.
    pub layout: u32,
    /// Every table, in the order they were made.
    pub tables: Vec<Table>,
    /// The store's own totals, which the tables add up to.
    pub control_totals: ControlTotals,
}

/// How far into the audit trail a run saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The last event's number; 0 on an empty trail.
    pub seq: i64,
    /// Its hash: tells this store from a copy that went another way.
    pub hash: String,
}

/// What a table is to an analyst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Something that happened or is planned.
    Fact,
    /// What facts are described by.
    Dimension,
    /// An answer, computed from the two by SQL.
    Mart,
}

/// One table of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Fact, dimension or mart.
    pub kind: TableKind,
    /// Rows in all its files.
    pub rows: u64,
    /// Its Parquet files.
    pub files: Vec<TableFile>,
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Where it is, from the snapshot's directory, with forward slashes.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Totals of the store in the very picture that was extracted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotals {
    /// Of the ledger, by financial year and budget line.
    pub ledger: Vec<LineTotal>,
    /// Of the budget movements, by financial year and budget line.
    pub budget: Vec<LineTotal>,
    /// Package lines that stand, superseded versions and reversed lines left out.
    pub package_lines: i64,
    /// Of invoices to health; empty in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub joint_funding: Vec<IncomeTotal>,
    /// Of requests and decisions; noughts in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub requests: RequestTotals,
    /// Of direct payments; none in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub direct_payments: Vec<DirectPaymentTotal>,
    /// Of nights away, by calendar month and state; empty in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub nights: Vec<NightTotal>,
    /// Of grants and their terms; noughts in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub grants: GrantTotals,
    /// Of what commitments follow from; noughts in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub commitments: CommitmentTotals,
}

/// Totals of what commitments follow from; a row that takes another back is not counted apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitmentTotals {
    /// Versions of package lines.
    pub line_versions: i64,
    /// Arrangements on purchase orders.
    pub order_lines: i64,
    /// Matches of ledger entries.
    pub matches: i64,
    /// Releases.
    pub releases: i64,
    /// Closed years.
    pub closures: i64,
    /// What was carried forward, by the year it went to and budget line.
    pub carried: Vec<LineTotal>,
}

/// Totals of the grants, and of what was paid and is still to be returned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantTotals {
    /// What was awarded and not taken back, in pence, by budget line.
    pub awarded_pence: BTreeMap<String, i64>,
    /// Payments of instalments, by the financial year they were made in and budget line.
    pub paid: Vec<LineTotal>,
    /// Returns that standing grants ask for.
    pub returns_due: i64,
}

/// Nights of one calendar month and state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightTotal {
    /// The calendar month, `2024-06`.
    pub calendar_month: String,
    /// Booked, stayed or cancelled.
    pub state: String,
    /// How many nights.
    pub nights: i64,
}

/// What was invoiced to health, credited or received of it, by the budget line that receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, diesel::QueryableByName)]
pub struct IncomeTotal {
    /// The budget line's code.
    #[diesel(sql_type = Text)]
    pub budget_line: String,
    /// Invoiced, credited or received.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// In pence, positive.
    #[diesel(sql_type = BigInt)]
    pub amount_pence: i64,
}

/// Direct payments of one financial year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectPaymentTotal {
    /// The financial year, `2023-24`.
    pub financial_year: String,
    /// What was paid for days of the year and did not come back, in pence.
    pub paid_pence: i64,
    /// What families paid back in it, in pence.
    pub repaid_pence: i64,
}

/// Totals of the requests and of what was decided on them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTotals {
    /// Requests, by where they stood.
    pub requests: Vec<RequestTotal>,
    /// Decisions, by the financial year they were made in and what was decided.
    pub decisions: Vec<DecisionTotal>,
    /// The lines that decisions were about, once for each decision.
    pub decision_lines: i64,
    /// Authorisations, given or declined.
    pub authorisations: i64,
}

/// Requests in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTotal {
    /// The state.
    pub state: String,
    /// How many requests.
    pub requests: i64,
}

/// Decisions of one financial year and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTotal {
    /// The financial year, `2023-24`.
    pub financial_year: String,
    /// What was decided, whether or not it has authority.
    pub kind: String,
    /// How many decisions.
    pub decisions: i64,
    /// What a full year of their lines costs, in pence.
    pub full_year_pence: i64,
    /// What their lines cost in the year of the decision, in pence.
    pub this_year_pence: i64,
}

/// Rows of a financial year and budget line, and what they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, diesel::QueryableByName)]
pub struct LineTotal {
    /// The financial year, `2023-24`.
    #[diesel(sql_type = Text)]
    pub financial_year: String,
    /// The budget line's code.
    #[diesel(sql_type = Text)]
    pub budget_line: String,
    /// How many rows.
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    /// Their sum, in pence.
    #[diesel(sql_type = BigInt)]
    pub amount_pence: i64,
}

impl Manifest {
    /// Reads the manifest of a snapshot's directory.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(MANIFEST);
        let text = std::fs::read(&path).at(&path)?;
        serde_json::from_slice(&text).map_err(|cause| Error::Manifest { path, cause })
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

//! What a snapshot says of itself, in its `manifest.json`.

use crate::error::{At, Error};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Raised whenever a fact's rows or columns change, so that no run builds on parts of another shape.
pub(crate) const LAYOUT: u32 = 2;

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
    /// Set when only what was recorded by the end of that day (UTC) counts.
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
    /// Of requests and decisions; noughts in a snapshot made before the warehouse held them.
    #[serde(default)]
    pub requests: RequestTotals,
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

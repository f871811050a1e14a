//! `spend`: what the ledger has, filtered and added up as asked.

use crate::error::Error;
use crate::origin::Origin;
use crate::years;
use domain::{FinancialYear, Sector};
use etl::{Snapshot, Which, integers, texts};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// What spend is added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GroupBy {
    /// The financial year.
    Year,
    /// The calendar month, `2024-04`.
    Month,
    /// The budget line.
    BudgetLine,
    /// The provider's code; null where an entry names none.
    Provider,
    /// The provider's sector; null where an entry names no provider.
    Sector,
}

impl GroupBy {
    /// Every one there is.
    pub const ALL: [GroupBy; 5] = [GroupBy::Year, GroupBy::Month, GroupBy::BudgetLine, GroupBy::Provider, GroupBy::Sector];

    /// The word in JSON and on the command line.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }

    /// The mart's column.
    fn column(self) -> &'static str {
        match self {
            GroupBy::Year => "financial_year",
            GroupBy::Month => "calendar_month",
            GroupBy::BudgetLine => "budget_line",
            GroupBy::Provider => "provider_code",
            GroupBy::Sector => "sector",
        }
    }
}

/// What is asked. An empty filter lets everything pass; values of one filter are alternatives, filters add to one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpendQuery {
    /// Only these financial years.
    pub years: Vec<FinancialYear>,
    /// Only these calendar months, `2024-04`.
    pub months: Vec<String>,
    /// Only these budget lines.
    pub budget_lines: Vec<String>,
    /// Only these providers, by code.
    pub providers: Vec<String>,
    /// Only providers of these sectors.
    pub sectors: Vec<Sector>,
    /// What to add up by; nothing named, by budget line.
    pub group_by: Vec<GroupBy>,
}

/// Spend, added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spend {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year; null unless exactly one was asked for.
    pub year: Option<FinancialYear>,
    /// One row a group that has entries, in the groups' order.
    pub rows: Vec<SpendRow>,
    /// What was asked; its grouping is what the rows are grouped by.
    #[serde(skip)]
    #[schema(ignore)]
    pub query: SpendQuery,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// The spend of one group. Of the first five fields, those that spend is grouped by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpendRow {
    /// The financial year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<String>,
    /// The calendar month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-04")]
    pub month: Option<String>,
    /// The budget line's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_line: Option<String>,
    /// The provider's code; null in the group of entries that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub provider: Option<Option<String>>,
    /// The provider's sector; null in the group of entries that name no provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sector: Option<Option<String>>,
    /// The entries' sum, in pence; credits are negative.
    pub actual_pence: i64,
    /// How many ledger entries.
    pub entries: i64,
}

impl SpendRow {
    fn set(&mut self, group: GroupBy, cell: Option<String>) {
        match group {
            GroupBy::Year => self.year = cell,
            GroupBy::Month => self.month = cell,
            GroupBy::BudgetLine => self.budget_line = cell,
            GroupBy::Provider => self.provider = Some(cell),
            GroupBy::Sector => self.sector = Some(cell),
        }
    }

    fn get(&self, group: GroupBy) -> &str {
        let cell = match group {
            GroupBy::Year => self.year.as_deref(),
            GroupBy::Month => self.month.as_deref(),
            GroupBy::BudgetLine => self.budget_line.as_deref(),
            GroupBy::Provider => self.provider.as_ref().and_then(Option::as_deref),
            GroupBy::Sector => self.sector.as_ref().and_then(Option::as_deref),
        };
        cell.unwrap_or_default()
    }
}

/// Spend as asked. A year, month, budget line or provider that the warehouse does not know is refused, and so is a month outside
/// the years asked for, so that a slip of the pen does not read as no spend.
pub fn spend(warehouse: &Path, which: &Which, query: &SpendQuery) -> Result<Spend, Error> {
    Snapshot::reading(warehouse, which, |snapshot| spend_of(snapshot, query), Error::is_gone)
}

pub(crate) fn spend_of(snapshot: &Snapshot, query: &SpendQuery) -> Result<Spend, Error> {
    refuse_unknown(snapshot, query)?;
    let mut group_by = query.group_by.clone();
    if group_by.is_empty() {
        group_by.push(GroupBy::BudgetLine);
    }
    // The same column twice would be an error to polars and means nothing more to the asker.
    let mut seen = Vec::new();
    group_by.retain(|group| {
        !seen.contains(group) && {
            seen.push(*group);
            true
        }
    });
    let columns: Vec<Expr> = group_by.iter().map(|group| col(group.column())).collect();
    let mut table = snapshot.table("spend_by_month")?.lazy();
    for filter in filters(query) {
        table = table.filter(filter);
    }
    let totals = table
        .group_by(columns.clone())
        .agg([col("actual_pence").sum(), col("entries").sum()])
        .sort_by_exprs(columns, SortMultipleOptions::default())
        .collect()?;
    let amounts = integers(&totals, "actual_pence")?.into_iter().zip(integers(&totals, "entries")?);
    let mut rows: Vec<_> = amounts.map(|(actual_pence, entries)| SpendRow { actual_pence, entries, ..SpendRow::default() }).collect();
    for group in &group_by {
        for (row, cell) in rows.iter_mut().zip(texts(&totals, group.column())?) {
            row.set(*group, cell);
        }
    }
    let year = if let [year] = query.years.as_slice() { Some(*year) } else { None };
    let query = SpendQuery { group_by, ..query.clone() };
    Ok(Spend { snapshot_id: snapshot.id().to_owned(), year, rows, query, origin: Origin::of(snapshot) })
}

fn refuse_unknown(snapshot: &Snapshot, query: &SpendQuery) -> Result<(), Error> {
    for year in &query.years {
        years::require(snapshot, *year)?;
    }
    for month in &query.months {
        years::require_month(snapshot, month, &query.years)?;
    }
    years::require_budget_lines(snapshot, &query.budget_lines)?;
    if !query.providers.is_empty() {
        let known = texts(&snapshot.table("dim_provider")?, "provider_code")?;
        if let Some(code) = query.providers.iter().find(|code| !known.iter().flatten().any(|known| known == *code)) {
            return Err(Error::UnknownProvider(code.clone()));
        }
    }
    Ok(())
}

fn filters(query: &SpendQuery) -> impl Iterator<Item = Expr> {
    [
        one_of(GroupBy::Year, query.years.iter().map(FinancialYear::as_str)),
        one_of(GroupBy::Month, query.months.iter().map(String::as_str)),
        one_of(GroupBy::BudgetLine, query.budget_lines.iter().map(String::as_str)),
        one_of(GroupBy::Provider, query.providers.iter().map(String::as_str)),
        one_of(GroupBy::Sector, query.sectors.iter().map(Sector::as_str)),
    ]
    .into_iter()
    .flatten()
}

/// The column has one of these values; no condition when none is given.
fn one_of<'v>(column: GroupBy, values: impl Iterator<Item = &'v str>) -> Option<Expr> {
    values.map(|value| col(column.column()).eq(lit(value))).reduce(Expr::or)
}

impl Spend {
    /// One line a group; what was asked for stands above.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let group_by = &self.query.group_by;
        let mut columns: Vec<_> = group_by.iter().map(|group| Column::text(group.as_str())).collect();
        columns.extend([Column::pounds("actual_pounds").summed(), Column::integer("entries").summed()]);
        let rows = self.rows.iter().map(|row| {
            let groups = group_by.iter().map(|group| Cell::text(row.get(*group)));
            groups.chain([Cell::Pence(row.actual_pence), Cell::Integer(row.entries)]).collect()
        });
        let sheet = Sheet::new("Spend", columns).heading(self.origin.heading(&self.snapshot_id));
        self.query.in_words().into_iter().fold(sheet, Sheet::heading).with_rows(rows)
    }

    /// One line a group, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

impl SpendQuery {
    /// A line for each filter there is.
    fn in_words(&self) -> Vec<String> {
        fn line<'v>(name: &str, values: impl Iterator<Item = &'v str>) -> Option<String> {
            let values: Vec<_> = values.collect();
            (!values.is_empty()).then(|| format!("{name}: {}", values.join(", ")))
        }
        let lines = [
            line("Financial years", self.years.iter().map(FinancialYear::as_str)),
            line("Months", self.months.iter().map(String::as_str)),
            line("Budget lines", self.budget_lines.iter().map(String::as_str)),
            line("Providers", self.providers.iter().map(String::as_str)),
            line("Sectors", self.sectors.iter().map(Sector::as_str)),
        ];
        lines.into_iter().flatten().collect()
    }
}

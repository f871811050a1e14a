//! `unit-costs`: a year's spend divided by its activity, by budget line, provider and unit.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use domain::{FinancialYear, Unit};
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// Why there is no unit cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WhyNoCost {
    /// It is a budget line of income.
    Income,
    /// The provider's spend on the budget line pays for more than one unit, and stands in the row without a unit.
    SeveralUnits,
    /// Spend, and no activity beside it.
    NoActivity,
    /// Activity, and no spend beside it.
    NoSpend,
    /// Credits exceed payments.
    NetCredit,
    /// Sessions of a commissioned service whose provider was paid on no budget line in the year, or on several.
    NoBudgetLine,
}

/// How a unit cost compares with the median of its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outlier {
    /// Further above it than the authority's rule allows.
    High,
    /// Further below it.
    Low,
    /// Near enough.
    No,
    /// There is no unit cost, no rule, or too few to compare with.
    NotJudged,
}

/// The unit costs of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCosts {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// By budget line, provider and unit; all of the ledger's spend of the year is in them.
    pub rows: Vec<UnitCostRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// Spend and activity of a provider on a budget line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCostRow {
    /// The budget line's code; null, the activity belongs to no one budget line.
    #[schema(example = "home_care")]
    pub budget_line: Option<String>,
    /// The provider's short name; null, the spend or the package line names none.
    #[schema(example = "brightway_care")]
    pub provider: Option<String>,
    /// The provider's name.
    pub provider_name: Option<String>,
    /// What is counted; null, the spend is for no one unit.
    pub unit: Option<Unit>,
    /// What the ledger has, in pence; null where another row of the provider carries it.
    pub spend_pence: Option<i64>,
    /// Units, in thousandths.
    pub activity_thousandths: Option<i64>,
    /// What one unit cost, in pence.
    pub unit_cost_pence: Option<i64>,
    /// Why there is no unit cost; null where there is one.
    pub why_no_cost: Option<WhyNoCost>,
    /// Unit costs on the same budget line and unit in the year, this one included.
    pub comparables: i64,
    /// Their median, in pence.
    pub median_unit_cost_pence: Option<i64>,
    /// How this one compares with it.
    pub outlier: Outlier,
}

/// The unit costs of a year.
pub fn unit_costs(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<UnitCosts, Error> {
    Snapshot::reading(warehouse, which, |snapshot| costs_of(snapshot, year), Error::is_gone)
}

pub(crate) fn costs_of(snapshot: &Snapshot, year: FinancialYear) -> Result<UnitCosts, Error> {
    let mart = MartRows::of(snapshot, "unit_costs", year, "budget_line")?;
    let (budget_lines, providers) = (mart.optional::<String>("budget_line")?, mart.optional::<String>("provider_code")?);
    let (names, units) = (mart.optional::<String>("provider_name")?, mart.optional::<Unit>("unit")?);
    let (spend, activity) = (mart.optional_numbers("spend_pence")?, mart.optional_numbers("activity_thousandths")?);
    let (costs, why) = (mart.optional_numbers("unit_cost_pence")?, mart.optional::<WhyNoCost>("why_no_cost")?);
    let (comparables, medians) = (mart.numbers("comparables")?, mart.optional_numbers("median_unit_cost_pence")?);
    let outliers = mart.words::<Outlier>("outlier")?;
    let row = |index: usize| UnitCostRow {
        budget_line: budget_lines[index].clone(),
        provider: providers[index].clone(),
        provider_name: names[index].clone(),
        unit: units[index],
        spend_pence: spend[index],
        activity_thousandths: activity[index],
        unit_cost_pence: costs[index],
        why_no_cost: why[index],
        comparables: comparables[index],
        median_unit_cost_pence: medians[index],
        outlier: outliers[index],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    rows.sort_by_key(|row| (row.budget_line.clone(), row.provider.clone(), row.unit.map(|unit| unit.as_str())));
    Ok(UnitCosts { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

impl UnitCosts {
    /// One line a budget line, provider and unit.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("budget_line"),
            Column::text("provider"),
            Column::text("provider_name"),
            Column::text("unit"),
            Column::pounds("spend_pounds").summed(),
            Column::integer("activity_thousandths"),
            Column::pounds("unit_cost_pounds"),
            Column::text("why_no_cost"),
            Column::integer("comparables"),
            Column::pounds("median_unit_cost_pounds"),
            Column::text("outlier"),
        ];
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Blank, Cell::text);
        let pence = |pence: Option<i64>| pence.map_or(Cell::Blank, Cell::Pence);
        let rows = self.rows.iter().map(|row| {
            vec![
                text(&row.budget_line),
                text(&row.provider),
                text(&row.provider_name),
                row.unit.map_or(Cell::Blank, |unit| Cell::text(unit.as_str())),
                pence(row.spend_pence),
                row.activity_thousandths.map_or(Cell::Blank, Cell::Integer),
                pence(row.unit_cost_pence),
                row.why_no_cost.map_or(Cell::Blank, |why| Cell::text(<&str>::from(why))),
                Cell::Integer(row.comparables),
                pence(row.median_unit_cost_pence),
                Cell::text(<&str>::from(row.outlier)),
            ]
        });
        Sheet::new(format!("Unit costs {}", self.year.as_str()), columns)
            .tab("Unit costs")
            .heading("Spend of the ledger divided by activity; activity is in thousandths of a unit, planned up to the snapshot's day or returned")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a budget line, provider and unit, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

//! `section-251`: the short-breaks lines of the section 251 outturn by whose provision they are, with unit costs to look at before it is sent.

use super::layouts::{Layout, NOT_HELD, ReturnLine, layouts, of_year};
use crate::error::Error;
use crate::origin::Origin;
use crate::unit_costs::{Outlier, UnitCostRow, costs_of};
use crate::years::rows_of;
use domain::money::divide_half_away_from_zero;
use domain::profile::Section251Line;
use domain::{Direction, FinancialYear, Profile, Sector, Unit};
use etl::{Snapshot, Which, integers, texts};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Sheet};
use std::collections::BTreeMap;
use std::path::Path;
use utoipa::ToSchema;

const NAME: &str = "section-251";

/// The short-breaks lines of a year's return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section251 {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The layout of the year's return.
    #[schema(example = "outturn-a1-2013")]
    pub layout: String,
    /// The lines, by number.
    pub lines: Vec<Section251Row>,
    /// Unit costs behind the lines: spend divided by activity, to look at before the return is sent.
    pub unit_costs: Vec<Section251UnitCost>,
    /// Budget lines with money in the year that the profile puts on no line: they are missing in the return.
    pub unplaced: Vec<UnplacedBudgetLine>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A line of the return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section251Row {
    /// What it is, whichever its number.
    pub line: Section251Line,
    /// Its number in the year.
    #[schema(example = "3.4.2")]
    pub number: String,
    /// Its name in the year.
    pub label: String,
    /// The amounts; null, no budget line belongs here, and what it cost is not held.
    pub amounts: Option<Section251Amounts>,
}

/// The amounts of a line, in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section251Amounts {
    /// The council's own provision.
    pub own_pence: i64,
    /// Private provision.
    pub private_pence: i64,
    /// Other public provision.
    pub other_public_pence: i64,
    /// Voluntary provision.
    pub voluntary_pence: i64,
    /// Spend that names no provider, where the profile does not say whose provision that is: to be put right before the return is sent.
    pub not_recorded_pence: i64,
    /// All of these together.
    pub total_pence: i64,
    /// What was received, as an amount above nought.
    pub income_pence: i64,
    /// Total less income.
    pub net_pence: i64,
}

/// What a unit of a line cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section251UnitCost {
    /// The line's number in the year.
    #[schema(example = "3.4.2")]
    pub number: String,
    /// What is counted.
    pub unit: Unit,
    /// Spend that has activity of this unit beside it, in pence.
    pub spend_pence: i64,
    /// Units, in thousandths.
    pub activity_thousandths: i64,
    /// What one cost, in pence.
    pub unit_cost_pence: i64,
    /// Providers' unit costs that stand out, by the authority's rule.
    pub outliers: i64,
}

/// A budget line that belongs to no line of the return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnplacedBudgetLine {
    /// Its code.
    pub budget_line: String,
    /// What the ledger has on it, in pence; income is below nought.
    pub actual_pence: i64,
}

/// A column of the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Number,
    Label,
    Own,
    Private,
    OtherPublic,
    Voluntary,
    NotRecorded,
    Total,
    Income,
    Net,
}

impl super::layouts::Field<Section251Row> for Field {
    fn column(self, header: &str) -> Column {
        match self {
            Field::Number | Field::Label => Column::text(header),
            _ => Column::pounds(header).summed(),
        }
    }

    fn cell(self, row: &Section251Row) -> Cell {
        let amount = |of: fn(&Section251Amounts) -> i64| row.amounts.as_ref().map_or(Cell::Blank, |amounts| Cell::Pence(of(amounts)));
        match self {
            Field::Number => Cell::text(&row.number),
            Field::Label if row.amounts.is_none() => Cell::text(format!("{} {NOT_HELD}", row.label)),
            Field::Label => Cell::text(&row.label),
            Field::Own => amount(|amounts| amounts.own_pence),
            Field::Private => amount(|amounts| amounts.private_pence),
            Field::OtherPublic => amount(|amounts| amounts.other_public_pence),
            Field::Voluntary => amount(|amounts| amounts.voluntary_pence),
            Field::NotRecorded => amount(|amounts| amounts.not_recorded_pence),
            Field::Total => amount(|amounts| amounts.total_pence),
            Field::Income => amount(|amounts| amounts.income_pence),
            Field::Net => amount(|amounts| amounts.net_pence),
        }
    }
}

/// Spend or income of a budget line with providers of one sector.
struct Spent {
    budget_line: String,
    sector: Option<Sector>,
    actual_pence: i64,
}

/// The lines of a year. Refused where the profile says of no budget line where it belongs.
pub fn section_251(warehouse: &Path, which: &Which, profile: &Profile, year: FinancialYear) -> Result<Section251, Error> {
    Snapshot::reading(warehouse, which, |snapshot| of_snapshot(snapshot, profile, year), Error::is_gone)
}

fn layout(year: FinancialYear) -> Result<&'static Layout<Field>, Error> {
    of_year(&layouts()?.section_251, NAME, year)
}

fn of_snapshot(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<Section251, Error> {
    let layout = layout(year)?;
    if profile.returns.section_251.is_empty() {
        return Err(Error::NoSection251Rules);
    }
    let spent = spent_of(snapshot, year)?;
    let (amounts, unplaced) = amounts_of(&spent, profile, year);
    let row = |line: &ReturnLine| Section251Row {
        line: line.line,
        number: line.number.clone(),
        label: line.label.clone(),
        amounts: amounts.get(&line.line).copied(),
    };
    Ok(Section251 {
        snapshot_id: snapshot.id().to_owned(),
        year,
        layout: layout.version.clone(),
        lines: layout.lines.iter().map(row).collect(),
        unit_costs: unit_costs_of(&costs_of(snapshot, year)?.rows, layout, profile, year),
        unplaced,
        origin: Origin::of(snapshot),
    })
}

fn spent_of(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<Spent>, Error> {
    let mart = rows_of(snapshot, "spend_by_month", year, "budget_line")?;
    let lines = texts(&mart, "budget_line")?.into_iter().map(Option::unwrap_or_default);
    let sectors = texts(&mart, "sector")?.into_iter().map(|sector| sector.and_then(|sector| sector.parse().ok()));
    let amounts = integers(&mart, "actual_pence")?;
    let spent = lines.zip(sectors).zip(amounts);
    Ok(spent.map(|((budget_line, sector), actual_pence)| Spent { budget_line, sector, actual_pence }).collect())
}

/// What a budget line brings to a line of the return.
pub(crate) struct Placed {
    pub(crate) line: Section251Line,
    pub(crate) budget_line: String,
    /// Spend, or income below nought.
    pub(crate) net_pence: i64,
}

/// What each budget line that the profile places brings to its line in a year.
pub(crate) fn placed_of(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<Vec<Placed>, Error> {
    let spent = spent_of(snapshot, year)?;
    let of = |code: &str| spent.iter().filter(|part| part.budget_line == code).map(|part| part.actual_pence).sum();
    let rules = profile.budget_lines.iter().filter_map(|line| profile.returns.section_251_of(&line.code, year));
    Ok(rules.map(|rule| Placed { line: rule.line, budget_line: rule.budget_line.clone(), net_pence: of(&rule.budget_line) }).collect())
}

/// The amounts of each line that a budget line belongs to, and the budget lines with money that belong to none.
fn amounts_of(
    spent: &[Spent],
    profile: &Profile,
    year: FinancialYear,
) -> (BTreeMap<Section251Line, Section251Amounts>, Vec<UnplacedBudgetLine>) {
    let placed = profile.budget_lines.iter().filter_map(|line| profile.returns.section_251_of(&line.code, year));
    let mut amounts: BTreeMap<_, Section251Amounts> = placed.map(|rule| (rule.line, Section251Amounts::default())).collect();
    let mut unplaced: BTreeMap<&str, i64> = BTreeMap::new();
    for Spent { budget_line, sector, actual_pence } in spent {
        let Some(rule) = profile.returns.section_251_of(budget_line, year) else {
            *unplaced.entry(budget_line).or_default() += actual_pence;
            continue;
        };
        let is_income = profile.budget_lines.iter().any(|line| line.code == *budget_line && line.direction == Direction::Income);
        amounts.entry(rule.line).or_default().add(*actual_pence, is_income, sector.or(rule.without_provider));
    }
    let unplaced = unplaced.into_iter().filter(|(_, pence)| *pence != 0);
    (amounts, unplaced.map(|(line, actual_pence)| UnplacedBudgetLine { budget_line: line.to_owned(), actual_pence }).collect())
}

impl Section251Amounts {
    /// Adds what the ledger has: income is below nought there.
    fn add(&mut self, actual_pence: i64, is_income: bool, sector: Option<Sector>) {
        self.net_pence += actual_pence;
        if is_income {
            self.income_pence -= actual_pence;
            return;
        }
        self.total_pence += actual_pence;
        *match sector {
            Some(Sector::Own) => &mut self.own_pence,
            Some(Sector::Private) => &mut self.private_pence,
            Some(Sector::OtherPublic) => &mut self.other_public_pence,
            Some(Sector::Voluntary) => &mut self.voluntary_pence,
            None => &mut self.not_recorded_pence,
        } += actual_pence;
    }
}

/// Unit costs by line and unit: of the rows of `unit-costs` that have one.
fn unit_costs_of(rows: &[UnitCostRow], layout: &Layout<Field>, profile: &Profile, year: FinancialYear) -> Vec<Section251UnitCost> {
    let mut costs: BTreeMap<(&str, &'static str), Section251UnitCost> = BTreeMap::new();
    for row in rows {
        let line = row.budget_line.as_deref().and_then(|code| profile.returns.section_251_of(code, year)).map(|rule| rule.line);
        let number = layout.lines.iter().find(|one| Some(one.line) == line).map(|one| one.number.as_str());
        let (Some(number), Some(unit), Some(spend), Some(activity), Some(_)) =
            (number, row.unit, row.spend_pence, row.activity_thousandths, row.unit_cost_pence)
        else {
            continue;
        };
        let nothing = || Section251UnitCost {
            number: number.to_owned(),
            unit,
            spend_pence: 0,
            activity_thousandths: 0,
            unit_cost_pence: 0,
            outliers: 0,
        };
        let cost = costs.entry((number, unit.as_str())).or_insert_with(nothing);
        cost.spend_pence += spend;
        cost.activity_thousandths += activity;
        cost.outliers += i64::from(matches!(row.outlier, Outlier::High | Outlier::Low));
    }
    let divided = costs.into_values().map(|cost| {
        let exact = divide_half_away_from_zero(i128::from(cost.spend_pence) * 1000, i128::from(cost.activity_thousandths));
        Section251UnitCost { unit_cost_pence: i64::try_from(exact).unwrap_or(i64::MAX), ..cost }
    });
    divided.collect()
}

impl Section251 {
    /// The lines in the year's layout. A line that nothing is held of has blank amounts, and `[x]` after its name.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let title = format!("Section 251 short breaks {}", self.year.as_str());
        let layout = layout(self.year).map_err(|error| sheets::Error::Sheet(error.to_string()))?;
        let sheet = layout.sheet(title, &self.lines)?.tab("Section 251");
        let unplaced: Vec<_> = self.unplaced.iter().map(|line| line.budget_line.as_str()).collect();
        let sheet = sheet.heading("Education Act 2002 s.251; [x]: no budget line belongs here, and nothing is held");
        let sheet = if unplaced.is_empty() { sheet } else { sheet.heading(format!("Missing, on no line: {}", unplaced.join(", "))) };
        Ok(sheet.heading(self.origin.heading(&self.snapshot_id)))
    }

    /// The lines, and the unit costs behind them.
    pub(crate) fn to_sheets(&self) -> Result<Vec<Sheet>, sheets::Error> {
        Ok(vec![self.to_sheet()?, self.unit_cost_sheet()?])
    }

    fn unit_cost_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("number"),
            Column::text("unit"),
            Column::pounds("spend_pounds"),
            Column::integer("activity_thousandths"),
            Column::pounds("unit_cost_pounds"),
            Column::integer("outliers"),
        ];
        let rows = self.unit_costs.iter().map(|cost| {
            vec![
                Cell::text(&cost.number),
                Cell::text(cost.unit.as_str()),
                Cell::Pence(cost.spend_pence),
                Cell::Integer(cost.activity_thousandths),
                Cell::Pence(cost.unit_cost_pence),
                Cell::Integer(cost.outliers),
            ]
        });
        Sheet::new(format!("Unit costs behind section 251 {}", self.year.as_str()), columns)
            .tab("Unit costs")
            .heading("Look at these before the return is sent; outliers are providers' unit costs that stand out")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// The lines, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

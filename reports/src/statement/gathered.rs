//! The statement's figures of a year and the years before it, read from a snapshot.

use crate::error::Error;
use crate::figures::{FigureRow, figures_of};
use crate::origin::Origin;
use crate::panel::MartRows;
use crate::question::refuse_other_authority;
use crate::years::{has_ended, require};
use chrono::NaiveDate;
use domain::{Direction, FinancialYear, Profile};
use etl::{Snapshot, Which, integers, texts};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The most years that a statement looks back to, with its own.
const MOST_YEARS: usize = 5;

/// What is counted of a year and of those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The snapshot they are from.
    pub snapshot_ids: Vec<String>,
    /// When the year's snapshot was made.
    pub origin: Origin,
    /// Whether the year is over, as the snapshot sees it.
    pub has_ended: bool,
    /// By year, the earliest first; the last is the statement's own.
    pub years: Vec<YearOfFigures>,
}

impl Gathered {
    /// The day on which the year's snapshot was made, in the authority's time zone.
    pub fn made_on(&self) -> NaiveDate {
        self.origin.zone.day_of(self.origin.made_at)
    }
}

/// What is counted of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearOfFigures {
    /// The year.
    pub year: FinancialYear,
    /// The figures that the profile defines.
    pub figures: Vec<FigureRow>,
    /// The budget lines of expenditure.
    pub lines: Vec<LineOfYear>,
    /// Children with support in force on any day, each once.
    pub children: i64,
}

/// What is counted of a budget line in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOfYear {
    /// Its code.
    pub code: String,
    /// As the authority prints it.
    pub name: String,
    /// What was paid.
    pub spend_pence: i64,
    /// Children whose support it pays, in force on any day.
    pub children: i64,
}

/// Reads the figures of a year, and of those before it that have records or editions, from a snapshot of the authority's. Of an earlier year, what earlier editions
/// published stands instead: see [`super::compose`]. Refuses a snapshot whose tables have another shape than this program's.
pub fn gather(
    warehouse: &Path,
    which: &Which,
    profile: &Profile,
    year: FinancialYear,
    with_editions: &[FinancialYear],
) -> Result<Gathered, Error> {
    refuse_other_authority(warehouse, which, profile)?;
    let read = |snapshot: &Snapshot| {
        if !snapshot.has_own_layout() {
            return Err(Error::OtherLayout(snapshot.id().to_owned()));
        }
        require(snapshot, year)?;
        let known = years_with_records(snapshot, year, with_editions)?;
        Ok(Gathered {
            snapshot_ids: vec![snapshot.id().to_owned()],
            origin: Origin::of(snapshot),
            has_ended: has_ended(snapshot, year)?,
            years: known.into_iter().map(|year| year_of(snapshot, year)).collect::<Result<_, _>>()?,
        })
    };
    Snapshot::reading(warehouse, which, read, Error::is_gone)
}

/// The years up to one, the earliest first: that one, those in which something was paid, and those that have an edition already. Before the
/// first payment nothing was kept here, and a nought would say what nobody counted.
fn years_with_records(snapshot: &Snapshot, last: FinancialYear, with_editions: &[FinancialYear]) -> Result<Vec<FinancialYear>, Error> {
    let table = snapshot.table("budget_position")?;
    let (codes, spend) = (texts(&table, "financial_year")?, integers(&table, "actual_pence")?);
    let mut years: BTreeSet<FinancialYear> = BTreeSet::from([last]);
    for (code, pence) in codes.iter().flatten().zip(spend) {
        let year = code.parse::<FinancialYear>().ok();
        years.extend(year.filter(|year| *year < last && (pence != 0 || with_editions.contains(year))));
    }
    let years: Vec<_> = years.into_iter().collect();
    Ok(years[years.len().saturating_sub(MOST_YEARS)..].to_vec())
}

fn year_of(snapshot: &Snapshot, year: FinancialYear) -> Result<YearOfFigures, Error> {
    let figures = figures_of(snapshot, year)?.figures;
    let children = MartRows::of(snapshot, "children_by_budget_line", year, "budget_line")?;
    let counted: BTreeMap<Option<String>, i64> =
        children.optional::<String>("budget_line")?.into_iter().zip(children.numbers("children")?).collect();
    let position = MartRows::of(snapshot, "budget_position", year, "budget_line")?;
    let (codes, names) = (position.words::<String>("budget_line")?, position.words::<String>("name")?);
    let (directions, spend) = (position.words::<Direction>("direction")?, position.numbers("actual_pence")?);
    let line = |at: usize| LineOfYear {
        children: counted.get(&Some(codes[at].clone())).copied().unwrap_or_default(),
        code: codes[at].clone(),
        name: names[at].clone(),
        spend_pence: spend[at],
    };
    let lines = (0..position.len()).filter(|at| directions[*at] == Direction::Expenditure).map(line).collect();
    Ok(YearOfFigures { year, figures, lines, children: counted.get(&None).copied().unwrap_or_default() })
}

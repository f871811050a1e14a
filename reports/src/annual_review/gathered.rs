//! What the review tells, read from one snapshot: a year, and the year before it where the snapshot has that too.

use crate::direct_payment_accounts::{DirectPaymentAccounts, accounts_of};
use crate::error::Error;
use crate::figures::{FigureRow, figures_of};
use crate::forecast_outturn::{OutturnQuery, OutturnRow, outturn_of};
use crate::grant_activity::{GrantActivity, activity_of};
use crate::joint_funding::{JointFundingReport, report_of};
use crate::nights::{NightsReport, nights_of};
use crate::origin::Origin;
use crate::panel::MartRows;
use crate::panel_decisions::{PanelDecisions, decisions_of};
use crate::position::{BudgetPosition, position_of};
use crate::question::refuse_other_authority;
use crate::spend::{GroupBy, SpendQuery, SpendRow, spend_of};
use crate::unit_costs::{UnitCosts, costs_of};
use crate::years::{has_ended, require};
use chrono::{Datelike, NaiveDate};
use domain::{FinancialYear, Profile};
use etl::{Snapshot, Which, integers, texts};
use std::path::Path;

/// What the review tells.
#[derive(Debug, Clone)]
pub(super) struct Gathered {
    pub snapshot_id: String,
    pub origin: Origin,
    /// The council's full name.
    pub authority: String,
    /// Whether the year is over, as the snapshot sees it.
    pub has_ended: bool,
    pub now: YearOfReview,
    /// The year before, where the snapshot has records of it.
    pub before: Option<YearOfReview>,
    /// The year's forecast by budget line and month with its movement since the day before the year began; none, where the snapshot is older.
    pub moved: Option<Vec<OutturnRow>>,
}

impl Gathered {
    /// The day on which the snapshot was made, in the authority's time zone.
    pub fn made_on(&self) -> NaiveDate {
        self.origin.zone.day_of(self.origin.made_at)
    }
}

/// A year of the review.
#[derive(Debug, Clone)]
pub(super) struct YearOfReview {
    pub year: FinancialYear,
    pub position: BudgetPosition,
    pub months: Vec<OutturnRow>,
    pub sectors: Vec<SpendRow>,
    pub changes: Vec<BudgetChange>,
    pub effect: Vec<FullYearEffect>,
    pub groups: Vec<PackageGroup>,
    pub transitions: Vec<Transition>,
    pub decisions: PanelDecisions,
    pub joint: JointFundingReport,
    pub nights: NightsReport,
    pub grants: GrantActivity,
    pub costs: UnitCosts,
    pub accounts: DirectPaymentAccounts,
    pub figures: Vec<FigureRow>,
    /// Children with support in force on any day, each once.
    pub children: i64,
}

/// How the budget of a line came about, in pence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BudgetChange {
    pub budget_line: String,
    /// Original, virements, adjustments, carried forward, reversed, and what they come to.
    pub amounts_pence: [i64; 6],
}

/// What the next year bears more of a budget line, in pence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FullYearEffect {
    pub budget_line: String,
    /// Planned in the year, a full year of what is in force at its end, and the difference.
    pub amounts_pence: [i64; 3],
}

/// Packages of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackageGroup {
    pub grouped_by: String,
    pub code: String,
    pub label: String,
    pub sort_order: i64,
    pub children: i64,
    pub arrangements: i64,
    pub planned_pence: i64,
    pub children_at_end: i64,
    pub full_year_pence: i64,
}

/// Children with a birthday that moves them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transition {
    pub birthday: i64,
    /// `in_year` or `next_year`.
    pub falls: String,
    pub children: i64,
    pub full_year_pence: i64,
}

/// Reads it from a snapshot of the authority's. A year that the snapshot does not cover is refused.
pub(super) fn gather(warehouse: &Path, which: &Which, profile: &Profile, year: FinancialYear) -> Result<Gathered, Error> {
    refuse_other_authority(warehouse, which, profile)?;
    let read = |snapshot: &Snapshot| {
        require(snapshot, year)?;
        let before = year_before(snapshot, year)?.map(|year| YearOfReview::of(snapshot, profile, year)).transpose()?;
        Ok(Gathered {
            snapshot_id: snapshot.id().to_owned(),
            origin: Origin::of(snapshot),
            authority: profile.authority.clone(),
            has_ended: has_ended(snapshot, year)?,
            now: YearOfReview::of(snapshot, profile, year)?,
            before,
            moved: moved(snapshot, profile, year)?,
        })
    };
    Snapshot::reading(warehouse, which, read, Error::is_gone)
}

/// The year before, if a budget or spend of it is on record: of another nothing was kept here, and a nought would say what nobody counted.
fn year_before(snapshot: &Snapshot, year: FinancialYear) -> Result<Option<FinancialYear>, Error> {
    let Ok(before) = FinancialYear::starting(year.starts_on().year() - 1) else { return Ok(None) };
    let table = snapshot.table("budget_position")?;
    let codes = texts(&table, "financial_year")?;
    let amounts = integers(&table, "budget_pence")?.into_iter().zip(integers(&table, "actual_pence")?);
    let is_kept = codes.iter().zip(amounts).any(|(code, amounts)| code.as_deref() == Some(before.as_str()) && amounts != (0, 0));
    Ok(is_kept.then_some(before))
}

/// The forecast and how it moved since the day before the year.
fn moved(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<Option<Vec<OutturnRow>>, Error> {
    let since = year.starts_on().pred_opt();
    let query = OutturnQuery { year, budget_lines: Vec::new(), as_known_on: None, since };
    match outturn_of(snapshot, profile, &query) {
        Ok(outturn) => Ok(Some(outturn.rows)),
        Err(Error::SinceLater { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl YearOfReview {
    fn of(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<Self, Error> {
        let outturn = OutturnQuery { year, budget_lines: Vec::new(), as_known_on: None, since: None };
        let by_sector = SpendQuery { years: vec![year], group_by: vec![GroupBy::Sector], ..SpendQuery::default() };
        Ok(YearOfReview {
            year,
            position: position_of(snapshot, year)?,
            months: outturn_of(snapshot, profile, &outturn)?.rows,
            sectors: spend_of(snapshot, &by_sector)?.rows,
            changes: changes(snapshot, year)?,
            effect: effect(snapshot, year)?,
            groups: groups(snapshot, year)?,
            transitions: transitions(snapshot, year)?,
            decisions: decisions_of(snapshot, year)?,
            joint: report_of(snapshot, year)?,
            nights: nights_of(snapshot, year)?,
            grants: activity_of(snapshot, year)?,
            costs: costs_of(snapshot, year)?,
            accounts: accounts_of(snapshot, year)?,
            figures: figures_of(snapshot, year)?.figures,
            children: children(snapshot, year)?,
        })
    }

    /// A budget line's name as the authority prints it.
    pub fn line_name(&self, code: &str) -> String {
        let row = self.position.rows.iter().find(|row| row.budget_line == code);
        row.map_or_else(|| code.to_owned(), |row| row.name.clone())
    }
}

fn changes(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<BudgetChange>, Error> {
    let mart = MartRows::of(snapshot, "budget_changes", year, "budget_line")?;
    let columns = ["original_pence", "virement_pence", "adjustment_pence", "carried_forward_pence", "reversed_pence", "budget_pence"];
    let amounts = columns.map(|column| mart.numbers(column)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let lines = mart.words::<String>("budget_line")?.into_iter().enumerate();
    Ok(lines
        .map(|(at, budget_line)| BudgetChange { budget_line, amounts_pence: [0, 1, 2, 3, 4, 5].map(|of: usize| amounts[of][at]) })
        .collect())
}

fn effect(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<FullYearEffect>, Error> {
    let mart = MartRows::of(snapshot, "full_year_effect", year, "budget_line")?;
    let columns = ["planned_pence", "full_year_pence", "effect_pence"];
    let amounts = columns.map(|column| mart.numbers(column)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let lines = mart.words::<String>("budget_line")?.into_iter().enumerate();
    Ok(lines.map(|(at, budget_line)| FullYearEffect { budget_line, amounts_pence: [0, 1, 2].map(|of: usize| amounts[of][at]) }).collect())
}

fn groups(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<PackageGroup>, Error> {
    let mart = MartRows::of(snapshot, "packages_by_group", year, "group_code")?;
    let (grouped_by, codes) = (mart.words::<String>("grouped_by")?, mart.words::<String>("group_code")?);
    let (labels, order) = (mart.words::<String>("label")?, mart.numbers("sort_order")?);
    let (children, arrangements) = (mart.numbers("children")?, mart.numbers("arrangements")?);
    let (planned, at_end) = (mart.numbers("planned_pence")?, mart.numbers("children_at_end")?);
    let full_year = mart.numbers("full_year_pence")?;
    let row = |at: usize| PackageGroup {
        grouped_by: grouped_by[at].clone(),
        code: codes[at].clone(),
        label: labels[at].clone(),
        sort_order: order[at],
        children: children[at],
        arrangements: arrangements[at],
        planned_pence: planned[at],
        children_at_end: at_end[at],
        full_year_pence: full_year[at],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    rows.sort_by(|a, b| (&a.grouped_by, a.sort_order, &a.code).cmp(&(&b.grouped_by, b.sort_order, &b.code)));
    Ok(rows)
}

fn transitions(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<Transition>, Error> {
    let mart = MartRows::of(snapshot, "transitions", year, "birthday")?;
    let (birthdays, falls) = (mart.numbers("birthday")?, mart.words::<String>("falls")?);
    let (children, full_year) = (mart.numbers("children")?, mart.numbers("full_year_pence")?);
    let row = |at: usize| Transition {
        birthday: birthdays[at],
        falls: falls[at].clone(),
        children: children[at],
        full_year_pence: full_year[at],
    };
    Ok((0..mart.len()).map(row).collect())
}

fn children(snapshot: &Snapshot, year: FinancialYear) -> Result<i64, Error> {
    let mart = MartRows::of(snapshot, "children_by_budget_line", year, "budget_line")?;
    let lines = mart.optional::<String>("budget_line")?;
    let counted = mart.numbers("children")?;
    Ok(lines.iter().zip(counted).find(|(line, _)| line.is_none()).map_or(0, |(_, children)| children))
}

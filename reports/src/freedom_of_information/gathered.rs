//! What the pack counts of a year, read from marts, before anything is withheld.

use crate::direct_payment_accounts::accounts_of;
use crate::error::Error;
use crate::panel::MartRows;
use crate::returns::section_251::{Placed, placed_of};
use domain::children::age_band::AgeBand;
use domain::money::divide_half_away_from_zero;
use domain::{Direction, FinancialYear, Profile, Unit};
use etl::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// What is counted of a year.
pub(super) struct InformationOfYear {
    pub year: FinancialYear,
    /// The budget lines of expenditure.
    pub lines: Vec<LineInformation>,
    /// Children with support in force on any day, each once; and by band.
    pub children: i64,
    pub by_age: BTreeMap<AgeBand, i64>,
    pub direct_payments: DirectPaymentInformation,
    pub units: Vec<UnitInformation>,
    /// Kind, band of age, and services. Everybody knows these.
    pub services: Vec<(String, AgeBand, i64)>,
    /// Parts of section 251 lines.
    pub placed: Vec<Placed>,
}

/// What is counted of a budget line.
pub(super) struct LineInformation {
    pub code: String,
    pub spend_pence: i64,
    pub budget_pence: i64,
    pub children: i64,
    pub by_age: BTreeMap<AgeBand, i64>,
    /// Children with support in force on the year's day, and what a whole year of it costs.
    pub children_now: i64,
    pub full_year_pence: i64,
}

/// What is counted of direct payments: children, and pence.
#[derive(Default)]
pub(super) struct DirectPaymentInformation {
    pub paid: (i64, i64),
    pub required: (i64, i64),
    pub repaid: (i64, i64),
    /// On the year's day: children, and what a week costs. None, the profile names no budget line that pays.
    pub now: Option<(i64, i64)>,
}

/// What is counted of a unit: thousandths, and children.
pub(super) struct UnitInformation {
    pub unit: Unit,
    pub allocated: (i64, i64),
    pub used: Option<(i64, i64)>,
}

/// Reads a year.
pub(super) fn of_year(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<InformationOfYear, Error> {
    let mut children = ChildrenByAge::of(snapshot, year)?;
    let lines = lines_of(snapshot, year, &mut children)?;
    let (all, by_age) = children.take(None);
    Ok(InformationOfYear {
        year,
        direct_payments: direct_payments_of(snapshot, profile, year, &lines)?,
        lines,
        children: all,
        by_age,
        units: units_of(snapshot, year)?,
        services: services_of(snapshot, year)?,
        placed: placed_of(snapshot, profile, year)?,
    })
}

/// Children of a budget line, or of none for all together, and their bands.
struct ChildrenByAge {
    totals: BTreeMap<Option<String>, i64>,
    bands: BTreeMap<Option<String>, BTreeMap<AgeBand, i64>>,
}

impl ChildrenByAge {
    fn of(snapshot: &Snapshot, year: FinancialYear) -> Result<Self, Error> {
        let totals = MartRows::of(snapshot, "children_by_budget_line", year, "budget_line")?;
        let totals = totals.optional::<String>("budget_line")?.into_iter().zip(totals.numbers("children")?).collect();
        let mart = MartRows::of(snapshot, "children_by_age", year, "age_band")?;
        let mut bands: BTreeMap<Option<String>, BTreeMap<AgeBand, i64>> = BTreeMap::new();
        let (lines, of_band) = (mart.optional::<String>("budget_line")?, mart.words::<AgeBand>("age_band")?);
        for ((line, band), children) in lines.into_iter().zip(of_band).zip(mart.numbers("children")?) {
            bands.entry(line).or_default().insert(band, children);
        }
        Ok(ChildrenByAge { totals, bands })
    }

    fn take(&mut self, line: Option<&str>) -> (i64, BTreeMap<AgeBand, i64>) {
        let line = line.map(str::to_owned);
        (self.totals.get(&line).copied().unwrap_or_default(), self.bands.remove(&line).unwrap_or_default())
    }
}

fn lines_of(snapshot: &Snapshot, year: FinancialYear, children: &mut ChildrenByAge) -> Result<Vec<LineInformation>, Error> {
    let mart = MartRows::of(snapshot, "support_in_force", year, "budget_line")?;
    let now: BTreeMap<String, (i64, i64)> = mart
        .words::<String>("budget_line")?
        .into_iter()
        .zip(mart.numbers("children")?.into_iter().zip(mart.numbers("full_year_pence")?))
        .collect();
    let position = MartRows::of(snapshot, "budget_position", year, "budget_line")?;
    let (codes, directions) = (position.words::<String>("budget_line")?, position.words::<Direction>("direction")?);
    let (spend, budgets) = (position.numbers("actual_pence")?, position.numbers("budget_pence")?);
    let line = |at: usize| {
        let (of_line, by_age) = children.take(Some(&codes[at]));
        let (children_now, full_year_pence) = now.get(&codes[at]).copied().unwrap_or_default();
        LineInformation {
            code: codes[at].clone(),
            spend_pence: spend[at],
            budget_pence: budgets[at],
            children: of_line,
            by_age,
            children_now,
            full_year_pence,
        }
    };
    Ok((0..codes.len()).filter(|at| directions[*at] == Direction::Expenditure).map(line).collect())
}

fn direct_payments_of(
    snapshot: &Snapshot,
    profile: &Profile,
    year: FinancialYear,
    lines: &[LineInformation],
) -> Result<DirectPaymentInformation, Error> {
    let accounts = accounts_of(snapshot, year)?.rows;
    let of = |pence: fn(&crate::DirectPaymentAccountRow) -> i64| {
        let children: BTreeSet<_> = accounts.iter().filter(|row| pence(row) != 0).map(|row| row.child_key.as_str()).collect();
        let total: i64 = accounts.iter().map(pence).sum();
        (i64::try_from(children.len()).unwrap_or(i64::MAX), total)
    };
    let paying = profile.direct_payments.budget_line.as_ref();
    let weeks = i128::from(profile.costing.weeks_per_year.value);
    let weekly = |full_year: i64| i64::try_from(divide_half_away_from_zero(i128::from(full_year), weeks)).unwrap_or(i64::MAX);
    let now = paying.and_then(|paying| lines.iter().find(|line| line.code == paying.code));
    Ok(DirectPaymentInformation {
        paid: of(|row| row.paid_pence),
        required: of(|row| row.required_pence),
        repaid: of(|row| row.repaid_pence),
        now: now.map(|line| (line.children_now, weekly(line.full_year_pence))),
    })
}

fn units_of(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<UnitInformation>, Error> {
    let mart = MartRows::of(snapshot, "allocated_and_used", year, "unit")?;
    let (units, allocated, for_children) =
        (mart.words::<Unit>("unit")?, mart.numbers("allocated_thousandths")?, mart.numbers("allocated_children")?);
    let (used, by_children) = (mart.optional_numbers("used_thousandths")?, mart.optional_numbers("used_children")?);
    let unit =
        |at: usize| UnitInformation { unit: units[at], allocated: (allocated[at], for_children[at]), used: used[at].zip(by_children[at]) };
    Ok((0..units.len()).map(unit).collect())
}

fn services_of(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<(String, AgeBand, i64)>, Error> {
    let mart = MartRows::of(snapshot, "services_by_age", year, "kind")?;
    let (kinds, bands) = (mart.words::<String>("kind")?, mart.words::<AgeBand>("age_band")?);
    Ok(kinds.into_iter().zip(bands).zip(mart.numbers("services")?).map(|((kind, band), services)| (kind, band, services)).collect())
}

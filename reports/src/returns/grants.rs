//! `voluntary-sector-grants`: grants to voluntary organisations, as the Local Government Transparency Code has them.

use super::layouts::{Layout, layouts, of_year, text_or_not_held};
use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use chrono::NaiveDate;
use domain::{FinancialYear, Profile, Sector};
use etl::{Snapshot, Which};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

const NAME: &str = "voluntary-sector-grants";

/// The grants to voluntary organisations that were awarded in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VoluntarySectorGrants {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The layout of the year's file.
    #[schema(example = "transparency-code-2015")]
    pub layout: String,
    /// By day of award.
    pub grants: Vec<VoluntarySectorGrant>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A grant to a voluntary organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VoluntarySectorGrant {
    /// The authority's name.
    pub authority: String,
    /// The day of the award.
    pub awarded_on: NaiveDate,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The last day it is for.
    pub last_day: NaiveDate,
    /// The department that awards it; null, the profile names none.
    pub department: Option<String>,
    /// The organisation's name.
    pub beneficiary: String,
    /// Its number as a charity, or else as a company; null, none is recorded.
    #[schema(example = "1164883")]
    pub registration_number: Option<String>,
    /// What it contributes to: the budget line, in words.
    pub purpose: String,
    /// The whole award, in pence.
    pub amount_pence: i64,
}

/// A grant as the mart has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Award {
    pub key: String,
    pub budget_line: String,
    pub budget_line_name: String,
    pub provider_code: String,
    pub provider_name: String,
    pub sector: Sector,
    pub charity_number: Option<String>,
    pub company_number: Option<String>,
    pub organisation_id: Option<String>,
    pub awarded_on: NaiveDate,
    pub period_from: NaiveDate,
    pub last_day: NaiveDate,
    pub amount_pence: i64,
}

/// A column of the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Authority,
    AwardedOn,
    PeriodFrom,
    LastDay,
    Department,
    Beneficiary,
    RegistrationNumber,
    Purpose,
    Amount,
}

impl super::layouts::Field<VoluntarySectorGrant> for Field {
    fn column(self, header: &str) -> Column {
        match self {
            Field::AwardedOn | Field::PeriodFrom | Field::LastDay => Column::date(header),
            Field::Amount => Column::pounds(header).summed(),
            _ => Column::text(header),
        }
    }

    fn cell(self, grant: &VoluntarySectorGrant) -> Cell {
        match self {
            Field::Authority => Cell::text(&grant.authority),
            Field::AwardedOn => Cell::Date(grant.awarded_on),
            Field::PeriodFrom => Cell::Date(grant.period_from),
            Field::LastDay => Cell::Date(grant.last_day),
            Field::Department => text_or_not_held(grant.department.as_deref()),
            Field::Beneficiary => Cell::text(&grant.beneficiary),
            Field::RegistrationNumber => text_or_not_held(grant.registration_number.as_deref()),
            Field::Purpose => Cell::text(&grant.purpose),
            Field::Amount => Cell::Pence(grant.amount_pence),
        }
    }
}

/// The grants of a year to organisations of the voluntary sector.
pub fn voluntary_sector_grants(
    warehouse: &Path,
    which: &Which,
    profile: &Profile,
    year: FinancialYear,
) -> Result<VoluntarySectorGrants, Error> {
    Snapshot::reading(warehouse, which, |snapshot| of_snapshot(snapshot, profile, year), Error::is_gone)
}

fn layout(year: FinancialYear) -> Result<&'static Layout<Field>, Error> {
    of_year(&layouts()?.voluntary_sector_grants, NAME, year)
}

fn of_snapshot(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<VoluntarySectorGrants, Error> {
    let layout = layout(year)?;
    let department = profile.returns.publisher.as_ref().map(|publisher| publisher.department.clone());
    let voluntary = awards_of(snapshot, year)?.into_iter().filter(|award| award.sector == Sector::Voluntary);
    let grants = voluntary.map(|award| VoluntarySectorGrant {
        authority: profile.authority.clone(),
        awarded_on: award.awarded_on,
        period_from: award.period_from,
        last_day: award.last_day,
        department: department.clone(),
        beneficiary: award.provider_name,
        registration_number: award.charity_number.or(award.company_number),
        purpose: award.budget_line_name,
        amount_pence: award.amount_pence,
    });
    Ok(VoluntarySectorGrants {
        snapshot_id: snapshot.id().to_owned(),
        year,
        layout: layout.version.clone(),
        grants: grants.collect(),
        origin: Origin::of(snapshot),
    })
}

/// The grants awarded in a year, by day, organisation and key.
pub(super) fn awards_of(snapshot: &Snapshot, year: FinancialYear) -> Result<Vec<Award>, Error> {
    let mart = MartRows::of_any_year(snapshot, "grant_awards", year)?;
    let text = |column: &str| mart.words::<String>(column);
    let (keys, lines, purposes) = (text("grant_key")?, text("budget_line")?, text("budget_line_name")?);
    let (codes, names, sectors) = (text("provider_code")?, text("provider_name")?, mart.words::<Sector>("sector")?);
    let optional = |column: &str| mart.optional::<String>(column);
    let (charities, companies, ids) = (optional("charity_number")?, optional("company_number")?, optional("organisation_id")?);
    let (awarded, from, to) = (mart.days("awarded_on")?, mart.days("period_from")?, mart.days("period_to")?);
    let amounts = mart.numbers("amount_pence")?;
    let award = |index: usize| {
        // The mart has no null in these.
        let (awarded_on, period_from, period_to) = (awarded[index]?, from[index]?, to[index]?);
        Some(Award {
            key: keys[index].clone(),
            budget_line: lines[index].clone(),
            budget_line_name: purposes[index].clone(),
            provider_code: codes[index].clone(),
            provider_name: names[index].clone(),
            sector: sectors[index],
            charity_number: charities[index].clone(),
            company_number: companies[index].clone(),
            organisation_id: ids[index].clone(),
            awarded_on,
            period_from,
            last_day: period_to.pred_opt().unwrap_or(period_to),
            amount_pence: amounts[index],
        })
    };
    let mut awards: Vec<_> = (0..mart.len()).filter_map(award).collect();
    awards.sort_by(|one, other| {
        let key = |award: &Award| (award.awarded_on, award.provider_code.clone(), award.key.clone());
        key(one).cmp(&key(other))
    });
    Ok(awards)
}

impl VoluntarySectorGrants {
    /// The grants in the year's layout; `[x]` where nothing is held.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let title = format!("Grants to voluntary organisations {}", self.year.as_str());
        let layout = layout(self.year).map_err(|error| sheets::Error::Sheet(error.to_string()))?;
        let sheet = layout.sheet(title, &self.grants)?.tab("Voluntary sector grants");
        let sheet =
            sheet.heading("Local Government Transparency Code 2015; [x] is not held").heading(self.origin.heading(&self.snapshot_id));
        Ok(sheet)
    }

    /// The grants in the year's layout, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

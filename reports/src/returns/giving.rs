//! `grants-360giving`: grants as the 360Giving data standard has them, for anyone to read. JSON is the standard's own file.

use super::grants::{Award, awards_of};
use super::layouts::{Layout, layouts, of_year};
use crate::error::Error;
use crate::origin::Origin;
use chrono::NaiveDate;
use domain::profile::Publisher;
use domain::{FinancialYear, Pence, Profile};
use etl::{Snapshot, Which};
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, Serializer};
use sheets::{Cell, Column, Sheet};
use std::io::{self, Write};
use std::path::Path;
use utoipa::ToSchema;

const NAME: &str = "grants-360giving";
const CURRENCY: &str = "GBP";

/// The grants of a year as a 360Giving file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grants360Giving {
    /// The snapshot they are from.
    #[serde(skip)]
    #[schema(ignore)]
    pub snapshot_id: String,
    /// The financial year.
    #[serde(skip)]
    #[schema(ignore)]
    pub year: FinancialYear,
    /// By day of award.
    pub grants: Vec<Grant360Giving>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A grant, in the standard's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant360Giving {
    /// Its id, the same for ever.
    #[schema(example = "GB-LAE-TAM-01926f1c-7c1e-7d3a-9a53-6f3b0a4f8f11")]
    pub id: String,
    /// Who it is for and when, in words.
    pub title: String,
    /// What it contributes to, in words.
    pub description: String,
    /// Pounds sterling.
    #[schema(example = "GBP")]
    pub currency: &'static str,
    /// The whole award: kept in pence, written in pounds with two decimals.
    #[schema(value_type = f64, example = json!(12000.50))]
    pub amount_awarded: i64,
    /// The day of the award.
    pub award_date: NaiveDate,
    /// The days that it is for.
    pub planned_dates: [PlannedDates; 1],
    /// Who receives it.
    pub recipient_organization: [Organization360Giving; 1],
    /// Who awards it.
    pub funding_organization: [Organization360Giving; 1],
    /// The budget line that it is paid from.
    pub grant_programme: [GrantProgramme; 1],
}

/// The days that a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedDates {
    /// The first.
    pub start_date: NaiveDate,
    /// The last.
    pub end_date: NaiveDate,
}

/// Who gives or receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization360Giving {
    /// Its organisation id; of one that is on no register, the funder's id and the funder's own code of it.
    #[schema(example = "GB-CHC-1164883")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The department that awards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Its number as a charity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charity_number: Option<String>,
    /// Its number as a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_number: Option<String>,
}

/// The budget line that a grant is paid from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantProgramme {
    /// Its code.
    pub code: String,
    /// In words.
    pub title: String,
}

/// A column of the file as a sheet.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Id,
    Title,
    Description,
    Currency,
    Amount,
    AwardedOn,
    PeriodFrom,
    LastDay,
    RecipientId,
    RecipientName,
    CharityNumber,
    CompanyNumber,
    FunderId,
    FunderName,
}

impl super::layouts::Field<Grant360Giving> for Field {
    fn column(self, header: &str) -> Column {
        match self {
            Field::AwardedOn | Field::PeriodFrom | Field::LastDay => Column::date(header),
            Field::Amount => Column::pounds(header).summed(),
            _ => Column::text(header),
        }
    }

    fn cell(self, grant: &Grant360Giving) -> Cell {
        let ([dates], [recipient], [funder]) = (&grant.planned_dates, &grant.recipient_organization, &grant.funding_organization);
        match self {
            Field::Id => Cell::text(&grant.id),
            Field::Title => Cell::text(&grant.title),
            Field::Description => Cell::text(&grant.description),
            Field::Currency => Cell::text(grant.currency),
            Field::Amount => Cell::Pence(grant.amount_awarded),
            Field::AwardedOn => Cell::Date(grant.award_date),
            Field::PeriodFrom => Cell::Date(dates.start_date),
            Field::LastDay => Cell::Date(dates.end_date),
            Field::RecipientId => Cell::text(&recipient.id),
            Field::RecipientName => Cell::text(&recipient.name),
            Field::CharityNumber => recipient.charity_number.clone().into(),
            Field::CompanyNumber => recipient.company_number.clone().into(),
            Field::FunderId => Cell::text(&funder.id),
            Field::FunderName => Cell::text(&funder.name),
        }
    }
}

/// The grants that were awarded in a year. Refused where the profile does not say as whom the authority publishes.
pub fn grants_360giving(warehouse: &Path, which: &Which, profile: &Profile, year: FinancialYear) -> Result<Grants360Giving, Error> {
    Snapshot::reading(warehouse, which, |snapshot| of_snapshot(snapshot, profile, year), Error::is_gone)
}

fn layout(year: FinancialYear) -> Result<&'static Layout<Field>, Error> {
    of_year(&layouts()?.grants_360giving, NAME, year)
}

fn of_snapshot(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<Grants360Giving, Error> {
    layout(year)?;
    let publisher = profile.returns.publisher.as_ref().ok_or(Error::NoPublisher)?;
    let grants = awards_of(snapshot, year)?.into_iter().map(|award| grant(award, publisher, &profile.authority));
    Ok(Grants360Giving { snapshot_id: snapshot.id().to_owned(), year, grants: grants.collect(), origin: Origin::of(snapshot) })
}

fn grant(award: Award, publisher: &Publisher, authority: &str) -> Grant360Giving {
    let funder = Organization360Giving {
        id: publisher.organisation_id.clone(),
        name: authority.to_owned(),
        department: Some(publisher.department.clone()),
        charity_number: None,
        company_number: None,
    };
    let own_id = format!("{}-{}", publisher.organisation_id, award.provider_code);
    Grant360Giving {
        id: format!("{}-{}", publisher.grant_prefix(), award.key),
        title: format!("Grant to {}, {} to {}", award.provider_name, award.period_from, award.last_day),
        description: award.budget_line_name.clone(),
        currency: CURRENCY,
        amount_awarded: award.amount_pence,
        award_date: award.awarded_on,
        planned_dates: [PlannedDates { start_date: award.period_from, end_date: award.last_day }],
        recipient_organization: [Organization360Giving {
            id: award.organisation_id.unwrap_or(own_id),
            name: award.provider_name,
            department: None,
            charity_number: award.charity_number,
            company_number: award.company_number,
        }],
        funding_organization: [funder],
        grant_programme: [GrantProgramme { code: award.budget_line, title: award.budget_line_name }],
    }
}

/// Writes JSON in which each whole number is an amount in pence, as pounds with two decimals: no float comes near it. The file has no
/// other numbers.
struct InPounds;

impl Formatter for InPounds {
    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, pence: i64) -> io::Result<()> {
        writer.write_all(Pence(pence).to_pounds().as_bytes())
    }
}

impl Grants360Giving {
    /// The file of the standard.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.serialize(&mut Serializer::with_formatter(&mut bytes, InPounds))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The grants in the headings of the standard's spreadsheet template.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let title = format!("Grants {}", self.year.as_str());
        let layout = layout(self.year).map_err(|error| sheets::Error::Sheet(error.to_string()))?;
        let sheet = layout.sheet(title, &self.grants)?.tab("Grants");
        Ok(sheet.heading("360Giving data standard").heading(self.origin.heading(&self.snapshot_id)))
    }

    /// The same, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

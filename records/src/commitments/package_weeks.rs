//! A package's commitments in a year, week by week.

use crate::commitments::books::Books;
use crate::error::Error;
use crate::money::budget_lines;
use crate::packages;
use chrono::NaiveDate;
use db::schema::package_lines;
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::commitments::Cell;
use domain::{FinancialYear, Pence, Period, Profile};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// What one arrangement is planned to cost in one week of one month, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "budget_line": "home_care", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "week_starts_on": "2023-04-03", "from": "2023-04-03", "to": "2023-04-10", "period": 1, "is_carried": false, "planned_pence": 7507,
    "paid_pence": 7507, "released_pence": 0, "open_pence": 0, "unconfirmed_pence": 0
}))]
pub struct CommitmentCell {
    /// The first line of the arrangement.
    pub line_id: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// Who is to be paid; null for a direct payment.
    pub provider_id: Option<String>,
    /// The week's Monday.
    pub week_starts_on: NaiveDate,
    /// The first day, in the week and in one calendar month.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The month of the financial year.
    pub period: Period,
    /// Whether it was carried forward from a closed year; its days are then before this year.
    pub is_carried: bool,
    /// What it is planned to cost.
    #[schema(value_type = i64)]
    pub planned_pence: Pence,
    /// What payments have settled of it.
    #[schema(value_type = i64)]
    pub paid_pence: Pence,
    /// What is committed no longer.
    #[schema(value_type = i64)]
    pub released_pence: Pence,
    /// What is still to be paid.
    #[schema(value_type = i64)]
    pub open_pence: Pence,
    /// Of that, what nobody with the authority has confirmed.
    #[schema(value_type = i64)]
    pub unconfirmed_pence: Pence,
}

/// A package's commitments in a financial year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageCommitments {
    /// The package.
    pub package_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// Planned in all.
    #[schema(value_type = i64)]
    pub planned_pence: Pence,
    /// Paid in all.
    #[schema(value_type = i64)]
    pub paid_pence: Pence,
    /// Released in all.
    #[schema(value_type = i64)]
    pub released_pence: Pence,
    /// Open in all: what is left of the other three.
    #[schema(value_type = i64)]
    pub open_pence: Pence,
    /// Of that, what rests on package lines that nobody with the authority has confirmed.
    #[schema(value_type = i64)]
    pub unconfirmed_pence: Pence,
    /// By budget line, and in the order in which payments settle them.
    pub weeks: Vec<CommitmentCell>,
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CommitmentParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
}

fn weeks_of(
    connection: &mut AnyConnection,
    profile: &Profile,
    package_id: &str,
    year: FinancialYear,
) -> Result<Vec<CommitmentCell>, Error> {
    let rows: Vec<(String, Option<String>, String)> = package_lines::table
        .filter(package_lines::package_id.eq(package_id))
        .select((package_lines::line_id, package_lines::continues_line_id, package_lines::budget_line))
        .load(connection)?;
    let mut arrangements: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (line_id, continues, budget_line) in rows {
        arrangements.entry(budget_line).or_default().insert(continues.unwrap_or(line_id));
    }
    let mut weeks = Vec::new();
    for (code, own) in arrangements {
        let line = budget_lines::find(connection, &code)?.ok_or_else(|| Error::fault("a package line of no budget line"))?;
        let books = Books::load(connection, year, &line, profile.time_zone)?;
        books.settle(&profile.costing, |settlement| {
            let cells = settlement.cells.iter().filter(|cell| own.contains(cell.owner.id));
            weeks.extend(cells.map(|cell| week(&code, cell)));
        })?;
    }
    Ok(weeks)
}

fn week(budget_line: &str, cell: &Cell<'_>) -> CommitmentCell {
    CommitmentCell {
        line_id: cell.owner.id.to_owned(),
        budget_line: budget_line.to_owned(),
        provider_id: cell.provider.map(str::to_owned),
        week_starts_on: cell.week_starts_on(),
        from: cell.from,
        to: cell.to,
        period: cell.period,
        is_carried: cell.is_carried,
        planned_pence: cell.planned,
        paid_pence: cell.paid,
        released_pence: cell.released,
        open_pence: cell.open(),
        unconfirmed_pence: cell.open_unconfirmed(),
    }
}

/// Read a package's commitments.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str, wanted: CommitmentParams) -> Result<PackageCommitments, Error> {
    let year = wanted.year;
    let package = packages::find(write.connection, id)?;
    packages::record_read(write, &package)?;
    let weeks = weeks_of(write.connection, profile, &package.id, year)?;
    let sum = |of: fn(&CommitmentCell) -> Pence| Pence::checked_sum(weeks.iter().map(of)).map_err(Error::fault);
    Ok(PackageCommitments {
        package_id: package.id,
        year,
        planned_pence: sum(|cell| cell.planned_pence)?,
        paid_pence: sum(|cell| cell.paid_pence)?,
        released_pence: sum(|cell| cell.released_pence)?,
        open_pence: sum(|cell| cell.open_pence)?,
        unconfirmed_pence: sum(|cell| cell.unconfirmed_pence)?,
        weeks,
    })
}

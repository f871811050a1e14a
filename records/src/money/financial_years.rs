//! Financial years: a budget or an entry needs its year to be open.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use chrono::NaiveDate;
use db::schema::financial_years;
use db::{AnyConnection, Write, closed_through, open_financial_year};
use diesel::prelude::*;
use domain::{Code, FinancialYear};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An open financial year.
#[derive(Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = financial_years)]
#[schema(example = json!({ "year": "2023-24", "starts_on": "2023-04-01", "ends_on": "2024-03-31", "recorded_at": "2023-02-20T10:00:00Z" }))]
pub struct OpenYear {
    /// As `2023-24`.
    pub year: FinancialYear,
    /// 1 April.
    pub starts_on: NaiveDate,
    /// 31 March, in the year.
    pub ends_on: NaiveDate,
    /// When it was opened, UTC.
    pub recorded_at: Instant,
}

/// A year to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "year": "2024-25" }))]
pub struct NewYear {
    /// As `2024-25`.
    pub year: FinancialYear,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListYears {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// Opens a financial year.
pub fn record(write: &mut Write<'_>, year: FinancialYear) -> Result<OpenYear, Error> {
    if let Some(closed) = closed_through(write.connection)?.filter(|closed| year < *closed) {
        // Opened now it would stay open for ever: years are closed one after another.
        return Err(Error::refused(Code::StateConflict, format!("{closed} was closed: a year before it is not opened any more.")));
    }
    if !open_financial_year(write, year)? {
        return Err(Error::refused(Code::AlreadyExists, format!("The financial year {year} is open already.")));
    }
    Ok(OpenYear { year, starts_on: year.starts_on(), ends_on: year.ends_on(), recorded_at: write.at.into() })
}

/// List financial years.
pub fn list(connection: &mut AnyConnection, wanted: ListYears) -> Result<Page<OpenYear>, Error> {
    let ListYears { limit, cursor } = wanted;
    let rows = financial_years::table
        .select(OpenYear::as_select())
        .filter(financial_years::year.gt(cursor.after()))
        .order(financial_years::year)
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &OpenYear| row.year.to_string()))
}

/// Read a financial year.
pub fn read(connection: &mut AnyConnection, year: &FinancialYear) -> Result<OpenYear, Error> {
    let year = financial_years::table.find(year.as_str()).select(OpenYear::as_select()).first(connection).optional()?;
    year.ok_or_else(|| Error::not_found("financial year"))
}

//! Years that were closed: nothing is recorded in them any more.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::year_closures;
use diesel::prelude::*;
use domain::FinancialYear;

/// Something that is about to change, maybe with days in a closed year.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The id of a package line, a grant, a share, an invoice or a receipt.
    pub id: &'a str,
    /// The budget line that pays it.
    pub budget_line: &'a str,
    /// The first day on which it will be other than before.
    pub from: NaiveDate,
}

/// Refuses what would change a closed year, or one before it.
pub fn refuse_closed(connection: &mut AnyConnection, year: FinancialYear) -> Result<(), Error> {
    Ok(domain::budgets::movements::refuse_closed(year, db::closed_through(connection)?)?)
}

/// The closed years with this day, or after it, the earliest first.
pub fn closed_since(connection: &mut AnyConnection, from: NaiveDate) -> Result<Vec<FinancialYear>, Error> {
    let mut years: Vec<FinancialYear> = year_closures::table.select(year_closures::year).order(year_closures::year).load(connection)?;
    years.retain(|year| from < year.next_starts_on());
    Ok(years)
}

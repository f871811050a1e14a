//! The financial years a snapshot covers, and their months.

use crate::Error;
use domain::FinancialYear;
use etl::{Snapshot, integers, texts};
use polars::prelude::*;

/// Refuses a year the snapshot does not cover.
pub(crate) fn require(snapshot: &Snapshot, year: FinancialYear) -> Result<(), Error> {
    let codes = texts(&snapshot.table("dim_financial_year")?, "financial_year")?;
    if codes.iter().flatten().any(|code| code == year.as_str()) {
        return Ok(());
    }
    Err(Error::UnknownYear { year, known: codes.iter().flatten().filter_map(|code| code.parse().ok()).collect() })
}

/// The year before another, which the snapshot has; refused where it has not.
pub(crate) fn require_year_before(snapshot: &Snapshot, year: FinancialYear) -> Result<FinancialYear, Error> {
    let codes = texts(&snapshot.table("dim_financial_year")?, "financial_year")?;
    let known: Vec<FinancialYear> = codes.iter().flatten().filter_map(|code| code.parse().ok()).collect();
    let before = known.iter().copied().find(|known| known.next() == Ok(year));
    before.ok_or(Error::NoYearBefore { year, known })
}

/// The years up to one that the snapshot covers, at most so many, the earliest first.
pub(crate) fn years_up_to(snapshot: &Snapshot, last: FinancialYear, most: usize) -> Result<Vec<FinancialYear>, Error> {
    let codes = texts(&snapshot.table("dim_financial_year")?, "financial_year")?;
    let mut years: Vec<FinancialYear> = codes.iter().flatten().filter_map(|code| code.parse().ok()).filter(|year| *year <= last).collect();
    years.sort_unstable();
    Ok(years.split_off(years.len().saturating_sub(most)))
}

/// Whether a year is over, as the snapshot sees it.
pub(crate) fn has_ended(snapshot: &Snapshot, year: FinancialYear) -> Result<bool, Error> {
    let table = snapshot.table("dim_financial_year")?;
    let (codes, ended) = (texts(&table, "financial_year")?, integers(&table, "has_ended")?);
    Ok(codes.iter().zip(ended).any(|(code, ended)| code.as_deref() == Some(year.as_str()) && ended != 0))
}

/// Refuses a month that is in none of the years asked for, or, when none is, in none the snapshot covers.
pub(crate) fn require_month(snapshot: &Snapshot, month: &str, asked: &[FinancialYear]) -> Result<(), Error> {
    let table = snapshot.table("dim_month")?;
    let (months, years) = (texts(&table, "calendar_month")?, texts(&table, "financial_year")?);
    let mut covered: Vec<FinancialYear> = years.iter().flatten().filter_map(|code| code.parse().ok()).collect();
    covered.dedup();
    let of_the_month = months.iter().zip(&years).find(|(code, _)| code.as_deref() == Some(month)).and_then(|(_, year)| year.as_deref());
    let years = if asked.is_empty() { covered } else { asked.to_vec() };
    if years.iter().any(|year| Some(year.as_str()) == of_the_month) {
        return Ok(());
    }
    Err(Error::UnknownMonth { month: month.to_owned(), years })
}

/// Refuses a budget line that the authority does not keep.
pub(crate) fn require_budget_lines(snapshot: &Snapshot, codes: &[String]) -> Result<(), Error> {
    if codes.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = texts(&snapshot.table("dim_budget_line")?, "budget_line")?.into_iter().flatten().collect();
    match codes.iter().find(|code| !known.contains(code)) {
        Some(code) => Err(Error::UnknownBudgetLine { code: code.clone(), known }),
        None => Ok(()),
    }
}

/// The rows of a mart that are of one year, whether or not the snapshot covers that year: a grant may be awarded before the first. A year that
/// has neither is refused.
pub(crate) fn rows_of_any_year(snapshot: &Snapshot, mart: &str, year: FinancialYear) -> Result<DataFrame, Error> {
    let rows = snapshot.table(mart)?.lazy().filter(col("financial_year").eq(lit(year.as_str()))).collect()?;
    if rows.height() == 0 {
        require(snapshot, year)?;
    }
    Ok(rows)
}

/// The rows of a mart that are of one year, in the order of a column.
pub(crate) fn rows_of(snapshot: &Snapshot, mart: &str, year: FinancialYear, order: &str) -> Result<DataFrame, Error> {
    require(snapshot, year)?;
    let of_the_year = col("financial_year").eq(lit(year.as_str()));
    Ok(snapshot.table(mart)?.lazy().filter(of_the_year).sort([order], SortMultipleOptions::default()).collect()?)
}

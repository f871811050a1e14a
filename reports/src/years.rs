//! The financial years a snapshot covers.

use crate::Error;
use domain::FinancialYear;
use etl::{Snapshot, texts};
use polars::prelude::*;

/// Refuses a year the snapshot does not cover.
pub(crate) fn require(snapshot: &Snapshot, year: FinancialYear) -> Result<(), Error> {
    let codes = texts(&snapshot.table("dim_financial_year")?, "financial_year")?;
    if codes.iter().flatten().any(|code| code == year.as_str()) {
        return Ok(());
    }
    Err(Error::UnknownYear { year, known: codes.iter().flatten().filter_map(|code| code.parse().ok()).collect() })
}

/// The rows of a mart that are of one year, in the order of a column.
pub(crate) fn rows_of(snapshot: &Snapshot, mart: &str, year: FinancialYear, order: &str) -> Result<DataFrame, Error> {
    require(snapshot, year)?;
    let of_the_year = col("financial_year").eq(lit(year.as_str()));
    Ok(snapshot.table(mart)?.lazy().filter(of_the_year).sort([order], SortMultipleOptions::default()).collect()?)
}

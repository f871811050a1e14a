//! Reading a table's cells.

use crate::error::Error;
use chrono::NaiveDate;
use polars::prelude::DataFrame;

/// A column of text; nulls as `None`.
pub fn texts(table: &DataFrame, column: &str) -> Result<Vec<Option<String>>, Error> {
    Ok(table.column(column)?.str()?.iter().map(|cell| cell.map(str::to_owned)).collect())
}

/// A column of whole numbers that has no nulls; a null, which the checks before publication rule out, is nought.
pub fn integers(table: &DataFrame, column: &str) -> Result<Vec<i64>, Error> {
    Ok(table.column(column)?.i64()?.iter().map(Option::unwrap_or_default).collect())
}

/// A column of whole numbers; nulls as `None`.
pub fn optional_integers(table: &DataFrame, column: &str) -> Result<Vec<Option<i64>>, Error> {
    Ok(table.column(column)?.i64()?.iter().collect())
}

/// A column of days; nulls as `None`.
pub fn dates(table: &DataFrame, column: &str) -> Result<Vec<Option<NaiveDate>>, Error> {
    Ok(table.column(column)?.date()?.as_date_iter().collect())
}

//! Reading a fact's columns back as the types they were written from.

use crate::cells::{dates, integers, optional_integers, texts};
use crate::error::Error;
use crate::files::read_parquet;
use crate::manifest::Table;
use chrono::NaiveDate;
use polars::prelude::DataFrame;
use std::path::Path;
use std::str::FromStr;

/// The table of that name.
pub(super) fn find<'t>(tables: &'t [Table], name: &str) -> Result<&'t Table, Error> {
    tables.iter().find(|table| table.name == name).ok_or_else(|| Error::Definition(format!("there is no table `{name}`")))
}

/// A table of one file.
pub(super) fn whole(directory: &Path, table: &Table) -> Result<DataFrame, Error> {
    match table.files.as_slice() {
        [file] => read_parquet(directory, file),
        _ => Err(Error::Definition(format!("the table `{}` has not one file", table.name))),
    }
}

/// A table's rows, read column by column.
pub(super) struct Rows(pub(super) DataFrame);

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.0.height()
    }

    /// Whether there is such a column: a snapshot from before it has none.
    pub(super) fn has(&self, column: &str) -> bool {
        self.0.get_column_index(column).is_some()
    }

    /// Words, nulls as `None`. The error says which column and not what is in it.
    pub(super) fn optional<T: FromStr>(&self, column: &str) -> Result<Vec<Option<T>>, Error> {
        let unreadable = || Error::Definition(format!("a word in the column `{column}` is not known"));
        texts(&self.0, column)?.into_iter().map(|cell| cell.map(|text| text.parse().map_err(|_| unreadable())).transpose()).collect()
    }

    /// The same of a column that snapshots from before it lack: nulls there.
    pub(super) fn optional_if_there<T: FromStr>(&self, column: &str) -> Result<Vec<Option<T>>, Error> {
        match self.0.column(column) {
            Ok(_) => self.optional(column),
            Err(_) => Ok((0..self.len()).map(|_| None).collect()),
        }
    }

    pub(super) fn words<T: FromStr>(&self, column: &str) -> Result<Vec<T>, Error> {
        self.optional(column)?.into_iter().map(|cell| cell.ok_or_else(|| missing(column))).collect()
    }

    pub(super) fn numbers(&self, column: &str) -> Result<Vec<i64>, Error> {
        integers(&self.0, column)
    }

    /// Numbers of a column that snapshots from before it lack: this one there.
    pub(super) fn numbers_or(&self, column: &str, number: i64) -> Result<Vec<i64>, Error> {
        match self.0.column(column) {
            Ok(_) => self.numbers(column),
            Err(_) => Ok(vec![number; self.len()]),
        }
    }

    pub(super) fn optional_numbers(&self, column: &str) -> Result<Vec<Option<i64>>, Error> {
        optional_integers(&self.0, column)
    }

    pub(super) fn days(&self, column: &str) -> Result<Vec<NaiveDate>, Error> {
        self.optional_days(column)?.into_iter().map(|cell| cell.ok_or_else(|| missing(column))).collect()
    }

    pub(super) fn optional_days(&self, column: &str) -> Result<Vec<Option<NaiveDate>>, Error> {
        dates(&self.0, column)
    }
}

fn missing(column: &str) -> Error {
    Error::Definition(format!("the column `{column}` has a null"))
}

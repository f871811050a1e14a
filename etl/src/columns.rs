//! What each column of the store and of the warehouse is: `columns.toml`.

use crate::error::Error;
use polars::prelude::DataFrame;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a column is, and so whether and how it may leave the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Tells rows apart or joins them.
    Key,
    /// A number to add up.
    Measure,
    /// What rows are grouped and filtered by.
    Attribute,
    /// Stands for a child, or for what belongs to one child alone.
    Pseudonym,
    /// Stays in the store.
    Never,
}

/// Classes by table and column.
pub type Tables = BTreeMap<String, BTreeMap<String, Class>>;

/// The whole of `columns.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The store's tables.
    pub store: Tables,
    /// The warehouse's tables.
    pub warehouse: Tables,
}

static COLUMNS: LazyLock<Result<Columns, String>> =
    LazyLock::new(|| toml::from_str(include_str!("../columns.toml")).map_err(|error| error.to_string()));

/// The classes, as this program was built with them. Fails with [`Error::Definition`] if the file is not well formed.
pub fn columns() -> Result<&'static Columns, Error> {
    COLUMNS.as_ref().map_err(|error| Error::Definition(format!("columns.toml: {error}")))
}

/// Refuses a table that has a column more or fewer than `columns.toml` lists, or one that must not leave the store.
pub(crate) fn check(name: &str, table: &DataFrame) -> Result<(), Error> {
    let listed =
        columns()?.warehouse.get(name).ok_or_else(|| Error::Definition(format!("columns.toml does not list the table `{name}`")))?;
    for column in table.get_column_names() {
        match listed.get(column.as_str()) {
            None => return Err(Error::Definition(format!("columns.toml does not list the column `{name}.{column}`"))),
            Some(Class::Never) => return Err(Error::Definition(format!("columns.toml keeps `{name}.{column}` out of the warehouse"))),
            Some(_) => {}
        }
    }
    if table.width() < listed.len() {
        return Err(Error::Definition(format!("columns.toml lists more columns of `{name}` than it has")));
    }
    Ok(())
}

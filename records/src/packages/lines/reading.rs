//! Reading package lines, which is a read of their package.

use crate::error::Error;
use crate::packages::lines::line::PackageLine;
use crate::packages::lines::versions::{KnownOn, history, known_lines};
use crate::packages::package::find;
use crate::packages::reading::record_read;
use crate::period::day_parameter;
use crate::text::Id;
use chrono::NaiveDate;
use db::Write;
use domain::{Code, FieldError, FinancialYear};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which lines, and as known when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLines {
    /// The package.
    package_id: Id,
    /// Only lines in force on this day.
    #[serde(default, deserialize_with = "day_parameter")]
    as_at: Option<NaiveDate>,
    /// As the store knew them at the end of this day of the authority's time zone.
    #[serde(default, deserialize_with = "day_parameter")]
    as_known_on: Option<NaiveDate>,
}

/// A package's lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageLines {
    /// In the order first recorded; reversed ones not.
    pub items: Vec<PackageLine>,
}

/// Every version of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineHistory {
    /// The oldest first.
    pub versions: Vec<PackageLine>,
}

/// List a package's lines.
pub fn list(write: &mut Write<'_>, wanted: ListLines) -> Result<PackageLines, Error> {
    let ListLines { package_id, as_at, as_known_on } = wanted;
    if let Some(Err(error)) = as_known_on.map(FinancialYear::of) {
        let error = FieldError::new("?as_known_on", "out_of_range", error.to_string());
        return Err(Error::with_errors(Code::InvalidParameter, vec![error]));
    }
    let known_on = as_known_on.map_or(KnownOn::Now, |day| KnownOn::Before(write.zone.end_of(day)));
    let package = find(write.connection, &package_id.0)?;
    let mut items = known_lines(write.connection, &package_id.0, known_on)?;
    if let Some(day) = as_at {
        items.retain(|line| line.valid_from <= day && line.valid_to.is_none_or(|ends| day < ends));
    }
    record_read(write, &package)?;
    Ok(PackageLines { items })
}

/// Read a package line's history.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<LineHistory, Error> {
    let versions = history(write.connection, id)?;
    if let Some(version) = versions.first() {
        let package = find(write.connection, &version.package_id)?;
        record_read(write, &package)?;
    }
    Ok(LineHistory { versions })
}

//! Reading packages, which is on the trail of the child as well.

use crate::error::Error;
use crate::joint_funding::shares::{FundedLine, funded_lines};
use crate::packages::lines::versions::{KnownOn, known_lines};
use crate::packages::package::{Package, find};
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use db::schema::packages;
use db::{Event, Write};
use diesel::prelude::*;
use domain::Profile;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A package with its lines as they are known now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageWithLines {
    /// The package.
    #[serde(flatten)]
    pub package: Package,
    /// Its lines, ended ones too, reversed ones not, with what others pay of them.
    pub lines: Vec<FundedLine>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPackages {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
}

/// A package is part of its child's record: reading it is on the trail of both.
pub fn record_read(write: &mut Write<'_>, package: &Package) -> Result<(), Error> {
    write.record(Event::new("read", "packages", &package.id))?;
    write.record(Event::new("read", "children", &package.child_id).with(json!({ "package_id": package.id })))?;
    Ok(())
}

/// List packages.
pub fn list(write: &mut Write<'_>, wanted: ListPackages) -> Result<Page<Package>, Error> {
    let ListPackages { limit, cursor, child_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = packages::table
        .select(Package::as_select())
        .filter(packages::recorded_seq.ge(after.seq))
        .filter(packages::recorded_seq.gt(after.seq).or(packages::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = child_id {
        query = query.filter(packages::child_id.eq(child.0));
    }
    let rows = query.order((packages::recorded_seq, packages::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &Package| After::key(row.recorded_seq, &row.id));
    for package in &page.items {
        record_read(write, package)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "packages", ""))?;
    }
    Ok(page)
}

/// Read a package with its lines.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<PackageWithLines, Error> {
    let package = find(write.connection, id)?;
    let lines = known_lines(write.connection, &package.id, KnownOn::Now)?;
    let lines = funded_lines(write.connection, &profile.costing, &package.id, lines, write.today())?;
    record_read(write, &package)?;
    Ok(PackageWithLines { package, lines })
}

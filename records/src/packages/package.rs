//! A package: its row, and how it is found.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::packages;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// A package.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = packages)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "reference": "PK-0412-1", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Package {
    /// The package's id.
    pub id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child it supports.
    pub child_id: String,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The package with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Package, Error> {
    let package = packages::table.find(id).select(Package::as_select()).first(connection).optional()?;
    package.ok_or_else(|| Error::not_found("package"))
}

/// The packages with those ids, at most a page of them.
pub fn find_all(connection: &mut AnyConnection, ids: &[String]) -> Result<Vec<Package>, Error> {
    Ok(packages::table.filter(packages::id.eq_any(ids)).select(Package::as_select()).order(packages::id).load(connection)?)
}

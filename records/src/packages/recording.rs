//! Recording a package of a child.

use crate::error::Error;
use crate::packages::package::Package;
use crate::text::{Id, Text};
use db::schema::{children, packages};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::FieldError;
use serde::Deserialize;
use utoipa::ToSchema;

/// A package to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "PK-0412-1", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12" }))]
pub struct NewPackage {
    /// The authority's own number for it.
    pub reference: Text<60>,
    /// The child it supports.
    pub child_id: Id,
}

/// Records a package of a child.
pub fn record(write: &mut Write<'_>, new: NewPackage) -> Result<Package, Error> {
    let child_exists: bool = diesel::select(diesel::dsl::exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        return Err(Error::invalid(vec![FieldError::new("/child_id", "unknown_reference", "no child has this id")]));
    }
    let package = Package {
        id: new_id(),
        reference: new.reference.0,
        child_id: new.child_id.0,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(packages::table).values(&package).execute(write.connection)?;
    write.record(Event::new("record", "packages", &package.id))?;
    Ok(package)
}

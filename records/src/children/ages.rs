//! For which days a child is of an age for support.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{children, packages};
use diesel::prelude::*;
use domain::Profile;
use domain::children::ages::AgeDays;

/// The days of support from a budget line that a child is of an age for; none, there is no such child.
pub fn of_child<'p>(
    connection: &mut AnyConnection,
    profile: &'p Profile,
    child_id: &str,
    budget_line: &str,
) -> Result<Option<AgeDays<'p>>, Error> {
    let born: Option<NaiveDate> = children::table.find(child_id).select(children::date_of_birth).first(connection).optional()?;
    Ok(born.map(|born| profile.ages.days(born, budget_line)))
}

/// The same for the child whom a package supports; none, there is no such package.
pub fn of_package<'p>(
    connection: &mut AnyConnection,
    profile: &'p Profile,
    package_id: &str,
    budget_line: &str,
) -> Result<Option<AgeDays<'p>>, Error> {
    let child: Option<String> = packages::table.find(package_id).select(packages::child_id).first(connection).optional()?;
    match child {
        Some(child) => of_child(connection, profile, &child, budget_line),
        None => Ok(None),
    }
}

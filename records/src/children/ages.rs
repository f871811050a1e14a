//! For which days a child is of an age for support.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{children, packages};
use diesel::prelude::*;
use domain::Profile;
use domain::children::ages::AgeDays;

/// The day on which a child was born; none, there is no such child.
pub fn date_of_birth(connection: &mut AnyConnection, child_id: &str) -> Result<Option<NaiveDate>, Error> {
    Ok(children::table.find(child_id).select(children::date_of_birth).first(connection).optional()?)
}

/// The days of support from a budget line that the child whom a package supports is of an age for; none, there is no such package.
pub fn of_package<'p>(
    connection: &mut AnyConnection,
    profile: &'p Profile,
    package_id: &str,
    budget_line: &str,
) -> Result<Option<AgeDays<'p>>, Error> {
    let born: Option<NaiveDate> = packages::table
        .inner_join(children::table)
        .filter(packages::id.eq(package_id))
        .select(children::date_of_birth)
        .first(connection)
        .optional()?;
    Ok(born.map(|born| profile.ages.days(born, budget_line)))
}

//! The package lines that nobody with the authority has agreed, written down: what is shut to them asks here, and so do their lists.

use crate::arrangements::arrangement_versions;
use crate::schema::{package_lines, unconfirmed_lines};
use crate::{AnyConnection, Error};
use diesel::prelude::*;
use domain::TimeZone;
use domain::packages::support::Unconfirmed;
use std::collections::HashMap;

/// So many arrangements are asked for at once.
const CHUNK: usize = 500;

/// A package, a budget line, who recorded it, and with which write.
type Origin = (String, String, String, i64);

/// What of a version goes into the list beside its terms.
type Recorded = (String, i64, Origin);

/// Writes down anew which lines of these arrangements wait, after one was recorded, changed, reversed or confirmed.
pub fn write_unconfirmed_anew(connection: &mut AnyConnection, arrangements: &[String], zone: TimeZone) -> Result<(), Error> {
    for some in arrangements.chunks(CHUNK) {
        let versions = arrangement_versions(connection, some, None, zone)?;
        let waiting: Vec<(&String, Unconfirmed<'_>)> =
            some.iter().flat_map(|first| versions.unconfirmed(first).into_iter().map(move |line| (first, line))).collect();
        diesel::delete(unconfirmed_lines::table.filter(unconfirmed_lines::arrangement_id.eq_any(some))).execute(connection)?;
        let ids: Vec<&str> = waiting.iter().map(|(_, line)| line.last.line_id.as_str()).collect();
        let recorded = recorded(connection, &ids)?;
        for (arrangement, line) in waiting {
            let Some((package, budget_line, recorded_by, seq)) = recorded.get(&(line.first.line_id.clone(), line.first.version)) else {
                continue;
            };
            let (terms, since) = (&line.last.terms, Some(line.first.recorded_on));
            let row = (
                unconfirmed_lines::line_id.eq(&line.last.line_id),
                unconfirmed_lines::arrangement_id.eq(arrangement),
                unconfirmed_lines::package_id.eq(package),
                unconfirmed_lines::budget_line.eq(budget_line),
                unconfirmed_lines::valid_from.eq(terms.valid_from),
                unconfirmed_lines::valid_to.eq(terms.valid_to),
                unconfirmed_lines::recorded_by.eq(recorded_by),
                unconfirmed_lines::waits_since.eq(since),
                unconfirmed_lines::recorded_seq.eq(seq),
            );
            diesel::insert_into(unconfirmed_lines::table).values(row).execute(connection)?;
        }
    }
    Ok(())
}

/// Of every version of these lines its package, budget line, who recorded it, and with which write.
fn recorded(connection: &mut AnyConnection, line_ids: &[&str]) -> Result<HashMap<(String, i64), Origin>, Error> {
    let rows: Vec<Recorded> = package_lines::table
        .filter(package_lines::line_id.eq_any(line_ids))
        .select((
            package_lines::line_id,
            package_lines::version,
            (package_lines::package_id, package_lines::budget_line, package_lines::recorded_by, package_lines::recorded_seq),
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(|(line, version, rest)| ((line, version), rest)).collect())
}

/// Whether lines from before the list was kept have not been looked at.
pub(crate) fn has_unlooked(connection: &mut AnyConnection) -> Result<bool, Error> {
    let unlooked = unconfirmed_lines::table.filter(unconfirmed_lines::waits_since.is_null());
    Ok(unlooked.select(unconfirmed_lines::line_id).first::<String>(connection).optional()?.is_some())
}

/// Looks at the lines from before: those that something agreed leave the list.
pub(crate) fn fill_in_unconfirmed(connection: &mut AnyConnection, zone: TimeZone) -> Result<(), Error> {
    let unlooked = unconfirmed_lines::table.filter(unconfirmed_lines::waits_since.is_null());
    let arrangements: Vec<String> =
        unlooked.select(unconfirmed_lines::arrangement_id).distinct().order(unconfirmed_lines::arrangement_id).load(connection)?;
    write_unconfirmed_anew(connection, &arrangements, zone)
}

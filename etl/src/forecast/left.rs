//! What is asked for a child who leaves counts for the days before, from the day on which that was known.

use crate::error::Error;
use crate::forecast::pending::PendingLine;
use chrono::NaiveDateTime;
use db::AnyConnection;
use domain::TimeZone;
use domain::children::leaving::as_known;
use records::children::leaving::known_by_request_line;

/// Pending lines, cut where it became known that their children leave.
pub(super) fn before_leaving(
    connection: &mut AnyConnection,
    before: NaiveDateTime,
    zone: TimeZone,
    pending: Vec<PendingLine>,
) -> Result<Vec<PendingLine>, Error> {
    let known = known_by_request_line(connection, before, zone)?;
    let cut = |line: PendingLine| match known.get(&line.request_line_id) {
        None => vec![line],
        Some(leavings) => as_known(line.terms, (line.known_from, line.known_to), leavings)
            .into_iter()
            .map(|(terms, (known_from, known_to))| PendingLine { terms, known_from, known_to, ..line.clone() })
            .collect(),
    };
    Ok(pending.into_iter().flat_map(cut).collect())
}

//! Arrangements: a first package line and the lines that go on in its place after variations, as they stand.

use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::LineState;
pub use domain::commissioning::arrangement::{Arrangement, StandingLine};
use std::collections::{BTreeSet, HashMap};

/// Ids in one query: few enough for every database.
pub(crate) const CHUNK: usize = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = package_lines)]
struct Version {
    line_id: String,
    continues_line_id: Option<String>,
    package_id: String,
    budget_line: String,
    provider_id: Option<String>,
    valid_from: NaiveDate,
    state: LineState,
    request_line_id: Option<String>,
    recorded_by: String,
    recorded_at: NaiveDateTime,
}

/// The arrangements that carry request lines out, by the request line's id.
pub fn arrangements_of(connection: &mut AnyConnection, request_lines: &[String]) -> Result<HashMap<String, Vec<Arrangement>>, Error> {
    let mut named: Vec<(String, String)> = Vec::new();
    for ids in request_lines.chunks(CHUNK) {
        let rows: Vec<(Option<String>, String, Option<String>)> = package_lines::table
            .filter(package_lines::request_line_id.eq_any(ids))
            .select((package_lines::request_line_id, package_lines::line_id, package_lines::continues_line_id))
            .distinct()
            .load(connection)?;
        named.extend(rows.into_iter().filter_map(|(request_line, line, continues)| Some((request_line?, continues.unwrap_or(line)))));
    }
    let first_lines: BTreeSet<String> = named.iter().map(|(_, arrangement)| arrangement.clone()).collect();
    let arrangements = standing_arrangements(connection, &first_lines.into_iter().collect::<Vec<_>>())?;
    let mut carrying: HashMap<String, Vec<Arrangement>> = HashMap::new();
    let pairs: BTreeSet<(String, String)> = named.into_iter().collect();
    for (request_line, arrangement) in pairs {
        if let Some(found) = arrangements.get(&arrangement).filter(|found| found.carries_out(&request_line)) {
            carrying.entry(request_line).or_default().push(found.clone());
        }
    }
    Ok(carrying)
}

/// The first line of the arrangement that each package line belongs to, by the line's id. An id that is no line's is not in the answer.
pub fn first_lines_of(connection: &mut AnyConnection, line_ids: &[String]) -> Result<HashMap<String, String>, Error> {
    let mut first_lines = HashMap::new();
    for ids in line_ids.chunks(CHUNK) {
        let rows: Vec<(String, Option<String>)> = package_lines::table
            .filter(package_lines::line_id.eq_any(ids))
            .select((package_lines::line_id, package_lines::continues_line_id))
            .distinct()
            .load(connection)?;
        first_lines.extend(rows.into_iter().map(|(line, continues)| (line.clone(), continues.unwrap_or(line))));
    }
    Ok(first_lines)
}

/// Arrangements by their first lines' ids. An id that is no first line's is not in the answer.
pub fn standing_arrangements(connection: &mut AnyConnection, first_lines: &[String]) -> Result<HashMap<String, Arrangement>, Error> {
    let mut arrangements: HashMap<String, Arrangement> = HashMap::new();
    for ids in first_lines.chunks(CHUNK) {
        let firsts = package_lines::table.filter(package_lines::line_id.eq_any(ids)).filter(package_lines::continues_line_id.is_null());
        let firsts: Vec<Version> =
            firsts.order((package_lines::line_id, package_lines::version)).select(Version::as_select()).load(connection)?;
        let later = package_lines::table.filter(package_lines::continues_line_id.eq_any(ids));
        let later: Vec<Version> =
            later.order((package_lines::line_id, package_lines::version)).select(Version::as_select()).load(connection)?;
        let mut of_line: HashMap<String, Vec<Version>> = HashMap::new();
        for version in firsts.into_iter().chain(later) {
            of_line.entry(version.line_id.clone()).or_default().push(version);
        }
        for versions in of_line.into_values() {
            add(&mut arrangements, versions);
        }
    }
    for arrangement in arrangements.values_mut() {
        arrangement.lines.sort_by_key(|line| (line.recorded_at, line.valid_from));
    }
    Ok(arrangements)
}

/// Adds a line, by its versions, the oldest first.
fn add(arrangements: &mut HashMap<String, Arrangement>, mut versions: Vec<Version>) {
    let Some(last) = versions.pop() else { return };
    let (recorded_by, recorded_at) = match versions.first() {
        Some(first) => (first.recorded_by.clone(), first.recorded_at),
        None => (last.recorded_by, last.recorded_at),
    };
    let id = last.continues_line_id.clone().unwrap_or_else(|| last.line_id.clone());
    let arrangement = arrangements.entry(id.clone()).or_insert_with(|| Arrangement { id, lines: Vec::new(), first_for: None });
    if last.continues_line_id.is_none() {
        arrangement.first_for = last.request_line_id.clone();
    }
    if last.state != LineState::Reversed {
        let Version { line_id, package_id, budget_line, provider_id, valid_from, request_line_id, .. } = last;
        arrangement.lines.push(StandingLine {
            line_id,
            package_id,
            budget_line,
            provider_id,
            valid_from,
            request_line_id,
            recorded_by,
            recorded_at,
        });
    }
}

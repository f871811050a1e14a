//! That a child leaves the service: what is on record of it.

use crate::error::Error;
use crate::instant::Instant;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{child_leavings, packages, request_lines, requests};
use diesel::prelude::*;
use domain::TimeZone;
use domain::children::leaving::{KnownLeaving, LeavingReason};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use utoipa::ToSchema;

/// Ids that a query names at once.
const CHUNK: usize = 500;

/// That a child leaves the service, or a row that takes that back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = child_leavings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2b01", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "reason": "moved",
    "left_on": "2025-06-02", "reverses_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2025-05-19T09:00:00Z", "recorded_seq": 5120
}))]
pub struct ChildLeaving {
    /// The record's id.
    pub id: String,
    /// The child.
    pub child_id: String,
    /// Why.
    pub reason: LeavingReason,
    /// The first day without support.
    pub left_on: NaiveDate,
    /// The record that this one takes back; null, it takes none back.
    pub reverses_id: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A record of a leaving.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<ChildLeaving, Error> {
    let found = child_leavings::table.find(id).select(ChildLeaving::as_select()).first(connection).optional()?;
    found.ok_or_else(|| Error::not_found("record of a child's leaving"))
}

/// Everything recorded of a child's leaving, in the order recorded.
fn history(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<ChildLeaving>, Error> {
    Ok(child_leavings::table
        .filter(child_leavings::child_id.eq(child_id))
        .select(ChildLeaving::as_select())
        .order((child_leavings::recorded_seq, child_leavings::id))
        .load(connection)?)
}

/// The record that stands; none, the child is not said to leave.
pub fn standing(connection: &mut AnyConnection, child_id: &str) -> Result<Option<ChildLeaving>, Error> {
    let all = history(connection, child_id)?;
    let reversed: HashSet<&str> = all.iter().filter_map(|row| row.reverses_id.as_deref()).collect();
    Ok(all.iter().rfind(|row| row.reverses_id.is_none() && !reversed.contains(row.id.as_str())).cloned())
}

/// The first day on which a child has no support any more; none, none is known.
pub fn left_on(connection: &mut AnyConnection, child_id: &str) -> Result<Option<NaiveDate>, Error> {
    Ok(standing(connection, child_id)?.map(|leaving| leaving.left_on))
}

/// The same of the child whom a package supports.
pub fn left_on_of_package(connection: &mut AnyConnection, package_id: &str) -> Result<Option<NaiveDate>, Error> {
    let child: Option<String> = packages::table.find(package_id).select(packages::child_id).first(connection).optional()?;
    child.map_or(Ok(None), |child| left_on(connection, &child))
}

/// The number of the write with which somebody last took back the leaving of each of these children. `hands` are that person's id and their
/// tools'.
pub fn taken_back_by<'c>(
    connection: &mut AnyConnection,
    children: impl Iterator<Item = &'c str>,
    hands: &BTreeSet<String>,
) -> Result<HashMap<String, i64>, Error> {
    let children: BTreeSet<&str> = children.collect();
    let rows: Vec<(String, i64)> = child_leavings::table
        .filter(child_leavings::child_id.eq_any(children).and(child_leavings::reverses_id.is_not_null()))
        .filter(child_leavings::recorded_by.eq_any(hands))
        .select((child_leavings::child_id, child_leavings::recorded_seq))
        .order(child_leavings::recorded_seq)
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// The first days without support of the children of these request lines, by line; of one whose child does not leave, none.
pub fn left_on_by_request_line(connection: &mut AnyConnection, line_ids: &[&str]) -> Result<HashMap<String, NaiveDate>, Error> {
    let mut left = HashMap::new();
    for ids in line_ids.chunks(CHUNK) {
        let rows: Vec<(String, ChildLeaving)> = child_leavings::table
            .inner_join(requests::table.on(requests::child_id.eq(child_leavings::child_id)))
            .inner_join(request_lines::table.on(request_lines::request_id.eq(requests::id)))
            .filter(request_lines::id.eq_any(ids.iter().copied()))
            .select((request_lines::id, ChildLeaving::as_select()))
            .order((child_leavings::recorded_seq, child_leavings::id))
            .load(connection)?;
        let reversed: HashSet<&str> = rows.iter().filter_map(|(_, row)| row.reverses_id.as_deref()).collect();
        let standing = rows.iter().filter(|(_, row)| row.reverses_id.is_none() && !reversed.contains(row.id.as_str()));
        left.extend(standing.map(|(line, row)| (line.clone(), row.left_on)));
    }
    Ok(left)
}

/// The leavings of children with requests, by request line, as they were known before an instant.
pub fn known_by_request_line(
    connection: &mut AnyConnection,
    before: NaiveDateTime,
    zone: TimeZone,
) -> Result<HashMap<String, Vec<KnownLeaving>>, Error> {
    let rows: Vec<(String, ChildLeaving)> = child_leavings::table
        .inner_join(requests::table.on(requests::child_id.eq(child_leavings::child_id)))
        .inner_join(request_lines::table.on(request_lines::request_id.eq(requests::id)))
        .select((request_lines::id, ChildLeaving::as_select()))
        .order((child_leavings::recorded_seq, child_leavings::id))
        .filter(child_leavings::recorded_at.lt(before))
        .load(connection)?;
    let taken_back: HashMap<String, NaiveDate> =
        rows.iter().filter_map(|(_, row)| Some((row.reverses_id.clone()?, zone.day_of(row.recorded_at.0)))).collect();
    let mut known: HashMap<String, Vec<KnownLeaving>> = HashMap::new();
    for (line, row) in rows.into_iter().filter(|(_, row)| row.reverses_id.is_none()) {
        let known_to = taken_back.get(&row.id).copied();
        let leaving = KnownLeaving { left_on: row.left_on, known_from: zone.day_of(row.recorded_at.0), known_to };
        known.entry(line).or_default().push(leaving);
    }
    Ok(known)
}

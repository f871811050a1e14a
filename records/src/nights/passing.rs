//! A limit that a version of a stay passes, and what waits for an acknowledgement.

use crate::error::Error;
use crate::instant::Instant;
use crate::nights::acknowledgement::NightAcknowledgement;
use crate::nights::stay::{Stay, versions_of};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{night_acknowledgements, night_passings, open_night_passings};
use diesel::prelude::*;
use domain::nights::{Earlier, NightLimitKind, PassedBefore};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// A limit that a version of a stay passes, with the counts as they were when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_passings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "stay_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "booking_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "limit_kind": "rolling",
    "provider_id": null, "most": 75, "counted": 77, "passed_on": "2024-06-08", "clause": "SI 2010/959 reg 48",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct NightPassing {
    /// The passing's id.
    pub id: String,
    /// The stay that passes the limit, or goes on passing it.
    pub stay_id: String,
    /// Which of its versions.
    pub booking_id: String,
    /// The child.
    pub child_id: String,
    /// What the limit is of.
    pub limit_kind: NightLimitKind,
    /// The setting whose nights were counted; null, those of all settings together.
    pub provider_id: Option<String>,
    /// The most there may be, in what the profile counts.
    pub most: i64,
    /// The largest count that the stay led to.
    pub counted: i64,
    /// The first night, or day, above the limit.
    pub passed_on: NaiveDate,
    /// Where the limit is written.
    pub clause: String,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A limit that a stay passes, and the acknowledgement, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassingWithAcknowledgement {
    /// What was passed.
    #[serde(flatten)]
    pub passing: NightPassing,
    /// The acknowledgement; null, none was given.
    pub acknowledgement: Option<NightAcknowledgement>,
}

/// What a stay passed in all its versions, in the order recorded.
pub fn passings_of(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<PassingWithAcknowledgement>, Error> {
    let rows: Vec<(NightPassing, Option<NightAcknowledgement>)> = night_passings::table
        .left_join(night_acknowledgements::table)
        .filter(night_passings::stay_id.eq(stay_id))
        .select((NightPassing::as_select(), Option::<NightAcknowledgement>::as_select()))
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?;
    Ok(rows.into_iter().map(|(passing, acknowledgement)| PassingWithAcknowledgement { passing, acknowledgement }).collect())
}

/// What a stay passes and nobody has acknowledged.
pub fn open_passings_of_stay(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<NightPassing>, Error> {
    Ok(open_night_passings::table
        .inner_join(night_passings::table)
        .filter(open_night_passings::stay_id.eq(stay_id))
        .select(NightPassing::as_select())
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?)
}

/// What a child's stays passed and nobody has acknowledged.
pub fn open_passings_of_child(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<NightPassing>, Error> {
    Ok(open_night_passings::table
        .inner_join(night_passings::table)
        .filter(open_night_passings::child_id.eq(child_id))
        .select(NightPassing::as_select())
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?)
}

/// How many passings of each child nobody has acknowledged.
pub fn open_passings_by_child(connection: &mut AnyConnection) -> Result<BTreeMap<String, i64>, Error> {
    let mut waiting: BTreeMap<String, i64> = BTreeMap::new();
    for child in open_night_passings::table.select(open_night_passings::child_id).load::<String>(connection)? {
        *waiting.entry(child).or_default() += 1;
    }
    Ok(waiting)
}

/// Those of some stays that wait for the acknowledgement of something that they pass.
pub fn waiting_among(connection: &mut AnyConnection, stays: &[Stay]) -> Result<HashSet<String>, Error> {
    let ids: Vec<&str> = stays.iter().map(|stay| stay.stay_id.as_str()).collect();
    let waiting = open_night_passings::table.filter(open_night_passings::stay_id.eq_any(ids)).select(open_night_passings::stay_id);
    Ok(waiting.load::<String>(connection)?.into_iter().collect())
}

/// A stay's versions before one that is to be recorded, and what they passed.
pub fn earlier(connection: &mut AnyConnection, stay_id: &str) -> Result<Earlier, Error> {
    let versions = versions_of(connection, stay_id)?;
    let open: HashSet<String> = open_passings_of_stay(connection, stay_id)?.into_iter().map(|passing| passing.id).collect();
    let before = |PassingWithAcknowledgement { passing, acknowledgement }: PassingWithAcknowledgement| {
        let version = versions.iter().find(|version| version.id == passing.booking_id)?;
        Some(PassedBefore {
            kind: passing.limit_kind,
            setting: passing.provider_id,
            most: passing.most,
            counted: passing.counted,
            nights: version.nights(),
            is_acknowledged: acknowledgement.is_some(),
            is_open: open.contains(&passing.id),
        })
    };
    let passings = passings_of(connection, stay_id)?.into_iter().filter_map(before).collect();
    Ok(Earlier { last_nights: versions.last().map(Stay::nights), passings })
}

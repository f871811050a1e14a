//! What the public is told of providers, as it is on record.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::providers::provider::find_provider;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{provider_public_entries, providers};
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;
use domain::providers::public_entries::RangeKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// What the public is told of a provider, in one of its versions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = provider_public_entries)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2b01", "entry_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2b01", "version": 1,
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "kind": "educational_or_leisure", "offer": "Swimming on Saturday mornings.",
    "phone": "0161 496 0123", "email": "office@leisure.example.org", "link": "https://leisure.example.org/breaks", "from_age_years": 5,
    "to_age_years": 18, "valid_from": "2024-04-01", "valid_to": null, "reason": "From their leaflet",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct PublicEntry {
    /// This version's id.
    pub id: String,
    /// The entry's id, the same in every version.
    pub entry_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The provider.
    pub provider_id: String,
    /// The kind of short break.
    pub kind: RangeKind,
    /// What is offered, in plain words.
    pub offer: String,
    /// The organisation's telephone.
    pub phone: Option<String>,
    /// The organisation's e-mail address.
    pub email: Option<String>,
    /// The organisation's page.
    pub link: Option<String>,
    /// The youngest it is for.
    pub from_age_years: Option<i64>,
    /// The oldest it is for, this included.
    pub to_age_years: Option<i64>,
    /// The first day it is offered.
    pub valid_from: NaiveDate,
    /// The first day it is no longer offered; null, no end is known.
    pub valid_to: Option<NaiveDate>,
    /// Where the entry comes from, in words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Every version of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicEntryHistory {
    /// The oldest first.
    pub versions: Vec<PublicEntry>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPublicEntries {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what is offered on this day.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
}

/// An entry with its provider's name, as a statement prints it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct PublicEntryOfProvider {
    /// The provider's name.
    pub provider: String,
    /// The kind of short break.
    pub kind: RangeKind,
    /// What is offered.
    pub offer: String,
    /// The organisation's telephone.
    pub phone: Option<String>,
    /// The organisation's e-mail address.
    pub email: Option<String>,
    /// The organisation's page.
    pub link: Option<String>,
    /// The youngest it is for.
    pub from_age_years: Option<i64>,
    /// The oldest it is for, this included.
    pub to_age_years: Option<i64>,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<LaterEntry> = provider_public_entries as later_entry);

/// List what the public is told of a provider: each entry in its last version, in the order last recorded.
pub fn list(connection: &mut AnyConnection, provider_id: &str, wanted: ListPublicEntries) -> Result<Page<PublicEntry>, Error> {
    use provider_public_entries as entries;
    let ListPublicEntries { limit, cursor, on } = wanted;
    let after = cursor.after_record()?;
    find_provider(connection, provider_id)?;
    let later = LATER.filter(LATER.field(entries::entry_id).eq(entries::entry_id));
    let mut query = entries::table
        .select(PublicEntry::as_select())
        .filter(not(exists(later.filter(LATER.field(entries::version).gt(entries::version)))))
        .filter(entries::provider_id.eq(provider_id))
        .filter(entries::recorded_seq.ge(after.seq))
        .filter(entries::recorded_seq.gt(after.seq).or(entries::id.gt(after.id)))
        .into_boxed();
    if let Some(day) = on {
        query = query.filter(entries::valid_from.le(day)).filter(entries::valid_to.is_null().or(entries::valid_to.gt(day)));
    }
    let rows = query.order((entries::recorded_seq, entries::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &PublicEntry| After::key(row.recorded_seq, &row.id)))
}

/// Every version of an entry, the oldest first.
pub fn history(connection: &mut AnyConnection, entry_id: &str) -> Result<PublicEntryHistory, Error> {
    let versions: Vec<PublicEntry> = provider_public_entries::table
        .select(PublicEntry::as_select())
        .filter(provider_public_entries::entry_id.eq(entry_id))
        .order(provider_public_entries::version)
        .load(connection)?;
    if versions.is_empty() { Err(Error::not_found("public entry")) } else { Ok(PublicEntryHistory { versions }) }
}

/// Everything that the public is told on a day: by kind, then by the provider's name.
pub fn entries_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<Vec<PublicEntryOfProvider>, Error> {
    use provider_public_entries as entries;
    let later = LATER.filter(LATER.field(entries::entry_id).eq(entries::entry_id));
    let rows: Vec<(PublicEntry, String)> = entries::table
        .inner_join(providers::table)
        .select((PublicEntry::as_select(), providers::name))
        .filter(not(exists(later.filter(LATER.field(entries::version).gt(entries::version)))))
        .filter(entries::valid_from.le(day))
        .filter(entries::valid_to.is_null().or(entries::valid_to.gt(day)))
        .load(connection)?;
    let mut rows: Vec<_> = rows.into_iter().map(|(entry, provider)| ((entry.kind, provider, entry.entry_id.clone()), entry)).collect();
    // Here, and not in the database: each sorts names by rules of its own.
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let told = |((kind, provider, _), entry): ((RangeKind, String, String), PublicEntry)| PublicEntryOfProvider {
        provider,
        kind,
        offer: entry.offer,
        phone: entry.phone,
        email: entry.email,
        link: entry.link,
        from_age_years: entry.from_age_years,
        to_age_years: entry.to_age_years,
    };
    Ok(rows.into_iter().map(told).collect())
}

/// The number of the last write that changed what the public is told; none, it is told nothing.
pub fn last_changed(connection: &mut AnyConnection) -> Result<Option<i64>, Error> {
    Ok(provider_public_entries::table.select(max(provider_public_entries::recorded_seq)).first(connection)?)
}

/// Whoever wrote what the public is told on a day, in any version of it.
pub fn writers_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<BTreeSet<String>, Error> {
    use provider_public_entries as entries;
    let later = LATER.filter(LATER.field(entries::entry_id).eq(entries::entry_id));
    let printed: Vec<String> = entries::table
        .filter(not(exists(later.filter(LATER.field(entries::version).gt(entries::version)))))
        .filter(entries::valid_from.le(day))
        .filter(entries::valid_to.is_null().or(entries::valid_to.gt(day)))
        .select(entries::entry_id)
        .load(connection)?;
    let writers: Vec<String> =
        entries::table.filter(entries::entry_id.eq_any(&printed)).select(entries::recorded_by).distinct().load(connection)?;
    Ok(writers.into_iter().collect())
}

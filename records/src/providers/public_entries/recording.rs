//! Recording what the public is told of a provider, and changing it.

use crate::error::Error;
use crate::providers::provider::find_provider;
use crate::providers::public_entries::entry::{PublicEntry, history};
use crate::text::{Paragraphs, Text};
use chrono::NaiveDate;
use db::schema::provider_public_entries;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Refusal;
use domain::providers::public_entries::{EntryFacts, RangeKind};
use domain::versions::refuse_stale;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What the public is to be told. It names no person: how to reach the organisation is the organisation's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "educational_or_leisure", "offer": "Swimming on Saturday mornings.", "phone": "0161 496 0123",
    "email": "office@leisure.example.org", "link": "https://leisure.example.org/breaks", "from_age_years": 5, "to_age_years": 18,
    "valid_from": "2024-04-01", "valid_to": null, "reason": "From their leaflet"
}))]
pub struct NewPublicEntry {
    /// The kind of short break.
    pub kind: RangeKind,
    /// What is offered, in plain words.
    pub offer: Paragraphs<1000>,
    /// The organisation's telephone.
    pub phone: Option<Text<40>>,
    /// The organisation's e-mail address, and nobody's own.
    pub email: Option<Text<200>>,
    /// The organisation's page, https.
    pub link: Option<Text<500>>,
    /// The youngest it is for.
    #[schema(minimum = 0, maximum = 25)]
    pub from_age_years: Option<i64>,
    /// The oldest it is for, this included.
    #[schema(minimum = 0, maximum = 25)]
    pub to_age_years: Option<i64>,
    /// The first day it is offered.
    pub valid_from: NaiveDate,
    /// The first day it is no longer offered.
    pub valid_to: Option<NaiveDate>,
    /// Where the entry comes from, in words.
    pub reason: Text<500>,
}

impl NewPublicEntry {
    fn facts(&self) -> EntryFacts<'_> {
        EntryFacts {
            phone: self.phone.as_ref().map(|text| text.0.as_str()),
            email: self.email.as_ref().map(|text| text.0.as_str()),
            link: self.link.as_ref().map(|text| text.0.as_str()),
            from_age_years: self.from_age_years,
            to_age_years: self.to_age_years,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// Records what the public is told of a provider.
pub fn record(write: &mut Write<'_>, provider_id: &str, new: NewPublicEntry) -> Result<PublicEntry, Error> {
    find_provider(write.connection, provider_id)?;
    add(write, (new_id(), 1), provider_id.to_owned(), new)
}

/// Changes an entry: what it said before stays on record. `read` is the version that whoever changes it has read.
pub fn revise(write: &mut Write<'_>, entry_id: &str, read: i64, new: NewPublicEntry) -> Result<PublicEntry, Error> {
    let last = history(write.connection, entry_id)?.versions.pop().ok_or_else(|| Error::not_found("public entry"))?;
    refuse_stale(read, last.version)?;
    add(write, (last.entry_id, last.version + 1), last.provider_id, new)
}

fn add(write: &mut Write<'_>, (entry_id, version): (String, i64), provider_id: String, new: NewPublicEntry) -> Result<PublicEntry, Error> {
    Refusal::unless_valid(new.facts().mistakes())?;
    let row = PublicEntry {
        id: if version == 1 { entry_id.clone() } else { new_id() },
        entry_id,
        version,
        provider_id,
        kind: new.kind,
        offer: new.offer.0,
        phone: new.phone.map(|text| text.0),
        email: new.email.map(|text| text.0),
        link: new.link.map(|text| text.0),
        from_age_years: new.from_age_years,
        to_age_years: new.to_age_years,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(provider_public_entries::table).values(&row).execute(write.connection)?;
    let detail = json!({ "provider_id": row.provider_id, "version": row.version });
    write.record(Event::new("record", "provider_public_entries", &row.entry_id).with(detail))?;
    Ok(row)
}

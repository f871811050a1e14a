//! Recording how an item of a provider's governance was found.

use crate::error::Error;
use crate::providers::governance::standing::GovernanceRecord;
use crate::providers::provider::find_provider;
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::schema::{governance_expiries, provider_governance_records};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::providers::governance::{GovernanceFinding, GovernanceStatus, finding_mistakes};
use domain::{Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What was found of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "item": "minimum_governance", "status": "green", "evidence": "GOV-0031", "valid_from": "2024-06-03", "expires_on": "2025-06-03",
    "reason": "All returned and checked"
}))]
pub struct NewGovernanceRecord {
    /// An item that the authority's profile asks for.
    pub item: CodeText,
    /// In place or not.
    pub status: GovernanceStatus,
    /// Where the evidence is kept, or its number. What is in place has some.
    pub evidence: Option<Text<200>>,
    /// The first day it holds; a renewal may be recorded ahead.
    pub valid_from: NaiveDate,
    /// The first day it no longer holds. Needed where the profile says for how many months the item is valid, and within them.
    pub expires_on: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
}

/// Records how an item was found.
pub fn record(write: &mut Write<'_>, profile: &Profile, provider_id: &str, new: NewGovernanceRecord) -> Result<GovernanceRecord, Error> {
    let provider = find_provider(write.connection, provider_id)?;
    let finding = GovernanceFinding { status: new.status, valid_from: new.valid_from, expires_on: new.expires_on };
    let asked = profile.commissioning.governance.as_ref();
    Refusal::unless_valid(finding_mistakes(asked, &new.item.0, &finding, new.evidence.is_some()))?;
    let row = GovernanceRecord {
        id: new_id(),
        provider_id: provider.id,
        item: new.item.0,
        status: new.status,
        evidence: new.evidence.map(|text| text.0),
        valid_from: new.valid_from,
        expires_on: new.expires_on,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(provider_governance_records::table).values(&row).execute(write.connection)?;
    follow(write, &row)?;
    let detail = json!({ "provider_id": row.provider_id, "item": row.item, "status": row.status });
    write.record(Event::new("record", "provider_governance_records", &row.id).with(detail))?;
    Ok(row)
}

/// Puts the end of a record on the list of what expires, and takes off what it follows. A record that begins only after another's end
/// leaves that end on the list: in between there is nothing.
fn follow(write: &mut Write<'_>, row: &GovernanceRecord) -> Result<(), Error> {
    use governance_expiries as expiries;
    let of_item = expiries::table.filter(expiries::provider_id.eq(&row.provider_id).and(expiries::item.eq(&row.item)));
    if row.valid_from <= write.today() {
        diesel::delete(of_item).execute(write.connection)?;
    } else {
        diesel::delete(of_item.filter(expiries::expires_on.ge(row.valid_from))).execute(write.connection)?;
    }
    if let Some(end) = row.expires_on {
        let new = (
            expiries::record_id.eq(&row.id),
            expiries::provider_id.eq(&row.provider_id),
            expiries::item.eq(&row.item),
            expiries::expires_on.eq(end),
        );
        diesel::insert_into(expiries::table).values(new).execute(write.connection)?;
    }
    Ok(())
}

//! Recording providers.

use crate::error::Error;
use crate::providers::provider::Provider;
use crate::text::{CodeText, Text};
use db::schema::providers;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Location, Sector};
use serde::Deserialize;
use utoipa::ToSchema;

/// A provider to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "private", "location": "out_of_borough" }))]
pub struct NewProvider {
    /// A short name of its own.
    pub code: CodeText,
    /// As the contract names it.
    pub name: Text<200>,
    /// Who runs it.
    pub sector: Sector,
    /// Where its setting is.
    pub location: Location,
}

/// Records a provider.
pub fn record(write: &mut Write<'_>, new: NewProvider) -> Result<Provider, Error> {
    let provider = Provider {
        id: new_id(),
        code: new.code.0,
        name: new.name.0,
        sector: new.sector,
        location: new.location,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(providers::table).values(&provider).execute(write.connection)?;
    write.record(Event::new("record", "providers", &provider.id))?;
    Ok(provider)
}

//! Providers as they are on record.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::CodeText;
use db::AnyConnection;
use db::schema::providers;
use diesel::prelude::*;
use domain::{Location, Sector};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A provider.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = providers)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "code": "meadow_house", "name": "Meadow House", "sector": "private",
    "location": "out_of_borough", "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Provider {
    /// The provider's id.
    pub id: String,
    /// The short name that ledger mappings use.
    pub code: String,
    /// As the contract names it.
    pub name: String,
    /// Who runs it.
    pub sector: Sector,
    /// Where its setting is.
    pub location: Location,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProviders {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only the provider with this code.
    code: Option<CodeText>,
    /// Only providers of this sector.
    sector: Option<Sector>,
}

/// List providers.
pub fn list(connection: &mut AnyConnection, wanted: ListProviders) -> Result<Page<Provider>, Error> {
    let ListProviders { limit, cursor, code, sector } = wanted;
    let after = cursor.after_record()?;
    let mut query = providers::table
        .select(Provider::as_select())
        .filter(providers::recorded_seq.ge(after.seq))
        .filter(providers::recorded_seq.gt(after.seq).or(providers::id.gt(after.id)))
        .into_boxed();
    if let Some(code) = code {
        query = query.filter(providers::code.eq(code.0));
    }
    if let Some(sector) = sector {
        query = query.filter(providers::sector.eq(sector));
    }
    let rows = query.order((providers::recorded_seq, providers::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &Provider| After::key(row.recorded_seq, &row.id)))
}

/// The provider with that id.
pub fn find_provider(connection: &mut AnyConnection, id: &str) -> Result<Provider, Error> {
    let provider = providers::table.find(id).select(Provider::as_select()).first(connection).optional()?;
    provider.ok_or_else(|| Error::not_found("provider"))
}

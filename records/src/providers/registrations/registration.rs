//! The numbers under which providers are registered as charities or companies, and the organisation ids made of them.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use db::AnyConnection;
use db::schema::{provider_registrations, providers};
use diesel::prelude::*;
use domain::RegistrationKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A provider's number on a register, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = provider_registrations)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "kind": "charity",
    "number": "1164883", "org_id": "GB-CHC-1164883", "reverses_id": null, "reason": "Register looked up on 20 March 2023",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-03-20T09:00:00Z", "recorded_seq": 412
}))]
pub struct ProviderRegistration {
    /// The registration's id.
    pub id: String,
    /// The provider.
    pub provider_id: String,
    /// The register.
    pub kind: RegistrationKind,
    /// The number, in capitals and at its full length: a company number of fewer than eight digits has noughts in front.
    pub number: String,
    /// The organisation's id as 360Giving has it.
    pub org_id: String,
    /// The registration that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProviderRegistrations {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// With `true` only the numbers that count: the newest of each kind that nothing took back.
    current: Option<bool>,
}

/// That there is a provider with this id.
pub(super) fn require_provider(connection: &mut AnyConnection, id: &str) -> Result<(), Error> {
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(id))).get_result(connection)?;
    if exists { Ok(()) } else { Err(Error::not_found("provider")) }
}

/// The registration with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<ProviderRegistration, Error> {
    let row = provider_registrations::table.find(id).select(ProviderRegistration::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("registration"))
}

/// The newest number of a kind that nothing took back.
pub(super) fn current_of_kind(
    connection: &mut AnyConnection,
    provider_id: &str,
    kind: RegistrationKind,
) -> Result<Option<ProviderRegistration>, Error> {
    use provider_registrations as registrations;
    let reversal = diesel::alias!(provider_registrations as reversal);
    let taken_back = reversal.filter(reversal.field(registrations::reverses_id).eq(registrations::id.nullable()));
    let row = registrations::table
        .filter(registrations::provider_id.eq(provider_id).and(registrations::kind.eq(kind)))
        .filter(registrations::reverses_id.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(taken_back)))
        .order((registrations::recorded_seq.desc(), registrations::id.desc()))
        .select(ProviderRegistration::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}

/// The numbers of a provider that count, in the order of the registers.
fn current_of(connection: &mut AnyConnection, provider_id: &str) -> Result<Vec<ProviderRegistration>, Error> {
    let mut rows = Vec::new();
    for kind in RegistrationKind::all() {
        rows.extend(current_of_kind(connection, provider_id, *kind)?);
    }
    Ok(rows)
}

/// The id that a provider is published under: of the first register it is on. None, it has no number.
pub fn org_id_of(connection: &mut AnyConnection, provider_id: &str) -> Result<Option<String>, Error> {
    Ok(current_of(connection, provider_id)?.into_iter().next().map(|registration| registration.org_id))
}

/// List a provider's registrations.
pub fn list(connection: &mut AnyConnection, id: &str, wanted: ListProviderRegistrations) -> Result<Page<ProviderRegistration>, Error> {
    use provider_registrations as registrations;
    let ListProviderRegistrations { limit, cursor, current } = wanted;
    let after = cursor.after_record()?;
    require_provider(connection, id)?;
    let rows = if current == Some(true) {
        let mut rows = current_of(connection, id)?;
        rows.sort_by(|a, b| (a.recorded_seq, &a.id).cmp(&(b.recorded_seq, &b.id)));
        rows.retain(|row| (row.recorded_seq, &row.id) > (after.seq, &after.id));
        rows
    } else {
        registrations::table
            .filter(registrations::provider_id.eq(id))
            .filter(registrations::recorded_seq.ge(after.seq))
            .filter(registrations::recorded_seq.gt(after.seq).or(registrations::id.gt(after.id)))
            .order((registrations::recorded_seq, registrations::id))
            .limit(limit.and_one())
            .select(ProviderRegistration::as_select())
            .load(connection)?
    };
    Ok(limit.page(rows, |row: &ProviderRegistration| After::key(row.recorded_seq, &row.id)))
}

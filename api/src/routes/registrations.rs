//! The numbers under which providers are registered as charities or companies, and the organisation ids made of them.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{provider_registrations, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{Registration, RegistrationKind};
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

impl Located for ProviderRegistration {
    fn location(&self) -> String {
        format!("/v1/provider-registrations/{}", self.id)
    }
}

/// A number to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "charity", "number": "1164883", "reason": "Register looked up on 20 March 2023" }))]
pub struct NewProviderRegistration {
    /// The register.
    pub kind: RegistrationKind,
    /// The number; spaces do not matter, and a company's leading noughts may be left out.
    pub number: Text<20>,
    /// In words.
    pub reason: Text<500>,
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

/// List a provider's registrations
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id"), ListProviderRegistrations),
    security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of registrations and reversals, in the order recorded", body = Page<ProviderRegistration>)))]
#[get("/providers/{id}/registrations")]
pub async fn list_provider_registrations(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
    params: Params<ListProviderRegistrations>,
) -> Result<Json<Page<ProviderRegistration>>, Problem> {
    use provider_registrations as registrations;
    let ListProviderRegistrations { limit, cursor, current } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        require_provider(connection, &id.0)?;
        let rows = if current == Some(true) {
            let mut rows = current_of(connection, &id.0)?;
            rows.sort_by(|a, b| (a.recorded_seq, &a.id).cmp(&(b.recorded_seq, &b.id)));
            rows.retain(|row| (row.recorded_seq, &row.id) > (after.seq, &after.id));
            rows
        } else {
            registrations::table
                .filter(registrations::provider_id.eq(&id.0))
                .filter(registrations::recorded_seq.ge(after.seq))
                .filter(registrations::recorded_seq.gt(after.seq).or(registrations::id.gt(after.id)))
                .order((registrations::recorded_seq, registrations::id))
                .limit(limit.and_one())
                .select(ProviderRegistration::as_select())
                .load(connection)?
        };
        Ok(Json(limit.page(rows, |row: &ProviderRegistration| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a provider's registration
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The registration's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The registration", body = ProviderRegistration)))]
#[get("/provider-registrations/{id}")]
pub async fn get_provider_registration(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
) -> Result<Json<ProviderRegistration>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a provider's registration
///
/// Only the form of the number is checked. A newer number of the same kind counts instead of an earlier one.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), request_body = NewProviderRegistration,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The registration", body = ProviderRegistration)))]
#[post("/providers/{id}/registrations")]
pub async fn create_provider_registration(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewProviderRegistration>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, &id.0, body.value)).await
}

/// Reverse a provider's registration
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The registration's id")), request_body = NewReversal,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The row that takes it back", body = ProviderRegistration)))]
#[post("/provider-registrations/{id}/reversal")]
pub async fn reverse_provider_registration(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

fn require_provider(connection: &mut AnyConnection, id: &str) -> Result<(), Problem> {
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(id))).get_result(connection)?;
    if exists { Ok(()) } else { Err(Problem::not_found("provider")) }
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<ProviderRegistration, Problem> {
    let row = provider_registrations::table.find(id).select(ProviderRegistration::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Problem::not_found("registration"))
}

fn record(write: &mut Write<'_>, provider_id: &str, new: NewProviderRegistration) -> Result<ProviderRegistration, Problem> {
    require_provider(write.connection, provider_id)?;
    let registration = Registration::parse(new.kind, &new.number.0)
        .map_err(|error| Problem::invalid(vec![FieldError::new("/number", "format", error.to_string())]))?;
    if let Some(current) = current_of_kind(write.connection, provider_id, new.kind)?.filter(|current| current.number == registration.number)
    {
        return Err(Problem::new(Code::AlreadyExists, format!("Registration {} has this number already.", current.id)));
    }
    let row = ProviderRegistration {
        id: new_id(),
        provider_id: provider_id.to_owned(),
        kind: registration.kind,
        org_id: registration.org_id(),
        number: registration.number,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    write.record(Event::new("record", "provider_registrations", &row.id))?;
    Ok(row)
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<ProviderRegistration, Problem> {
    let row = find(write.connection, id)?;
    if row.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the number again instead."));
    }
    let reversing = ProviderRegistration {
        id: new_id(),
        reverses_id: Some(row.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "provider_registrations_reverses_id_key"))?;
    write.record(Event::new("reverse", "provider_registrations", id))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &ProviderRegistration) -> Result<(), db::Error> {
    diesel::insert_into(provider_registrations::table).values(row).execute(write.connection)?;
    Ok(())
}

/// The newest number of a kind that nothing took back.
fn current_of_kind(
    connection: &mut AnyConnection,
    provider_id: &str,
    kind: RegistrationKind,
) -> Result<Option<ProviderRegistration>, Problem> {
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
fn current_of(connection: &mut AnyConnection, provider_id: &str) -> Result<Vec<ProviderRegistration>, Problem> {
    let mut rows = Vec::new();
    for kind in RegistrationKind::all() {
        rows.extend(current_of_kind(connection, provider_id, *kind)?);
    }
    Ok(rows)
}

/// The id that a provider is published under: of the first register it is on. None, it has no number.
pub fn org_id_of(connection: &mut AnyConnection, provider_id: &str) -> Result<Option<String>, Problem> {
    Ok(current_of(connection, provider_id)?.into_iter().next().map(|registration| registration.org_id))
}

//! Recording a provider's number on a register, and taking it back.

use super::registration::{ProviderRegistration, current_of_kind, find, require_provider};
use crate::error::Error;
use crate::reversal::already_reversed;
use crate::text::Text;
use db::schema::provider_registrations;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Code, FieldError, Registration, RegistrationKind};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// Records a provider's number on a register.
pub fn record(write: &mut Write<'_>, provider_id: &str, new: NewProviderRegistration) -> Result<ProviderRegistration, Error> {
    require_provider(write.connection, provider_id)?;
    let registration = Registration::parse(new.kind, &new.number.0)
        .map_err(|error| Error::invalid(vec![FieldError::new("/number", "format", error.to_string())]))?;
    if let Some(current) = current_of_kind(write.connection, provider_id, new.kind)?.filter(|current| current.number == registration.number)
    {
        return Err(Error::refused(Code::AlreadyExists, format!("Registration {} has this number already.", current.id)));
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

/// Takes a number back.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<ProviderRegistration, Error> {
    let row = find(write.connection, id)?;
    if row.reverses_id.is_some() {
        return Err(Error::refused(Code::StateConflict, "This is a reversal itself; record the number again instead."));
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

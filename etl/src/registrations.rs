//! The numbers under which providers are registered. Like other dimensions they are read as they are now.

use crate::error::Error;
use db::AnyConnection;
use db::schema::provider_registrations;
use diesel::prelude::*;
use domain::RegistrationKind;
use std::collections::{BTreeMap, BTreeSet};

/// By provider and register: the number and the organisation id of the registration that stands.
pub(crate) struct Registrations(BTreeMap<String, BTreeMap<RegistrationKind, (String, String)>>);

/// Id, provider, register, number, organisation id, what it takes back.
type Row = (String, String, RegistrationKind, String, String, Option<String>);

/// Reads them; of several on one register the last that was recorded counts.
pub(crate) fn read(connection: &mut AnyConnection) -> Result<Registrations, Error> {
    let rows: Vec<Row> = provider_registrations::table
        .select((
            provider_registrations::id,
            provider_registrations::provider_id,
            provider_registrations::kind,
            provider_registrations::number,
            provider_registrations::org_id,
            provider_registrations::reverses_id,
        ))
        .order((provider_registrations::recorded_seq, provider_registrations::id))
        .load(connection)?;
    let taken_back: BTreeSet<String> = rows.iter().filter_map(|row| row.5.clone()).collect();
    let mut registrations: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for (id, provider, kind, number, organisation_id, reverses) in rows {
        if reverses.is_none() && !taken_back.contains(&id) {
            registrations.entry(provider).or_default().insert(kind, (number, organisation_id));
        }
    }
    Ok(Registrations(registrations))
}

impl Registrations {
    /// The number of the first register of charities that has it.
    pub(crate) fn charity_number(&self, provider: &str) -> Option<&str> {
        use RegistrationKind::{Charity, CharityNorthernIreland, CharityScotland};
        self.number(provider, &[Charity, CharityScotland, CharityNorthernIreland])
    }

    /// The number at Companies House.
    pub(crate) fn company_number(&self, provider: &str) -> Option<&str> {
        self.number(provider, &[RegistrationKind::Company, RegistrationKind::Cic])
    }

    /// The organisation id of the first register that has it.
    pub(crate) fn organisation_id(&self, provider: &str) -> Option<&str> {
        self.0.get(provider)?.values().next().map(|(_, organisation_id)| organisation_id.as_str())
    }

    fn number(&self, provider: &str, kinds: &[RegistrationKind]) -> Option<&str> {
        let of_provider = self.0.get(provider)?;
        kinds.iter().find_map(|kind| of_provider.get(kind)).map(|(number, _)| number.as_str())
    }
}

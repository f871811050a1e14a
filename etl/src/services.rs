//! The services that the public is told of, by kind and the ages they are for. What is written of them, and how they are reached, stays in the
//! store.

use crate::error::Error;
use crate::extract::Extract;
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::provider_public_entries;
use diesel::prelude::*;
use domain::children::age_band::AgeBand;
use domain::providers::public_entries::RangeKind;
use polars::prelude::*;

/// A service, as last known.
#[derive(Queryable)]
pub(crate) struct Service {
    entry_id: String,
    provider_id: String,
    kind: RangeKind,
    from_age_years: Option<i64>,
    to_age_years: Option<i64>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Every service. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Service>, Error> {
    let versions: Vec<Service> = provider_public_entries::table
        .filter(provider_public_entries::recorded_at.lt(before))
        .select((
            provider_public_entries::entry_id,
            provider_public_entries::provider_id,
            provider_public_entries::kind,
            provider_public_entries::from_age_years,
            provider_public_entries::to_age_years,
            provider_public_entries::valid_from,
            provider_public_entries::valid_to,
        ))
        .order((provider_public_entries::entry_id, provider_public_entries::version))
        .load(connection)?;
    let mut known: Vec<Service> = Vec::new();
    for version in versions {
        match known.last_mut() {
            Some(last) if last.entry_id == version.entry_id => *last = version,
            _ => known.push(version),
        }
    }
    Ok(known)
}

/// The fact of services, and the bands of age with their first and last year.
pub(crate) fn build(extract: &Extract) -> Result<Vec<Named>, Error> {
    let services = &extract.services;
    let fact = df!(
        "service_key" => services.iter().map(|service| service.entry_id.as_str()).collect::<Vec<_>>(),
        "provider_key" => services.iter().map(|service| service.provider_id.as_str()).collect::<Vec<_>>(),
        "kind" => each(services, |service| service.kind.as_str()),
        "from_age_years" => each(services, |service| service.from_age_years),
        "to_age_years" => each(services, |service| service.to_age_years),
        "valid_from" => each(services, |service| service.valid_from),
        "valid_to" => each(services, |service| service.valid_to),
    )?;
    let bands = AgeBand::all();
    let dimension = df!(
        "age_band" => each(bands, |band| band.as_str()),
        "from_years" => each(bands, |band| i64::from(band.years().0)),
        "to_years" => each(bands, |band| band.years().1.map(i64::from)),
    )?;
    Ok(vec![("fact_services", TableKind::Fact, fact), ("dim_age_band", TableKind::Dimension, dimension)])
}

//! The band of age of each child with support, at the end of each year. A date of birth stays in the store.

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::Extract;
use crate::facts::Named;
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use domain::children::age_band::AgeBand;
use polars::prelude::*;
use std::collections::BTreeSet;

/// One row a child with a package line and a financial year by whose last day it is born.
pub(crate) fn build(extract: &Extract, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let (mut keys, mut years, mut bands) = (Vec::new(), Vec::new(), Vec::new());
    let supported: BTreeSet<&str> = extract.lines.iter().map(|line| line.child_id.as_str()).collect();
    for child in supported {
        let Some(born) = extract.births.get(child) else { continue };
        for year in &calendar.years {
            if let Some(band) = AgeBand::on(year.ends_on(), *born) {
                keys.push(pseudonyms.of(Kind::Child, child));
                years.push(year.as_str());
                bands.push(band.as_str());
            }
        }
    }
    let table = df!("child_key" => keys, "financial_year" => years, "age_band" => bands)?;
    Ok(vec![("fact_child_ages", TableKind::Fact, table)])
}

//! Whose hands were in an edition: none of them approves it.

use crate::error::Error;
use crate::providers::public_entries::writers_on;
use crate::statement_editions::edition::StatementEdition;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{
    statement_consultation_reversals as reversals, statement_consultations as consultations, statement_disclosures as disclosures,
    statement_requirements as requirements, statement_sections as sections, statement_what_changed as changes,
};
use diesel::prelude::*;
use domain::statement_editions::Section;
use std::collections::BTreeSet;

/// Everybody who began an edition, wrote a part of it or of what it prints of providers on a day; the approval is none. A text that was
/// copied from another edition is still its writers'.
pub(super) fn hands_in(connection: &mut AnyConnection, edition: &StatementEdition, day: NaiveDate) -> Result<BTreeSet<String>, Error> {
    let id = &edition.id;
    let mut hands = BTreeSet::from([edition.recorded_by.clone()]);
    hands.extend(writers_of_sections(connection, id)?);
    hands.extend(changes::table.filter(changes::edition_id.eq(id)).select(changes::recorded_by).load::<String>(connection)?);
    let consulted = consultations::table.filter(consultations::edition_id.eq(id)).select(consultations::recorded_by);
    hands.extend(consulted.load::<String>(connection)?);
    hands.extend(reversals::table.filter(reversals::edition_id.eq(id)).select(reversals::recorded_by).load::<String>(connection)?);
    let required = requirements::table.filter(requirements::edition_id.eq(id)).select(requirements::recorded_by);
    hands.extend(required.load::<String>(connection)?);
    let disclosed = disclosures::table.filter(disclosures::edition_id.eq(id)).select(disclosures::recorded_by);
    hands.extend(disclosed.load::<String>(connection)?);
    hands.extend(writers_on(connection, day)?);
    Ok(hands)
}

/// Everybody who wrote a version of an edition's sections, or of the texts that these were copied from: of each copied one, every version up to
/// the copied.
fn writers_of_sections(connection: &mut AnyConnection, edition_id: &str) -> Result<BTreeSet<String>, Error> {
    let own: Vec<(String, Option<String>)> = sections::table
        .filter(sections::edition_id.eq(edition_id))
        .select((sections::recorded_by, sections::copied_from_id))
        .load(connection)?;
    let mut writers = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut versions = own;
    while !versions.is_empty() {
        let mut copied = BTreeSet::new();
        for (writer, copied_from) in versions {
            writers.insert(writer);
            copied.extend(copied_from.filter(|id| seen.insert(id.clone())));
        }
        let sources: Vec<(String, Section, i64)> = sections::table
            .filter(sections::id.eq_any(&copied))
            .select((sections::edition_id, sections::section, sections::version))
            .load(connection)?;
        versions = Vec::new();
        for (edition, section, version) in sources {
            let up_to = sections::table
                .filter(sections::edition_id.eq(edition).and(sections::section.eq(section)).and(sections::version.le(version)))
                .select((sections::recorded_by, sections::copied_from_id));
            versions.extend(up_to.load::<(String, Option<String>)>(connection)?);
        }
    }
    Ok(writers)
}

//! Package lines.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{package_lines, package_variations, unconfirmed_lines};
use db::{AnyConnection, arrangement_versions};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::commitments::{FundingVersion, LineVersion};
use domain::costing::Line;
use domain::{Frequency, LineState, Quantity, TimeZone, UnitRate, VariationKind};
use std::collections::{BTreeSet, HashSet};

/// Values bound in one statement; both databases take many more.
const CHUNK: usize = 500;

type VersionColumns = (
    (String, i64, Option<String>, LineState, String, Option<String>),
    (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>),
    (Option<String>, NaiveDateTime),
);

/// The columns of a line's version.
macro_rules! version_columns {
    () => {
        (
            (
                package_lines::line_id,
                package_lines::version,
                package_lines::continues_line_id,
                package_lines::state,
                package_lines::budget_line,
                package_lines::provider_id,
            ),
            (
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
            ),
            (package_lines::variation_id, package_lines::recorded_at),
        )
    };
}

/// The last version of a line by the instant asked for: no newer one was recorded before it.
macro_rules! is_last {
    ($query:expr, $asked:expr) => {{
        let later = diesel::alias!(package_lines as later);
        let newer = later
            .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
            .filter(later.field(package_lines::version).gt(package_lines::version));
        match $asked.before {
            Some(before) => $query.filter(not(exists(newer.filter(later.field(package_lines::recorded_at).lt(before))))),
            None => $query.filter(not(exists(newer))),
        }
    }};
}

/// Lines with all their versions; of a book only the last of each that counts in it.
pub(super) fn versions(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<LineVersion>, Error> {
    let mut query = recorded_before!(package_lines::table.select(version_columns!()).into_boxed(), package_lines, asked);
    if let Some((year, budget_line)) = asked.book {
        let of_book = query
            .filter(package_lines::budget_line.eq(budget_line.to_owned()))
            .filter(package_lines::state.ne(LineState::Reversed))
            .filter(package_lines::valid_from.lt(year.next_starts_on()))
            .filter(package_lines::valid_to.is_null().or(package_lines::valid_to.gt(year.starts_on())));
        query = is_last!(of_book, asked);
    }
    let rows: Vec<VersionColumns> = query.order((package_lines::line_id, package_lines::version)).load(connection)?;
    let corrections = corrections(connection)?;
    let versions: Vec<LineVersion> = rows.into_iter().map(|row| version(row, &corrections, asked.zone)).collect();
    with_agreement(connection, asked, versions)
}

/// The lines of the arrangements that somebody pays a share of, whatever budget line pays them.
pub(super) fn versions_funded(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    fundings: &[FundingVersion],
) -> Result<Vec<LineVersion>, Error> {
    let arrangements: BTreeSet<&str> = fundings.iter().map(|funding| funding.arrangement.as_str()).collect();
    let corrections = corrections(connection)?;
    let mut versions = Vec::new();
    for chunk in arrangements.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let of_chunk = package_lines::line_id.eq_any(chunk.to_vec()).or(package_lines::continues_line_id.eq_any(chunk.to_vec()));
        let query = package_lines::table.select(version_columns!()).filter(package_lines::state.ne(LineState::Reversed)).into_boxed();
        let query = is_last!(recorded_before!(query, package_lines, asked), asked);
        let rows: Vec<VersionColumns> = query.filter(of_chunk).load(connection)?;
        versions.extend(rows.into_iter().map(|row| version(row, &corrections, asked.zone)));
    }
    with_agreement(connection, asked, versions)
}

/// The versions with the day since when each is agreed. Of a book, whose last versions are asked for as they stand, what waits is written
/// down; else it follows from all versions of their arrangements.
fn with_agreement(connection: &mut AnyConnection, asked: &Asked<'_>, mut versions: Vec<LineVersion>) -> Result<Vec<LineVersion>, Error> {
    if asked.book.is_some() && asked.before.is_none() {
        let mut waiting: HashSet<String> = HashSet::new();
        for chunk in versions.chunks(CHUNK) {
            let ids = chunk.iter().map(|row| row.line_id.as_str());
            let own = unconfirmed_lines::table.filter(unconfirmed_lines::line_id.eq_any(ids));
            waiting.extend(own.select(unconfirmed_lines::line_id).load::<String>(connection)?);
        }
        for row in &mut versions {
            row.agreed_on = Some(row.recorded_on).filter(|_| !waiting.contains(&row.line_id));
        }
        return Ok(versions);
    }
    let firsts: Vec<String> = versions.iter().map(|row| row.arrangement.clone()).collect();
    let arrangements = arrangement_versions(connection, &firsts, asked.before, asked.zone)?;
    let agreed = arrangements.agreed_since();
    for row in &mut versions {
        row.agreed_on = agreed.get(&(row.line_id.as_str(), row.version)).copied();
    }
    Ok(versions)
}

/// The variations that say a line was wrong from the start.
fn corrections(connection: &mut AnyConnection) -> Result<HashSet<String>, Error> {
    let corrections = package_variations::table.filter(package_variations::kind.eq(VariationKind::Correction));
    Ok(corrections.select(package_variations::id).load(connection)?.into_iter().collect())
}

fn version(row: VersionColumns, corrections: &HashSet<String>, zone: TimeZone) -> LineVersion {
    let (line, terms, (variation, recorded_at)) = row;
    let (line_id, version, continues, state, budget_line, provider) = line;
    let (quantity, frequency, unit_rate, valid_from, valid_to) = terms;
    LineVersion {
        arrangement: continues.unwrap_or_else(|| line_id.clone()),
        by_correction: variation.is_some_and(|id| corrections.contains(&id)),
        agreed_on: None,
        line_id,
        version,
        state,
        budget_line,
        provider,
        terms: Line { quantity, frequency, unit_rate, valid_from, valid_to },
        recorded_on: zone.day_of(recorded_at),
    }
}

//! Which lines rise further than goes untested, with earlier rises of twelve months.

use crate::error::Error;
use chrono::{Months, NaiveDateTime};
use db::AnyConnection;
use db::schema::{package_lines, package_variations};
use diesel::prelude::*;
use domain::upratings::untested::is_beyond;
use domain::{Profile, UnitRate, VariationBasis};
use std::collections::{HashMap, HashSet};

/// Arrangements in one query, so that the databases' limits on parameters are kept.
const CHUNK: usize = 500;

/// A line's rise.
pub(crate) struct Rise<'m> {
    pub line_id: &'m str,
    pub arrangement: &'m str,
    pub before: UnitRate,
    pub after: UnitRate,
}

/// The lines that rise beyond the profile's bound.
pub(crate) fn rising_beyond<'m>(
    connection: &mut AnyConnection,
    profile: &Profile,
    rises: impl Iterator<Item = Rise<'m>>,
    at: NaiveDateTime,
) -> Result<HashSet<String>, Error> {
    let rises: Vec<Rise<'_>> = rises.collect();
    let (bound, before) = (profile.delegation.untested_rise_percent.as_ref(), rates_before(connection, &rises, at)?);
    let beyond = rises.iter().filter(|rise| is_beyond(bound, before.get(rise.arrangement).copied().unwrap_or(rise.before), rise.after));
    Ok(beyond.map(|rise| rise.line_id.to_owned()).collect())
}

/// The rate of each arrangement before the first rise that was recorded of it in the last twelve months.
fn rates_before(connection: &mut AnyConnection, rises: &[Rise<'_>], at: NaiveDateTime) -> Result<HashMap<String, UnitRate>, Error> {
    use package_variations as variations;
    let since = at.checked_sub_months(Months::new(12)).unwrap_or(NaiveDateTime::MIN);
    let arrangements: Vec<&str> = rises.iter().map(|rise| rise.arrangement).collect();
    let mut rates = HashMap::new();
    for arrangements in arrangements.chunks(CHUNK) {
        let varied = package_lines::line_id.eq(variations::line_id).and(package_lines::version.eq(variations::line_version));
        let rows: Vec<(String, UnitRate)> = variations::table
            .inner_join(package_lines::table.on(varied))
            .filter(variations::basis.eq(VariationBasis::Uprating).and(variations::recorded_at.gt(since)))
            .filter(variations::arrangement_id.eq_any(arrangements))
            .order((variations::recorded_seq, variations::id))
            .select((variations::arrangement_id, package_lines::unit_rate_ten_thousandths))
            .load(connection)?;
        for (arrangement, rate) in rows {
            rates.entry(arrangement).or_insert(rate);
        }
    }
    Ok(rates)
}

//! Arrangements with their shares, as known now.

use crate::direct_payments::unpaid_days;
use crate::error::Error;
use crate::joint_funding::shares::share::{CHUNK, Of, funding_of, last_versions};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::costing::Line;
use domain::joint_funding::{FundedArrangement, FundedArrangements, Funding, FundingState};
use domain::profile::CostingPolicy;
use domain::{Frequency, LineState, Quantity, UnitRate};
use std::collections::{BTreeSet, HashMap};

/// Reads the arrangements that these lines begin, whoever funds them.
///
/// # Errors
/// When the store fails.
pub fn funded_arrangements<'p>(
    connection: &mut AnyConnection,
    policy: &'p CostingPolicy,
    first_lines: &[String],
) -> Result<FundedArrangements<'p>, Error> {
    // Each once, though two fundings of a line name it twice.
    let first_lines: BTreeSet<&String> = first_lines.iter().collect();
    let first_lines: Vec<String> = first_lines.into_iter().cloned().collect();
    let mut lines: HashMap<String, Vec<Line>> = HashMap::new();
    for some in first_lines.chunks(CHUNK) {
        for (arrangement, line) in lines_of(connection, some)? {
            lines.entry(arrangement).or_default().push(line);
        }
    }
    let mut shares: HashMap<String, Vec<(String, Funding)>> = HashMap::new();
    for share in last_versions(connection, Of::Lines(&first_lines))? {
        if let Some(funding) = funding_of(&share).filter(|_| share.state != FundingState::Reversed) {
            shares.entry(share.line_id).or_default().push((share.funding_id, funding));
        }
    }
    let mut unpaid = unpaid_days(connection, &first_lines)?;
    let all = first_lines.into_iter().map(|first| {
        let (lines, shares) = (lines.remove(&first).unwrap_or_default(), shares.remove(&first).unwrap_or_default());
        let arrangement = FundedArrangement::new(policy, lines, shares).without(unpaid.remove(&first).unwrap_or_default());
        (first, arrangement)
    });
    Ok(all.collect())
}

/// The lines of these arrangements in their last version, without reversed ones, each with the first line of its arrangement.
fn lines_of(connection: &mut AnyConnection, first_lines: &[String]) -> Result<Vec<(String, Line)>, Error> {
    type Version = (String, Option<String>, LineState, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);
    let versions: Vec<Version> = package_lines::table
        .filter(package_lines::line_id.eq_any(first_lines).or(package_lines::continues_line_id.eq_any(first_lines)))
        .order((package_lines::line_id, package_lines::version))
        .select((
            package_lines::line_id,
            package_lines::continues_line_id,
            package_lines::state,
            package_lines::quantity_thousandths,
            package_lines::frequency,
            package_lines::unit_rate_ten_thousandths,
            package_lines::valid_from,
            package_lines::valid_to,
        ))
        .load(connection)?;
    let mut last: Vec<Version> = Vec::new();
    for version in versions {
        match last.last_mut() {
            Some(known) if known.0 == version.0 => *known = version,
            _ => last.push(version),
        }
    }
    let standing = last.into_iter().filter(|version| version.2 != LineState::Reversed);
    Ok(standing
        .map(|(line_id, continues, _, quantity, frequency, unit_rate, valid_from, valid_to)| {
            (continues.unwrap_or(line_id), Line { quantity, frequency, unit_rate, valid_from, valid_to })
        })
        .collect())
}

//! Lists and reads of joint fundings, and what they put on the trail.

use crate::error::Error;
use crate::joint_funding::shares::cost::{FundingHistory, cost_of};
use crate::joint_funding::shares::share::{CHUNK, JointFunding, history};
use crate::packages as packages_of;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use db::schema::{joint_fundings, packages};
use db::{Event, Write};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::Profile;
use domain::joint_funding::FundingState;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListJointFundings {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only of this arrangement, by its first line.
    line_id: Option<Id>,
    /// Only of this package.
    package_id: Option<Id>,
    /// Only by this funder.
    provider_id: Option<Id>,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = joint_fundings as later);

/// Puts it on the trail that these packages were read, each once, and with it the record of its child.
pub fn record_reads<'a>(write: &mut Write<'_>, package_ids: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    let ids: BTreeSet<&str> = package_ids.into_iter().collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    for some in ids.chunks(CHUNK) {
        let read: Vec<packages_of::Package> = packages::table
            .filter(packages::id.eq_any(some))
            .order(packages::id)
            .select(packages_of::Package::as_select())
            .load(write.connection)?;
        for package in &read {
            packages_of::record_read(write, package)?;
        }
    }
    Ok(())
}

/// Lists joint fundings, each in its last version.
///
/// # Errors
/// When the cursor is not one of this list.
pub fn list(write: &mut Write<'_>, wanted: ListJointFundings) -> Result<Page<JointFunding>, Error> {
    let ListJointFundings { limit, cursor, line_id, package_id, provider_id } = wanted;
    let after = cursor.after_record()?;
    let later = LATER.filter(LATER.field(joint_fundings::funding_id).eq(joint_fundings::funding_id));
    let mut query = joint_fundings::table
        .select(JointFunding::as_select())
        .filter(not(exists(later.filter(LATER.field(joint_fundings::version).gt(joint_fundings::version)))))
        .filter(joint_fundings::state.ne(FundingState::Reversed))
        .filter(joint_fundings::recorded_seq.ge(after.seq))
        .filter(joint_fundings::recorded_seq.gt(after.seq).or(joint_fundings::id.gt(after.id)))
        .into_boxed();
    if let Some(line) = line_id {
        query = query.filter(joint_fundings::line_id.eq(line.0));
    }
    if let Some(package) = package_id {
        query = query.filter(joint_fundings::package_id.eq(package.0));
    }
    if let Some(provider) = provider_id {
        query = query.filter(joint_fundings::provider_id.eq(provider.0));
    }
    let rows = query.order((joint_fundings::recorded_seq, joint_fundings::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &JointFunding| After::key(row.recorded_seq, &row.id));
    write.record(Event::new("list", "joint_fundings", ""))?;
    record_reads(write, page.items.iter().map(|row| row.package_id.as_str()))?;
    Ok(page)
}

/// Reads every version of a joint funding, and what it comes to.
///
/// # Errors
/// When there is no such funding.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<FundingHistory, Error> {
    let versions = history(write.connection, id)?;
    let latest = versions.last().cloned().ok_or_else(|| Error::not_found("joint funding"))?;
    write.record(Event::new("read", "joint_fundings", &latest.funding_id))?;
    record_reads(write, [latest.package_id.as_str()])?;
    Ok(FundingHistory { versions, cost: cost_of(write.connection, profile, &latest, write.today())? })
}

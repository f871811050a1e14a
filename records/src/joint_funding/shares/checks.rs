//! What has to be known of a joint funding before it is recorded.

use crate::error::Error;
use crate::joint_funding::shares::share::{JointFunding, Of, funding_of, last_versions};
use crate::money::budget_lines;
use db::AnyConnection;
use db::schema::{joint_fundings, package_lines, providers};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Sector;
use domain::joint_funding::shares::{LineToFund, ShareBeside, budget_line_mistake, funder_mistake};
use domain::{FieldError, LineState};

/// What is wrong with the body that is to pay and the budget line that is to receive.
pub(crate) fn reference_mistakes(connection: &mut AnyConnection, provider_id: &str, budget_line: &str) -> Result<Vec<FieldError>, Error> {
    let sector: Option<Sector> = providers::table.find(provider_id).select(providers::sector).first(connection).optional()?;
    let direction = budget_lines::find(connection, budget_line)?.map(|line| line.direction);
    Ok(funder_mistake(sector).into_iter().chain(budget_line_mistake(direction)).collect())
}

/// Whether somebody pays, or paid, a share of an arrangement on a budget line.
pub fn has_share_on(connection: &mut AnyConnection, first_line: &str, budget_line: &str) -> Result<bool, Error> {
    let shares = joint_fundings::table.filter(joint_fundings::line_id.eq(first_line).and(joint_fundings::budget_line.eq(budget_line)));
    Ok(diesel::select(exists(shares)).get_result(connection)?)
}

/// A line that is to be funded, with its package; none, there is no such line.
pub(crate) fn line_to_fund(connection: &mut AnyConnection, line_id: &str) -> Result<Option<(String, LineToFund)>, Error> {
    let last: Option<(String, Option<String>, LineState)> = package_lines::table
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version.desc())
        .select((package_lines::package_id, package_lines::continues_line_id, package_lines::state))
        .first(connection)
        .optional()?;
    let Some((package_id, continues_line_id, state)) = last else { return Ok(None) };
    let others = package_lines::table.filter(package_lines::continues_line_id.eq(line_id));
    let is_continued = diesel::select(exists(others)).get_result(connection)?;
    Ok(Some((package_id, LineToFund { continues_line_id, state, is_continued })))
}

/// The shares of a share's package line, each in its last version. Exact, because writers take turns.
pub(crate) fn shares_beside(connection: &mut AnyConnection, funding: &JointFunding) -> Result<Vec<ShareBeside>, Error> {
    let shares = last_versions(connection, Of::Lines(std::slice::from_ref(&funding.line_id)))?;
    let beside = |share: JointFunding| {
        let funding = funding_of(&share)?;
        Some(ShareBeside { funding_id: share.funding_id, state: share.state, funding })
    };
    Ok(shares.into_iter().filter_map(beside).collect())
}

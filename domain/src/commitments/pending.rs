//! What requests that are not decided, or not carried out, may yet cost.

use super::CannotCommit;
use super::cells::by_month;
use super::{Owner, OwnerKind, Plan, Planned};
use crate::costing::Line;
use crate::money::divide_half_away_from_zero;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence};

/// A request line's cost in each month of a year, April first, weighted by what the profile says for the state its request stands in.
/// The weighted cost from the year's start to a month's end is rounded once, half away from zero; a month has the difference of two such
/// roundings, so that months add up to the year. Gross of the line alone: what it would replace is not taken off.
pub fn weighted_by_month(
    policy: &CostingPolicy,
    line: &Line,
    request_line: &str,
    weight_percent: u8,
    year: FinancialYear,
) -> Result<[Pence; 12], CannotCommit> {
    let owner = Owner { id: request_line, kind: OwnerKind::Arrangement };
    let costs = by_month(policy, year, &[Planned { owner, provider: None, plan: Plan::Line(*line) }])?;
    let mut weighted = [Pence::ZERO; 12];
    let (mut cost, mut so_far) = (Pence::ZERO, 0_i64);
    for (month, pence) in costs.iter().enumerate() {
        cost = cost.checked_add(*pence)?;
        let up_to = divide_half_away_from_zero(i128::from(cost.0) * i128::from(weight_percent), 100);
        let up_to = i64::try_from(up_to).map_err(|_| CannotCommit::TooLarge)?;
        weighted[month] = Pence(up_to - so_far);
        so_far = up_to;
    }
    Ok(weighted)
}

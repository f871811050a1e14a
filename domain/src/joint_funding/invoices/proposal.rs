//! What could be invoiced of a share: days that no invoice asks for yet, and what is expected differently of days that one does.

use super::facts::{Billed, LineShare};
use crate::Pence;
use crate::costing::CannotCost;
use crate::joint_funding::{FundedArrangement, FundedArrangements};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a line is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposedKind {
    /// No invoice asks for these days yet.
    Charge,
    /// An invoice does, and another amount is expected now.
    Adjustment,
}

/// Days of a share that could be invoiced, or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedDays<'b> {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// What an invoice asks for them; none, they are invoiced for the first time.
    pub corrects: Option<&'b Billed>,
    /// What is expected; of a correction, how much more or less.
    pub expected: Pence,
    /// What is cut off a fixed amount; nothing of a correction.
    pub withheld: Pence,
}

impl ProposedDays<'_> {
    /// Why they are proposed.
    pub fn kind(&self) -> ProposedKind {
        if self.corrects.is_some() { ProposedKind::Adjustment } else { ProposedKind::Charge }
    }
}

/// What could be invoiced of a share for the days from `from` to the day before `to`, and corrected of the days before `to`. What is billed
/// is in order and does not overlap.
///
/// # Errors
/// When the days cannot be costed.
pub fn proposed<'b>(
    arrangements: &FundedArrangements<'_>,
    share: &LineShare,
    billed: &'b [Billed],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<ProposedDays<'b>>, CannotCost> {
    let Some(arrangement) = arrangements.get(&share.line_id) else { return Ok(Vec::new()) };
    let mut days = charges(arrangement, share, billed, (from, to))?;
    for billed in billed.iter().filter(|billed| billed.from < to) {
        let expected = correction(arrangement, billed)?;
        if expected != Pence::ZERO {
            days.push(ProposedDays { from: billed.from, to: billed.to, corrects: Some(billed), expected, withheld: Pence::ZERO });
        }
    }
    Ok(days)
}

/// The days of the period, within the share's own, that no invoice asks for.
fn charges<'b>(
    arrangement: &FundedArrangement<'_>,
    share: &LineShare,
    billed: &[Billed],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<ProposedDays<'b>>, CannotCost> {
    let mut days = Vec::new();
    if share.is_reversed {
        return Ok(days);
    }
    let to = share.valid_to.map_or(to, |ends| ends.min(to));
    for (from, to) in gaps(billed, from.max(share.valid_from), to) {
        let part = arrangement.part(&share.funding_id, from, to)?;
        if part.income != Pence::ZERO {
            days.push(ProposedDays { from, to, corrects: None, expected: part.income, withheld: part.withheld });
        }
    }
    Ok(days)
}

/// What is left of the days from `from` to the day before `to`; what is billed is in order and does not overlap.
fn gaps(billed: &[Billed], from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let (mut gaps, mut at) = (Vec::new(), from);
    for line in billed.iter().filter(|line| line.overlaps(from, to)) {
        if line.from > at {
            gaps.push((at, line.from));
        }
        at = at.max(line.to);
    }
    if at < to {
        gaps.push((at, to));
    }
    gaps
}

/// How much more, or less, is expected for days billed than was.
///
/// # Errors
/// When the days cannot be costed.
pub(super) fn change(arrangement: &FundedArrangement<'_>, billed: &Billed) -> Result<Pence, CannotCost> {
    let now = arrangement.part(&billed.funding_id, billed.from, billed.to)?.income;
    Ok(now.checked_sub(billed.expected)?)
}

/// What a correction of days billed would be now: the change, but never so much less that less than nothing would be asked for.
///
/// # Errors
/// When the days cannot be costed.
pub(super) fn correction(arrangement: &FundedArrangement<'_>, billed: &Billed) -> Result<Pence, CannotCost> {
    let least = billed.asked.max(Pence::ZERO).checked_neg()?;
    Ok(change(arrangement, billed)?.max(least))
}

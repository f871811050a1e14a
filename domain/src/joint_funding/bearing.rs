//! Whether days can bear what invoices ask for them.
//!
//! An invoice asks for an amount of a stretch of days and says nothing of the single day. So amounts fit if they can be spread, each
//! over its own days, such that no day bears more than it costs.

use super::FundedLines;
use crate::Pence;
use crate::costing::CannotCost;
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An amount that is asked for some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// How much; nothing or less asks for nothing.
    pub amount: Pence,
}

/// What an arrangement's days cost, cut where something that is asked for starts or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearing {
    days: Vec<NaiveDate>,
    /// Pence from each of the days to the day before the next: one fewer than the days.
    costs: Vec<i64>,
}

impl FundedLines<'_> {
    /// The cost of the days that these amounts are asked for.
    ///
    /// # Errors
    /// When the days cannot be costed.
    pub fn bearing(&self, asked: &[Asked]) -> Result<Bearing, CannotCost> {
        let mut days: Vec<_> = asked.iter().flat_map(|one| [one.from, one.to]).collect();
        days.sort_unstable();
        days.dedup();
        let costs = days.windows(2).map(|pair| Ok(self.gross_between(pair[0], pair[1])?.0)).collect::<Result<_, CannotCost>>()?;
        Ok(Bearing { days, costs })
    }
}

impl Bearing {
    /// How much of these amounts no day can bear, however they are spread. Their days are among those this was made for.
    pub fn unborne(&self, asked: &[Asked]) -> Pence {
        let mut coming: Vec<&Asked> = asked.iter().filter(|one| one.amount > Pence::ZERO && one.from < one.to).collect();
        coming.sort_unstable_by_key(|one| one.from);
        let mut coming = coming.into_iter().peekable();
        let (mut open, mut unborne) = (BinaryHeap::new(), 0_i64);
        for (day, cost) in self.days.iter().zip(&self.costs) {
            while let Some(one) = coming.next_if(|one| one.from <= *day) {
                open.push((Reverse(one.to), one.amount.0));
            }
            // What ends first goes first: that leaves the most room for the others.
            let mut room = *cost;
            while let Some((Reverse(to), left)) = open.pop() {
                if to <= *day {
                    unborne = unborne.saturating_add(left);
                } else if left > room {
                    open.push((Reverse(to), left - room));
                    break;
                } else {
                    room -= left;
                }
            }
        }
        let left = open.into_iter().map(|(_, left)| left).chain(coming.map(|one| one.amount.0));
        Pence(left.fold(unborne, i64::saturating_add))
    }
}

//! What is due when: consecutive periods in advance, the days that are not paid for left out.

use crate::Pence;
use crate::costing::{CannotCost, Line};
use crate::money::TooLarge;
use crate::profile::CostingPolicy;
use chrono::{Days, NaiveDate};

/// A half-open stretch of days; without an end, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after it.
    pub to: Option<NaiveDate>,
}

impl Stretch {
    /// Whether a day lies in it.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// Whether two stretches share a day.
    pub fn overlaps(&self, other: &Stretch) -> bool {
        self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to)
    }
}

/// A period, or part of one, whose payment was not made yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpaidPeriod {
    /// The first day it pays, on which it is due.
    pub from: NaiveDate,
    /// The first day it no longer pays.
    pub to: NaiveDate,
    /// What the days cost as known now.
    pub amount: Pence,
}

/// What decides an account's payments.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'t> {
    /// How lines are costed.
    pub policy: &'t CostingPolicy,
    /// The arrangement's lines that stand, each as last known.
    pub lines: &'t [Line],
    /// The first day paid for.
    pub starts_on: NaiveDate,
    /// Days in a period, at least one.
    pub days_per_payment: u64,
    /// Days that are not paid for.
    pub pauses: &'t [Stretch],
    /// The first day after the account.
    pub closed_on: Option<NaiveDate>,
}

impl Terms<'_> {
    /// The first day no longer paid; none while a line is open-ended. With no line at all nothing is paid.
    pub fn ends_on(&self) -> Option<NaiveDate> {
        let ends = Line::costs_until;
        let of_lines = if self.lines.iter().any(|line| ends(line).is_none()) {
            None
        } else {
            self.lines.iter().filter_map(ends).max().or(Some(self.starts_on))
        };
        let end = match (of_lines, self.closed_on) {
            (Some(lines), Some(closed)) => Some(lines.min(closed)),
            (lines, closed) => lines.or(closed),
        };
        end.map(|end| end.max(self.starts_on))
    }

    /// What the paid days from `from` to the day before `to` cost. Stretches add up exactly, however the days are cut.
    pub fn cost(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        let to = self.ends_on().map_or(to, |end| end.min(to));
        let mut day = from.max(self.starts_on);
        let mut pauses: Vec<Stretch> = self.pauses.iter().filter(|pause| pause.from < to).copied().collect();
        pauses.sort();
        let mut total = Pence::ZERO;
        for pause in pauses {
            total = total.checked_add(self.unbroken(day, pause.from.min(to))?)?;
            day = day.max(pause.to.unwrap_or(to).min(to));
        }
        Ok(total.checked_add(self.unbroken(day, to)?)?)
    }

    fn unbroken(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        if from >= to {
            return Ok(Pence::ZERO);
        }
        self.lines.iter().try_fold(Pence::ZERO, |total, line| Ok(total.checked_add(self.policy.cost_between(line, from, to)?)?))
    }

    /// Payments due on or before a day that `paid`, the stretches paid before, leave open, earliest first. One whose days are all
    /// paused amounts to nothing. The rest of a period that was paid in part is due on its own first day.
    pub fn unpaid(&self, paid: &[Stretch], due_by: NaiveDate) -> Result<Vec<UnpaidPeriod>, CannotCost> {
        let mut paid = paid.to_vec();
        paid.sort();
        let end = self.ends_on();
        let (mut planned, mut starts) = (Vec::new(), self.starts_on);
        while starts <= due_by && end.is_none_or(|end| starts < end) {
            let whole = starts + Days::new(self.days_per_payment.max(1));
            let ends = end.map_or(whole, |end| end.min(whole));
            let mut day = starts;
            for done in paid.iter().filter(|done| done.from < ends && done.to.is_none_or(|to| to > starts)) {
                self.plan(&mut planned, day, done.from.min(ends), due_by)?;
                day = day.max(done.to.unwrap_or(ends));
            }
            self.plan(&mut planned, day, ends, due_by)?;
            starts = whole;
        }
        Ok(planned)
    }

    fn plan(&self, planned: &mut Vec<UnpaidPeriod>, from: NaiveDate, to: NaiveDate, due_by: NaiveDate) -> Result<(), CannotCost> {
        if from < to && from <= due_by {
            planned.push(UnpaidPeriod { from, to, amount: self.cost(from, to)? });
        }
        Ok(())
    }

    /// What all days that were never paid cost up to the end; none while there is no end.
    pub fn still_to_come(&self, paid: &[Stretch]) -> Result<Option<Pence>, CannotCost> {
        let Some(end) = self.ends_on() else { return Ok(None) };
        let mut total = self.cost(self.starts_on, end)?;
        for done in paid {
            total = total.checked_sub(self.cost(done.from, done.to.unwrap_or(end))?)?;
        }
        Ok(Some(total))
    }
}

/// What of each difference, what a payment made should have been more (or less, below nought), goes into the next pay file beside
/// what is `due`: all that is owed to the family, and of what was paid too much, in the order given, as much as leaves nothing
/// below nought. The rest waits for a later file.
pub fn corrections(due: Pence, differences: &[Pence]) -> Result<Vec<Pence>, TooLarge> {
    let owed = differences.iter().copied().filter(|difference| *difference > Pence::ZERO);
    let mut left = due.checked_add(Pence::checked_sum(owed)?)?;
    differences
        .iter()
        .map(|difference| {
            if *difference >= Pence::ZERO {
                return Ok(*difference);
            }
            let taken = difference.checked_neg()?.min(left);
            left = left.checked_sub(taken)?;
            taken.checked_neg()
        })
        .collect()
}

/// What has to be asked back because no payment is left to set it off against; `still_to_come` is what is, none while there is no
/// end to the payments.
pub fn to_recover(differences: &[Pence], still_to_come: Option<Pence>) -> Result<Pence, TooLarge> {
    let Some(still_to_come) = still_to_come else { return Ok(Pence::ZERO) };
    let balance = Pence::checked_sum(differences.iter().copied())?.checked_add(still_to_come)?;
    balance.min(Pence::ZERO).checked_neg()
}

#[cfg(test)]
mod tests;

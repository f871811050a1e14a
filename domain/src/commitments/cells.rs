//! Cutting what is planned into cells.

use super::carried_forward::standing_carried;
use super::{Book, CannotCommit, Cell, Owner, Plan, Planned};
use crate::costing::spread_before;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period};
use chrono::{Datelike, Months, NaiveDate, Weekday};
use std::collections::BTreeSet;

/// Days of one ISO week and one calendar month.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: NaiveDate,
    to: NaiveDate,
}

impl<'a> Book<'a> {
    /// What is planned, in the order in which it is settled; nothing of it paid or released yet.
    pub fn cells(&self, policy: &CostingPolicy) -> Result<Vec<Cell<'a>>, CannotCommit> {
        let stretches = self.stretches();
        let mut parts = Vec::new();
        for planned in &self.plans {
            planned.cut(policy, self.year, &stretches, &mut parts)?;
        }
        parts.sort_unstable();
        let mut cells = self.carried_cells()?;
        let same = |a: &Part<'a>, b: &Part<'a>| (a.stretch, a.owner, a.provider) == (b.stretch, b.owner, b.provider);
        for chunk in parts.chunk_by(same) {
            let planned = Pence::checked_sum(chunk.iter().map(|part| part.pence))?;
            let unconfirmed = Pence::checked_sum(chunk.iter().filter(|part| part.is_unconfirmed).map(|part| part.pence))?;
            if planned > Pence::ZERO {
                let cell = cell(chunk[0].owner, chunk[0].provider, stretches[chunk[0].stretch], planned);
                cells.push(Cell { unconfirmed, ..cell });
            }
        }
        Ok(cells)
    }

    /// What was carried forward: one cell an owner and provider, with whatever was carried again after the close, and another for what was
    /// carried again after a release.
    fn carried_cells(&self) -> Result<Vec<Cell<'a>>, CannotCommit> {
        let day = self.year.starts_on();
        let mut cells = Vec::new();
        for ((owner, provider), standing) in standing_carried(&self.carried, &self.releases)? {
            let standing = standing.into_iter().filter(|(_, amount)| *amount > Pence::ZERO);
            let stretch = Stretch { from: day, to: day };
            cells.extend(standing.map(|(number, amount)| Cell { is_carried: true, number, ..cell(owner, provider, stretch, amount) }));
        }
        Ok(cells)
    }

    /// The year, cut at every Monday, first of a month, and day up to which something is released.
    fn stretches(&self) -> Vec<Stretch> {
        let (starts, ends) = (self.year.starts_on(), self.year.next_starts_on());
        let mut cuts: BTreeSet<NaiveDate> = Period::all().map(|period| self.year.period_starts_on(period)).collect();
        cuts.extend(starts.iter_days().take_while(|day| *day < ends).filter(|day| day.weekday() == Weekday::Mon));
        cuts.extend(self.releases.iter().map(|release| release.up_to).filter(|day| starts < *day && *day < ends));
        cuts.insert(ends);
        let cuts: Vec<NaiveDate> = cuts.into_iter().collect();
        cuts.windows(2).map(|pair| Stretch { from: pair[0], to: pair[1] }).collect()
    }
}

/// What one plan puts into one stretch. Sorts as cells do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part<'a> {
    /// Its number in the year; stretches are numbered by day.
    stretch: usize,
    owner: Owner<'a>,
    provider: Option<&'a str>,
    is_unconfirmed: bool,
    pence: Pence,
}

impl<'a> Planned<'a> {
    /// Cuts the plan at the stretches' ends. A stretch has the difference of what falls before its end and before its start, as costing
    /// has it, so that stretches add up to the year.
    fn cut(
        &self,
        policy: &CostingPolicy,
        year: FinancialYear,
        stretches: &[Stretch],
        parts: &mut Vec<Part<'a>>,
    ) -> Result<(), CannotCommit> {
        let (from, to) = self.plan.days();
        let first = stretches.partition_point(|stretch| stretch.to <= from);
        let in_force = stretches[first..].iter().take_while(|stretch| to.is_none_or(|to| stretch.from < to));
        let before =
            |day| self.plan.before(policy, year, day).map_err(|reason| CannotCommit::Owner { owner: self.owner.id.to_owned(), reason });
        let mut so_far = match stretches.get(first) {
            Some(stretch) => before(stretch.from)?,
            None => return Ok(()),
        };
        for (offset, stretch) in in_force.enumerate() {
            let up_to = before(stretch.to)?;
            let pence = up_to.checked_sub(so_far)?;
            so_far = up_to;
            if pence != Pence::ZERO {
                let (stretch, is_unconfirmed) = (first + offset, self.is_unconfirmed);
                parts.push(Part { stretch, owner: self.owner, provider: self.provider, is_unconfirmed, pence });
            }
        }
        Ok(())
    }
}

impl Plan {
    /// Its first day, and the first day after it; none, it has no end.
    fn days(&self) -> (NaiveDate, Option<NaiveDate>) {
        match self {
            Plan::Line(line) => (line.valid_from, line.valid_to),
            Plan::Rest { line, from, to } => {
                let ends = [*to, line.valid_to].into_iter().flatten().min();
                (line.valid_from.max(*from), ends)
            }
            Plan::Spread { from, to, .. } => (*from, Some(*to)),
        }
    }

    /// What falls before a day of the year, since the year's start or before it.
    fn before(&self, policy: &CostingPolicy, year: FinancialYear, day: NaiveDate) -> Result<Pence, crate::costing::CannotCost> {
        match self {
            Plan::Line(line) => policy.cost_between(line, year.starts_on(), day),
            Plan::Rest { line, from, to } => {
                let day = to.map_or(day, |to| to.min(day));
                Ok(policy.cost_between(line, year.starts_on().max(*from), day)?.checked_neg()?)
            }
            Plan::Spread { amount, from, to } => Ok(spread_before(*amount, *from, *to, day)),
        }
    }
}

fn cell<'a>(owner: Owner<'a>, provider: Option<&'a str>, stretch: Stretch, planned: Pence) -> Cell<'a> {
    let Stretch { from, to } = stretch;
    let (period, nothing) = (Period::of(from), Pence::ZERO);
    Cell {
        owner,
        provider,
        from,
        to,
        period,
        is_carried: false,
        number: 0,
        planned,
        unconfirmed: nothing,
        paid: nothing,
        released: nothing,
    }
}

/// What plans put into each month of the year, April first, without cutting weeks: what movements are measured against.
pub fn by_month(policy: &CostingPolicy, year: FinancialYear, plans: &[Planned<'_>]) -> Result<[Pence; 12], CannotCommit> {
    let months: Vec<Stretch> = Period::all()
        .map(|period| {
            let from = year.period_starts_on(period);
            Stretch { from, to: from + Months::new(1) }
        })
        .collect();
    let mut parts = Vec::new();
    for planned in plans {
        planned.cut(policy, year, &months, &mut parts)?;
    }
    let mut sums = [Pence::ZERO; 12];
    for part in parts {
        sums[part.stretch] = sums[part.stretch].checked_add(part.pence)?;
    }
    Ok(sums)
}

//! Health's share of a package line: gross, income and net, and how old a debt is.
//!
//! A share belongs to an arrangement: a package line and the lines that carry it on. It is a percentage of the cost, or an amount
//! a week, four weeks, month or year, for the days on which there is a line.
//!
//! **Rounding.** A share is costed as a line is. A percentage of a line comes to what the line would cost at that percentage of its rate,
//! so it is of the cost before that is rounded. An amount costs what a line of that amount would cost from the share's first day. So equal
//! periods bring alike, and days add up to months and months to the year, exactly. With several percentages the first, the first two and so
//! on are taken together, so that all of them together never exceed the cost; one of them may differ by a penny from its share alone.
//!
//! **Unpaid days.** Days that the account of a family leaves unpaid, in a pause or after its closure, cost nothing, and bring nothing.
//!
//! **The cap.** No month brings more than it costs. An amount that is more than the cost left of a month is cut to it: what is not spent
//! is not asked for. A percentage comes before an amount, and an earlier record before a later one. Where a share starts or ends inside a
//! month each part of the month is a month of its own.

mod arrangements;
mod bearing;
pub mod invoices;
pub mod shares;
mod words;

pub use arrangements::{FundedArrangement, FundedArrangements};
pub use bearing::{Asked, Bearing};
pub use invoices::aged_debt::band_of;
pub use words::{CreditCause, DisputeOutcome, FundingState, ShareFrequency};

pub use crate::costing::WHOLE;
use crate::costing::{CannotCost, Line};
use crate::direct_payments::Stretch;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period, Quantity, UnitRate};
use chrono::NaiveDate;

/// What a funder pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Of the cost, in ten-thousandths of a per cent: 500,000 is half.
    Percentage(i64),
    /// A fixed amount, so often.
    Fixed {
        /// How much each time.
        amount: Pence,
        /// How often.
        every: ShareFrequency,
    },
}

/// A funder's share from a day to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funding {
    /// What it pays.
    pub share: Share,
    /// The first day it pays for.
    pub valid_from: NaiveDate,
    /// The first day it no longer pays for; none, open-ended.
    pub valid_to: Option<NaiveDate>,
}

impl Funding {
    /// Whether it pays for a day.
    pub fn pays_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|ends| day < ends)
    }
}

/// What one funder pays of a stretch of days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FunderPart {
    /// What it pays. Of very few days it may be a penny less than nothing, where its exact part is below a penny.
    pub income: Pence,
    /// What the cap cut off a fixed amount.
    pub withheld: Pence,
}

/// Cost, what the funders pay of it, and what is left to the authority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    /// The cost.
    pub gross: Pence,
    /// What the funders pay.
    pub income: Pence,
    /// What is left: the cost less what they pay.
    pub net: Pence,
    /// What the cap cut off their fixed amounts.
    pub withheld: Pence,
}

impl Split {
    fn of(gross: Pence, parts: &[FunderPart]) -> Result<Self, CannotCost> {
        let income = Pence::checked_sum(parts.iter().map(|part| part.income))?;
        let withheld = Pence::checked_sum(parts.iter().map(|part| part.withheld))?;
        Ok(Split { gross, income, net: gross.checked_sub(income)?, withheld })
    }
}

/// An arrangement's lines, and its funders in the order recorded.
#[derive(Debug, Clone)]
pub struct FundedLines<'p> {
    policy: &'p CostingPolicy,
    lines: Vec<Line>,
    fundings: Vec<Funding>,
    /// Places in `fundings`: percentages first.
    order: Vec<usize>,
    /// The days that nobody is paid for: they cost nothing, so nobody pays a share of them.
    unpaid: Vec<Stretch>,
}

impl<'p> FundedLines<'p> {
    /// An arrangement of these lines. `fundings` are in the order recorded, which decides who is cut when the cost does not go round.
    pub fn new(policy: &'p CostingPolicy, lines: Vec<Line>, fundings: Vec<Funding>) -> Self {
        let mut order: Vec<usize> = (0..fundings.len()).collect();
        order.sort_by_key(|place| matches!(fundings[*place].share, Share::Fixed { .. }));
        FundedLines { policy, lines, fundings, order, unpaid: Vec::new() }
    }

    /// The same without days that a family's account leaves unpaid, no day twice.
    pub fn without(self, unpaid: Vec<Stretch>) -> Self {
        FundedLines { unpaid, ..self }
    }

    /// The cost from `from` to the day before `to`.
    pub fn gross_between(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        self.paid_between(from, to, |from, to| self.sum(|line| self.policy.cost_between(line, from, to)))
    }

    /// What days come to, without those that nobody is paid for.
    fn paid_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        of: impl Fn(NaiveDate, NaiveDate) -> Result<Pence, CannotCost>,
    ) -> Result<Pence, CannotCost> {
        let unpaid = self.unpaid.iter().map(|days| (days.from.max(from), days.to.map_or(to, |ends| ends.min(to))));
        let mut rests = unpaid.filter(|(from, to)| from < to);
        rests.try_fold(of(from, to)?, |left, (from, to)| Ok(left.checked_sub(of(from, to)?)?))
    }

    /// What each funder, in the order given, pays of the days from `from` to the day before `to`.
    pub fn parts_between(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<FunderPart>, CannotCost> {
        let mut total = vec![FunderPart::default(); self.fundings.len()];
        let Some((from, to)) = self.within_lines(from, to) else { return Ok(total) };
        let mut year = FinancialYear::of(from)?;
        loop {
            let (starts, ends) = (from.max(year.starts_on()), to.min(year.next_starts_on()));
            let [before, after] = self.up_to(year, [starts, ends])?;
            for (sum, (before, after)) in total.iter_mut().zip(before.iter().zip(&after)) {
                *sum = added(*sum, *before, *after)?;
            }
            if to <= year.next_starts_on() {
                return Ok(total);
            }
            year = year.next()?;
        }
    }

    /// What each funder pays of each month of a financial year.
    pub fn parts_by_month(&self, year: FinancialYear) -> Result<Vec<(Period, Vec<FunderPart>)>, CannotCost> {
        let mut days = [year.next_starts_on(); 13];
        for (day, period) in days.iter_mut().zip(Period::all()) {
            *day = year.period_starts_on(period);
        }
        let totals = self.up_to(year, days)?;
        Period::all()
            .zip(totals.windows(2))
            .map(|(period, pair)| {
                let parts = pair[0].iter().zip(&pair[1]).map(|(before, after)| added(FunderPart::default(), *before, *after));
                Ok((period, parts.collect::<Result<Vec<_>, CannotCost>>()?))
            })
            .collect()
    }

    /// Gross, income and net of the days from `from` to the day before `to`.
    pub fn split_between(&self, from: NaiveDate, to: NaiveDate) -> Result<Split, CannotCost> {
        Split::of(self.gross_between(from, to)?, &self.parts_between(from, to)?)
    }

    /// Gross, income and net of a whole year of these lines, whatever their dates, with the funders that pay on a day.
    pub fn full_year(&self, on: NaiveDate) -> Result<Split, CannotCost> {
        let (gross, parts) = self.full_year_parts(on)?;
        Split::of(gross, &parts)
    }

    /// The cost of a whole year of these lines, whatever their dates, and what each funder that pays on a day pays of it.
    pub fn full_year_parts(&self, on: NaiveDate) -> Result<(Pence, Vec<FunderPart>), CannotCost> {
        let gross = self.sum(|line| self.policy.full_year(line))?;
        let mut parts = vec![FunderPart::default(); self.fundings.len()];
        let (mut left, mut together, mut before) = (gross, 0, Pence::ZERO);
        for place in self.order.iter().copied().filter(|place| self.fundings[*place].pays_on(on)) {
            let own = match self.fundings[place].share {
                Share::Percentage(share) => {
                    together += share;
                    let up_to = self.sum(|line| self.policy.full_year_share(line, together))?;
                    let own = up_to.checked_sub(before)?;
                    before = up_to;
                    own
                }
                Share::Fixed { amount, every } => self.policy.full_year(&as_line(amount, every, on))?,
            };
            parts[place] = capped(self.fundings[place].share, own, &mut left)?;
        }
        Ok((gross, parts))
    }

    fn sum(&self, of: impl Fn(&Line) -> Result<Pence, CannotCost>) -> Result<Pence, CannotCost> {
        self.lines.iter().try_fold(Pence::ZERO, |sum, line| Ok(sum.checked_add(of(line)?)?))
    }

    /// The days that have a line at all: open ends far away cost no years.
    fn within_lines(&self, from: NaiveDate, to: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let from = from.max(self.lines.iter().map(|line| line.valid_from).min()?);
        let last = self.lines.iter().map(|line| line.valid_to.unwrap_or(NaiveDate::MAX)).max()?;
        let to = to.min(last);
        (from < to).then_some((from, to))
    }

    /// Totals of each funder from the start of a financial year to the day before each of these days, which ascend.
    fn up_to<const N: usize>(&self, year: FinancialYear, days: [NaiveDate; N]) -> Result<[Vec<FunderPart>; N], CannotCost> {
        let mut totals = [const { Vec::new() }; N];
        let mut whole = vec![FunderPart::default(); self.fundings.len()];
        let (mut at, mut cuts) = (year.starts_on(), self.cuts(year).into_iter().peekable());
        for (total, day) in totals.iter_mut().zip(days) {
            while let Some(cut) = cuts.next_if(|cut| *cut <= day) {
                self.add_stretch(at, cut, &mut whole)?;
                at = cut;
            }
            let mut here = whole.clone();
            self.add_stretch(at, day, &mut here)?;
            *total = here;
        }
        Ok(totals)
    }

    /// The days in the year, past its first, on which a month starts or a share starts or ends; and the day after the year.
    fn cuts(&self, year: FinancialYear) -> Vec<NaiveDate> {
        let mut cuts: Vec<_> = Period::all().map(|period| year.period_starts_on(period)).collect();
        cuts.extend(self.fundings.iter().flat_map(|funding| [Some(funding.valid_from), funding.valid_to]).flatten());
        cuts.push(year.next_starts_on());
        cuts.retain(|day| *day > year.starts_on() && *day <= year.next_starts_on());
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// Adds what each funder pays of a stretch inside which no month and no share starts or ends.
    fn add_stretch(&self, from: NaiveDate, to: NaiveDate, sums: &mut [FunderPart]) -> Result<(), CannotCost> {
        if from >= to || !self.fundings.iter().any(|funding| funding.pays_on(from)) {
            return Ok(());
        }
        let (mut left, mut together, mut before) = (self.gross_between(from, to)?, 0, Pence::ZERO);
        for place in self.order.iter().copied().filter(|place| self.fundings[*place].pays_on(from)) {
            let own = match self.fundings[place].share {
                Share::Percentage(share) => {
                    together += share;
                    let share = |from, to| self.sum(|line| self.policy.share_between(line, together, from, to));
                    let up_to = self.paid_between(from, to, share)?;
                    let own = up_to.checked_sub(before)?;
                    before = up_to;
                    own
                }
                Share::Fixed { amount, every } => {
                    let line = as_line(amount, every, self.fundings[place].valid_from);
                    self.days_in_force(from, to).into_iter().try_fold(Pence::ZERO, |sum, (from, to)| {
                        let days = self.paid_between(from, to, |from, to| self.policy.cost_between(&line, from, to))?;
                        Ok::<_, CannotCost>(sum.checked_add(days)?)
                    })?
                }
            };
            let part = capped(self.fundings[place].share, own, &mut left)?;
            sums[place] = added(sums[place], FunderPart::default(), part)?;
        }
        Ok(())
    }

    /// The stretches from `from` to the day before `to` on which there is a line: a fixed amount is for no others.
    fn days_in_force(&self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let clipped = self.lines.iter().map(|line| (line.valid_from.max(from), line.valid_to.unwrap_or(to).min(to)));
        let mut stretches: Vec<_> = clipped.filter(|(starts, ends)| starts < ends).collect();
        stretches.sort_unstable();
        let mut days: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for (starts, ends) in stretches {
            match days.last_mut().filter(|(_, last)| starts <= *last) {
                Some((_, last)) => *last = ends.max(*last),
                None => days.push((starts, ends)),
            }
        }
        days
    }
}

/// A fixed amount as a line of its own, which says what its days come to.
fn as_line(amount: Pence, every: ShareFrequency, from: NaiveDate) -> Line {
    // A penny is a hundred ten-thousandths of a pound.
    let unit_rate = UnitRate(amount.0.saturating_mul(100));
    Line { quantity: Quantity(1000), frequency: every.into(), unit_rate, valid_from: from, valid_to: None }
}

/// What is paid of what a funder would pay: no more than what is `left` of the cost, which falls by it. Of a percentage nothing is
/// withheld: it differs from its part of the cost by rounding alone.
fn capped(share: Share, own: Pence, left: &mut Pence) -> Result<FunderPart, CannotCost> {
    let income = own.clamp(Pence::ZERO, *left);
    *left = left.checked_sub(income)?;
    let withheld = match share {
        Share::Percentage(_) => Pence::ZERO,
        Share::Fixed { .. } => own.checked_sub(income)?,
    };
    Ok(FunderPart { income, withheld })
}

fn added(sum: FunderPart, before: FunderPart, after: FunderPart) -> Result<FunderPart, CannotCost> {
    Ok(FunderPart {
        income: sum.income.checked_add(after.income.checked_sub(before.income)?)?,
        withheld: sum.withheld.checked_add(after.withheld.checked_sub(before.withheld)?)?,
    })
}

/// The first day on which these percentages together are more than the whole, with what they come to; none, on no day.
pub fn first_day_past_whole(percentages: &[Funding]) -> Option<(NaiveDate, i64)> {
    let share = |funding: &Funding| match funding.share {
        Share::Percentage(share) => share,
        Share::Fixed { .. } => 0,
    };
    // The sum only grows where one starts.
    let sums = percentages.iter().map(|funding| funding.valid_from).map(|day| {
        let sum = percentages.iter().filter(|funding| funding.pays_on(day)).map(share).sum::<i64>();
        (day, sum)
    });
    sums.filter(|(_, sum)| *sum > WHOLE).min()
}

#[cfg(test)]
mod tests;

//! Health's share of a package line: gross, income and net, and how old a debt is.
//!
//! A share belongs to an arrangement: a package line and the lines that carry it on. It is a percentage of the cost, or an amount
//! a week, four weeks, month or year that is spread evenly over the days on which there is a line.
//!
//! **Rounding.** As for costs: the income from the start of a financial year up to a day is rounded once, half away from zero, and a
//! stretch of days gets the difference of two such roundings. So days add up to months and months to the year, exactly. With several
//! funders the sum of the first, of the first two and so on is rounded, so that all of them together never exceed the cost; one of
//! them may differ by a penny from its share rounded alone.
//!
//! **The cap.** An amount that is more than the cost left of a month is cut to it: what is not spent is not asked for. A percentage
//! comes before an amount, and an earlier record before a later one. Where a share starts or ends inside a month each part of the
//! month is a month of its own.

mod arrangements;
mod bearing;
pub mod invoices;
pub mod shares;
mod words;

pub use arrangements::{FundedArrangement, FundedArrangements};
pub use bearing::{Asked, Bearing};
pub use invoices::aged_debt::band_of;
pub use words::{CreditCause, DisputeOutcome, FundingState, ShareFrequency};

use crate::costing::{CannotCost, Line};
use crate::money::{MOST_PENCE, divide_half_away_from_zero};
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period};
use chrono::NaiveDate;

/// All of the cost, in ten-thousandths of a per cent.
pub const WHOLE: i64 = 1_000_000;

/// What a funder pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Of the cost, in ten-thousandths of a per cent: 500,000 is half.
    Percentage(i64),
    /// A fixed amount, so often, spread evenly over the days.
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
}

/// Exact amounts of one funder in a financial year, in parts of a penny.
#[derive(Debug, Clone, Copy, Default)]
struct Exact {
    income: i128,
    uncapped: i128,
}

/// Divides by every frequency (a four-weekly amount has quarters of a weekly one) and by ten-thousandths of a per cent.
const SHARE_PARTS: i128 = 4 * WHOLE as i128;

impl<'p> FundedLines<'p> {
    /// An arrangement of these lines. `fundings` are in the order recorded, which decides who is cut when the cost does not go round.
    pub fn new(policy: &'p CostingPolicy, lines: Vec<Line>, fundings: Vec<Funding>) -> Self {
        let mut order: Vec<usize> = (0..fundings.len()).collect();
        order.sort_by_key(|place| matches!(fundings[*place].share, Share::Fixed { .. }));
        FundedLines { policy, lines, fundings, order }
    }

    /// The cost from `from` to the day before `to`.
    pub fn gross_between(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        let mut total = Pence::ZERO;
        for line in &self.lines {
            total = total.checked_add(self.policy.cost_between(line, from, to)?)?;
        }
        Ok(total)
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
        let mut gross = Pence::ZERO;
        for line in &self.lines {
            gross = gross.checked_add(self.policy.full_year(line)?)?;
        }
        let mut exact = vec![Exact::default(); self.fundings.len()];
        let mut left = i128::from(gross.0) * SHARE_PARTS;
        for place in self.order.iter().copied().filter(|place| self.fundings[*place].pays_on(on)) {
            let own = match self.fundings[place].share {
                Share::Percentage(share) => i128::from(gross.0) * i128::from(share) * (SHARE_PARTS / i128::from(WHOLE)),
                Share::Fixed { amount, every } => self.parts_a_year(amount, every),
            };
            exact[place] = Exact { income: own.min(left), uncapped: own };
            left -= exact[place].income;
        }
        Ok((gross, self.rounded(&exact, SHARE_PARTS)?))
    }

    /// The days that have a line at all: open ends far away cost no years.
    fn within_lines(&self, from: NaiveDate, to: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let from = from.max(self.lines.iter().map(|line| line.valid_from).min()?);
        let last = self.lines.iter().map(|line| line.valid_to.unwrap_or(NaiveDate::MAX)).max()?;
        let to = to.min(last);
        (from < to).then_some((from, to))
    }

    /// Rounded totals of each funder from the start of a financial year to the day before each of these days, which ascend.
    fn up_to<const N: usize>(&self, year: FinancialYear, days: [NaiveDate; N]) -> Result<[Vec<FunderPart>; N], CannotCost> {
        let denominator = SHARE_PARTS * i128::from(year.days());
        let mut totals = [const { Vec::new() }; N];
        let mut whole = vec![Exact::default(); self.fundings.len()];
        let (mut at, mut cuts) = (year.starts_on(), self.cuts(year).into_iter().peekable());
        for (total, day) in totals.iter_mut().zip(days) {
            while let Some(cut) = cuts.next_if(|cut| *cut <= day) {
                self.add_stretch(year, at, cut, &mut whole)?;
                at = cut;
            }
            let mut here = whole.clone();
            self.add_stretch(year, at, day, &mut here)?;
            *total = self.rounded(&here, denominator)?;
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
    fn add_stretch(&self, year: FinancialYear, from: NaiveDate, to: NaiveDate, sums: &mut [Exact]) -> Result<(), CannotCost> {
        if from >= to || !self.fundings.iter().any(|funding| funding.pays_on(from)) {
            return Ok(());
        }
        let (gross, days) = (i128::from(self.gross_between(from, to)?.0), self.days_in_force(from, to));
        let mut left = gross * SHARE_PARTS * i128::from(year.days());
        for place in self.order.iter().copied().filter(|place| self.fundings[*place].pays_on(from)) {
            let own = match self.fundings[place].share {
                Share::Percentage(share) => gross * i128::from(share) * (SHARE_PARTS / i128::from(WHOLE)) * i128::from(year.days()),
                Share::Fixed { amount, every } => self.parts_a_year(amount, every) * i128::from(days),
            };
            let paid = own.min(left);
            left -= paid;
            sums[place].income += paid;
            sums[place].uncapped += own;
        }
        Ok(())
    }

    /// Days from `from` to the day before `to` on which there is a line: a fixed amount is for no others.
    fn days_in_force(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let clipped = self.lines.iter().map(|line| (line.valid_from.max(from), line.valid_to.unwrap_or(to).min(to)));
        let mut stretches: Vec<_> = clipped.filter(|(starts, ends)| starts < ends).collect();
        stretches.sort_unstable();
        let (mut days, mut counted) = (0, from);
        for (starts, ends) in stretches {
            let starts = starts.max(counted);
            days += (ends - starts).num_days().max(0);
            counted = counted.max(ends);
        }
        days
    }

    /// What an amount comes to in a year, in `SHARE_PARTS` of a penny.
    fn parts_a_year(&self, amount: Pence, every: ShareFrequency) -> i128 {
        let (times, of) = self.policy.times_per_year(every.into());
        i128::from(amount.0) * times * (SHARE_PARTS / of)
    }

    /// Rounds the sums of the first, the first two and so on, and gives each funder the difference.
    fn rounded(&self, exact: &[Exact], denominator: i128) -> Result<Vec<FunderPart>, CannotCost> {
        let mut parts = vec![FunderPart::default(); exact.len()];
        let (mut sum, mut given) = (0, 0);
        for place in &self.order {
            sum += exact[*place].income;
            let rounded = divide_half_away_from_zero(sum, denominator);
            let withheld = divide_half_away_from_zero(exact[*place].uncapped - exact[*place].income, denominator);
            parts[*place] = FunderPart { income: to_pence(rounded - given)?, withheld: to_pence(withheld)? };
            given = rounded;
        }
        Ok(parts)
    }
}

fn added(sum: FunderPart, before: FunderPart, after: FunderPart) -> Result<FunderPart, CannotCost> {
    Ok(FunderPart {
        income: sum.income.checked_add(after.income.checked_sub(before.income)?)?,
        withheld: sum.withheld.checked_add(after.withheld.checked_sub(before.withheld)?)?,
    })
}

fn to_pence(pence: i128) -> Result<Pence, CannotCost> {
    let pence = i64::try_from(pence).map_err(|_| CannotCost::TooLarge)?;
    if pence.abs() > MOST_PENCE { Err(CannotCost::TooLarge) } else { Ok(Pence(pence)) }
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

//! What a line costs between two days, exactly by whole periods and by days for the rest.

use super::own_years::{own_year, whole_years};
use super::{CannotCost, Line, PARTS_PER_PENNY, WHOLE, parts};
use crate::money::divide_half_away_from_zero;
use crate::profile::{CostingPolicy, PartYear, Term};
use crate::{FinancialYear, Frequency, Pence};
use chrono::{Datelike, Days, Months, NaiveDate};

/// What one time costs, before it is rounded.
#[derive(Debug, Clone, Copy)]
struct Each {
    parts: i128,
    per_penny: i128,
}

impl Each {
    fn of(line: &Line) -> Self {
        Each { parts: parts(line), per_penny: PARTS_PER_PENNY }
    }

    /// A share of it, in ten-thousandths of a per cent.
    fn share(self, share: i64) -> Self {
        Each { parts: self.parts * i128::from(share), per_penny: self.per_penny * i128::from(WHOLE) }
    }

    /// So many parts of it, of which it has `of`.
    fn part(self, parts: i64, of: i64) -> i128 {
        divide_half_away_from_zero(self.parts * i128::from(parts), self.per_penny * i128::from(of))
    }

    fn whole(self) -> i128 {
        self.part(1, 1)
    }

    /// Whole periods of so many days, and the part of one that is left.
    fn periods(self, days: i64, of: i64) -> i128 {
        i128::from(days / of) * self.whole() + self.part(days % of, of)
    }
}

/// A stretch of days, without the second.
type Stretch = (NaiveDate, NaiveDate);

impl CostingPolicy {
    /// What falls from `from` to the day before `to`; nothing when `to` is not after `from`.
    pub fn cost_between(&self, line: &Line, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        self.between(line, Each::of(line), from, to)
    }

    /// What a share of the line, in ten-thousandths of a per cent, comes to from `from` to the day before `to`: what the line would cost at
    /// that share of its rate. So it is of the cost before rounding, and is itself rounded as a cost is.
    pub fn share_between(&self, line: &Line, share: i64, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        self.between(line, Each::of(line).share(share), from, to)
    }

    /// What `each` comes to on the line's days from `from` to the day before `to`.
    fn between(&self, line: &Line, each: Each, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        // Clip to the days in force first, so that open ends far away cost no years.
        let from = from.max(line.valid_from);
        let to = line.costs_until().map_or(to, |ends| ends.min(to));
        if from >= to {
            return Ok(Pence::ZERO);
        }
        let (first, last) = (FinancialYear::of(from)?, FinancialYear::of(to.pred_opt().unwrap_or(to))?);
        let starts = line.valid_from;
        let difference = |up_to: &dyn Fn(NaiveDate) -> i128| up_to(to) - up_to(from);
        let pence = match line.frequency {
            Frequency::OneOff => each.whole(),
            Frequency::Weekly => difference(&|day| each.periods((day - starts).num_days(), 7)),
            Frequency::Fortnightly => difference(&|day| each.periods((day - starts).num_days(), 14)),
            Frequency::FourWeekly => difference(&|day| each.periods((day - starts).num_days(), 28)),
            Frequency::Monthly => difference(&|day| by_months(each, starts, day)),
            Frequency::PerYear => difference(&|day| self.by_own_years(each, starts, day)),
            Frequency::TermTimeWeeks | Frequency::HolidayWeeks => {
                let (mut sum, mut year) = (0, first);
                loop {
                    let up_to = |day: NaiveDate| self.in_year(line, each, year, day.clamp(year.starts_on(), year.next_starts_on()));
                    sum += up_to(to) - up_to(from);
                    // Asked before the next year, which the last supported one does not have.
                    if year == last {
                        break sum;
                    }
                    year = year.next()?;
                }
            }
        };
        i64::try_from(pence).map(Pence).map_err(|_| CannotCost::TooLarge)
    }

    /// What so many weeks of a line come to, whatever its dates: whole periods and the part of one where it is counted by weeks, else its full
    /// year spread over the weeks that the profile gives a year. What is bought once comes to nothing a week.
    pub fn weeks_of(&self, line: &Line, weeks: i64) -> Result<Pence, CannotCost> {
        let each = Each::of(line);
        let pence = match line.frequency {
            Frequency::OneOff => 0,
            Frequency::Weekly => each.periods(weeks * 7, 7),
            Frequency::Fortnightly => each.periods(weeks * 7, 14),
            Frequency::FourWeekly => each.periods(weeks * 7, 28),
            Frequency::Monthly | Frequency::PerYear | Frequency::TermTimeWeeks | Frequency::HolidayWeeks => {
                let (times, _) = self.times_per_year(line.frequency);
                Each { parts: each.parts * times, ..each }.part(weeks, i64::from(self.weeks_per_year.value.max(1)))
            }
        };
        i64::try_from(pence).map(Pence).map_err(|_| CannotCost::TooLarge)
    }

    /// The cost before `day` of what is bought once a year from `starts`: whole years of its own, and as the profile says of part of one.
    fn by_own_years(&self, each: Each, starts: NaiveDate, day: NaiveDate) -> i128 {
        let (from, next) = own_year(starts, day);
        let part = match self.part_year() {
            _ if day == from => 0,
            PartYear::Days => each.part((day - from).num_days(), (next - from).num_days()),
            PartYear::WholeMonths => each.part(month_firsts((from, day)), 12),
            PartYear::WholeYear => each.whole(),
        };
        i128::from(whole_years(starts, day)) * each.whole() + part
    }

    /// The cost before `day` of weeks that are counted by financial years; `day` lies in `year` or just after it.
    fn in_year(&self, line: &Line, each: Each, year: FinancialYear, day: NaiveDate) -> i128 {
        let days = (line.valid_from.max(year.starts_on()), day);
        if days.0 >= days.1 {
            return 0;
        }
        match line.frequency {
            Frequency::TermTimeWeeks if self.calendar_covers(year) => self.weeks(days, Weeks::InTerm) * each.whole(),
            Frequency::HolidayWeeks if self.calendar_covers(year) => self.weeks(days, Weeks::InHolidays) * each.whole(),
            _ => {
                let (times, _) = self.times_per_year(line.frequency);
                let each = Each { parts: each.parts * times, ..each };
                each.part((days.1 - days.0).num_days(), year.days())
            }
        }
    }

    /// Whether the school calendar is known for the whole of a year.
    fn calendar_covers(&self, year: FinancialYear) -> bool {
        match (self.terms.first(), self.terms.last()) {
            (Some(first), Some(last)) => first.from <= year.starts_on() && last.to >= year.ends_on(),
            _ => false,
        }
    }

    /// Mondays that are in term, or are not.
    fn weeks(&self, days: Stretch, which: Weeks) -> i128 {
        let in_term: i128 = self.terms.iter().map(|term| mondays_in(*term, days)).sum();
        match which {
            Weeks::InTerm => in_term,
            Weeks::InHolidays => mondays(days) - in_term,
        }
    }
}

#[derive(Clone, Copy)]
enum Weeks {
    InTerm,
    InHolidays,
}

/// The cost before `day` of a line that is paid every calendar month from `starts` on; `starts` is not after it.
fn by_months(each: Each, starts: NaiveDate, day: NaiveDate) -> i128 {
    let of_month = |from: NaiveDate, to: NaiveDate| each.part((to - from).num_days(), i64::from(from.num_days_in_month()));
    let (first, last) = (first_of_month(starts), first_of_month(day));
    if first == last {
        return of_month(starts, day);
    }
    let next = first + Months::new(1);
    of_month(starts, next) + i128::from(months_between(next, last)) * each.whole() + of_month(last, day)
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Months from one first of a month to another.
fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month())
}

/// Months whose first day lies in the stretch: a month belongs to whatever is in force on its first day, so that one that follows another
/// in the month does not pay it again.
fn month_firsts((from, to): Stretch) -> i64 {
    let next_first = |day: NaiveDate| if day.day() == 1 { day } else { first_of_month(day) + Months::new(1) };
    months_between(next_first(from), next_first(to)).max(0)
}

fn mondays_in(term: Term, (from, to): Stretch) -> i128 {
    mondays((term.from.max(from), (term.to + Days::new(1)).min(to)))
}

fn mondays((from, to): Stretch) -> i128 {
    if from >= to {
        return 0;
    }
    let first = from + Days::new(u64::from((7 - from.weekday().num_days_from_monday()) % 7));
    if first >= to { 0 } else { i128::from((to - first).num_days() - 1) / 7 + 1 }
}

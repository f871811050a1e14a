//! What is planned for each day of a year: what lines and grants cost, and what others pay.

use super::costs::{bought_in, days_of, pence_of_day, spread_on_day, year_after};
use super::history::Side;
use super::known::Known;
use chrono::NaiveDate;

/// What is planned for a day, for whom and to be paid to whom.
pub struct Planned {
    pub one: NaiveDate,
    pub owner: String,
    pub provider: Option<String>,
    pub pence: i128,
}

impl Known {
    pub fn plan(&self, side: Side, starts: NaiveDate) -> Vec<Planned> {
        match side {
            Side::Cost => self.lines(starts).chain(self.awards(starts)).collect(),
            Side::Income => self.arrangements.keys().flat_map(|arrangement| self.shares_by_day(arrangement, starts)).collect(),
        }
    }

    fn lines(&self, starts: NaiveDate) -> impl Iterator<Item = Planned> {
        self.arrangements.iter().flat_map(move |(arrangement, days)| {
            bought_in(days, starts).into_iter().map(move |(one, bought)| {
                let pence = pence_of_day(&bought.terms, bought.first, one);
                Planned { one, owner: arrangement.clone(), provider: bought.terms.provider, pence }
            })
        })
    }

    fn awards(&self, starts: NaiveDate) -> impl Iterator<Item = Planned> {
        self.grants.iter().filter(|(_, grant)| !grant.is_reversed).flat_map(move |(id, grant)| {
            let days = days_of(starts).map(move |one| {
                let pence = grant.parts.iter().map(|(from, to, pence)| spread_on_day(*pence, (*from, *to), one)).sum();
                Planned { one, owner: id.clone(), provider: Some(grant.provider.clone()), pence }
            });
            days.filter(|planned| planned.pence != 0)
        })
    }

    /// What another body pays of an arrangement in a month is spread evenly over the month.
    fn shares_by_day(&self, arrangement: &str, starts: NaiveDate) -> Vec<Planned> {
        let mut planned = Vec::new();
        for (from, parts) in self.shares_by_month(arrangement, starts) {
            let to = from.checked_add_months(chrono::Months::new(1)).expect("a month").min(year_after(starts));
            for (share, (funder, expected)) in parts {
                let pence = expected - self.bills.given_up(&share, from, expected);
                planned.extend(from.iter_days().take_while(|one| *one < to).map(|one| Planned {
                    one,
                    owner: arrangement.to_owned(),
                    provider: Some(funder.clone()),
                    pence: spread_on_day(pence, (from, to), one),
                }));
            }
        }
        planned
    }
}

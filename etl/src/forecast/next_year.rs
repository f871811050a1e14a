//! What the next year needs, by what a snapshot's run knew: what is in force beside the year before, and what scenarios assume on top.

use super::history::History;
use super::known::Known;
use crate::error::Error;
use domain::commitments::{CannotCommit, turned};
use domain::scenarios::{Need, Scenario, YearOn, needs, planned, year_on};
use domain::{Direction, FinancialYear, Pence, Period, Profile};
use std::collections::BTreeMap;

/// What is asked of a history about a year to come.
#[derive(Debug, Clone, Copy)]
pub struct NextYearQuestion<'q> {
    /// How lines are costed, and what requests weigh.
    pub profile: &'q Profile,
    /// The year before.
    pub before: FinancialYear,
    /// The year.
    pub year: FinancialYear,
    /// What is assumed of it; the providers of rises by their keys in the warehouse.
    pub scenarios: &'q [Scenario],
}

/// A month of a budget line, with the ledger's signs: income is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextYearMonth {
    /// The budget line.
    pub budget_line: String,
    /// The month.
    pub period: Period,
    /// What is in force beside the same month of the year before.
    pub year_on: YearOn,
    /// What requests may yet add, weighted.
    pub pending: Pence,
    /// What each scenario needs, in the order in which they were asked.
    pub needs: Vec<Need>,
}

impl History {
    /// What the year needs, every month of every budget line. Costs as much as planning two years,
    /// and the year again for each scenario in which rates rise. A scenario that costs more than can be kept is an [`Error::ScenarioTooLarge`].
    pub fn next_year(&self, question: &NextYearQuestion<'_>) -> Result<Vec<NextYearMonth>, Error> {
        let NextYearQuestion { profile, before, year, scenarios } = *question;
        let (known, policy) = (Known::on(self, None), &profile.costing);
        let error = |reason| known.error(reason);
        let lines = || self.budget_lines.keys().map(String::as_str);
        let mut pending: BTreeMap<(&str, Period), Pence> = BTreeMap::new();
        for ((line, _), weighed) in known.pending(profile, year)? {
            for (period, amount) in Period::all().zip(weighed.months) {
                let sum = pending.entry((line, period)).or_default();
                *sum = sum.checked_add(amount).map_err(|_| error(CannotCommit::TooLarge))?;
            }
        }
        let plain = planned(&known.books, policy, year, lines()).map_err(error)?;
        // The records alone can be planned, so what cannot is the scenario's.
        let of_scenario = |(place, scenario): (usize, &Scenario)| {
            needs(&self.recorded, policy, year, &plain, scenario).map_err(|_| Error::ScenarioTooLarge(place))
        };
        let needed = scenarios.iter().enumerate().map(of_scenario).collect::<Result<Vec<_>, _>>()?;
        let mut months = Vec::new();
        for (line, direction) in &self.budget_lines {
            let plans = |year| known.books.plans(policy, year, line).map_err(error);
            let beside = year_on(policy, (before, &plans(before)?), (year, &plans(year)?)).map_err(error)?;
            for (place, (period, year_on)) in Period::all().zip(beside).enumerate() {
                months.push(NextYearMonth {
                    budget_line: line.clone(),
                    period,
                    year_on: signed_year_on(*direction, year_on),
                    pending: turned(*direction, pending.get(&(line.as_str(), period)).copied().unwrap_or_default()),
                    needs: needed.iter().map(|needed| signed_need(*direction, needed[line.as_str()][place])).collect(),
                });
            }
        }
        Ok(months)
    }
}

fn signed_year_on(direction: Direction, year_on: YearOn) -> YearOn {
    YearOn {
        before: turned(direction, year_on.before),
        full_year_effect: turned(direction, year_on.full_year_effect),
        known_ends: turned(direction, year_on.known_ends),
        changes: turned(direction, year_on.changes),
        in_force: turned(direction, year_on.in_force),
    }
}

fn signed_need(direction: Direction, need: Need) -> Need {
    Need {
        in_force: turned(direction, need.in_force),
        uprating: turned(direction, need.uprating),
        new_demand: turned(direction, need.new_demand),
    }
}

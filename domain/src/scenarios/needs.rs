//! What a budget line needs, month by month.

use super::{AssumedDemand, Scenario, raised};
use crate::commitments::{CannotCommit, Known, Recorded, by_month};
use crate::costing::CannotCost;
use crate::money::TooLarge;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period};
use chrono::Months as CalendarMonths;
use std::collections::BTreeMap;

/// Twelve months, April first.
pub type Months = [Pence; 12];

/// What a month of a budget line needs, by what drives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need {
    /// What the records plan.
    pub in_force: Pence,
    /// What rates that rise add to it.
    pub uprating: Pence,
    /// What new packages cost.
    pub new_demand: Pence,
}

impl Need {
    /// All of it.
    pub fn needed(&self) -> Result<Pence, TooLarge> {
        Pence::checked_sum([self.in_force, self.uprating, self.new_demand])
    }

    /// By what it differs from another, driver by driver.
    pub fn less(&self, other: &Need) -> Result<Need, TooLarge> {
        Ok(Need {
            in_force: self.in_force.checked_sub(other.in_force)?,
            uprating: self.uprating.checked_sub(other.uprating)?,
            new_demand: self.new_demand.checked_sub(other.new_demand)?,
        })
    }
}

/// What the books plan for each month of a year on a budget line.
pub fn in_force(books: &Known<'_>, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<Months, CannotCommit> {
    by_month(policy, year, &books.plans(policy, year, budget_line)?)
}

/// What the books plan for each month of a year, by budget line.
pub fn planned<'l>(
    books: &Known<'_>,
    policy: &CostingPolicy,
    year: FinancialYear,
    budget_lines: impl IntoIterator<Item = &'l str>,
) -> Result<BTreeMap<&'l str, Months>, CannotCommit> {
    budget_lines.into_iter().map(|line| Ok((line, in_force(books, policy, year, line)?))).collect()
}

/// What a scenario needs in each month of a year, by budget line. `recorded` is all that counts, and `plain` what it plans for the year; the
/// providers of the rises are known as those of the lines are. Costs as much as planning the year, and little where no rate rises.
pub fn needs<'l>(
    recorded: &Recorded,
    policy: &CostingPolicy,
    year: FinancialYear,
    plain: &BTreeMap<&'l str, Months>,
    scenario: &Scenario,
) -> Result<BTreeMap<&'l str, [Need; 12]>, CannotCommit> {
    let raised = match scenario.upratings.as_slice() {
        [] => plain.clone(),
        upratings => planned(&Known::on(&raised(recorded, policy, year, upratings)?, None), policy, year, plain.keys().copied())?,
    };
    let mut needs = BTreeMap::new();
    for (line, plain) in plain {
        let mut months = [Need::default(); 12];
        for (month, (plain, raised)) in months.iter_mut().zip(plain.iter().copied().zip(raised[line])) {
            (month.in_force, month.uprating) = (plain, raised.checked_sub(plain)?);
        }
        for demand in scenario.new_demand.iter().filter(|demand| demand.budget_line == *line) {
            let costs = demand.by_month(policy, year).map_err(|reason| CannotCommit::Owner { owner: scenario.name.clone(), reason })?;
            for (month, cost) in months.iter_mut().zip(costs) {
                month.new_demand = month.new_demand.checked_add(cost)?;
            }
        }
        needs.insert(*line, months);
    }
    Ok(needs)
}

impl AssumedDemand {
    /// What all of them cost in each month of a year.
    fn by_month(&self, policy: &CostingPolicy, year: FinancialYear) -> Result<Months, CannotCost> {
        let line = self.line(year.starts_on());
        let mut months = [Pence::ZERO; 12];
        for (month, period) in months.iter_mut().zip(Period::all()) {
            let from = year.period_starts_on(period);
            let one = policy.cost_between(&line, from, from + CalendarMonths::new(1))?;
            *month = Pence(one.0.checked_mul(self.packages).ok_or(CannotCost::TooLarge)?);
        }
        Ok(months)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{day, demand, policy, rise, version, year};
    use super::*;
    use crate::commitments::FundingVersion;
    use crate::joint_funding::{Funding, FundingState, Share};

    fn scenario(upratings: Vec<super::super::AssumedUprating>, new_demand: Vec<AssumedDemand>) -> Scenario {
        Scenario { name: "one".to_owned(), about: None, upratings, new_demand }
    }

    /// In force, uprating and new demand of a year.
    fn sums(recorded: &Recorded, line: &str, scenario: &Scenario) -> [i64; 3] {
        let plain = planned(&Known::on(recorded, None), &policy(), year(), [line]).expect("costed");
        let needs = needs(recorded, &policy(), year(), &plain, scenario).expect("costed");
        needs[line].iter().fold([0; 3], |[in_force, uprating, demand], month| {
            [in_force + month.in_force.0, uprating + month.uprating.0, demand + month.new_demand.0]
        })
    }

    /// £10.00 a week for the arrangement `a`, of which health pays half.
    fn half_paid_by_health(share: Share) -> Recorded {
        let funding = FundingVersion {
            funding_id: "f".to_owned(),
            version: 1,
            arrangement: "a".to_owned(),
            provider: "icb".to_owned(),
            budget_line: "health".to_owned(),
            state: FundingState::Recorded,
            terms: Funding { share, valid_from: day("2024-09-01"), valid_to: None },
            recorded_on: day("2024-09-01"),
        };
        Recorded { versions: vec![version("a", "care", Some("p"))], fundings: vec![funding], ..Recorded::default() }
    }

    #[test]
    fn a_year_of_a_weekly_line_and_a_tenth_more() {
        let recorded = half_paid_by_health(Share::Percentage(500_000));
        let tenth = scenario(vec![rise(Some("care"), None, 100_000)], vec![]);
        // 52 weeks and a day: 365 days from 1 April 2025, where the raised line starts its weeks anew.
        assert_eq!(sums(&recorded, "care", &scenario(vec![], vec![])), [52_143, 0, 0]);
        assert_eq!(sums(&recorded, "care", &tenth), [52_143, 5_214, 0]);
        let [income, more, _] = sums(&recorded, "health", &tenth);
        assert!((income - 26_071).abs() <= 1 && (more - 2_607).abs() <= 1, "{income} {more}");
    }

    #[test]
    fn what_health_pays_as_an_amount_does_not_rise() {
        let recorded = half_paid_by_health(Share::Fixed { amount: Pence(400), every: crate::joint_funding::ShareFrequency::Weekly });
        let [income, more, _] = sums(&recorded, "health", &scenario(vec![rise(None, None, 100_000)], vec![]));
        assert!(income > 0);
        assert_eq!(more, 0);
    }

    #[test]
    fn new_demand_costs_as_a_line_does_and_no_rise_raises_it() {
        let recorded = Recorded::default();
        let from_october = AssumedDemand { from: Some(day("2025-10-01")), ..demand(4) };
        // Four times £100.00 a month.
        assert_eq!(sums(&recorded, "care", &scenario(vec![rise(None, None, 100_000)], vec![demand(4)])), [0, 0, 480_000]);
        assert_eq!(sums(&recorded, "care", &scenario(vec![], vec![demand(4), from_october])), [0, 0, 720_000]);
        assert_eq!(sums(&recorded, "other", &scenario(vec![], vec![demand(4)])), [0, 0, 0]);
    }
}

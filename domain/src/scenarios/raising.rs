//! The books with rates that are assumed to rise: what an uprating that was agreed would make of each line.

use super::AssumedUprating;
use crate::FinancialYear;
use crate::commitments::{CannotCommit, LineVersion, Recorded};
use crate::costing::{CannotCost, Line};
use crate::profile::CostingPolicy;
use crate::upratings::Rise;
use chrono::NaiveDate;

/// What is on record, with every line raised that a rise is for. Providers of the rises are known as those of the lines are. Costs a copy of
/// the books.
pub fn raised(
    recorded: &Recorded,
    policy: &CostingPolicy,
    year: FinancialYear,
    upratings: &[AssumedUprating],
) -> Result<Recorded, CannotCommit> {
    let mut versions = Vec::with_capacity(recorded.versions.len());
    for line in recorded.versions.chunk_by(|a, b| a.line_id == b.line_id) {
        let Some(last) = line.last() else { continue };
        match narrowest(upratings, last).filter(|_| !last.is_reversed()) {
            Some(uprating) => versions.extend(uprating.raise(policy, year, last)?),
            None => versions.push(last.clone()),
        }
    }
    Ok(Recorded { versions, ..recorded.clone() })
}

/// The rise that is for a line: with provider and budget line, else with its provider, else with its budget line, else for all.
fn narrowest<'u>(upratings: &'u [AssumedUprating], line: &LineVersion) -> Option<&'u AssumedUprating> {
    let fits = |uprating: &&AssumedUprating| {
        uprating.budget_line.as_ref().is_none_or(|code| *code == line.budget_line)
            && uprating.provider.as_ref().is_none_or(|provider| Some(provider) == line.provider.as_ref())
    };
    upratings.iter().filter(fits).max_by_key(|uprating| (uprating.provider.is_some(), uprating.budget_line.is_some()))
}

impl AssumedUprating {
    /// The line up to the rise and the one that goes on from it, as far as there are days of each.
    fn raise(&self, policy: &CostingPolicy, year: FinancialYear, line: &LineVersion) -> Result<Vec<LineVersion>, CannotCommit> {
        let (from, terms) = (self.from.unwrap_or(year.starts_on()), line.terms);
        if terms.valid_to.is_some_and(|ends| ends <= from) {
            return Ok(vec![line.clone()]);
        }
        let percentage_ten_thousandths = Some(self.percentage_ten_thousandths);
        let rise = Rise { provider_id: None, service: None, from, percentage_ten_thousandths, unit_rate: None };
        let too_large = |_| CannotCommit::Owner { owner: line.arrangement.clone(), reason: CannotCost::TooLarge };
        let rate = rise.new_rate(policy, &terms).map_err(too_large)?;
        if rise.leaves(policy, &terms, rate, false).is_some() {
            return Ok(vec![line.clone()]);
        }
        let raised = Line { unit_rate: rate, valid_from: terms.valid_from.max(from), ..terms };
        if terms.valid_from >= from {
            return Ok(vec![LineVersion { terms: raised, ..line.clone() }]);
        }
        Ok(vec![ended(line, from), LineVersion { line_id: format!("{}, raised", line.line_id), terms: raised, ..line.clone() }])
    }
}

fn ended(line: &LineVersion, on: NaiveDate) -> LineVersion {
    LineVersion { terms: Line { valid_to: Some(on), ..line.terms }, ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{day, policy, rise, version, year};
    use super::*;
    use crate::{Frequency, LineState, UnitRate};

    /// The rates and days that a line of £10 a week from 1 September 2024 has.
    fn rates(change: impl Fn(&mut LineVersion), upratings: &[AssumedUprating]) -> Vec<(i64, NaiveDate, Option<NaiveDate>)> {
        let mut line = version("a", "care", Some("p"));
        change(&mut line);
        let recorded = Recorded { versions: vec![line], ..Recorded::default() };
        let raised = raised(&recorded, &policy(), year(), upratings).expect("costed").versions;
        raised.into_iter().map(|version| (version.terms.unit_rate.0, version.terms.valid_from, version.terms.valid_to)).collect()
    }

    #[test]
    fn a_line_ends_where_rates_rise_and_goes_on_at_the_new_rate() {
        let (starts, april) = (day("2024-09-01"), day("2025-04-01"));
        let tenth = |from: Option<&str>| AssumedUprating { from: from.map(day), ..rise(None, None, 100_000) };
        let split = |on: NaiveDate| vec![(100_000, starts, Some(on)), (110_000, on, None)];
        assert_eq!(rates(|_| {}, &[tenth(None)]), split(april));
        assert_eq!(rates(|_| {}, &[tenth(Some("2025-10-01"))]), split(day("2025-10-01")));
        assert_eq!(rates(|_| {}, &[tenth(Some("2024-06-01"))]), [(110_000, starts, None)], "it starts later");
        let same = vec![(100_000, starts, None)];
        assert_eq!(rates(|_| {}, &[]), same);
        assert_eq!(rates(|line| line.state = LineState::Reversed, &[tenth(None)]), same);
        assert_eq!(rates(|line| line.terms.frequency = Frequency::OneOff, &[tenth(None)]), same, "bought before");
        let over = |line: &mut LineVersion| line.terms.valid_to = Some(day("2025-04-01"));
        assert_eq!(rates(over, &[tenth(None)]), [(100_000, starts, Some(april))], "over before");
    }

    #[test]
    fn the_narrowest_rise_raises_a_line_wherever_it_is_listed() {
        let all = rise(None, None, 10_000);
        let line = rise(Some("care"), None, 20_000);
        let provider = rise(None, Some("p"), 30_000);
        let both = rise(Some("care"), Some("p"), 40_000);
        let others = [rise(Some("other"), None, 50_000), rise(None, Some("q"), 60_000)];
        let rate = |upratings: &[&AssumedUprating]| {
            let upratings: Vec<_> = upratings.iter().map(|uprating| (*uprating).clone()).chain(others.clone()).collect();
            rates(|_| {}, &upratings).last().map(|(rate, ..)| *rate)
        };
        for (upratings, expected) in [
            (vec![], 100_000),
            (vec![&all], 101_000),
            (vec![&line, &all], 102_000),
            (vec![&all, &provider, &line], 103_000),
            (vec![&both, &provider, &line, &all], 104_000),
            (vec![&all, &line, &provider, &both], 104_000),
        ] {
            assert_eq!(rate(&upratings), Some(expected));
        }
    }

    #[test]
    fn what_would_cost_more_than_a_record_may_carry_is_told() {
        let mut line = version("a", "care", None);
        line.terms.unit_rate = UnitRate(9_999_999_999);
        let recorded = Recorded { versions: vec![line], ..Recorded::default() };
        let told = raised(&recorded, &policy(), year(), &[rise(None, None, 1_000_000)]);
        assert!(matches!(told, Err(CannotCommit::Owner { owner, reason: CannotCost::TooLarge }) if owner == "a"));
    }
}

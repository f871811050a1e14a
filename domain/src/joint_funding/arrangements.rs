//! Arrangements with their funders, each funder's share by its id.

use super::{Asked, Bearing, FundedLines, FunderPart, Funding};
use crate::Pence;
use crate::costing::{CannotCost, Line};
use crate::direct_payments::Stretch;
use crate::profile::CostingPolicy;
use chrono::NaiveDate;
use std::collections::HashMap;

/// Arrangements with their funders, by the arrangement's first line.
#[derive(Debug, Clone, Default)]
pub struct FundedArrangements<'p>(HashMap<String, FundedArrangement<'p>>);

/// An arrangement's lines and its funders.
#[derive(Debug, Clone)]
pub struct FundedArrangement<'p> {
    policy: &'p CostingPolicy,
    lines: Vec<Line>,
    fundings: Vec<Funding>,
    whole: FundedLines<'p>,
    places: HashMap<String, usize>,
}

impl<'p> FromIterator<(String, FundedArrangement<'p>)> for FundedArrangements<'p> {
    fn from_iter<I: IntoIterator<Item = (String, FundedArrangement<'p>)>>(arrangements: I) -> Self {
        FundedArrangements(arrangements.into_iter().collect())
    }
}

impl<'p> FundedArrangements<'p> {
    /// The arrangement that a line begins.
    pub fn get(&self, first_line: &str) -> Option<&FundedArrangement<'p>> {
        self.0.get(first_line)
    }
}

impl<'p> FundedArrangement<'p> {
    /// An arrangement of these lines with these shares, by their ids, in the order first recorded.
    pub fn new(policy: &'p CostingPolicy, lines: Vec<Line>, shares: Vec<(String, Funding)>) -> Self {
        let fundings: Vec<Funding> = shares.iter().map(|(_, funding)| *funding).collect();
        let places = shares.into_iter().enumerate().map(|(place, (id, _))| (id, place)).collect();
        let whole = FundedLines::new(policy, lines.clone(), fundings.clone());
        FundedArrangement { policy, lines, fundings, whole, places }
    }

    /// The same without days that a family's account leaves unpaid, no day twice.
    pub fn without(self, unpaid: Vec<Stretch>) -> Self {
        FundedArrangement { whole: self.whole.without(unpaid), ..self }
    }

    /// What a funder pays of the days from `from` to the day before `to`; nothing if its share was reversed.
    ///
    /// # Errors
    /// When the days cannot be costed.
    pub fn part(&self, funding_id: &str, from: NaiveDate, to: NaiveDate) -> Result<FunderPart, CannotCost> {
        let Some(place) = self.places.get(funding_id) else { return Ok(FunderPart::default()) };
        Ok(self.whole.parts_between(from, to)?.get(*place).copied().unwrap_or_default())
    }

    /// What the days from `from` to the day before `to` cost, whoever pays.
    ///
    /// # Errors
    /// When the days cannot be costed.
    pub fn gross(&self, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        self.whole.gross_between(from, to)
    }

    /// The cost of the days that these amounts are asked for.
    ///
    /// # Errors
    /// When the days cannot be costed.
    pub fn bearing(&self, asked: &[Asked]) -> Result<Bearing, CannotCost> {
        self.whole.bearing(asked)
    }

    /// What a whole year of the lines in force on a day costs, and what a funder pays of it; none if its share was reversed.
    ///
    /// # Errors
    /// When the year cannot be costed.
    pub fn full_year_of(&self, funding_id: &str, on: NaiveDate) -> Result<Option<(Pence, FunderPart)>, CannotCost> {
        let Some(place) = self.places.get(funding_id) else { return Ok(None) };
        let in_force = |line: &&Line| line.valid_from <= on && line.valid_to.is_none_or(|ends| on < ends);
        let lines = self.lines.iter().filter(in_force).copied().collect();
        let (gross, parts) = FundedLines::new(self.policy, lines, self.fundings.clone()).full_year_parts(on)?;
        Ok(Some((gross, parts.get(*place).copied().unwrap_or_default())))
    }
}

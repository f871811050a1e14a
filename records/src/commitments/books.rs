//! The book of one financial year and budget line: everything that its commitments follow from, read from the store.

use crate::commitments::recorded::{self, Asked};
use crate::error::Error;
use crate::money::budget_lines::BudgetLine;
use db::AnyConnection;
use db::schema::budget_movements;
use diesel::prelude::*;
use domain::commitments::{Entry, Known, Recorded, Release, Settlement};
use domain::profile::CostingPolicy;
use domain::{Direction, FinancialYear, Pence, TimeZone};
use std::collections::HashMap;

/// What is on record for one financial year and budget line.
pub struct Books {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Whether the year was closed.
    pub is_closed: bool,
    /// The sum of the line's movements; income is negative.
    pub budget: Pence,
    recorded: Recorded,
    entries: Vec<Entry>,
}

impl Books {
    /// Reads them. Costs what is on the budget line in the year, whatever else is in the store.
    pub fn load(connection: &mut AnyConnection, year: FinancialYear, budget_line: &BudgetLine, zone: TimeZone) -> Result<Self, Error> {
        let code = budget_line.code.as_str();
        let recorded = recorded::read(connection, &Asked { before: None, zone, book: Some((year, code)) })?;
        Ok(Books {
            year,
            budget_line: code.to_owned(),
            direction: budget_line.direction,
            is_closed: !recorded.closures.is_empty(),
            budget: budget_of(connection, year, code)?,
            entries: recorded::entries(connection, year, code, zone)?,
            recorded,
        })
    }

    /// What the ledger has of the year; income is negative.
    pub fn actual(&self) -> Result<Pence, Error> {
        Pence::checked_sum(self.entries.iter().map(|entry| entry.amount)).map_err(Error::fault)
    }

    /// The order numbers that entries carry, by entry.
    pub fn order_numbers(&self) -> HashMap<&str, &str> {
        self.entries.iter().filter_map(|entry| Some((entry.id.as_str(), entry.order.as_deref()?))).collect()
    }

    /// Settles payments against plans, and looks at the outcome.
    pub fn settle<T>(&self, policy: &CostingPolicy, look: impl FnOnce(&Settlement<'_>) -> T) -> Result<T, Error> {
        self.settle_with(policy, None, look)
    }

    /// The same, as it would be with one release more.
    pub fn settle_with<T>(
        &self,
        policy: &CostingPolicy,
        release: Option<Release<'_>>,
        look: impl FnOnce(&Settlement<'_>) -> T,
    ) -> Result<T, Error> {
        let known = Known::on(&self.recorded, None);
        let mut book = known.book(policy, self.year, (&self.budget_line, self.direction), &self.entries).map_err(Error::fault)?;
        book.is_closed = self.is_closed;
        book.releases.extend(release);
        Ok(look(&book.settle(policy).map_err(Error::fault)?))
    }
}

/// A line's budget for a year; income is negative.
pub fn budget_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Pence, Error> {
    let amounts: Vec<Pence> = budget_movements::table
        .filter(budget_movements::year.eq(year).and(budget_movements::budget_line.eq(code)))
        .select(budget_movements::amount_pence)
        .load(connection)?;
    Pence::checked_sum(amounts).map_err(Error::fault)
}

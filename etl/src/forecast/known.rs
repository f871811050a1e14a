//! A history as known on a day: the books as they stood, of every financial year and budget line, and what requests weighed.

use super::history::{History, PendingRow};
use crate::error::Error;
use chrono::NaiveDate;
use domain::commitments::{AskedLine, CannotCommit, Entry, Known as KnownBooks, PlansByOwner, Settlement, weighed_by_month};
use domain::profile::CostingPolicy;
use domain::{FinancialYear, Pence, Profile};
use std::collections::BTreeMap;

/// A history, seen from the end of a day.
pub(super) struct Known<'h> {
    history: &'h History,
    day: NaiveDate,
    pub(super) books: KnownBooks<'h>,
}

impl<'h> Known<'h> {
    /// By the end of `day`; none, all that is in the history.
    pub(super) fn on(history: &'h History, day: Option<NaiveDate>) -> Self {
        Known { history, day: day.unwrap_or(NaiveDate::MAX), books: KnownBooks::on(&history.recorded, day) }
    }

    /// Settles a year and budget line; `entries` are the ledger's of both.
    pub(super) fn settle<'k>(
        &'k self,
        policy: &CostingPolicy,
        year: FinancialYear,
        budget_line: &str,
        entries: &'k [Entry],
    ) -> Result<Settlement<'k>, Error> {
        let Some(direction) = self.history.budget_lines.get(budget_line) else {
            return Err(Error::Definition("a budget line of commitments is not listed".to_owned()));
        };
        let book = self.books.book(policy, year, (budget_line, *direction), entries);
        book.and_then(|book| book.settle(policy)).map_err(|reason| self.error(reason))
    }

    /// What others are expected to pay of each arrangement in each month of the year, by arrangement.
    pub(super) fn shares(&self, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<PlansByOwner<'h>, Error> {
        self.books.shares(policy, year, budget_line).map_err(|reason| self.error(reason))
    }

    /// What requests weigh in each month of a year, by budget line and state; positive on income lines too.
    pub(super) fn pending(&self, profile: &Profile, year: FinancialYear) -> Result<BTreeMap<(&'h str, &'static str), Weighed>, Error> {
        let is_known = |row: &&PendingRow| row.known_from <= self.day && row.known_to.is_none_or(|to| self.day < to);
        let mut counting: BTreeMap<&str, Vec<(&PendingRow, u8)>> = BTreeMap::new();
        for row in self.history.pending.iter().filter(is_known) {
            // What a line replaced does not come back when that line is over.
            let is_over = row.replaces.is_none() && row.terms.valid_to.is_some_and(|ends| ends <= year.starts_on());
            if let Some(weight) =
                profile.forecast.weight_percent(row.state).filter(|_| !is_over && row.terms.valid_from < year.next_starts_on())
            {
                counting.entry(&row.budget_line).or_default().push((row, weight));
            }
        }
        let mut pending: BTreeMap<(&str, &str), Weighed> = BTreeMap::new();
        for (budget_line, rows) in counting {
            let replaced = self.books.replaced(budget_line, &rows.iter().filter_map(|(row, _)| row.replaces.as_deref()).collect());
            let asked = rows.iter().map(|(row, weight_percent)| AskedLine {
                request_line: &row.line,
                terms: row.terms,
                weight_percent: *weight_percent,
                replaces: row.replaces.as_deref().and_then(|line| replaced.get(line)).cloned(),
            });
            let weighed = weighed_by_month(&profile.costing, year, &asked.collect::<Vec<_>>()).map_err(|reason| self.error(reason))?;
            for ((row, weight_percent), months) in rows.into_iter().zip(weighed) {
                let nothing = Weighed { weight_percent, months: [Pence::ZERO; 12] };
                let weighed = pending.entry((budget_line, row.state.as_str())).or_insert(nothing);
                for (sum, month) in weighed.months.iter_mut().zip(months) {
                    *sum = sum.checked_add(month).map_err(|_| self.error(CannotCommit::TooLarge))?;
                }
            }
        }
        Ok(pending)
    }

    /// With the owner's pseudonym for its number.
    pub(super) fn error(&self, reason: CannotCommit) -> Error {
        match reason {
            CannotCommit::Owner { owner, reason } => {
                let key = self.history.owner_key(&owner);
                Error::Costing { line: if key.is_empty() { owner } else { key.to_owned() }, reason }
            }
            CannotCommit::TooLarge => Error::Definition(reason.to_string()),
        }
    }
}

/// What the requests in one state weigh on one budget line.
pub(super) struct Weighed {
    pub(super) weight_percent: u8,
    pub(super) months: [Pence; 12],
}

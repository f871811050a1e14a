//! The books as known on a day, of every financial year and budget line: the one place where it is decided which of the recorded rows
//! plan, pay, release or carry something. The API reads the rows from the store, the warehouse from its facts; both settle these books.

use super::{
    AwardPart, Book, CannotCommit, Carried, Entry, FundingVersion, LineVersion, Match, Owner, OwnerKind, Payment, Plan, Planned, Recorded,
    RecordedAccountStep, Release,
};
use crate::costing::Line;
use crate::direct_payments::{AccountDays, Stretch};
use crate::joint_funding::FundedLines;
use crate::profile::CostingPolicy;
use crate::{Direction, FinancialYear, Pence};
use chrono::{Months, NaiveDate};
use std::collections::{BTreeMap, HashMap};

/// Plans by what they are planned for: an arrangement's first line, or a grant.
pub type PlansByOwner<'h> = BTreeMap<&'h str, Vec<Planned<'h>>>;

/// What is on record, seen from the end of a day.
#[derive(Debug)]
pub struct Known<'h> {
    recorded: &'h Recorded,
    day: NaiveDate,
    /// The last version of each line, reversed ones too, by budget line.
    lines: HashMap<&'h str, Vec<&'h LineVersion>>,
    /// The lines that stand of each arrangement that somebody pays a share of.
    funded: HashMap<&'h str, Vec<Line>>,
    /// The last version of each share that stands, by arrangement.
    fundings: BTreeMap<&'h str, Vec<&'h FundingVersion>>,
    /// The order that each arrangement is on.
    orders: BTreeMap<&'h str, &'h str>,
    /// Orders by number, numbers by order, and the arrangements of each order.
    order_ids: HashMap<&'h str, &'h str>,
    order_numbers: HashMap<&'h str, &'h str>,
    ordered: HashMap<&'h str, Vec<&'h str>>,
    /// What each entry was said to be for.
    matches: HashMap<&'h str, Match<'h>>,
    /// The days that each arrangement's account does not pay. No day stands twice.
    unpaid: HashMap<&'h str, Vec<Stretch>>,
}

impl<'h> Known<'h> {
    /// By the end of `day`; none, all that is on record.
    pub fn on(recorded: &'h Recorded, day: Option<NaiveDate>) -> Self {
        let day = day.unwrap_or(NaiveDate::MAX);
        let is_known = |recorded_on: NaiveDate| recorded_on <= day;
        let mut fundings: BTreeMap<&str, Vec<&FundingVersion>> = BTreeMap::new();
        for versions in recorded.fundings.chunk_by(|a, b| a.funding_id == b.funding_id) {
            let last = versions.iter().rev().find(|row| is_known(row.recorded_on));
            if let Some(last) = last.filter(|row| !row.is_reversed()) {
                fundings.entry(&last.arrangement).or_default().push(last);
            }
        }
        let mut lines: HashMap<&str, Vec<&LineVersion>> = HashMap::new();
        let mut funded: HashMap<&str, Vec<Line>> = HashMap::new();
        for versions in recorded.versions.chunk_by(|a, b| a.line_id == b.line_id) {
            let Some(last) = versions.iter().rev().find(|row| is_known(row.recorded_on)) else { continue };
            lines.entry(&last.budget_line).or_default().push(last);
            if !last.is_reversed() && fundings.contains_key(last.arrangement.as_str()) {
                funded.entry(&last.arrangement).or_default().push(last.terms);
            }
        }
        let order_ids: HashMap<&str, &str> =
            recorded.orders.iter().filter(|row| is_known(row.recorded_on)).map(|row| (row.number.as_str(), row.id.as_str())).collect();
        let order_lines = recorded.order_lines.iter().filter(|row| is_known(row.recorded_on));
        let orders: BTreeMap<&str, &str> =
            order_lines.filter_map(|row| Some((row.arrangement.as_str(), *order_ids.get(row.order.as_str())?))).collect();
        let mut ordered: HashMap<&str, Vec<&str>> = HashMap::new();
        for (arrangement, order) in &orders {
            ordered.entry(order).or_default().push(arrangement);
        }
        let matches = recorded.matches.iter().filter(|row| is_known(row.recorded_on) && stands(day, row.reversed_on));
        // In the order recorded, so that the last one stays.
        let matches = matches.map(|row| (row.entry.as_str(), row.matched())).collect();
        let order_numbers = order_ids.iter().map(|(number, id)| (*id, *number)).collect();
        let unpaid = unpaid_days(recorded, day);
        Known { recorded, day, lines, funded, fundings, orders, order_ids, order_numbers, ordered, matches, unpaid }
    }

    /// The book of a year and budget line; `entries` are the ledger's of both.
    pub fn book<'k>(
        &'k self,
        policy: &CostingPolicy,
        year: FinancialYear,
        (budget_line, direction): (&str, Direction),
        entries: &'k [Entry],
    ) -> Result<Book<'k>, CannotCommit> {
        Ok(Book {
            is_closed: self.recorded.closures.iter().any(|(closed, recorded_on)| *closed == year && *recorded_on <= self.day),
            plans: self.plans(policy, year, budget_line)?,
            carried: self.carried(year, budget_line),
            releases: self.releases(year, budget_line),
            payments: self.payments(entries),
            ..Book::empty(year, direction, &self.orders)
        })
    }

    /// Lines that stand, awards, and others' shares.
    fn plans(&self, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<Vec<Planned<'h>>, CannotCommit> {
        let mut plans: Vec<Planned<'h>> = Vec::new();
        for line in self.lines_of(budget_line).iter().filter(|line| !line.is_reversed()) {
            let terms = &line.terms;
            if terms.valid_from < year.next_starts_on() && terms.valid_to.is_none_or(|ends| ends > year.starts_on()) {
                let owner = Owner { id: &line.arrangement, kind: OwnerKind::Arrangement };
                let provider = line.provider.as_deref();
                plans.push(Planned { owner, provider, plan: Plan::Line(*terms) });
                let rests = self.unpaid.get(line.arrangement.as_str()).into_iter().flatten();
                let rest = |days: &Stretch| Plan::Rest { line: *terms, from: days.from, to: days.to };
                plans.extend(rests.map(|days| Planned { owner, provider, plan: rest(days) }));
            }
        }
        plans.extend(self.awards(budget_line).into_values().flatten());
        plans.extend(self.shares(policy, year, budget_line)?.into_values().flatten());
        Ok(plans)
    }

    /// The lines of a budget line in the last version known, reversed ones too.
    pub fn lines_of(&self, budget_line: &str) -> &[&'h LineVersion] {
        self.lines.get(budget_line).map(Vec::as_slice).unwrap_or_default()
    }

    /// What grants plan, by grant.
    pub fn awards(&self, budget_line: &str) -> PlansByOwner<'h> {
        let mut awards = PlansByOwner::new();
        for row in self.recorded.awards.iter().filter(|row| row.budget_line == budget_line && row.recorded_on <= self.day) {
            awards.entry(&row.grant_id).or_default().push(row.planned());
        }
        awards
    }

    /// What others are expected to pay of each arrangement in each month of the year, by arrangement.
    pub fn shares(&self, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<PlansByOwner<'h>, CannotCommit> {
        let mut shares = PlansByOwner::new();
        for (id, fundings) in &self.fundings {
            if !fundings.iter().any(|row| row.budget_line == budget_line) {
                continue;
            }
            let owner = Owner { id, kind: OwnerKind::Arrangement };
            let lines = self.funded.get(id).cloned().unwrap_or_default();
            // All of the arrangement's funders, since together they never pay more than it costs.
            let arrangement = FundedLines::new(policy, lines, fundings.iter().map(|row| row.terms).collect());
            let months = arrangement.parts_by_month(year).map_err(|reason| CannotCommit::Owner { owner: (*id).to_owned(), reason })?;
            let mut planned = Vec::new();
            for (period, parts) in months {
                let from = year.period_starts_on(period);
                for (row, part) in fundings.iter().zip(parts) {
                    if row.budget_line == budget_line && part.income != Pence::ZERO {
                        let plan = Plan::Spread { amount: part.income, from, to: from + Months::new(1) };
                        planned.push(Planned { owner, provider: Some(&row.provider), plan });
                    }
                }
            }
            if !planned.is_empty() {
                shares.insert(*id, planned);
            }
        }
        Ok(shares)
    }

    fn carried(&self, year: FinancialYear, budget_line: &str) -> Vec<Carried<'h>> {
        let rows = self.recorded.carried.iter().filter(|row| row.to_year == year && row.budget_line == budget_line);
        rows.filter(|row| row.recorded_on <= self.day).map(|row| row.carried()).collect()
    }

    fn releases(&self, year: FinancialYear, budget_line: &str) -> Vec<Release<'h>> {
        let rows = self.recorded.releases.iter().filter(|row| row.year == year && row.budget_line == budget_line);
        rows.filter(|row| row.recorded_on <= self.day && stands(self.day, row.reversed_on)).map(|row| row.release()).collect()
    }

    fn payments<'k>(&'k self, entries: &'k [Entry]) -> Vec<Payment<'k>> {
        let reverses: HashMap<&str, &str> =
            entries.iter().filter_map(|entry| Some((entry.id.as_str(), entry.reverses.as_deref()?))).collect();
        let payment = |entry: &'k Entry| Payment {
            id: &entry.id,
            posted_on: entry.posted_on,
            amount: entry.amount,
            provider: entry.provider.as_deref(),
            matched: self.matched(&entry.id, &reverses),
            order: entry.order.as_deref().and_then(|number| self.order_ids.get(number)).copied(),
        };
        entries.iter().filter(|entry| entry.recorded_on <= self.day).map(payment).collect()
    }

    /// A reversal without a match of its own is for what the entry that it reverses is for.
    fn matched(&self, entry: &str, reverses: &HashMap<&str, &str>) -> Option<Match<'h>> {
        let own = self.matches.get(entry).copied();
        own.or_else(|| reverses.get(entry).and_then(|reversed| self.matched(reversed, reverses)))
    }

    /// The number of an order, by its id.
    pub fn order_number(&self, id: &str) -> Option<&'h str> {
        self.order_numbers.get(id).copied()
    }

    /// The provider of one of an order's arrangements, by the providers of arrangements.
    pub fn provider_of_order<'p>(&self, id: &str, providers: &HashMap<&str, &'p str>) -> Option<&'p str> {
        self.ordered.get(id)?.iter().find_map(|arrangement| providers.get(arrangement)).copied()
    }
}

/// The days that accounts leave unpaid by what is known on a day: paused, or after the account.
fn unpaid_days(recorded: &Recorded, day: NaiveDate) -> HashMap<&str, Vec<Stretch>> {
    let mut unpaid = HashMap::new();
    for steps in recorded.account_steps.chunk_by(|a, b| a.arrangement == b.arrangement) {
        let known = steps.iter().filter(|step| step.recorded_on <= day && stands(day, step.reversed_on));
        let days = AccountDays::of(&known.map(RecordedAccountStep::standing).collect::<Vec<_>>());
        unpaid.insert(steps[0].arrangement.as_str(), days.unpaid());
    }
    unpaid
}

/// Whether a row stands by the end of a day.
fn stands(day: NaiveDate, reversed_on: Option<NaiveDate>) -> bool {
    reversed_on.is_none_or(|reversed_on| reversed_on > day)
}

impl AwardPart {
    fn planned(&self) -> Planned<'_> {
        Planned {
            owner: Owner { id: &self.grant_id, kind: OwnerKind::Grant },
            provider: Some(&self.provider),
            plan: Plan::Spread { amount: self.amount, from: self.from, to: self.to },
        }
    }
}

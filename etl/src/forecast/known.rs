//! What was known on a day: the accounts as they stood, of every financial year and budget line.

use super::history::{EntryRow, FundingRow, History, VersionRow};
use crate::error::Error;
use chrono::{Months, NaiveDate};
use domain::commitment::{
    Account, CannotCommit, Carried, KnownLine, Match, Owner, Payment, Plan, Planned, Release, Scope, Settlement, weighted_by_month,
};
use domain::costing::{CannotCost, Line};
use domain::joint_funding::Arrangement;
use domain::profile::CostingPolicy;
use domain::{FinancialYear, Pence, Profile, RequestState};
use std::collections::{BTreeMap, HashMap};

/// A history, seen from the end of a day.
pub(super) struct Known<'h> {
    history: &'h History,
    day: NaiveDate,
    /// The last version of each line, reversed ones too, by budget line.
    lines: HashMap<&'h str, Vec<&'h VersionRow>>,
    /// The lines that stand of each arrangement that somebody pays a share of.
    funded: HashMap<usize, Vec<Line>>,
    /// The last version of each share that stands, by arrangement.
    fundings: BTreeMap<usize, Vec<&'h FundingRow>>,
    /// The order that each arrangement is on.
    orders: BTreeMap<&'h str, &'h str>,
    /// Orders by key, keys by order, and the arrangements of each order.
    order_ids: HashMap<&'h str, &'h str>,
    order_keys: HashMap<&'h str, &'h str>,
    ordered: HashMap<&'h str, Vec<&'h str>>,
    /// What each entry was said to be for.
    matches: HashMap<&'h str, Match<'h>>,
}

impl<'h> Known<'h> {
    /// By the end of `day`; none, all that is in the history.
    pub(super) fn on(history: &'h History, day: Option<NaiveDate>) -> Self {
        let day = day.unwrap_or(NaiveDate::MAX);
        let is_known = |recorded_on: NaiveDate| recorded_on <= day;
        let stands = |reversed_on: Option<NaiveDate>| reversed_on.is_none_or(|reversed_on| reversed_on > day);
        let id = |owner: usize| history.owners[owner].id.as_str();
        let mut fundings: BTreeMap<usize, Vec<&FundingRow>> = BTreeMap::new();
        for versions in history.fundings.chunk_by(|a, b| a.funding == b.funding) {
            let last = versions.iter().rev().find(|row| is_known(row.recorded_on));
            if let Some(last) = last.filter(|row| !row.is_reversed) {
                fundings.entry(last.owner).or_default().push(last);
            }
        }
        let mut lines: HashMap<&str, Vec<&VersionRow>> = HashMap::new();
        let mut funded: HashMap<usize, Vec<Line>> = HashMap::new();
        for versions in history.versions.chunk_by(|a, b| a.line == b.line) {
            let Some(last) = versions.iter().rev().find(|row| is_known(row.recorded_on)) else { continue };
            lines.entry(&last.budget_line).or_default().push(last);
            if !last.is_reversed && fundings.contains_key(&last.owner) {
                funded.entry(last.owner).or_default().push(last.terms);
            }
        }
        let order_ids: HashMap<&str, &str> =
            history.orders.iter().filter(|row| is_known(row.recorded_on)).map(|row| (row.key.as_str(), row.id.as_str())).collect();
        let ordered = history.order_lines.iter().filter(|(_, _, recorded_on)| is_known(*recorded_on));
        let orders: BTreeMap<&str, &str> =
            ordered.filter_map(|(owner, key, _)| Some((id(*owner), *order_ids.get(key.as_str())?))).collect();
        let mut ordered: HashMap<&str, Vec<&str>> = HashMap::new();
        for (arrangement, order) in &orders {
            ordered.entry(order).or_default().push(arrangement);
        }
        let matches = history.matches.iter().filter(|row| is_known(row.recorded_on) && stands(row.reversed_on));
        // In the order recorded, so that the last one stays.
        let matches =
            matches.map(|row| (row.entry.as_str(), row.owner.map_or(Match::NotForAPackage, |owner| Match::Arrangement(id(owner)))));
        let order_keys = order_ids.iter().map(|(key, id)| (*id, *key)).collect();
        Known { history, day, lines, funded, fundings, orders, order_ids, order_keys, ordered, matches: matches.collect() }
    }

    /// Settles a year and budget line; `entries` are the ledger's of both.
    pub(super) fn settle<'k>(
        &'k self,
        policy: &CostingPolicy,
        year: FinancialYear,
        budget_line: &'k str,
        entries: &'k [EntryRow],
    ) -> Result<Settlement<'k>, Error> {
        let Some(direction) = self.history.budget_lines.get(budget_line) else {
            return Err(Error::Definition("a budget line of commitments is not listed".to_owned()));
        };
        let account = Account {
            is_closed: self.history.closures.iter().any(|(closed, recorded_on)| *closed == year && *recorded_on <= self.day),
            plans: self.plans(policy, year, budget_line)?,
            carried: self.carried(year, budget_line),
            releases: self.releases(year, budget_line),
            payments: self.payments(entries),
            ..Account::empty(year, *direction, &self.orders)
        };
        account.settle(policy).map_err(|reason| self.error(reason))
    }

    /// Lines that stand, awards, and others' shares.
    fn plans(&self, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<Vec<Planned<'h>>, Error> {
        let mut plans: Vec<Planned<'h>> = Vec::new();
        for line in self.lines_of(budget_line).iter().filter(|line| !line.is_reversed) {
            let terms = &line.terms;
            if terms.valid_from < year.next_starts_on() && terms.valid_to.is_none_or(|ends| ends > year.starts_on()) {
                plans.push(Planned { owner: self.owner(line.owner), provider: line.provider.as_deref(), plan: Plan::Line(*terms) });
            }
        }
        plans.extend(self.awards(budget_line).into_values().flatten());
        plans.extend(self.shares(policy, year, budget_line)?.into_values().flatten());
        Ok(plans)
    }

    /// The lines of a budget line in the last version known, reversed ones too.
    pub(super) fn lines_of(&self, budget_line: &str) -> &[&'h VersionRow] {
        self.lines.get(budget_line).map(Vec::as_slice).unwrap_or_default()
    }

    /// By grant.
    pub(super) fn awards(&self, budget_line: &str) -> BTreeMap<usize, Vec<Planned<'h>>> {
        let mut awards: BTreeMap<usize, Vec<Planned<'h>>> = BTreeMap::new();
        let known = self.history.awards.iter().filter(|row| row.budget_line == budget_line && row.recorded_on <= self.day);
        for row in known {
            let plan = Plan::Spread { amount: row.amount, from: row.from, to: row.to };
            awards.entry(row.owner).or_default().push(Planned { owner: self.owner(row.owner), provider: Some(&row.provider), plan });
        }
        awards
    }

    /// What others are expected to pay of each arrangement in each month of the year, by arrangement.
    pub(super) fn shares(
        &self,
        policy: &CostingPolicy,
        year: FinancialYear,
        budget_line: &str,
    ) -> Result<BTreeMap<usize, Vec<Planned<'h>>>, Error> {
        let mut shares = BTreeMap::new();
        for (owner, fundings) in &self.fundings {
            if !fundings.iter().any(|row| row.budget_line == budget_line) {
                continue;
            }
            let cannot = |reason: CannotCost| Error::Costing { line: self.history.owners[*owner].key.clone(), reason };
            let lines = self.funded.get(owner).cloned().unwrap_or_default();
            // All of the arrangement's funders, since together they never pay more than it costs.
            let arrangement = Arrangement::new(policy, lines, fundings.iter().map(|row| row.terms).collect());
            let mut planned = Vec::new();
            for (period, parts) in arrangement.parts_by_month(year).map_err(cannot)? {
                let from = year.period_starts_on(period);
                for (row, part) in
                    fundings.iter().zip(parts).filter(|(row, part)| row.budget_line == budget_line && part.income != Pence::ZERO)
                {
                    let plan = Plan::Spread { amount: part.income, from, to: from + Months::new(1) };
                    planned.push(Planned { owner: self.owner(*owner), provider: Some(row.provider.as_str()), plan });
                }
            }
            if !planned.is_empty() {
                shares.insert(*owner, planned);
            }
        }
        Ok(shares)
    }

    fn owner(&self, place: usize) -> Owner<'h> {
        let owner = &self.history.owners[place];
        Owner { id: &owner.id, kind: owner.kind }
    }

    fn carried(&self, year: FinancialYear, budget_line: &str) -> Vec<Carried<'h>> {
        let known = |row: &&super::history::CarriedRow| row.year == year && row.budget_line == budget_line && row.recorded_on <= self.day;
        let rows = self.history.carried.iter().filter(known);
        rows.map(|row| Carried { owner: self.owner(row.owner), provider: row.provider.as_deref(), amount: row.amount }).collect()
    }

    fn releases(&self, year: FinancialYear, budget_line: &str) -> Vec<Release<'h>> {
        let rows = self.history.releases.iter().filter(|row| row.year == year && row.budget_line == budget_line);
        let known = rows.filter(|row| row.recorded_on <= self.day && row.reversed_on.is_none_or(|reversed_on| reversed_on > self.day));
        let release = |row: &'h super::history::ReleaseRow| {
            let scope = match (row.owner, &row.provider) {
                (Some(owner), _) => Scope::Arrangement(self.owner(owner).id),
                (None, Some(provider)) => Scope::Provider(provider),
                (None, None) => Scope::BudgetLine,
            };
            Release { scope, up_to: row.up_to }
        };
        known.map(release).collect()
    }

    fn payments<'k>(&'k self, entries: &'k [EntryRow]) -> Vec<Payment<'k>> {
        let reverses: HashMap<&str, &str> =
            entries.iter().filter_map(|entry| Some((entry.key.as_str(), entry.reverses.as_deref()?))).collect();
        let known = entries.iter().filter(|entry| entry.recorded_on <= self.day);
        let payment = |entry: &'k EntryRow| Payment {
            id: &entry.key,
            posted_on: entry.posted_on,
            amount: entry.amount,
            provider: entry.provider.as_deref(),
            matched: self.matched(&entry.key, &reverses),
            order: entry.order.as_deref().and_then(|key| self.order_ids.get(key)).copied(),
        };
        known.map(payment).collect()
    }

    /// A reversal without a match of its own is for what the entry that it reverses is for.
    fn matched(&self, entry: &str, reverses: &HashMap<&str, &str>) -> Option<Match<'h>> {
        let own = self.matches.get(entry).copied();
        own.or_else(|| reverses.get(entry).and_then(|reversed| self.matched(reversed, reverses)))
    }

    /// What requests weigh in each month of a year, by budget line and state; positive on income lines too.
    pub(super) fn pending(&self, profile: &Profile, year: FinancialYear) -> Result<BTreeMap<(&'h str, &'static str), Weighed>, Error> {
        let mut pending: BTreeMap<(&str, &str), Weighed> = BTreeMap::new();
        for row in self.history.pending.iter().filter(|row| row.known_from <= self.day && row.known_to.is_none_or(|to| self.day < to)) {
            let Some(weight_percent) = profile.forecast.weight_percent(row.state) else { continue };
            if row.terms.valid_from >= year.next_starts_on() || row.terms.valid_to.is_some_and(|ends| ends <= year.starts_on()) {
                continue;
            }
            let months = weighted_by_month(&profile.costing, &row.terms, &row.line, weight_percent, year);
            let months = months.map_err(|reason| self.error(reason))?;
            let weighed =
                pending.entry((&row.budget_line, word(row.state))).or_insert(Weighed { weight_percent, months: [Pence::ZERO; 12] });
            for (sum, month) in weighed.months.iter_mut().zip(months) {
                *sum = sum.checked_add(month).map_err(|_| self.error(CannotCommit::TooLarge))?;
            }
        }
        Ok(pending)
    }

    /// The key of an order, by the id it is settled by.
    pub(super) fn order_key(&self, id: &str) -> Option<&'h str> {
        self.order_keys.get(id).copied()
    }

    /// The provider of one of an order's arrangements, by the providers of arrangements.
    pub(super) fn provider_of_order<'p>(&self, id: &str, providers: &HashMap<&str, &'p str>) -> Option<&'p str> {
        self.ordered.get(id)?.iter().find_map(|arrangement| providers.get(arrangement)).copied()
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

fn word(state: RequestState) -> &'static str {
    state.as_str()
}

impl VersionRow {
    /// As a movement compares it.
    pub(super) fn compared(&self) -> KnownLine<'_> {
        KnownLine { line_id: &self.line, terms: self.terms, is_reversed: self.is_reversed, by_correction: self.by_correction }
    }
}

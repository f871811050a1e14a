//! The books as known on a day, of every financial year and budget line: the one place where it is decided which of the recorded rows
//! plan, pay, release or carry something. The API reads the rows from the store, the warehouse from its facts; both settle these books.

use super::forgone::{Forgone, forgone};
use super::{
    AwardPart, Book, CannotCommit, Carried, Entry, FundingVersion, InvoicedDays, KnownLine, LineVersion, Match, OnOrder,
    OrdersByArrangement, Owner, OwnerKind, Payment, Plan, Planned, Recorded, RecordedAccountStep, RecordedOrder, Release, Replaced, turned,
};
use crate::costing::{CannotCost, Line};
use crate::direct_payments::{AccountDays, Stretch};
use crate::joint_funding::FundedLines;
use crate::profile::CostingPolicy;
use crate::{Direction, FinancialYear, Pence};
use chrono::{Months, NaiveDate};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Plans by what they are planned for: an arrangement's first line, or a grant.
pub type PlansByOwner<'h> = BTreeMap<&'h str, Vec<Planned<'h>>>;

/// What is on record, seen from the end of a day.
#[derive(Debug)]
pub struct Known<'h> {
    recorded: &'h Recorded,
    day: NaiveDate,
    /// The last version of each line, reversed ones too, by budget line.
    lines: HashMap<&'h str, Vec<&'h LineVersion>>,
    /// The lines that a correction made, whatever became of them since.
    made_by_correction: HashSet<&'h str>,
    /// The lines that stand of each arrangement that somebody pays a share of.
    funded: HashMap<&'h str, Vec<Line>>,
    /// Of those, the lines that nobody with the authority has agreed.
    unconfirmed: HashMap<&'h str, Vec<&'h LineVersion>>,
    /// The last version of each share that stands, by arrangement.
    fundings: BTreeMap<&'h str, Vec<&'h FundingVersion>>,
    /// The orders that each arrangement is on.
    orders: OrdersByArrangement<'h>,
    /// Orders by number, numbers by order, and the arrangements of each order.
    order_ids: HashMap<&'h str, &'h str>,
    order_numbers: HashMap<&'h str, &'h str>,
    ordered: HashMap<&'h str, Vec<&'h str>>,
    /// What each entry was said to be for.
    matches: HashMap<&'h str, Match<'h>>,
    /// The days that each arrangement's account does not pay. No day stands twice.
    unpaid: HashMap<&'h str, Vec<Stretch>>,
    /// What credit notes gave up of each share.
    forgone: HashMap<&'h str, Vec<Forgone>>,
    /// What each entry brought of invoices, in the order of their ids.
    receipts: HashMap<&'h str, BTreeMap<&'h str, Pence>>,
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
        let mut unconfirmed: HashMap<&str, Vec<&LineVersion>> = HashMap::new();
        let mut made_by_correction: HashSet<&str> = HashSet::new();
        for versions in recorded.versions.chunk_by(|a, b| a.line_id == b.line_id) {
            let Some(last) = versions.iter().rev().find(|row| is_known(row.recorded_on)) else { continue };
            lines.entry(&last.budget_line).or_default().push(last);
            if versions.first().is_some_and(|first| first.version == 1 && first.by_correction) {
                made_by_correction.insert(&last.line_id);
            }
            if !last.is_reversed() && fundings.contains_key(last.arrangement.as_str()) {
                funded.entry(&last.arrangement).or_default().push(last.terms);
                if last.is_unconfirmed(day) {
                    unconfirmed.entry(&last.arrangement).or_default().push(last);
                }
            }
        }
        let standing: HashMap<&str, &RecordedOrder> = recorded
            .orders
            .iter()
            .filter(|row| is_known(row.recorded_on) && stands(day, row.cancelled_on))
            .map(|row| (row.id.as_str(), row))
            .collect();
        let order_ids: HashMap<&str, &str> = standing.values().map(|row| (row.number.as_str(), row.id.as_str())).collect();
        let mut orders = OrdersByArrangement::new();
        let mut ordered: HashMap<&str, Vec<&str>> = HashMap::new();
        for row in recorded.order_lines.iter().filter(|row| is_known(row.recorded_on)) {
            let Some(order) = standing.get(row.order.as_str()) else { continue };
            orders.entry(&row.arrangement).or_default().push(OnOrder { id: &order.id, provider: order.provider.as_deref() });
            ordered.entry(&order.id).or_default().push(&row.arrangement);
        }
        // The order of the rows never matters.
        orders.values_mut().for_each(|on| on.sort_by_key(|order| order.id));
        ordered.values_mut().for_each(|arrangements| arrangements.sort_unstable());
        let matches = recorded.matches.iter().filter(|row| is_known(row.recorded_on) && stands(day, row.reversed_on));
        // In the order recorded, so that the last one stays.
        let matches = matches.map(|row| (row.entry.as_str(), row.matched())).collect();
        let order_numbers = order_ids.iter().map(|(number, id)| (*id, *number)).collect();
        let unpaid = unpaid_days(&recorded.account_steps, day);
        let forgone = forgone(recorded, day);
        let mut receipts: HashMap<&str, BTreeMap<&str, Pence>> = HashMap::new();
        for row in recorded.receipts.iter().filter(|row| is_known(row.recorded_on)) {
            // Together no more than the entry.
            receipts.entry(&row.entry).or_default().entry(&row.invoice).or_default().0 += row.amount.0;
        }
        Known {
            recorded,
            day,
            lines,
            made_by_correction,
            funded,
            unconfirmed,
            fundings,
            orders,
            order_ids,
            order_numbers,
            ordered,
            matches,
            unpaid,
            forgone,
            receipts,
        }
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
            payments: self.payments(direction, entries)?,
            invoices: self.invoices(budget_line),
            ..Book::empty(year, direction, &self.orders)
        })
    }

    /// What is planned on a budget line: lines that stand and have a day in the year, less what accounts leave unpaid of them; awards; and
    /// others' shares. Those of income are positive too.
    pub fn plans(&self, policy: &CostingPolicy, year: FinancialYear, budget_line: &str) -> Result<Vec<Planned<'h>>, CannotCommit> {
        let mut plans: Vec<Planned<'h>> = Vec::new();
        for line in self.lines_of(budget_line).iter().filter(|line| !line.is_reversed()) {
            let terms = &line.terms;
            if terms.valid_from < year.next_starts_on() && terms.valid_to.is_none_or(|ends| ends > year.starts_on()) {
                let owner = Owner { id: &line.arrangement, kind: OwnerKind::Arrangement };
                let provider = line.provider.as_deref();
                let planned = Planned { owner, provider, plan: Plan::Line(*terms), is_unconfirmed: line.is_unconfirmed(self.day) };
                plans.push(planned);
                let rests = self.unpaid.get(line.arrangement.as_str()).into_iter().flatten();
                let rest = |days: &Stretch| Plan::Rest { line: *terms, from: days.from, to: days.to };
                plans.extend(rests.map(|days| Planned { plan: rest(days), ..planned }));
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

    /// A line as a movement compares it. What a correction made stays so after other variations of it; what was reversed is as it was
    /// reversed.
    pub fn compared<'v>(&self, version: &'v LineVersion) -> KnownLine<'v> {
        let is_reversed = version.is_reversed();
        let by_correction = version.by_correction || (!is_reversed && self.made_by_correction.contains(version.line_id.as_str()));
        KnownLine { line_id: &version.line_id, terms: version.terms, is_reversed, by_correction }
    }

    /// What lines replace, where this budget line pays it, by the replaced line.
    pub fn replaced(&self, budget_line: &str, lines: &HashSet<&str>) -> HashMap<&'h str, Replaced<'h>> {
        let of_line = self.lines_of(budget_line);
        let named = of_line.iter().filter(|line| lines.contains(line.line_id.as_str()));
        let named: HashMap<&str, &str> = named.map(|line| (line.line_id.as_str(), line.arrangement.as_str())).collect();
        let mut standing: HashMap<&str, Vec<Line>> = named.values().map(|arrangement| (*arrangement, Vec::new())).collect();
        for line in of_line.iter().filter(|line| !line.is_reversed()) {
            if let Some(lines) = standing.get_mut(line.arrangement.as_str()) {
                lines.push(line.terms);
            }
        }
        let replaced = |arrangement: &'h str| Replaced {
            arrangement,
            lines: standing.get(arrangement).cloned().unwrap_or_default(),
            unpaid: self.unpaid.get(arrangement).cloned().unwrap_or_default(),
        };
        named.into_iter().map(|(line, arrangement)| (line, replaced(arrangement))).collect()
    }

    /// What grants plan, by grant.
    pub fn awards(&self, budget_line: &str) -> PlansByOwner<'h> {
        let mut awards = PlansByOwner::new();
        for row in self.recorded.awards.iter().filter(|row| row.budget_line == budget_line && row.recorded_on <= self.day) {
            awards.entry(&row.grant_id).or_default().push(row.planned());
        }
        awards
    }

    /// What others are expected to pay of each arrangement in each month of the year, less what credit notes gave up, by arrangement.
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
            let arrangement = arrangement.without(self.unpaid.get(id).cloned().unwrap_or_default());
            let months = arrangement.parts_by_month(year).map_err(|reason| CannotCommit::Owner { owner: (*id).to_owned(), reason })?;
            let mut planned = Vec::new();
            for (period, parts) in months {
                let from = year.period_starts_on(period);
                let to = from + Months::new(1);
                let unconfirmed = self.unconfirmed.get(id).map(Vec::as_slice).unwrap_or_default();
                let is_unconfirmed = unconfirmed.iter().any(|line| line.counts_between(from, to));
                for (place, (row, part)) in fundings.iter().zip(parts).enumerate().filter(|(_, (row, _))| row.budget_line == budget_line) {
                    let given_up = self.given_up(&arrangement, (*row, place), from, to);
                    let given_up = given_up.map_err(|reason| CannotCommit::Owner { owner: (*id).to_owned(), reason })?;
                    let amount = Pence(part.income.0 - given_up.0.min(part.income.0.max(0)));
                    if amount != Pence::ZERO {
                        let plan = Plan::Spread { amount, from, to };
                        planned.push(Planned { owner, provider: Some(&row.provider), plan, is_unconfirmed });
                    }
                }
            }
            if !planned.is_empty() {
                shares.insert(*id, planned);
            }
        }
        Ok(shares)
    }

    /// What credit notes gave up of a share's month.
    fn given_up(
        &self,
        arrangement: &FundedLines<'_>,
        (row, place): (&FundingVersion, usize),
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Pence, CannotCost> {
        let of_share = self.forgone.get(row.funding_id.as_str()).map(Vec::as_slice).unwrap_or_default();
        Ok(Pence::checked_sum(of_share.iter().map(|one| one.between(arrangement, place, from, to)).collect::<Result<Vec<_>, _>>()?)?)
    }

    /// The days that invoices of a line of income ask for.
    fn invoices(&self, budget_line: &str) -> BTreeMap<&'h str, Vec<InvoicedDays<'h>>> {
        let mut invoices: BTreeMap<&str, Vec<InvoicedDays<'_>>> = BTreeMap::new();
        if self.receipts.is_empty() {
            return invoices;
        }
        for row in self.recorded.invoice_lines.iter().filter(|row| row.budget_line == budget_line && row.recorded_on <= self.day) {
            let days = InvoicedDays { arrangement: &row.arrangement, provider: &row.provider, from: row.from, to: row.to };
            invoices.entry(&row.invoice).or_default().push(days);
        }
        invoices
    }

    fn carried(&self, year: FinancialYear, budget_line: &str) -> Vec<Carried<'h>> {
        let rows = self.recorded.carried.iter().filter(|row| row.to_year == year && row.budget_line == budget_line);
        rows.filter(|row| row.recorded_on <= self.day).map(|row| row.carried()).collect()
    }

    fn releases(&self, year: FinancialYear, budget_line: &str) -> Vec<Release<'h>> {
        let rows = self.recorded.releases.iter().filter(|row| row.year == year && row.budget_line == budget_line);
        rows.filter(|row| row.recorded_on <= self.day && stands(self.day, row.reversed_on)).map(|row| row.release()).collect()
    }

    /// What receipts say that an entry paid of an invoice is a payment of its own; the rest of the entry is another.
    fn payments<'k>(&'k self, direction: Direction, entries: &'k [Entry]) -> Result<Vec<Payment<'k>>, CannotCommit> {
        let reverses: HashMap<&str, &str> =
            entries.iter().filter_map(|entry| Some((entry.id.as_str(), entry.reverses.as_deref()?))).collect();
        let mut payments = Vec::with_capacity(entries.len());
        for entry in entries.iter().filter(|entry| entry.recorded_on <= self.day) {
            let payment = Payment {
                id: &entry.id,
                posted_on: entry.posted_on,
                amount: entry.amount,
                provider: entry.provider.as_deref(),
                matched: self.matched(&entry.id, &reverses),
                order: entry.order.as_deref().and_then(|number| self.order_ids.get(number)).copied(),
                invoice: None,
            };
            let mut rest = entry.amount;
            for (invoice, received) in self.received(&entry.id, &reverses) {
                let amount = turned(direction, received);
                rest = rest.checked_sub(amount)?;
                payments.push(Payment { amount, invoice: Some(invoice), ..payment });
            }
            if rest != Pence::ZERO || entry.amount == Pence::ZERO {
                payments.push(Payment { amount: rest, ..payment });
            }
        }
        Ok(payments)
    }

    /// What an entry brought of invoices. One that reverses another, and of which no receipt says anything, takes back what that one brought.
    fn received(&self, entry: &str, reverses: &HashMap<&str, &str>) -> Vec<(&'h str, Pence)> {
        let own = |entry: &str| self.receipts.get(entry).into_iter().flatten().map(|(invoice, amount)| (*invoice, *amount));
        let received: Vec<_> = match (self.receipts.contains_key(entry), reverses.get(entry)) {
            (false, Some(reversed)) => own(reversed).map(|(invoice, amount)| (invoice, Pence(-amount.0))).collect(),
            _ => own(entry).collect(),
        };
        received.into_iter().filter(|(_, amount)| *amount != Pence::ZERO).collect()
    }

    /// A reversal without a match of its own is for what the entry that it reverses is for.
    fn matched(&self, entry: &str, reverses: &HashMap<&str, &str>) -> Option<Match<'h>> {
        let own = self.matches.get(entry).copied();
        own.or_else(|| reverses.get(entry).and_then(|reversed| self.matched(reversed, reverses)))
    }

    /// The funder that an invoice asks.
    pub fn funder_invoiced(&self, invoice: &str) -> Option<&'h str> {
        self.recorded.invoice_lines.iter().find(|row| row.invoice == invoice).map(|row| row.provider.as_str())
    }

    /// The number of an order, by its id.
    pub fn order_number(&self, id: &str) -> Option<&'h str> {
        self.order_numbers.get(id).copied()
    }

    /// The provider that an order was given to; of one from before that was kept, of one of its arrangements, by their providers.
    pub fn provider_of_order<'p>(&self, id: &str, providers: &HashMap<&str, &'p str>) -> Option<&'p str>
    where
        'h: 'p,
    {
        let arrangements = self.ordered.get(id)?;
        let on_it = arrangements.iter().filter_map(|arrangement| self.orders.get(arrangement)).flatten().filter(|order| order.id == id);
        let own: Option<&'h str> = on_it.filter_map(|order| order.provider).next();
        own.or_else(|| arrangements.iter().find_map(|arrangement| providers.get(arrangement)).copied())
    }
}

/// The days that accounts leave unpaid by what is known on a day: paused, or after the account.
pub fn unpaid_days(steps: &[RecordedAccountStep], day: NaiveDate) -> HashMap<&str, Vec<Stretch>> {
    let mut unpaid = HashMap::new();
    for steps in steps.chunk_by(|a, b| a.arrangement == b.arrangement) {
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
            is_unconfirmed: false,
        }
    }
}

//! Settling: which payments pay which cells.

use super::{Book, CannotCommit, Cell, Match, OrdersByArrangement, OwnerKind, Payment, Release, Scope, turned};
use crate::profile::CostingPolicy;
use crate::{Direction, FinancialYear, Pence, Period};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// What payments are pooled for. Pools settle in this order, and by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target<'a> {
    /// The days of one invoice to a funder.
    Invoice(&'a str),
    /// One arrangement, by its first line.
    Arrangement(&'a str),
    /// The arrangements of one purchase order.
    Order(&'a str),
    /// What one provider is planned to be paid.
    Provider(&'a str),
    /// Everything on the budget line.
    BudgetLine,
}

impl Target<'_> {
    /// The word in columns and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Target::Invoice(_) => "invoice",
            Target::Arrangement(_) => "arrangement",
            Target::Order(_) => "order",
            Target::Provider(_) => "provider",
            Target::BudgetLine => "budget_line",
        }
    }
}

/// Why a payment settles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UnmatchedReason)]
pub enum Unmatched {
    /// It was said to be for no package.
    NotForAPackage,
    /// It paid an invoice for days of which nothing is planned or carried here.
    InvoiceNotPlanned,
    /// It was matched to an arrangement that plans nothing on this budget line in this year.
    ArrangementNotPlanned,
    /// It carries the number of a purchase order of which nothing is planned on this budget line in this year.
    OrderNotPlanned,
    /// Nothing is planned for its provider on this budget line in this year.
    ProviderNotPlanned,
}

impl Unmatched {
    /// The word in columns and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Unmatched::NotForAPackage => "not_for_a_package",
            Unmatched::InvoiceNotPlanned => "invoice_not_planned",
            Unmatched::ArrangementNotPlanned => "arrangement_not_planned",
            Unmatched::OrderNotPlanned => "order_not_planned",
            Unmatched::ProviderNotPlanned => "provider_not_planned",
        }
    }
}

/// A payment that settles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnmatchedPayment<'a> {
    /// The payment; its amount is as the ledger has it.
    pub payment: Payment<'a>,
    /// Why.
    pub reason: Unmatched,
}

/// The payments of one target, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool<'a> {
    /// What they are for.
    pub target: Target<'a>,
    /// What they add up to: `paid` + `overpaid` − `credit`.
    pub payments: Pence,
    /// What they have settled.
    pub paid: Pence,
    /// What was paid beyond all that was open.
    pub overpaid: Pence,
    /// What was credited beyond all that had been paid.
    pub credit: Pence,
}

/// The cells of one financial year and budget line, settled.
#[derive(Debug, Clone)]
pub struct Settlement<'a> {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's direction.
    pub direction: Direction,
    /// In the order in which they are settled.
    pub cells: Vec<Cell<'a>>,
    /// Every pool that a payment went to, in the order in which they settle.
    pub pools: Vec<Pool<'a>>,
    /// What settles nothing, by day and id.
    pub unmatched: Vec<UnmatchedPayment<'a>>,
    actual: [i64; 12],
}

/// A month's actual and committed, with the ledger's signs: income is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthOutturn {
    /// The month.
    pub period: Period,
    /// All payments of the month, matched or not.
    pub actual: Pence,
    /// What is open of the month's cells.
    pub committed: Pence,
    /// Of that, what rests on package lines that nobody with the authority has agreed.
    pub unconfirmed: Pence,
}

impl<'a> Settlement<'a> {
    /// What is open in all.
    pub fn open(&self) -> Pence {
        Pence(self.cells.iter().map(|cell| cell.open().0).sum())
    }

    /// Of that, what rests on package lines that nobody with the authority has agreed.
    pub fn open_unconfirmed(&self) -> Pence {
        Pence(self.cells.iter().map(|cell| cell.open_unconfirmed().0).sum())
    }

    /// The twelve months, April first. Together, actual + committed is the forecast outturn.
    pub fn months(&self) -> Vec<MonthOutturn> {
        let (mut committed, mut unconfirmed) = ([0_i64; 12], [0_i64; 12]);
        for cell in &self.cells {
            committed[index(cell.period)] += cell.open().0;
            unconfirmed[index(cell.period)] += cell.open_unconfirmed().0;
        }
        let month = |period: Period| MonthOutturn {
            period,
            actual: Pence(self.actual[index(period)]),
            committed: turned(self.direction, Pence(committed[index(period)])),
            unconfirmed: turned(self.direction, Pence(unconfirmed[index(period)])),
        };
        Period::all().map(month).collect()
    }
}

/// A period's place in a table of twelve.
pub(super) fn index(period: Period) -> usize {
    usize::from(period.number()) - 1
}

impl<'a> Book<'a> {
    /// Cuts what is planned into cells and settles them. Costs n log n in plans, cells and payments.
    pub fn settle(&self, policy: &CostingPolicy) -> Result<Settlement<'a>, CannotCommit> {
        let cells = self.cells(policy)?;
        // Nothing below adds up to more than this, so nothing below can overflow.
        let amounts = self.payments.iter().map(|payment| Pence(payment.amount.0.saturating_abs()));
        Pence::checked_sum(cells.iter().map(|cell| cell.planned).chain(amounts))?;
        let mut settling = Settling::new(self, cells);
        let mut actual = [0_i64; 12];
        let (mut paid_in, mut unmatched) = (Vec::new(), Vec::new());
        for payment in &self.payments {
            actual[index(payment.period(self.year))] += payment.amount.0;
            match settling.scopes.target(payment) {
                Ok(target) => paid_in.push((payment.counts_on(self.year), target, turned(self.direction, payment.amount).0)),
                Err(reason) => unmatched.push(UnmatchedPayment { payment: *payment, reason }),
            }
        }
        unmatched.sort_unstable_by_key(|one| (one.payment.posted_on, one.payment.id));
        paid_in.sort_unstable();
        let mut paid_in = paid_in.into_iter().peekable();
        let (starts, ends) = (self.year.starts_on(), self.year.next_starts_on());
        let mut boundaries: Vec<NaiveDate> = self.releases.iter().map(|release| release.up_to.clamp(starts, ends)).collect();
        boundaries.sort_unstable();
        boundaries.dedup();
        for boundary in boundaries {
            while let Some((_, target, amount)) = paid_in.next_if(|(day, _, _)| *day < boundary) {
                settling.enter(target, amount);
            }
            settling.settle();
            for release in self.releases.iter().filter(|release| release.up_to.clamp(starts, ends) == boundary) {
                settling.release(release, boundary);
            }
        }
        for (_, target, amount) in paid_in {
            settling.enter(target, amount);
        }
        settling.settle();
        if self.is_closed {
            settling.close();
        }
        let pools = settling.pools.iter().map(|(target, wallet)| wallet.result(*target)).collect();
        Ok(Settlement { year: self.year, direction: self.direction, cells: settling.cells, pools, unmatched, actual })
    }
}

/// Which cells belong to whom, by their number.
struct Scopes<'a> {
    arrangements: HashMap<&'a str, Vec<usize>>,
    orders: HashMap<&'a str, Vec<usize>>,
    providers: HashMap<&'a str, Vec<usize>>,
    invoices: HashMap<&'a str, Vec<usize>>,
    all: Vec<usize>,
}

impl<'a> Scopes<'a> {
    fn new(book: &Book<'a>, cells: &[Cell<'a>]) -> Self {
        let orders = book.orders;
        let mut scopes = Scopes {
            arrangements: HashMap::new(),
            orders: HashMap::new(),
            providers: HashMap::new(),
            invoices: HashMap::new(),
            all: (0..cells.len()).collect(),
        };
        for (number, cell) in cells.iter().enumerate() {
            if cell.owner.kind == OwnerKind::Arrangement {
                scopes.arrangements.entry(cell.owner.id).or_default().push(number);
                for order in orders_of(cell, orders) {
                    scopes.orders.entry(order).or_default().push(number);
                }
            }
            if let Some(provider) = cell.provider {
                scopes.providers.entry(provider).or_default().push(number);
            }
        }
        for (invoice, days) in &book.invoices {
            let of_arrangements = days.iter().flat_map(|days| scopes.arrangements.get(days.arrangement).into_iter().flatten());
            let has = |number: &&usize| days.iter().any(|days| days.has(&cells[**number], book.year));
            let numbers: BTreeSet<usize> = of_arrangements.filter(has).copied().collect();
            if !numbers.is_empty() {
                scopes.invoices.insert(*invoice, numbers.into_iter().collect());
            }
        }
        scopes
    }

    /// Where a payment goes.
    fn target(&self, payment: &Payment<'a>) -> Result<Target<'a>, Unmatched> {
        if let Some(id) = payment.invoice {
            return if self.invoices.contains_key(id) { Ok(Target::Invoice(id)) } else { Err(Unmatched::InvoiceNotPlanned) };
        }
        match (payment.matched, payment.order, payment.provider) {
            (Some(Match::NotForAPackage), _, _) => Err(Unmatched::NotForAPackage),
            (Some(Match::Arrangement(id)), _, _) if self.arrangements.contains_key(id) => Ok(Target::Arrangement(id)),
            (Some(Match::Arrangement(_)), _, _) => Err(Unmatched::ArrangementNotPlanned),
            (None, Some(id), _) if self.orders.contains_key(id) => Ok(Target::Order(id)),
            (None, Some(_), _) => Err(Unmatched::OrderNotPlanned),
            (None, None, Some(id)) if self.providers.contains_key(id) => Ok(Target::Provider(id)),
            (None, None, Some(_)) => Err(Unmatched::ProviderNotPlanned),
            (None, None, None) => Ok(Target::BudgetLine),
        }
    }

    fn of(&self, target: Target<'a>) -> &[usize] {
        let found = match target {
            Target::Invoice(id) => self.invoices.get(id),
            Target::Arrangement(id) => self.arrangements.get(id),
            Target::Order(id) => self.orders.get(id),
            Target::Provider(id) => self.providers.get(id),
            Target::BudgetLine => Some(&self.all),
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The orders whose payments pay a cell: those that its provider was given. Where its provider was given none, the arrangement's others: a
/// payment with an older order's number is for that arrangement all the same.
fn orders_of<'a>(cell: &Cell<'a>, orders: &OrdersByArrangement<'a>) -> Vec<&'a str> {
    let all = orders.get(cell.owner.id).map(Vec::as_slice).unwrap_or_default();
    let own: Vec<&str> =
        all.iter().filter(|order| order.provider.is_some() && order.provider == cell.provider).map(|order| order.id).collect();
    if own.is_empty() { all.iter().map(|order| order.id).collect() } else { own }
}

/// What a pool has, and what it filled.
#[derive(Default)]
struct Wallet {
    payments: i64,
    left: i64,
    /// By cell number.
    fills: BTreeMap<usize, i64>,
    /// The first place in the scope that may be open.
    cursor: usize,
}

impl Wallet {
    fn result<'a>(&self, target: Target<'a>) -> Pool<'a> {
        Pool {
            target,
            payments: Pence(self.payments),
            paid: Pence(self.fills.values().sum()),
            overpaid: Pence(self.left.max(0)),
            credit: Pence(-self.left.min(0)),
        }
    }
}

struct Settling<'a> {
    cells: Vec<Cell<'a>>,
    /// By cell number: whether a release was about it.
    is_released: Vec<bool>,
    scopes: Scopes<'a>,
    pools: BTreeMap<Target<'a>, Wallet>,
}

impl<'a> Settling<'a> {
    fn new(book: &Book<'a>, cells: Vec<Cell<'a>>) -> Self {
        let scopes = Scopes::new(book, &cells);
        Settling { is_released: vec![false; cells.len()], cells, scopes, pools: BTreeMap::new() }
    }

    fn enter(&mut self, target: Target<'a>, amount: i64) {
        let wallet = self.pools.entry(target).or_default();
        wallet.payments += amount;
        wallet.left += amount;
    }

    /// First every take-back, then every fill: what one pool gives back another may need.
    fn settle(&mut self) {
        let mut is_reopened = false;
        for wallet in self.pools.values_mut().filter(|wallet| wallet.left < 0) {
            while wallet.left < 0
                && let Some((number, filled)) = wallet.fills.pop_last()
            {
                let back = filled.min(-wallet.left);
                if back < filled {
                    wallet.fills.insert(number, filled - back);
                }
                wallet.left += back;
                let cell = &mut self.cells[number];
                cell.paid.0 -= back;
                if self.is_released[number] {
                    cell.released.0 += back;
                }
                is_reopened = true;
            }
        }
        if is_reopened {
            self.pools.values_mut().for_each(|wallet| wallet.cursor = 0);
        }
        for (target, wallet) in self.pools.iter_mut().filter(|(_, wallet)| wallet.left > 0) {
            let scope = self.scopes.of(*target);
            while wallet.left > 0
                && let Some(number) = scope.get(wallet.cursor)
            {
                let cell = &mut self.cells[*number];
                let paid = cell.open().0.min(wallet.left);
                if paid > 0 {
                    cell.paid.0 += paid;
                    wallet.left -= paid;
                    *wallet.fills.entry(*number).or_default() += paid;
                }
                if cell.open() == Pence::ZERO {
                    wallet.cursor += 1;
                }
            }
        }
    }

    fn release(&mut self, release: &Release<'a>, up_to: NaiveDate) {
        let target = match release.scope {
            Scope::BudgetLine => Target::BudgetLine,
            Scope::Provider(id) => Target::Provider(id),
            Scope::Arrangement(id) => Target::Arrangement(id),
        };
        for number in self.scopes.of(target) {
            let cell = &mut self.cells[*number];
            let is_meant = if cell.is_carried { cell.number < release.number } else { !release.only_carried };
            if is_meant && cell.to <= up_to {
                cell.released.0 += cell.open().0;
                self.is_released[*number] = true;
            }
        }
    }

    /// A closed year has nothing open.
    fn close(&mut self) {
        for cell in &mut self.cells {
            cell.released.0 += cell.open().0;
        }
    }
}

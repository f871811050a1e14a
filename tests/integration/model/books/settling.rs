//! Which payments pay which part of the plan: the narrowest pool first, the earliest cell first.

use super::RELEASES_LEAVE_LATER_CARRIED;
use super::costs::{month_of, stretch, year_after};
use super::history::{Cell, Expected, Scope, Side};
use super::known::{Known, Payment, Release};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

impl Cell {
    /// A new cell of no days yet.
    pub fn of(owner: String, provider: Option<String>, planned: i128) -> Self {
        let (from, to) = (NaiveDate::MIN, NaiveDate::MIN);
        Cell { from, to, owner, provider, planned, paid: 0, released: 0, is_released: false, carried_by: None }
    }
}

impl Release {
    /// Whether a cell's days are released: all of them are over. What was carried in is, if it was by then.
    fn reaches(&self, cell: &Cell) -> bool {
        let is_later = RELEASES_LEAVE_LATER_CARRIED && cell.carried_by.is_some_and(|number| number > self.number);
        cell.to <= self.up_to && !is_later
    }
}

impl Known {
    /// What is to be said of a year. One that is closed has nothing open.
    pub fn expected(&self, side: Side, starts: NaiveDate) -> Expected {
        let mut expected = self.settled(side, starts);
        if self.closed.contains(&starts) {
            for cell in &mut expected.cells {
                expected.committed[month_of(cell.from)] -= cell.open();
                cell.released += cell.open();
            }
        }
        expected
    }

    /// The same of a year as if it were not closed.
    pub fn settled(&self, side: Side, starts: NaiveDate) -> Expected {
        let ends = year_after(starts);
        let is_here = |release: &&Release| release.side == side && starts < release.up_to && release.up_to <= ends;
        let releases: Vec<&Release> = self.releases.values().filter(is_here).collect();
        let boundaries: BTreeSet<NaiveDate> = releases.iter().map(|release| release.up_to).collect();
        let mut cells = self.cells(side, starts, &boundaries);
        let payments: Vec<&Payment> = self.payments.iter().filter(|payment| payment.side == side && payment.starts == starts).collect();
        let mut actual = [0; 12];
        for payment in &payments {
            actual[month_of(payment.posted_on.max(starts))] += payment.pence;
        }
        let (mut pools, unmatched) = self.pools(starts, &payments, &cells);
        for boundary in boundaries {
            settle(&mut pools, &mut cells, boundary);
            for release in releases.iter().filter(|release| release.up_to == boundary) {
                for cell in cells.iter_mut().filter(|cell| release.reaches(cell) && self.has(&release.scope, cell)) {
                    cell.released += cell.open();
                    cell.is_released = true;
                }
            }
        }
        settle(&mut pools, &mut cells, NaiveDate::MAX);
        let mut committed = [0; 12];
        for cell in &cells {
            assert!(cell.open() >= 0 && cell.paid >= 0 && cell.released >= 0, "{cell:?}");
            committed[month_of(cell.from)] += cell.open();
        }
        let overpaid = pools.iter().map(|pool| pool.wallet.max(0)).sum();
        let credit = pools.iter().map(|pool| (-pool.wallet).max(0)).sum();
        Expected { actual, committed, overpaid, credit, unmatched, cells }
    }

    /// The plan in the order in which it is settled: what was carried in, then by day, owner and provider.
    fn cells(&self, side: Side, starts: NaiveDate, cuts: &BTreeSet<NaiveDate>) -> Vec<Cell> {
        let mut cells: BTreeMap<(NaiveDate, String, Option<String>), Cell> = BTreeMap::new();
        for planned in self.plan(side, starts) {
            let (from, to) = stretch(planned.one, cuts);
            let key = (from, planned.owner.clone(), planned.provider.clone());
            let fresh = || Cell { from, to, ..Cell::of(planned.owner, planned.provider, 0) };
            cells.entry(key).or_insert_with(fresh).planned += planned.pence;
        }
        self.carried(side, starts).into_iter().chain(cells.into_values().filter(|cell| cell.planned > 0)).collect()
    }

    /// Whether a payment or a release with this scope is about a cell.
    fn has(&self, scope: &Scope, cell: &Cell) -> bool {
        match scope {
            Scope::Whole => true,
            Scope::Provider(id) => cell.provider.as_ref() == Some(id),
            Scope::Order(id) => self.orders.iter().any(|order| order.id == *id && order.arrangements.contains(&cell.owner)),
            Scope::Arrangement(id) => cell.owner == *id,
        }
    }

    /// What a payment is for: what somebody said, else its order if that is on record, else its provider, else all of the budget line.
    fn scope_of(&self, payment: &Payment) -> Option<Scope> {
        match self.matches.get(&payment.id) {
            Some(Some(arrangement)) => return Some(Scope::Arrangement(arrangement.clone())),
            Some(None) => return None,
            None => {}
        }
        match self.orders.iter().find(|order| payment.order.as_ref() == Some(&order.number)) {
            Some(order) => Some(Scope::Order(order.id.clone())),
            None => Some(payment.provider.clone().map_or(Scope::Whole, Scope::Provider)),
        }
    }

    /// The payments by what they are for, the narrowest first, and what is for nothing.
    fn pools(&self, starts: NaiveDate, payments: &[&Payment], cells: &[Cell]) -> (Vec<Pool>, i128) {
        let mut pools: Vec<Pool> = Vec::new();
        let mut unmatched = 0;
        for payment in payments {
            let is_planned = |scope: &Scope| *scope == Scope::Whole || cells.iter().any(|cell| self.has(scope, cell));
            match self.scope_of(payment).filter(is_planned) {
                None => unmatched += payment.pence,
                Some(scope) => {
                    let at = pools.iter().position(|pool| pool.scope == scope).unwrap_or_else(|| {
                        let own = (0..cells.len()).filter(|at| self.has(&scope, &cells[*at])).collect();
                        pools.push(Pool { scope, own, payments: Vec::new(), wallet: 0, fills: BTreeMap::new() });
                        pools.len() - 1
                    });
                    pools[at].payments.push((payment.posted_on.max(starts), payment.pence));
                }
            }
        }
        pools.sort_by_key(|pool| match &pool.scope {
            Scope::Arrangement(id) => (0, id.clone()),
            Scope::Order(id) => (1, id.clone()),
            Scope::Provider(id) => (2, id.clone()),
            Scope::Whole => (3, String::new()),
        });
        (pools, unmatched)
    }
}

struct Pool {
    scope: Scope,
    /// The cells it may pay.
    own: Vec<usize>,
    payments: Vec<(NaiveDate, i128)>,
    wallet: i128,
    fills: BTreeMap<usize, i128>,
}

/// Lets every pool take back and fill with what was posted before a day. A penny goes where the penny before it would have gone.
fn settle(pools: &mut [Pool], cells: &mut [Cell], before: NaiveDate) {
    for pool in pools.iter_mut() {
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut pool.payments).into_iter().partition(|(posted_on, _)| *posted_on < before);
        pool.payments = later;
        pool.wallet += now.into_iter().map(|(_, pence)| pence).sum::<i128>();
    }
    for pool in pools.iter_mut() {
        for at in (0..cells.len()).rev() {
            let back = (-pool.wallet).max(0).min(pool.fills.get(&at).copied().unwrap_or_default());
            if back > 0 {
                *pool.fills.get_mut(&at).expect("filled") -= back;
                pool.wallet += back;
                cells[at].paid -= back;
                cells[at].released += if cells[at].is_released { back } else { 0 };
            }
        }
    }
    for pool in pools.iter_mut() {
        for at in &pool.own {
            let paid = pool.wallet.max(0).min(cells[*at].open());
            if paid > 0 {
                *pool.fills.entry(*at).or_default() += paid;
                pool.wallet -= paid;
                cells[*at].paid += paid;
            }
        }
    }
}

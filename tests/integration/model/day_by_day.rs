//! What one budget line's account should say, worked out slowly, a day at a time, from the rules as `domain::commitments` words them. It
//! shares no code with the program, but it does share that wording: a rule that is wrong there is wrong here too.

use super::costs::{Bought, Days, Terms, bought_in, pence_of_day, stretch, year_after, year_start};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// The first and the last day that is looked at; a line without an end goes on beyond it.
const HORIZON: (&str, &str) = ("2022-04-01", "2025-03-31");

/// What a payment was said to be for, or which cells a release is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Whole,
    Provider(String),
    Arrangement(String),
}

/// Something that was recorded. Lines are numbered by the test; arrangements and payments go by the ids that the API gave them.
#[derive(Debug, Clone)]
pub enum Event {
    Start {
        arrangement: String,
        line: usize,
        from: NaiveDate,
        to: Option<NaiveDate>,
        terms: Terms,
    },
    /// From a day, and until another if one is given, `middle` takes the line's place, or nothing does; `after` goes on with its terms.
    Vary {
        arrangement: String,
        line: usize,
        from: NaiveDate,
        to: Option<NaiveDate>,
        middle: Option<(usize, Terms)>,
        after: usize,
    },
    Extend {
        arrangement: String,
        line: usize,
        to: NaiveDate,
    },
    Reverse {
        arrangement: String,
        line: usize,
    },
    Pay {
        id: String,
        posted_on: NaiveDate,
        pence: i128,
        provider: Option<String>,
    },
    /// The id of the payment taken back, and of the entry that does.
    TakeBack {
        id: String,
        by: String,
    },
    /// None: it is for no package.
    Match {
        payment: String,
        arrangement: Option<String>,
    },
    Unmatch {
        payment: String,
    },
    Release {
        id: usize,
        scope: Scope,
        up_to: NaiveDate,
    },
    Unrelease {
        id: usize,
    },
    /// The financial year that starts on this day is closed; what is open in it, as known on any day after, is carried forward.
    Close {
        starts: NaiveDate,
    },
}

/// What is known of one budget line: its events with the days they were recorded on.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub events: Vec<(NaiveDate, Event)>,
}

#[derive(Debug, Clone)]
struct Payment {
    id: String,
    /// The first day of the financial year it counts in.
    starts: NaiveDate,
    posted_on: NaiveDate,
    pence: i128,
    provider: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) arrangements: BTreeMap<String, Days>,
    payments: Vec<Payment>,
    matches: BTreeMap<String, Option<String>>,
    releases: BTreeMap<usize, (Scope, NaiveDate)>,
    closed: Option<NaiveDate>,
}

/// A part of the plan: one arrangement, one provider, days of one week and one month.
#[derive(Debug, Clone)]
pub struct Cell {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub arrangement: String,
    pub provider: Option<String>,
    pub planned: i128,
    pub paid: i128,
    pub released: i128,
    is_released: bool,
}

impl Cell {
    pub fn open(&self) -> i128 {
        self.planned - self.paid - self.released
    }
}

/// What the program should say of one year.
#[derive(Debug)]
pub struct Expected {
    /// By month of the financial year, April first.
    pub actual: [i128; 12],
    pub committed: [i128; 12],
    pub overpaid: i128,
    pub credit: i128,
    pub unmatched: i128,
    pub cells: Vec<Cell>,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn days_between(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take_while(move |one| *one < to)
}

fn horizon_end() -> NaiveDate {
    day(HORIZON.1).succ_opt().expect("a day")
}

impl History {
    pub(super) fn known_on(&self, known_on: NaiveDate) -> Known {
        let mut known = Known::default();
        for (_, event) in self.events.iter().filter(|(recorded_on, _)| *recorded_on <= known_on) {
            known.take(event);
        }
        known
    }

    /// What is to be said of the financial year that starts on a day, as known on another.
    pub fn expected(&self, starts: NaiveDate, known_on: NaiveDate) -> Expected {
        self.known_on(known_on).expected(starts)
    }
}

impl Known {
    fn take(&mut self, event: &Event) {
        match event.clone() {
            Event::Start { arrangement, line, from, to, terms } => {
                let to = to.unwrap_or_else(horizon_end).min(horizon_end());
                let days = self.arrangements.entry(arrangement).or_default();
                days.extend(days_between(from, to).map(|one| (one, (line, terms.clone()))));
            }
            Event::Vary { arrangement, line, from, to, middle, after } => {
                let days = self.arrangements.get_mut(&arrangement).expect("started");
                let mine: Vec<NaiveDate> = days.iter().filter(|(one, (of, _))| *of == line && **one >= from).map(|(one, _)| *one).collect();
                for one in mine {
                    let is_after = to.is_some_and(|to| one >= to);
                    match (&middle, is_after) {
                        (_, true) => drop(days.entry(one).and_modify(|(of, _)| *of = after)),
                        (Some((number, terms)), false) => drop(days.insert(one, (*number, terms.clone()))),
                        (None, false) => drop(days.remove(&one)),
                    }
                }
            }
            Event::Extend { arrangement, line, to } => {
                let days = self.arrangements.get_mut(&arrangement).expect("started");
                let (last, terms) =
                    days.iter().rev().find(|(_, (of, _))| *of == line).map(|(one, (_, terms))| (*one, terms.clone())).expect("in force");
                let next = last.succ_opt().expect("a day");
                days.extend(days_between(next, to.min(horizon_end())).map(|one| (one, (line, terms.clone()))));
            }
            Event::Reverse { arrangement, line } => {
                self.arrangements.get_mut(&arrangement).expect("started").retain(|_, (of, _)| *of != line);
            }
            Event::Pay { id, posted_on, pence, provider } => {
                let starts = self.open_year(year_start(posted_on));
                self.payments.push(Payment { id, starts, posted_on, pence, provider });
            }
            Event::TakeBack { id, by } => {
                let taken_back = self.payments.iter().find(|payment| payment.id == id).cloned().expect("paid");
                if let Some(matched) = self.matches.get(&id).cloned() {
                    self.matches.insert(by.clone(), matched);
                }
                let starts = self.open_year(taken_back.starts);
                self.payments.push(Payment { id: by, starts, pence: -taken_back.pence, ..taken_back });
            }
            Event::Match { payment, arrangement } => drop(self.matches.insert(payment, arrangement)),
            Event::Unmatch { payment } => drop(self.matches.remove(&payment)),
            Event::Release { id, scope, up_to } => drop(self.releases.insert(id, (scope, up_to))),
            Event::Unrelease { id } => drop(self.releases.remove(&id)),
            Event::Close { starts } => self.closed = Some(starts),
        }
    }

    /// The year itself, or the next if it is closed.
    fn open_year(&self, starts: NaiveDate) -> NaiveDate {
        if self.closed == Some(starts) { year_after(starts) } else { starts }
    }

    pub(super) fn expected(&self, starts: NaiveDate) -> Expected {
        let mut expected = self.settled(starts);
        if self.closed == Some(starts) {
            for cell in &mut expected.cells {
                expected.committed[month_of(cell.from)] -= cell.open();
                cell.released += cell.open();
            }
        }
        expected
    }

    /// What a closed year leaves open is in the next, by arrangement and provider: what it would say if it were not closed.
    fn carried(&self, into: NaiveDate) -> BTreeMap<(String, Option<String>), i128> {
        let mut carried = BTreeMap::new();
        let Some(from) = self.closed.filter(|closed| year_after(*closed) == into) else { return carried };
        for cell in self.settled(from).cells {
            *carried.entry((cell.arrangement.clone(), cell.provider.clone())).or_default() += cell.open();
        }
        carried.retain(|_, open| *open > 0);
        carried
    }

    fn settled(&self, starts: NaiveDate) -> Expected {
        let ends = year_after(starts);
        let releases: Vec<_> = self.releases.values().filter(|(_, up_to)| starts < *up_to && *up_to <= ends).cloned().collect();
        let mut cells = self.cells(starts, &releases.iter().map(|(_, up_to)| *up_to).collect());
        let payments: Vec<&Payment> = self.payments.iter().filter(|payment| payment.starts == starts).collect();
        let mut actual = [0; 12];
        for payment in &payments {
            actual[month_of(payment.posted_on.max(starts))] += payment.pence;
        }
        let (mut pools, unmatched) = self.pools(starts, &payments, &cells);
        let mut boundaries: Vec<NaiveDate> = releases.iter().map(|(_, up_to)| *up_to).collect();
        boundaries.sort();
        boundaries.dedup();
        for boundary in boundaries {
            settle(&mut pools, &mut cells, boundary);
            for (scope, _) in releases.iter().filter(|(_, up_to)| *up_to == boundary) {
                for cell in cells.iter_mut().filter(|cell| cell.to <= boundary && scope.has(cell)) {
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

    fn cells(&self, starts: NaiveDate, cuts: &BTreeSet<NaiveDate>) -> Vec<Cell> {
        let mut cells: BTreeMap<(NaiveDate, String, Option<String>), Cell> = BTreeMap::new();
        for (arrangement, days) in &self.arrangements {
            for (one, Bought { terms, first }) in &bought_in(days, starts) {
                let pence = pence_of_day(terms, *first, *one);
                let (from, to) = stretch(*one, cuts);
                let key = (from, arrangement.clone(), terms.provider.clone());
                let fresh = Cell {
                    from,
                    to,
                    arrangement: arrangement.clone(),
                    provider: terms.provider.clone(),
                    planned: 0,
                    paid: 0,
                    released: 0,
                    is_released: false,
                };
                cells.entry(key).or_insert(fresh).planned += pence;
            }
        }
        let carried = self.carried(starts).into_iter().map(|((arrangement, provider), planned)| Cell {
            from: starts,
            to: starts,
            arrangement,
            provider,
            planned,
            paid: 0,
            released: 0,
            is_released: false,
        });
        carried.chain(cells.into_values().filter(|cell| cell.planned > 0)).collect()
    }

    /// The payments by what they are for, the narrowest first, and what is for nothing.
    fn pools(&self, starts: NaiveDate, payments: &[&Payment], cells: &[Cell]) -> (Vec<Pool>, i128) {
        let mut pools: Vec<Pool> = Vec::new();
        let mut unmatched = 0;
        for payment in payments {
            let scope = match (self.matches.get(&payment.id), &payment.provider) {
                (Some(Some(arrangement)), _) => Some(Scope::Arrangement(arrangement.clone())),
                (Some(None), _) => None,
                (None, Some(provider)) => Some(Scope::Provider(provider.clone())),
                (None, None) => Some(Scope::Whole),
            };
            match scope.filter(|scope| *scope == Scope::Whole || cells.iter().any(|cell| scope.has(cell))) {
                None => unmatched += payment.pence,
                Some(scope) => {
                    let at = pools.iter().position(|pool| pool.scope == scope).unwrap_or_else(|| {
                        pools.push(Pool { scope, payments: Vec::new(), wallet: 0, fills: BTreeMap::new() });
                        pools.len() - 1
                    });
                    pools[at].payments.push((payment.posted_on.max(starts), payment.pence));
                }
            }
        }
        pools.sort_by_key(|pool| match &pool.scope {
            Scope::Arrangement(id) => (0, id.clone()),
            Scope::Provider(id) => (1, id.clone()),
            Scope::Whole => (2, String::new()),
        });
        (pools, unmatched)
    }
}

impl Scope {
    fn has(&self, cell: &Cell) -> bool {
        match self {
            Scope::Whole => true,
            Scope::Provider(id) => cell.provider.as_ref() == Some(id),
            Scope::Arrangement(id) => cell.arrangement == *id,
        }
    }
}

struct Pool {
    scope: Scope,
    payments: Vec<(NaiveDate, i128)>,
    wallet: i128,
    fills: BTreeMap<usize, i128>,
}

/// Lets every pool take back and fill with what was posted before a day. A penny goes where the penny before it would have gone.
fn settle(pools: &mut [Pool], cells: &mut [Cell], before: NaiveDate) {
    for pool in pools.iter_mut() {
        let (now, later) = std::mem::take(&mut pool.payments).into_iter().partition(|(posted_on, _)| *posted_on < before);
        pool.payments = later;
        pool.wallet += Vec::<(NaiveDate, i128)>::into_iter(now).map(|(_, pence)| pence).sum::<i128>();
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
        for (at, cell) in cells.iter_mut().enumerate() {
            let paid = if pool.scope.has(cell) { pool.wallet.max(0).min(cell.open()) } else { 0 };
            if paid > 0 {
                *pool.fills.entry(at).or_default() += paid;
                pool.wallet -= paid;
                cell.paid += paid;
            }
        }
    }
}

/// 0 is April.
pub(super) fn month_of(one: NaiveDate) -> usize {
    (one.month0() as usize + 9) % 12
}

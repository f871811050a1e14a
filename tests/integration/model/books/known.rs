//! What is known of an account by the end of a day.

use super::RELEASES_LEAVE_LATER_CARRIED;
use super::carried::Difference;
use super::costs::{Days, Terms, days_between, year_after, year_start};
use super::history::{Event, History, Part, Scope, Side, day};
use super::receivables::Bills;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The first day that is no longer looked at; a line without an end goes on beyond it.
const HORIZON: &str = "2026-04-01";

#[derive(Debug, Clone)]
pub struct Payment {
    pub id: String,
    pub side: Side,
    /// The first day of the financial year it counts in.
    pub starts: NaiveDate,
    pub posted_on: NaiveDate,
    pub pence: i128,
    pub provider: Option<String>,
    pub order: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub number: String,
    pub arrangements: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Grant {
    pub provider: String,
    pub parts: Vec<(NaiveDate, NaiveDate, i128)>,
    pub is_reversed: bool,
}

#[derive(Debug, Clone)]
pub struct Share {
    pub id: String,
    pub arrangement: String,
    pub funder: String,
    pub part: Part,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub terms: Terms,
    pub replaces: Option<String>,
    pub percent: i128,
}

#[derive(Debug, Clone)]
pub struct Release {
    pub side: Side,
    pub scope: Scope,
    pub up_to: NaiveDate,
    /// Its place among all events.
    pub number: usize,
}

#[derive(Debug, Default)]
pub struct Known {
    pub arrangements: BTreeMap<String, Days>,
    /// Lines that a correction made, and lines that one took back.
    pub corrections: BTreeSet<usize>,
    pub corrected: BTreeSet<usize>,
    pub payments: Vec<Payment>,
    pub matches: BTreeMap<String, Option<String>>,
    pub orders: Vec<Order>,
    pub grants: BTreeMap<String, Grant>,
    /// Those that stand, in the order recorded.
    pub shares: Vec<Share>,
    pub bills: Bills,
    pub requests: BTreeMap<String, Asked>,
    pub releases: BTreeMap<usize, Release>,
    pub closed: BTreeSet<NaiveDate>,
    /// How what is carried out of closed years came about.
    pub differences: Vec<Difference>,
}

impl History {
    pub fn known_on(&self, known_on: NaiveDate) -> Known {
        let mut known = Known::default();
        for (number, (_, event)) in self.events.iter().enumerate().filter(|(_, (recorded_on, _))| *recorded_on <= known_on) {
            known.take(event, number);
            if RELEASES_LEAVE_LATER_CARRIED {
                known.note_carried(number);
            }
        }
        known
    }
}

/// A line's last day or the horizon's, whichever comes first.
fn end(to: Option<NaiveDate>) -> NaiveDate {
    to.unwrap_or_else(|| day(HORIZON)).min(day(HORIZON))
}

impl Known {
    fn take(&mut self, event: &Event, number: usize) {
        match event.clone() {
            Event::Pay { id, side, posted_on, pence, provider, order } => {
                let starts = self.open_year(year_start(posted_on));
                self.payments.push(Payment { id, side, starts, posted_on, pence, provider, order });
            }
            Event::TakeBack { id, by } => self.take_back(&id, by),
            Event::Match { payment, arrangement } => drop(self.matches.insert(payment, arrangement)),
            Event::Unmatch { payment } => drop(self.matches.remove(&payment)),
            Event::Order { id, number, arrangements } => self.orders.push(Order { id, number, arrangements }),
            Event::Grant { id, provider, parts } => drop(self.grants.insert(id, Grant { provider, parts, is_reversed: false })),
            Event::Ungrant { id } => self.grants.get_mut(&id).expect("awarded").is_reversed = true,
            Event::Share { id, arrangement, funder, part, from, to } => {
                self.shares.push(Share { id, arrangement, funder, part, from, to });
            }
            Event::EndShare { id, to } => self.shares.iter_mut().filter(|share| share.id == id).for_each(|share| share.to = Some(to)),
            Event::Unshare { id } => self.shares.retain(|share| share.id != id),
            Event::Bill { id, on, lines } => {
                self.bills.invoiced.insert(id, (on, lines.iter().map(|(.., pence)| pence).sum()));
            }
            Event::Credit { bill, on, pence, conceded } => {
                self.bills.credited.push((bill, on, pence));
                self.bills.conceded.extend(conceded);
            }
            Event::Receive { id, bill, on, pence } => drop(self.bills.received.insert(id, (bill, on, pence))),
            Event::Unreceive { id } => drop(self.bills.received.remove(&id)),
            Event::Ask { request, from, to, terms, replaces } => {
                drop(self.requests.insert(request, Asked { from, to: end(to), terms, replaces, percent: 0 }));
            }
            Event::Weigh { request, percent } => self.requests.get_mut(&request).expect("asked for").percent = percent,
            Event::Release { id, side, scope, up_to } => drop(self.releases.insert(id, Release { side, scope, up_to, number })),
            Event::Unrelease { id } => drop(self.releases.remove(&id)),
            Event::Close { starts } => drop(self.closed.insert(starts)),
            line => self.take_line(line),
        }
    }

    fn take_line(&mut self, event: Event) {
        match event {
            Event::Start { arrangement, line, from, to, terms } => self.put(&arrangement, line, (from, end(to)), &terms),
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
                let days = &self.arrangements[&arrangement];
                let last = days.iter().rev().find(|(_, (of, _))| *of == line);
                let (next, terms) = last.map(|(one, (_, terms))| (one.succ_opt().expect("a day"), terms.clone())).expect("in force");
                self.put(&arrangement, line, (next, end(Some(to))), &terms);
            }
            Event::Reverse { arrangement, line } => self.drop_line(&arrangement, line),
            Event::Correct { arrangement, line, right, from, to, terms } => {
                self.drop_line(&arrangement, line);
                self.put(&arrangement, right, (from, end(to)), &terms);
                self.corrected.insert(line);
                self.corrections.insert(right);
            }
            other => panic!("{other:?} is no event of a line"),
        }
    }

    fn put(&mut self, arrangement: &str, line: usize, (from, to): (NaiveDate, NaiveDate), terms: &Terms) {
        let days = self.arrangements.entry(arrangement.to_owned()).or_default();
        days.extend(days_between(from, to).map(|one| (one, (line, terms.clone()))));
    }

    fn drop_line(&mut self, arrangement: &str, line: usize) {
        self.arrangements.get_mut(arrangement).expect("started").retain(|_, (of, _)| *of != line);
    }

    /// What takes a payment back goes where that went.
    fn take_back(&mut self, id: &str, by: String) {
        let taken_back = self.payments.iter().find(|payment| payment.id == id).cloned().expect("paid");
        if let Some(matched) = self.matches.get(id).cloned() {
            self.matches.insert(by.clone(), matched);
        }
        let starts = self.open_year(taken_back.starts);
        self.payments.push(Payment { id: by, starts, pence: -taken_back.pence, ..taken_back });
    }

    /// The year itself, or the first after it that is not closed.
    fn open_year(&self, starts: NaiveDate) -> NaiveDate {
        let mut starts = starts;
        while self.closed.contains(&starts) {
            starts = year_after(starts);
        }
        starts
    }
}

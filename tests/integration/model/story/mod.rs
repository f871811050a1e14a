//! Two years and more of made-up events of one account: each is recorded over the API and noted for the model.

mod asking;
mod buying;
pub mod dice;
mod invoicing;
mod lines;
mod paying;
mod raising;
mod sharing;

use super::books::costs::Terms;
use super::books::{Event, History};
use crate::support::people::{Person, id_of};
use crate::support::{Client, TestApp, next_number};
use chrono::NaiveDate;
use dice::Dice;
use domain::FinancialYear;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The first day that anything is posted: no year before it is open.
const FIRST_POSTED: &str = "2023-04-01";

/// More than any story spends.
const AMPLE_PENCE: i64 = 9_000_000_000;

/// Those who record.
pub struct Callers {
    pub officer: Client,
    /// In a post that may agree any amount.
    pub director: Client,
    /// Writes requests.
    pub worker: Person,
    /// Authorises assessments.
    pub manager: Client,
    /// The panel that requests are booked for.
    pub panel: String,
}

/// A line as it stands.
#[derive(Debug, Clone)]
struct Line {
    number: usize,
    id: String,
    arrangement: String,
    service: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    terms: Terms,
}

#[derive(Debug, Clone)]
struct Paid {
    id: String,
    year: FinancialYear,
    match_id: Option<String>,
    is_income: bool,
}

#[derive(Debug, Clone)]
struct Request {
    id: String,
    state: &'static str,
}

/// A package, the budget line that pays it, and the one on which others pay a share of it.
pub struct Account {
    number: u64,
    pub budget_line: String,
    pub income_line: String,
    pub history: History,
    pub dice: Dice,
    pub package: String,
    child: String,
    /// The third is paid and never planned; the fourth is a voluntary group.
    providers: [String; 4],
    funders: [String; 2],
    lines: Vec<Line>,
    line_count: usize,
    payments: Vec<Paid>,
    releases: Vec<(usize, String, FinancialYear)>,
    release_count: usize,
    /// The number of the next order, which payments may carry before it is recorded, after those that were.
    order_numbers: Vec<String>,
    ordered: BTreeSet<String>,
    grants: Vec<String>,
    shares: Vec<(String, NaiveDate)>,
    /// Months that were invoiced under a share.
    billed: BTreeSet<(String, NaiveDate)>,
    requests: Vec<Request>,
    /// Arrangements whose rates rose, and the year of the rise.
    raised: BTreeSet<(String, FinancialYear)>,
    closed: BTreeSet<FinancialYear>,
}

impl Account {
    /// `number` is its place among all accounts.
    pub async fn open(officer: &Client, years: &[&str], seed: u64, number: u64) -> Self {
        let own = next_number();
        let (budget_line, income_line) = (format!("line_{own}"), format!("income_{own}"));
        for (code, direction) in [(&budget_line, "expenditure"), (&income_line, "income")] {
            officer.record("/v1/budget-lines", &json!({ "code": code, "name": "A line", "direction": direction })).await;
        }
        for year in years {
            officer.moved(year, &budget_line, "original", AMPLE_PENCE).await;
        }
        let mut providers = Vec::new();
        for sector in ["private", "private", "private", "voluntary"] {
            providers.push(officer.provider(sector).await);
        }
        let funders = [officer.provider("other_public").await, officer.provider("other_public").await];
        let child = officer.child().await;
        let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
        Account {
            package: id_of(&officer.record("/v1/packages", &package).await),
            number,
            history: History::default(),
            dice: Dice(seed),
            child,
            providers: providers.try_into().unwrap(),
            funders,
            lines: Vec::new(),
            line_count: 0,
            payments: Vec::new(),
            releases: Vec::new(),
            release_count: 0,
            order_numbers: vec![next_order()],
            ordered: BTreeSet::new(),
            grants: Vec::new(),
            shares: Vec::new(),
            billed: BTreeSet::new(),
            requests: Vec::new(),
            raised: BTreeSet::new(),
            closed: BTreeSet::new(),
            budget_line,
            income_line,
        }
    }

    /// One event, or a few, of the day.
    pub async fn act(&mut self, app: &TestApp, callers: &Callers, today: NaiveDate) {
        match self.dice.between(0, 21) {
            0..=3 if self.arrangement_count() < 3 => self.start(callers, today).await,
            0..=5 if !self.lines.is_empty() => self.vary(callers, today).await,
            6..=9 => self.pay(app, today),
            10 if !self.payments.is_empty() => self.take_back(callers, today).await,
            11 if !self.payments.is_empty() => self.match_or_unmatch(callers, today).await,
            12 => self.release_or_not(callers, today).await,
            13 => self.order(callers, today).await,
            14 => self.grant_or_not(callers, today).await,
            15 | 16 => self.share_or_not(callers, today).await,
            17 => self.raise(callers, today).await,
            20 | 21 => self.invoice_or_go_on(callers, today).await,
            18 | 19 => self.ask_or_go_on(callers, today).await,
            _ => {}
        }
    }

    /// Notes that a year was closed.
    pub fn close(&mut self, today: NaiveDate, year: FinancialYear) {
        self.closed.insert(year);
        // What was released in it stays so.
        self.releases.retain(|(_, _, of)| *of != year);
        self.note(today, Event::Close { starts: year.starts_on() });
    }

    /// Which account it is, and all that happened to it.
    pub fn said(&self) -> String {
        let events = self.history.events.iter().map(|(on, event)| format!("\n{on} {event:?}")).collect::<String>();
        format!("account {} with {} and {}: {events}\n", self.number, self.budget_line, self.income_line)
    }

    fn note(&mut self, today: NaiveDate, event: Event) {
        self.history.events.push((today, event));
    }

    fn arrangement_count(&self) -> usize {
        self.history.events.iter().filter(|(_, event)| matches!(event, Event::Start { .. })).count()
    }

    fn next_line(&mut self) -> usize {
        self.line_count += 1;
        self.line_count
    }

    /// One of the providers that lines and grants are planned with, or none.
    fn planned_provider(&mut self) -> Option<String> {
        if self.dice.one_in(4) {
            return None;
        }
        let at = *self.dice.pick(&[0, 0, 1, 1, 3]);
        Some(self.providers[at].clone())
    }
}

/// The number of a purchase order.
fn next_order() -> String {
    format!("PO-{:06}", next_number())
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_else(|| panic!("no {field} in {record}")).to_owned()
}

fn whole(number: i128) -> i64 {
    i64::try_from(number).unwrap()
}

//! What happened to one account, as a list of events, and what is asked of it.

use super::costs::Terms;
use super::receivables::BillLine;
use chrono::NaiveDate;

/// What a package costs, and what others pay of it: each is a budget line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Cost,
    Income,
}

/// What payments are for, or which cells a release is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Whole,
    Provider(String),
    Order(String),
    Arrangement(String),
}

/// What another body pays of an arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// In ten-thousandths of a per cent.
    Percentage(i128),
    /// An amount, so often, as a line of its own would cost it.
    Amount(Terms),
}

/// Something that was recorded. Lines are numbered by the test; everything else goes by the ids that the API gave it. Money is positive
/// where it pays what is planned, on the side of income too.
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
    /// The line was wrong from its start; another stands in its place.
    Correct {
        arrangement: String,
        line: usize,
        right: usize,
        from: NaiveDate,
        to: Option<NaiveDate>,
        terms: Terms,
    },
    Pay {
        id: String,
        side: Side,
        posted_on: NaiveDate,
        pence: i128,
        provider: Option<String>,
        /// The number of the purchase order that it carries.
        order: Option<String>,
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
    Order {
        id: String,
        number: String,
        arrangements: Vec<String>,
    },
    /// Each part is an amount that is spread evenly over its days.
    Grant {
        id: String,
        provider: String,
        parts: Vec<(NaiveDate, NaiveDate, i128)>,
    },
    Ungrant {
        id: String,
    },
    Share {
        id: String,
        arrangement: String,
        funder: String,
        part: Part,
        from: NaiveDate,
        to: Option<NaiveDate>,
    },
    EndShare {
        id: String,
        to: NaiveDate,
    },
    Unshare {
        id: String,
    },
    Bill {
        id: String,
        on: NaiveDate,
        lines: Vec<BillLine>,
    },
    Credit {
        bill: String,
        on: NaiveDate,
        pence: i128,
        /// What of it is said not to come at all.
        conceded: Vec<BillLine>,
    },
    Receive {
        id: String,
        bill: String,
        on: NaiveDate,
        pence: i128,
    },
    Unreceive {
        id: String,
    },
    Ask {
        request: String,
        from: NaiveDate,
        to: Option<NaiveDate>,
        terms: Terms,
        /// The arrangement that it would take the place of.
        replaces: Option<String>,
    },
    /// How much of what a request asks for is forecast, in per cent.
    Weigh {
        request: String,
        percent: i128,
    },
    Release {
        id: usize,
        side: Side,
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

/// What is known of one account: its events with the days they were recorded on.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub events: Vec<(NaiveDate, Event)>,
}

/// A part of the plan: one arrangement or grant, one provider, days of one week and one month.
#[derive(Debug, Clone)]
pub struct Cell {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub owner: String,
    pub provider: Option<String>,
    pub planned: i128,
    pub paid: i128,
    pub released: i128,
    pub is_released: bool,
    /// Of what was carried into the year the number of the event that carried it.
    pub carried_by: Option<usize>,
}

impl Cell {
    pub fn open(&self) -> i128 {
        self.planned - self.paid - self.released
    }
}

/// What the program should say of one year and side.
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

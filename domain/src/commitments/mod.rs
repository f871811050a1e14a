//! Commitments: what is planned for a financial year and budget line, what payments have settled of it, and what is still open.
//!
//! **Cells.** What is planned is cut into cells: one arrangement (a package line and the lines that carry it on after variations) or
//! grant, one provider, and a stretch of days that lies in one ISO week (Monday first) and one calendar month. A cell's plan is
//! the sum of `CostingPolicy::cost_between` over the owner's lines with that provider; a grant is spread over its period. On an income
//! line a cell's owner is the arrangement that another body pays a share of, its provider that body, and its plan the share. Its days are
//! those of the stretch, also where a line starts or ends inside it. Only cells with more than nothing planned are kept; a reversed line
//! has none. Of an arrangement that is paid to a family through an account, nothing is planned for days that a pause or the account's
//! closure leaves unpaid. What was carried forward into the year is a cell of its own for each owner and provider, on the year's first day and in
//! period 1, counted before all others. Cells are also cut at the days up to which something was released.
//!
//! **Order.** Cells are settled by (carried first, first day, owner's id, provider), an owner without a provider first.
//!
//! **Where a payment goes.** What a receipt says that it paid of an invoice goes to the days of that invoice, in whichever year it arrives: to
//! its arrangements' cells of those days with its funder, and to what was carried forward where the days are before the year. Otherwise a
//! payment goes to the arrangement it was matched to, or to none if it was said to be for no package; else to the
//! arrangements of the purchase order whose number it carries; else to what its provider is planned to be paid; else, if it names no
//! provider, to the whole budget line. A payment whose arrangement, order or provider has no cells in the year and budget line is
//! *unmatched*: it settles nothing, and is listed. All payments of one such target are a *pool* with a wallet.
//!
//! **Settling.** The days up to which something was released divide the year; they are clipped to it, and its end comes last. For each
//! of them the payments posted before it enter their pools' wallets, one posted before the year (its own year was closed) on the year's
//! first day. Then pools with less than nothing in the wallet take back from what they filled themselves, the latest cell first; pools
//! with something in it fill the open cells of their scope, the earliest first. The narrowest pools go first: arrangements, orders,
//! providers, the budget line, each by id; invoices before all of them. Last, what is open of the released days' cells is released. Released stays released: what
//! is taken back from such a cell later is not open again. A release takes what was carried forward before it was recorded: what is carried
//! again after it is a cell of its own, and stays open. A release may also be of what was carried forward alone.
//!
//! So for each cell, planned = paid + released + open, none of them negative; for each pool, its payments = its fills + what is left in
//! the wallet; and a week is never both paid and open. What is left in a wallet is overpaid, or, if it is negative, a credit.
//!
//! **A closed year** has no open commitment: what was open when it was closed is carried forward by records of its own, and counts as
//! released here. When something dated in it changes after, a further record carries what the change makes more open in it, or less. A year that has ended and is not closed keeps its open commitments: bills still come.
//!
//! **Unconfirmed.** What package lines plan that nobody with the authority has agreed is planned, settled and open like all else, and is told
//! apart: of what is open of a cell, up to as much as they plan in it. A share of health's is told apart for each month in which a line
//! that it is for is unconfirmed. What was carried forward is told as that, and grants are agreed where they are recorded.
//!
//! **Signs.** Payments come as the ledger has them, income negative. Inside, and in every result but [`Settlement::months`], the sign of
//! an income line is turned, so that plans and payments are positive on every line.

mod carried_forward;
mod cells;
mod forgone;
#[cfg(test)]
mod income_tests;
mod known;
#[cfg(test)]
mod known_tests;
mod movement;
mod pending;
#[cfg(test)]
mod pending_tests;
#[cfg(test)]
mod properties;
mod recorded;
mod recorded_invoices;
pub mod releases;
mod settle;
#[cfg(test)]
mod tests;
mod unrecorded_orders;

pub use cells::by_month;
pub use known::{Known, PlansByOwner, unpaid_days};
pub use movement::{Cause, KnownLine, Moved, arrangement_movement, single_movement};
pub use pending::{AskedLine, LinesOf, Replaced, counted, planned_in_year, weighed_by_month, weighed_in_year};
pub use recorded::{
    AwardPart, Entry, FundingVersion, LineVersion, OrderedArrangement, Recorded, RecordedAccountStep, RecordedCarryForward, RecordedMatch,
    RecordedOrder, RecordedRelease,
};
pub use recorded_invoices::{RecordedCredit, RecordedInvoiceLine, RecordedReceipt};
pub use settle::{MonthOutturn, Pool, Settlement, Target, Unmatched, UnmatchedPayment};
pub use unrecorded_orders::{Unrecorded, UnrecordedOrder, unrecorded_orders};

use crate::costing::{CannotCost, Line};
use crate::money::TooLarge;
use crate::{Direction, FinancialYear, Pence, Period};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a cell is planned for. Owners sort by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner<'a> {
    /// Of an arrangement the `line_id` of its first line; of a grant its own id.
    pub id: &'a str,
    /// Which of them.
    pub kind: OwnerKind,
}

/// What may own cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommitmentOwner)]
pub enum OwnerKind {
    /// A package line and the lines that carry it on.
    Arrangement,
    /// A grant to a voluntary group.
    Grant,
}

impl OwnerKind {
    /// The word in columns and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            OwnerKind::Arrangement => "arrangement",
            OwnerKind::Grant => "grant",
        }
    }
}

/// One thing planned: a line version that stands, an award, an instalment, a month's share. What several of them plan for one owner,
/// provider and stretch of days makes one cell, so an award and its reversal cancel out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned<'a> {
    /// What it is planned for.
    pub owner: Owner<'a>,
    /// Who is to be paid; none, nobody is named.
    pub provider: Option<&'a str>,
    /// How it falls on days.
    pub plan: Plan,
    /// Whether it rests on a package line that nobody with the authority has agreed.
    pub is_unconfirmed: bool,
}

/// How a planned cost falls on days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// As a package line is costed.
    Line(Line),
    /// Days of a package line that are not paid: what they cost is taken off again.
    Rest {
        /// The line.
        line: Line,
        /// The first day that is not paid.
        from: NaiveDate,
        /// The first day that is paid again; none, no such day is known.
        to: Option<NaiveDate>,
    },
    /// An amount spread evenly over the days from `from` to the day before `to`. An instalment has one day.
    Spread {
        /// All of it; negative for a reversal.
        amount: Pence,
        /// The first day.
        from: NaiveDate,
        /// The first day after it.
        to: NaiveDate,
    },
}

/// What was carried forward into the year from one that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried<'a> {
    /// What it was planned for.
    pub owner: Owner<'a>,
    /// Who is to be paid.
    pub provider: Option<&'a str>,
    /// How much; positive on an income line too. Below nought where less turned out to be open than was carried before.
    pub amount: Pence,
    /// Its place among what was carried and released, in the order recorded.
    pub number: i64,
}

/// A record that what is not billed for the days before a day will not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release<'a> {
    /// Whose cells.
    pub scope: Scope<'a>,
    /// The first day that is not released.
    pub up_to: NaiveDate,
    /// Whether it is only about what was carried forward.
    pub only_carried: bool,
    /// Its place among what was carried and released, in the order recorded.
    pub number: i64,
}

/// Whose cells a release is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of the budget line.
    BudgetLine,
    /// One provider's.
    Provider(&'a str),
    /// One arrangement's.
    Arrangement(&'a str),
}

impl<'a> Scope<'a> {
    /// Whose cells a release is about that names a provider, an arrangement, or neither.
    pub fn of(provider: Option<&'a str>, arrangement: Option<&'a str>) -> Self {
        match (provider, arrangement) {
            (_, Some(arrangement)) => Scope::Arrangement(arrangement),
            (Some(provider), None) => Scope::Provider(provider),
            (None, None) => Scope::BudgetLine,
        }
    }
}

/// A ledger entry of the year and budget line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment<'a> {
    /// The entry.
    pub id: &'a str,
    /// The day the ledger has it on; before the year when its own year was closed.
    pub posted_on: NaiveDate,
    /// As the ledger has it: income negative.
    pub amount: Pence,
    /// The provider it names.
    pub provider: Option<&'a str>,
    /// What a finance officer says it is for: its last match that was not reversed. A reversal that has no match of its own is for
    /// what the entry it reverses is for.
    pub matched: Option<Match<'a>>,
    /// The purchase order whose number it carries; none, if no order has that number.
    pub order: Option<&'a str>,
    /// The invoice to a funder that a receipt says it paid.
    pub invoice: Option<&'a str>,
}

/// Days that an invoice asks a funder for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoicedDays<'a> {
    /// The arrangement, by its first line.
    pub arrangement: &'a str,
    /// The funder.
    pub provider: &'a str,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
}

impl InvoicedDays<'_> {
    /// Whether a cell of the year is planned for some of them.
    fn has(&self, cell: &Cell<'_>, year: FinancialYear) -> bool {
        let is_of_days = if cell.is_carried { self.from < year.starts_on() } else { self.from < cell.to && cell.from < self.to };
        is_of_days && (cell.owner.id, cell.provider) == (self.arrangement, Some(self.provider))
    }
}

/// What a payment was matched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match<'a> {
    /// An arrangement, by its first line.
    Arrangement(&'a str),
    /// It is not for a package.
    NotForAPackage,
}

/// A purchase order that an arrangement is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnOrder<'a> {
    /// The order.
    pub id: &'a str,
    /// The provider it was given to.
    pub provider: Option<&'a str>,
}

/// Purchase orders that stand, by the first line of the arrangement that is on them. One that goes from provider to provider is on several.
pub type OrdersByArrangement<'a> = BTreeMap<&'a str, Vec<OnOrder<'a>>>;

/// One financial year and budget line: everything known of its plans and payments. The order of the rows never matters.
#[derive(Debug, Clone)]
pub struct Book<'a> {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's direction.
    pub direction: Direction,
    /// Whether the year's closure is on record.
    pub is_closed: bool,
    /// Line versions that stand, awards and expected shares of this budget line; those without a day in the year plan nothing.
    pub plans: Vec<Planned<'a>>,
    /// What was carried forward into the year.
    pub carried: Vec<Carried<'a>>,
    /// The purchase orders that each arrangement is on: of all budget lines, so that books share it.
    pub orders: &'a OrdersByArrangement<'a>,
    /// What each invoice asks for that a payment is said to have paid.
    pub invoices: BTreeMap<&'a str, Vec<InvoicedDays<'a>>>,
    /// Unreversed releases of the year and budget line.
    pub releases: Vec<Release<'a>>,
    /// The ledger entries of the year and budget line.
    pub payments: Vec<Payment<'a>>,
}

/// A part of a commitment: one owner, one provider, one stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What it is planned for.
    pub owner: Owner<'a>,
    /// Who is to be paid.
    pub provider: Option<&'a str>,
    /// The first day of its stretch.
    pub from: NaiveDate,
    /// The first day after it; of what was carried forward, the same day: its days are before the year.
    pub to: NaiveDate,
    /// The month its days lie in.
    pub period: Period,
    /// Whether it was carried forward from a closed year.
    pub is_carried: bool,
    /// Of what was carried forward its place among what was carried and released; else nought.
    pub number: i64,
    /// What its days are planned to cost; more than nothing.
    pub planned: Pence,
    /// Of that, what rests on package lines that nobody with the authority has agreed.
    pub unconfirmed: Pence,
    /// What payments have settled of it.
    pub paid: Pence,
    /// What is committed no longer.
    pub released: Pence,
}

impl Cell<'_> {
    /// What is still to be paid.
    pub fn open(&self) -> Pence {
        // Never less than nothing: cells are filled and released up to what is open.
        Pence(self.planned.0 - self.paid.0 - self.released.0)
    }

    /// Of that, what rests on package lines that nobody with the authority has agreed: what is agreed is settled first.
    pub fn open_unconfirmed(&self) -> Pence {
        self.unconfirmed.clamp(Pence::ZERO, self.open())
    }

    /// The Monday of its week.
    pub fn week_starts_on(&self) -> NaiveDate {
        self.from - Days::new(u64::from(self.from.weekday().num_days_from_monday()))
    }
}

impl Payment<'_> {
    /// The month it counts in: that of its day, or the first when its day is before the year.
    pub fn period(&self, year: FinancialYear) -> Period {
        Period::of(self.counts_on(year))
    }

    /// Its day, clipped to the year.
    fn counts_on(&self, year: FinancialYear) -> NaiveDate {
        self.posted_on.clamp(year.starts_on(), year.ends_on())
    }
}

impl Book<'_> {
    /// One with nothing in it.
    pub fn empty<'a>(year: FinancialYear, direction: Direction, orders: &'a OrdersByArrangement<'a>) -> Book<'a> {
        Book {
            year,
            direction,
            is_closed: false,
            plans: Vec::new(),
            carried: Vec::new(),
            orders,
            invoices: BTreeMap::new(),
            releases: Vec::new(),
            payments: Vec::new(),
        }
    }
}

/// Turns an amount of an income line: from the ledger's sign to the one used here, and back.
pub fn turned(direction: Direction, amount: Pence) -> Pence {
    match direction {
        Direction::Expenditure => amount,
        // No record carries an amount whose negative does not exist; the saturation is for one that was put together elsewhere.
        Direction::Income => Pence(amount.0.saturating_neg()),
    }
}

/// Why commitments cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCommit {
    /// A line cannot be costed.
    #[error("what is planned for {owner} cannot be costed: {reason}")]
    Owner {
        /// Whose it is.
        owner: String,
        /// Why.
        reason: CannotCost,
    },
    /// The amounts of one year and budget line add up to more than can be kept.
    #[error("the plans and payments of one year and budget line are too large to be added up")]
    TooLarge,
}

impl From<TooLarge> for CannotCommit {
    fn from(_: TooLarge) -> Self {
        CannotCommit::TooLarge
    }
}

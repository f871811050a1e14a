//! What commitments follow from, as it was recorded: each row with the day on which it was. So the books of any earlier day can be
//! made from it, by [`Known`](super::Known).
//!
//! The store is not the only place to read it from: the warehouse keeps the same rows under pseudonyms. Ids are compared and ordered,
//! and nothing else is done with them.

use super::{Carried, Match, Owner, OwnerKind, RecordedCredit, RecordedInvoiceLine, RecordedReceipt, Release, Scope};
use crate::costing::Line;
use crate::direct_payments::{StandingStep, StepKind};
use crate::joint_funding::{Funding, FundingState};
use crate::{FinancialYear, LineState, Pence};
use chrono::NaiveDate;

/// Everything on record that commitments follow from, but for the ledger's entries.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// The versions of package lines, by line and version.
    pub versions: Vec<LineVersion>,
    /// Awards, by grant.
    pub awards: Vec<AwardPart>,
    /// The versions of funders' shares: by the order in which the share was first recorded, then by version.
    pub fundings: Vec<FundingVersion>,
    /// Purchase orders, by id.
    pub orders: Vec<RecordedOrder>,
    /// The arrangements that purchase orders are for.
    pub order_lines: Vec<OrderedArrangement>,
    /// What entries were said to be for, in the order recorded.
    pub matches: Vec<RecordedMatch>,
    /// Releases, without the rows that take one back.
    pub releases: Vec<RecordedRelease>,
    /// What was carried forward out of closed years.
    pub carried: Vec<RecordedCarryForward>,
    /// Closed years, each with the day on which its closure was recorded.
    pub closures: Vec<(FinancialYear, NaiveDate)>,
    /// Pauses, resumptions and closures of the accounts that pay families, by account in the order recorded, without the rows that take one
    /// back.
    pub account_steps: Vec<RecordedAccountStep>,
    /// Lines of invoices to funders.
    pub invoice_lines: Vec<RecordedInvoiceLine>,
    /// What credit notes take off them.
    pub credits: Vec<RecordedCredit>,
    /// What ledger entries brought of invoices.
    pub receipts: Vec<RecordedReceipt>,
}

/// A pause, a resumption or a closure of an account that pays a family, and until when it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAccountStep {
    /// The first line of the arrangement that the account pays.
    pub arrangement: String,
    /// Which of them.
    pub kind: StepKind,
    /// The first day it is about.
    pub on: NaiveDate,
    /// Of a pause the first day that is paid again.
    pub until: Option<NaiveDate>,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// The day on which it was taken back.
    pub reversed_on: Option<NaiveDate>,
}

impl RecordedAccountStep {
    /// What a closure means for a set-up line that the account pays: that is not paid from then on, while both steps stand. A pause does not
    /// touch it.
    pub fn of_set_up(self, line: &str, set_up: &RecordedAccountStep) -> Self {
        RecordedAccountStep {
            arrangement: line.to_owned(),
            recorded_on: self.recorded_on.max(set_up.recorded_on),
            reversed_on: [self.reversed_on, set_up.reversed_on].into_iter().flatten().min(),
            ..self
        }
    }

    /// As the account's days take it.
    pub(super) fn standing(&self) -> StandingStep {
        StandingStep { kind: self.kind, on: self.on, until: self.until }
    }
}

/// A version of a package line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineVersion {
    /// The line.
    pub line_id: String,
    /// 1, 2, 3 … of the line.
    pub version: i64,
    /// The first line of its arrangement.
    pub arrangement: String,
    /// What it says.
    pub state: LineState,
    /// Whether a variation of the kind `correction` made it.
    pub by_correction: bool,
    /// Since when somebody with the authority agreed it; none, nobody has.
    pub agreed_on: Option<NaiveDate>,
    /// The budget line that pays.
    pub budget_line: String,
    /// Who is to be paid.
    pub provider: Option<String>,
    /// What decides its cost.
    pub terms: Line,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// A part of an award: all of a grant, or one instalment; negative where a reversal takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardPart {
    /// The grant; of a reversal the one that it takes back.
    pub grant_id: String,
    /// Who is to be paid.
    pub provider: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// The first day over which it is spread.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// How much.
    pub amount: Pence,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// A version of a funder's share of an arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingVersion {
    /// The share.
    pub funding_id: String,
    /// 1, 2, 3 … of the share.
    pub version: i64,
    /// The first line of the arrangement.
    pub arrangement: String,
    /// Who pays it.
    pub provider: String,
    /// The line of income that it counts on.
    pub budget_line: String,
    /// What it says.
    pub state: FundingState,
    /// How much, from when to when.
    pub terms: Funding,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// A purchase order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOrder {
    /// The order.
    pub id: String,
    /// The number that entries name it by. A cancelled order may have had the same.
    pub number: String,
    /// The provider it was given to; none, a snapshot from before that was kept.
    pub provider: Option<String>,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
}

/// An arrangement that a purchase order is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedArrangement {
    /// The first line of the arrangement.
    pub arrangement: String,
    /// The order.
    pub order: String,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// What an entry was said to be for, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedMatch {
    /// The ledger entry.
    pub entry: String,
    /// The first line of the arrangement; none, it is not for a package.
    pub arrangement: Option<String>,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// The day on which it was taken back.
    pub reversed_on: Option<NaiveDate>,
}

/// A release of commitments, and until when it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRelease {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// Only this provider's commitments.
    pub provider: Option<String>,
    /// Only those of the arrangement with this first line.
    pub arrangement: Option<String>,
    /// The first day that is not released.
    pub up_to: NaiveDate,
    /// Whether it is only about what was carried forward.
    pub only_carried: bool,
    /// Its place in the order in which things were recorded.
    pub number: i64,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// The day on which it was taken back.
    pub reversed_on: Option<NaiveDate>,
}

/// What was carried forward out of a closed year, at the close or after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCarryForward {
    /// The closed year.
    pub from_year: FinancialYear,
    /// The year it stands in now.
    pub to_year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// Who is to be paid.
    pub provider: Option<String>,
    /// The arrangement's first line, or the grant.
    pub owner: String,
    /// Which of them.
    pub kind: OwnerKind,
    /// How much; below nought where less turned out to be open than was carried before.
    pub amount: Pence,
    /// Its place in the order in which things were recorded.
    pub number: i64,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

/// A ledger entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry.
    pub id: String,
    /// The day the finance system posted it.
    pub posted_on: NaiveDate,
    /// The budget line it counts against.
    pub budget_line: String,
    /// The provider it names.
    pub provider: Option<String>,
    /// The number of the purchase order that it carries.
    pub order: Option<String>,
    /// The entry that it reverses.
    pub reverses: Option<String>,
    /// As the ledger has it: income negative.
    pub amount: Pence,
    /// The day on which it was recorded.
    pub recorded_on: NaiveDate,
}

impl LineVersion {
    /// Whether nobody with the authority has agreed it by the end of a day.
    pub(super) fn is_unconfirmed(&self, day: NaiveDate) -> bool {
        self.agreed_on.is_none_or(|agreed_on| agreed_on > day)
    }

    /// Whether it is in force on one of these days.
    pub(super) fn counts_between(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.terms.valid_from < to && self.terms.valid_to.is_none_or(|ends| ends > from)
    }

    /// Whether it takes its line back.
    pub fn is_reversed(&self) -> bool {
        self.state == LineState::Reversed
    }
}

impl FundingVersion {
    /// Whether it takes its share back.
    pub fn is_reversed(&self) -> bool {
        self.state == FundingState::Reversed
    }
}

impl RecordedMatch {
    /// As a payment takes it.
    pub(super) fn matched(&self) -> Match<'_> {
        self.arrangement.as_deref().map_or(Match::NotForAPackage, Match::Arrangement)
    }
}

impl RecordedRelease {
    /// As the settlement takes it.
    pub(super) fn release(&self) -> Release<'_> {
        let scope = Scope::of(self.provider.as_deref(), self.arrangement.as_deref());
        Release { scope, up_to: self.up_to, only_carried: self.only_carried, number: self.number }
    }
}

impl RecordedCarryForward {
    /// As the settlement takes it.
    pub fn carried(&self) -> Carried<'_> {
        let owner = Owner { id: &self.owner, kind: self.kind };
        Carried { owner, provider: self.provider.as_deref(), amount: self.amount, number: self.number }
    }
}

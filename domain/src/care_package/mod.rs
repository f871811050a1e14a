//! The child's total care package: every line the child has, or will have, beside what is asked for now.
//!
//! Delegated authority is tested on this total, so it leaves no way to stay under a limit by dividing one need: lines in force,
//! lines agreed and not yet commissioned, and lines of other requests that wait for a decision all count. A package line counts beside
//! whatever is asked for, unless a line asked for says that it replaces it: so it is too when a request is heard again.
//!
//! The lines of an arrangement never run together, so one stands for all: the dearest line that still counts. A variation that is
//! proposed counts as an undecided request does.

mod counting;
#[cfg(test)]
mod tests;

use crate::authority::WeeklySupport;
use crate::costing::Line;
use crate::{Frequency, LineState, Pence, Quantity, RequestState, Unit};
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Why a line counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CarePackageOrigin)]
pub enum Origin {
    /// It is asked for now.
    ThisRequest,
    /// It is in force, or will be.
    Package,
    /// It was approved and is not commissioned yet.
    ApprovedRequest,
    /// Another request of the child's asks for it and is not decided.
    OtherRequest,
    /// A variation makes it, which is what is asked for now.
    ThisVariation,
    /// Another variation would make it, and is not agreed.
    OtherVariation,
    /// It is on record, and a post is about to confirm it.
    ThisLine,
}

impl Origin {
    /// Whether it is what is asked for now.
    pub fn is_asked(self) -> bool {
        matches!(self, Origin::ThisRequest | Origin::ThisVariation | Origin::ThisLine)
    }

    /// Why the lines of another request of the child's count; none, they do not: a draft asks for nothing yet, and what was refused or
    /// taken back is gone. Under appeal is what was agreed in part before.
    pub fn of_other_request(state: RequestState, state_before_appeal: Option<RequestState>) -> Option<Self> {
        use RequestState as S;
        match state {
            S::Approved | S::ApprovedInPart => Some(Origin::ApprovedRequest),
            S::UnderAppeal if state_before_appeal == Some(S::ApprovedInPart) => Some(Origin::ApprovedRequest),
            state if state.is_undecided() => Some(Origin::OtherRequest),
            _ => None,
        }
    }
}

/// A line of the child's total care package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CarePackageLine {
    /// Why it counts.
    pub origin: Origin,
    /// The package line's, request line's or proposed variation's id.
    pub id: String,
    /// The request that asks for it; null for a line of a package.
    pub request_id: Option<String>,
    /// What is provided.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    #[schema(value_type = i64)]
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// What a full year of it costs, gross.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
}

impl CarePackageLine {
    /// What of it decides whether a manager may agree it without a panel.
    pub fn weekly(&self) -> WeeklySupport<'_> {
        WeeklySupport {
            service: &self.service,
            budget_line: &self.budget_line,
            unit: self.unit,
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            full_year: self.full_year_pence,
        }
    }
}

/// The child's lines and what a full year of them costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarePackage {
    /// Every line that counts.
    pub lines: Vec<CarePackageLine>,
    /// What they cost together, gross, in a full year.
    pub total: Pence,
}

impl CarePackage {
    /// The lines that are, or are not, asked for by the request under test.
    pub fn asked(&self, is_asked: fn(Origin) -> bool) -> Vec<WeeklySupport<'_>> {
        self.lines.iter().filter(|line| is_asked(line.origin)).map(CarePackageLine::weekly).collect()
    }
}

/// What a line is for and on which terms, whether it is asked for or in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// The package line's, request line's or proposed variation's id.
    pub id: String,
    /// What is provided.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// What is bought one of.
    pub unit: Unit,
    /// What decides its cost.
    pub terms: Line,
}

/// A line of a request, as far as the total looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLineFacts {
    /// The line.
    pub line: LineFacts,
    /// The request.
    pub request_id: String,
    /// The package line that ends when this one starts; none, it comes on top.
    pub replaces_line_id: Option<String>,
}

/// A package line as it is on record, or as a variation would make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageLineFacts {
    /// The line.
    pub line: LineFacts,
    /// The first line of its arrangement.
    pub arrangement: String,
    /// The request line that it carries out.
    pub request_line_id: Option<String>,
    /// Why it counts.
    pub origin: Origin,
    /// Whether it counts though its dates are over: what is asked for does.
    pub whatever_its_dates: bool,
}

/// Another request and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRequest {
    /// Agreed, or not decided.
    pub origin: Origin,
    /// Lines of an undecided request count even if they would be over by now, and agreed ones for twelve months after the decision:
    /// a need is not divided by dating half of it back.
    pub whatever_its_dates: bool,
    /// Its lines.
    pub lines: Vec<RequestLineFacts>,
}

impl OtherRequest {
    /// Of the lines of a request that counts for a reason, decided on a day.
    pub fn of(origin: Origin, decided_on: Option<NaiveDate>, on: NaiveDate, lines: Vec<RequestLineFacts>) -> Self {
        let whatever_its_dates = origin == Origin::OtherRequest || is_recent(decided_on, on);
        OtherRequest { origin, whatever_its_dates, lines }
    }
}

/// Whether a request was decided within the last twelve months.
fn is_recent(decided_on: Option<NaiveDate>, on: NaiveDate) -> bool {
    decided_on.is_some_and(|day| day.checked_add_months(Months::new(12)).is_none_or(|aged| on < aged))
}

/// Everything of one child that is looked at on a day.
#[derive(Debug, Clone, Copy)]
pub struct ChildFacts<'c> {
    /// The day.
    pub on: NaiveDate,
    /// The arrangement of every package line that there ever was.
    pub arrangements: &'c HashMap<String, String>,
    /// What is asked for now.
    pub asked: &'c [RequestLineFacts],
    /// Package lines that stand, as they are or as variations would make them.
    pub current: &'c [PackageLineFacts],
    /// The child's other requests that count.
    pub others: &'c [OtherRequest],
}

/// Whether the last version of a package line counts at all: one that was recorded by mistake never did.
pub fn stands(state: LineState) -> bool {
    state != LineState::Reversed
}

/// Whether a variation that is not agreed still can be, and so counts: it is of the last version of its line.
pub fn is_still_open(varied_version: i64, last_version: i64) -> bool {
    varied_version == last_version
}

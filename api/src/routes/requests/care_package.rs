//! The child's total care package: every line the child has, or will have, beside what is asked for now.
//!
//! Delegated authority is tested on this total, so it leaves no way to stay under a limit by dividing one need: lines in force,
//! lines agreed and not yet commissioned, and lines of other requests that wait for a decision all count. A package line counts beside
//! whatever is asked for, unless a line asked for says that it replaces it: so it is too when a request is heard again.
//!
//! The lines of an arrangement never run together: the dearest of those that still count stands for all of them. A variation that is
//! proposed counts as an undecided request does.

mod counting;
mod others;

pub use others::decided_revision;

use super::Request;
use super::lines::RequestLine;
use crate::problem::Problem;
use crate::routes::package_lines::{KnownOn, PackageLine, latest_lines, latest_lines_of};
use crate::routes::package_variations::{Variation, open_variations_of};
use chrono::NaiveDate;
use counting::Counted;
use db::AnyConnection;
use db::schema::{packages, requests};
use diesel::prelude::*;
use domain::delegation::WeeklySupport;
use domain::{Frequency, LineState, Pence, Profile, Quantity, Unit};
use others::{Other, other_requests};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// Children or packages in one query, so that the databases' limits on parameters are kept.
const CHUNK: usize = 500;

/// Rows by the child whose they are.
type OfChild<R> = HashMap<String, Vec<R>>;

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

/// A package line as it counts: on record, or as a variation would make it.
#[derive(Debug, Clone)]
pub struct Counting {
    /// The line.
    pub line: PackageLine,
    /// Why it counts.
    pub origin: Origin,
    /// Whether it counts though its dates are over: what is asked for does.
    pub whatever_its_dates: bool,
}

/// What variations would make of a child's package lines.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The lines that are no longer as they are on record.
    pub gone: HashSet<String>,
    /// What there is instead.
    pub lines: Vec<Counting>,
}

/// What is not counted beside itself.
#[derive(Debug, Clone, Copy)]
pub enum Tested<'t> {
    /// A request, whose lines are asked for.
    Request(&'t str),
    /// A variation, whose lines are asked for.
    Variation(&'t str),
}

/// Everything on record that counts in a child's total, on a day.
pub struct ChildRecord {
    on: NaiveDate,
    /// Package lines that stand.
    lines: Vec<PackageLine>,
    /// The arrangement of every package line that there ever was.
    arrangements: HashMap<String, String>,
    others: Vec<Other>,
    /// What variations that are not agreed would make.
    proposed: Vec<Counting>,
}

impl ChildRecord {
    /// Reads it.
    pub fn load(
        connection: &mut AnyConnection,
        profile: &Profile,
        child_id: &str,
        tested: Tested<'_>,
        on: NaiveDate,
    ) -> Result<Self, Problem> {
        let packages: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
        let mut lines = Vec::new();
        for package in &packages {
            lines.extend(latest_lines(connection, package, KnownOn::Now)?);
        }
        let (request, variation) = match tested {
            Tested::Request(id) => (Some(id), None),
            Tested::Variation(id) => (None, Some(id)),
        };
        let mut open = open_variations_of(connection, &packages)?;
        open.retain(|open| Some(open.id.as_str()) != variation);
        let others = other_requests(connection, child_id, request, on)?;
        Self::of(profile, lines, &open, others, on)
    }

    /// Reads what is on record of each of these children, while nothing is asked for. A few queries for hundreds of children, and some
    /// more for each child that ever had a request.
    pub fn load_each(
        connection: &mut AnyConnection,
        profile: &Profile,
        children: &[&str],
        on: NaiveDate,
    ) -> Result<HashMap<String, Self>, Problem> {
        let mut records = HashMap::new();
        for children in children.chunks(CHUNK) {
            let rows: Vec<(String, String)> =
                packages::table.filter(packages::child_id.eq_any(children)).select((packages::id, packages::child_id)).load(connection)?;
            let ids: Vec<String> = rows.iter().map(|(package, _)| package.clone()).collect();
            let child_of: HashMap<String, String> = rows.into_iter().collect();
            let child_of = |package: &str| child_of.get(package).cloned().unwrap_or_default();
            let (mut lines, mut open): (OfChild<PackageLine>, OfChild<Variation>) = Default::default();
            for ids in ids.chunks(CHUNK) {
                for line in latest_lines_of(connection, ids)? {
                    lines.entry(child_of(&line.package_id)).or_default().push(line);
                }
                for variation in open_variations_of(connection, ids)? {
                    open.entry(child_of(&variation.package_id)).or_default().push(variation);
                }
            }
            let asking = requests::table.filter(requests::child_id.eq_any(children)).select(requests::child_id).distinct();
            let asking: HashSet<String> = asking.load(connection)?.into_iter().collect();
            for child in children.iter().map(|child| (*child).to_owned()) {
                let others = if asking.contains(&child) { other_requests(connection, &child, None, on)? } else { Vec::new() };
                let (lines, open) = (lines.remove(&child), open.remove(&child));
                let record = Self::of(profile, lines.unwrap_or_default(), &open.unwrap_or_default(), others, on)?;
                records.insert(child, record);
            }
        }
        Ok(records)
    }

    /// Of the child's package lines in their last versions, and the variations that are not agreed.
    fn of(profile: &Profile, mut lines: Vec<PackageLine>, open: &[Variation], others: Vec<Other>, on: NaiveDate) -> Result<Self, Problem> {
        let arrangements = lines.iter().map(|line| (line.line_id.clone(), line.arrangement().to_owned())).collect();
        lines.retain(|line| line.state != LineState::Reversed);
        let mut proposed = Vec::new();
        for open in open {
            // One whose line has changed since can no longer be agreed.
            let varied = lines.iter().find(|line| line.line_id == open.line_id && line.version == open.line_version);
            proposed.extend(varied.map(|line| open.asked_for(profile, line)).transpose()?.flatten());
        }
        Ok(ChildRecord { on, arrangements, others, lines, proposed })
    }

    /// The total care package with the lines of a request, and with variations of what is on record.
    pub fn with(&self, profile: &Profile, asked: &[RequestLine], changes: &Changes) -> Result<CarePackage, Problem> {
        let standing = self.lines.iter().filter(|line| !changes.gone.contains(&line.line_id));
        let on_record = standing.map(|line| Counting { line: line.clone(), origin: Origin::Package, whatever_its_dates: false });
        let current: Vec<Counting> = on_record.chain(changes.lines.iter().cloned()).chain(self.proposed.iter().cloned()).collect();
        Counted::of(profile, self, asked, &current)
    }

    /// The line with that id, if it stands.
    pub fn line(&self, line_id: &str) -> Option<&PackageLine> {
        self.lines.iter().find(|line| line.line_id == line_id)
    }
}

/// The child's total care package as it would be on a day with these lines of the request.
pub fn care_package(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<CarePackage, Problem> {
    let record = ChildRecord::load(connection, profile, &request.child_id, Tested::Request(&request.id), on)?;
    record.with(profile, lines, &Changes::default())
}

//! The child's total care package: every line the child has, or will have, beside what is asked for now.
//!
//! Delegated authority is tested on this total, so it leaves no way to stay under a limit by dividing one need: lines in force,
//! lines agreed and not yet commissioned, and lines of other requests that wait for a decision all count.

use super::Request;
use super::lines::{RequestLine, lines_of};
use crate::problem::Problem;
use crate::routes::package_lines::{KnownOn, PackageLine, known_lines};
use chrono::{Months, NaiveDate};
use db::AnyConnection;
use db::schema::{appeals, decisions, packages, request_lines, requests};
use diesel::prelude::*;
use domain::costing::Line;
use domain::delegation::WeeklySupport;
use domain::{FinancialYear, Frequency, Pence, Profile, Quantity, RequestState, Unit};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
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
}

/// A line of the child's total care package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CarePackageLine {
    /// Why it counts.
    pub origin: Origin,
    /// The package line's or request line's id.
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
        WeeklySupport { service: &self.service, unit: self.unit, quantity: self.quantity_thousandths, frequency: self.frequency }
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

/// The child's total care package as it would be on a day with these lines of the request.
pub fn care_package(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<CarePackage, Problem> {
    let others = other_requests(connection, request)?;
    let mut counted = Counted { profile, year: FinancialYear::of(on).map_err(Problem::internal)?, on, lines: Vec::new() };
    for line in lines {
        counted.add_asked(Origin::ThisRequest, line)?;
    }
    let (current, carries_out) = package_lines_of(connection, &request.child_id)?;
    let mut aside = counted.aside(lines, &others, &current)?;
    aside.extend(counted.heard_again(&others, &current, &carries_out)?);
    for line in &current {
        // What this very request brought about before it was heard again is what it asks for now.
        let is_own = line.request_line_id.as_ref().and_then(|id| carries_out.get(id)) == Some(&request.id);
        if !is_own && !aside.contains(&line.line_id) {
            counted.add_in_force(line)?;
        }
    }
    for other in &others {
        for line in other.lines.iter().filter(|line| !carries_out.contains_key(&line.id) && !aside.contains(&line.id)) {
            counted.add_asked(other.origin, line)?;
        }
    }
    let total = Pence::checked_sum(counted.lines.iter().map(|line| line.full_year_pence)).map_err(Problem::internal)?;
    Ok(CarePackage { lines: counted.lines, total })
}

struct Counted<'p> {
    profile: &'p Profile,
    year: FinancialYear,
    on: NaiveDate,
    lines: Vec<CarePackageLine>,
}

impl Counted<'_> {
    /// Whether a line still counts: one that has ended does not; what is bought once counts all of the year it is bought in.
    fn counts(&self, frequency: Frequency, from: NaiveDate, to: Option<NaiveDate>) -> bool {
        match frequency {
            Frequency::OneOff => from >= self.year.starts_on(),
            _ => to.is_none_or(|ends| ends > self.on),
        }
    }

    /// Which lines stand aside for the one that replaces them, or that they are to replace: the two never run together.
    ///
    /// What is asked for now counts in place of the package line that it replaces. Of an agreed line that is not commissioned and the
    /// package line that still runs, the dearer counts. What an undecided request would replace may yet stay, so both count.
    fn aside(&self, asked: &[RequestLine], others: &[Other], current: &[PackageLine]) -> Result<HashSet<String>, Problem> {
        let replaced_by = |line: &RequestLine| current.iter().find(|old| line.replaces_line_id.as_ref() == Some(&old.line_id));
        let soon = asked.iter().filter(|line| self.is_within_a_year(line.valid_from));
        let mut aside: HashSet<String> = soon.filter_map(replaced_by).map(|old| old.line_id.clone()).collect();
        let agreed = others.iter().filter(|other| other.origin == Origin::ApprovedRequest).flat_map(|other| &other.lines);
        let mut cheaper = Vec::new();
        for (line, old) in agreed.filter_map(|line| Some((line, replaced_by(line)?))) {
            let carried_out: Vec<_> = current.iter().filter(|new| new.request_line_id.as_ref() == Some(&line.id)).collect();
            if carried_out.is_empty() {
                match self.counts(line.frequency, line.valid_from, line.valid_to) {
                    true if self.full_year(&line.costed())? >= self.full_year(&old.costed())? => drop(aside.insert(old.line_id.clone())),
                    true if self.counts(old.frequency, old.valid_from, old.valid_to) => cheaper.push((line, old)),
                    _ => {}
                }
            // Once the new line is on record the old one has its end there; without it both run.
            } else if carried_out.iter().any(|new| old.valid_to.is_some_and(|ends| ends <= new.valid_from)) {
                aside.insert(old.line_id.clone());
            }
        }
        let mut stays = HashSet::new();
        for (line, old) in cheaper {
            if !aside.contains(&old.line_id) && stays.insert(&old.line_id) {
                aside.insert(line.id.clone());
            }
        }
        Ok(aside)
    }

    /// Which lines stand aside because a request was agreed, commissioned and, after an appeal, is heard again: what it brought about
    /// and what it asks for now are one, and the dearer counts.
    fn heard_again(
        &self,
        others: &[Other],
        current: &[PackageLine],
        carries_out: &HashMap<String, String>,
    ) -> Result<HashSet<String>, Problem> {
        let mut aside = HashSet::new();
        for other in others.iter().filter(|other| other.origin == Origin::OtherRequest) {
            let is_of_it =
                |line: &&PackageLine| line.request_line_id.as_ref().and_then(|id| carries_out.get(id)) == Some(&other.request_id);
            let brought_about: Vec<_> = current.iter().filter(is_of_it).collect();
            let before = self.cost_of(brought_about.iter().map(|line| line.costed()))?;
            let now = self.cost_of(other.lines.iter().map(RequestLine::costed))?;
            if now >= before {
                aside.extend(brought_about.iter().map(|line| line.line_id.clone()));
            } else {
                aside.extend(other.lines.iter().map(|line| line.id.clone()));
            }
        }
        Ok(aside)
    }

    /// What a full year of those lines costs that count.
    fn cost_of(&self, lines: impl Iterator<Item = Line>) -> Result<Pence, Problem> {
        let counting = lines.filter(|line| self.counts(line.frequency, line.valid_from, line.valid_to));
        let costs: Vec<Pence> = counting.map(|line| self.full_year(&line)).collect::<Result<_, _>>()?;
        Pence::checked_sum(costs).map_err(Problem::internal)
    }

    /// A full year is tested: what runs for all of it counts, though something replaces it after.
    fn is_within_a_year(&self, day: NaiveDate) -> bool {
        self.on.checked_add_months(Months::new(12)).is_none_or(|year| day < year)
    }

    fn full_year(&self, line: &Line) -> Result<Pence, Problem> {
        self.profile.costing.full_year(line).map_err(Problem::internal)
    }

    fn add_asked(&mut self, origin: Origin, line: &RequestLine) -> Result<(), Problem> {
        // What is asked for now counts whatever its dates.
        if origin != Origin::ThisRequest && !self.counts(line.frequency, line.valid_from, line.valid_to) {
            return Ok(());
        }
        let full_year_pence = self.full_year(&line.costed())?;
        self.lines.push(CarePackageLine {
            origin,
            id: line.id.clone(),
            request_id: Some(line.request_id.clone()),
            service: line.service.clone(),
            budget_line: line.budget_line.clone(),
            unit: line.unit,
            quantity_thousandths: line.quantity_thousandths,
            frequency: line.frequency,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            full_year_pence,
        });
        Ok(())
    }

    fn add_in_force(&mut self, line: &PackageLine) -> Result<(), Problem> {
        if !self.counts(line.frequency, line.valid_from, line.valid_to) {
            return Ok(());
        }
        let full_year_pence = self.full_year(&line.costed())?;
        self.lines.push(CarePackageLine {
            origin: Origin::Package,
            id: line.line_id.clone(),
            request_id: None,
            service: line.service.clone(),
            budget_line: line.budget_line.clone(),
            unit: line.unit,
            quantity_thousandths: line.quantity_thousandths,
            frequency: line.frequency,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            full_year_pence,
        });
        Ok(())
    }
}

/// The child's package lines as known now, and of the request lines that they carry out each with its request.
fn package_lines_of(connection: &mut AnyConnection, child_id: &str) -> Result<(Vec<PackageLine>, HashMap<String, String>), Problem> {
    let ids: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
    let mut lines = Vec::new();
    for package in ids {
        lines.extend(known_lines(connection, &package, KnownOn::Now)?);
    }
    let commissioned: Vec<&String> = lines.iter().filter_map(|line| line.request_line_id.as_ref()).collect();
    let carries_out: Vec<(String, String)> = request_lines::table
        .filter(request_lines::id.eq_any(commissioned))
        .select((request_lines::id, request_lines::request_id))
        .load(connection)?;
    Ok((lines, carries_out.into_iter().collect()))
}

struct Other {
    request_id: String,
    origin: Origin,
    lines: Vec<RequestLine>,
}

/// The child's other requests that count: agreed, or asked for and not decided.
fn other_requests(connection: &mut AnyConnection, request: &Request) -> Result<Vec<Other>, Problem> {
    let rows: Vec<Request> = requests::table
        .filter(requests::child_id.eq(&request.child_id).and(requests::id.ne(&request.id)))
        .select(Request::as_select())
        .order((requests::recorded_seq, requests::id))
        .load(connection)?;
    let mut others = Vec::new();
    for row in rows {
        let origin = match row.state {
            RequestState::Approved | RequestState::ApprovedInPart => Origin::ApprovedRequest,
            RequestState::UnderAppeal if is_agreed_in_part(connection, &row)? => Origin::ApprovedRequest,
            state if state.is_undecided() => Origin::OtherRequest,
            _ => continue,
        };
        let revision = decided_revision(connection, &row)?;
        let lines = lines_of(connection, &row.id, revision)?;
        others.push(Other { request_id: row.id, origin, lines });
    }
    Ok(others)
}

fn is_agreed_in_part(connection: &mut AnyConnection, request: &Request) -> Result<bool, Problem> {
    let before: Option<RequestState> = appeals::table
        .filter(appeals::decision_id.nullable().eq(&request.decision_id))
        .select(appeals::state_before)
        .first(connection)
        .optional()?;
    Ok(before == Some(RequestState::ApprovedInPart))
}

/// The revision that holds what was decided on, or, before a decision, what is asked for.
pub fn decided_revision(connection: &mut AnyConnection, request: &Request) -> Result<i64, Problem> {
    use RequestState as S;
    let decided =
        matches!(request.state, S::AwaitingRatification | S::AwaitingAuthority | S::Approved | S::ApprovedInPart | S::UnderAppeal);
    match request.decision_id.as_ref().filter(|_| decided) {
        None => Ok(request.revision),
        Some(id) => Ok(decisions::table.find(id).select(decisions::revision).first(connection)?),
    }
}

//! The child's total care package: every line the child has, or will have, beside what is asked for now.
//!
//! Delegated authority is tested on this total, so it leaves no way to stay under a limit by dividing one need: lines in force,
//! lines agreed and not yet commissioned, and lines of other requests that wait for a decision all count. A package line counts beside
//! whatever is asked for, unless a line asked for says that it replaces it: so it is too when a request is heard again.

use super::Request;
use super::lines::{RequestLine, lines_of};
use crate::problem::Problem;
use crate::routes::package_lines::{KnownOn, PackageLine, known_lines};
use chrono::{Months, NaiveDate};
use db::AnyConnection;
use db::schema::{appeals, decisions, packages, requests};
use diesel::prelude::*;
use domain::costing::Line;
use domain::delegation::WeeklySupport;
use domain::{FinancialYear, Frequency, Pence, Profile, Quantity, RequestState, Unit};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
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

/// The child's total care package as it would be on a day with these lines of the request.
pub fn care_package(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<CarePackage, Problem> {
    let others = other_requests(connection, request, on)?;
    let current = package_lines_of(connection, &request.child_id)?;
    let mut counted = Counted { profile, year: FinancialYear::of(on).map_err(Problem::internal)?, on, lines: Vec::new() };
    for line in lines {
        counted.add_asked(Origin::ThisRequest, line)?;
    }
    let aside = counted.aside(lines, &others, &current)?;
    for line in current.iter().filter(|line| !aside.contains(&line.line_id)) {
        if counted.counts(&line.costed()) {
            counted.add_in_force(line)?;
        }
    }
    for other in &others {
        for line in other.lines.iter().filter(|line| !aside.contains(&line.id)) {
            if counted.counts_of(other, line) {
                counted.add_asked(other.origin, line)?;
            }
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
    fn counts(&self, line: &Line) -> bool {
        match line.frequency {
            Frequency::OneOff => line.valid_from >= self.year.starts_on(),
            _ => line.valid_to.is_none_or(|ends| ends > self.on),
        }
    }

    /// Whether a line of another request counts: dates that are over take nothing out of the total until the decision has aged.
    fn counts_of(&self, other: &Other, line: &RequestLine) -> bool {
        other.whatever_its_dates || self.counts(&line.costed())
    }

    /// Which lines stand aside for the one that replaces them or carries them out: the two never run together.
    ///
    /// What is asked for now counts in place of the package line that it replaces. Of an agreed line that is not commissioned and the
    /// package line that still runs, the dearer counts; of an agreed line and the package line that carries it out too. What an
    /// undecided request would replace may yet stay, so both count.
    fn aside(&self, asked: &[RequestLine], others: &[Other], current: &[PackageLine]) -> Result<HashSet<String>, Problem> {
        let replaced_by = |line: &RequestLine| current.iter().find(|old| line.replaces_line_id.as_ref() == Some(&old.line_id));
        let carrying_out = |line: &RequestLine| current.iter().find(|new| new.request_line_id.as_ref() == Some(&line.id));
        let soon = asked.iter().filter(|line| self.is_within_a_year(line.valid_from));
        let gone = soon.filter_map(replaced_by).chain(asked.iter().filter_map(carrying_out));
        let mut aside: HashSet<String> = gone.map(|old| old.line_id.clone()).collect();
        let agreed = others.iter().filter(|other| other.origin == Origin::ApprovedRequest);
        let (mut cheaper, mut carried_out) = (Vec::new(), Vec::new());
        for (other, line) in agreed.flat_map(|other| other.lines.iter().map(move |line| (other, line))) {
            let old = replaced_by(line);
            if let Some(new) = carrying_out(line) {
                // The new line is on record, and the old one has its end there; without it both run.
                if let Some(old) = old.filter(|old| old.valid_to.is_some_and(|ends| ends <= new.valid_from)) {
                    aside.insert(old.line_id.clone());
                }
                carried_out.push((other, line, new));
            } else if let Some(old) = old.filter(|_| self.counts_of(other, line)) {
                if self.full_year(&line.costed())? >= self.full_year(&old.costed())? {
                    aside.insert(old.line_id.clone());
                } else if self.counts(&old.costed()) {
                    cheaper.push((line, old));
                }
            }
        }
        let mut stays = HashSet::new();
        for (line, old) in cheaper {
            if !aside.contains(&old.line_id) && stays.insert(&old.line_id) {
                aside.insert(line.id.clone());
            }
        }
        for (other, line, new) in carried_out {
            let both = !aside.contains(&new.line_id) && self.counts(&new.costed()) && self.counts_of(other, line);
            let is_dearer = both && self.full_year(&line.costed())? > self.full_year(&new.costed())?;
            aside.insert(if is_dearer { new.line_id.clone() } else { line.id.clone() });
        }
        Ok(aside)
    }

    /// A full year is tested: what runs for all of it counts, though something replaces it after.
    fn is_within_a_year(&self, day: NaiveDate) -> bool {
        self.on.checked_add_months(Months::new(12)).is_none_or(|year| day < year)
    }

    fn full_year(&self, line: &Line) -> Result<Pence, Problem> {
        self.profile.costing.full_year(line).map_err(Problem::internal)
    }

    fn add_asked(&mut self, origin: Origin, line: &RequestLine) -> Result<(), Problem> {
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

/// The child's package lines as known now.
fn package_lines_of(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<PackageLine>, Problem> {
    let ids: Vec<String> = packages::table.filter(packages::child_id.eq(child_id)).select(packages::id).load(connection)?;
    let mut lines = Vec::new();
    for package in ids {
        lines.extend(known_lines(connection, &package, KnownOn::Now)?);
    }
    Ok(lines)
}

/// Another request and its lines.
struct Other {
    origin: Origin,
    /// Lines of an undecided request count even if they would be over by now, and agreed ones for twelve months after the decision:
    /// a need is not divided by dating half of it back.
    whatever_its_dates: bool,
    lines: Vec<RequestLine>,
}

/// The child's other requests that count: agreed, or asked for and not decided.
fn other_requests(connection: &mut AnyConnection, request: &Request, on: NaiveDate) -> Result<Vec<Other>, Problem> {
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
        let whatever_its_dates = origin == Origin::OtherRequest || is_recent(connection, &row, on)?;
        others.push(Other { origin, whatever_its_dates, lines: lines_of(connection, &row.id, revision)? });
    }
    Ok(others)
}

/// Whether a request was decided within the last twelve months.
fn is_recent(connection: &mut AnyConnection, request: &Request, on: NaiveDate) -> Result<bool, Problem> {
    let decided_on = decisions::table.filter(decisions::id.nullable().eq(&request.decision_id)).select(decisions::decided_on);
    let decided_on: Option<NaiveDate> = decided_on.first(connection).optional()?;
    Ok(decided_on.is_some_and(|day| day.checked_add_months(Months::new(12)).is_none_or(|aged| on < aged)))
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

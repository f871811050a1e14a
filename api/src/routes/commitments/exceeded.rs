//! Whether a decision costs more than its budget lines have, at the moment when it becomes an approval.

use super::asked;
use super::control::control;
use crate::problem::{Code, Problem};
use crate::routes::budget_lines::{self, BudgetLine};
use crate::routes::requests::{Request, RequestLine};
use chrono::NaiveDate;
use db::schema::financial_years;
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What an approval or a change costs a budget line in a financial year, and what the line had available before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "year": "2024-25", "budget_line": "targeted_outreach", "available_pence": 250000, "this_year_pence": 282657, "exceeded": true
}))]
pub struct BudgetCheck {
    /// The financial year of the day on which it is recorded, or one before it that has ended and is not closed.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// What was available before.
    #[schema(value_type = i64)]
    pub available_pence: Pence,
    /// What it takes of that: of an approval what its lines cost there in the year, less what is left of the package lines that it replaces.
    /// What falls into closed years is carried into the first that is not, and counts there.
    #[schema(value_type = i64)]
    pub this_year_pence: Pence,
    /// Whether that is more than was available.
    pub exceeded: bool,
}

/// Holds lines that are about to be approved against their budget lines. What exceeds is refused, or told and put on the audit trail, as
/// the authority's profile says. Exact, because writers take turns: of two approvals that fit one by one and not together the
/// second exceeds.
pub fn hold_against_budget(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
) -> Result<Vec<BudgetCheck>, Problem> {
    let today = write.at.date();
    let (current, from) = (FinancialYear::of(today).map_err(Problem::internal)?, lines.iter().map(|line| line.valid_from).min());
    let codes: BTreeSet<&str> = lines.iter().map(|line| line.budget_line.as_str()).collect();
    let mut checks = Vec::new();
    for year in years_held(write.connection, from.unwrap_or(today), today)? {
        for code in &codes {
            let line = budget_lines::find(write.connection, code)?.ok_or_else(|| Problem::internal("a line of no budget line"))?;
            let this_year_pence = asked::net(write.connection, profile, year, code, lines)?;
            let takes = this_year_pence > Pence::ZERO;
            if takes || year == current {
                let available_pence = available_on(write.connection, profile, year, &line, Some(&request.id))?;
                let exceeded = takes && this_year_pence > available_pence;
                checks.push(BudgetCheck { year, budget_line: line.code, available_pence, this_year_pence, exceeded });
            }
        }
    }
    judge(write, profile, &checks, ("request_id", &request.id))?;
    Ok(checks)
}

/// As [`hold_against_budget`], for a change of package lines in force on these budget lines, from a day on. Makes the change, and holds
/// what is available after it in each of these years against what was before; where nothing is taken there is no check. `about` says
/// what it is, on the audit trail.
pub fn holding_against_budget<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    about: (&str, &str),
    (codes, from): (&BTreeSet<String>, NaiveDate),
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Problem>,
) -> Result<(T, Vec<BudgetCheck>), Problem> {
    let years = years_held(write.connection, from, write.at.date())?;
    let before = available(write.connection, profile, &years, codes)?;
    let made = change(write)?;
    let after = available(write.connection, profile, &years, codes)?;
    let mut checks = Vec::new();
    for (held, before) in before {
        let after = after.get(&held).copied().unwrap_or_default();
        let this_year_pence = before.checked_sub(after).map_err(Problem::internal)?;
        let ((year, budget_line), exceeded) = (held, after < Pence::ZERO);
        if this_year_pence > Pence::ZERO {
            checks.push(BudgetCheck { year, budget_line, available_pence: before, this_year_pence, exceeded });
        }
    }
    judge(write, profile, &checks, about)?;
    Ok((made, checks))
}

/// The financial years whose budgets a change from a day on is held against: the current one, and those before it with such a day that
/// are open and not closed yet. What it adds to a closed year is carried into the first of these.
fn years_held(connection: &mut AnyConnection, from: NaiveDate, today: NaiveDate) -> Result<BTreeSet<FinancialYear>, Problem> {
    let current = FinancialYear::of(today).map_err(Problem::internal)?;
    let closed = db::closed_through(connection)?;
    let mut years: BTreeSet<FinancialYear> = financial_years::table.select(financial_years::year).load(connection)?.into_iter().collect();
    let is_next = |year: &FinancialYear| closed.is_some_and(|closed| closed.next_starts_on() == year.starts_on());
    years.retain(|year| *year < current && closed.is_none_or(|closed| *year > closed) && (from < year.next_starts_on() || is_next(year)));
    years.insert(current);
    Ok(years)
}

type Available = BTreeMap<(FinancialYear, String), Pence>;

/// What budget lines have available, with pending requests taken off if the profile says so.
fn available(
    connection: &mut AnyConnection,
    profile: &Profile,
    years: &BTreeSet<FinancialYear>,
    codes: &BTreeSet<String>,
) -> Result<Available, Problem> {
    let mut available = Available::new();
    for (year, code) in years.iter().flat_map(|year| codes.iter().map(move |code| (*year, code))) {
        let line = budget_lines::find(connection, code)?.ok_or_else(|| Problem::internal("a line of no budget line"))?;
        let left = available_on(connection, profile, year, &line, None)?;
        available.insert((year, line.code), left);
    }
    Ok(available)
}

/// The same of one, `but_for` a request under decision. A request is paid from lines of expenditure; of another nothing is available.
fn available_on(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    line: &BudgetLine,
    but_for: Option<&str>,
) -> Result<Pence, Problem> {
    let pending = match profile.counts_pending() {
        true => Some(asked::pending(connection, profile, year, &line.code, but_for)?),
        false => None,
    };
    Ok(control(connection, profile, year, line, pending)?.available_pence.unwrap_or_default())
}

/// Refuses what exceeds, or puts it on the trail with what it is about.
fn judge(write: &mut Write<'_>, profile: &Profile, checks: &[BudgetCheck], (about, id): (&str, &str)) -> Result<(), Problem> {
    let exceeded: Vec<&BudgetCheck> = checks.iter().filter(|check| check.exceeded).collect();
    if profile.stops_when_exceeded() && !exceeded.is_empty() {
        return Err(stopped(profile, &exceeded));
    }
    for check in exceeded {
        write.record(Event::new("exceed", "budget_lines", &check.budget_line).with(json!({
            about: id, "year": check.year, "available_pence": check.available_pence,
            "this_year_pence": check.this_year_pence,
        })))?;
    }
    Ok(())
}

fn stopped(profile: &Profile, exceeded: &[&BudgetCheck]) -> Problem {
    let each = exceeded.iter().map(|check| {
        let short = Pence(check.this_year_pence.0.saturating_sub(check.available_pence.0));
        let BudgetCheck { year, budget_line, available_pence, this_year_pence, .. } = check;
        format!("{budget_line} would cost {this_year_pence} in {year} and has {available_pence} available, {short} short")
    });
    let clause = profile.budget_control.as_ref().map(|policy| policy.clause.as_str()).unwrap_or_default();
    let detail = format!("{} ({clause}).", each.collect::<Vec<_>>().join("; "));
    Problem::new(Code::BudgetExceeded, detail)
}

//! Whether a decision costs more than its budget lines have, at the moment when it becomes an approval.

use super::asked;
use super::control::control;
use crate::problem::{Code, Problem};
use crate::routes::budget_lines;
use crate::routes::requests::{Request, RequestLine};
use db::{Event, Write};
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What an approval costs a budget line in the current financial year, and what the line had available before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "year": "2024-25", "budget_line": "targeted_outreach", "available_pence": 250000, "this_year_pence": 282657, "exceeded": true
}))]
pub struct BudgetCheck {
    /// The financial year of the day on which it is recorded.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// What was available before.
    #[schema(value_type = i64)]
    pub available_pence: Pence,
    /// What the approval costs there in the year, less what is left of the package lines that it replaces.
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
    let year = FinancialYear::of(write.at.date()).map_err(Problem::internal)?;
    let codes: BTreeSet<&str> = lines.iter().map(|line| line.budget_line.as_str()).collect();
    let mut checks = Vec::new();
    for code in codes {
        let line = budget_lines::find(write.connection, code)?.ok_or_else(|| Problem::internal("a line of no budget line"))?;
        let pending = match profile.counts_pending() {
            true => Some(asked::pending(write.connection, profile, year, code, Some(&request.id))?),
            false => None,
        };
        // A request is paid from lines of expenditure; of another nothing is available.
        let available_pence = control(write.connection, profile, year, &line, pending)?.available_pence.unwrap_or_default();
        let this_year_pence = asked::net(write.connection, profile, year, code, lines)?;
        let exceeded = this_year_pence > Pence::ZERO && this_year_pence > available_pence;
        checks.push(BudgetCheck { year, budget_line: line.code, available_pence, this_year_pence, exceeded });
    }
    judge(write, profile, &checks, ("request_id", &request.id))?;
    Ok(checks)
}

/// As [`hold_against_budget`], for a variation that adds to what a package line costs in the current financial year. None, it does not.
pub fn hold_variation_against_budget(
    write: &mut Write<'_>,
    profile: &Profile,
    variation_id: &str,
    budget_line: &str,
    this_year_pence: Pence,
) -> Result<Option<BudgetCheck>, Problem> {
    if this_year_pence <= Pence::ZERO {
        return Ok(None);
    }
    let year = FinancialYear::of(write.at.date()).map_err(Problem::internal)?;
    let line = budget_lines::find(write.connection, budget_line)?.ok_or_else(|| Problem::internal("a line of no budget line"))?;
    let pending = match profile.counts_pending() {
        true => Some(asked::pending(write.connection, profile, year, budget_line, None)?),
        false => None,
    };
    let available_pence = control(write.connection, profile, year, &line, pending)?.available_pence.unwrap_or_default();
    let check = BudgetCheck { year, budget_line: line.code, available_pence, this_year_pence, exceeded: this_year_pence > available_pence };
    judge(write, profile, std::slice::from_ref(&check), ("variation_id", variation_id))?;
    Ok(Some(check))
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

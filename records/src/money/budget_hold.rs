//! Holding a decision or a change against its budget lines, at the moment when it becomes an approval.

use crate::commitments::budget_check::{BudgetCheck, available, checks_of_change, checks_of_lines, years_held};
use crate::error::Error;
use crate::requests::{Request, RequestLine};
use chrono::NaiveDate;
use db::{Event, Write};
use domain::Profile;
use domain::budgets::hold::{Exceeded, refuse_exceeded};
use serde_json::json;
use std::collections::BTreeSet;

/// Holds lines that are about to be approved against their budget lines. What exceeds is refused, or told and put on the audit trail, as
/// the authority's profile says. Exact, because writers take turns: of two approvals that fit one by one and not together the
/// second exceeds.
pub fn hold_against_budget(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
) -> Result<Vec<BudgetCheck>, Error> {
    let today = write.today();
    let checks = checks_of_lines(write.connection, profile, request, lines, today)?;
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
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Error>,
) -> Result<(T, Vec<BudgetCheck>), Error> {
    let years = years_held(write.connection, from, write.today())?;
    let before = available(write.connection, profile, &years, codes)?;
    let made = change(write)?;
    let after = available(write.connection, profile, &years, codes)?;
    let checks = checks_of_change(before, &after)?;
    judge(write, profile, &checks, about)?;
    Ok((made, checks))
}

/// Refuses what exceeds, or puts it on the trail with what it is about.
fn judge(write: &mut Write<'_>, profile: &Profile, checks: &[BudgetCheck], (about, id): (&str, &str)) -> Result<(), Error> {
    let exceeded: Vec<Exceeded<'_>> = checks.iter().filter(|check| check.exceeded).map(BudgetCheck::as_exceeded).collect();
    refuse_exceeded(profile.budget_control.as_ref(), &exceeded)?;
    for Exceeded { year, budget_line, available, taken } in exceeded {
        write.record(Event::new("exceed", "budget_lines", budget_line).with(json!({
            about: id, "year": year, "available_pence": available, "this_year_pence": taken,
        })))?;
    }
    Ok(())
}

//! Holding a decision or another change against its budget lines, at the moment when it counts.

use crate::commitments::budget_check::{
    BudgetCheck, BudgetHeld, available, checks_of_change, checks_of_lines, checks_of_order, held, years_held,
};
use crate::error::Error;
use crate::requests::{Request, RequestLine};
use db::{Event, Write};
use domain::budgets::hold::{Reach, judge};
use domain::commissioning::arrangement::Arrangement;
use domain::profile::HeldChange;
use domain::{FinancialYear, Profile};
use serde_json::json;
use std::collections::BTreeSet;

/// A change that is held against its budgets.
#[derive(Debug, Clone, Copy)]
pub struct Holding<'h> {
    /// What kind of change it is.
    pub change: HeldChange,
    /// What it is on the audit trail: a field's name, and an id.
    pub about: (&'h str, &'h str),
    /// The budget lines that it may take from.
    pub codes: &'h BTreeSet<String>,
    /// In which years.
    pub years: Years,
}

/// The years in which a change may take something.
#[derive(Debug, Clone, Copy)]
pub enum Years {
    /// Those with days that it reaches.
    Reached(Reach),
    /// The one that it names.
    Named(FinancialYear),
}

/// Holds lines that are about to be approved against their budget lines. What exceeds is refused, or told and put on the audit trail, as
/// the authority's profile says. Exact, because writers take turns: of two approvals that fit one by one and not together the
/// second exceeds.
pub fn hold_against_budget(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
) -> Result<BudgetHeld, Error> {
    let today = write.today();
    let checks = checks_of_lines(write.connection, profile, request, lines, today)?;
    judged(write, profile, checks, HeldChange::Decision, ("request_id", &request.id))
}

/// The same of arrangements that are ordered of a provider.
pub fn hold_order_against_budget(
    write: &mut Write<'_>,
    profile: &Profile,
    (order_id, provider_id): (&str, &str),
    ordered: &[&Arrangement],
) -> Result<BudgetHeld, Error> {
    let today = write.today();
    let checks = checks_of_order(write.connection, profile, provider_id, ordered, today)?;
    judged(write, profile, checks, HeldChange::PurchaseOrder, ("purchase_order_id", order_id))
}

/// As [`hold_against_budget`], for any other change. Makes it, and holds what its budget lines have available after it in each of its years
/// against what was before; where nothing is taken there is no check.
pub fn holding_against_budget<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    holding: Holding<'_>,
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Error>,
) -> Result<(T, BudgetHeld), Error> {
    let today = write.today();
    let years = match holding.years {
        Years::Reached(reach) => years_held(write.connection, reach, today)?,
        Years::Named(year) => BTreeSet::from([year]),
    };
    let before = available(write.connection, profile, &years, holding.codes)?;
    let made = change(write)?;
    let after = available(write.connection, profile, &years, holding.codes)?;
    let checks = checks_of_change(before, &after)?;
    Ok((made, judged(write, profile, checks, holding.change, holding.about)?))
}

/// Refuses what exceeds, or puts it on the trail with what it is about.
fn judged(
    write: &mut Write<'_>,
    profile: &Profile,
    checks: Vec<BudgetCheck>,
    change: HeldChange,
    (about, id): (&str, &str),
) -> Result<BudgetHeld, Error> {
    let today = write.today();
    let warnings = judge(profile.budget_control.as_ref(), change, &held(write.connection, &checks, today)?)?;
    for warning in &warnings {
        let detail = json!({
            about: id, "change": change, "year": warning.year, "available_pence": warning.available_pence,
            "this_year_pence": warning.asked_pence,
        });
        write.record(Event::new("exceed", "budget_lines", &warning.budget_line).with(detail))?;
    }
    Ok(BudgetHeld { budget: checks, warnings })
}

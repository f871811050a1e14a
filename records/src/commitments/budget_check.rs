//! What an approval or a change costs its budget lines, and what they have available.

use crate::commitments::asked;
use crate::commitments::control::control;
use crate::error::Error;
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
use crate::requests::{Request, RequestLine};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::financial_years;
use diesel::prelude::*;
use domain::budgets::hold;
use domain::budgets::hold::{Exceeded, exceeds};
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
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

impl BudgetCheck {
    /// What exceeds, for the rule.
    pub(crate) fn as_exceeded(&self) -> Exceeded<'_> {
        let BudgetCheck { year, budget_line, available_pence: available, this_year_pence: taken, .. } = self;
        Exceeded { year: *year, budget_line, available: *available, taken: *taken }
    }
}

/// Lines that are about to be approved today, held against their budget lines.
pub(crate) fn checks_of_lines(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    today: NaiveDate,
) -> Result<Vec<BudgetCheck>, Error> {
    let (current, from) = (FinancialYear::of(today).map_err(Error::fault)?, lines.iter().map(|line| line.valid_from).min());
    let codes: BTreeSet<&str> = lines.iter().map(|line| line.budget_line.as_str()).collect();
    let mut checks = Vec::new();
    for year in years_held(connection, from.unwrap_or(today), today)? {
        for code in &codes {
            let line = budget_lines::find(connection, code)?.ok_or_else(|| Error::fault("a line of no budget line"))?;
            let this_year_pence = asked::net(connection, profile, year, code, lines)?;
            if this_year_pence > Pence::ZERO || year == current {
                let available_pence = available_on(connection, profile, year, &line, Some(&request.id))?;
                let exceeded = exceeds(this_year_pence, available_pence);
                checks.push(BudgetCheck { year, budget_line: line.code, available_pence, this_year_pence, exceeded });
            }
        }
    }
    Ok(checks)
}

/// What a change took of what was available before it; where it took nothing there is no check.
pub(crate) fn checks_of_change(before: Available, after: &Available) -> Result<Vec<BudgetCheck>, Error> {
    let mut checks = Vec::new();
    for ((year, budget_line), available_pence) in before {
        let left = after.get(&(year, budget_line.clone())).copied().unwrap_or_default();
        let this_year_pence = available_pence.checked_sub(left).map_err(Error::fault)?;
        if this_year_pence > Pence::ZERO {
            let exceeded = exceeds(this_year_pence, available_pence);
            checks.push(BudgetCheck { year, budget_line, available_pence, this_year_pence, exceeded });
        }
    }
    Ok(checks)
}

/// The financial years whose budgets a change from a day on is held against.
pub(crate) fn years_held(connection: &mut AnyConnection, from: NaiveDate, today: NaiveDate) -> Result<BTreeSet<FinancialYear>, Error> {
    let current = FinancialYear::of(today).map_err(Error::fault)?;
    let opened: Vec<FinancialYear> = financial_years::table.select(financial_years::year).load(connection)?;
    Ok(hold::years_held(opened, db::closed_through(connection)?, current, from))
}

/// What is available, by financial year and budget line.
pub(crate) type Available = BTreeMap<(FinancialYear, String), Pence>;

/// What budget lines have available, with pending requests taken off if the profile says so.
pub(crate) fn available(
    connection: &mut AnyConnection,
    profile: &Profile,
    years: &BTreeSet<FinancialYear>,
    codes: &BTreeSet<String>,
) -> Result<Available, Error> {
    let mut available = Available::new();
    for (year, code) in years.iter().flat_map(|year| codes.iter().map(move |code| (*year, code))) {
        let line = budget_lines::find(connection, code)?.ok_or_else(|| Error::fault("a line of no budget line"))?;
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
) -> Result<Pence, Error> {
    let pending = match profile.counts_pending() {
        true => Some(asked::pending(connection, profile, year, &line.code, but_for)?),
        false => None,
    };
    Ok(control(connection, profile, year, line, pending)?.available_pence.unwrap_or_default())
}

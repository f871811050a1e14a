//! What a change takes of its budget lines, and what they have available. Nothing else reads what is available.

use crate::commitments::asked::AskedFor;
use crate::commitments::books::Books;
use crate::commitments::control::control_beside;
use crate::error::Error;
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
use crate::requests::{Request, RequestLine};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{budget_movements, financial_years};
use diesel::prelude::*;
use domain::budgets::hold;
use domain::budgets::hold::{BudgetKnown, BudgetWarning, Held, KnownYears, Reach, exceeds};
use domain::commissioning::arrangement::Arrangement;
use domain::commitments::{Cell, OwnerKind};
use domain::{Direction, FinancialYear, Pence, Profile};
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

/// What a change does to its budgets, in the answer to it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct BudgetHeld {
    /// Each budget line that it takes from in a financial year, and whether that is more than was available. Absent where it takes nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub budget: Vec<BudgetCheck>,
    /// What it exceeds, where the authority lets it count all the same. Absent where there is nothing to warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

impl BudgetCheck {
    fn of(year: FinancialYear, budget_line: String, available_pence: Pence, this_year_pence: Pence) -> Self {
        BudgetCheck { year, budget_line, available_pence, this_year_pence, exceeded: exceeds(this_year_pence, available_pence) }
    }

    /// For the rule.
    fn held(&self, budget: BudgetKnown) -> Held<'_> {
        let BudgetCheck { year, budget_line, available_pence: available, this_year_pence: taken, .. } = self;
        Held { year: *year, budget_line, available: *available, taken: *taken, budget }
    }
}

/// Checks for the rule, each with what is known of its line's budget in the year.
pub(crate) fn held<'c>(connection: &mut AnyConnection, checks: &'c [BudgetCheck], today: NaiveDate) -> Result<Vec<Held<'c>>, Error> {
    let current = FinancialYear::of(today).map_err(Error::fault)?;
    let budgeted = budgeted_years(connection)?;
    let mut held = Vec::with_capacity(checks.len());
    for check in checks {
        let of_line =
            budget_movements::table.filter(budget_movements::year.eq(check.year).and(budget_movements::budget_line.eq(&check.budget_line)));
        let is_recorded: bool = diesel::select(diesel::dsl::exists(of_line)).get_result(connection)?;
        let budget = match is_recorded {
            true => BudgetKnown::Recorded,
            false if check.year > current && !budgeted.contains(&check.year) => BudgetKnown::NotSetYet,
            false => BudgetKnown::NoneRecorded,
        };
        held.push(check.held(budget));
    }
    Ok(held)
}

/// The years in which a budget of any line is recorded.
fn budgeted_years(connection: &mut AnyConnection) -> Result<BTreeSet<FinancialYear>, Error> {
    let years: Vec<FinancialYear> = budget_movements::table.select(budget_movements::year).distinct().load(connection)?;
    Ok(years.into_iter().collect())
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
    for year in years_held(connection, Reach { from: from.unwrap_or(today), to: None }, today)? {
        for code in &codes {
            let line = budget_lines::find(connection, code)?.ok_or_else(|| Error::fault("a line of no budget line"))?;
            let asked = AskedFor::load(connection, profile, year, code)?;
            let this_year_pence = asked.net(connection, lines)?;
            if this_year_pence > Pence::ZERO || year == current {
                let available_pence = available_beside(connection, profile, (year, &line), &asked, Some(&request.id))?;
                checks.push(BudgetCheck::of(year, line.code, available_pence, this_year_pence));
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
            checks.push(BudgetCheck::of(year, budget_line, available_pence, this_year_pence));
        }
    }
    Ok(checks)
}

/// Holds an order against its budget lines. Its package lines are committed already. So the check takes what is still open of them from
/// what would be available without them.
pub(crate) fn checks_of_order(
    connection: &mut AnyConnection,
    profile: &Profile,
    provider_id: &str,
    ordered: &[&Arrangement],
    today: NaiveDate,
) -> Result<Vec<BudgetCheck>, Error> {
    let lines = || ordered.iter().flat_map(|arrangement| &arrangement.lines);
    let codes: BTreeSet<&str> = lines().map(|line| line.budget_line.as_str()).collect();
    let from = lines().map(|line| line.valid_from).min().unwrap_or(today);
    let ids: BTreeSet<&str> = ordered.iter().map(|arrangement| arrangement.id.as_str()).collect();
    let mut checks = Vec::new();
    for year in years_held(connection, Reach { from, to: None }, today)? {
        for code in &codes {
            let line = budget_lines::find(connection, code)?.ok_or_else(|| Error::fault("a line of no budget line"))?;
            let books = Books::load(connection, year, &line, profile.time_zone)?;
            let open = books.settle(&profile.costing, |settlement| {
                let of_arrangement = |cell: &&Cell<'_>| cell.owner.kind == OwnerKind::Arrangement && ids.contains(cell.owner.id);
                let own = settlement.cells.iter().filter(of_arrangement).filter(|cell| cell.provider == Some(provider_id));
                Pence::checked_sum(own.map(|cell| cell.open()))
            })?;
            let open = open.map_err(Error::fault)?;
            if open > Pence::ZERO && line.direction == Direction::Expenditure {
                let left = available_on(connection, profile, year, &line)?;
                checks.push(BudgetCheck::of(year, line.code, left.checked_add(open).map_err(Error::fault)?, open));
            }
        }
    }
    Ok(checks)
}

/// The financial years whose budgets a change is held against.
pub(crate) fn years_held(connection: &mut AnyConnection, reach: Reach, today: NaiveDate) -> Result<BTreeSet<FinancialYear>, Error> {
    let current = FinancialYear::of(today).map_err(Error::fault)?;
    let opened: Vec<FinancialYear> = financial_years::table.select(financial_years::year).load(connection)?;
    let (opened, budgeted) = (opened.into_iter().collect(), budgeted_years(connection)?);
    let known = KnownYears { opened: &opened, budgeted: &budgeted, closed_through: db::closed_through(connection)?, current };
    Ok(hold::years_held(known, reach))
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
        let left = available_on(connection, profile, year, &line)?;
        available.insert((year, line.code), left);
    }
    Ok(available)
}

/// The same of one.
fn available_on(connection: &mut AnyConnection, profile: &Profile, year: FinancialYear, line: &BudgetLine) -> Result<Pence, Error> {
    let asked = AskedFor::load(connection, profile, year, &line.code)?;
    available_beside(connection, profile, (year, line), &asked, None)
}

/// The same beside requests that were read already, `but_for` one under decision. A request is paid from lines of expenditure; of another
/// nothing is available.
fn available_beside(
    connection: &mut AnyConnection,
    profile: &Profile,
    (year, line): (FinancialYear, &BudgetLine),
    asked: &AskedFor<'_>,
    but_for: Option<&str>,
) -> Result<Pence, Error> {
    let pending = if profile.counts_pending() { Some(asked.pending(connection, but_for)?) } else { None };
    Ok(control_beside(connection, profile, (year, line), asked, pending)?.available_pence.unwrap_or_default())
}

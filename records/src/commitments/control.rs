//! Budget control: what a budget line still has available in a year.

use crate::commitments::asked::AskedFor;
use crate::commitments::books::Books;
use crate::error::Error;
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
use crate::text::CodeText;
use db::AnyConnection;
use domain::commitments::turned;
use domain::{Code, Direction, FieldError, FinancialYear, Pence, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A budget line in a year: what it has, what is spent and committed, and what is left. Income is negative.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "year": "2023-24", "budget_line": "home_care", "direction": "expenditure", "is_closed": false, "budget_pence": 15000000,
    "actual_pence": 6120000, "open_commitment_pence": 7344000, "unconfirmed_pence": 420000, "agreed_pence": 310000, "pending_pence": 96000,
    "available_pence": 1130000
}))]
pub struct BudgetControl {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Whether the year was closed: nothing is committed in it any more.
    pub is_closed: bool,
    /// The sum of its movements.
    #[schema(value_type = i64)]
    pub budget_pence: Pence,
    /// What the ledger has.
    #[schema(value_type = i64)]
    pub actual_pence: Pence,
    /// What packages and grants will still cost in the year.
    #[schema(value_type = i64)]
    pub open_commitment_pence: Pence,
    /// Of the open commitment, what rests on package lines that nobody with the authority has confirmed: it is held against the budget,
    /// and nothing is ordered, booked or paid on it.
    #[schema(value_type = i64)]
    pub unconfirmed_pence: Pence,
    /// What agreed lines will cost in the year that are not commissioned yet. Taken off is what is left of the lines they replace.
    #[schema(value_type = i64)]
    pub agreed_pence: Pence,
    /// What undecided requests may cost in the year, each by the weight of its state; null, it was not asked for.
    #[schema(value_type = Option<i64>)]
    pub pending_pence: Option<Pence>,
    /// Budget less actual, open commitments, what is agreed, and, if asked for, what is pending; null for a line of income.
    #[schema(value_type = Option<i64>)]
    pub available_pence: Option<Pence>,
}

/// Budget lines in a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetControls {
    /// By code.
    pub items: Vec<BudgetControl>,
}

/// What to look at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BudgetControlParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// Only this budget line; without it, all.
    budget_line: Option<CodeText>,
    /// Whether undecided requests are taken off.
    #[serde(default)]
    with_pending: bool,
}

/// The budget line that a parameter names, or all of them by code.
pub(crate) fn lines_asked(connection: &mut AnyConnection, code: Option<&CodeText>) -> Result<Vec<BudgetLine>, Error> {
    match code {
        None => budget_lines::all(connection),
        Some(code) => match budget_lines::find(connection, &code.0)? {
            Some(line) => Ok(vec![line]),
            None => {
                let error = FieldError::new("?budget_line", "unknown_reference", "no budget line has this code");
                Err(Error::with_errors(Code::InvalidParameter, vec![error]))
            }
        },
    }
}

/// What a budget line has available in a year, with `pending` taken off.
pub fn control(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    line: &BudgetLine,
    pending: Option<Pence>,
) -> Result<BudgetControl, Error> {
    let asked = AskedFor::load(connection, profile, year, &line.code)?;
    control_beside(connection, profile, (year, line), &asked, pending)
}

/// The same beside requests that were read already.
pub(super) fn control_beside(
    connection: &mut AnyConnection,
    profile: &Profile,
    (year, line): (FinancialYear, &BudgetLine),
    asked: &AskedFor<'_>,
    pending: Option<Pence>,
) -> Result<BudgetControl, Error> {
    let books = Books::load(connection, year, line, profile.time_zone)?;
    let settled = books.settle(&profile.costing, |settlement| (settlement.open(), settlement.open_unconfirmed()))?;
    let (open, unconfirmed) = (turned(line.direction, settled.0), turned(line.direction, settled.1));
    let agreed = asked.agreed(connection)?;
    let actual = books.actual()?;
    let taken = [actual, open, agreed].into_iter().chain(pending);
    let left = Pence::checked_sum(taken).and_then(|taken| books.budget.checked_sub(taken)).map_err(Error::fault)?;
    Ok(BudgetControl {
        year,
        budget_line: line.code.clone(),
        direction: line.direction,
        is_closed: books.is_closed,
        budget_pence: books.budget,
        actual_pence: actual,
        open_commitment_pence: open,
        unconfirmed_pence: unconfirmed,
        agreed_pence: agreed,
        pending_pence: pending,
        available_pence: (line.direction == Direction::Expenditure).then_some(left),
    })
}

/// Read what budget lines have available.
pub fn read(connection: &mut AnyConnection, profile: &Profile, wanted: BudgetControlParams) -> Result<BudgetControls, Error> {
    let BudgetControlParams { year, budget_line, with_pending } = wanted;
    let mut items = Vec::new();
    for line in lines_asked(connection, budget_line.as_ref())? {
        let asked = AskedFor::load(connection, profile, year, &line.code)?;
        let pending = if with_pending { Some(asked.pending(connection, None)?) } else { None };
        items.push(control_beside(connection, profile, (year, &line), &asked, pending)?);
    }
    Ok(BudgetControls { items })
}

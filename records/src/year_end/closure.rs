//! The closure of a financial year, and what became of each budget line then.

use crate::commitments::budget_of;
use crate::error::Error;
use crate::instant::Instant;
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{budget_movements, commitment_carry_forwards, ledger_entries, year_closures};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, MovementKind, Pence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The closure of a financial year.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = year_closures)]
pub struct YearClosure {
    /// The year that was closed.
    pub year: FinancialYear,
    /// The day on which it was closed.
    pub closed_on: NaiveDate,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What became of a budget line at the close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClosedLine {
    /// The budget line: one of expenditure.
    pub budget_line: String,
    /// Its budget, before anything is carried forward.
    #[schema(value_type = i64)]
    pub budget_pence: Pence,
    /// What was spent.
    #[schema(value_type = i64)]
    pub actual_pence: Pence,
    /// Budget less actual.
    #[schema(value_type = i64)]
    pub unspent_pence: Pence,
    /// What of the budget is carried into the next year.
    #[schema(value_type = i64)]
    pub carried_budget_pence: Pence,
    /// What is still committed, and stands in the next year.
    #[schema(value_type = i64)]
    pub carried_commitment_pence: Pence,
    /// Of how many arrangements, grants and providers: each is a record of its own.
    pub carried_commitments: i64,
}

/// What became of a line of income at the close; income is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClosedIncomeLine {
    /// The budget line: one of income.
    pub budget_line: String,
    /// What the ledger has.
    #[schema(value_type = i64)]
    pub actual_pence: Pence,
    /// What is still expected, and stands in the next year.
    #[schema(value_type = i64)]
    pub carried_income_pence: Pence,
    /// Of how many arrangements and funders: each is a record of its own.
    pub carried_receivables: i64,
}

impl ClosedIncomeLine {
    /// One with what was carried of it, positive.
    pub(crate) fn of(budget_line: String, actual_pence: Pence, carried: impl Iterator<Item = Pence>) -> Result<Self, Error> {
        let carried: Vec<Pence> = carried.collect();
        let carried_receivables = i64::try_from(carried.len()).map_err(Error::fault)?;
        let owed = Pence::checked_sum(carried).map_err(Error::fault)?;
        let carried_income_pence = owed.checked_neg().map_err(Error::fault)?;
        Ok(ClosedIncomeLine { budget_line, actual_pence, carried_income_pence, carried_receivables })
    }
}

/// A year's closure with what was carried forward.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "year": "2023-24", "closed_on": "2024-05-31", "reason": "Accounts closed", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-31T16:00:00Z", "recorded_seq": 912, "next_year": "2024-25", "budget_lines": [{
        "budget_line": "home_care", "budget_pence": 15000000, "actual_pence": 13900000, "unspent_pence": 1100000,
        "carried_budget_pence": 400000, "carried_commitment_pence": 412000, "carried_commitments": 7 }],
    "income_lines": [{ "budget_line": "chc_income", "actual_pence": -170000, "carried_income_pence": -234969, "carried_receivables": 3 }]
}))]
pub struct ClosureInFull {
    /// The closure.
    #[serde(flatten)]
    pub closure: YearClosure,
    /// The year that budgets and commitments were carried into.
    pub next_year: FinancialYear,
    /// Every line of expenditure, by code.
    pub budget_lines: Vec<ClosedLine>,
    /// Every line of income, by code.
    pub income_lines: Vec<ClosedIncomeLine>,
}

/// What a closure would carry forward.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosurePreview {
    /// The year to close.
    pub year: FinancialYear,
    /// The year that budgets and commitments would be carried into.
    pub next_year: FinancialYear,
    /// Every line of expenditure, by code.
    pub budget_lines: Vec<ClosedLine>,
    /// Every line of income, by code.
    pub income_lines: Vec<ClosedIncomeLine>,
}

/// Budget to carry forward.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCarryForward {
    /// The budget line: one of expenditure.
    pub budget_line: CodeText,
    /// How much of what was not spent; nought unless said.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub budget_pence: Pence,
}

/// A closure to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": 400000 }], "reason": "Accounts closed" }))]
pub struct NewClosure {
    /// Budget to carry forward, by line. Open commitments go in any case.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub carry_forward: Vec<NewCarryForward>,
    /// In words.
    pub reason: Text<500>,
}

/// A closure to look at before it is recorded: the closure's own body, whose reason may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "carry_forward": [{ "budget_line": "home_care", "budget_pence": 400000 }], "reason": "Accounts closed" }))]
pub struct NewClosurePreview {
    /// Budget to carry forward, by line.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub carry_forward: Vec<NewCarryForward>,
    /// As the closure's; nothing is kept of it.
    pub reason: Option<Text<500>>,
}

/// The closure of a year, if it was closed.
pub fn find(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<YearClosure>, Error> {
    Ok(year_closures::table.find(year).select(YearClosure::as_select()).first(connection).optional()?)
}

/// Read a financial year's closure.
pub fn read(connection: &mut AnyConnection, year: &FinancialYear) -> Result<ClosureInFull, Error> {
    let closure = find(connection, *year)?.ok_or_else(|| Error::not_found("closure of a financial year"))?;
    let next_year = closure.year.next().map_err(Error::fault)?;
    let (budget_lines, income_lines) = (recorded_lines(connection, closure.year)?, recorded_income(connection, closure.year)?);
    Ok(ClosureInFull { next_year, budget_lines, income_lines, closure })
}

/// Every budget line of expenditure, by code.
pub(crate) fn expenditure(connection: &mut AnyConnection) -> Result<Vec<BudgetLine>, Error> {
    Ok(budget_lines::all(connection)?.into_iter().filter(|line| line.direction == Direction::Expenditure).collect())
}

/// Every budget line of income, by code.
pub(crate) fn income(connection: &mut AnyConnection) -> Result<Vec<BudgetLine>, Error> {
    Ok(budget_lines::all(connection)?.into_iter().filter(|line| line.direction == Direction::Income).collect())
}

/// What became of each line of income of a closed year, from the records of its closure.
fn recorded_income(connection: &mut AnyConnection, year: FinancialYear) -> Result<Vec<ClosedIncomeLine>, Error> {
    let mut lines = Vec::new();
    for line in income(connection)? {
        let carried = carried_at_the_close(connection, year, &line.code)?;
        let received = Pence::checked_sum(actual_of(connection, year, &line.code)?).map_err(Error::fault)?;
        lines.push(ClosedIncomeLine::of(line.code, received, carried.into_iter())?);
    }
    Ok(lines)
}

/// What was carried out of a year when it was closed.
fn carried_at_the_close(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<Pence>, Error> {
    Ok(commitment_carry_forwards::table
        .filter(commitment_carry_forwards::from_year.eq(year).and(commitment_carry_forwards::budget_line.eq(code)))
        .filter(commitment_carry_forwards::changed_id.is_null())
        .select(commitment_carry_forwards::amount_pence)
        .load(connection)?)
}

/// What the ledger has of a year.
fn actual_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<Pence>, Error> {
    Ok(ledger_entries::table
        .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(code)))
        .select(ledger_entries::amount_pence)
        .load(connection)?)
}

/// What became of each line of expenditure of a closed year, from the records of its closure. Nothing enters a closed year, so its
/// budget and spend are still what they were.
fn recorded_lines(connection: &mut AnyConnection, year: FinancialYear) -> Result<Vec<ClosedLine>, Error> {
    let mut lines = Vec::new();
    for line in expenditure(connection)? {
        let carried = carried_at_the_close(connection, year, &line.code)?;
        let moved: Vec<Pence> = budget_movements::table
            .filter(budget_movements::year.eq(year).and(budget_movements::budget_line.eq(&line.code)))
            .filter(budget_movements::kind.eq(MovementKind::CarryForward).and(budget_movements::effective_on.eq(year.ends_on())))
            .select(budget_movements::amount_pence)
            .load(connection)?;
        let spent = actual_of(connection, year, &line.code)?;
        let sum = |amounts: Vec<Pence>| Pence::checked_sum(amounts).map_err(Error::fault);
        // What went out stands as a negative movement; with it, the year has less than it had before.
        let (moved, actual_pence) = (sum(moved)?, sum(spent)?);
        let budget_pence = budget_of(connection, year, &line.code)?.checked_sub(moved).map_err(Error::fault)?;
        lines.push(ClosedLine {
            budget_pence,
            actual_pence,
            unspent_pence: budget_pence.checked_sub(actual_pence).map_err(Error::fault)?,
            carried_budget_pence: moved.checked_neg().map_err(Error::fault)?,
            carried_commitments: i64::try_from(carried.len()).map_err(Error::fault)?,
            carried_commitment_pence: sum(carried)?,
            budget_line: line.code,
        });
    }
    Ok(lines)
}

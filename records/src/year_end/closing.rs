//! Closing a year: what it carries forward, and how that is recorded.

use crate::commitments::Books;
use crate::error::Error;
use crate::money::budget_lines;
use crate::money::budget_movements::{Movement, insert as insert_movement, refuse_turned_budget};
use crate::money::carrying_again;
use crate::year_end::carry_forward::Commitment;
use crate::year_end::closure::{
    ClosedIncomeLine, ClosedLine, ClosureInFull, NewCarryForward, NewClosure, YearClosure, expenditure, find, income,
};
use chrono::NaiveDate;
use db::schema::{financial_years, year_closures};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::year_end::{AskedBudget, BudgetSide, LineAtClose, ToClose, carried_budget, carry_forward_mistakes, ready_to_close};
use domain::{Direction, FinancialYear, MovementKind, Pence, Profile, Refusal};
use serde_json::json;

/// What a closure is about to be, once everything is checked.
pub struct Plan {
    /// The year that is carried into.
    pub next_year: FinancialYear,
    /// Every line of expenditure, by code.
    pub lines: Vec<ClosedLine>,
    /// Every line of income, by code.
    pub income: Vec<ClosedIncomeLine>,
    commitments: Vec<Commitment>,
}

/// What closing the year today would carry forward; refused where it cannot be closed, or less is unspent than is asked for.
pub fn plan(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    asked: &[NewCarryForward],
    today: NaiveDate,
) -> Result<Plan, Error> {
    let next_year = refuse_unready(connection, year, today)?;
    let (mut lines, mut commitments) = (Vec::new(), Vec::new());
    for line in expenditure(connection)? {
        let books = Books::load(connection, year, &line, profile.time_zone)?;
        let carried = books.settle(&profile.costing, |settlement| {
            settlement.carry_forwards().iter().map(|carried| Commitment::of(&line.code, carried)).collect::<Vec<_>>()
        })?;
        let amounts = carried.iter().map(|commitment| commitment.amount);
        let carried_commitment_pence = Pence::checked_sum(amounts).map_err(Error::fault)?;
        let actual_pence = books.actual()?;
        lines.push(ClosedLine {
            budget_pence: books.budget,
            actual_pence,
            unspent_pence: books.budget.checked_sub(actual_pence).map_err(Error::fault)?,
            carried_budget_pence: asked.iter().find(|one| one.budget_line.0 == line.code).map_or(Pence::ZERO, |one| one.budget_pence),
            carried_commitment_pence,
            carried_commitments: i64::try_from(carried.len()).map_err(Error::fault)?,
            budget_line: line.code,
        });
        commitments.extend(carried);
    }
    refuse_mistaken(connection, asked, &lines)?;
    let mut income_lines = Vec::new();
    for line in income(connection)? {
        let books = Books::load(connection, year, &line, profile.time_zone)?;
        let carried = books.settle(&profile.costing, |settlement| {
            settlement.carry_forwards().iter().map(|carried| Commitment::of(&line.code, carried)).collect::<Vec<_>>()
        })?;
        income_lines.push(ClosedIncomeLine::of(line.code, books.actual()?, carried.iter().map(|commitment| commitment.amount))?);
        commitments.extend(carried);
    }
    Ok(Plan { next_year, lines, income: income_lines, commitments })
}

/// The year after, if this one can be closed today; else everything that stands in the way.
fn refuse_unready(connection: &mut AnyConnection, year: FinancialYear, today: NaiveDate) -> Result<FinancialYear, Error> {
    let opened: Vec<FinancialYear> = financial_years::table.select(financial_years::year).order(financial_years::year).load(connection)?;
    let closed_on = find(connection, year)?.map(|closure| closure.closed_on);
    let closed_through = db::closed_through(connection)?;
    Ok(ready_to_close(ToClose { year, opened: &opened, closed_on, closed_through, today })?)
}

/// Refuses budgets that cannot be carried as asked.
fn refuse_mistaken(connection: &mut AnyConnection, asked: &[NewCarryForward], lines: &[ClosedLine]) -> Result<(), Error> {
    let all = budget_lines::all(connection)?;
    let income = all.iter().filter(|line| line.direction == Direction::Income).map(|line| (line.code.as_str(), LineAtClose::Income));
    let expenditure = lines.iter().map(|line| (line.budget_line.as_str(), LineAtClose::Expenditure { unspent: line.unspent_pence }));
    let asked: Vec<AskedBudget<'_>> =
        asked.iter().map(|one| AskedBudget { budget_line: &one.budget_line.0, amount: one.budget_pence }).collect();
    Ok(Refusal::unless_valid(carry_forward_mistakes(&asked, &income.chain(expenditure).collect()))?)
}

/// Closes the year: the closure, what is carried forward, and the two movements of each budget that is, all in one write.
pub fn close(write: &mut Write<'_>, profile: &Profile, year: FinancialYear, new: NewClosure) -> Result<ClosureInFull, Error> {
    let today = write.today();
    let Plan { next_year, lines, income, commitments } = plan(write.connection, profile, year, &new.carry_forward, today)?;
    for line in lines.iter().filter(|line| line.carried_budget_pence > Pence::ZERO) {
        carry_budget(write, year, next_year, line)?;
    }
    for commitment in commitments {
        carrying_again::insert(write, year, next_year, commitment, None)?;
    }
    let closure = YearClosure {
        year,
        closed_on: today,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(year_closures::table).values(&closure).execute(write.connection)?;
    let sum = |of: fn(&ClosedLine) -> Pence| Pence::checked_sum(lines.iter().map(of)).map_err(Error::fault);
    write.record(Event::new("close", "financial_years", year.as_str()).with(json!({
        "carried_budget_pence": sum(|line| line.carried_budget_pence)?,
        "carried_commitment_pence": sum(|line| line.carried_commitment_pence)?,
        "carried_income_pence": Pence::checked_sum(income.iter().map(|line| line.carried_income_pence)).map_err(Error::fault)?,
    })))?;
    Ok(ClosureInFull { closure, next_year, budget_lines: lines, income_lines: income })
}

/// Less in the closed year from its last day, as much more in the next from its first: the two add up to nothing.
fn carry_budget(write: &mut Write<'_>, year: FinancialYear, next_year: FinancialYear, line: &ClosedLine) -> Result<(), Error> {
    let shared = new_id();
    let sides = carried_budget(year, next_year, line.carried_budget_pence).map_err(Error::fault)?;
    for BudgetSide { year, amount: amount_pence, effective_on, reason } in sides {
        let movement = Movement {
            id: new_id(),
            year,
            budget_line: line.budget_line.clone(),
            kind: MovementKind::CarryForward,
            amount_pence,
            effective_on,
            virement_id: Some(shared.clone()),
            reverses_id: None,
            reason,
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        insert_movement(write, &movement)?;
        refuse_turned_budget(write.connection, year, &line.budget_line)?;
        write.record(Event::new("carry_forward", "budget_movements", &movement.id))?;
    }
    Ok(())
}

//! What a closure carries forward, and how it is recorded.

use super::{CarryForward, ClosedLine, ClosureInFull, NewCarryForward, NewClosure, YearClosure, find};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::budget_lines::{self, BudgetLine};
use crate::routes::budget_movements::{Movement, insert as insert_movement, refuse_turned_budget};
use crate::routes::commitments::{Books, budget_of};
use chrono::NaiveDate;
use db::schema::{budget_movements, commitment_carry_forwards, financial_years, ledger_entries, year_closures};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::commitment::{Carried, Owner, OwnerKind};
use domain::{Direction, FinancialYear, MovementKind, Pence, Profile};
use serde_json::json;
use std::collections::BTreeSet;

/// What a closure is about to be, once everything is checked.
pub(super) struct Plan {
    pub next_year: FinancialYear,
    pub lines: Vec<ClosedLine>,
    commitments: Vec<Commitment>,
}

/// What is carried forward.
pub(super) struct Commitment {
    budget_line: String,
    owner: String,
    kind: OwnerKind,
    provider_id: Option<String>,
    pub amount: Pence,
}

impl Commitment {
    pub fn of(budget_line: &str, carried: &Carried<'_>) -> Self {
        Commitment {
            budget_line: budget_line.to_owned(),
            owner: carried.owner.id.to_owned(),
            kind: carried.owner.kind,
            provider_id: carried.provider.map(str::to_owned),
            amount: carried.amount,
        }
    }

    /// As the settlement takes it.
    pub fn carried(&self) -> Carried<'_> {
        Carried { owner: Owner { id: &self.owner, kind: self.kind }, provider: self.provider_id.as_deref(), amount: self.amount }
    }
}

/// What closing the year today would carry forward; refused where it cannot be closed, or less is unspent than is asked for.
pub(super) fn plan(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    asked: &[NewCarryForward],
    today: NaiveDate,
) -> Result<Plan, Problem> {
    let next_year = refuse_unready(connection, year, today)?;
    let (mut lines, mut commitments) = (Vec::new(), Vec::new());
    for line in expenditure(connection)? {
        let books = Books::load(connection, year, &line)?;
        let carried = books.settle(&profile.costing, |settlement| {
            settlement.carry_forwards().iter().map(|carried| Commitment::of(&line.code, carried)).collect::<Vec<_>>()
        })?;
        let amounts = carried.iter().map(|commitment| commitment.amount);
        let carried_commitment_pence = Pence::checked_sum(amounts).map_err(Problem::internal)?;
        let actual_pence = books.actual()?;
        lines.push(ClosedLine {
            budget_pence: books.budget,
            actual_pence,
            unspent_pence: books.budget.checked_sub(actual_pence).map_err(Problem::internal)?,
            carried_budget_pence: asked.iter().find(|one| one.budget_line.0 == line.code).map_or(Pence::ZERO, |one| one.budget_pence),
            carried_commitment_pence,
            carried_commitments: i64::try_from(carried.len()).map_err(Problem::internal)?,
            budget_line: line.code,
        });
        commitments.extend(carried);
    }
    let errors = mistakes(connection, asked, &lines)?;
    if errors.is_empty() { Ok(Plan { next_year, lines, commitments }) } else { Err(Problem::invalid(errors)) }
}

fn expenditure(connection: &mut AnyConnection) -> Result<Vec<BudgetLine>, Problem> {
    Ok(budget_lines::all(connection)?.into_iter().filter(|line| line.direction == Direction::Expenditure).collect())
}

/// The year after, if this one can be closed today; else everything that stands in the way.
fn refuse_unready(connection: &mut AnyConnection, year: FinancialYear, today: NaiveDate) -> Result<FinancialYear, Problem> {
    let opened: Vec<FinancialYear> = financial_years::table.select(financial_years::year).order(financial_years::year).load(connection)?;
    if !opened.contains(&year) {
        return Err(Problem::not_found("financial year"));
    }
    if let Some(closure) = find(connection, year)? {
        return Err(Problem::new(Code::StateConflict, format!("{year} was closed on {}.", closure.closed_on)));
    }
    let next_year = year.next().map_err(|_| Problem::new(Code::StateConflict, format!("No year follows {year}.")))?;
    let mut missing = Vec::new();
    if today < year.next_starts_on() {
        missing.push(FieldError::new("/year", "not_ended", format!("{year} ends on {}", year.ends_on())));
    }
    if !opened.contains(&next_year) {
        missing.push(FieldError::new("/year", "next_not_open", format!("{next_year}, which takes what is carried forward, is not open")));
    }
    let closed = db::closed_through(connection)?;
    let earlier: Vec<_> = opened.iter().filter(|other| **other < year && closed.is_none_or(|closed| **other > closed)).collect();
    if let Some(first) = earlier.first() {
        missing.push(FieldError::new("/year", "earlier_open", format!("{first} is closed first: years are closed one after another")));
    }
    if missing.is_empty() {
        return Ok(next_year);
    }
    let detail = format!("{year} cannot be closed yet.");
    Err(Problem::with_errors(Code::NotReady, missing).detailed(detail))
}

/// Everything wrong with the budgets that are to be carried.
fn mistakes(connection: &mut AnyConnection, asked: &[NewCarryForward], lines: &[ClosedLine]) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, one) in asked.iter().enumerate() {
        let mut refuse = |field: &str, code: &str, detail: String| {
            errors.push(FieldError::new(&format!("/carry_forward/{place}/{field}"), code, detail))
        };
        if !seen.insert(&one.budget_line.0) {
            refuse("budget_line", "repeated", "this budget line is named before".to_owned());
        }
        match lines.iter().find(|line| line.budget_line == one.budget_line.0) {
            Some(line) if one.budget_pence > line.unspent_pence.max(Pence::ZERO) => {
                let detail = format!("{} of {} is unspent", line.unspent_pence.max(Pence::ZERO), line.budget_line);
                refuse("budget_pence", "more_than_unspent", detail);
            }
            Some(_) => {}
            None if budget_lines::find(connection, &one.budget_line.0)?.is_some() => {
                refuse("budget_line", "income", "budget is carried forward on lines of expenditure".to_owned());
            }
            None => refuse("budget_line", "unknown_reference", "no budget line has this code".to_owned()),
        }
    }
    Ok(errors)
}

/// Closes the year: the closure, what is carried forward, and the two movements of each budget that is, all in one write.
pub(super) fn close(write: &mut Write<'_>, profile: &Profile, year: FinancialYear, new: NewClosure) -> Result<ClosureInFull, Problem> {
    let today = write.at.date();
    let Plan { next_year, lines, commitments } = plan(write.connection, profile, year, &new.carry_forward, today)?;
    for line in lines.iter().filter(|line| line.carried_budget_pence > Pence::ZERO) {
        carry_budget(write, year, next_year, line)?;
    }
    for commitment in commitments {
        insert_carried(write, year, next_year, commitment, None)?;
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
    let sum = |of: fn(&ClosedLine) -> Pence| Pence::checked_sum(lines.iter().map(of)).map_err(Problem::internal);
    write.record(Event::new("close", "financial_years", year.as_str()).with(json!({
        "carried_budget_pence": sum(|line| line.carried_budget_pence)?,
        "carried_commitment_pence": sum(|line| line.carried_commitment_pence)?,
    })))?;
    Ok(ClosureInFull { closure, next_year, budget_lines: lines })
}

/// Less in the closed year from its last day, as much more in the next from its first: the two add up to nothing.
fn carry_budget(write: &mut Write<'_>, year: FinancialYear, next_year: FinancialYear, line: &ClosedLine) -> Result<(), Problem> {
    let shared = new_id();
    let less = line.carried_budget_pence.checked_neg().map_err(Problem::internal)?;
    let sides = [
        (year, less, year.ends_on(), format!("Carried forward to {next_year}")),
        (next_year, line.carried_budget_pence, next_year.starts_on(), format!("Carried forward from {year}")),
    ];
    for (year, amount_pence, effective_on, reason) in sides {
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

/// Records what is carried forward: at the close, or again because of something that changed after.
pub(super) fn insert_carried(
    write: &mut Write<'_>,
    from_year: FinancialYear,
    to_year: FinancialYear,
    commitment: Commitment,
    changed_id: Option<&str>,
) -> Result<(), Problem> {
    let (line_id, grant_id) = match commitment.kind {
        OwnerKind::Arrangement => (Some(commitment.owner), None),
        OwnerKind::Grant => (None, Some(commitment.owner)),
    };
    let row = CarryForward {
        id: new_id(),
        from_year,
        to_year,
        budget_line: commitment.budget_line,
        provider_id: commitment.provider_id,
        line_id,
        grant_id,
        amount_pence: commitment.amount,
        changed_id: changed_id.map(str::to_owned),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(commitment_carry_forwards::table).values(&row).execute(write.connection)?;
    Ok(())
}

/// What became of each line of expenditure of a closed year, from the records of its closure. Nothing enters a closed year, so its
/// budget and spend are still what they were.
pub(super) fn recorded_lines(connection: &mut AnyConnection, year: FinancialYear) -> Result<Vec<ClosedLine>, Problem> {
    let mut lines = Vec::new();
    for line in expenditure(connection)? {
        let carried: Vec<Pence> = commitment_carry_forwards::table
            .filter(commitment_carry_forwards::from_year.eq(year).and(commitment_carry_forwards::budget_line.eq(&line.code)))
            .filter(commitment_carry_forwards::changed_id.is_null())
            .select(commitment_carry_forwards::amount_pence)
            .load(connection)?;
        let moved: Vec<Pence> = budget_movements::table
            .filter(budget_movements::year.eq(year).and(budget_movements::budget_line.eq(&line.code)))
            .filter(budget_movements::kind.eq(MovementKind::CarryForward).and(budget_movements::effective_on.eq(year.ends_on())))
            .select(budget_movements::amount_pence)
            .load(connection)?;
        let spent: Vec<Pence> = ledger_entries::table
            .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(&line.code)))
            .select(ledger_entries::amount_pence)
            .load(connection)?;
        let sum = |amounts: Vec<Pence>| Pence::checked_sum(amounts).map_err(Problem::internal);
        // What went out stands as a negative movement; with it, the year has less than it had before.
        let (moved, actual_pence) = (sum(moved)?, sum(spent)?);
        let budget_pence = budget_of(connection, year, &line.code)?.checked_sub(moved).map_err(Problem::internal)?;
        lines.push(ClosedLine {
            budget_pence,
            actual_pence,
            unspent_pence: budget_pence.checked_sub(actual_pence).map_err(Problem::internal)?,
            carried_budget_pence: moved.checked_neg().map_err(Problem::internal)?,
            carried_commitments: i64::try_from(carried.len()).map_err(Problem::internal)?,
            carried_commitment_pence: sum(carried)?,
            budget_line: line.code,
        });
    }
    Ok(lines)
}

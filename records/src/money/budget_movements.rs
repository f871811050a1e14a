//! Budget movements: the only way a line's budget for a year comes about and changes.

use crate::error::Error;
use crate::money::budget_hold::{Holding, Years, holding_against_budget};
use crate::money::budget_lines;
use crate::money::closed_years::refuse_closed;
use crate::money::movement::{has_original, sides_of};
use crate::reversal::already_reversed;
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::schema::budget_movements;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::budgets::hold::BudgetWarning;
use domain::budgets::movements::{movement_mistakes, refuse_reversing};
use domain::profile::HeldChange;
use domain::{Code, FinancialYear, MovementKind, Pence, Profile, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

pub use crate::money::movement::{
    BudgetMovement, BudgetMovement as Movement, ListMovements, find, list, missing_references, refuse_turned_budget,
};

/// Kinds of movement that are recorded one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SingleKind {
    /// The budget the council set; one a line and year.
    Original,
    /// More or less money during the year.
    Adjustment,
}

impl From<SingleKind> for MovementKind {
    fn from(kind: SingleKind) -> Self {
        match kind {
            SingleKind::Original => MovementKind::Original,
            SingleKind::Adjustment => MovementKind::Adjustment,
        }
    }
}

/// A movement to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "budget_line": "direct_payments", "kind": "original", "amount_pence": 41000000, "effective_on": "2023-04-01",
    "reason": "Budget Council, February 2023"
}))]
pub struct NewMovement {
    /// The financial year, which must be open.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: CodeText,
    /// Why the budget moves.
    pub kind: SingleKind,
    /// By how much, not nought. An original budget of expenditure is positive, of income negative.
    pub amount_pence: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// The movements that took another back: one, or both sides of a virement.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementReversal {
    /// The reversing movements.
    pub movements: Vec<BudgetMovement>,
    /// That they take more than their lines have available, where the authority lets them count all the same. Absent where there is nothing
    /// to warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

/// A movement as it is recorded: with what there is to warn of.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementMade {
    /// The movement.
    #[serde(flatten)]
    pub movement: BudgetMovement,
    /// That it takes more than its line has available, where the authority lets it count all the same. Absent where there is nothing to warn
    /// of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

/// Records an original budget or an adjustment.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewMovement) -> Result<MovementMade, Error> {
    let mut errors = missing_references(write.connection, new.year, &[("/budget_line", &new.budget_line.0)])?;
    let direction = budget_lines::find(write.connection, &new.budget_line.0)?.map(|line| line.direction);
    errors.extend(movement_mistakes(new.kind.into(), new.amount_pence, direction, new.effective_on, new.year));
    Refusal::unless_valid(errors)?;
    refuse_closed(write.connection, new.year)?;
    if new.kind == SingleKind::Original && has_original(write.connection, new.year, &new.budget_line.0)? {
        let detail = format!("{} has its original budget for {}; record an adjustment, or reverse it first.", new.budget_line.0, new.year);
        return Err(Error::refused(Code::AlreadyExists, detail));
    }
    let kind = new.kind.into();
    let movement = BudgetMovement {
        id: new_id(),
        year: new.year,
        budget_line: new.budget_line.0,
        kind,
        amount_pence: new.amount_pence,
        effective_on: new.effective_on,
        virement_id: None,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let codes = BTreeSet::from([movement.budget_line.clone()]);
    let holding = of_movement(&movement, HeldChange::BudgetChange, &codes);
    let ((), held) = holding_against_budget(write, profile, holding, |write| {
        insert(write, &movement)?;
        refuse_turned_budget(write.connection, new.year, &movement.budget_line)?;
        write.record(Event::new("record", "budget_movements", &movement.id).with(json!({ "kind": kind })))?;
        Ok(())
    })?;
    Ok(MovementMade { movement, warnings: held.warnings })
}

/// A change of a line's budget, for the rule of what is available.
fn of_movement<'h>(movement: &'h BudgetMovement, change: HeldChange, codes: &'h BTreeSet<String>) -> Holding<'h> {
    Holding { change, about: ("movement_id", &movement.id), codes, years: Years::Named(movement.year) }
}

/// Takes a movement back, and with one side of a virement the other.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: &str) -> Result<MovementReversal, Error> {
    let movement = find(write.connection, id)?;
    refuse_reversing(movement.kind)?;
    refuse_closed(write.connection, movement.year)?;
    let sides = sides_of(write.connection, movement.clone())?;
    // What takes a virement back moves budget from the line that received.
    let change = if movement.virement_id.is_some() { HeldChange::Virement } else { HeldChange::BudgetChange };
    let codes: BTreeSet<String> = sides.iter().map(|side| side.budget_line.clone()).collect();
    let holding = of_movement(&movement, change, &codes);
    let (movements, held) = holding_against_budget(write, profile, holding, |write| reverse_sides(write, sides, reason))?;
    Ok(MovementReversal { movements, warnings: held.warnings })
}

fn reverse_sides(write: &mut Write<'_>, sides: Vec<BudgetMovement>, reason: &str) -> Result<Vec<BudgetMovement>, Error> {
    let mut movements = Vec::new();
    for side in sides {
        let reversing = BudgetMovement {
            id: new_id(),
            kind: MovementKind::Reversal,
            amount_pence: side.amount_pence.checked_neg().map_err(Error::fault)?,
            reverses_id: Some(side.id),
            reason: reason.to_owned(),
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
            ..side
        };
        insert(write, &reversing).map_err(|error| already_reversed(error, "budget_movements_reverses_id_key"))?;
        refuse_turned_budget(write.connection, reversing.year, &reversing.budget_line)?;
        write.record(Event::new("reverse", "budget_movements", reversing.reverses_id.clone().unwrap_or_default()))?;
        movements.push(reversing);
    }
    Ok(movements)
}

/// Adds a movement's row.
pub fn insert(write: &mut Write<'_>, movement: &BudgetMovement) -> Result<(), db::Error> {
    diesel::insert_into(budget_movements::table).values(movement).execute(write.connection)?;
    Ok(())
}

//! Virements: budget moved from one line to another, both sides in one transaction.

use crate::error::Error;
use crate::money::budget_hold::{Holding, Years, holding_against_budget};
use crate::money::budget_lines;
use crate::money::budget_movements::insert;
use crate::money::closed_years::refuse_closed;
use crate::money::movement::{BudgetMovement, missing_references, refuse_turned_budget};
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::schema::budget_movements;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::budgets::hold::BudgetWarning;
use domain::budgets::movements::{VirementSide, virement_mistakes};
use domain::profile::HeldChange;
use domain::{FinancialYear, MovementKind, Pence, Profile, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A virement with its sides, and what reversed them if anything did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Virement {
    /// What the sides share.
    pub id: String,
    /// First the line that gave, then the line that received.
    pub movements: Vec<BudgetMovement>,
}

/// A virement as it is recorded: with what there is to warn of.
#[derive(Debug, Serialize, ToSchema)]
pub struct VirementMade {
    /// The virement.
    #[serde(flatten)]
    pub virement: Virement,
    /// That it takes more than that line has available, where the authority lets it count all the same. Absent where there is nothing to
    /// warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

/// A virement to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "from_budget_line": "nursery", "to_budget_line": "overnight_respite", "amount_pence": 1500000,
    "effective_on": "2023-10-01", "reason": "Two placements more than planned"
}))]
pub struct NewVirement {
    /// The financial year, which must be open.
    pub year: FinancialYear,
    /// The line of expenditure that gives.
    pub from_budget_line: CodeText,
    /// The line of expenditure that receives.
    pub to_budget_line: CodeText,
    /// How much, more than nought and no more than the giving line's budget. Whether it may be more than that line has available, after
    /// its spend and commitments, is the profile's to say.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// Moves budget from one line to another.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewVirement) -> Result<VirementMade, Error> {
    let (from, to) = (&*new.from_budget_line.0, &*new.to_budget_line.0);
    let mut errors = missing_references(write.connection, new.year, &[("/from_budget_line", from), ("/to_budget_line", to)])?;
    let (giving, receiving) = (side_of(write.connection, from)?, side_of(write.connection, to)?);
    errors.extend(virement_mistakes(giving, receiving, new.effective_on, new.year));
    Refusal::unless_valid(errors)?;
    refuse_closed(write.connection, new.year)?;
    let id = new_id();
    let side = |budget_line: &CodeText, amount_pence| BudgetMovement {
        id: new_id(),
        year: new.year,
        budget_line: budget_line.0.clone(),
        kind: MovementKind::Virement,
        amount_pence,
        effective_on: new.effective_on,
        virement_id: Some(id.clone()),
        reverses_id: None,
        reason: new.reason.0.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let given = new.amount_pence.checked_neg().map_err(Error::fault)?;
    let movements = vec![side(&new.from_budget_line, given), side(&new.to_budget_line, new.amount_pence)];
    let holding = Holding {
        change: HeldChange::Virement,
        about: ("virement_id", &id),
        codes: &BTreeSet::from([from.to_owned()]),
        years: Years::Named(new.year),
    };
    let ((), held) = holding_against_budget(write, profile, holding, |write| {
        for movement in &movements {
            insert(write, movement)?;
            refuse_turned_budget(write.connection, new.year, &movement.budget_line)?;
        }
        write.record(Event::new("vire", "budget_movements", &id))?;
        Ok(())
    })?;
    Ok(VirementMade { virement: Virement { id, movements }, warnings: held.warnings })
}

fn side_of<'s>(connection: &mut AnyConnection, budget_line: &'s str) -> Result<VirementSide<'s>, Error> {
    let direction = budget_lines::find(connection, budget_line)?.map(|line| line.direction);
    Ok(VirementSide { budget_line, direction })
}

/// Read a virement.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<Virement, Error> {
    let movements: Vec<BudgetMovement> = budget_movements::table
        .select(BudgetMovement::as_select())
        .filter(budget_movements::virement_id.eq(id))
        .filter(budget_movements::kind.ne(MovementKind::CarryForward))
        .order(budget_movements::id)
        .load(connection)?;
    if movements.is_empty() { Err(Error::not_found("virement")) } else { Ok(Virement { id: id.to_owned(), movements }) }
}

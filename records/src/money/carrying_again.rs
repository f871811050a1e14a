//! What is carried forward again when something dated in a closed year changes: nothing is entered in the closed year, so the difference
//! stands in the next.

use crate::commitments::{Books, carried_out_of};
use crate::error::Error;
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
pub use crate::money::closed_years::Changed;
use crate::money::closed_years::closed_since;
use crate::year_end::carry_forward::{CarryForward, Commitment};
use chrono::NaiveDate;
use db::schema::{commitment_carry_forwards, joint_fundings};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::commitments::{CannotCommit, OwnerKind, Settlement};
use domain::{FinancialYear, Pence, Profile};
use serde_json::json;
use std::collections::BTreeSet;

/// Makes a change, and carries forward what it makes more or less open in each closed year that it reaches into. Only the change's own
/// difference: what is open before it is worked out first.
pub fn carrying_again<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    changed: Changed<'_>,
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    carrying_lines_again(write, profile, (changed.id, &BTreeSet::from([changed.budget_line.to_owned()])), changed.from, change)
}

/// The same of a change, by its id, that reaches several budget lines at once: what is theirs together is carried once.
pub fn carrying_lines_again<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    (changed_id, codes): (&str, &BTreeSet<String>),
    from: NaiveDate,
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let years = closed_since(write.connection, from)?;
    if years.is_empty() {
        return change(write);
    }
    let lines = lines_changed(write.connection, codes)?;
    let mut before = Vec::new();
    for year in years {
        for line in &lines {
            before.push((year, line, open_if_not_closed(write.connection, profile, year, line, commitments_of(line))?));
        }
    }
    let made = change(write)?;
    // Earlier years come first: what is carried into a closed year is open in it too.
    for (year, line, before) in before {
        carry_difference(write, profile, (year, line), &before, changed_id)?;
    }
    Ok(made)
}

/// The budget lines of what changes, and the lines of income that shares count on: a share follows the cost that it is of.
fn lines_changed(connection: &mut AnyConnection, changed: &BTreeSet<String>) -> Result<Vec<BudgetLine>, Error> {
    let shared: Vec<String> = joint_fundings::table.select(joint_fundings::budget_line).distinct().load(connection)?;
    let lines = budget_lines::all(connection)?;
    Ok(lines.into_iter().filter(|line| changed.contains(&line.code) || shared.contains(&line.code)).collect())
}

/// What a closed year would leave open if it were not closed.
fn open_if_not_closed<T>(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    line: &BudgetLine,
    look: impl FnOnce(&Settlement<'_>) -> T,
) -> Result<T, Error> {
    let mut books = Books::load(connection, year, line, profile.time_zone)?;
    books.is_closed = false;
    books.settle(&profile.costing, look)
}

fn commitments_of(line: &BudgetLine) -> impl Fn(&Settlement<'_>) -> Vec<Commitment> {
    move |settlement| settlement.carry_forwards().iter().map(|carried| Commitment::of(&line.code, carried)).collect()
}

fn carry_difference(
    write: &mut Write<'_>,
    profile: &Profile,
    (year, line): (FinancialYear, &BudgetLine),
    before: &[Commitment],
    changed_id: &str,
) -> Result<(), Error> {
    let next_year = year.next().map_err(Error::fault)?;
    let so_far = carried_out_of(write.connection, year, &line.code, write.zone)?;
    let again = open_if_not_closed(write.connection, profile, year, line, |settlement| {
        let before: Vec<_> = before.iter().map(Commitment::carried).collect();
        let again = settlement.carry_again(&before, &so_far.iter().map(|row| row.carried()).collect::<Vec<_>>())?;
        Ok(again.iter().map(|carried| Commitment::of(&line.code, carried)).collect::<Vec<_>>())
    })?;
    let again = again.map_err(|error: CannotCommit| Error::fault(error))?;
    if again.is_empty() {
        return Ok(());
    }
    let difference_pence = Pence::checked_sum(again.iter().map(|commitment| commitment.amount)).map_err(Error::fault)?;
    for commitment in again {
        insert(write, year, next_year, commitment, Some(changed_id))?;
    }
    write.record(Event::new("carry_again", "financial_years", year.as_str()).with(json!({
        "changed_id": changed_id, "budget_line": line.code, "difference_pence": difference_pence,
    })))?;
    Ok(())
}

/// Records what is carried forward: at the close, or again because of something that changed after.
pub fn insert(
    write: &mut Write<'_>,
    from_year: FinancialYear,
    to_year: FinancialYear,
    commitment: Commitment,
    changed_id: Option<&str>,
) -> Result<(), Error> {
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

//! What is carried forward again when something dated in a closed year changes: nothing is entered in the closed year, so the difference
//! stands in the next.

use super::closing::{Commitment, insert_carried};
use crate::problem::Problem;
use crate::routes::budget_lines::{self, BudgetLine};
use crate::routes::commitments::{Books, carried_out_of};
use chrono::NaiveDate;
use db::schema::year_closures;
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::commitment::{CannotCommit, Settlement};
use domain::{Direction, FinancialYear, Pence, Profile};
use serde_json::json;

/// Something that is about to change.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The id of a package line, a grant or a purchase order.
    pub id: &'a str,
    /// The budget line that pays it.
    pub budget_line: &'a str,
    /// The first day on which it will be other than before.
    pub from: NaiveDate,
}

/// Makes a change, and carries forward what it makes more or less open in each closed year that it reaches into. Only the change's own
/// difference: what is open before it is worked out first.
pub fn carrying_again<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    changed: Changed<'_>,
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let years = closed_since(write.connection, changed.from)?;
    let line = match years.as_slice() {
        [] => None,
        _ => budget_lines::find(write.connection, changed.budget_line)?.filter(|line| line.direction == Direction::Expenditure),
    };
    let Some(line) = line else { return change(write) };
    let mut before = Vec::new();
    for year in years {
        before.push((year, open_if_not_closed(write.connection, profile, year, &line, commitments_of(&line))?));
    }
    let made = change(write)?;
    // Earlier years come first: what is carried into a closed year is open in it too.
    for (year, before) in before {
        carry_difference(write, profile, (year, &line), &before, changed.id)?;
    }
    Ok(made)
}

/// The closed years with this day, or after it, the earliest first.
pub fn closed_since(connection: &mut AnyConnection, from: NaiveDate) -> Result<Vec<FinancialYear>, Problem> {
    let mut years: Vec<FinancialYear> = year_closures::table.select(year_closures::year).order(year_closures::year).load(connection)?;
    years.retain(|year| from < year.next_starts_on());
    Ok(years)
}

/// What a closed year would leave open if it were not closed.
fn open_if_not_closed<T>(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    line: &BudgetLine,
    look: impl FnOnce(&Settlement<'_>) -> T,
) -> Result<T, Problem> {
    let mut books = Books::load(connection, year, line)?;
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
) -> Result<(), Problem> {
    let next_year = year.next().map_err(Problem::internal)?;
    let so_far = carried_out_of(write.connection, year, &line.code)?;
    let again = open_if_not_closed(write.connection, profile, year, line, |settlement| {
        let before: Vec<_> = before.iter().map(Commitment::carried).collect();
        let again = settlement.carry_again(&before, &so_far.iter().map(|row| row.carried()).collect::<Vec<_>>())?;
        Ok(again.iter().map(|carried| Commitment::of(&line.code, carried)).collect::<Vec<_>>())
    })?;
    let again = again.map_err(|error: CannotCommit| Problem::internal(error))?;
    if again.is_empty() {
        return Ok(());
    }
    let difference_pence = Pence::checked_sum(again.iter().map(|commitment| commitment.amount)).map_err(Problem::internal)?;
    for commitment in again {
        insert_carried(write, year, next_year, commitment, Some(changed_id))?;
    }
    write.record(Event::new("carry_again", "financial_years", year.as_str()).with(json!({
        "changed_id": changed_id, "budget_line": line.code, "difference_pence": difference_pence,
    })))?;
    Ok(())
}

//! Rows that others stand on: the authority's budget lines, and financial years as they are first needed.

use crate::schema::{budget_lines, financial_years, year_closures};
use crate::{Actor, AnyConnection, Error, Event, Store, Write};
use diesel::prelude::*;
use domain::profile::BudgetLine;
use domain::{Direction, FinancialYear, Profile};
use serde_json::json;

/// Adds the budget lines of the profile that the store does not have yet.
///
/// Fails with [`Error::OtherDirection`] when the store has one of them the other way round: the profile is another authority's.
pub fn adopt_budget_lines(store: &Store, profile: &Profile) -> Result<(), Error> {
    let known: Vec<(String, Direction)> = store
        .read(|connection| Ok::<_, Error>(budget_lines::table.select((budget_lines::code, budget_lines::direction)).load(connection)?))?;
    let has = |line: &BudgetLine| known.iter().find(|(code, _)| *code == line.code);
    if let Some(line) = profile.budget_lines.iter().find(|line| has(line).is_some_and(|(_, direction)| *direction != line.direction)) {
        return Err(Error::OtherDirection(line.code.clone()));
    }
    if profile.budget_lines.iter().all(|line| has(line).is_some()) {
        return Ok(());
    }
    store.write(&Actor::system("profile"), |write| {
        // Asked again inside the write: another process may have adopted them meanwhile.
        let known: Vec<String> = budget_lines::table.select(budget_lines::code).load(write.connection)?;
        let missing: Vec<_> = profile.budget_lines.iter().filter(|line| !known.contains(&line.code)).collect();
        for line in &missing {
            diesel::insert_into(budget_lines::table)
                .values((
                    budget_lines::code.eq(&line.code),
                    budget_lines::name.eq(&line.name),
                    budget_lines::direction.eq(line.direction.as_str()),
                    budget_lines::recorded_at.eq(write.at),
                    budget_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)?;
        }
        let codes: Vec<_> = missing.iter().map(|line| &line.code).collect();
        write.record(Event::new("adopt", "budget_lines", &profile.code).with(json!({ "budget_lines": codes })))
    })
}

/// The last financial year that was closed. It, and every year before it, takes no more entries.
pub fn closed_through(connection: &mut AnyConnection) -> Result<Option<FinancialYear>, Error> {
    Ok(year_closures::table.select(year_closures::year).order(year_closures::year.desc()).first(connection).optional()?)
}

/// The year that takes what belongs to `year`: itself unless it was closed, else the next open one; none, no year is open after it.
pub fn open_year_for(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<FinancialYear>, Error> {
    let Some(closed) = closed_through(connection)?.filter(|closed| year <= *closed) else { return Ok(Some(year)) };
    let later = financial_years::table.filter(financial_years::year.gt(closed)).select(financial_years::year);
    Ok(later.order(financial_years::year).first(connection).optional()?)
}

/// Opens a financial year if it is not open yet; tells whether it opened one.
pub fn open_financial_year(write: &mut Write<'_>, year: FinancialYear) -> Result<bool, Error> {
    let is_open = diesel::select(diesel::dsl::exists(financial_years::table.find(year.as_str()))).get_result(write.connection)?;
    if is_open {
        return Ok(false);
    }
    diesel::insert_into(financial_years::table)
        .values((
            financial_years::year.eq(year.as_str()),
            financial_years::starts_on.eq(year.starts_on()),
            financial_years::ends_on.eq(year.ends_on()),
            financial_years::recorded_at.eq(write.at),
            financial_years::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("open", "financial_years", year.as_str()))?;
    Ok(true)
}

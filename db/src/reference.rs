//! Rows that others stand on: whose store it is, the authority's budget lines, and financial years as they are first needed.

use crate::schema::{audit_events, authority, budget_lines, financial_years, year_closures};
use crate::{Actor, AnyConnection, Error, Event, Store, Write};
use diesel::prelude::*;
use domain::profile::BudgetLine;
use domain::{Direction, FinancialYear, Profile};
use serde_json::json;

/// Makes the store the authority's whose profile it is, if it is nobody's yet, and adds the profile's budget lines that it lacks.
///
/// Fails with [`Error::OtherAuthority`] when the store is another authority's, and with [`Error::OtherDirection`] when it has one of
/// the budget lines the other way round. Either way nothing of the store is changed.
pub fn adopt_profile(store: &Store, profile: &Profile) -> Result<(), Error> {
    if store.read(|connection| to_adopt(connection, profile))?.is_none() {
        return Ok(());
    }
    store.write(&Actor::system("profile"), |write| {
        // Asked again inside the write: another process may have adopted it meanwhile.
        let Some(ToAdopt { is_nobodys, missing }) = to_adopt(write.connection, profile)? else {
            return write.record(Event::new("adopt", "authority", &profile.code));
        };
        if is_nobodys {
            diesel::insert_into(authority::table)
                .values((
                    authority::number.eq(1),
                    authority::code.eq(&profile.code),
                    authority::recorded_at.eq(write.at),
                    authority::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)?;
        }
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
        // The lines' event names the profile too: from it a store of before is known to be somebody's.
        let entity = if codes.is_empty() { "authority" } else { "budget_lines" };
        write.record(Event::new("adopt", entity, &profile.code).with(json!({ "budget_lines": codes })))
    })
}

/// What a store lacks of a profile.
struct ToAdopt<'p> {
    is_nobodys: bool,
    missing: Vec<&'p BudgetLine>,
}

/// What the store lacks of a profile; none, nothing. Fails where the profile is not this store's.
fn to_adopt<'p>(connection: &mut AnyConnection, profile: &'p Profile) -> Result<Option<ToAdopt<'p>>, Error> {
    let kept = kept_owner(connection)?;
    let is_nobodys = kept.is_none();
    let owner = match kept {
        Some(code) => Some(code),
        None => first_adopted_by(connection)?,
    };
    refuse_other(owner, profile)?;
    let known: Vec<(String, Direction)> = budget_lines::table.select((budget_lines::code, budget_lines::direction)).load(connection)?;
    let has = |line: &BudgetLine| known.iter().find(|(code, _)| *code == line.code);
    if let Some(line) = profile.budget_lines.iter().find(|line| has(line).is_some_and(|(_, direction)| *direction != line.direction)) {
        return Err(Error::OtherDirection(line.code.clone()));
    }
    let missing: Vec<_> = profile.budget_lines.iter().filter(|line| has(line).is_none()).collect();
    Ok((is_nobodys || !missing.is_empty()).then_some(ToAdopt { is_nobodys, missing }))
}

pub(crate) fn refuse_other(owner: Option<String>, profile: &Profile) -> Result<(), Error> {
    match owner.filter(|owner| *owner != profile.code) {
        None => Ok(()),
        Some(owner) => Err(Error::OtherAuthority { owner, profile: profile.code.clone() }),
    }
}

/// Whose store it says that it is.
pub(crate) fn kept_owner(connection: &mut AnyConnection) -> Result<Option<String>, Error> {
    Ok(authority::table.select(authority::code).first(connection).optional()?)
}

/// Whose profile brought the store's first budget lines, for a store from before it was kept whose it is.
pub(crate) fn first_adopted_by(connection: &mut AnyConnection) -> Result<Option<String>, Error> {
    Ok(audit_events::table
        .filter(audit_events::action.eq("adopt").and(audit_events::entity.eq("budget_lines")))
        .order(audit_events::seq)
        .select(audit_events::entity_id)
        .first(connection)
        .optional()?)
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

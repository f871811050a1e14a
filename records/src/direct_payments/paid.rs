//! What was paid for an arrangement, through whichever account.

use crate::direct_payments::account::of_arrangement;
use crate::direct_payments::bounce;
use crate::direct_payments::step::paying_account;
use crate::error::Error;
use crate::packages::lines::versions::carriers_elsewhere;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_steps, direct_payments};
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payments::{PaidElsewhere, PaymentKind, TakenUpSince};
use std::collections::HashMap;

/// Arrangements asked about in one statement.
const CHUNK: usize = 500;

/// The accounts through which an arrangement was ever paid, or may be: its own, and those that have or had it as a set-up payment.
fn accounts_of(connection: &mut AnyConnection, arrangement: &str) -> Result<(Option<String>, Vec<String>), Error> {
    let own = direct_payment_accounts::table
        .filter(direct_payment_accounts::line_id.eq(arrangement))
        .select(direct_payment_accounts::id)
        .first(connection)
        .optional()?;
    let set_up = direct_payment_steps::table
        .filter(direct_payment_steps::line_id.eq(arrangement))
        .select(direct_payment_steps::account_id)
        .distinct()
        .load(connection)?;
    Ok((own, set_up))
}

/// What was paid for an arrangement with all its corrections, less what was paid back of it; of every account but one.
pub fn net_paid(connection: &mut AnyConnection, arrangement: &str, but: Option<&str>) -> Result<Pence, Error> {
    let (own, set_up) = accounts_of(connection, arrangement)?;
    let is_other = |account: &String| Some(account.as_str()) != but;
    // Corrections name the line of the set-up payment that they correct, and none where they correct a period.
    let bounces = bounce::of_accounts(connection, own.iter().chain(&set_up).map(String::as_str))?;
    let columns = (direct_payments::account_id, direct_payments::export_id, direct_payments::amount_pence);
    let periods: Vec<(String, Option<String>, Pence)> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(own.filter(is_other)).and(direct_payments::line_id.is_null()))
        .select(columns)
        .load(connection)?;
    let once: Vec<(String, Option<String>, Pence)> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(set_up.into_iter().filter(is_other)).and(direct_payments::line_id.eq(arrangement)))
        .select(columns)
        .load(connection)?;
    // What the bank returned was not paid.
    let came_back = bounce::days(&bounces);
    let is_paid = |(account, export, _): &(String, Option<String>, Pence)| {
        export.as_deref().is_none_or(|export| !came_back.contains_key(&(account.as_str(), export)))
    };
    let paid = periods.into_iter().chain(once).filter(is_paid).map(|(_, _, pence)| pence);
    Pence::checked_sum(paid).map_err(Error::fault)
}

/// The first day for which each of these arrangements was ever paid here, by arrangement.
pub fn first_paid_days(connection: &mut AnyConnection, arrangements: &[String]) -> Result<HashMap<String, NaiveDate>, Error> {
    let mut first: HashMap<String, NaiveDate> = HashMap::new();
    for some in arrangements.chunks(CHUNK) {
        let periods: Vec<(String, Option<NaiveDate>)> = direct_payments::table
            .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(direct_payments::account_id)))
            .filter(direct_payment_accounts::line_id.eq_any(some).and(direct_payments::kind.eq(PaymentKind::Period)))
            .group_by(direct_payment_accounts::line_id)
            .select((direct_payment_accounts::line_id, diesel::dsl::min(direct_payments::period_from)))
            .load(connection)?;
        let once: Vec<(Option<String>, Option<NaiveDate>)> = direct_payments::table
            .filter(direct_payments::line_id.eq_any(some))
            .group_by(direct_payments::line_id)
            .select((direct_payments::line_id, diesel::dsl::min(direct_payments::period_from)))
            .load(connection)?;
        let all = periods.into_iter().chain(once.into_iter().filter_map(|(line, day)| Some((line?, day))));
        for (arrangement, day) in all.filter_map(|(arrangement, day)| Some((arrangement, day?))) {
            let known = first.entry(arrangement).or_insert(day);
            *known = day.min(*known);
        }
    }
    Ok(first)
}

/// The account that pays an arrangement, as its own or as a set-up payment.
fn pays(connection: &mut AnyConnection, arrangement: &str) -> Result<Option<String>, Error> {
    Ok(paying_account(connection, arrangement)?.or(of_arrangement(connection, arrangement)?))
}

/// What accounts have to do with a line that one of them is to pay as a set-up payment; nothing, where there is no line.
pub fn paid_elsewhere(connection: &mut AnyConnection, account_id: &str, line_id: Option<&str>) -> Result<PaidElsewhere, Error> {
    let Some(line_id) = line_id else { return Ok(PaidElsewhere::default()) };
    let paying = pays(connection, line_id)?;
    Ok(PaidElsewhere { account_id: paying, net_paid: net_paid(connection, line_id, Some(account_id))? })
}

/// What became, apart from an account, of an arrangement that the account was paid for: it is said that the money came back.
pub fn taken_up_since(connection: &mut AnyConnection, account_id: &str, arrangement: &str) -> Result<TakenUpSince, Error> {
    let carriers = carriers_elsewhere(connection, arrangement)?;
    let mut paid = vec![net_paid(connection, arrangement, Some(account_id))?];
    for (_, other) in &carriers {
        paid.push(net_paid(connection, other, Some(account_id))?);
    }
    Ok(TakenUpSince {
        account_id: pays(connection, arrangement)?.filter(|paying| paying != account_id),
        line_id: carriers.into_iter().map(|(line, _)| line).next(),
        net_paid: Pence::checked_sum(paid).map_err(Error::fault)?,
    })
}

//! What was paid for an arrangement, through whichever account.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::bounce;
use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_repayments, direct_payment_steps, direct_payments};
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payments::{PaymentKind, RepaymentTold, children_repaid};
use std::collections::HashSet;

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

/// The first day for which an arrangement was ever paid here.
pub fn first_paid_day(connection: &mut AnyConnection, arrangement: &str) -> Result<Option<NaiveDate>, Error> {
    let (own, set_up) = accounts_of(connection, arrangement)?;
    let period: Option<NaiveDate> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(own).and(direct_payments::kind.eq(PaymentKind::Period)))
        .select(diesel::dsl::min(direct_payments::period_from))
        .first(connection)?;
    let once: Option<NaiveDate> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(set_up).and(direct_payments::line_id.eq(arrangement)))
        .select(diesel::dsl::min(direct_payments::period_from))
        .first(connection)?;
    Ok(period.into_iter().chain(once).min())
}

/// The children of these accounts for whom somebody said that money came back: too high a payment was paid back, or the bank returned one.
pub fn said_repaid_by(connection: &mut AnyConnection, accounts: &[DirectPaymentAccount], person: &str) -> Result<HashSet<String>, Error> {
    let children: HashSet<&str> = accounts.iter().map(|account| account.child_id.as_str()).collect();
    let rows: Vec<(String, Option<String>)> = direct_payments::table
        .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(direct_payments::account_id)))
        .filter(direct_payment_accounts::child_id.eq_any(children))
        .filter(direct_payments::kind.eq(PaymentKind::Recovery).and(direct_payments::recorded_by.eq(person)))
        .filter(direct_payments::amount_pence.lt(Pence::ZERO))
        .select((direct_payment_accounts::child_id, direct_payments::repayment_id))
        .load(connection)?;
    let told: Vec<RepaymentTold> = rows.into_iter().map(|(child_id, repayment_id)| RepaymentTold { child_id, repayment_id }).collect();
    let repayments: Vec<&String> = told.iter().filter_map(|one| one.repayment_id.as_ref()).collect();
    let reversed: Vec<Option<String>> = direct_payment_repayments::table
        .filter(direct_payment_repayments::reverses_id.eq_any(repayments))
        .select(direct_payment_repayments::reverses_id)
        .load(connection)?;
    let mut children = children_repaid(told, &reversed.into_iter().flatten().collect());
    children.extend(said_bounced_by(connection, accounts, person)?);
    Ok(children)
}

/// The children of these accounts of whose payments somebody said that the bank returned them, while no later pay file has paid them again.
fn said_bounced_by(connection: &mut AnyConnection, accounts: &[DirectPaymentAccount], person: &str) -> Result<Vec<String>, Error> {
    let bounces = bounce::of_accounts(connection, accounts.iter().map(|account| account.id.as_str()))?;
    let by_them: Vec<_> = bounce::standing(&bounces).filter(|row| row.recorded_by == person).collect();
    let mut children = Vec::new();
    for row in by_them {
        let later = direct_payments::table
            .filter(direct_payments::account_id.eq(&row.account_id).and(direct_payments::export_id.is_not_null()))
            .filter(direct_payments::recorded_seq.gt(row.recorded_seq));
        let is_paid_again: bool = diesel::select(diesel::dsl::exists(later)).get_result(connection)?;
        if !is_paid_again {
            children.extend(accounts.iter().filter(|account| account.id == row.account_id).map(|account| account.child_id.clone()));
        }
    }
    Ok(children)
}

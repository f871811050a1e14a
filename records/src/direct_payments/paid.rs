//! What was paid for an arrangement, through whichever account.

use crate::direct_payments::account::DirectPaymentAccount;
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
    let periods: Vec<Pence> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(own.filter(is_other)).and(direct_payments::line_id.is_null()))
        .select(direct_payments::amount_pence)
        .load(connection)?;
    let once: Vec<Pence> = direct_payments::table
        .filter(direct_payments::account_id.eq_any(set_up.into_iter().filter(is_other)).and(direct_payments::line_id.eq(arrangement)))
        .select(direct_payments::amount_pence)
        .load(connection)?;
    Pence::checked_sum(periods.into_iter().chain(once)).map_err(Error::fault)
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

/// The children of these accounts for whom somebody said that too high a payment was paid back.
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
    Ok(children_repaid(told, &reversed.into_iter().flatten().collect()))
}

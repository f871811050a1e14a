//! Who said that money of a child came back: a family repaid it, or the bank returned it.

use crate::direct_payments::account::{DirectPaymentAccount, of_arrangement};
use crate::direct_payments::bounce::{self, DirectPaymentBounce};
use crate::direct_payments::repayment_confirmation;
use crate::error::Error;
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_repayments, direct_payments};
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payments::{BounceTold, PaymentKind, RepaymentTold, children_bounced, children_repaid};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The children of these accounts for whom somebody said that money came back, through whichever account of theirs. `hands` are the ids under
/// which they record.
pub fn said_repaid_by(
    connection: &mut AnyConnection,
    accounts: &[DirectPaymentAccount],
    hands: &BTreeSet<String>,
) -> Result<HashSet<String>, Error> {
    let children: HashSet<&str> = accounts.iter().map(|account| account.child_id.as_str()).collect();
    let rows: Vec<(String, Option<String>)> = direct_payments::table
        .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(direct_payments::account_id)))
        .filter(direct_payment_accounts::child_id.eq_any(&children))
        .filter(direct_payments::kind.eq(PaymentKind::Recovery).and(direct_payments::recorded_by.eq_any(hands)))
        .filter(direct_payments::amount_pence.lt(Pence::ZERO))
        .select((direct_payment_accounts::child_id, direct_payments::repayment_id))
        .load(connection)?;
    let told: Vec<RepaymentTold> = rows.into_iter().map(|(child_id, repayment_id)| RepaymentTold { child_id, repayment_id }).collect();
    let repayments: Vec<&String> = told.iter().filter_map(|one| one.repayment_id.as_ref()).collect();
    let reversed: Vec<Option<String>> = direct_payment_repayments::table
        .filter(direct_payment_repayments::reverses_id.eq_any(repayments))
        .select(direct_payment_repayments::reverses_id)
        .load(connection)?;
    let confirmed = repayment_confirmation::of_repayments(connection, told.iter().filter_map(|one| one.repayment_id.as_ref()))?;
    let settled = reversed.into_iter().flatten().chain(confirmed.into_keys()).collect();
    let mut said = children_repaid(told, &settled);
    said.extend(said_bounced_by(connection, &children, hands)?);
    Ok(said)
}

/// The children of whose payments somebody said that the bank returned them, while no later pay file has paid them again.
fn said_bounced_by(connection: &mut AnyConnection, children: &HashSet<&str>, hands: &BTreeSet<String>) -> Result<HashSet<String>, Error> {
    let accounts: Vec<(String, String)> = direct_payment_accounts::table
        .filter(direct_payment_accounts::child_id.eq_any(children))
        .select((direct_payment_accounts::id, direct_payment_accounts::child_id))
        .load(connection)?;
    let child_of: HashMap<&str, &str> = accounts.iter().map(|(id, child)| (id.as_str(), child.as_str())).collect();
    let bounces = bounce::of_accounts(connection, child_of.keys().copied())?;
    let mut told = Vec::new();
    for row in bounce::standing(&bounces).filter(|row| hands.contains(&row.recorded_by)) {
        let Some(child) = child_of.get(row.account_id.as_str()) else { continue };
        told.push(bounce_told(connection, row, child)?);
    }
    Ok(children_bounced(told))
}

/// What a transfer held that came back, and what pay files paid since.
fn bounce_told(connection: &mut AnyConnection, row: &DirectPaymentBounce, child: &str) -> Result<BounceTold, Error> {
    let held: Vec<(PaymentKind, Option<String>)> = direct_payments::table
        .filter(direct_payments::account_id.eq(&row.account_id).and(direct_payments::export_id.eq(&row.export_id)))
        .select((direct_payments::kind, direct_payments::line_id))
        .load(connection)?;
    let lines: BTreeSet<&String> = held.iter().filter(|(kind, _)| *kind == PaymentKind::SetUp).filter_map(|one| one.1.as_ref()).collect();
    let set_ups_paid_since = lines.into_iter().map(|line| is_set_up_paid_since(connection, line, row.recorded_seq));
    Ok(BounceTold {
        child_id: child.to_owned(),
        has_days: held.iter().any(|(kind, _)| *kind != PaymentKind::SetUp),
        set_ups_paid_since: set_ups_paid_since.collect::<Result<_, _>>()?,
        is_account_paid_since: is_account_paid_since(connection, &row.account_id, row.recorded_seq)?,
    })
}

fn is_account_paid_since(connection: &mut AnyConnection, account: &str, since: i64) -> Result<bool, Error> {
    let later = direct_payments::table
        .filter(direct_payments::account_id.eq(account).and(direct_payments::export_id.is_not_null()))
        .filter(direct_payments::recorded_seq.gt(since));
    Ok(diesel::select(diesel::dsl::exists(later)).get_result(connection)?)
}

/// Whether a set-up line was paid since: as one, through whichever account, or through an account of its own.
fn is_set_up_paid_since(connection: &mut AnyConnection, line: &str, since: i64) -> Result<bool, Error> {
    let as_set_up = direct_payments::table
        .filter(direct_payments::line_id.eq(line).and(direct_payments::kind.eq(PaymentKind::SetUp)))
        .filter(direct_payments::export_id.is_not_null().and(direct_payments::recorded_seq.gt(since)));
    if diesel::select(diesel::dsl::exists(as_set_up)).get_result(connection)? {
        return Ok(true);
    }
    match of_arrangement(connection, line)? {
        None => Ok(false),
        Some(own) => is_account_paid_since(connection, &own, since),
    }
}

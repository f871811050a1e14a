//! Whether support is agreed, written down for lists and for what is shut to it: of each line that waits, and of what an account pays.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::record::load;
use crate::error::Error;
use db::schema::{direct_payment_accounts, direct_payment_standings, direct_payment_steps};
use db::{Write, write_unconfirmed_anew};
use diesel::prelude::*;

/// So many arrangements are asked for at once.
const CHUNK: usize = 500;

/// Writes down what of an arrangement waits, after a line of it was recorded or confirmed, and whether the support is agreed that accounts
/// pay of it.
pub fn write_support_anew(write: &mut Write<'_>, arrangement: &str) -> Result<(), Error> {
    write_supports_anew(write, &[arrangement.to_owned()])
}

/// The same of many arrangements.
pub fn write_supports_anew(write: &mut Write<'_>, arrangements: &[String]) -> Result<(), Error> {
    write_unconfirmed_anew(write.connection, arrangements, write.zone)?;
    arrangements.chunks(CHUNK).try_for_each(|some| write_accounts_anew(write, some))
}

fn write_accounts_anew(write: &mut Write<'_>, arrangements: &[String]) -> Result<(), Error> {
    // Asked apart: with a subquery under an `or`, PostgreSQL reads every account.
    let as_set_up: Vec<String> = direct_payment_steps::table
        .filter(direct_payment_steps::line_id.eq_any(arrangements))
        .select(direct_payment_steps::account_id)
        .load(write.connection)?;
    let accounts: Vec<DirectPaymentAccount> = direct_payment_accounts::table
        .filter(direct_payment_accounts::line_id.eq_any(arrangements).or(direct_payment_accounts::id.eq_any(as_set_up)))
        .select(DirectPaymentAccount::as_select())
        .order(direct_payment_accounts::id)
        .load(write.connection)?;
    if accounts.is_empty() {
        return Ok(());
    }
    for record in load(write.connection, accounts, write.zone)? {
        diesel::update(direct_payment_standings::table.find(&record.account.id))
            .set(direct_payment_standings::support_agreed_on.eq(record.days.support_agreed_on))
            .execute(write.connection)?;
    }
    Ok(())
}

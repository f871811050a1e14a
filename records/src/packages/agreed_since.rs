//! Since when what an account pays is agreed, written down in the account's row for lists.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::record::load;
use crate::error::Error;
use db::Write;
use db::schema::{direct_payment_accounts, direct_payment_standings, direct_payment_steps};
use diesel::prelude::*;

/// Writes down whether the support is agreed of the accounts that pay an arrangement, after a line of it was recorded or confirmed.
pub fn write_support_anew(write: &mut Write<'_>, arrangement: &str) -> Result<(), Error> {
    // Asked apart: with a subquery under an `or`, PostgreSQL reads every account.
    let as_set_up: Vec<String> = direct_payment_steps::table
        .filter(direct_payment_steps::line_id.eq(arrangement))
        .select(direct_payment_steps::account_id)
        .load(write.connection)?;
    let accounts: Vec<DirectPaymentAccount> = direct_payment_accounts::table
        .filter(direct_payment_accounts::line_id.eq(arrangement).or(direct_payment_accounts::id.eq_any(as_set_up)))
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

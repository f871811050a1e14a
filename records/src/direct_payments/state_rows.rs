//! The days that decide each account's state, written anew with everything that may move them, so that lists need not read every account.

use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::error::Error;
use chrono::NaiveDate;
use db::Write;
use db::schema::direct_payment_standings;
use diesel::prelude::*;
use domain::direct_payments::{AccountDays, AccountState, Stretch};
use domain::profile::DirectPaymentPolicy;

/// The days of one account: what they mean today is seen when they are read.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = direct_payment_standings)]
pub struct StateRow {
    account_id: String,
    agreement_on: Option<NaiveDate>,
    bank_on: Option<NaiveDate>,
    dbs_on: Option<NaiveDate>,
    dbs_until: Option<NaiveDate>,
    paused_from: Option<NaiveDate>,
    paused_until: Option<NaiveDate>,
    closed_on: Option<NaiveDate>,
    /// When the family's next return is due.
    pub return_due_on: Option<NaiveDate>,
    /// When the next audit is due.
    pub audit_due_on: Option<NaiveDate>,
    support_agreed_on: Option<NaiveDate>,
}

impl StateRow {
    /// The state on a day, as the account's own page has it.
    pub fn state(&self, policy: &DirectPaymentPolicy, today: NaiveDate) -> AccountState {
        let days = AccountDays {
            agreement_on: self.agreement_on,
            bank_on: self.bank_on,
            checks: self.dbs_on.map(|from| Stretch { from, to: self.dbs_until }).into_iter().collect(),
            pauses: self.paused_from.map(|from| Stretch { from, to: self.paused_until }).into_iter().collect(),
            closed_on: self.closed_on,
            support_agreed_on: self.support_agreed_on,
        };
        days.state(policy.needs(), today)
    }
}

/// Writes down the account's days as they are now.
pub fn write_anew(write: &mut Write<'_>, policy: &DirectPaymentPolicy, account: &DirectPaymentAccount) -> Result<(), Error> {
    let record = AccountRecord::of(write.connection, account.clone(), write.zone)?;
    let watched = record.watched(&Monitoring::of(write.connection, &account.id)?);
    let days = &record.days;
    let pause = days.unfinished_pause(write.today());
    let row = StateRow {
        account_id: account.id.clone(),
        agreement_on: days.agreement_on,
        bank_on: days.bank_on,
        dbs_on: days.checks.iter().map(|check| check.from).min(),
        dbs_until: days.checks_until(),
        paused_from: pause.map(|pause| pause.from),
        paused_until: pause.and_then(|pause| pause.to),
        closed_on: days.closed_on,
        return_due_on: watched.return_due_on(policy),
        audit_due_on: watched.audit_due_on(policy),
        support_agreed_on: days.support_agreed_on,
    };
    diesel::delete(direct_payment_standings::table.find(&account.id)).execute(write.connection)?;
    diesel::insert_into(direct_payment_standings::table).values(&row).execute(write.connection)?;
    Ok(())
}

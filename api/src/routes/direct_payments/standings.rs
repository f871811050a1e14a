//! Where each account stands, written anew with everything that may move it, so that lists need not read every account.

use super::DirectPaymentAccount;
use super::accounts::months_after;
use super::book::{AccountBook, Monitoring, load};
use crate::problem::Problem;
use chrono::{Days, NaiveDate};
use db::Write;
use db::schema::{direct_payment_accounts, direct_payment_standings, direct_payment_steps};
use diesel::prelude::*;
use domain::direct_payment::{AccountState, Standing, Stretch};
use domain::profile::DirectPaymentPolicy;

/// Where one account stands, as days: what they mean today is seen when they are read.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = direct_payment_standings)]
pub struct Row {
    account_id: String,
    agreement_on: Option<NaiveDate>,
    bank_on: Option<NaiveDate>,
    dbs_on: Option<NaiveDate>,
    dbs_until: Option<NaiveDate>,
    paused_from: Option<NaiveDate>,
    paused_until: Option<NaiveDate>,
    closed_on: Option<NaiveDate>,
    pub return_due_on: Option<NaiveDate>,
    pub audit_due_on: Option<NaiveDate>,
    support_agreed_on: Option<NaiveDate>,
}

impl Row {
    /// The state on a day, as the account's own page has it.
    pub fn state(&self, policy: &DirectPaymentPolicy, today: NaiveDate) -> AccountState {
        let standing = Standing {
            agreement_on: self.agreement_on,
            bank_on: self.bank_on,
            checks: self.dbs_on.map(|from| Stretch { from, to: self.dbs_until }).into_iter().collect(),
            pauses: self.paused_from.map(|from| Stretch { from, to: self.paused_until }).into_iter().collect(),
            closed_on: self.closed_on,
            support_agreed_on: self.support_agreed_on,
        };
        standing.state(policy.needs(), today)
    }
}

/// Writes down where the account stands now.
pub fn write_anew(write: &mut Write<'_>, policy: &DirectPaymentPolicy, account: &DirectPaymentAccount) -> Result<(), Problem> {
    let book = AccountBook::of(write.connection, account.clone())?;
    let monitoring = Monitoring::of(write.connection, &account.id)?;
    let standing = &book.standing;
    let pause = standing.unfinished_pause(write.at.date());
    let row = Row {
        account_id: account.id.clone(),
        agreement_on: standing.agreement_on,
        bank_on: standing.bank_on,
        dbs_on: standing.checks.iter().map(|check| check.from).min(),
        dbs_until: standing.checks_until(),
        paused_from: pause.map(|pause| pause.from),
        paused_until: pause.and_then(|pause| pause.to),
        closed_on: standing.closed_on,
        return_due_on: return_due(policy, account, standing, &monitoring),
        audit_due_on: audit_due(policy, account, standing, &monitoring),
        support_agreed_on: standing.support_agreed_on,
    };
    diesel::delete(direct_payment_standings::table.find(&account.id)).execute(write.connection)?;
    diesel::insert_into(direct_payment_standings::table).values(&row).execute(write.connection)?;
    Ok(())
}

/// Writes down whether the support is agreed of the accounts that pay an arrangement, after a line of it was recorded or confirmed.
pub fn write_support_anew(write: &mut Write<'_>, arrangement: &str) -> Result<(), Problem> {
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
    for book in load(write.connection, accounts)? {
        diesel::update(direct_payment_standings::table.find(&book.account.id))
            .set(direct_payment_standings::support_agreed_on.eq(book.standing.support_agreed_on))
            .execute(write.connection)?;
    }
    Ok(())
}

/// The first return some weeks after the first day paid for, each later one some months after the days of the last. A closed account
/// is audited once more and returns nothing.
pub fn return_due(
    policy: &DirectPaymentPolicy,
    account: &DirectPaymentAccount,
    standing: &Standing,
    monitoring: &Monitoring,
) -> Option<NaiveDate> {
    if standing.closed_on.is_some() {
        return None;
    }
    match monitoring.returned_until() {
        Some(until) => months_after(until, policy.check_every_months.as_ref()),
        None => account.starts_on.checked_add_days(Days::new(u64::from(policy.first_check_weeks.as_ref()?.value) * 7)),
    }
}

/// Some months after the first day paid for, or after the days of the last audit; of a closed account on its last day, unless an
/// audit went that far.
pub fn audit_due(
    policy: &DirectPaymentPolicy,
    account: &DirectPaymentAccount,
    standing: &Standing,
    monitoring: &Monitoring,
) -> Option<NaiveDate> {
    let audited_until = monitoring.last_audit().map(|audit| audit.period_to);
    match standing.closed_on {
        Some(closed) => Some(closed).filter(|closed| audited_until.is_none_or(|until| until < *closed)),
        None => months_after(audited_until.unwrap_or(account.starts_on), policy.check_every_months.as_ref()),
    }
}

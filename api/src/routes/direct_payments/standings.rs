//! Where each account stands, written anew with everything that may move it, so that lists need not read every account.

use super::DirectPaymentAccount;
use super::accounts::months_after;
use super::book::{AccountBook, Monitoring};
use crate::problem::Problem;
use chrono::{Days, NaiveDate};
use db::Write;
use db::schema::direct_payment_standings;
use diesel::prelude::*;
use domain::direct_payment::{AccountState, Precondition, Standing, Stretch};
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
        };
        standing.state(demands(policy), today)
    }
}

/// What the policy demands, and somebody to pay, which is needed whatever it says.
pub fn demands(policy: &DirectPaymentPolicy) -> impl Iterator<Item = Precondition> + '_ {
    let bank = Precondition::BankAccountVerified;
    policy.demands().chain(Some(bank).filter(|bank| !policy.demands().any(|demand| demand == *bank)))
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
    };
    diesel::delete(direct_payment_standings::table.find(&account.id)).execute(write.connection)?;
    diesel::insert_into(direct_payment_standings::table).values(&row).execute(write.connection)?;
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

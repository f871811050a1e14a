//! Accounts in a list, and the page of one. An account is part of its child's record: reading it is on the trail of both.

use crate::direct_payments::account::{DirectPaymentAccount, find};
use crate::direct_payments::page::{DirectPaymentAccountPage, page};
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::direct_payments::repayment_confirmation;
use crate::direct_payments::state_rows::StateRow;
use crate::error::Error;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::{direct_payment_accounts, direct_payment_standings};
use db::{Event, Write};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::Profile;
use domain::direct_payments::{AccountState, Precondition, return_overdue_if_due_by};
use domain::profile::DirectPaymentPolicy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDirectPaymentAccounts {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
    /// Only those that stand so today.
    state: Option<AccountState>,
    /// Only those whose family's return should have come.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    returns_overdue: bool,
    /// Only those that should be audited by today.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    audit_due: bool,
    /// Only those with something missing after the time within which it should be on record: the policy's hours, counted from the
    /// record of the package line.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    set_up_overdue: bool,
}

/// An account and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedDirectPaymentAccount {
    /// The account.
    #[serde(flatten)]
    pub account: DirectPaymentAccount,
    /// Where it stands today.
    pub state: AccountState,
    /// When the family's next return is due; null, none is.
    pub return_due_on: Option<NaiveDate>,
    /// When the next audit is due; null, none is.
    pub audit_due_on: Option<NaiveDate>,
}

fn listed(
    write: &mut Write<'_>,
    policy: &DirectPaymentPolicy,
    asked: ListDirectPaymentAccounts,
) -> Result<Page<ListedDirectPaymentAccount>, Error> {
    use direct_payment_standings as days;
    let after = asked.cursor.after_record()?;
    let today = write.today();
    let demands = |precondition| sql::<Bool>(if policy.demands().any(|demand| demand == precondition) { "1 = 1" } else { "1 = 0" });
    // Somebody to pay, and support that was agreed, are needed whatever the policy demands.
    let missing = || {
        days::bank_on
            .is_null()
            .or(days::support_agreed_on.is_null())
            .or(demands(Precondition::AgreementSigned).and(days::agreement_on.is_null()))
            .or(demands(Precondition::DbsSeen)
                .and(days::dbs_on.is_null().or(days::dbs_until.is_not_null().and(days::dbs_until.assume_not_null().le(today)))))
    };
    let closed = || days::closed_on.is_not_null().and(days::closed_on.assume_not_null().le(today));
    let paused = || {
        days::paused_from
            .is_not_null()
            .and(days::paused_from.assume_not_null().le(today))
            .and(days::paused_until.is_null().or(days::paused_until.assume_not_null().gt(today)))
    };
    let mut query = direct_payment_accounts::table
        .inner_join(days::table.on(days::account_id.eq(direct_payment_accounts::id)))
        .select((DirectPaymentAccount::as_select(), StateRow::as_select()))
        .filter(direct_payment_accounts::recorded_seq.ge(after.seq))
        .filter(direct_payment_accounts::recorded_seq.gt(after.seq).or(direct_payment_accounts::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = asked.child_id {
        query = query.filter(direct_payment_accounts::child_id.eq(child.0));
    }
    query = match asked.state {
        None => query,
        Some(AccountState::Closed) => query.filter(closed()),
        Some(AccountState::SettingUp) => query.filter(diesel::dsl::not(closed())).filter(missing()),
        Some(AccountState::Paused) => query.filter(diesel::dsl::not(closed())).filter(diesel::dsl::not(missing())).filter(paused()),
        Some(AccountState::Active) => {
            query.filter(diesel::dsl::not(closed())).filter(diesel::dsl::not(missing())).filter(diesel::dsl::not(paused()))
        }
    };
    if asked.returns_overdue {
        query = query.filter(days::return_due_on.le(return_overdue_if_due_by(today)));
    }
    if asked.audit_due {
        query = query.filter(days::audit_due_on.le(today));
    }
    if asked.set_up_overdue {
        query = query.filter(direct_payment_accounts::set_up_due_at.lt(write.at)).filter(diesel::dsl::not(closed())).filter(missing());
    }
    let rows: Vec<(DirectPaymentAccount, StateRow)> = query
        .order((direct_payment_accounts::recorded_seq, direct_payment_accounts::id))
        .limit(asked.limit.and_one())
        .load(write.connection)?;
    let rows = rows.into_iter().map(|(account, row)| ListedDirectPaymentAccount {
        state: row.state(policy, today),
        return_due_on: row.return_due_on,
        audit_due_on: row.audit_due_on,
        account,
    });
    Ok(asked.limit.page(rows.collect(), |row: &ListedDirectPaymentAccount| After::key(row.account.recorded_seq, &row.account.id)))
}

/// Lists accounts.
pub fn list(
    write: &mut Write<'_>,
    profile: &Profile,
    wanted: ListDirectPaymentAccounts,
) -> Result<Page<ListedDirectPaymentAccount>, Error> {
    let page = listed(write, &profile.direct_payments, wanted)?;
    for listed in &page.items {
        record_read(write, &listed.account)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "direct_payment_accounts", ""))?;
    }
    Ok(page)
}

/// Reads the page of an account.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<DirectPaymentAccountPage, Error> {
    let account = find(write.connection, id)?;
    record_read(write, &account)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let monitoring = Monitoring::of(write.connection, &record.account.id)?;
    let confirmations = repayment_confirmation::of_repayments(write.connection, monitoring.repayments.iter().map(|row| &row.id))?;
    page(profile, record, monitoring, confirmations, write.today()).map_err(Error::fault)
}

fn record_read(write: &mut Write<'_>, account: &DirectPaymentAccount) -> Result<(), Error> {
    write.record(Event::new("read", "direct_payment_accounts", &account.id))?;
    write.record(Event::new("read", "children", &account.child_id).with(json!({ "direct_payment_account_id": account.id })))?;
    Ok(())
}

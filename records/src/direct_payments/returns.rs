//! Returns: what a family says it spent, with evidence, and has left.

use crate::direct_payments::account;
use crate::direct_payments::family_return::{DirectPaymentReturn, find};
use crate::direct_payments::record::Monitoring;
use crate::direct_payments::state_rows;
use crate::error::Error;
use crate::period;
use crate::reversal::{Period, already_reversed, refuse_overlap};
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::direct_payment_returns;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{refuse_bank_details_in_reason, refuse_reversal_of_reversal, return_mistakes};
use domain::profile::DirectPaymentPolicy;
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A return to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "period_from": "2024-06-17", "period_to": "2024-09-09", "evidenced_pence": 98000, "balance_pence": 21670, "received_on": "2024-09-16"
}))]
pub struct NewDirectPaymentReturn {
    /// The period's first day, not before the account's.
    pub period_from: NaiveDate,
    /// The first day after it, in the same financial year.
    pub period_to: NaiveDate,
    /// Spent in the period, with evidence.
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub evidenced_pence: Pence,
    /// What the family's account held at the period's end.
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub balance_pence: Pence,
    /// When it came, once the period was over.
    pub received_on: NaiveDate,
    /// In words.
    pub reason: Option<Text<500>>,
}

/// Records a family's return.
pub fn record_return(
    write: &mut Write<'_>,
    profile: &Profile,
    account_id: &str,
    new: NewDirectPaymentReturn,
) -> Result<DirectPaymentReturn, Error> {
    let account = account::find(write.connection, account_id)?;
    let days = (new.period_from, new.period_to);
    let reason = new.reason.map(|reason| reason.0);
    let mut errors = period::return_mistakes(new.period_from, new.period_to);
    errors.extend(return_mistakes(days, new.received_on, reason.as_deref(), account.starts_on, write.today()));
    Refusal::unless_valid(errors)?;
    refuse_overlap(&covering(Monitoring::of(write.connection, &account.id)?, days))?;
    let row = DirectPaymentReturn {
        id: new_id(),
        account_id: account.id.clone(),
        period_from: new.period_from,
        period_to: new.period_to,
        evidenced_pence: new.evidenced_pence,
        balance_pence: new.balance_pence,
        received_on: new.received_on,
        reverses_id: None,
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    state_rows::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("record", "direct_payment_returns", &row.id).with(json!({ "account_id": account.id })))?;
    Ok(row)
}

/// Returns that cover some of these days.
fn covering(monitoring: Monitoring, (from, to): (NaiveDate, NaiveDate)) -> Vec<Period> {
    let covering = monitoring.returns.into_iter().filter(|one| one.period_from < to && one.period_to > from);
    covering.map(|one| Period { id: one.id, reverses_id: one.reverses_id, from: one.period_from, to: one.period_to }).collect()
}

/// Takes a return back.
pub fn reverse_return(write: &mut Write<'_>, policy: &DirectPaymentPolicy, id: &str, reason: String) -> Result<DirectPaymentReturn, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let row = find(write.connection, id)?;
    refuse_reversal_of_reversal(row.reverses_id.as_deref(), "return")?;
    let reversing = DirectPaymentReturn {
        id: new_id(),
        evidenced_pence: row.evidenced_pence.checked_neg().map_err(Error::fault)?,
        balance_pence: row.balance_pence.checked_neg().map_err(Error::fault)?,
        reverses_id: Some(row.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_returns_reverses_id_key"))?;
    let account = account::find(write.connection, &reversing.account_id)?;
    state_rows::write_anew(write, policy, &account)?;
    write.record(Event::new("reverse", "direct_payment_returns", id).with(json!({ "account_id": account.id })))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &DirectPaymentReturn) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_returns::table).values(row).execute(write.connection)?;
    Ok(())
}

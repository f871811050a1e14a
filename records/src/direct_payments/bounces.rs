//! Recording that the bank returned a payment: its days are due again, and the next pay file pays them once more.

use crate::direct_payments::account;
use crate::direct_payments::bounce::{DirectPaymentBounce, find};
use crate::direct_payments::paid::taken_up_since;
use crate::direct_payments::payment::{DirectPayment, arrangements_of};
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::error::Error;
use crate::reversal::already_reversed;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::direct_payment_bounces;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{
    NewBounce, refuse_bank_details_in_reason, refuse_bounced_twice, refuse_once_audited, refuse_reversal_of_reversal,
};
use domain::{Pence, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A payment that the bank returned. A bank returns a transfer whole: all that a pay file sent to the account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "export_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "bounced_on": "2024-06-06", "amount_pence": 40000, "reason": "The account is closed"
}))]
pub struct NewDirectPaymentBounce {
    /// The pay file that sent it.
    pub export_id: Id,
    /// When it came back, not before the file's day.
    pub bounced_on: NaiveDate,
    /// How much: all that the file sent to the account.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// In words, as the bank gives it.
    pub reason: Text<500>,
}

/// Records that the bank returned what a pay file sent to an account.
pub fn record_bounce(write: &mut Write<'_>, account_id: &str, new: NewDirectPaymentBounce) -> Result<DirectPaymentBounce, Error> {
    let account = account::find(write.connection, account_id)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let said = NewBounce { bounced_on: new.bounced_on, amount: new.amount_pence, reason: &new.reason.0 };
    let sent = record.transfer(&new.export_id.0).map_err(Error::fault)?;
    Refusal::unless_valid(said.mistakes(sent, write.today()))?;
    refuse_bounced_twice(record.bounced_on(&new.export_id.0))?;
    refuse_once_audited(sent.paid_on, Monitoring::of(write.connection, &record.account.id)?.audited_until())?;
    let bounce = DirectPaymentBounce {
        id: new_id(),
        account_id: record.account.id,
        export_id: new.export_id.0,
        bounced_on: new.bounced_on,
        amount_pence: new.amount_pence,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_bounces::table).values(&bounce).execute(write.connection)?;
    let told = json!({ "account_id": bounce.account_id, "export_id": bounce.export_id });
    write.record(Event::new("record", "direct_payment_bounces", &bounce.id).with(told))?;
    Ok(bounce)
}

/// Takes a bounce back, unless its days were paid again.
pub fn reverse_bounce(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentBounce, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let bounce = find(write.connection, id)?;
    refuse_reversal_of_reversal(bounce.reverses_id.as_deref(), "bounce")?;
    let account = account::find(write.connection, &bounce.account_id)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let came_back: Vec<&DirectPayment> = record.sent_by(&bounce.export_id).collect();
    let paid_on = came_back.iter().map(|payment| payment.paid_on).next();
    refuse_once_audited(paid_on, Monitoring::of(write.connection, &record.account.id)?.audited_until())?;
    record.money.refuse_paid_again(&came_back.iter().map(|payment| payment.id.as_str()).collect::<Vec<_>>())?;
    for arrangement in arrangements_of(&record.account, came_back) {
        taken_up_since(write.connection, &record.account.id, arrangement)?.refuse()?;
    }
    let reversing = DirectPaymentBounce {
        id: new_id(),
        amount_pence: bounce.amount_pence.checked_neg().map_err(Error::fault)?,
        reverses_id: Some(bounce.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..bounce
    };
    let inserted = diesel::insert_into(direct_payment_bounces::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "direct_payment_bounces_reverses_id_key"))?;
    write.record(Event::new("reverse", "direct_payment_bounces", id).with(json!({ "account_id": reversing.account_id })))?;
    Ok(reversing)
}

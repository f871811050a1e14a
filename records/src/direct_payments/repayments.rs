//! What families paid back. What has to be recovered of payments that were too high is settled first.

use crate::direct_payments::account;
use crate::direct_payments::paid::taken_up_since;
use crate::direct_payments::payment::{DirectPayment, arrangements_of, of_repayment};
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::direct_payments::repayment::{DirectPaymentRepayment, find};
use crate::direct_payments::repayment_confirmation::{DirectPaymentRepaymentConfirmation, RepaymentConfirmed};
use crate::error::Error;
use crate::people::owners::hands_of;
use crate::reversal::already_reversed;
use chrono::NaiveDate;
use db::schema::{direct_payment_repayment_confirmations, direct_payment_repayments, direct_payments};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{
    FinanceReference, PaymentKind, Recovery, RepaymentToConfirm, refuse_bank_details_in_reason, refuse_reversal_of_reversal,
    repayment_confirmed_before, repayment_mistakes,
};
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A repayment to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "received_on": "2025-07-04", "amount_pence": 30000, "reference": "RCT-7731" }))]
pub struct NewDirectPaymentRepayment {
    /// When the council received it.
    pub received_on: NaiveDate,
    /// How much: with what came before, no more than was ever paid.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// As the finance system has it.
    pub reference: FinanceReference,
}

/// Nothing more than the wish to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDirectPaymentRepaymentConfirmation, example = json!({}))]
pub struct NewRepaymentConfirmation {}

/// Records what a family paid back, and what of it settles payments that were too high.
pub fn record_repayment(
    write: &mut Write<'_>,
    profile: &Profile,
    account_id: &str,
    new: NewDirectPaymentRepayment,
) -> Result<DirectPaymentRepayment, Error> {
    let account = account::find(write.connection, account_id)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let monitoring = Monitoring::of(write.connection, &record.account.id)?;
    let left = monitoring.repaid().and_then(|repaid| record.money.not_repaid(repaid)).map_err(Error::fault)?;
    Refusal::unless_valid(repayment_mistakes(new.received_on, new.amount_pence, left, write.today()))?;
    let repayment = DirectPaymentRepayment {
        id: new_id(),
        account_id: record.account.id.clone(),
        received_on: new.received_on,
        amount_pence: new.amount_pence,
        reference: new.reference.0,
        reverses_id: None,
        reason: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_repayments::table).values(&repayment).execute(write.connection)?;
    for recovery in record.money.recoveries(&profile.costing, repayment.amount_pence).map_err(Error::fault)? {
        diesel::insert_into(direct_payments::table).values(recovered_by(&repayment, &recovery)).execute(write.connection)?;
    }
    write.record(Event::new("record", "direct_payment_repayments", &repayment.id).with(json!({ "account_id": repayment.account_id })))?;
    Ok(repayment)
}

fn recovered_by(repayment: &DirectPaymentRepayment, recovery: &Recovery<'_>) -> DirectPayment {
    DirectPayment {
        id: new_id(),
        account_id: repayment.account_id.clone(),
        export_id: None,
        repayment_id: Some(repayment.id.clone()),
        kind: PaymentKind::Recovery,
        line_id: recovery.of.line_id.clone(),
        corrects_id: Some(recovery.of.id.clone()),
        period_from: recovery.of.from,
        period_to: recovery.of.to,
        due_on: repayment.received_on,
        paid_on: repayment.received_on,
        amount_pence: recovery.amount,
        recorded_by: repayment.recorded_by.clone(),
        recorded_at: repayment.recorded_at,
        recorded_seq: repayment.recorded_seq,
        attempt: 1,
    }
}

/// Says that a repayment which another recorded was received: two people then stand behind it, and it keeps nobody from paying the child.
pub fn confirm_repayment(write: &mut Write<'_>, id: &str) -> Result<RepaymentConfirmed, Error> {
    let repayment = find(write.connection, id)?;
    let reversals = direct_payment_repayments::table.filter(direct_payment_repayments::reverses_id.eq(id));
    let to_confirm = RepaymentToConfirm {
        recorded_by: &repayment.recorded_by,
        is_reversal: repayment.reverses_id.is_some(),
        is_reversed: diesel::select(diesel::dsl::exists(reversals)).get_result(write.connection)?,
    };
    to_confirm.refuse_confirmation(&hands_of(write.connection, &write.actor.id)?)?;
    let row = DirectPaymentRepaymentConfirmation {
        repayment_id: repayment.id.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let inserted = diesel::insert_into(direct_payment_repayment_confirmations::table).values(&row).execute(write.connection);
    inserted.map_err(|error| {
        let error = db::Error::from(error);
        if error.unique_key().is_some() { repayment_confirmed_before().into() } else { Error::from(error) }
    })?;
    write.record(Event::new("confirm", "direct_payment_repayments", id).with(json!({ "account_id": repayment.account_id })))?;
    Ok(RepaymentConfirmed { repayment, confirmation: Some(row) })
}

/// Takes a repayment back, with what it settled.
pub fn reverse_repayment(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentRepayment, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let repayment = find(write.connection, id)?;
    refuse_reversal_of_reversal(repayment.reverses_id.as_deref(), "repayment")?;
    let account = account::find(write.connection, &repayment.account_id)?;
    let settled = of_repayment(write.connection, id)?;
    for arrangement in arrangements_of(&account, &settled) {
        taken_up_since(write.connection, &account.id, arrangement)?.refuse_while_unpaid()?;
    }
    let reversing = DirectPaymentRepayment {
        id: new_id(),
        amount_pence: repayment.amount_pence.checked_neg().map_err(Error::fault)?,
        reverses_id: Some(repayment.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..repayment
    };
    let inserted = diesel::insert_into(direct_payment_repayments::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "direct_payment_repayments_reverses_id_key"))?;
    for recovery in settled {
        let opposite = DirectPayment {
            id: new_id(),
            repayment_id: Some(reversing.id.clone()),
            amount_pence: recovery.amount_pence.checked_neg().map_err(Error::fault)?,
            recorded_by: reversing.recorded_by.clone(),
            recorded_at: reversing.recorded_at,
            recorded_seq: reversing.recorded_seq,
            ..recovery
        };
        diesel::insert_into(direct_payments::table).values(&opposite).execute(write.connection)?;
    }
    write.record(Event::new("reverse", "direct_payment_repayments", id).with(json!({ "account_id": reversing.account_id })))?;
    Ok(reversing)
}

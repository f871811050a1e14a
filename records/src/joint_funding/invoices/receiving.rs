//! Recording what a funder paid, and taking a receipt back.

use crate::direct_payments::check_text;
use crate::error::Error;
use crate::joint_funding::invoices::receipts::HealthReceipt;
use crate::joint_funding::invoices::{invoice, money, receipts};
use crate::reversal::already_reversed;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::health_receipts;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::invoices::day_mistake;
use domain::joint_funding::invoices::receipts::{amount_mistake, refuse_amount, refuse_reversal};
use domain::{FieldError, Pence, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// A receipt to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "amount_pence": 100000, "received_on": "2024-05-28", "reference": "BACS 4417" }))]
pub struct NewHealthReceipt {
    /// How much: at most what is owed. Negative, what was paid back of an invoice in credit: at most what it is in credit by.
    #[schema(value_type = i64, minimum = -100000000000i64, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// The day it arrived, not after today and not before the invoice.
    pub received_on: NaiveDate,
    /// As the bank has it.
    pub reference: Text<60>,
}

/// Records what was received of an invoice, or paid back.
///
/// # Errors
/// When there is no such invoice, or it is not owed so much.
pub fn receive(write: &mut Write<'_>, invoice_id: &str, new: NewHealthReceipt) -> Result<HealthReceipt, Error> {
    let invoice = invoice::find(write.connection, invoice_id)?;
    let mut errors: Vec<FieldError> = day_mistake("/received_on", new.received_on, invoice.issued_on, write.today()).into_iter().collect();
    check_text(&mut errors, "/reference", &new.reference.0);
    errors.extend(amount_mistake(new.amount_pence));
    Refusal::unless_valid(errors)?;
    let (money, _) = money::of_invoice(write.connection, &invoice.id)?;
    refuse_amount(&invoice.number, new.amount_pence, money.outstanding_pence)?;
    let receipt = HealthReceipt {
        id: new_id(),
        invoice_id: invoice.id,
        amount_pence: new.amount_pence,
        received_on: new.received_on,
        reference: new.reference.0,
        reverses_id: None,
        reason: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(health_receipts::table).values(&receipt).execute(write.connection)?;
    write.record(Event::new("record", "health_receipts", &receipt.id))?;
    Ok(receipt)
}

/// Takes a receipt back.
///
/// # Errors
/// When there is no such receipt, or it was taken back before.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<HealthReceipt, Error> {
    let receipt = receipts::find(write.connection, id)?;
    refuse_reversal(receipt.reverses_id.is_some())?;
    let reversing = HealthReceipt {
        id: new_id(),
        amount_pence: receipt.amount_pence.checked_neg().map_err(Error::fault)?,
        reverses_id: Some(receipt.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..receipt
    };
    let inserted = diesel::insert_into(health_receipts::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "health_receipts_reverses_id_key"))?;
    write.record(Event::new("reverse", "health_receipts", id))?;
    Ok(reversing)
}

//! Recording what a funder paid, and taking a receipt back.

use crate::direct_payments::check_text;
use crate::error::Error;
use crate::joint_funding::invoices::receipts::{HealthReceipt, brought_by};
use crate::joint_funding::invoices::{invoice, money, receipts};
use crate::ledger_entries::entry;
use crate::ledger_entries::entry::{LedgerEntry, was_reversed};
use crate::money::carrying_again::{Changed, carrying_again};
use crate::money::closed_years::refuse_closed;
use crate::reversal::already_reversed;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{health_receipts, ledger_entries};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::invoices::day_mistake;
use domain::joint_funding::invoices::receipts::{InvoiceOf, LedgerMoney, amount_mistake, entry_mistake, refuse_amount, refuse_reversal};
use domain::ledger_entries::refuse_matching;
use domain::{FieldError, Pence, Profile, Refusal};
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
    /// The ledger entry that it came in: so much of that entry settles what this invoice was for, whatever year that was. None, the entry settles
    /// the oldest that the funder owes.
    pub ledger_entry_id: Option<Id>,
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
    let entry = match &new.ledger_entry_id {
        Some(id) => entry_that_brought(write.connection, &id.0)?,
        None => None,
    };
    if new.ledger_entry_id.is_some() {
        let from = InvoiceOf { budget_line: &invoice.budget_line, provider: &invoice.provider_id };
        errors.extend(entry_mistake(from, new.amount_pence, entry.as_ref().map(|(entry, brought)| brought_by_entry(entry, *brought))));
    }
    Refusal::unless_valid(errors)?;
    if let Some((entry, _)) = &entry {
        refuse_matching(entry.reverses_id.is_some(), was_reversed(write.connection, entry)?)?;
        refuse_closed(write.connection, entry.year)?;
    }
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
        ledger_entry_id: new.ledger_entry_id.map(|id| id.0),
    };
    diesel::insert_into(health_receipts::table).values(&receipt).execute(write.connection)?;
    write.record(Event::new("record", "health_receipts", &receipt.id))?;
    Ok(receipt)
}

/// A ledger entry, and what receipts say that it brought; none, there is no such entry.
fn entry_that_brought(connection: &mut AnyConnection, id: &str) -> Result<Option<(LedgerEntry, Pence)>, Error> {
    let found = ledger_entries::table.find(id).select(LedgerEntry::as_select()).first(connection).optional()?;
    let Some(entry) = found else { return Ok(None) };
    let brought = brought_by(connection, &entry.id)?;
    Ok(Some((entry, brought)))
}

/// As the rules take it.
fn brought_by_entry(entry: &LedgerEntry, brought: Pence) -> LedgerMoney<'_> {
    LedgerMoney { budget_line: &entry.budget_line, provider: entry.provider_id.as_deref(), amount: entry.amount_pence, brought }
}

/// Takes a receipt back. What it settled of a closed year is carried into the next.
///
/// # Errors
/// When there is no such receipt, or it was taken back before.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<HealthReceipt, Error> {
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
    let year = reversing.ledger_entry_id.as_deref().map(|id| entry::find(write.connection, id)).transpose()?.map(|entry| entry.year);
    let invoice = invoice::find(write.connection, &reversing.invoice_id)?;
    let from = year.map_or(NaiveDate::MAX, |year| year.starts_on());
    carrying_again(write, profile, Changed { id, budget_line: &invoice.budget_line, from }, |write| {
        let inserted = diesel::insert_into(health_receipts::table).values(&reversing).execute(write.connection);
        inserted.map(|_| ()).map_err(|error| already_reversed(error.into(), "health_receipts_reverses_id_key"))
    })?;
    write.record(Event::new("reverse", "health_receipts", id))?;
    Ok(reversing)
}

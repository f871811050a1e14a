//! Receipts: what a funder paid of an invoice, in whole or in part.

use super::{day_mistake, find, location_of, money, record_event};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::routes::direct_payments::check_text;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::health_receipts;
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::Pence;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A receipt, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = health_receipts)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "invoice_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "amount_pence": 100000,
    "received_on": "2024-05-28", "reference": "BACS 4417", "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-29T09:00:00Z", "recorded_seq": 412
}))]
pub struct HealthReceipt {
    /// The receipt's id.
    pub id: String,
    /// The invoice it is for.
    pub invoice_id: String,
    /// How much; negative where it was paid back, or takes a receipt back.
    pub amount_pence: Pence,
    /// The day it arrived.
    pub received_on: NaiveDate,
    /// As the bank has it.
    pub reference: String,
    /// The receipt that this row takes back.
    pub reverses_id: Option<String>,
    /// Why it is taken back.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for HealthReceipt {
    fn location(&self) -> String {
        location_of(&self.invoice_id)
    }
}

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

/// Record a receipt
///
/// In whole or in part. More than is owed is refused.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthReceipt,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The receipt", body = HealthReceipt)))]
#[post("/health-invoices/{id}/receipts")]
pub async fn create_health_receipt(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthReceipt>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| receive(write, &id.0, body.value)).await
}

/// Reverse a receipt
///
/// For one recorded by mistake, or a payment that bounced.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The receipt's id")), request_body = NewReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The row that takes it back", body = HealthReceipt)))]
#[post("/health-receipts/{id}/reversal")]
pub async fn reverse_health_receipt(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

/// An invoice's receipts, in the order recorded.
pub(super) fn receipts_of(connection: &mut AnyConnection, invoice_id: &str) -> Result<Vec<HealthReceipt>, Problem> {
    Ok(health_receipts::table
        .filter(health_receipts::invoice_id.eq(invoice_id))
        .order((health_receipts::recorded_seq, health_receipts::id))
        .select(HealthReceipt::as_select())
        .load(connection)?)
}

fn receive(write: &mut Write<'_>, invoice_id: &str, new: NewHealthReceipt) -> Result<HealthReceipt, Problem> {
    let invoice = find(write.connection, invoice_id)?;
    let mut errors: Vec<FieldError> =
        day_mistake("/received_on", new.received_on, invoice.issued_on, write.at.date()).into_iter().collect();
    check_text(&mut errors, "/reference", &new.reference.0);
    if new.amount_pence == Pence::ZERO {
        errors.push(FieldError::new("/amount_pence", "minimum", "nothing is no receipt"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let (money, _) = money::of_invoice(write.connection, &invoice.id)?;
    let owed = money.outstanding_pence;
    // Between nothing and what is owed, on whichever side of nothing that is.
    let fits = if new.amount_pence > Pence::ZERO { new.amount_pence <= owed } else { new.amount_pence >= owed };
    if !fits {
        let owed = match owed.0 {
            0 => "nothing is owed".to_owned(),
            pence if pence > 0 => format!("{} is owed", owed.to_pounds()),
            _ => format!("nothing is owed, and it is {} in credit", Pence(-owed.0).to_pounds()),
        };
        return Err(Problem::new(Code::StateConflict, format!("Of invoice {} {owed}.", invoice.number)));
    }
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
    record_event(write, "record", "health_receipts", &receipt.id)?;
    Ok(receipt)
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<HealthReceipt, Problem> {
    let row = health_receipts::table.find(id).select(HealthReceipt::as_select()).first(write.connection).optional()?;
    let receipt: HealthReceipt = row.ok_or_else(|| Problem::not_found("receipt"))?;
    if receipt.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the receipt again instead."));
    }
    let reversing = HealthReceipt {
        id: new_id(),
        amount_pence: receipt.amount_pence.checked_neg().map_err(Problem::internal)?,
        reverses_id: Some(receipt.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..receipt
    };
    let inserted = diesel::insert_into(health_receipts::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "health_receipts_reverses_id_key"))?;
    record_event(write, "reverse", "health_receipts", id)?;
    Ok(reversing)
}

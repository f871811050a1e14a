//! What families paid back. What has to be recovered of payments that were too high is settled first.

use super::book::{AccountBook, Monitoring};
use super::payments::DirectPayment;
use super::{account, check_past_day, check_text, invalid_if_any, location_of};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::Id;
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{direct_payment_repayments, direct_payments};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::CannotCost;
use domain::direct_payment::{Difference, FinanceReference, PaymentKind, corrections};
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What a family paid back, or the row that takes it back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_repayments)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a84", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "received_on": "2025-07-04",
    "amount_pence": 30000, "reference": "RCT-7731", "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2025-07-04T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentRepayment {
    /// The repayment's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// When the council received it.
    pub received_on: NaiveDate,
    /// How much; negative where it takes a repayment back.
    pub amount_pence: Pence,
    /// As the finance system has it.
    pub reference: String,
    /// The repayment that this row takes back.
    pub reverses_id: Option<String>,
    /// Why it takes it back.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for DirectPaymentRepayment {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

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

/// Record a repayment to the council
///
/// It settles first what has to be recovered of payments that were too high, the earliest first, and then what audits and breaches
/// ask back. Whoever records one that settles payments makes no pay file for the child's accounts: another does, while it stands.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentRepayment,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The repayment", body = DirectPaymentRepayment)))]
#[post("/direct-payment-accounts/{id}/repayments")]
pub async fn create_direct_payment_repayment(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentRepayment>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Reverse a repayment to the council
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The repayment's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentRepayment)))]
#[post("/direct-payment-repayments/{id}/reversal")]
pub async fn reverse_direct_payment_repayment(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

fn record(
    write: &mut Write<'_>,
    profile: &Profile,
    account_id: &str,
    new: NewDirectPaymentRepayment,
) -> Result<DirectPaymentRepayment, Problem> {
    let account = account(write.connection, account_id)?;
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/received_on", new.received_on, write.at.date());
    let book = AccountBook::of(write.connection, account)?;
    let monitoring = Monitoring::of(write.connection, &book.account.id)?;
    let left = not_repaid(&book, &monitoring).map_err(Problem::internal)?;
    if new.amount_pence > left {
        errors.push(FieldError::new("/amount_pence", "more_than_paid", format!("of what was paid, {left} was not paid back yet")));
    }
    invalid_if_any(errors)?;
    let repayment = DirectPaymentRepayment {
        id: new_id(),
        account_id: book.account.id.clone(),
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
    for recovery in recoveries(profile, &book, &repayment).map_err(Problem::internal)? {
        diesel::insert_into(direct_payments::table).values(&recovery).execute(write.connection)?;
    }
    write.record(Event::new("record", "direct_payment_repayments", &repayment.id).with(json!({ "account_id": repayment.account_id })))?;
    Ok(repayment)
}

/// All that was paid in pay files, less all that was paid back.
fn not_repaid(book: &AccountBook, monitoring: &Monitoring) -> Result<Pence, CannotCost> {
    Ok(book.money.sum(|payment| payment.kind != PaymentKind::Recovery)?.checked_sub(monitoring.repaid()?)?)
}

/// What of the repayment settles payments that were too high. It is recorded as a payment of its own, so that an account that is
/// opened again pays it out again.
fn recoveries(profile: &Profile, book: &AccountBook, repayment: &DirectPaymentRepayment) -> Result<Vec<DirectPayment>, CannotCost> {
    let recovered = repayment.amount_pence.min(book.money.to_recover(&profile.costing)?);
    let too_high: Vec<_> =
        book.money.differences(&profile.costing)?.into_iter().filter(|difference| difference.pence < Pence::ZERO).collect();
    let amounts: Vec<_> = too_high.iter().map(|difference| difference.pence).collect();
    let settled = too_high.iter().zip(corrections(recovered, &amounts)?).filter(|(_, amount)| *amount != Pence::ZERO);
    let recovery = |(difference, amount_pence): (&Difference<'_>, Pence)| DirectPayment {
        id: new_id(),
        account_id: repayment.account_id.clone(),
        export_id: None,
        repayment_id: Some(repayment.id.clone()),
        kind: PaymentKind::Recovery,
        line_id: difference.of.line_id.clone(),
        corrects_id: Some(difference.of.id.clone()),
        period_from: difference.of.from,
        period_to: difference.of.to,
        due_on: repayment.received_on,
        paid_on: repayment.received_on,
        amount_pence,
        recorded_by: repayment.recorded_by.clone(),
        recorded_at: repayment.recorded_at,
        recorded_seq: repayment.recorded_seq,
    };
    Ok(settled.map(recovery).collect())
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentRepayment, Problem> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", &reason);
    invalid_if_any(errors)?;
    let repayment =
        direct_payment_repayments::table.find(id).select(DirectPaymentRepayment::as_select()).first(write.connection).optional()?;
    let repayment: DirectPaymentRepayment = repayment.ok_or_else(|| Problem::not_found("repayment of a direct payment"))?;
    if repayment.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the repayment again instead."));
    }
    let reversing = DirectPaymentRepayment {
        id: new_id(),
        amount_pence: repayment.amount_pence.checked_neg().map_err(Problem::internal)?,
        reverses_id: Some(repayment.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..repayment
    };
    let inserted = diesel::insert_into(direct_payment_repayments::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "direct_payment_repayments_reverses_id_key"))?;
    let recoveries: Vec<DirectPayment> = direct_payments::table
        .select(DirectPayment::as_select())
        .filter(direct_payments::repayment_id.eq(id))
        .order(direct_payments::id)
        .load(write.connection)?;
    for recovery in recoveries {
        let opposite = DirectPayment {
            id: new_id(),
            repayment_id: Some(reversing.id.clone()),
            amount_pence: recovery.amount_pence.checked_neg().map_err(Problem::internal)?,
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

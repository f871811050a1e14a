//! Breaches of the agreement, and what is asked back for them: any part of what was paid.

use super::book::{AccountBook, Monitoring};
use super::{account, check_past_day, check_text, invalid_if_any, location_of};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::direct_payment_breaches;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::CannotCost;
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A breach of an account's agreement, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_breaches)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a83", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "found_on": "2024-10-01",
    "what": "Spent on what the plan does not name", "required_pence": 12000, "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-10-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentBreach {
    /// The breach's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// When it was found.
    pub found_on: NaiveDate,
    /// What was found.
    pub what: String,
    /// What is asked back; negative where it takes a breach back.
    pub required_pence: Pence,
    /// The breach that this row takes back.
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

impl Located for DirectPaymentBreach {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

/// A breach to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "found_on": "2024-10-01", "what": "Spent on what the plan does not name", "required_pence": 12000 }))]
pub struct NewDirectPaymentBreach {
    /// When it was found.
    pub found_on: NaiveDate,
    /// What was found.
    pub what: Text<500>,
    /// What is asked back: up to all that was paid and is not asked back already.
    #[schema(value_type = i64, minimum = 0, maximum = 100000000000i64)]
    pub required_pence: Pence,
}

/// Record a breach of a direct payment agreement
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentBreach,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The breach", body = DirectPaymentBreach)))]
#[post("/direct-payment-accounts/{id}/breaches")]
pub async fn create_direct_payment_breach(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentBreach>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Reverse a breach of a direct payment agreement
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The breach's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentBreach)))]
#[post("/direct-payment-breaches/{id}/reversal")]
pub async fn reverse_direct_payment_breach(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, account_id: &str, new: NewDirectPaymentBreach) -> Result<DirectPaymentBreach, Problem> {
    let account = account(write.connection, account_id)?;
    let mut errors = Vec::new();
    check_past_day(&mut errors, "/found_on", new.found_on, write.at.date());
    check_text(&mut errors, "/what", &new.what.0);
    let book = AccountBook::of(write.connection, account)?;
    let monitoring = Monitoring::of(write.connection, &book.account.id)?;
    let left = not_asked_back(profile, &book, &monitoring).map_err(Problem::internal)?;
    if new.required_pence > left {
        let detail = format!("of what was paid, {left} is not asked back already");
        errors.push(FieldError::new("/required_pence", "more_than_paid", detail));
    }
    invalid_if_any(errors)?;
    let breach = DirectPaymentBreach {
        id: new_id(),
        account_id: book.account.id,
        found_on: new.found_on,
        what: new.what.0,
        required_pence: new.required_pence,
        reverses_id: None,
        reason: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &breach)?;
    write.record(Event::new("record", "direct_payment_breaches", &breach.id).with(json!({ "account_id": breach.account_id })))?;
    Ok(breach)
}

/// All that was paid, less what was recovered, is to be recovered, or is asked back by audits and breaches.
fn not_asked_back(profile: &Profile, book: &AccountBook, monitoring: &Monitoring) -> Result<Pence, CannotCost> {
    let asked = book.money.to_recover(&profile.costing)?.checked_add(monitoring.audits_require()?)?.checked_add(monitoring.breaches()?)?;
    Ok(book.money.sum(|_| true)?.checked_sub(asked)?.max(Pence::ZERO))
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentBreach, Problem> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", &reason);
    invalid_if_any(errors)?;
    let breach = direct_payment_breaches::table.find(id).select(DirectPaymentBreach::as_select()).first(write.connection).optional()?;
    let breach: DirectPaymentBreach = breach.ok_or_else(|| Problem::not_found("breach of a direct payment agreement"))?;
    if breach.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the breach again instead."));
    }
    let reversing = DirectPaymentBreach {
        id: new_id(),
        required_pence: breach.required_pence.checked_neg().map_err(Problem::internal)?,
        reverses_id: Some(breach.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..breach
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_breaches_reverses_id_key"))?;
    write.record(Event::new("reverse", "direct_payment_breaches", id).with(json!({ "account_id": reversing.account_id })))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, breach: &DirectPaymentBreach) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_breaches::table).values(breach).execute(write.connection)?;
    Ok(())
}

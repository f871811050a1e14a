//! Returns: what a family says it spent, with evidence, and has left.

use super::book::Monitoring;
use super::{account, check_past_day, check_text, invalid_if_any, location_of, standings};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::period;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, Period, already_reversed, refuse_overlap};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::direct_payment_returns;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::profile::DirectPaymentPolicy;
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A family's return for a period, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_returns)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "period_from": "2024-06-17",
    "period_to": "2024-09-09", "evidenced_pence": 98000, "balance_pence": 21670, "received_on": "2024-09-16", "reverses_id": null,
    "reason": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-09-16T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentReturn {
    /// The return's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// The period's first day.
    pub period_from: NaiveDate,
    /// The first day after it.
    pub period_to: NaiveDate,
    /// Spent in the period, with evidence; negative where it takes a return back.
    pub evidenced_pence: Pence,
    /// What the family's account held at the period's end; negative where it takes a return back.
    pub balance_pence: Pence,
    /// When it came.
    pub received_on: NaiveDate,
    /// The return that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for DirectPaymentReturn {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

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

/// Record a return of a direct payment account
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentReturn,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The return", body = DirectPaymentReturn)))]
#[post("/direct-payment-accounts/{id}/returns")]
pub async fn create_direct_payment_return(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentReturn>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Reverse a return of a direct payment account
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The return's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentReturn)))]
#[post("/direct-payment-returns/{id}/reversal")]
pub async fn reverse_direct_payment_return(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile.direct_payments, &id.0, body.value.reason.0)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, account_id: &str, new: NewDirectPaymentReturn) -> Result<DirectPaymentReturn, Problem> {
    let account = account(write.connection, account_id)?;
    let mut errors = period::return_mistakes(new.period_from, new.period_to);
    check_past_day(&mut errors, "/received_on", new.received_on, write.at.date());
    if new.period_from < account.starts_on {
        errors.push(FieldError::new("/period_from", "before_start", format!("the account starts on {}", account.starts_on)));
    }
    if new.period_to > new.received_on {
        errors.push(FieldError::new("/received_on", "before_end", "a return comes when its period is over"));
    }
    if let Some(reason) = &new.reason {
        check_text(&mut errors, "/reason", &reason.0);
    }
    invalid_if_any(errors)?;
    let monitoring = Monitoring::of(write.connection, &account.id)?;
    let covering = monitoring.returns.into_iter().filter(|one| one.period_from < new.period_to && one.period_to > new.period_from);
    let covering: Vec<_> =
        covering.map(|one| Period { id: one.id, reverses_id: one.reverses_id, from: one.period_from, to: one.period_to }).collect();
    refuse_overlap(&covering)?;
    let row = DirectPaymentReturn {
        id: new_id(),
        account_id: account.id.clone(),
        period_from: new.period_from,
        period_to: new.period_to,
        evidenced_pence: new.evidenced_pence,
        balance_pence: new.balance_pence,
        received_on: new.received_on,
        reverses_id: None,
        reason: new.reason.map(|reason| reason.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    standings::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("record", "direct_payment_returns", &row.id).with(json!({ "account_id": account.id })))?;
    Ok(row)
}

fn reverse(write: &mut Write<'_>, policy: &DirectPaymentPolicy, id: &str, reason: String) -> Result<DirectPaymentReturn, Problem> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", &reason);
    invalid_if_any(errors)?;
    let row = direct_payment_returns::table.find(id).select(DirectPaymentReturn::as_select()).first(write.connection).optional()?;
    let row: DirectPaymentReturn = row.ok_or_else(|| Problem::not_found("return of a direct payment account"))?;
    if row.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the return again instead."));
    }
    let reversing = DirectPaymentReturn {
        id: new_id(),
        evidenced_pence: row.evidenced_pence.checked_neg().map_err(Problem::internal)?,
        balance_pence: row.balance_pence.checked_neg().map_err(Problem::internal)?,
        reverses_id: Some(row.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_returns_reverses_id_key"))?;
    let account = account(write.connection, &reversing.account_id)?;
    standings::write_anew(write, policy, &account)?;
    write.record(Event::new("reverse", "direct_payment_returns", id).with(json!({ "account_id": account.id })))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &DirectPaymentReturn) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_returns::table).values(row).execute(write.connection)?;
    Ok(())
}

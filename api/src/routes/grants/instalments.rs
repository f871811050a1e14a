//! Instalments of a grant: paid once, and a payment taken back.

use super::terms::GrantInstalment;
use super::{standing, terms};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::GrantsWrite;
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::routes::direct_payments::check_text;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{grant_instalment_payments, grant_instalments};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::grant::InstalmentState;
use domain::{FinancialYear, Pence, Profile};
use serde::Deserialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// How an instalment was paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paid_on": "2023-04-17", "reference": "PAY-77120" }))]
pub struct GrantInstalmentPaid {
    /// The day, from the award to today.
    pub paid_on: NaiveDate,
    /// The finance system's number of the payment.
    pub reference: Text<60>,
}

/// Record that a grant's instalment is paid
///
/// All of it, and once. Where the authority's rules hold instalments back for conditions or returns, the refusal names each that is missing.
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The instalment's place, from 1")),
    request_body = GrantInstalmentPaid, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The instalment", body = GrantInstalment)))]
#[post("/grants/{id}/instalments/{number}/payment")]
pub async fn pay_grant_instalment(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<GrantInstalmentPaid>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let ((grant, number), profile) = (path.into_inner(), app.profile.clone());
    app.create(caller.actor(), once, move |write| pay(write, &profile, &grant.0, number, body.value)).await
}

/// Take the payment of a grant's instalment back
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The instalment's place, from 1")),
    request_body = NewReversal, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The instalment", body = GrantInstalment)))]
#[post("/grants/{id}/instalments/{number}/payment/reversal")]
pub async fn reverse_grant_instalment_payment(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let ((grant, number), profile) = (path.into_inner(), app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &grant.0, number, &body.value.reason.0)).await
}

fn pay(
    write: &mut Write<'_>,
    profile: &Profile,
    grant_id: &str,
    number: i64,
    paid: GrantInstalmentPaid,
) -> Result<GrantInstalment, Problem> {
    let grant = standing(write.connection, grant_id)?;
    let (awarded_on, today) = (grant.awarded_on, write.at.date());
    let instalment = find(write, profile, grant_id, number)?;
    let mut errors = Vec::new();
    check_text(&mut errors, "/reference", &paid.reference.0);
    if paid.paid_on > today || paid.paid_on < awarded_on || FinancialYear::of(paid.paid_on).is_err() {
        errors.push(FieldError::new("/paid_on", "out_of_range", format!("a day from {awarded_on}, the award's, to today")));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    match (instalment.state, instalment.paid_on) {
        (InstalmentState::Paid, paid_on) => {
            let when = paid_on.map(|day| format!(" on {day}")).unwrap_or_default();
            return Err(Problem::new(Code::StateConflict, format!("Instalment {number} was paid{when}.")));
        }
        (InstalmentState::Held, _) => {
            let errors = instalment.held_for.iter().map(|why| FieldError::new("", "held", why)).collect();
            let detail = format!("Instalment {number} waits; `errors` lists everything it waits for.");
            return Err(Problem::with_errors(Code::NotReady, errors).detailed(detail));
        }
        (InstalmentState::Planned, _) => {}
    }
    let id = id_of(write.connection, grant_id, number)?;
    insert(write, &id, paid.paid_on, &paid.reference.0, instalment.amount_pence, None)?;
    write.record(Event::new("pay", "grant_instalments", &id).with(json!({ "grant_id": grant_id })))?;
    find(write, profile, grant_id, number)
}

fn reverse(write: &mut Write<'_>, profile: &Profile, grant_id: &str, number: i64, reason: &str) -> Result<GrantInstalment, Problem> {
    standing(write.connection, grant_id)?;
    let id = id_of(write.connection, grant_id, number)?;
    let Some(payment) = standing_payments(write.connection, grant_id)?.remove(&id) else {
        return Err(Problem::new(Code::StateConflict, format!("Instalment {number} is not paid; there is nothing to take back.")));
    };
    let amount = payment.amount.checked_neg().map_err(Problem::internal)?;
    insert(write, &id, payment.paid_on, &payment.reference, amount, Some((&payment.id, reason)))?;
    write.record(Event::new("reverse_payment", "grant_instalments", &id).with(json!({ "grant_id": grant_id })))?;
    find(write, profile, grant_id, number)
}

/// A payment, or with what it takes back and why, its reversal.
fn insert(
    write: &mut Write<'_>,
    instalment_id: &str,
    paid_on: NaiveDate,
    reference: &str,
    amount: Pence,
    reversal: Option<(&str, &str)>,
) -> Result<(), Problem> {
    let (reverses_id, reason) = reversal.unzip();
    diesel::insert_into(grant_instalment_payments::table)
        .values((
            grant_instalment_payments::id.eq(new_id()),
            grant_instalment_payments::instalment_id.eq(instalment_id),
            grant_instalment_payments::paid_on.eq(paid_on),
            grant_instalment_payments::reference.eq(reference),
            grant_instalment_payments::amount_pence.eq(amount),
            grant_instalment_payments::reverses_id.eq(reverses_id),
            grant_instalment_payments::reason.eq(reason),
            grant_instalment_payments::recorded_by.eq(&write.actor.id),
            grant_instalment_payments::recorded_at.eq(write.at),
            grant_instalment_payments::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    Ok(())
}

fn id_of(connection: &mut AnyConnection, grant_id: &str, number: i64) -> Result<String, Problem> {
    let id = grant_instalments::table
        .filter(grant_instalments::grant_id.eq(grant_id).and(grant_instalments::number.eq(number)))
        .select(grant_instalments::id)
        .first(connection)
        .optional()?;
    id.ok_or_else(|| Problem::not_found("instalment of this grant"))
}

/// The instalment with that number, as it stands today with all of the grant's terms.
fn find(write: &mut Write<'_>, profile: &Profile, grant_id: &str, number: i64) -> Result<GrantInstalment, Problem> {
    let grant = super::find(write.connection, grant_id)?.ok_or_else(|| Problem::not_found("grant"))?;
    let grant = terms::with_terms(write.connection, profile, grant, write.at.date())?;
    let instalment = grant.instalments.into_iter().find(|instalment| instalment.number == number);
    instalment.ok_or_else(|| Problem::not_found("instalment of this grant"))
}

#[derive(Queryable)]
struct Payment {
    id: String,
    instalment_id: String,
    paid_on: NaiveDate,
    reference: String,
    amount: Pence,
    reverses_id: Option<String>,
}

/// The payments of a grant's instalments that nothing took back, by instalment.
fn standing_payments(connection: &mut AnyConnection, grant_id: &str) -> Result<HashMap<String, Payment>, Problem> {
    use grant_instalment_payments as payments;
    let rows: Vec<Payment> = payments::table
        .inner_join(grant_instalments::table)
        .filter(grant_instalments::grant_id.eq(grant_id))
        .select((
            payments::id,
            payments::instalment_id,
            payments::paid_on,
            payments::reference,
            payments::amount_pence,
            payments::reverses_id,
        ))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.reverses_id.clone()).collect();
    let stands = |row: &Payment| row.reverses_id.is_none() && !reversed.contains(&row.id);
    Ok(rows.into_iter().filter(stands).map(|row| (row.instalment_id.clone(), row)).collect())
}

/// A grant's instalments; `held_for` says what one of a day waits for.
pub(super) fn of_grant(
    connection: &mut AnyConnection,
    grant_id: &str,
    held_for: impl Fn(NaiveDate) -> Vec<String>,
) -> Result<Vec<GrantInstalment>, Problem> {
    let mut paid = standing_payments(connection, grant_id)?;
    let rows: Vec<(String, i64, NaiveDate, Pence)> = grant_instalments::table
        .filter(grant_instalments::grant_id.eq(grant_id))
        .order(grant_instalments::number)
        .select((grant_instalments::id, grant_instalments::number, grant_instalments::due_on, grant_instalments::amount_pence))
        .load(connection)?;
    let instalment = |(id, number, due_on, amount_pence): (String, i64, NaiveDate, Pence)| {
        let payment = paid.remove(&id);
        // What is paid is paid: it waits for nothing.
        let held_for = if payment.is_some() { Vec::new() } else { held_for(due_on) };
        let state = match (&payment, held_for.is_empty()) {
            (Some(_), _) => InstalmentState::Paid,
            (None, true) => InstalmentState::Planned,
            (None, false) => InstalmentState::Held,
        };
        let (paid_on, payment_reference) = payment.map(|payment| (payment.paid_on, payment.reference)).unzip();
        GrantInstalment { grant_id: grant_id.to_owned(), number, due_on, amount_pence, state, held_for, paid_on, payment_reference }
    };
    Ok(rows.into_iter().map(instalment).collect())
}

/// Numbers of the grant's instalments whose payment stands.
pub(super) fn paid_numbers(connection: &mut AnyConnection, grant_id: &str) -> Result<Vec<i64>, Problem> {
    let instalments = of_grant(connection, grant_id, |_| Vec::new())?;
    Ok(instalments.into_iter().filter(|instalment| instalment.state == InstalmentState::Paid).map(|instalment| instalment.number).collect())
}

//! Recording that a grant's instalment is paid, and taking the payment back.

use crate::direct_payments::check_text;
use crate::error::Error;
use crate::grants::grant::{find, standing_grant};
use crate::grants::instalments::{GrantInstalment, id_of, standing_payments};
use crate::grants::terms::with_terms;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::grant_instalment_payments;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::grants::terms::{TakenBack, paid_on_mistake, refuse_payment};
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
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

/// Records that an instalment is paid.
///
/// # Errors
/// When there is no such instalment, it was paid before, or it waits for something.
pub fn pay(
    write: &mut Write<'_>,
    profile: &Profile,
    grant_id: &str,
    number: i64,
    paid: GrantInstalmentPaid,
) -> Result<GrantInstalment, Error> {
    let grant = standing_grant(write.connection, grant_id)?;
    let instalment = instalment_of(write, profile, grant_id, number)?;
    let mut errors = Vec::new();
    check_text(&mut errors, "/reference", &paid.reference.0);
    errors.extend(paid_on_mistake(paid.paid_on, grant.awarded_on, write.today()));
    Refusal::unless_valid(errors)?;
    refuse_payment(number, instalment.state, instalment.paid_on, &instalment.held_for)?;
    let id = id_of(write.connection, grant_id, number)?;
    insert(write, &id, paid.paid_on, &paid.reference.0, instalment.amount_pence, None)?;
    write.record(Event::new("pay", "grant_instalments", &id).with(json!({ "grant_id": grant_id })))?;
    instalment_of(write, profile, grant_id, number)
}

/// Takes the payment of an instalment back.
///
/// # Errors
/// When there is no such instalment, or it is not paid.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, grant_id: &str, number: i64, reason: &str) -> Result<GrantInstalment, Error> {
    standing_grant(write.connection, grant_id)?;
    let id = id_of(write.connection, grant_id, number)?;
    let payment = standing_payments(write.connection, grant_id)?.remove(&id).ok_or_else(|| TakenBack::InstalmentPaid(number).nothing())?;
    let amount = payment.amount.checked_neg().map_err(Error::fault)?;
    insert(write, &id, payment.paid_on, &payment.reference, amount, Some((&payment.id, reason)))?;
    write.record(Event::new("reverse_payment", "grant_instalments", &id).with(json!({ "grant_id": grant_id })))?;
    instalment_of(write, profile, grant_id, number)
}

/// A payment, or with what it takes back and why, its reversal.
fn insert(
    write: &mut Write<'_>,
    instalment_id: &str,
    paid_on: NaiveDate,
    reference: &str,
    amount: Pence,
    reversal: Option<(&str, &str)>,
) -> Result<(), Error> {
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

/// The instalment with that number, as it stands today with all of the grant's terms.
fn instalment_of(write: &mut Write<'_>, profile: &Profile, grant_id: &str, number: i64) -> Result<GrantInstalment, Error> {
    let grant = find(write.connection, grant_id)?.ok_or_else(|| Error::not_found("grant"))?;
    let grant = with_terms(write.connection, profile, grant, write.today())?;
    let instalment = grant.instalments.into_iter().find(|instalment| instalment.number == number);
    instalment.ok_or_else(|| Error::not_found("instalment of this grant"))
}

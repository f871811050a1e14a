//! Breaches of the agreement, and what is asked back for them: any part of what was paid.

use crate::direct_payments::account;
use crate::direct_payments::breach::{DirectPaymentBreach, find};
use crate::direct_payments::record::{AccountRecord, Monitoring};
use crate::error::Error;
use crate::reversal::already_reversed;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::direct_payment_breaches;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::CannotCost;
use domain::direct_payments::{breach_mistakes, refuse_bank_details_in_reason, refuse_reversal_of_reversal};
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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

/// Records a breach of an account's agreement.
pub fn record_breach(
    write: &mut Write<'_>,
    profile: &Profile,
    account_id: &str,
    new: NewDirectPaymentBreach,
) -> Result<DirectPaymentBreach, Error> {
    let account = account::find(write.connection, account_id)?;
    let record = AccountRecord::of(write.connection, account, write.zone)?;
    let monitoring = Monitoring::of(write.connection, &record.account.id)?;
    let left = not_asked_back(profile, &record, &monitoring).map_err(Error::fault)?;
    Refusal::unless_valid(breach_mistakes(new.found_on, &new.what.0, new.required_pence, left, write.today()))?;
    let breach = DirectPaymentBreach {
        id: new_id(),
        account_id: record.account.id,
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

fn not_asked_back(profile: &Profile, record: &AccountRecord, monitoring: &Monitoring) -> Result<Pence, CannotCost> {
    record.money.not_asked_back(&profile.costing, monitoring.audits_require()?, monitoring.breaches()?)
}

/// Takes a breach back.
pub fn reverse_breach(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentBreach, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let breach = find(write.connection, id)?;
    refuse_reversal_of_reversal(breach.reverses_id.as_deref(), "breach")?;
    let reversing = DirectPaymentBreach {
        id: new_id(),
        required_pence: breach.required_pence.checked_neg().map_err(Error::fault)?,
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

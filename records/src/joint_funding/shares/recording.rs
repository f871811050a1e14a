//! Recording a joint funding, and the versions that end and reverse it.

use crate::error::Error;
use crate::joint_funding::shares::checks::{line_to_fund, reference_mistakes, shares_beside};
use crate::joint_funding::shares::cost::{CostedFunding, cost_of};
use crate::joint_funding::shares::share::{JointFunding, funding_of, history};
use crate::money::carrying_again::{Changed, carrying_again};
use crate::text::{CodeText, Id, Text};
use chrono::NaiveDate;
use db::schema::joint_fundings;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::shares::{line_mistake, refuse_past_whole, refuse_reversed, refuse_same_end, share_mistake};
use domain::joint_funding::{FundingState, ShareFrequency};
use domain::packages::dates::date_mistakes;
use domain::{Pence, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// A joint funding to record: either a percentage, or an amount and how often.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "budget_line": "chc_income", "percentage_ten_thousandths": 500000, "valid_from": "2024-04-01", "agreement_reference": "JF-2024-017",
    "reason": "Continuing care panel of 14 March 2024"
}))]
pub struct NewJointFunding {
    /// The line that is paid for: the first of its arrangement.
    pub line_id: Id,
    /// The body that pays: a provider of the sector `other_public`.
    pub provider_id: Id,
    /// The budget line that receives: one of income.
    pub budget_line: CodeText,
    /// Of the cost, in ten-thousandths of a per cent: 500000 is half, 1000000 all of it.
    #[schema(minimum = 1, maximum = 1000000)]
    pub percentage_ten_thousandths: Option<i64>,
    /// A fixed amount, so often.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Option<Pence>,
    /// How often the amount.
    pub amount_frequency: Option<ShareFrequency>,
    /// The first day it pays for.
    pub valid_from: NaiveDate,
    /// The first day it no longer pays for; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The agreement's own reference.
    pub agreement_reference: Text<60>,
    /// In words.
    pub reason: Text<500>,
}

/// When a funder's share ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2024-10-01", "reason": "No longer eligible" }))]
pub struct EndOfFunding {
    /// The first day it no longer pays for, after its start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// The funding's last version, unless it was reversed.
fn standing_share(connection: &mut AnyConnection, funding_id: &str) -> Result<JointFunding, Error> {
    let latest = history(connection, funding_id)?.pop().ok_or_else(|| Error::not_found("joint funding"))?;
    refuse_reversed(latest.state)?;
    Ok(latest)
}

/// Records a funding's first version.
///
/// # Errors
/// When it is not valid, or the shares of the line would be more than all of it.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewJointFunding) -> Result<CostedFunding, Error> {
    let mut errors = date_mistakes(new.valid_from, new.valid_to);
    errors.extend(reference_mistakes(write.connection, &new.provider_id.0, &new.budget_line.0)?);
    errors.extend(share_mistake(new.percentage_ten_thousandths, new.amount_pence, new.amount_frequency));
    let (package_id, line) = line_to_fund(write.connection, &new.line_id.0)?.unzip();
    errors.extend(line_mistake(line.as_ref()));
    Refusal::unless_valid(errors)?;
    let id = new_id();
    let funding = JointFunding {
        funding_id: id.clone(),
        id,
        version: 1,
        line_id: new.line_id.0,
        package_id: package_id.unwrap_or_default(),
        provider_id: new.provider_id.0,
        budget_line: new.budget_line.0,
        percentage_ten_thousandths: new.percentage_ten_thousandths,
        amount_pence: new.amount_pence,
        amount_frequency: new.amount_frequency,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        agreement_reference: new.agreement_reference.0,
        state: FundingState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    refuse_too_much(write.connection, &funding)?;
    let from = funding.valid_from;
    carried_with(write, profile, funding, from, "record")
}

/// Adds the version that ends it.
///
/// # Errors
/// When there is no such funding, it was reversed, or it cannot end on that day.
pub fn end(write: &mut Write<'_>, profile: &Profile, id: &str, new: EndOfFunding) -> Result<CostedFunding, Error> {
    let latest = standing_share(write.connection, id)?;
    Refusal::unless_valid(date_mistakes(latest.valid_from, Some(new.valid_to)))?;
    refuse_same_end(latest.valid_to, new.valid_to)?;
    let ended = JointFunding { valid_to: Some(new.valid_to), state: FundingState::Ended, reason: new.reason.0, ..latest.clone() };
    // An end that is moved on may reach into another share of the line.
    refuse_too_much(write.connection, &ended)?;
    let from = latest.valid_to.map_or(new.valid_to, |before| before.min(new.valid_to));
    add_version(write, profile, ended, from, "end")
}

/// Refuses a share with which the line's percentages are more than all of it.
fn refuse_too_much(connection: &mut AnyConnection, funding: &JointFunding) -> Result<(), Error> {
    let Some(own) = funding_of(funding) else { return Ok(()) };
    Ok(refuse_past_whole(&funding.funding_id, &own, &shares_beside(connection, funding)?)?)
}

/// Adds the version that takes it back.
///
/// # Errors
/// When there is no such funding, or it was reversed before.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<CostedFunding, Error> {
    let latest = standing_share(write.connection, id)?;
    let from = latest.valid_from;
    add_version(write, profile, JointFunding { state: FundingState::Reversed, reason, ..latest }, from, "reverse")
}

fn add_version(
    write: &mut Write<'_>,
    profile: &Profile,
    version: JointFunding,
    from: NaiveDate,
    action: &'static str,
) -> Result<CostedFunding, Error> {
    let next = JointFunding {
        id: new_id(),
        version: version.version + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    };
    carried_with(write, profile, next, from, action)
}

/// With what the share makes more or less expected in closed years from a day on, carried into the next.
fn carried_with(
    write: &mut Write<'_>,
    profile: &Profile,
    funding: JointFunding,
    from: NaiveDate,
    action: &'static str,
) -> Result<CostedFunding, Error> {
    let (id, budget_line) = (funding.funding_id.clone(), funding.budget_line.clone());
    carrying_again(write, profile, Changed { id: &id, budget_line: &budget_line, from }, |write| insert(write, profile, funding, action))
}

fn insert(write: &mut Write<'_>, profile: &Profile, funding: JointFunding, action: &'static str) -> Result<CostedFunding, Error> {
    diesel::insert_into(joint_fundings::table).values(&funding).execute(write.connection)?;
    write.record(Event::new(action, "joint_fundings", &funding.funding_id))?;
    let cost = cost_of(write.connection, profile, &funding, write.today())?;
    Ok(CostedFunding { funding, cost })
}

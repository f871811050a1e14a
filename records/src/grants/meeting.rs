//! Recording that a grant's condition is met, and taking that back.

use crate::error::Error;
use crate::grants::conditions::{GrantCondition, completions, find};
use crate::grants::grant::standing_grant;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::grant_condition_completions;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Refusal;
use domain::grants::terms::{TakenBack, met_on_mistake, refuse_met};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// How a condition was met.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "met_on": "2023-04-12", "evidence": "Policy of 3 April 2023, in the grant's file" }))]
pub struct ConditionMet {
    /// The day, not in the future.
    pub met_on: NaiveDate,
    /// Where the proof is.
    pub evidence: Text<200>,
}

/// Records that a condition is met.
///
/// # Errors
/// When there is no such condition, it was met before, or the day is not valid.
pub fn complete(write: &mut Write<'_>, grant_id: &str, number: i64, met: ConditionMet) -> Result<GrantCondition, Error> {
    standing_grant(write.connection, grant_id)?;
    let (id, condition) = find(write.connection, grant_id, number, write.today())?;
    Refusal::unless_valid(met_on_mistake(met.met_on, write.today()).into_iter().collect())?;
    refuse_met(number, condition.met_on)?;
    let row = (grant_condition_completions::met_on.eq(met.met_on), grant_condition_completions::evidence.eq(&met.evidence.0));
    diesel::insert_into(grant_condition_completions::table)
        .values((
            grant_condition_completions::id.eq(new_id()),
            grant_condition_completions::condition_id.eq(&id),
            row,
            grant_condition_completions::recorded_by.eq(&write.actor.id),
            grant_condition_completions::recorded_at.eq(write.at),
            grant_condition_completions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("complete", "grant_conditions", &id).with(json!({ "grant_id": grant_id })))?;
    find(write.connection, grant_id, number, write.today()).map(|(_, condition)| condition)
}

/// Takes back that a condition is met.
///
/// # Errors
/// When there is no such condition, or it is not met.
pub fn reverse(write: &mut Write<'_>, grant_id: &str, number: i64, reason: &str) -> Result<GrantCondition, Error> {
    standing_grant(write.connection, grant_id)?;
    let (id, _) = find(write.connection, grant_id, number, write.today())?;
    let completion = completions(write.connection, grant_id)?.remove(&id).ok_or_else(|| TakenBack::ConditionMet(number).nothing())?;
    let row = (grant_condition_completions::met_on.eq(completion.met_on), grant_condition_completions::evidence.eq(&completion.evidence));
    diesel::insert_into(grant_condition_completions::table)
        .values((
            grant_condition_completions::id.eq(new_id()),
            grant_condition_completions::condition_id.eq(&id),
            row,
            grant_condition_completions::reverses_id.eq(&completion.id),
            grant_condition_completions::reason.eq(reason),
            grant_condition_completions::recorded_by.eq(&write.actor.id),
            grant_condition_completions::recorded_at.eq(write.at),
            grant_condition_completions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("reverse", "grant_conditions", &id).with(json!({ "grant_id": grant_id })))?;
    find(write.connection, grant_id, number, write.today()).map(|(_, condition)| condition)
}

//! Conditions of a grant: met, and taken back where that was a mistake.

use super::standing;
use super::terms::GrantCondition;
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::GrantsWrite;
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{grant_condition_completions, grant_conditions};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::FinancialYear;
use domain::grant::ConditionState;
use serde::Deserialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};
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

/// Record that a grant's condition is met
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The condition's place, from 1")),
    request_body = ConditionMet, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The condition", body = GrantCondition)))]
#[post("/grants/{id}/conditions/{number}/completion")]
pub async fn complete_grant_condition(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<ConditionMet>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let (grant, number) = path.into_inner();
    app.create(caller.actor(), once, move |write| complete(write, &grant.0, number, body.value)).await
}

/// Take back that a grant's condition is met
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id"), ("number" = i64, Path, description = "The condition's place, from 1")),
    request_body = NewReversal, security(("bearer" = ["grants:write"])), responses((status = 201, description = "The condition", body = GrantCondition)))]
#[post("/grants/{id}/conditions/{number}/completion/reversal")]
pub async fn reverse_grant_condition_completion(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    path: Path<(Id, i64)>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let (grant, number) = path.into_inner();
    app.create(caller.actor(), once, move |write| reverse(write, &grant.0, number, &body.value.reason.0)).await
}

fn complete(write: &mut Write<'_>, grant_id: &str, number: i64, met: ConditionMet) -> Result<GrantCondition, Problem> {
    standing(write.connection, grant_id)?;
    let (id, condition) = find(write, grant_id, number)?;
    if met.met_on > write.at.date() || FinancialYear::of(met.met_on).is_err() {
        return Err(Problem::invalid(vec![FieldError::new("/met_on", "out_of_range", "a day not after today")]));
    }
    if let Some(met_on) = condition.met_on {
        return Err(Problem::new(Code::StateConflict, format!("Condition {number} was met on {met_on}.")));
    }
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
    find(write, grant_id, number).map(|(_, condition)| condition)
}

fn reverse(write: &mut Write<'_>, grant_id: &str, number: i64, reason: &str) -> Result<GrantCondition, Problem> {
    standing(write.connection, grant_id)?;
    let (id, _) = find(write, grant_id, number)?;
    let completion = completions(write.connection, grant_id)?.remove(&id);
    let Some(completion) = completion else {
        return Err(Problem::new(Code::StateConflict, format!("Condition {number} is not met; there is nothing to take back.")));
    };
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
    find(write, grant_id, number).map(|(_, condition)| condition)
}

/// The condition with that number, and its id.
fn find(write: &mut Write<'_>, grant_id: &str, number: i64) -> Result<(String, GrantCondition), Problem> {
    let id: Option<String> = grant_conditions::table
        .filter(grant_conditions::grant_id.eq(grant_id).and(grant_conditions::number.eq(number)))
        .select(grant_conditions::id)
        .first(write.connection)
        .optional()?;
    let condition = of_grant(write.connection, grant_id, write.at.date())?.into_iter().find(|condition| condition.number == number);
    id.zip(condition).ok_or_else(|| Problem::not_found("condition of this grant"))
}

#[derive(Queryable)]
struct Completion {
    id: String,
    condition_id: String,
    met_on: NaiveDate,
    evidence: String,
    reverses_id: Option<String>,
}

/// The completions of a grant's conditions that nothing took back, by condition.
fn completions(connection: &mut AnyConnection, grant_id: &str) -> Result<HashMap<String, Completion>, Problem> {
    use grant_condition_completions as done;
    let rows: Vec<Completion> = done::table
        .inner_join(grant_conditions::table)
        .filter(grant_conditions::grant_id.eq(grant_id))
        .select((done::id, done::condition_id, done::met_on, done::evidence, done::reverses_id))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.reverses_id.clone()).collect();
    let stands = |row: &Completion| row.reverses_id.is_none() && !reversed.contains(&row.id);
    Ok(rows.into_iter().filter(stands).map(|row| (row.condition_id.clone(), row)).collect())
}

/// A grant's conditions as they stand on a day.
pub(super) fn of_grant(connection: &mut AnyConnection, grant_id: &str, today: NaiveDate) -> Result<Vec<GrantCondition>, Problem> {
    let mut met = completions(connection, grant_id)?;
    let rows: Vec<(String, i64, String, String, Option<NaiveDate>)> = grant_conditions::table
        .filter(grant_conditions::grant_id.eq(grant_id))
        .order(grant_conditions::number)
        .select((
            grant_conditions::id,
            grant_conditions::number,
            grant_conditions::code,
            grant_conditions::wording,
            grant_conditions::due_on,
        ))
        .load(connection)?;
    let condition = |(id, number, code, text, due_on): (String, i64, String, String, Option<NaiveDate>)| {
        let met = met.remove(&id);
        let state = match (&met, due_on) {
            (Some(_), _) => ConditionState::Met,
            (None, Some(day)) if day < today => ConditionState::Overdue,
            (None, _) => ConditionState::Unmet,
        };
        let (met_on, evidence) = met.map(|met| (met.met_on, met.evidence)).unzip();
        GrantCondition { grant_id: grant_id.to_owned(), number, code, text, due_on, state, met_on, evidence }
    };
    Ok(rows.into_iter().map(condition).collect())
}

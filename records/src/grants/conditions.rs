//! Conditions of a grant, and which of them are met.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{grant_condition_completions, grant_conditions};
use diesel::prelude::*;
use domain::grants::ConditionState;
use domain::grants::terms::condition_state;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// A condition of a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantCondition {
    /// The grant.
    pub grant_id: String,
    /// Its place, from 1.
    pub number: i64,
    /// A short name, its own within the grant.
    pub code: String,
    /// What the group has to do or show.
    pub text: String,
    /// By when; null, before anything is paid.
    pub due_on: Option<NaiveDate>,
    /// How it stands today.
    pub state: ConditionState,
    /// When it was met.
    pub met_on: Option<NaiveDate>,
    /// Where the proof is.
    pub evidence: Option<String>,
}

/// The condition with that number, and its id.
pub(crate) fn find(
    connection: &mut AnyConnection,
    grant_id: &str,
    number: i64,
    today: NaiveDate,
) -> Result<(String, GrantCondition), Error> {
    let id: Option<String> = grant_conditions::table
        .filter(grant_conditions::grant_id.eq(grant_id).and(grant_conditions::number.eq(number)))
        .select(grant_conditions::id)
        .first(connection)
        .optional()?;
    let condition = of_grant(connection, grant_id, today)?.into_iter().find(|condition| condition.number == number);
    id.zip(condition).ok_or_else(|| Error::not_found("condition of this grant"))
}

/// That a condition was met, or the row that takes it back.
#[derive(Queryable)]
pub(crate) struct Completion {
    /// Its id.
    pub(crate) id: String,
    condition_id: String,
    /// The day on which it was met.
    pub(crate) met_on: NaiveDate,
    /// Where the proof is.
    pub(crate) evidence: String,
    reverses_id: Option<String>,
}

/// The completions of a grant's conditions that nothing took back, by condition.
pub(crate) fn completions(connection: &mut AnyConnection, grant_id: &str) -> Result<HashMap<String, Completion>, Error> {
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
pub(crate) fn of_grant(connection: &mut AnyConnection, grant_id: &str, today: NaiveDate) -> Result<Vec<GrantCondition>, Error> {
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
        let state = condition_state(met.is_some(), due_on, today);
        let (met_on, evidence) = met.map(|met| (met.met_on, met.evidence)).unzip();
        GrantCondition { grant_id: grant_id.to_owned(), number, code, text, due_on, state, met_on, evidence }
    };
    Ok(rows.into_iter().map(condition).collect())
}

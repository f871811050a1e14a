//! Actions as they are on record, and what may be asked for.

use crate::error::Error;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decision_action_completions, decision_actions, users};
use diesel::prelude::*;
use domain::FieldError;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// The row of an action; whether it is done is on record apart.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decision_actions)]
pub(super) struct ActionRow {
    pub(super) id: String,
    pub(super) decision_id: String,
    pub(super) number: i64,
    pub(super) action: String,
    pub(super) owner_id: String,
    pub(super) due_on: NaiveDate,
    pub(super) recorded_seq: i64,
}

/// An action that a decision asks for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionAction {
    /// The action's id.
    pub id: String,
    /// The decision.
    pub decision_id: String,
    /// Its place, from 1.
    pub number: i64,
    /// What is to be done.
    pub action: String,
    /// By whom: a user's id.
    pub owner_id: String,
    /// By when.
    pub due_on: NaiveDate,
    /// When it was done; null, it is open.
    pub completed_on: Option<NaiveDate>,
}

/// An action to ask for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "action": "Send the profile to the framework", "owner_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "due_on": "2024-05-16"
}))]
pub struct NewAction {
    /// What is to be done, without names.
    pub action: Text<500>,
    /// By whom: a user's id.
    pub owner_id: Id,
    /// By when.
    pub due_on: NaiveDate,
}

/// The action of a row, and when it was done.
pub(super) fn with_completion(row: ActionRow, completed_on: Option<NaiveDate>) -> DecisionAction {
    let ActionRow { id, decision_id, number, action, owner_id, due_on, .. } = row;
    DecisionAction { id, decision_id, number, action, owner_id, due_on, completed_on }
}

/// A decision's actions, in their order.
pub fn actions_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<DecisionAction>, Error> {
    let rows: Vec<ActionRow> = decision_actions::table
        .filter(decision_actions::decision_id.eq(decision_id))
        .select(ActionRow::as_select())
        .order(decision_actions::number)
        .load(connection)?;
    let done: HashMap<String, NaiveDate> = decision_action_completions::table
        .inner_join(decision_actions::table)
        .filter(decision_actions::decision_id.eq(decision_id))
        .select((decision_action_completions::action_id, decision_action_completions::completed_on))
        .load(connection)?
        .into_iter()
        .collect();
    Ok(rows.into_iter().map(|row| (done.get(&row.id).copied(), row)).map(|(done, row)| with_completion(row, done)).collect())
}

/// Everything wrong with actions to ask for; they are due from the decision's day on.
pub(crate) fn mistakes(connection: &mut AnyConnection, actions: &[NewAction], decided_on: NaiveDate) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    for (place, action) in actions.iter().enumerate() {
        let exists: bool = diesel::select(diesel::dsl::exists(users::table.find(&action.owner_id.0))).get_result(connection)?;
        if !exists {
            errors.push(FieldError::new(&format!("/actions/{place}/owner_id"), "unknown_reference", "no user has this id"));
        }
        if action.due_on < decided_on || domain::FinancialYear::of(action.due_on).is_err() {
            errors.push(FieldError::new(&format!("/actions/{place}/due_on"), "out_of_range", format!("not before {decided_on}")));
        }
    }
    Ok(errors)
}

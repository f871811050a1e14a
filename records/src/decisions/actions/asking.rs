//! Asking for actions, and recording that they are done.

use super::action::{ActionRow, DecisionAction, NewAction, with_completion};
use crate::decisions::decision::find as find_decision;
use crate::error::Error;
use chrono::NaiveDate;
use db::schema::{decision_action_completions, decision_actions, open_decision_actions};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Code, FieldError};
use serde::Deserialize;
use utoipa::ToSchema;

/// When an action was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "completed_on": "2024-05-14" }))]
pub struct Completion {
    /// The day, not in the future.
    pub completed_on: NaiveDate,
}

/// Records that an action is done.
pub fn complete(write: &mut Write<'_>, id: &str, completed_on: NaiveDate) -> Result<DecisionAction, Error> {
    let row: Option<ActionRow> = decision_actions::table.find(id).select(ActionRow::as_select()).first(write.connection).optional()?;
    let row = row.ok_or_else(|| Error::not_found("action"))?;
    let decision = find_decision(write.connection, &row.decision_id)?;
    if completed_on > write.today() || completed_on < decision.decided_on {
        let detail = format!("a day from {}, the decision's, to today", decision.decided_on);
        return Err(Error::invalid(vec![FieldError::new("/completed_on", "out_of_range", detail)]));
    }
    let before: Option<NaiveDate> =
        decision_action_completions::table.find(id).select(decision_action_completions::completed_on).first(write.connection).optional()?;
    if let Some(before) = before {
        return Err(Error::refused(Code::StateConflict, format!("The action was done on {before}.")));
    }
    diesel::insert_into(decision_action_completions::table)
        .values((
            decision_action_completions::action_id.eq(id),
            decision_action_completions::completed_on.eq(completed_on),
            decision_action_completions::recorded_by.eq(&write.actor.id),
            decision_action_completions::recorded_at.eq(write.at),
            decision_action_completions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    diesel::delete(open_decision_actions::table.find(id)).execute(write.connection)?;
    write.record(Event::new("complete", "decision_actions", id))?;
    Ok(with_completion(row, Some(completed_on)))
}

/// Adds a decision's actions.
pub(crate) fn insert(write: &mut Write<'_>, decision_id: &str, actions: &[NewAction]) -> Result<(), Error> {
    for (number, action) in (1..).zip(actions) {
        let row = ActionRow {
            id: new_id(),
            decision_id: decision_id.to_owned(),
            number,
            action: action.action.0.clone(),
            owner_id: action.owner_id.0.clone(),
            due_on: action.due_on,
            recorded_seq: write.seq(),
        };
        diesel::insert_into(decision_actions::table).values(&row).execute(write.connection)?;
        let open = (
            open_decision_actions::action_id.eq(&row.id),
            open_decision_actions::owner_id.eq(&row.owner_id),
            open_decision_actions::due_on.eq(row.due_on),
        );
        diesel::insert_into(open_decision_actions::table).values(open).execute(write.connection)?;
    }
    Ok(())
}

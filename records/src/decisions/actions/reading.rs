//! The list of open actions.

use super::action::{ActionRow, DecisionAction, with_completion};
use crate::decisions::decision::find as find_decision;
use crate::error::Error;
use crate::page::{Cursor, Limit, Page};
use crate::requests;
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::{decision_actions, open_decision_actions};
use db::{Event, Write};
use diesel::prelude::*;
use domain::{Code, FieldError};
use serde::Deserialize;
use utoipa::IntoParams;

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListActions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this person's.
    owner_id: Option<Id>,
}

/// List open actions, those due first coming first.
pub fn list(write: &mut Write<'_>, wanted: ListActions) -> Result<Page<DecisionAction>, Error> {
    let ListActions { limit, cursor, owner_id } = wanted;
    let (due_after, after_id) = place(&cursor.after())?;
    let open = open_decision_actions::table;
    let mut query = open
        .inner_join(decision_actions::table)
        .select(ActionRow::as_select())
        .filter(open_decision_actions::due_on.ge(due_after))
        .filter(open_decision_actions::due_on.gt(due_after).or(open_decision_actions::action_id.gt(after_id)))
        .into_boxed();
    if let Some(owner) = owner_id {
        query = query.filter(open_decision_actions::owner_id.eq(owner.0));
    }
    let by_day = (open_decision_actions::due_on, open_decision_actions::action_id);
    let rows = query.order(by_day).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &ActionRow| format!("{} {}", row.due_on, row.id));
    for row in &page.items {
        let decision = find_decision(write.connection, &row.decision_id)?;
        let request = requests::find(write.connection, &decision.request_id)?;
        requests::record_read(write, &request)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "decision_actions", ""))?;
    }
    let items = page.items.into_iter().map(|row| with_completion(row, None)).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// A cursor's place among days due; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Error> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Error::with_errors(Code::InvalidParameter, vec![foreign()]))
}

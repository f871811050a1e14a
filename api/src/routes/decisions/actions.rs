//! What is to be done after a decision, by whom, by when.

use super::find as find_decision;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::page::{Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::requests;
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{decision_action_completions, decision_actions, open_decision_actions, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decision_actions)]
struct ActionRow {
    id: String,
    decision_id: String,
    number: i64,
    action: String,
    owner_id: String,
    due_on: NaiveDate,
    recorded_seq: i64,
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

impl Located for DecisionAction {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
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

/// When an action was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "completed_on": "2024-05-14" }))]
pub struct Completion {
    /// The day, not in the future.
    pub completed_on: NaiveDate,
}

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

/// List open actions, those due first coming first
#[utoipa::path(tag = "decisions", params(ListActions), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of actions that are not done", body = Page<DecisionAction>)))]
#[get("/decision-actions")]
pub async fn list_decision_actions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListActions>,
) -> Result<Json<Page<DecisionAction>>, Problem> {
    let ListActions { limit, cursor, owner_id } = params.0;
    let (due_after, after_id) = place(&cursor.after())?;
    app.write(caller.actor(), move |write| {
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
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    })
    .await
}

/// Record that an action is done
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The action's id")), request_body = Completion,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The action", body = DecisionAction)))]
#[post("/decision-actions/{id}/completion")]
pub async fn complete_decision_action(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Completion>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| complete(write, &id.0, body.value.completed_on)).await
}

fn complete(write: &mut Write<'_>, id: &str, completed_on: NaiveDate) -> Result<DecisionAction, Problem> {
    let row: Option<ActionRow> = decision_actions::table.find(id).select(ActionRow::as_select()).first(write.connection).optional()?;
    let row = row.ok_or_else(|| Problem::not_found("action"))?;
    let decision = find_decision(write.connection, &row.decision_id)?;
    if completed_on > write.at.date() || completed_on < decision.decided_on {
        let detail = format!("a day from {}, the decision's, to today", decision.decided_on);
        return Err(Problem::invalid(vec![FieldError::new("/completed_on", "out_of_range", detail)]));
    }
    let before: Option<NaiveDate> =
        decision_action_completions::table.find(id).select(decision_action_completions::completed_on).first(write.connection).optional()?;
    if let Some(before) = before {
        return Err(Problem::new(Code::StateConflict, format!("The action was done on {before}.")));
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

/// A cursor's place among days due; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Problem> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Problem::with_errors(Code::InvalidParameter, vec![foreign()]))
}

fn with_completion(row: ActionRow, completed_on: Option<NaiveDate>) -> DecisionAction {
    let ActionRow { id, decision_id, number, action, owner_id, due_on, .. } = row;
    DecisionAction { id, decision_id, number, action, owner_id, due_on, completed_on }
}

/// A decision's actions, in their order.
pub fn actions_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<DecisionAction>, Problem> {
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
pub(super) fn mistakes(connection: &mut AnyConnection, actions: &[NewAction], decided_on: NaiveDate) -> Result<Vec<FieldError>, Problem> {
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

/// Adds a decision's actions.
pub(super) fn insert(write: &mut Write<'_>, decision_id: &str, actions: &[NewAction]) -> Result<(), Problem> {
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

//! What is done to a request, by the one table of states.

use super::readiness::{missing_for_agenda, refuse_missing};
use super::{Request, find, lines_of, record_read, revision_of};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, Problem};
use crate::routes::commissioning;
use crate::routes::panels::{self, release_withdrawn, standing_booking};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{package_lines, request_lines, request_transitions, requests, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::{LineState, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A step of a request from one state to the next.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_transitions)]
pub struct RequestTransition {
    /// The step's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// 1, 2, 3 …
    pub number: i64,
    /// What was done.
    pub action: RequestAction,
    /// Where the request stood.
    pub from_state: RequestState,
    /// Where it stood then.
    pub to_state: RequestState,
    /// In words; null where the record of the step says it.
    pub reason: Option<String>,
    /// Who did it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// How a request came to where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestTransitions {
    /// The oldest first.
    pub items: Vec<RequestTransition>,
}

impl Located for RequestTransition {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.request_id)
    }
}

/// Nothing more than the wish to do it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct Submission {}

/// Why a request is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The family moved away" }))]
pub struct Withdrawal {
    /// In words, without names.
    pub reason: Text<500>,
}

/// Read how a request came to where it stands
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "Every step, the oldest first", body = RequestTransitions)))]
#[get("/requests/{id}/transitions")]
pub async fn list_request_transitions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
) -> Result<Json<RequestTransitions>, Problem> {
    app.write(caller.actor(), move |write| {
        let request = find(write.connection, &id.0)?;
        record_read(write, &request)?;
        Ok(Json(RequestTransitions { items: history(write.connection, &request.id)? }))
    })
    .await
}

/// Submit a request
///
/// Declares the paperwork complete. What is still missing is told all at once.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = Submission,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = RequestTransition)))]
#[post("/requests/{id}/submission")]
pub async fn submit_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Submission>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let request = find(write.connection, &id.0)?;
        require(write.connection, &request, RequestAction::Submit)?;
        let paperwork = revision_of(write.connection, &request.id, request.revision)?;
        let lines = lines_of(write.connection, &request.id, request.revision)?;
        refuse_missing(missing_for_agenda(write.connection, &profile, &paperwork, &lines, write.at.date())?)?;
        transition(write, &request, RequestAction::Submit, Request { state: RequestState::Submitted, ..request.clone() }, None)
    })
    .await
}

/// Withdraw a request
///
/// Also one that was approved and is not taken up; not once a package line carries it out.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = Withdrawal,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = RequestTransition)))]
#[post("/requests/{id}/withdrawal")]
pub async fn withdraw_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Withdrawal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let request = find(write.connection, &id.0)?;
        require(write.connection, &request, RequestAction::Withdraw)?;
        refuse_commissioned(write.connection, &request)?;
        release_withdrawn(write, &request)?;
        let next = Request { state: RequestState::Withdrawn, ..request.clone() };
        transition(write, &request, RequestAction::Withdraw, next, Some(body.value.reason.0))
    })
    .await
}

/// Refuses to withdraw what a package line carries out: it would go on and no longer be traced to a decision that stands.
fn refuse_commissioned(connection: &mut AnyConnection, request: &Request) -> Result<(), Problem> {
    let other = diesel::alias!(package_lines as other);
    let reversal = other
        .filter(other.field(package_lines::line_id).eq(package_lines::line_id))
        .filter(other.field(package_lines::state).eq(LineState::Reversed));
    let carried: Option<String> = package_lines::table
        .inner_join(request_lines::table.on(package_lines::request_line_id.eq(request_lines::id.nullable())))
        .filter(request_lines::request_id.eq(&request.id))
        .filter(not(exists(reversal)))
        .select(package_lines::line_id)
        .first(connection)
        .optional()?;
    match carried {
        None => Ok(()),
        Some(line) => Err(Problem::new(Code::StateConflict, format!("Package line {line} carries it out: end that, or reverse it."))),
    }
}

/// Refuses what the table of states does not allow: says where the request stands, who brought it there, and what can be done.
pub fn require(connection: &mut AnyConnection, request: &Request, action: RequestAction) -> Result<(), Problem> {
    if request.state.after(action).is_some() {
        return Ok(());
    }
    let last = history(connection, &request.id)?.pop();
    let since = match last {
        None => String::new(),
        Some(step) => {
            let name: Option<String> = users::table.find(&step.recorded_by).select(users::username).first(connection).optional()?;
            let who = name.unwrap_or_else(|| "an API client".to_owned());
            format!(" since {who} did `{}` at {}Z", step.action, step.recorded_at.0.format("%Y-%m-%dT%H:%M:%S"))
        }
    };
    let place = match standing_booking(connection, request)? {
        Some(booking) if request.state == RequestState::Booked => {
            let panel = panels::find(connection, &booking.panel_id)?;
            format!(", for slot {} of the panel of {}", booking.slot, panel.held_on)
        }
        _ => String::new(),
    };
    let allowed = request.state.allowed_actions();
    let instead: Vec<_> = allowed.iter().map(|action| format!("`{action}`")).collect();
    let instead = if instead.is_empty() { "nothing more".to_owned() } else { instead.join(", ") };
    let detail = format!("The request is `{}`{since}{place}; `{action}` is not possible. What can be done now: {instead}.", request.state);
    Err(Problem::new(Code::StateConflict, detail).allowing(allowed))
}

/// Takes a request from where it stands to `next`, which the table must allow, and records the step.
pub fn transition(
    write: &mut Write<'_>,
    request: &Request,
    action: RequestAction,
    next: Request,
    reason: Option<String>,
) -> Result<RequestTransition, Problem> {
    require(write.connection, request, action)?;
    if !request.state.after(action).is_some_and(|states| states.contains(&next.state)) {
        return Err(Problem::internal(format!("{action} may not lead from {} to {}", request.state, next.state)));
    }
    let steps: i64 =
        request_transitions::table.filter(request_transitions::request_id.eq(&request.id)).count().get_result(write.connection)?;
    let step = RequestTransition {
        id: new_id(),
        request_id: request.id.clone(),
        number: steps + 1,
        action,
        from_state: request.state,
        to_state: next.state,
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(request_transitions::table).values(&step).execute(write.connection)?;
    // Only the row as it was read: writers take turns, and this holds even if one day they do not.
    let as_read = requests::table.filter(requests::id.eq(&request.id).and(requests::state.eq(request.state)));
    let moved = diesel::update(as_read)
        .set((
            requests::state.eq(next.state),
            requests::revision.eq(next.revision),
            requests::hearing.eq(next.hearing),
            requests::decision_id.eq(&next.decision_id),
        ))
        .execute(write.connection)?;
    if moved != 1 {
        return Err(Problem::new(Code::StateConflict, "The request has moved on meanwhile; read it again."));
    }
    commissioning::follow(write, request.state, &next)?;
    let detail = json!({ "from": request.state, "to": next.state });
    write.record(Event::new(action.as_str(), "requests", &request.id).with(detail))?;
    Ok(step)
}

fn history(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<RequestTransition>, Problem> {
    Ok(request_transitions::table
        .filter(request_transitions::request_id.eq(request_id))
        .select(RequestTransition::as_select())
        .order(request_transitions::number)
        .load(connection)?)
}

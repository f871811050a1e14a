//! What is done to a request, by the one table of states.

use crate::commissioning;
use crate::error::Error;
use crate::panel;
use crate::panel::{release_withdrawn, standing_booking};
use crate::requests::lines::lines_of;
use crate::requests::paperwork::revision_of;
use crate::requests::readiness::{missing_in_paperwork, refuse_missing};
use crate::requests::request::{Request, find};
use crate::requests::transitions::{RequestTransition, history};
use crate::text::Text;
use db::schema::{package_lines, request_lines, request_transitions, requests, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::requests::{LastStep, Slot, not_possible};
use domain::{Code, LineState, Profile, RequestAction, RequestState};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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

/// Refuses what the table of states does not allow: says where the request stands, who brought it there, and what can be done.
pub fn require(connection: &mut AnyConnection, request: &Request, action: RequestAction) -> Result<(), Error> {
    if request.state.after(action).is_some() {
        return Ok(());
    }
    let last = match history(connection, &request.id)?.pop() {
        None => None,
        Some(step) => Some(LastStep {
            action: step.action,
            username: users::table.find(&step.recorded_by).select(users::username).first(connection).optional()?,
            taken_at: step.recorded_at.0,
        }),
    };
    let slot = match standing_booking(connection, request)? {
        None => None,
        Some(booking) => Some(Slot { number: booking.slot, held_on: panel::find(connection, &booking.panel_id)?.held_on }),
    };
    Err(not_possible(request.state, action, last.as_ref(), slot).into())
}

/// Takes a request from where it stands to `next`, which the table must allow, and records the step.
pub fn transition(
    write: &mut Write<'_>,
    request: &Request,
    action: RequestAction,
    next: Request,
    reason: Option<String>,
) -> Result<RequestTransition, Error> {
    require(write.connection, request, action)?;
    if !request.state.after(action).is_some_and(|states| states.contains(&next.state)) {
        return Err(Error::fault(format!("{action} may not lead from {} to {}", request.state, next.state)));
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
        return Err(Error::refused(Code::StateConflict, "The request has moved on meanwhile; read it again."));
    }
    commissioning::follow(write, request.state, &next)?;
    let detail = json!({ "from": request.state, "to": next.state });
    write.record(Event::new(action.as_str(), "requests", &request.id).with(detail))?;
    Ok(step)
}

/// Submits a request: its paperwork lacks nothing.
pub fn submit(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<RequestTransition, Error> {
    let request = find(write.connection, id)?;
    require(write.connection, &request, RequestAction::Submit)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let lines = lines_of(write.connection, &request.id, request.revision)?;
    refuse_missing(missing_in_paperwork(write.connection, profile, &paperwork, &lines, write.today())?)?;
    transition(write, &request, RequestAction::Submit, Request { state: RequestState::Submitted, ..request.clone() }, None)
}

/// Withdraws a request. One that is booked and not decided leaves its agenda.
pub fn withdraw(write: &mut Write<'_>, id: &str, new: Withdrawal) -> Result<RequestTransition, Error> {
    let request = find(write.connection, id)?;
    require(write.connection, &request, RequestAction::Withdraw)?;
    refuse_commissioned(write.connection, &request)?;
    release_withdrawn(write, &request)?;
    let next = Request { state: RequestState::Withdrawn, ..request.clone() };
    transition(write, &request, RequestAction::Withdraw, next, Some(new.reason.0))
}

/// Refuses to withdraw what a package line carries out: it would go on and no longer be traced to a decision that stands.
fn refuse_commissioned(connection: &mut AnyConnection, request: &Request) -> Result<(), Error> {
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
        Some(line) => Err(Error::refused(Code::StateConflict, format!("Package line {line} carries it out: end that, or reverse it."))),
    }
}

//! The child's other requests: agreed and not carried out, or not decided.

use crate::care_package::counting::request_line_facts;
use crate::error::Error;
use crate::requests::{Request, lines_of};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{appeals, decisions, requests};
use diesel::prelude::*;
use domain::RequestState;
use domain::care_package::{Origin, OtherRequest};

/// The child's other requests that count: agreed, or asked for and not decided.
pub(crate) fn other_requests(
    connection: &mut AnyConnection,
    child_id: &str,
    tested: Option<&str>,
    on: NaiveDate,
) -> Result<Vec<OtherRequest>, Error> {
    let rows: Vec<Request> = requests::table
        .filter(requests::child_id.eq(child_id).and(requests::id.ne(tested.unwrap_or_default())))
        .select(Request::as_select())
        .order((requests::recorded_seq, requests::id))
        .load(connection)?;
    let mut others = Vec::new();
    for row in rows {
        let state_before_appeal = match row.state {
            RequestState::UnderAppeal => state_before_appeal(connection, &row)?,
            _ => None,
        };
        let Some(origin) = Origin::of_other_request(row.state, state_before_appeal) else { continue };
        let revision = decided_revision(connection, &row)?;
        let lines = lines_of(connection, &row.id, revision)?.into_iter().map(request_line_facts).collect();
        others.push(OtherRequest::of(origin, decided_on(connection, &row)?, on, lines));
    }
    Ok(others)
}

/// The day of a request's last decision.
fn decided_on(connection: &mut AnyConnection, request: &Request) -> Result<Option<NaiveDate>, Error> {
    let decided_on = decisions::table.filter(decisions::id.nullable().eq(&request.decision_id)).select(decisions::decided_on);
    Ok(decided_on.first(connection).optional()?)
}

fn state_before_appeal(connection: &mut AnyConnection, request: &Request) -> Result<Option<RequestState>, Error> {
    Ok(appeals::table
        .filter(appeals::decision_id.nullable().eq(&request.decision_id))
        .select(appeals::state_before)
        .first(connection)
        .optional()?)
}

/// The revision that holds what was decided on, or, before a decision, what is asked for.
pub fn decided_revision(connection: &mut AnyConnection, request: &Request) -> Result<i64, Error> {
    match request.decision_id.as_ref().filter(|_| request.state.counts_as_decided()) {
        None => Ok(request.revision),
        Some(id) => Ok(decisions::table.find(id).select(decisions::revision).first(connection)?),
    }
}

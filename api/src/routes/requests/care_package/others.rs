//! The child's other requests: agreed and not carried out, or not decided.

use super::Origin;
use crate::problem::Problem;
use crate::routes::requests::{Request, RequestLine, lines_of};
use chrono::{Months, NaiveDate};
use db::AnyConnection;
use db::schema::{appeals, decisions, requests};
use diesel::prelude::*;
use domain::RequestState;

/// Another request and its lines.
pub(super) struct Other {
    /// Agreed, or not decided.
    pub origin: Origin,
    /// Lines of an undecided request count even if they would be over by now, and agreed ones for twelve months after the decision:
    /// a need is not divided by dating half of it back.
    pub whatever_its_dates: bool,
    /// Its lines.
    pub lines: Vec<RequestLine>,
}

/// The child's other requests that count: agreed, or asked for and not decided.
pub(super) fn other_requests(
    connection: &mut AnyConnection,
    child_id: &str,
    tested: Option<&str>,
    on: NaiveDate,
) -> Result<Vec<Other>, Problem> {
    let rows: Vec<Request> = requests::table
        .filter(requests::child_id.eq(child_id).and(requests::id.ne(tested.unwrap_or_default())))
        .select(Request::as_select())
        .order((requests::recorded_seq, requests::id))
        .load(connection)?;
    let mut others = Vec::new();
    for row in rows {
        let origin = match row.state {
            RequestState::Approved | RequestState::ApprovedInPart => Origin::ApprovedRequest,
            RequestState::UnderAppeal if is_agreed_in_part(connection, &row)? => Origin::ApprovedRequest,
            state if state.is_undecided() => Origin::OtherRequest,
            _ => continue,
        };
        let revision = decided_revision(connection, &row)?;
        let whatever_its_dates = origin == Origin::OtherRequest || is_recent(connection, &row, on)?;
        others.push(Other { origin, whatever_its_dates, lines: lines_of(connection, &row.id, revision)? });
    }
    Ok(others)
}

/// Whether a request was decided within the last twelve months.
fn is_recent(connection: &mut AnyConnection, request: &Request, on: NaiveDate) -> Result<bool, Problem> {
    let decided_on = decisions::table.filter(decisions::id.nullable().eq(&request.decision_id)).select(decisions::decided_on);
    let decided_on: Option<NaiveDate> = decided_on.first(connection).optional()?;
    Ok(decided_on.is_some_and(|day| day.checked_add_months(Months::new(12)).is_none_or(|aged| on < aged)))
}

fn is_agreed_in_part(connection: &mut AnyConnection, request: &Request) -> Result<bool, Problem> {
    let before: Option<RequestState> = appeals::table
        .filter(appeals::decision_id.nullable().eq(&request.decision_id))
        .select(appeals::state_before)
        .first(connection)
        .optional()?;
    Ok(before == Some(RequestState::ApprovedInPart))
}

/// The revision that holds what was decided on, or, before a decision, what is asked for.
pub fn decided_revision(connection: &mut AnyConnection, request: &Request) -> Result<i64, Problem> {
    use RequestState as S;
    let decided =
        matches!(request.state, S::AwaitingRatification | S::AwaitingAuthority | S::Approved | S::ApprovedInPart | S::UnderAppeal);
    match request.decision_id.as_ref().filter(|_| decided) {
        None => Ok(request.revision),
        Some(id) => Ok(decisions::table.find(id).select(decisions::revision).first(connection)?),
    }
}

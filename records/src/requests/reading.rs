//! Reading requests: each read is on the trail of the request and of its child.

use crate::decisions::decided_lines_of;
use crate::error::Error;
use crate::page::{After, Cursor, Limit, Page};
use crate::requests::lines::{CostedLine, RequestLine, costed_lines, lines_of};
use crate::requests::paperwork::{RequestRevision, revision_of};
use crate::requests::readiness::{Missing, missing_for_agenda};
use crate::requests::request::{Request, find};
use crate::requests::transitions::{RequestTransition, history};
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::{request_revisions, requests};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::{FinancialYear, Pence, Profile, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A request with its paperwork, its lines and their costs, and what can be done next.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestWithPaperwork {
    /// The request.
    #[serde(flatten)]
    pub request: Request,
    /// The paperwork that counts.
    pub paperwork: RequestRevision,
    /// What is asked for, with its costs seen from today's financial year.
    pub lines: Vec<CostedLine>,
    /// What the last decision was about, with its costs as they were decided on: of an approval in part not what was asked for.
    pub decided_lines: Vec<CostedLine>,
    /// A full year of what is asked for.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// What may be done next, by the table of states.
    pub allowed_actions: Vec<RequestAction>,
    /// What is still missing before it can go on an agenda; empty once it was heard.
    pub missing: Vec<Missing>,
}

/// A revision of the paperwork, with what it asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionWithLines {
    /// The paperwork.
    #[serde(flatten)]
    pub paperwork: RequestRevision,
    /// Its lines, in their order.
    pub lines: Vec<RequestLine>,
}

/// How a request came to where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestTransitions {
    /// The oldest first.
    pub items: Vec<RequestTransition>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRequests {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
    /// Only those in this state.
    state: Option<RequestState>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRevisions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// A request is part of its child's record: reading it is on the trail of both.
pub fn record_read(write: &mut Write<'_>, request: &Request) -> Result<(), Error> {
    write.record(Event::new("read", "requests", &request.id))?;
    write.record(Event::new("read", "children", &request.child_id).with(json!({ "request_id": request.id })))?;
    Ok(())
}

fn with_paperwork(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: Request,
    today: NaiveDate,
) -> Result<RequestWithPaperwork, Error> {
    let paperwork = revision_of(connection, &request.id, request.revision)?;
    let lines = lines_of(connection, &request.id, request.revision)?;
    let missing = match request.state.can_be_heard() {
        true => missing_for_agenda(connection, profile, &paperwork, &lines, today)?,
        false => Vec::new(),
    };
    let decided_lines = match &request.decision_id {
        Some(decision) => decided_lines_of(connection, decision)?,
        None => Vec::new(),
    };
    // Seen from the year in which the support begins, where that is still to come.
    let begins = lines.iter().map(|line| line.valid_from).min().unwrap_or(today);
    let year = FinancialYear::of(begins.max(today)).map_err(Error::fault)?;
    let lines = costed_lines(profile, lines, year)?;
    let full_year_pence = Pence::checked_sum(lines.iter().map(|line| line.costing.full_year_pence)).map_err(Error::fault)?;
    Ok(RequestWithPaperwork {
        allowed_actions: request.state.allowed_actions(),
        request,
        paperwork,
        lines,
        decided_lines,
        full_year_pence,
        missing,
    })
}

/// Lists requests.
pub fn list(write: &mut Write<'_>, wanted: ListRequests) -> Result<Page<Request>, Error> {
    let ListRequests { limit, cursor, child_id, state } = wanted;
    let after = cursor.after_record()?;
    let mut query = requests::table
        .select(Request::as_select())
        .filter(requests::recorded_seq.ge(after.seq))
        .filter(requests::recorded_seq.gt(after.seq).or(requests::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = child_id {
        query = query.filter(requests::child_id.eq(child.0));
    }
    if let Some(state) = state {
        query = query.filter(requests::state.eq(state));
    }
    let rows = query.order((requests::recorded_seq, requests::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &Request| After::key(row.recorded_seq, &row.id));
    for request in &page.items {
        record_read(write, request)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "requests", ""))?;
    }
    Ok(page)
}

/// Reads a request with its paperwork.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<RequestWithPaperwork, Error> {
    let request = find(write.connection, id)?;
    record_read(write, &request)?;
    let today = write.today();
    with_paperwork(write.connection, profile, request, today)
}

/// Lists the revisions of a request's paperwork.
pub fn list_revisions(write: &mut Write<'_>, id: &str, wanted: ListRevisions) -> Result<Page<RevisionWithLines>, Error> {
    let ListRevisions { limit, cursor } = wanted;
    let after = cursor.after_number()?;
    let request = find(write.connection, id)?;
    record_read(write, &request)?;
    let rows: Vec<RequestRevision> = request_revisions::table
        .select(RequestRevision::as_select())
        .filter(request_revisions::request_id.eq(&request.id).and(request_revisions::revision.gt(after)))
        .order(request_revisions::revision)
        .limit(limit.and_one())
        .load(write.connection)?;
    let Page { items, next_cursor } = limit.page(rows, |row: &RequestRevision| row.revision.to_string());
    let with_lines = |paperwork: RequestRevision| {
        Ok(RevisionWithLines { lines: lines_of(write.connection, &request.id, paperwork.revision)?, paperwork })
    };
    Ok(Page { items: items.into_iter().map(with_lines).collect::<Result<_, Error>>()?, next_cursor })
}

/// Reads how a request came to where it stands.
pub fn list_transitions(write: &mut Write<'_>, id: &str) -> Result<RequestTransitions, Error> {
    let request = find(write.connection, id)?;
    record_read(write, &request)?;
    Ok(RequestTransitions { items: history(write.connection, &request.id)? })
}

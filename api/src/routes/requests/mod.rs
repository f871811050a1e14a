//! Requests: what a worker asks the panel for, its paperwork, its lines (form PA1), and how it came to where it stands.

pub mod authority;
pub mod care_package;
mod lines;
mod paperwork;
mod readiness;
mod steps;

pub use authority::{explain_authority, ruled_out};
pub use lines::{CostedLine, NewRequestLine, RequestLine, costed_lines, insert_lines, line_mistakes, lines_of};
pub use paperwork::{RequestRevision, add_revision, last_revision, list_request_revisions, revise_request, revision_of};
pub use readiness::{missing_for_agenda, refuse_missing};
pub use steps::{list_request_transitions, require, submit_request, transition, withdraw_request};

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::routes::decisions::decided_lines_of;
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{children, requests};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Pence, Profile, RequestAction, RequestState};
use paperwork::NewPaperwork;
use readiness::Missing;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A request.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = requests)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-2024-0107", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12",
    "state": "submitted", "revision": 2, "hearing": 0, "decision_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 612
}))]
pub struct Request {
    /// The request's id.
    pub id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child it is for.
    pub child_id: String,
    /// Where it stands.
    pub state: RequestState,
    /// The revision of the paperwork that counts.
    pub revision: i64,
    /// How often it has been on an agenda.
    pub hearing: i64,
    /// The last decision; null, none yet.
    pub decision_id: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Request {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.id)
    }
}

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

/// A request to record, as far as its paperwork has come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reference": "RQ-2024-0107", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "paperwork": {
        "presenter_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "unmet_need": "A break at weekends", "lines": [] }
}))]
pub struct NewRequest {
    /// The authority's own number for it: no name, no date of birth.
    pub reference: Text<60>,
    /// The child it is for.
    pub child_id: Id,
    /// The paperwork, which may be finished later.
    pub paperwork: NewPaperwork,
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

/// List requests
///
/// Without their paperwork.
#[utoipa::path(tag = "requests", params(ListRequests), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of requests, in the order recorded", body = Page<Request>)))]
#[get("/requests")]
pub async fn list_requests(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListRequests>,
) -> Result<Json<Page<Request>>, Problem> {
    let ListRequests { limit, cursor, child_id, state } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
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
        Ok(Json(page))
    })
    .await
}

/// Read a request with its paperwork
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The request, its paperwork and what can be done next", body = RequestWithPaperwork)))]
#[get("/requests/{id}")]
pub async fn get_request(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<RequestWithPaperwork>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let request = find(write.connection, &id.0)?;
        record_read(write, &request)?;
        let today = write.at.date();
        with_paperwork(write.connection, &profile, request, today).map(Json)
    })
    .await
}

/// Record a request
///
/// A draft: its paperwork can be written anew until it is submitted, and each writing stays on record.
#[utoipa::path(tag = "requests", request_body = NewRequest, security(("bearer" = ["requests:write"])),
    responses((status = 201, description = "The request", body = Request)))]
#[post("/requests")]
pub async fn create_request(app: Data<App>, caller: Caller<RequestsWrite>, key: IdempotencyKey, body: Body<NewRequest>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// A request is part of its child's record: reading it is on the trail of both.
pub fn record_read(write: &mut Write<'_>, request: &Request) -> Result<(), Problem> {
    write.record(Event::new("read", "requests", &request.id))?;
    write.record(Event::new("read", "children", &request.child_id).with(json!({ "request_id": request.id })))?;
    Ok(())
}

/// The request with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Request, Problem> {
    let request = requests::table.find(id).select(Request::as_select()).first(connection).optional()?;
    request.ok_or_else(|| Problem::not_found("request"))
}

fn with_paperwork(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: Request,
    today: NaiveDate,
) -> Result<RequestWithPaperwork, Problem> {
    let paperwork = revision_of(connection, &request.id, request.revision)?;
    let lines = lines_of(connection, &request.id, request.revision)?;
    let can_be_heard =
        matches!(request.state, RequestState::Draft | RequestState::Submitted | RequestState::Booked | RequestState::Deferred);
    let missing = match can_be_heard {
        true => missing_for_agenda(connection, profile, &paperwork, &lines, today)?,
        false => Vec::new(),
    };
    let decided_lines = match &request.decision_id {
        Some(decision) => decided_lines_of(connection, decision)?,
        None => Vec::new(),
    };
    let year = FinancialYear::of(today).map_err(Problem::internal)?;
    let lines = costed_lines(profile, lines, year)?;
    let full_year_pence = Pence::checked_sum(lines.iter().map(|line| line.costing.full_year_pence)).map_err(Problem::internal)?;
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

fn record(write: &mut Write<'_>, profile: &Profile, new: NewRequest) -> Result<Request, Problem> {
    let mut errors = Vec::new();
    let child_exists: bool = diesel::select(diesel::dsl::exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        errors.push(FieldError::new("/child_id", "unknown_reference", "no child has this id"));
    }
    errors.extend(paperwork::mistakes(write.connection, profile, &new.child_id.0, &new.paperwork, "/paperwork")?);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let request = Request {
        id: new_id(),
        reference: new.reference.0,
        child_id: new.child_id.0,
        state: RequestState::Draft,
        revision: 1,
        hearing: 0,
        decision_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(requests::table).values(&request).execute(write.connection)?;
    add_revision(write, paperwork::revision(write, &request.id, 1, &new.paperwork), &new.paperwork.lines)?;
    write.record(Event::new("record", "requests", &request.id))?;
    Ok(request)
}

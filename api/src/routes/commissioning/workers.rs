//! Who sees to the commissioning of an approved request.

use super::outstanding::settle;
use super::refuse_unapproved;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::RequestsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{FieldError, Problem};
use crate::routes::decisions::find as find_decision;
use crate::routes::requests::{self, revision_of};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use db::schema::{commissioning_workers, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::Profile;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who sees to the steps from a day on; the last record counts.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_workers)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "worker_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "reason": "The worker is on leave",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-04T09:00:00Z", "recorded_seq": 742
}))]
pub struct CommissioningWorker {
    /// The record's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// Who: a user's id.
    pub worker_id: String,
    /// Why, in words.
    pub reason: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for CommissioningWorker {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.request_id)
    }
}

/// Who is to see to the steps.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "worker_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "reason": "The worker is on leave" }))]
pub struct NewCommissioningWorker {
    /// Who: a user's id.
    pub worker_id: Id,
    /// Why, in words, without names.
    pub reason: Text<500>,
}

/// Say who sees to the commissioning of a request
///
/// Until somebody is named it is whoever presented the request.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), request_body = NewCommissioningWorker,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The record of it", body = CommissioningWorker)))]
#[post("/requests/{id}/commissioning-worker")]
pub async fn name_commissioning_worker(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewCommissioningWorker>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, request_id: &str, new: NewCommissioningWorker) -> Result<CommissioningWorker, Problem> {
    let request = requests::find(write.connection, request_id)?;
    refuse_unapproved(&request)?;
    let exists: bool = diesel::select(diesel::dsl::exists(users::table.find(&new.worker_id.0))).get_result(write.connection)?;
    if !exists {
        return Err(Problem::invalid(vec![FieldError::new("/worker_id", "unknown_reference", "no user has this id")]));
    }
    let row = CommissioningWorker {
        id: new_id(),
        request_id: request.id,
        worker_id: new.worker_id.0,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(commissioning_workers::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "commissioning_workers", &row.id))?;
    // The list of drift and delay is by worker.
    settle(write, profile, &row.request_id)?;
    Ok(row)
}

/// Who sees to the steps: whoever was named last, else whoever presented what was decided on.
pub(super) fn worker_of(connection: &mut AnyConnection, request_id: &str, decision_id: &str) -> Result<Option<String>, Problem> {
    let named: Option<String> = commissioning_workers::table
        .filter(commissioning_workers::request_id.eq(request_id))
        .order((commissioning_workers::recorded_seq.desc(), commissioning_workers::id.desc()))
        .select(commissioning_workers::worker_id)
        .first(connection)
        .optional()?;
    if named.is_some() {
        return Ok(named);
    }
    let decision = find_decision(connection, decision_id)?;
    Ok(revision_of(connection, request_id, decision.revision)?.presenter_id)
}

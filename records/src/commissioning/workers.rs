//! Who sees to the commissioning of an approved request.

pub use crate::commissioning::worker::CommissioningWorker;
use crate::error::Error;
use crate::packages::commissioning_list::update_list;
use crate::requests;
use crate::text::{Id, Text};
use db::schema::{commissioning_workers, users};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::commissioning::approval::approved_decision;
use domain::{FieldError, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// Says who sees to the commissioning of a request from now on.
pub fn name(write: &mut Write<'_>, profile: &Profile, request_id: &str, new: NewCommissioningWorker) -> Result<CommissioningWorker, Error> {
    let request = requests::find(write.connection, request_id)?;
    approved_decision(request.state, request.decision_id.as_deref())?;
    let is_user: bool = diesel::select(exists(users::table.find(&new.worker_id.0))).get_result(write.connection)?;
    if !is_user {
        return Err(Error::invalid(vec![FieldError::new("/worker_id", "unknown_reference", "no user has this id")]));
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
    update_list(write, profile, &row.request_id)?;
    Ok(row)
}

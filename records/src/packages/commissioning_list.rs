//! The list of what is approved and may lack a step of commissioning. It follows a request's states, and a row goes when nothing is
//! missing.

use crate::commissioning::approval::{approval_of, approved_on};
use crate::commissioning::worker::worker_of;
use crate::error::Error;
use crate::requests;
use crate::requests::Request;
use db::Write;
use db::schema::{outstanding_commissionings, request_lines};
use diesel::prelude::*;
use domain::commissioning::approval::is_approved;
use domain::{Profile, RequestState};

/// Puts a request on the list when it comes to be approved, and takes it off when it is so no longer. Every step of a request passes
/// here, so that the list is complete though nobody records anything.
pub fn follow_state(write: &mut Write<'_>, before: RequestState, request: &Request) -> Result<(), Error> {
    match (is_approved(before), is_approved(request.state)) {
        (false, true) => put_on_list(write, request),
        (true, false) => take_off_list(write, &request.id),
        _ => Ok(()),
    }
}

/// Keeps a request on the list while a step is missing, and takes it off when none is. To be called after whatever may be a step.
pub fn update_list(write: &mut Write<'_>, profile: &Profile, request_id: &str) -> Result<(), Error> {
    let request = requests::find(write.connection, request_id)?;
    take_off_list(write, &request.id)?;
    let Some(decision) = request.decision_id.as_ref().filter(|_| is_approved(request.state)) else { return Ok(()) };
    let approval = approval_of(write.connection, decision, write.zone)?;
    if approval.missing(&profile.commissioning).is_empty() { Ok(()) } else { put_on_list(write, &request) }
}

/// The same for the request that a package line carries out, if it carries one out. To be called after a package line that names a
/// request line was recorded, or taken back.
pub fn update_list_for_line(write: &mut Write<'_>, profile: &Profile, request_line_id: Option<&str>) -> Result<(), Error> {
    let Some(line) = request_line_id else { return Ok(()) };
    let request: String = request_lines::table.find(line).select(request_lines::request_id).first(write.connection)?;
    update_list(write, profile, &request)
}

fn put_on_list(write: &mut Write<'_>, request: &Request) -> Result<(), Error> {
    let decision = request.decision_id.as_ref().ok_or_else(|| Error::fault("an approved request without a decision"))?;
    let row = (
        outstanding_commissionings::request_id.eq(&request.id),
        outstanding_commissionings::decision_id.eq(decision),
        outstanding_commissionings::worker_id.eq(worker_of(write.connection, &request.id, decision)?),
        outstanding_commissionings::approved_on.eq(approved_on(write.connection, decision)?),
    );
    diesel::insert_into(outstanding_commissionings::table).values(row).execute(write.connection)?;
    Ok(())
}

/// Takes a request off the list.
pub fn take_off_list(write: &mut Write<'_>, request_id: &str) -> Result<(), Error> {
    diesel::delete(outstanding_commissionings::table.find(request_id)).execute(write.connection)?;
    Ok(())
}

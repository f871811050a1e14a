//! The list of what is approved and may lack a step. It follows a request's states, and a row goes when nothing is missing.

use super::approval::Approval;
use super::workers::worker_of;
use crate::problem::Problem;
use crate::routes::decisions::{authorisations_of, find as find_decision};
use crate::routes::requests::{self, Request};
use chrono::NaiveDate;
use db::schema::{outstanding_commissionings, request_lines};
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::panel::{AuthorisationKind, AuthorisationOutcome};
use domain::{Profile, RequestState};

/// Whether what a request asked for may be commissioned.
pub(super) fn is_approved(state: RequestState) -> bool {
    matches!(state, RequestState::Approved | RequestState::ApprovedInPart)
}

/// Puts a request on the list when it comes to be approved, and takes it off when it is so no longer. Every step of a request passes
/// here, so that the list is complete though nobody records anything.
pub fn follow(write: &mut Write<'_>, before: RequestState, request: &Request) -> Result<(), Problem> {
    match (is_approved(before), is_approved(request.state)) {
        (false, true) => add(write, request),
        (true, false) => remove(write, &request.id),
        _ => Ok(()),
    }
}

/// Keeps a request on the list while a step is missing, and takes it off when none is. To be called after whatever may be a step.
pub fn settle(write: &mut Write<'_>, profile: &Profile, request_id: &str) -> Result<(), Problem> {
    let request = requests::find(write.connection, request_id)?;
    remove(write, &request.id)?;
    let Some(decision) = request.decision_id.as_ref().filter(|_| is_approved(request.state)) else { return Ok(()) };
    let approval = Approval::of(write.connection, decision)?;
    if approval.missing(&profile.commissioning).is_empty() { Ok(()) } else { add(write, &request) }
}

/// The same for the request that a package line carries out, if it carries one out. To be called after a package line that names a
/// request line was recorded, or taken back.
pub fn settle_line(write: &mut Write<'_>, profile: &Profile, request_line_id: Option<&str>) -> Result<(), Problem> {
    let Some(line) = request_line_id else { return Ok(()) };
    let request: String = request_lines::table.find(line).select(request_lines::request_id).first(write.connection)?;
    settle(write, profile, &request)
}

/// The day on which an approval had its authority.
pub(super) fn approved_on(connection: &mut AnyConnection, decision_id: &str) -> Result<NaiveDate, Problem> {
    let given = authorisations_of(connection, decision_id)?.into_iter();
    let given = given.filter(|one| one.kind == AuthorisationKind::Authority && one.outcome == AuthorisationOutcome::Given);
    match given.map(|one| one.authorised_on).max() {
        Some(day) => Ok(day),
        None => Ok(find_decision(connection, decision_id)?.decided_on),
    }
}

fn add(write: &mut Write<'_>, request: &Request) -> Result<(), Problem> {
    let decision = request.decision_id.as_ref().ok_or_else(|| Problem::internal("an approved request without a decision"))?;
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
pub(super) fn remove(write: &mut Write<'_>, request_id: &str) -> Result<(), Problem> {
    diesel::delete(outstanding_commissionings::table.find(request_id)).execute(write.connection)?;
    Ok(())
}

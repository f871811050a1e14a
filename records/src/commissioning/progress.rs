//! How far the commissioning of a request has come: the steps asked for, those taken, and everything on record.

use crate::commissioning::approval::{Approval, approval_of, approved_on};
use crate::commissioning::step::{StepWithReversal, records_of};
use crate::commissioning::worker::worker_of;
use crate::error::Error;
use crate::requests;
use crate::requests::Request;
use chrono::NaiveDate;
use db::{AnyConnection, Write};
use domain::commissioning::CommissioningStep;
use domain::commissioning::approval::is_approved;
use domain::profile::{CommissioningPolicy, Needed};
use domain::{Profile, RequestState};
use serde::Serialize;
use utoipa::ToSchema;

/// How far the commissioning of a request has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct Commissioning {
    /// The request.
    pub request_id: String,
    /// Where it stands.
    pub state: RequestState,
    /// The decision that is carried out; null, the request is not approved.
    pub decision_id: Option<String>,
    /// Since when it has had its authority.
    pub approved_on: Option<NaiveDate>,
    /// Who sees to the steps: a user's id.
    pub worker_id: Option<String>,
    /// Whether every step asked for is taken.
    pub is_complete: bool,
    /// The steps that the authority's profile asks for; none, it asks for none, or the request is not approved.
    pub steps: Vec<StepProgress>,
    /// Everything recorded for the request, reversed steps and those of earlier decisions too, the oldest first.
    pub records: Vec<StepWithReversal>,
}

/// A step that is asked for, and whether it is taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningStepStanding)]
pub struct StepProgress {
    /// The step.
    pub step: CommissioningStep,
    /// As the profile calls it.
    pub name: String,
    /// Where the authority asks for it.
    pub clause: String,
    /// Whether no package line is recorded without it.
    pub before_start: bool,
    /// The agreed line it is for; null, the whole.
    pub request_line_id: Option<String>,
    /// What that line provides.
    pub service: Option<String>,
    /// When it was taken; null, it is missing.
    pub taken_on: Option<NaiveDate>,
    /// By whom.
    pub taken_by: Option<String>,
    /// The provider it names.
    pub provider_id: Option<String>,
    /// The record of it; null where another record shows it.
    pub record_id: Option<String>,
    /// Whether it should have come before the start and came after.
    pub is_late: bool,
}

fn commissioning_of(connection: &mut AnyConnection, profile: &Profile, request: Request) -> Result<Commissioning, Error> {
    let records = records_of(connection, &request.id)?;
    let mut answer = Commissioning {
        state: request.state,
        decision_id: None,
        approved_on: None,
        worker_id: None,
        is_complete: false,
        steps: Vec::new(),
        records,
        request_id: request.id,
    };
    if let Some(decision) = request.decision_id.filter(|_| is_approved(request.state)) {
        let approval = approval_of(connection, &decision, profile.time_zone)?;
        answer.approved_on = Some(approved_on(connection, &decision)?);
        answer.worker_id = worker_of(connection, &answer.request_id, &decision)?;
        answer.is_complete = approval.missing(&profile.commissioning).is_empty();
        answer.steps = progress_of_steps(&approval, &profile.commissioning);
        answer.decision_id = Some(decision);
    }
    Ok(answer)
}

fn progress_of_steps(approval: &Approval, policy: &CommissioningPolicy) -> Vec<StepProgress> {
    let progress = |needed: Needed<'_>| {
        let taken = approval.taken(needed.demand.step, needed.line);
        StepProgress {
            step: needed.demand.step,
            name: needed.demand.name.clone(),
            clause: needed.demand.clause.clone(),
            before_start: needed.demand.before_start,
            request_line_id: needed.line.map(str::to_owned),
            service: needed.line.and_then(|id| approval.line(id)).map(|line| line.service.clone()),
            taken_on: taken.map(|taken| taken.on),
            taken_by: taken.map(|taken| taken.by.clone()),
            provider_id: taken.and_then(|taken| taken.provider_id.clone()),
            record_id: taken.and_then(|taken| taken.record_id.clone()),
            is_late: approval.is_late(&needed),
        }
    };
    approval.needed(policy).into_iter().map(progress).collect()
}

/// Reads how far the commissioning of a request has come.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<Commissioning, Error> {
    let request = requests::find(write.connection, id)?;
    requests::record_read(write, &request)?;
    commissioning_of(write.connection, profile, request)
}

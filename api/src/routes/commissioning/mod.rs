//! Commissioning: the steps by which an approved request becomes a package in force, who took them, and what is missing.
//!
//! The steps are the profile's. Three of them are shown by records of their own: the case management decision, the package line
//! and the purchase order.

mod approval;
mod arrangements;
mod before_start;
mod drift;
mod outstanding;
mod steps;
mod workers;

pub use approval::Approval;
pub use arrangements::{Arrangement, arrangements_of, standing};
pub use before_start::{before_start_mistakes, refuse_early_order};
pub use drift::list_drift;
pub use outstanding::{follow, settle, settle_line};
pub use steps::{create_commissioning_step, reverse_commissioning_step};
pub use workers::name_commissioning_worker;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::problem::{Code, Problem};
use crate::routes::requests::{self, Request};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{commissioning_step_reversals, commissioning_steps};
use diesel::prelude::*;
use domain::commissioning::CommissioningStep;
use domain::profile::{CommissioningPolicy, Needed};
use domain::{Profile, RequestState};
use outstanding::{approved_on, is_approved};
use serde::Serialize;
use steps::{StepRecord, StepReversal};
use utoipa::ToSchema;
use workers::worker_of;

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
    pub steps: Vec<StepStanding>,
    /// Everything recorded for the request, reversed steps and those of earlier decisions too, the oldest first.
    pub records: Vec<StepWithReversal>,
}

/// A step that is asked for, and whether it is taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningStepStanding)]
pub struct StepStanding {
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

/// A step on record, and why it was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningStepWithReversal)]
pub struct StepWithReversal {
    /// The step.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Why it was taken back; null, it stands.
    pub reversal: Option<StepReversal>,
}

/// Read how far the commissioning of a request has come
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The steps asked for, those taken, and everything on record", body = Commissioning)))]
#[get("/requests/{id}/commissioning")]
pub async fn get_commissioning(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<Commissioning>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let request = requests::find(write.connection, &id.0)?;
        requests::record_read(write, &request)?;
        commissioning_of(write.connection, &profile, request).map(Json)
    })
    .await
}

fn commissioning_of(connection: &mut AnyConnection, profile: &Profile, request: Request) -> Result<Commissioning, Problem> {
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
        let approval = Approval::of(connection, &decision)?;
        answer.approved_on = Some(approved_on(connection, &decision)?);
        answer.worker_id = worker_of(connection, &answer.request_id, &decision)?;
        answer.is_complete = approval.missing(&profile.commissioning).is_empty();
        answer.steps = standings(&approval, &profile.commissioning);
        answer.decision_id = Some(decision);
    }
    Ok(answer)
}

fn standings(approval: &Approval, policy: &CommissioningPolicy) -> Vec<StepStanding> {
    let standing = |needed: Needed<'_>| {
        let taken = approval.taken(needed.demand.step, needed.line);
        StepStanding {
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
    approval.needed(policy).into_iter().map(standing).collect()
}

fn records_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<StepWithReversal>, Problem> {
    let rows: Vec<(StepRecord, Option<StepReversal>)> = commissioning_steps::table
        .left_join(commissioning_step_reversals::table)
        .filter(commissioning_steps::request_id.eq(request_id))
        .order((commissioning_steps::recorded_seq, commissioning_steps::id))
        .select((StepRecord::as_select(), Option::<StepReversal>::as_select()))
        .load(connection)?;
    Ok(rows.into_iter().map(|(record, reversal)| StepWithReversal { record, reversal }).collect())
}

/// Refuses what is done for an approval where there is none: it answers with the decision that is carried out.
fn refuse_unapproved(request: &Request) -> Result<String, Problem> {
    match &request.decision_id {
        Some(decision) if is_approved(request.state) => Ok(decision.clone()),
        _ => {
            let detail = format!("The request is `{}`: only what is approved is commissioned.", request.state);
            Err(Problem::new(Code::StateConflict, detail))
        }
    }
}

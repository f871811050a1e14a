//! Recording the steps of commissioning, and taking back what was recorded by mistake.

use super::outstanding::settle;
use super::{Approval, refuse_unapproved};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::RequestsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::routes::governance;
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{commissioning_step_reversals, commissioning_steps, providers, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Profile;
use domain::commissioning::CommissioningStep;
use domain::profile::StepDemand;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A step of commissioning, as it was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_steps)]
#[schema(as = CommissioningStepRecord, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "request_line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a32",
    "step": "placement_agreement", "taken_on": "2024-06-12", "taken_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "signed_by_provider_on": "2024-06-11", "signed_by_manager_on": "2024-06-12",
    "manager_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "reference": "PA-0412",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-12T09:00:00Z", "recorded_seq": 743
}))]
pub struct StepRecord {
    /// The record's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The decision that the step carries out.
    pub decision_id: String,
    /// The agreed line it is for; null, the whole.
    pub request_line_id: Option<String>,
    /// The step.
    pub step: CommissioningStep,
    /// When it was taken.
    pub taken_on: NaiveDate,
    /// By whom: a user's id.
    pub taken_by: String,
    /// The provider it names.
    pub provider_id: Option<String>,
    /// Of a placement agreement: when the provider signed.
    pub signed_by_provider_on: Option<NaiveDate>,
    /// Of a placement agreement: when the manager signed.
    pub signed_by_manager_on: Option<NaiveDate>,
    /// Of a placement agreement: the manager who signed, a user's id.
    pub manager_id: Option<String>,
    /// Where the document is kept, or its number.
    pub reference: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A step just recorded, and whether it comes too late.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningStepTaken)]
pub struct StepTaken {
    /// The step.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Whether it should have come before the start and came after.
    pub is_late: bool,
}

impl Located for StepTaken {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.record.request_id)
    }
}

/// Why a step is taken back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commissioning_step_reversals)]
#[schema(as = CommissioningStepReversal)]
pub struct StepReversal {
    /// The step.
    pub step_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A step that was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReversedCommissioningStep)]
pub struct ReversedStep {
    /// The step.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Why.
    pub reversal: StepReversal,
}

impl Located for ReversedStep {
    fn location(&self) -> String {
        format!("/v1/requests/{}/commissioning", self.record.request_id)
    }
}

/// A step to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCommissioningStep, example = json!({
    "step": "placement_agreement", "request_line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a32", "taken_on": "2024-06-12",
    "taken_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "signed_by_provider_on": "2024-06-11", "signed_by_manager_on": "2024-06-12",
    "manager_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "reference": "PA-0412"
}))]
pub struct NewStep {
    /// One that the authority's profile asks for, and that no other record shows.
    pub step: CommissioningStep,
    /// The agreed line it is for, of a step that is taken for each line.
    pub request_line_id: Option<Id>,
    /// When it was taken: from the decision's day to today. Of a placement agreement not before both signatures.
    pub taken_on: NaiveDate,
    /// By whom: a user's id.
    pub taken_by: Id,
    /// The provider, of a step that is about one; without it, the provider that was found for the line.
    pub provider_id: Option<Id>,
    /// Of a placement agreement: when the provider signed.
    pub signed_by_provider_on: Option<NaiveDate>,
    /// Of a placement agreement: when the manager signed.
    pub signed_by_manager_on: Option<NaiveDate>,
    /// Of a placement agreement: the manager who signed, in a post that the profile names on that day.
    pub manager_id: Option<Id>,
    /// Where the document is kept, or its number: no name.
    pub reference: Option<Text<60>>,
}

impl NewStep {
    fn line(&self) -> Option<&str> {
        self.request_line_id.as_ref().map(|id| id.0.as_str())
    }
}

/// Record a step of commissioning
///
/// For a request that is approved. A placement agreement signed after the start is recorded, and shown as late. A provider that is red
/// takes no placement.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The request's id")), request_body = NewStep,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step", body = StepTaken)))]
#[post("/requests/{id}/commissioning-steps")]
pub async fn create_commissioning_step(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Take back a step recorded by mistake
///
/// Not while a later step that rests on it stands.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The step's id")), request_body = NewReversal,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The step and its reversal", body = ReversedStep)))]
#[post("/commissioning-steps/{id}/reversal")]
pub async fn reverse_commissioning_step(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &id.0, body.value.reason.0)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, request_id: &str, new: NewStep) -> Result<StepTaken, Problem> {
    let request = requests::find(write.connection, request_id)?;
    let decision_id = refuse_unapproved(&request)?;
    let approval = Approval::of(write.connection, &decision_id)?;
    let provider_id = checked(write, profile, &approval, &new)?;
    refuse_repeated(write.connection, &approval, &new)?;
    refuse_out_of_order(profile, &approval, &new)?;
    let row = StepRecord {
        id: new_id(),
        request_id: request.id,
        decision_id,
        request_line_id: new.request_line_id.map(|id| id.0),
        step: new.step,
        taken_on: new.taken_on,
        taken_by: new.taken_by.0,
        provider_id,
        signed_by_provider_on: new.signed_by_provider_on,
        signed_by_manager_on: new.signed_by_manager_on,
        manager_id: new.manager_id.map(|id| id.0),
        reference: new.reference.map(|text| text.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(commissioning_steps::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "commissioning_steps", &row.id).with(json!({ "step": row.step, "request_id": row.request_id })))?;
    settle(write, profile, &row.request_id)?;
    let approval = Approval::of(write.connection, &row.decision_id)?;
    let own = |needed: &&domain::profile::Needed<'_>| needed.demand.step == row.step && needed.line == row.request_line_id.as_deref();
    let is_late = approval.needed(&profile.commissioning).iter().find(own).is_some_and(|needed| approval.is_late(needed));
    Ok(StepTaken { record: row, is_late })
}

/// Refuses everything wrong with a step at once; answers with the provider it names.
fn checked(write: &mut Write<'_>, profile: &Profile, approval: &Approval, new: &NewStep) -> Result<Option<String>, Problem> {
    let mut errors = Vec::new();
    let demand = match demanded(profile, approval, new) {
        Ok(demand) => Some(demand),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let today = write.at.date();
    let days = [
        ("/taken_on", Some(new.taken_on)),
        ("/signed_by_provider_on", new.signed_by_provider_on),
        ("/signed_by_manager_on", new.signed_by_manager_on),
    ];
    for (field, day) in days.into_iter().filter_map(|(field, day)| Some((field, day?))) {
        if day < approval.decided_on || day > today {
            let detail = format!("a day from {}, the decision's, to today", approval.decided_on);
            errors.push(FieldError::new(field, "out_of_range", detail));
        }
        if day > new.taken_on {
            let detail = "a placement agreement is complete with its last signature, not before";
            errors.push(FieldError::new("/taken_on", "before_signature", detail));
        }
    }
    if !is_user(write.connection, &new.taken_by.0)? {
        errors.push(FieldError::new("/taken_by", "unknown_reference", "no user has this id"));
    }
    errors.extend(signature_mistakes(write.connection, demand, new)?);
    let provider = match provider_of(write.connection, approval, new)? {
        Ok(provider) => provider,
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let budget_line = new.line().and_then(|line| approval.line(line)).map(|line| line.budget_line.as_str());
    if new.step == CommissioningStep::PlacementAgreement
        && let (Some(provider), Some(budget_line)) = (&provider, budget_line)
    {
        errors.extend(governance::red_mistake(write.connection, profile, provider, budget_line, today)?);
    }
    if errors.is_empty() { Ok(provider) } else { Err(Problem::invalid(errors)) }
}

/// What asks for the step, or why it is not recorded here.
fn demanded<'p>(profile: &'p Profile, approval: &Approval, new: &NewStep) -> Result<&'p StepDemand, FieldError> {
    if let Some(record) = new.step.is_known_from() {
        return Err(FieldError::new("/step", "known_from_another_record", format!("`{}` is known from {record}: record that", new.step)));
    }
    match new.line() {
        None if new.step.is_of_a_line() => {
            return Err(FieldError::new("/request_line_id", "missing", format!("`{}` is taken for each agreed line", new.step)));
        }
        Some(_) if !new.step.is_of_a_line() => {
            return Err(FieldError::new("/request_line_id", "not_of_this_step", format!("`{}` is taken once for the whole", new.step)));
        }
        Some(line) if approval.line(line).is_none() => {
            return Err(FieldError::new("/request_line_id", "unknown_reference", "the decision agreed no line with this id"));
        }
        _ => {}
    }
    let is_needed = approval.needed(&profile.commissioning).iter().any(|one| one.demand.step == new.step && one.line == new.line());
    let demand = profile.commissioning.steps.iter().find(|demand| is_needed && demand.step == new.step);
    demand.ok_or_else(|| FieldError::new("/step", "not_asked_for", "the authority's profile does not ask for this step here"))
}

/// A placement agreement has two signatures and a manager who may sign; no other step has.
fn signature_mistakes(connection: &mut AnyConnection, demand: Option<&StepDemand>, new: &NewStep) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let is_signed = new.step == CommissioningStep::PlacementAgreement;
    for (field, is_given) in [
        ("/signed_by_provider_on", new.signed_by_provider_on.is_some()),
        ("/signed_by_manager_on", new.signed_by_manager_on.is_some()),
        ("/manager_id", new.manager_id.is_some()),
    ] {
        match (is_signed, is_given) {
            (true, false) => errors.push(FieldError::new(field, "missing", "a placement agreement is signed by both")),
            (false, true) => errors.push(FieldError::new(field, "not_of_this_step", "only a placement agreement has signatures")),
            _ => {}
        }
    }
    let (Some(demand), Some(manager), Some(signed_on)) = (demand, &new.manager_id, new.signed_by_manager_on) else { return Ok(errors) };
    if demand.posts.is_empty() {
        if !is_user(connection, &manager.0)? {
            errors.push(FieldError::new("/manager_id", "unknown_reference", "no user has this id"));
        }
    } else {
        let in_post = in_post_on(connection, signed_on)?;
        if !in_post.iter().any(|person| person.user_id == manager.0 && demand.posts.contains(&person.post)) {
            let detail = format!("somebody in the post of {} on {signed_on} signs it ({})", demand.posts.join(" or "), demand.clause);
            errors.push(FieldError::new("/manager_id", "not_in_post", detail));
        }
    }
    Ok(errors)
}

fn is_user(connection: &mut AnyConnection, id: &str) -> Result<bool, Problem> {
    Ok(diesel::select(exists(users::table.find(id))).get_result(connection)?)
}

/// The provider that a step names, if it is about one: the one given, else the one found for the line; never another than that.
fn provider_of(connection: &mut AnyConnection, approval: &Approval, new: &NewStep) -> Result<Result<Option<String>, FieldError>, Problem> {
    let refuse = |code: &str, detail: &str| Ok(Err(FieldError::new("/provider_id", code, detail)));
    let given = new.provider_id.as_ref().map(|id| id.0.clone());
    if !new.step.names_a_provider() {
        return if given.is_some() { refuse("not_of_this_step", "this step is about no provider") } else { Ok(Ok(None)) };
    }
    let found = approval.taken(CommissioningStep::ProviderFound, new.line()).and_then(|taken| taken.provider_id.clone());
    match (given, found) {
        (Some(given), Some(found)) if given != found => refuse("another_provider", &format!("provider {found} was found for this line")),
        (Some(given), _) => {
            let is_known: bool = diesel::select(exists(providers::table.find(&given))).get_result(connection)?;
            if is_known { Ok(Ok(Some(given))) } else { refuse("unknown_reference", "no provider has this id") }
        }
        (None, Some(found)) => Ok(Ok(Some(found))),
        (None, None) => refuse("missing", "no provider was found for this line yet"),
    }
}

fn refuse_repeated(connection: &mut AnyConnection, approval: &Approval, new: &NewStep) -> Result<(), Problem> {
    let Some(before) = approval.taken(new.step, new.line()) else { return Ok(()) };
    let name: Option<String> = users::table.find(&before.by).select(users::username).first(connection).optional()?;
    let who = name.unwrap_or_else(|| "an API client".to_owned());
    Err(Problem::new(Code::StateConflict, format!("`{}` is on record: {who} took it on {}.", new.step, before.on)))
}

fn refuse_out_of_order(profile: &Profile, approval: &Approval, new: &NewStep) -> Result<(), Problem> {
    let missing = approval.missing_before(&profile.commissioning, new.step, new.line());
    if missing.is_empty() {
        return Ok(());
    }
    let errors = missing.iter().map(|earlier| {
        let detail = format!("this comes first: {} ({})", earlier.demand.name, earlier.demand.clause);
        FieldError::new("/step", "step_missing", detail)
    });
    Err(Problem::with_errors(Code::NotReady, errors.collect()).detailed(format!("`{}` rests on a step that is missing.", new.step)))
}

fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<ReversedStep, Problem> {
    let record: Option<StepRecord> =
        commissioning_steps::table.find(id).select(StepRecord::as_select()).first(write.connection).optional()?;
    let record = record.ok_or_else(|| Problem::not_found("step"))?;
    let before = commissioning_step_reversals::table.find(id);
    if diesel::select(exists(before)).get_result(write.connection)? {
        return Err(Problem::new(Code::StateConflict, "It was reversed before."));
    }
    let approval = Approval::of(write.connection, &record.decision_id)?;
    let line = record.request_line_id.as_deref();
    let needed = approval.needed(&profile.commissioning);
    let rests_on_it = needed.iter().find(|later| {
        let concerns = line.is_none() || later.line.is_none() || later.line == line;
        concerns && later.demand.after.contains(&record.step) && approval.taken(later.demand.step, later.line).is_some()
    });
    if let Some(later) = rests_on_it {
        let detail = format!("`{}` rests on it: take that back first.", later.demand.step);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let reversal = StepReversal {
        step_id: record.id.clone(),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(commissioning_step_reversals::table).values(&reversal).execute(write.connection)?;
    write.record(Event::new("reverse", "commissioning_steps", &record.id))?;
    settle(write, profile, &record.request_id)?;
    Ok(ReversedStep { record, reversal })
}

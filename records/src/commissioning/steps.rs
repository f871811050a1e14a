//! Recording the steps of commissioning, and taking back what was recorded by mistake.

use crate::children::leaving;
use crate::commissioning::approval::{Approval, approval_of};
pub use crate::commissioning::step::{StepRecord, StepReversal};
use crate::error::Error;
use crate::packages::commissioning_list::update_list;
use crate::packages::unconfirmed::carrying_mistake;
use crate::people::post_holdings::in_post_on;
use crate::providers::governance;
use crate::requests;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{commissioning_step_reversals, commissioning_steps, providers, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::children::leaving::refuse_left;
use domain::commissioning::CommissioningStep;
use domain::commissioning::approval::approved_decision;
use domain::commissioning::steps as rules;
use domain::commissioning::steps::{Signer, StepTerms};
use domain::packages::unconfirmed::Door;
use domain::profile::Needed;
use domain::{Code, FieldError, Profile, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

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
    fn terms(&self) -> StepTerms<'_> {
        StepTerms {
            step: self.step,
            line: self.request_line_id.as_ref().map(|id| id.0.as_str()),
            taken_on: self.taken_on,
            signed_by_provider_on: self.signed_by_provider_on,
            signed_by_manager_on: self.signed_by_manager_on,
            manager_id: self.manager_id.as_ref().map(|id| id.0.as_str()),
            provider_id: self.provider_id.as_ref().map(|id| id.0.as_str()),
        }
    }
}

/// Records a step of commissioning, and says whether it comes too late.
pub fn record(write: &mut Write<'_>, profile: &Profile, request_id: &str, new: NewStep) -> Result<StepTaken, Error> {
    let request = requests::find(write.connection, request_id)?;
    let decision_id = approved_decision(request.state, request.decision_id.as_deref())?.to_owned();
    if new.step == CommissioningStep::PlacementAgreement {
        refuse_left(leaving::left_on(write.connection, &request.child_id)?, write.today())?;
    }
    let approval = approval_of(write.connection, &decision_id, write.zone)?;
    let provider_id = checked(write, profile, &approval, &new)?;
    refuse_repeated(write.connection, &approval, new.terms())?;
    rules::refuse_out_of_order(&profile.commissioning, &approval, new.terms())?;
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
    update_list(write, profile, &row.request_id)?;
    let approval = approval_of(write.connection, &row.decision_id, write.zone)?;
    let own = |needed: &&Needed<'_>| needed.demand.step == row.step && needed.line == row.request_line_id.as_deref();
    let is_late = approval.needed(&profile.commissioning).iter().find(own).is_some_and(|needed| approval.is_late(needed));
    Ok(StepTaken { record: row, is_late })
}

/// Refuses everything wrong with a step at once; answers with the provider it names.
fn checked(write: &mut Write<'_>, profile: &Profile, approval: &Approval, new: &NewStep) -> Result<Option<String>, Error> {
    let (terms, today) = (new.terms(), write.today());
    let demand = rules::demanded(&profile.commissioning, approval, terms);
    let mut errors: Vec<FieldError> = demand.as_ref().err().into_iter().cloned().collect();
    errors.extend(rules::day_mistakes(approval.decided_on, today, terms));
    if !is_user(write.connection, &new.taken_by.0)? {
        errors.push(FieldError::new("/taken_by", "unknown_reference", "no user has this id"));
    }
    let signer = signer_of(write.connection, terms)?;
    errors.extend(rules::signature_mistakes(demand.ok(), terms, &signer));
    let is_known = match terms.provider_id {
        Some(given) => diesel::select(exists(providers::table.find(given))).get_result(write.connection)?,
        None => false,
    };
    let provider = rules::provider(approval, terms, is_known).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let budget_line = terms.line.and_then(|line| approval.line(line)).map(|line| line.budget_line.as_str());
    if let (CommissioningStep::PlacementAgreement, Some(line)) = (new.step, terms.line) {
        errors.extend(carrying_mistake(write.connection, Door::Placement, ("/request_line_id", line))?);
    }
    if new.step == CommissioningStep::PlacementAgreement
        && let (Some(provider), Some(budget_line)) = (&provider, budget_line)
    {
        errors.extend(governance::red_mistake(write.connection, profile, provider, budget_line, today)?);
    }
    Refusal::unless_valid(errors)?;
    Ok(provider)
}

/// The manager who signed, and the posts that the manager was in on that day.
fn signer_of(connection: &mut AnyConnection, new: StepTerms<'_>) -> Result<Signer, Error> {
    let (Some(manager), Some(signed_on)) = (new.manager_id, new.signed_by_manager_on) else { return Ok(Signer::default()) };
    let in_post = in_post_on(connection, signed_on)?.into_iter().filter(|person| person.user_id == manager);
    Ok(Signer { posts: in_post.map(|person| person.post).collect(), is_user: is_user(connection, manager)? })
}

fn is_user(connection: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    Ok(diesel::select(exists(users::table.find(id))).get_result(connection)?)
}

fn refuse_repeated(connection: &mut AnyConnection, approval: &Approval, new: StepTerms<'_>) -> Result<(), Error> {
    let Some(before) = approval.taken(new.step, new.line) else { return Ok(()) };
    let taker: Option<String> = users::table.find(&before.by).select(users::username).first(connection).optional()?;
    Err(rules::repeated(new.step, before.on, taker.as_deref()).into())
}

/// Takes back a step that was recorded by mistake.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<ReversedStep, Error> {
    let record: Option<StepRecord> =
        commissioning_steps::table.find(id).select(StepRecord::as_select()).first(write.connection).optional()?;
    let record = record.ok_or_else(|| Error::not_found("step"))?;
    let before = commissioning_step_reversals::table.find(id);
    if diesel::select(exists(before)).get_result(write.connection)? {
        return Err(Error::refused(Code::StateConflict, "It was reversed before."));
    }
    let approval = approval_of(write.connection, &record.decision_id, write.zone)?;
    rules::refuse_rested_on(&profile.commissioning, &approval, record.step, record.request_line_id.as_deref())?;
    let reversal = StepReversal {
        step_id: record.id.clone(),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(commissioning_step_reversals::table).values(&reversal).execute(write.connection)?;
    write.record(Event::new("reverse", "commissioning_steps", &record.id))?;
    update_list(write, profile, &record.request_id)?;
    Ok(ReversedStep { record, reversal })
}

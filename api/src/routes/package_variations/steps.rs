//! What becomes of a proposed variation: a post agrees or refuses it, or it is withdrawn.

use super::authority::{VariationAuthority, explain, require_proposed};
use super::{Effect, PackageVariation, Variation, checks, effect, find, whole};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesWrite};
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, Problem};
use crate::routes::commitments::holding_against_budget;
use crate::routes::decisions::{Reasoning, refuse_tools, why_not};
use crate::routes::post_holdings::in_post_on;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{open_package_variations, package_variation_steps};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::delegation::{Bar, Candidate};
use domain::panel::Capacity;
use domain::{Pence, Profile, VariationState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What became of a variation.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_variation_steps)]
pub struct VariationStep {
    /// The step's id.
    pub id: String,
    /// The variation.
    pub variation_id: String,
    /// The number of the audit event that recorded the variation.
    #[serde(skip)]
    #[schema(ignore)]
    pub variation_seq: i64,
    /// Agreed, refused or withdrawn.
    pub state: VariationState,
    /// On which day.
    pub taken_on: NaiveDate,
    /// The post that agreed or refused it; null where no post was asked for.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where the authority of the post is written.
    pub clause: Option<String>,
    /// The child's total care package before it, as tested that day; null where nothing was tested.
    #[schema(value_type = Option<i64>)]
    pub total_before_pence: Option<Pence>,
    /// The same with it.
    #[schema(value_type = Option<i64>)]
    pub total_after_pence: Option<Pence>,
    /// The whole reasoning on that day; null where nothing was tested.
    pub explanation: Option<Reasoning>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVariationAgreement, example = json!({ "reason": "Spoken about with the worker" }))]
pub struct NewAgreement {
    /// Why, in words.
    pub reason: Option<Text<500>>,
}

/// A refusal, or a withdrawal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVariationStep, example = json!({ "reason": "The panel hears it with the yearly review" }))]
pub struct NewStep {
    /// Why, in words.
    pub reason: Text<500>,
}

/// Agree a variation
///
/// By a person in a post whose limit covers the child's total care package with it; what raises nothing, in any post with a limit. Never
/// by whoever proposed it or costed the request behind its line. It takes effect at once.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewAgreement,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The variation, agreed", body = PackageVariation)))]
#[post("/package-variations/{id}/agreement")]
pub async fn agree_package_variation(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        let variation = find(write.connection, &id.0)?;
        refuse_tools(kind)?;
        require_proposed(write.connection, &variation)?;
        agree(write, &profile, variation, body.value.reason.map(|reason| reason.0))
    })
    .await
}

/// Refuse a variation
///
/// By a person in a post.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewStep,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The variation, refused", body = PackageVariation)))]
#[post("/package-variations/{id}/refusal")]
pub async fn refuse_package_variation(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        let variation = find(write.connection, &id.0)?;
        refuse_tools(kind)?;
        require_proposed(write.connection, &variation)?;
        let in_post = in_post_on(write.connection, write.at.date())?;
        let own = in_post.into_iter().find(|person| person.user_id == write.actor.id);
        let own = own.ok_or_else(|| Problem::new(Code::NoAuthority, "You hold no post today."))?;
        let taken = Taken::without_post(VariationState::Refused, Some(body.value.reason.0));
        close(write, &variation, Taken { post: Some(own.post), capacity: Some(own.capacity), ..taken })?;
        let today = write.at.date();
        whole(write.connection, &profile, variation, today)
    })
    .await
}

/// Withdraw a variation
///
/// While it is proposed; also one whose line has changed since, so that it can be proposed anew.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), request_body = NewStep,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The variation, withdrawn", body = PackageVariation)))]
#[post("/package-variations/{id}/withdrawal")]
pub async fn withdraw_package_variation(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStep>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let variation = find(write.connection, &id.0)?;
        require_proposed(write.connection, &variation)?;
        close(write, &variation, Taken::without_post(VariationState::Withdrawn, Some(body.value.reason.0)))?;
        let today = write.at.date();
        whole(write.connection, &profile, variation, today)
    })
    .await
}

fn agree(write: &mut Write<'_>, profile: &Profile, variation: Variation, reason: Option<String>) -> Result<PackageVariation, Problem> {
    let today = write.at.date();
    let line = checks::still_standing(write.connection, profile, &variation)?;
    let effect = Effect::of(write.connection, profile, &variation, &line)?;
    let explanation = explain(write.connection, profile, &variation, &line, &effect, today)?;
    let person = explanation.authority.may(&write.actor.id).ok_or_else(|| refusal(&explanation, &write.actor.id))?;
    let taken = Taken {
        state: VariationState::Agreed,
        post: Some(person.post.clone()),
        capacity: Some(person.capacity),
        clause: clause_of(person, &explanation),
        totals: Some((explanation.total_before_pence, explanation.total_after_pence)),
        explanation: Some(Reasoning::of(&explanation)?),
        reason,
    };
    let held = (&BTreeSet::from([line.budget_line.clone()]), variation.changes_from(&line));
    let ((), budget) = holding_against_budget(write, profile, ("variation_id", &variation.id), held, |write| {
        close(write, &variation, taken)?;
        effect::apply(write, profile, (&variation, &line), effect)
    })?;
    Ok(PackageVariation { budget, ..whole(write.connection, profile, variation, today)? })
}

/// By which rule a person agreed it.
fn clause_of(person: &Candidate, explanation: &VariationAuthority) -> Option<String> {
    match &explanation.without_panel {
        Some(rule) => Some(rule.clauses.join("; ")),
        None => person.limit.as_ref().map(|limit| limit.clause.clone()),
    }
}

/// Why the caller may not agree it, and who may.
fn refusal(explanation: &VariationAuthority, caller: &str) -> Problem {
    let mut own: Vec<Bar> = explanation.ruled_out.get(caller).cloned().unwrap_or_default();
    let places = explanation.authority.people.iter().filter(|person| person.user_id == caller);
    own.extend(places.flat_map(|person| person.why_not.iter().copied()));
    own.sort();
    own.dedup();
    let responsible = if explanation.needs_panel {
        let clauses = match explanation.demanded_by.as_slice() {
            [] => String::new(),
            clauses => format!(" ({})", clauses.join("; ")),
        };
        format!("It is asked for in a request, which goes to panel{clauses}.")
    } else if let Some(rule) = &explanation.without_panel {
        format!("Responsible: {} ({}).", rule.posts.join(" or "), rule.clauses.join("; "))
    } else {
        let tier: Vec<_> = explanation.authority.tier.iter().map(|limit| format!("{} ({})", limit.post, limit.clause)).collect();
        format!("Responsible: {}.", if tier.is_empty() { "no post".to_owned() } else { tier.join(" or ") })
    };
    let total = explanation.total_after_pence;
    Problem::new(Code::NoAuthority, format!("You may not agree a total of {total} a year: {}. {responsible}", why_not(&own)))
}

/// What a step says.
pub struct Taken {
    /// Agreed, refused or withdrawn.
    pub state: VariationState,
    /// The post that did it.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where its authority is written.
    pub clause: Option<String>,
    /// The totals tested, before and after.
    pub totals: Option<(Pence, Pence)>,
    /// The whole reasoning.
    pub explanation: Option<Reasoning>,
    /// In words.
    pub reason: Option<String>,
}

impl Taken {
    /// A step for which no post is asked.
    pub fn without_post(state: VariationState, reason: Option<String>) -> Self {
        Taken { state, post: None, capacity: None, clause: None, totals: None, explanation: None, reason }
    }
}

/// Records the step of a variation that was proposed, which is then open no more.
fn close(write: &mut Write<'_>, variation: &Variation, taken: Taken) -> Result<(), Problem> {
    let action = match taken.state {
        VariationState::Agreed => "agree",
        VariationState::Refused => "refuse",
        VariationState::Proposed | VariationState::Withdrawn => "withdraw",
    };
    write.record(Event::new(action, "package_variations", &variation.id))?;
    diesel::delete(open_package_variations::table.find(&variation.id)).execute(write.connection)?;
    add_step(write, variation, taken)
}

/// Adds the step of a variation; the caller records the event.
pub fn add_step(write: &mut Write<'_>, variation: &Variation, taken: Taken) -> Result<(), Problem> {
    let step = VariationStep {
        id: new_id(),
        variation_id: variation.id.clone(),
        variation_seq: variation.recorded_seq,
        state: taken.state,
        taken_on: write.at.date(),
        post: taken.post,
        capacity: taken.capacity,
        clause: taken.clause,
        total_before_pence: taken.totals.map(|totals| totals.0),
        total_after_pence: taken.totals.map(|totals| totals.1),
        explanation: taken.explanation,
        reason: taken.reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(package_variation_steps::table).values(&step).execute(write.connection)?;
    Ok(())
}

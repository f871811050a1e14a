//! Putting the authority of a post behind a decision that waits for it: ratifying what a deputy chair decided, authorising what is
//! above the chair's authority. Either may be refused; the request is then declined.

use super::deciding::{decided_state, hearing_needed, refuse_tools};
use super::reasoning::Reasoning;
use super::{Decision, find, rules};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::commitments::{BudgetCheck, hold_against_budget};
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests::authority::{AuthorityExplanation, explain};
use crate::routes::requests::{self, Request, lines_of, missing_for_agenda, refuse_missing, require, revision_of, transition};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{authorisations, decisions};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::delegation::{Bar, Candidate};
use domain::panel::{AuthorisationKind, AuthorisationOutcome, Capacity, DecisionKind, DeclineReason};
use domain::{Pence, Profile, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The authority of a post behind a decision, or its refusal.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = authorisations)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "kind": "authority",
    "outcome": "given", "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "post": "head_of_service", "capacity": "holder",
    "authorised_on": "2024-05-07", "total_pence": 1617760, "clause": "Panel standard 9", "decline_reason": null, "reason": "Heard with the worker",
    "explanation": {}, "authority_hearing_on": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15",
    "recorded_at": "2024-05-07T10:15:00Z", "recorded_seq": 722
}))]
pub struct Authorisation {
    /// The authorisation's id.
    pub id: String,
    /// The decision.
    pub decision_id: String,
    /// Of the spending, or of what a deputy chair decided.
    pub kind: AuthorisationKind,
    /// Given, or declined.
    pub outcome: AuthorisationOutcome,
    /// Who: a user's id.
    pub user_id: String,
    /// In which post.
    pub post: String,
    /// As its holder, or standing in.
    pub capacity: Capacity,
    /// On which day.
    pub authorised_on: NaiveDate,
    /// The child's total care package that was tested that day.
    pub total_pence: Pence,
    /// Where the authority is written.
    pub clause: String,
    /// Of an approval that is declined: why.
    pub decline_reason: Option<DeclineReason>,
    /// Why, in words.
    pub reason: String,
    /// The whole reasoning on that day.
    pub explanation: Reasoning,
    /// Of a ratification that goes on to the post that has the authority: when that post hears it.
    pub authority_hearing_on: Option<NaiveDate>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Authorisation {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
}

/// An authorisation as it is made: with what it does to the decision's budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorisationMade {
    /// The authorisation.
    #[serde(flatten)]
    pub authorisation: Authorisation,
    /// Where it makes the decision an approval with authority: each budget line it is paid from, and whether it costs more than was
    /// available.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub budget: Vec<BudgetCheck>,
}

impl Located for AuthorisationMade {
    fn location(&self) -> String {
        self.authorisation.location()
    }
}

impl From<Authorisation> for AuthorisationMade {
    /// One that approves nothing.
    fn from(authorisation: Authorisation) -> Self {
        AuthorisationMade { authorisation, budget: Vec::new() }
    }
}

/// What the post says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "given", "reason": "Heard with the worker; the need is plain" }))]
pub struct NewAuthorisation {
    /// Given, or declined: an approval is then a refusal, and of a deputy's refusal, deferral or signpost the request is heard again.
    pub outcome: AuthorisationOutcome,
    /// Where an approval is declined: why.
    pub decline_reason: Option<DeclineReason>,
    /// Why, in words.
    pub reason: Text<500>,
    /// Of a ratification: when the post that has the authority hears it, if the total is above the post's own limit. Without it, the
    /// day that the decision gives.
    pub authority_hearing_on: Option<NaiveDate>,
}

/// Who puts what behind a decision.
pub(super) struct Support {
    pub kind: AuthorisationKind,
    pub outcome: AuthorisationOutcome,
    pub post: String,
    pub capacity: Capacity,
    pub clause: String,
    pub decline_reason: Option<DeclineReason>,
    pub reason: String,
    /// When the next post hears it, where it goes on to one.
    pub hearing_on: Option<NaiveDate>,
}

impl Support {
    /// What a candidate with a limit gives.
    pub(super) fn of(person: &Candidate, kind: AuthorisationKind, reason: &str) -> Self {
        Support {
            kind,
            outcome: AuthorisationOutcome::Given,
            post: person.post.clone(),
            capacity: person.capacity,
            clause: person.limit.as_ref().map(|limit| limit.clause.clone()).unwrap_or_default(),
            decline_reason: None,
            reason: reason.to_owned(),
            hearing_on: None,
        }
    }
}

/// Ratify what a deputy chair decided
///
/// By the post that the profile names, never by whoever decided. If its own limit covers the total it is the authority too; above it,
/// the decision goes on to the post that has it.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewAuthorisation,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The ratification", body = AuthorisationMade)))]
#[post("/decisions/{id}/ratification")]
pub async fn ratify_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAuthorisation>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        let (decision, request) = waiting(write.connection, &id.0, RequestAction::Ratify)?;
        ratify(write, &profile, &decision, &request, &body.value)
    })
    .await
}

/// Authorise what is above the chair's authority
///
/// By a post whose limit covers the child's total care package today; never by whoever costed or presents the request.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewAuthorisation,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The authorisation", body = AuthorisationMade)))]
#[post("/decisions/{id}/authorisation")]
pub async fn authorise_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAuthorisation>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        let (decision, request) = waiting(write.connection, &id.0, RequestAction::Authorise)?;
        authorise(write, &profile, &decision, &request, &body.value)
    })
    .await
}

/// The decision and its request, if that is the decision which waits for this.
fn waiting(connection: &mut AnyConnection, id: &str, action: RequestAction) -> Result<(Decision, Request), Problem> {
    let decision = find(connection, id)?;
    let request = requests::find(connection, &decision.request_id)?;
    require(connection, &request, action)?;
    if request.decision_id.as_deref() != Some(decision.id.as_str()) {
        return Err(Problem::new(Code::StateConflict, "A later decision of the request has taken this one's place."));
    }
    Ok((decision, request))
}

fn ratify(
    write: &mut Write<'_>,
    profile: &Profile,
    decision: &Decision,
    request: &Request,
    new: &NewAuthorisation,
) -> Result<AuthorisationMade, Problem> {
    let today = write.at.date();
    let explanation = explain_decided(write, profile, decision, request, today)?;
    let mut support = ratifier(write, profile, &explanation, new)?;
    refuse_wrong_reason(decision, new)?;
    if new.outcome == AuthorisationOutcome::Declined {
        let authorisation = insert(write, decision, support, today, &explanation)?;
        return refused(write, decision, request, RequestAction::Ratify, new).map(|()| authorisation.into());
    }
    let is_approval = is_approval(decision);
    if is_approval {
        refuse_stale_paperwork(write, profile, decision, request)?;
    }
    // The one who ratifies has the authority too if the post's own limit covers the total: a lower post being free is no bar here.
    let own = explanation.authority.people.iter().find(|person| {
        person.user_id == write.actor.id
            && person.post == support.post
            && person.why_not.iter().all(|bar| *bar == Bar::LowerPostResponsible)
    });
    let next = if is_approval && own.is_none() { RequestState::AwaitingAuthority } else { decided_state(decision.kind) };
    if next == RequestState::AwaitingAuthority {
        let hearing = new.authority_hearing_on.or(decision.authority_hearing_on).ok_or_else(|| hearing_needed(&explanation))?;
        if hearing < decision.decided_on || domain::FinancialYear::of(hearing).is_err() {
            let detail = format!("not before the decision's day, {}", decision.decided_on);
            return Err(Problem::invalid(vec![FieldError::new("/authority_hearing_on", "out_of_range", detail)]));
        }
        support.hearing_on = Some(hearing);
    }
    let budget = match next {
        RequestState::Approved | RequestState::ApprovedInPart => hold_decided(write, profile, decision, request)?,
        _ => Vec::new(),
    };
    let authority = own.filter(|_| is_approval).map(|person| Support::of(person, AuthorisationKind::Authority, &new.reason.0));
    let authorisation = insert(write, decision, support, today, &explanation)?;
    if let Some(authority) = authority {
        insert(write, decision, authority, today, &explanation)?;
    }
    transition(write, request, RequestAction::Ratify, Request { state: next, ..request.clone() }, None)?;
    Ok(AuthorisationMade { authorisation, budget })
}

/// The post with which the caller ratifies, or a refusal that says why not.
fn ratifier(
    write: &mut Write<'_>,
    profile: &Profile,
    explanation: &AuthorityExplanation,
    new: &NewAuthorisation,
) -> Result<Support, Problem> {
    let refuse = |detail: String| Problem::new(Code::NoAuthority, detail);
    let Some(named) = &profile.panel.ratified_by else {
        return Err(refuse("The profile names no post that ratifies.".to_owned()));
    };
    let in_post = in_post_on(write.connection, explanation.on)?;
    let own = in_post.into_iter().find(|person| person.user_id == write.actor.id && named.posts.contains(&person.post));
    let own = own.ok_or_else(|| refuse(format!("It is ratified by the post of {} ({}).", named.posts.join(" or "), named.clause)))?;
    if let Some(bars) = explanation.ruled_out.get(&write.actor.id) {
        return Err(refuse(format!("You may not ratify it: {}.", rules::why_not(bars))));
    }
    Ok(Support {
        kind: AuthorisationKind::Ratification,
        outcome: new.outcome,
        post: own.post,
        capacity: own.capacity,
        clause: named.clause.clone(),
        decline_reason: new.decline_reason,
        reason: new.reason.0.clone(),
        hearing_on: None,
    })
}

fn authorise(
    write: &mut Write<'_>,
    profile: &Profile,
    decision: &Decision,
    request: &Request,
    new: &NewAuthorisation,
) -> Result<AuthorisationMade, Problem> {
    let today = write.at.date();
    let explanation = explain_decided(write, profile, decision, request, today)?;
    let Some(person) = explanation.authority.may(&write.actor.id) else {
        let mut own: Vec<Bar> = explanation.ruled_out.get(&write.actor.id).cloned().unwrap_or_default();
        let places = explanation.authority.people.iter().filter(|person| person.user_id == write.actor.id);
        own.extend(places.flat_map(|person| person.why_not.iter().copied()));
        own.sort();
        own.dedup();
        let tier: Vec<_> = explanation.authority.tier.iter().map(|limit| format!("{} ({})", limit.post, limit.clause)).collect();
        let tier = if tier.is_empty() { "no post".to_owned() } else { tier.join(" or ") };
        let total = explanation.total_pence;
        let detail = format!("You may not authorise a total of {total} a year: {}. Responsible: {tier}.", rules::why_not(&own));
        return Err(Problem::new(Code::NoAuthority, detail));
    };
    refuse_wrong_reason(decision, new)?;
    let given = Support::of(person, AuthorisationKind::Authority, &new.reason.0);
    let support = Support { outcome: new.outcome, decline_reason: new.decline_reason, ..given };
    if new.outcome == AuthorisationOutcome::Declined {
        let authorisation = insert(write, decision, support, today, &explanation)?;
        return refused(write, decision, request, RequestAction::Authorise, new).map(|()| authorisation.into());
    }
    refuse_stale_paperwork(write, profile, decision, request)?;
    let budget = hold_decided(write, profile, decision, request)?;
    let authorisation = insert(write, decision, support, today, &explanation)?;
    let next = Request { state: decided_state(decision.kind), ..request.clone() };
    transition(write, request, RequestAction::Authorise, next, None)?;
    Ok(AuthorisationMade { authorisation, budget })
}

/// Holds what was decided on against its budgets, at the moment when it gets its authority.
fn hold_decided(write: &mut Write<'_>, profile: &Profile, decision: &Decision, request: &Request) -> Result<Vec<BudgetCheck>, Problem> {
    let lines = lines_of(write.connection, &request.id, decision.revision)?;
    hold_against_budget(write, profile, request, &lines)
}

fn is_approval(decision: &Decision) -> bool {
    matches!(decision.kind, DecisionKind::Approved | DecisionKind::ApprovedInPart)
}

/// A reason of the list goes with an approval that is declined, and with nothing else.
fn refuse_wrong_reason(decision: &Decision, new: &NewAuthorisation) -> Result<(), Problem> {
    let is_needed = new.outcome == AuthorisationOutcome::Declined && is_approval(decision);
    let (code, detail) = match (is_needed, new.decline_reason.is_some()) {
        (true, false) => ("missing", "declining an approval needs it"),
        (false, true) => ("not_of_this_kind", "only an approval that is declined has it"),
        _ => return Ok(()),
    };
    Err(Problem::invalid(vec![FieldError::new("/decline_reason", code, detail)]))
}

/// A declined approval is a refusal. What was no approval is not turned into one: the panel hears it again.
fn refused(
    write: &mut Write<'_>,
    decision: &Decision,
    request: &Request,
    action: RequestAction,
    new: &NewAuthorisation,
) -> Result<(), Problem> {
    let state = if is_approval(decision) { RequestState::Declined } else { RequestState::Submitted };
    let next = Request { state, ..request.clone() };
    transition(write, request, action, next, Some(new.reason.0.clone())).map(drop)
}

/// Consent may have been withdrawn since the panel; what was current on the panel's day need not be current still.
fn refuse_stale_paperwork(write: &mut Write<'_>, profile: &Profile, decision: &Decision, request: &Request) -> Result<(), Problem> {
    let paperwork = revision_of(write.connection, &request.id, decision.revision)?;
    let lines = lines_of(write.connection, &request.id, decision.revision)?;
    refuse_missing(missing_for_agenda(write.connection, profile, &paperwork, &lines, decision.decided_on)?)
}

fn explain_decided(
    write: &mut Write<'_>,
    profile: &Profile,
    decision: &Decision,
    request: &Request,
    today: NaiveDate,
) -> Result<AuthorityExplanation, Problem> {
    let lines = lines_of(write.connection, &request.id, decision.revision)?;
    explain(write.connection, profile, request, &lines, today)
}

/// Adds an authorisation.
pub(super) fn insert(
    write: &mut Write<'_>,
    decision: &Decision,
    support: Support,
    on: NaiveDate,
    explanation: &AuthorityExplanation,
) -> Result<Authorisation, Problem> {
    let row = Authorisation {
        id: new_id(),
        decision_id: decision.id.clone(),
        kind: support.kind,
        outcome: support.outcome,
        user_id: write.actor.id.clone(),
        post: support.post,
        capacity: support.capacity,
        authorised_on: on,
        total_pence: explanation.total_pence,
        clause: support.clause,
        decline_reason: support.decline_reason,
        reason: support.reason,
        explanation: Reasoning::of(explanation)?,
        authority_hearing_on: support.hearing_on,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(authorisations::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "authorisations", &row.id))?;
    Ok(row)
}

/// The authorisations of a decision, in the order given.
pub fn authorisations_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<Authorisation>, Problem> {
    Ok(authorisations::table
        .filter(authorisations::decision_id.eq(decision_id))
        .select(Authorisation::as_select())
        .order((authorisations::recorded_seq, authorisations::id))
        .load(connection)?)
}

/// The day until which the last decision deferred a request, if it did and the ratifying post did not refuse that.
pub fn standing_deferral(connection: &mut AnyConnection, request: &Request) -> Result<Option<NaiveDate>, Problem> {
    let Some(decision) = &request.decision_id else { return Ok(None) };
    let declined = authorisations::decision_id.eq(decision).and(authorisations::outcome.eq(AuthorisationOutcome::Declined));
    if diesel::select(diesel::dsl::exists(authorisations::table.filter(declined))).get_result(connection)? {
        return Ok(None);
    }
    Ok(decisions::table.find(decision).select(decisions::deferred_until).first(connection)?)
}

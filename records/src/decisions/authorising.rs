//! Putting the authority of a post behind a decision that waits for it: ratifying what a deputy chair decided, authorising what is
//! above the chair's authority. Either may be refused; the request is then declined.

use crate::authority::{AuthorityExplanation, explain};
use crate::commitments::{BudgetHeld, hold_against_budget};
use crate::decisions::authorisations::{Authorisation, AuthorisationInPost};
use crate::decisions::deciding::refuse_tools;
use crate::decisions::decision::{Decision, find};
use crate::decisions::recording::put_behind;
use crate::error::Error;
use crate::people::post_holdings::in_post_on;
use crate::requests;
use crate::requests::{Request, lines_of, missing_for_agenda, refuse_missing, require, revision_of, transition};
use crate::text::Text;
use chrono::NaiveDate;
use db::{AnyConnection, Write};
use domain::authority::ratifies;
use domain::decisions::{decided_state, is_approval, ratified_leads_to, reason_mistake, refused_state};
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DeclineReason};
use domain::{Code, Profile, Refusal, RequestAction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An authorisation as it is made: with what it does to the decision's budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorisationMade {
    /// The authorisation.
    #[serde(flatten)]
    pub authorisation: Authorisation,
    /// Where it makes the decision an approval with authority: what that does to the budget lines it is paid from.
    #[serde(flatten)]
    pub held: BudgetHeld,
}

impl From<Authorisation> for AuthorisationMade {
    /// One that approves nothing.
    fn from(authorisation: Authorisation) -> Self {
        AuthorisationMade { authorisation, held: BudgetHeld::default() }
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

/// The decision and its request, if that is the decision which waits for this.
fn waiting(connection: &mut AnyConnection, id: &str, action: RequestAction) -> Result<(Decision, Request), Error> {
    let decision = find(connection, id)?;
    let request = requests::find(connection, &decision.request_id)?;
    require(connection, &request, action)?;
    if request.decision_id.as_deref() != Some(decision.id.as_str()) {
        return Err(Error::refused(Code::StateConflict, "A later decision of the request has taken this one's place."));
    }
    Ok((decision, request))
}

/// Ratifies what a deputy chair decided, or refuses to.
pub fn ratify(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewAuthorisation) -> Result<AuthorisationMade, Error> {
    refuse_tools(write.actor)?;
    let (decision, request) = waiting(write.connection, id, RequestAction::Ratify)?;
    let today = write.today();
    let explanation = explain_decided(write, profile, &decision, &request, today)?;
    let mut support = ratifier(write, profile, &explanation, &new)?;
    Refusal::unless_valid(reason_mistake(decision.kind, new.outcome, new.decline_reason.is_some()).into_iter().collect())?;
    if new.outcome == AuthorisationOutcome::Declined {
        let authorisation = put_behind(write, &decision, support, today, &explanation)?;
        return refused(write, &decision, &request, RequestAction::Ratify, &new).map(|()| authorisation.into());
    }
    if is_approval(decision.kind) {
        refuse_stale_paperwork(write, profile, &decision, &request)?;
    }
    let caller = write.actor.id.clone();
    let total = (&explanation.authority, explanation.total_pence);
    let hearing = new.authority_hearing_on.or(decision.authority_hearing_on);
    let leads = ratified_leads_to((decision.kind, decision.decided_on), (&caller, &support.post), total, hearing)?;
    support.hearing_on = leads.hearing_on;
    let held = if leads.has_authority { hold_decided(write, profile, &decision, &request)? } else { BudgetHeld::default() };
    let own = explanation.authority.has_in_post(&caller, &support.post).filter(|_| leads.has_authority);
    let authority = own.map(|person| AuthorisationInPost::of(person, AuthorisationKind::Authority, &new.reason.0));
    let authorisation = put_behind(write, &decision, support, today, &explanation)?;
    if let Some(authority) = authority {
        put_behind(write, &decision, authority, today, &explanation)?;
    }
    transition(write, &request, RequestAction::Ratify, Request { state: leads.to, ..request.clone() }, None)?;
    Ok(AuthorisationMade { authorisation, held })
}

/// The post with which the caller ratifies, or a refusal that says why not.
fn ratifier(
    write: &mut Write<'_>,
    profile: &Profile,
    explanation: &AuthorityExplanation,
    new: &NewAuthorisation,
) -> Result<AuthorisationInPost, Error> {
    let Some(named) = &profile.panel.ratified_by else {
        return Err(Error::refused(Code::NoAuthority, "The profile names no post that ratifies."));
    };
    let in_post = in_post_on(write.connection, explanation.on)?;
    let own = ratifies(named, &in_post, &explanation.ruled_out, &write.actor.id)?;
    Ok(AuthorisationInPost {
        kind: AuthorisationKind::Ratification,
        outcome: new.outcome,
        post: own.post.clone(),
        capacity: own.capacity,
        clause: named.clause.clone(),
        decline_reason: new.decline_reason,
        reason: new.reason.0.clone(),
        hearing_on: None,
    })
}

/// Authorises what is above the chair's authority, or refuses to.
pub fn authorise(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewAuthorisation) -> Result<AuthorisationMade, Error> {
    refuse_tools(write.actor)?;
    let (decision, request) = waiting(write.connection, id, RequestAction::Authorise)?;
    let today = write.today();
    let explanation = explain_decided(write, profile, &decision, &request, today)?;
    let (person, _) = explanation.case().require("authorise", &write.actor.id)?;
    Refusal::unless_valid(reason_mistake(decision.kind, new.outcome, new.decline_reason.is_some()).into_iter().collect())?;
    let given = AuthorisationInPost::of(&person, AuthorisationKind::Authority, &new.reason.0);
    let support = AuthorisationInPost { outcome: new.outcome, decline_reason: new.decline_reason, ..given };
    if new.outcome == AuthorisationOutcome::Declined {
        let authorisation = put_behind(write, &decision, support, today, &explanation)?;
        return refused(write, &decision, &request, RequestAction::Authorise, &new).map(|()| authorisation.into());
    }
    refuse_stale_paperwork(write, profile, &decision, &request)?;
    let held = hold_decided(write, profile, &decision, &request)?;
    let authorisation = put_behind(write, &decision, support, today, &explanation)?;
    let next = Request { state: decided_state(decision.kind), ..request.clone() };
    transition(write, &request, RequestAction::Authorise, next, None)?;
    Ok(AuthorisationMade { authorisation, held })
}

/// Holds what was decided on against its budgets, at the moment when it gets its authority.
fn hold_decided(write: &mut Write<'_>, profile: &Profile, decision: &Decision, request: &Request) -> Result<BudgetHeld, Error> {
    let lines = lines_of(write.connection, &request.id, decision.revision)?;
    hold_against_budget(write, profile, request, &lines)
}

/// Moves the request on where the post refused.
fn refused(
    write: &mut Write<'_>,
    decision: &Decision,
    request: &Request,
    action: RequestAction,
    new: &NewAuthorisation,
) -> Result<(), Error> {
    let next = Request { state: refused_state(decision.kind), ..request.clone() };
    transition(write, request, action, next, Some(new.reason.0.clone())).map(drop)
}

/// Consent may have been withdrawn since the panel; what was current on the panel's day need not be current still.
fn refuse_stale_paperwork(write: &mut Write<'_>, profile: &Profile, decision: &Decision, request: &Request) -> Result<(), Error> {
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
) -> Result<AuthorityExplanation, Error> {
    let lines = lines_of(write.connection, &request.id, decision.revision)?;
    explain(write.connection, profile, request, &lines, today)
}

//! Agreeing a small package without a panel, where the profile allows it.

use crate::authority::{AuthorityExplanation, explain};
use crate::commitments::hold_against_budget;
use crate::decisions::authorisations::{AuthorisationInPost, standing_deferral};
use crate::decisions::deciding::refuse_tools;
use crate::decisions::recording::{Deciding, DecisionMade, NewDecision};
use crate::decisions::{actions, recording};
use crate::error::Error;
use crate::people::post_holdings::in_post_on;
use crate::requests;
use crate::requests::{Request, lines_of, missing_for_agenda, refuse_missing, require, revision_of, transition};
use crate::text::Paragraphs;
use db::{Write, new_id};
use domain::authority::agrees_without_panel;
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind, DecisionRoute};
use domain::{Code, Profile, Refusal, RequestAction, RequestState};
use serde::Deserialize;
use utoipa::ToSchema;

/// An agreement to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rationale": "Three hours a week of company while his parents are with his brother" }))]
pub struct NewAgreement {
    /// Why, in words.
    pub rationale: Paragraphs<4000>,
    /// What is to be done.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub actions: Vec<actions::NewAction>,
}

/// Agrees a small package without a panel, in a post that the profile names.
pub fn agree(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewAgreement) -> Result<DecisionMade, Error> {
    refuse_tools(write.actor)?;
    let request = requests::find(write.connection, id)?;
    require(write.connection, &request, RequestAction::AgreeWithoutPanel)?;
    let today = write.today();
    let lines = lines_of(write.connection, &request.id, request.revision)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let explanation = explain(write.connection, profile, &request, &lines, today)?;
    let support = authorisation_in_post(write, &explanation)?;
    if let Some(until) = standing_deferral(write.connection, &request)?.filter(|until| today < *until) {
        return Err(Error::refused(Code::StateConflict, format!("The panel deferred the request until {until}.")));
    }
    let mut missing = missing_for_agenda(write.connection, profile, &paperwork, &lines, today)?;
    missing.extend(explanation.lacks.clone());
    refuse_missing(missing)?;
    Refusal::unless_valid(actions::mistakes(write.connection, &new.actions, today)?)?;
    let held = hold_against_budget(write, profile, &request, &lines)?;
    let new = NewDecision {
        kind: DecisionKind::Approved,
        rationale: new.rationale,
        lines: None,
        deferred_until: None,
        deferred_for: None,
        decline_reason: None,
        signposted_to: Vec::new(),
        authority_hearing_on: None,
        votes: Vec::new(),
        actions: new.actions,
    };
    let deciding = Deciding {
        id: new_id(),
        profile,
        request: &request,
        route: DecisionRoute::WithoutPanel,
        panel: None,
        decided_as: support.post.clone(),
        decided_on: today,
        authority_hearing_on: None,
    };
    let decision = recording::insert(write, &deciding, &new, request.revision, &lines, &explanation)?;
    recording::put_behind(write, &decision, support, today, &explanation)?;
    let moved = Request { state: RequestState::Approved, decision_id: Some(decision.id.clone()), ..request.clone() };
    transition(write, &request, RequestAction::AgreeWithoutPanel, moved, None)?;
    Ok(DecisionMade { decision, held })
}

/// The post with which the caller may agree it, or a refusal that says why not.
fn authorisation_in_post(write: &mut Write<'_>, explanation: &AuthorityExplanation) -> Result<AuthorisationInPost, Error> {
    let in_post = in_post_on(write.connection, explanation.on)?;
    let (rule, facts) = (explanation.without_panel.as_ref(), (&in_post[..], &explanation.ruled_out));
    let own = agrees_without_panel(rule, &explanation.demanded_by, facts, &write.actor.id)?;
    Ok(AuthorisationInPost {
        kind: AuthorisationKind::Authority,
        outcome: AuthorisationOutcome::Given,
        post: own.post.clone(),
        capacity: own.capacity,
        clause: rule.map(|rule| rule.clauses.join("; ")).unwrap_or_default(),
        decline_reason: None,
        reason: "Agreed without a panel".to_owned(),
        hearing_on: None,
    })
}

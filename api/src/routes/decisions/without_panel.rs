//! Agreeing a small package without a panel, where the profile allows it.

use super::authorisations::standing_deferral;
use super::authorisations::{self, Support};
use super::deciding::{Deciding, NewDecision, insert, refuse_tools};
use super::{DecisionMade, actions};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use crate::problem::{Code, Problem};
use crate::routes::commitments::hold_against_budget;
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests::authority::{AuthorityExplanation, explain};
use crate::routes::requests::{self, Request, lines_of, missing_for_agenda, refuse_missing, require, revision_of, transition};
use crate::text::{Id, Paragraphs};
use actix_web::post;
use actix_web::web::{Data, Path};
use db::{Write, new_id};
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind, DecisionRoute};
use domain::{Profile, RequestAction, RequestState};
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

/// Agree a small package without a panel
///
/// By a manager whose post the profile names, up to the hours a week it gives. All support of that kind that the child has counts, in
/// whatever package or request.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The request's id")), request_body = NewAgreement,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The decision", body = DecisionMade)))]
#[post("/requests/{id}/agreement-without-panel")]
pub async fn agree_request_without_panel(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewAgreement>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        let request = requests::find(write.connection, &id.0)?;
        require(write.connection, &request, RequestAction::AgreeWithoutPanel)?;
        agree(write, &profile, &request, body.value)
    })
    .await
}

fn agree(write: &mut Write<'_>, profile: &Profile, request: &Request, new: NewAgreement) -> Result<DecisionMade, Problem> {
    let today = write.at.date();
    let lines = lines_of(write.connection, &request.id, request.revision)?;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let explanation = explain(write.connection, profile, request, &lines, today)?;
    let support = support_for(write, &explanation)?;
    if let Some(until) = standing_deferral(write.connection, request)?.filter(|until| today < *until) {
        return Err(Problem::new(Code::StateConflict, format!("The panel deferred the request until {until}.")));
    }
    refuse_missing(missing_for_agenda(write.connection, profile, &paperwork, &lines, today)?)?;
    let errors = actions::mistakes(write.connection, &new.actions, today)?;
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let budget = hold_against_budget(write, profile, request, &lines)?;
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
        request,
        route: DecisionRoute::WithoutPanel,
        panel: None,
        decided_as: support.post.clone(),
        decided_on: today,
        authority_hearing_on: None,
    };
    let decision = insert(write, &deciding, &new, request.revision, &lines, &explanation)?;
    authorisations::insert(write, &decision, support, today, &explanation)?;
    let moved = Request { state: RequestState::Approved, decision_id: Some(decision.id.clone()), ..request.clone() };
    transition(write, request, RequestAction::AgreeWithoutPanel, moved, None)?;
    Ok(DecisionMade { decision, budget })
}

/// The post with which the caller may agree it, or a refusal that says why not.
fn support_for(write: &mut Write<'_>, explanation: &AuthorityExplanation) -> Result<Support, Problem> {
    let refuse = |detail: String| Problem::new(Code::NoAuthority, detail);
    let Some(rule) = &explanation.without_panel else {
        let demanded = match explanation.demanded_by.as_slice() {
            [] => "No rule lets a manager agree it without one: the support is of another kind, or there is too much of it.".to_owned(),
            clauses => format!("It is demanded by {}.", clauses.join("; ")),
        };
        return Err(refuse(format!("This request goes to panel. {demanded}")));
    };
    if !rule.people.contains(&write.actor.id) {
        let detail = match explanation.ruled_out.get(&write.actor.id) {
            Some(bars) => super::rules::why_not(bars),
            None => format!("it is for somebody in the post of {}", rule.posts.join(" or ")),
        };
        return Err(refuse(format!("You may not agree it ({}): {detail}.", rule.clauses.join("; "))));
    }
    let in_post = in_post_on(write.connection, explanation.on)?;
    let own = in_post.into_iter().find(|person| person.user_id == write.actor.id && rule.posts.contains(&person.post));
    let own = own.ok_or_else(|| refuse("You hold no post today.".to_owned()))?;
    Ok(Support {
        kind: AuthorisationKind::Authority,
        outcome: AuthorisationOutcome::Given,
        post: own.post,
        capacity: own.capacity,
        clause: rule.clauses.join("; "),
        decline_reason: None,
        reason: "Agreed without a panel".to_owned(),
        hearing_on: None,
    })
}

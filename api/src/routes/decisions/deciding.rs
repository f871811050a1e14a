//! Deciding an item at a panel.

use super::authorisations::{self, Support};
use super::reasoning::Reasoning;
use super::rules;
use super::{Decision, DecisionMade, actions};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::permission::DecisionsWrite;
use crate::auth::{Caller, CallerKind};
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::commitments::hold_against_budget;
use crate::routes::panels::{self, Panel};
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests::authority::{AuthorityExplanation, explain, ruled_out};
use crate::routes::requests::{
    self, NewRequestLine, Request, RequestLine, RequestRevision, add_revision, last_revision, line_mistakes, lines_of, missing_for_agenda,
    refuse_missing, require, revision_of, transition,
};
use crate::text::{Id, Paragraphs, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{decision_lines, decision_signposts, decision_votes, decisions, outstanding_case_management_decisions};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::Line;
use domain::panel::{Attendance, AuthorisationKind, DecisionKind, DecisionRoute, DeclineReason, Vote};
use domain::{FinancialYear, Pence, Profile, RequestAction, RequestState};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a member voted, where there was disagreement.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVote {
    /// The panel member.
    pub member_id: Id,
    /// For or against the decision recorded.
    pub vote: Vote,
}

/// A decision to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "approved", "rationale": "The need is shown and nothing open meets it", "actions": [{
        "action": "Send the profile to the framework", "owner_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "due_on": "2024-05-16" }]
}))]
pub struct NewDecision {
    /// What was decided.
    pub kind: DecisionKind,
    /// Why, in words.
    pub rationale: Paragraphs<4000>,
    /// Of an approval in part: the lines that are agreed, whole. They may not cost more than was asked for.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Option<Vec<NewRequestLine>>,
    /// Of a deferral: the first day on which it can be heard again.
    pub deferred_until: Option<NaiveDate>,
    /// Of a deferral: what is needed before that.
    pub deferred_for: Option<Text<500>>,
    /// Of a refusal: why.
    pub decline_reason: Option<DeclineReason>,
    /// Of a signpost: the local-offer services.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub signposted_to: Vec<Text<200>>,
    /// Of an approval: when the post that has the authority hears the item, needed where that is not the chair. Kept only where the
    /// item goes on to another post.
    pub authority_hearing_on: Option<NaiveDate>,
    /// Where there was disagreement, who voted how.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub votes: Vec<NewVote>,
    /// What is to be done.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub actions: Vec<actions::NewAction>,
}

/// Record a panel's decision on a request
///
/// By whoever chairs the item. The child's total care package is tested; the decision keeps the whole reasoning. A decision of a deputy
/// chair waits for ratification, an approval above the chair's authority for the post that has it. An approval that costs more this year
/// than its budget has available is told or, where the profile says so, refused.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The request's id")), request_body = NewDecision,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The decision", body = DecisionMade)))]
#[post("/requests/{id}/decisions")]
pub async fn decide_request(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDecision>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        let request = requests::find(write.connection, &id.0)?;
        require(write.connection, &request, RequestAction::Decide)?;
        decide(write, &profile, &request, &body.value)
    })
    .await
}

/// A decision is a person's: a tool has no post.
pub fn refuse_tools(kind: CallerKind) -> Result<(), Problem> {
    match kind {
        CallerKind::User => Ok(()),
        CallerKind::Client => Err(Problem::new(Code::NoAuthority, "A person decides: log in as the user who holds the post.")),
    }
}

/// What a decision is about to be, once everything is checked.
pub(super) struct Deciding<'d> {
    /// The decision's id, which the revision that it makes carries too.
    pub id: String,
    pub profile: &'d Profile,
    pub request: &'d Request,
    pub route: DecisionRoute,
    pub panel: Option<&'d Panel>,
    pub decided_as: String,
    pub decided_on: NaiveDate,
    /// When another post hears it, where it goes on to one.
    pub authority_hearing_on: Option<NaiveDate>,
}

fn decide(write: &mut Write<'_>, profile: &Profile, request: &Request, new: &NewDecision) -> Result<DecisionMade, Problem> {
    let booking = panels::standing_booking(write.connection, request)?;
    let booking = booking.ok_or_else(|| Problem::internal("a booked request without a booking"))?;
    let panel = panels::find(write.connection, &booking.panel_id)?;
    if panel.held_on > write.at.date() {
        return Err(Problem::new(Code::StateConflict, format!("The panel is on {}: it cannot decide before.", panel.held_on)));
    }
    let present = panels::present(write.connection, &panel.id)?;
    let barred = ruled_out(write.connection, request)?;
    let part = rules::part_of_caller(&write.actor.id, &present, &barred)?;
    refuse_former_holder(write, panel.held_on)?;
    rules::refuse_without_quorum(profile, &present, &barred)?;
    let asked = lines_of(write.connection, &request.id, request.revision)?;
    refuse_mistakes(write, profile, request, new, &panel, &asked, rules::mistakes(new, panel.held_on, &present, &barred))?;
    let id = new_id();
    let (revision, lines) = decided_lines(write, request, &id, new, asked)?;
    let is_approval = matches!(new.kind, DecisionKind::Approved | DecisionKind::ApprovedInPart);
    if is_approval {
        let paperwork = revision_of(write.connection, &request.id, revision)?;
        refuse_missing(missing_for_agenda(write.connection, profile, &paperwork, &lines, panel.held_on)?)?;
    }
    let explanation = explain(write.connection, profile, request, &lines, panel.held_on)?;
    let next = next_state(&write.actor.id, new, part, &explanation)?;
    let has_authority = is_approval && matches!(next, RequestState::Approved | RequestState::ApprovedInPart);
    let budget = if has_authority { hold_against_budget(write, profile, request, &lines)? } else { Vec::new() };
    // A day that was given in case is kept only where there is another post to hear it.
    let goes_on = matches!(next, RequestState::AwaitingRatification | RequestState::AwaitingAuthority);
    let deciding = Deciding {
        id,
        profile,
        request,
        route: DecisionRoute::Panel,
        panel: Some(&panel),
        decided_as: part.as_str().to_owned(),
        decided_on: panel.held_on,
        authority_hearing_on: new.authority_hearing_on.filter(|_| goes_on),
    };
    let decision = insert(write, &deciding, new, revision, &lines, &explanation)?;
    if has_authority {
        let person = explanation.authority.may(&write.actor.id).ok_or_else(|| Problem::internal("an approval without authority"))?;
        let support = Support::of(person, AuthorisationKind::Authority, "Decided at the panel");
        authorisations::insert(write, &decision, support, panel.held_on, &explanation)?;
    }
    let moved = Request { state: next, decision_id: Some(decision.id.clone()), ..request.clone() };
    transition(write, request, RequestAction::Decide, moved, None)?;
    Ok(DecisionMade { decision, budget })
}

/// What is recorded after the panel's day is recorded by somebody who still is in the post that they chaired in.
fn refuse_former_holder(write: &mut Write<'_>, held_on: NaiveDate) -> Result<(), Problem> {
    let posts_on = |connection: &mut AnyConnection, day: NaiveDate, user: &str| -> Result<Vec<String>, Problem> {
        let in_post = in_post_on(connection, day)?.into_iter();
        Ok(in_post.filter(|person| person.user_id == user).map(|person| person.post).collect())
    };
    let (user, today) = (write.actor.id.clone(), write.at.date());
    let then = posts_on(write.connection, held_on, &user)?;
    let now = posts_on(write.connection, today, &user)?;
    if then.iter().all(|post| now.contains(post)) {
        return Ok(());
    }
    let detail = format!("You were {} on {held_on} and are not any more: somebody who still is decides.", then.join(" and "));
    Err(Problem::new(Code::NoAuthority, detail))
}

fn refuse_mistakes(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    new: &NewDecision,
    panel: &Panel,
    asked: &[RequestLine],
    mut errors: Vec<FieldError>,
) -> Result<(), Problem> {
    errors.extend(actions::mistakes(write.connection, &new.actions, panel.held_on)?);
    if let Some(lines) = &new.lines {
        let mut wrong = line_mistakes(write.connection, profile, &request.child_id, lines, "/lines")?;
        let mut unasked = replacements_not_asked_for(lines, asked);
        unasked.retain(|one| wrong.iter().all(|other| other.pointer != one.pointer));
        wrong.extend(unasked);
        if wrong.is_empty() {
            let full_year = |line: Line| profile.costing.full_year(&line).map_err(Problem::internal);
            let agreed = total(lines.iter().map(|line| full_year(line.costed())))?;
            let wanted = total(asked.iter().map(|line| full_year(line.costed())))?;
            if agreed > wanted {
                let detail = format!("the lines cost {agreed} a year, and {wanted} was asked for");
                errors.push(FieldError::new("/lines", "more_than_asked", detail));
            }
        }
        errors.extend(wrong);
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// Lines agreed in part that would end a package line which nobody asked to end: the paperwork does not weigh that.
fn replacements_not_asked_for(lines: &[NewRequestLine], asked: &[RequestLine]) -> Vec<FieldError> {
    let is_asked_for = |replaced: &str| asked.iter().any(|line| line.replaces_line_id.as_deref() == Some(replaced));
    let replacing = lines.iter().enumerate().filter_map(|(place, line)| Some((place, line.replaces_line_id.as_ref()?)));
    let refuse = |(place, _)| {
        let detail = "the request does not ask to replace this package line";
        FieldError::new(&format!("/lines/{place}/replaces_line_id"), "not_asked_for", detail)
    };
    replacing.filter(|(_, replaced)| !is_asked_for(&replaced.0)).map(refuse).collect()
}

fn total(costs: impl Iterator<Item = Result<Pence, Problem>>) -> Result<Pence, Problem> {
    let costs: Vec<Pence> = costs.collect::<Result<_, _>>()?;
    Pence::checked_sum(costs).map_err(Problem::internal)
}

/// The revision and lines that are decided on: those asked for, or of an approval in part a revision of its own.
fn decided_lines(
    write: &mut Write<'_>,
    request: &Request,
    decision_id: &str,
    new: &NewDecision,
    asked: Vec<RequestLine>,
) -> Result<(i64, Vec<RequestLine>), Problem> {
    let Some(lines) = &new.lines else { return Ok((request.revision, asked)) };
    let revision = last_revision(write.connection, &request.id)? + 1;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let changed = RequestRevision {
        revision,
        decision_id: Some(decision_id.to_owned()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..paperwork
    };
    add_revision(write, changed, lines)?;
    Ok((revision, lines_of(write.connection, &request.id, revision)?))
}

/// Where the decision leads: by a deputy to ratification, above the chair's authority to the post that has it.
fn next_state(caller: &str, new: &NewDecision, part: Attendance, explanation: &AuthorityExplanation) -> Result<RequestState, Problem> {
    if part == Attendance::DeputyChair {
        return Ok(RequestState::AwaitingRatification);
    }
    let decided = decided_state(new.kind);
    let is_approval = matches!(new.kind, DecisionKind::Approved | DecisionKind::ApprovedInPart);
    if !is_approval || explanation.authority.may(caller).is_some() {
        return Ok(decided);
    }
    if new.authority_hearing_on.is_none() {
        return Err(hearing_needed(explanation));
    }
    Ok(RequestState::AwaitingAuthority)
}

/// The approval waits for another post, so a day is needed on which that post hears it.
pub(super) fn hearing_needed(explanation: &AuthorityExplanation) -> Problem {
    let posts: Vec<_> = explanation.authority.tier.iter().map(|limit| limit.post.as_str()).collect();
    let posts = if posts.is_empty() { "no post, since none has a limit that covers it".to_owned() } else { posts.join(" or ") };
    let detail = format!(
        "the child's total care package is {} a year, which you may not authorise; responsible: {posts}; say when it is heard",
        explanation.total_pence
    );
    Problem::invalid(vec![FieldError::new("/authority_hearing_on", "missing", detail)])
}

/// The state that a decision of a kind leads to once it has its authority.
pub(super) fn decided_state(kind: DecisionKind) -> RequestState {
    match kind {
        DecisionKind::Approved => RequestState::Approved,
        DecisionKind::ApprovedInPart => RequestState::ApprovedInPart,
        DecisionKind::Deferred => RequestState::Deferred,
        DecisionKind::Declined => RequestState::Declined,
        DecisionKind::Signposted => RequestState::Signposted,
    }
}

/// Adds the decision with its votes, actions and signposts.
pub(super) fn insert(
    write: &mut Write<'_>,
    deciding: &Deciding<'_>,
    new: &NewDecision,
    revision: i64,
    lines: &[RequestLine],
    explanation: &AuthorityExplanation,
) -> Result<Decision, Problem> {
    let Deciding { id, profile, request, route, panel, decided_as, decided_on, authority_hearing_on } = deciding;
    let year = FinancialYear::of(*decided_on).map_err(Problem::internal)?;
    let costs: Vec<_> =
        lines.iter().map(|line| profile.costing.cost(&line.costed(), year)).collect::<Result<_, _>>().map_err(Problem::internal)?;
    let sum = |costs: Vec<Pence>| Pence::checked_sum(costs).map_err(Problem::internal);
    let later: Option<Vec<Pence>> = costs.iter().map(|cost| cost.later_years_pence).collect();
    let before: i64 = decisions::table.filter(decisions::request_id.eq(&request.id)).count().get_result(write.connection)?;
    let posts: Vec<_> = explanation.authority.tier.iter().map(|limit| limit.post.as_str()).collect();
    let decision = Decision {
        id: id.clone(),
        request_id: request.id.clone(),
        number: before + 1,
        route: *route,
        panel_id: panel.map(|panel| panel.id.clone()),
        kind: new.kind,
        decided_by: write.actor.id.clone(),
        decided_as: decided_as.clone(),
        decided_on: *decided_on,
        revision,
        rationale: new.rationale.0.clone(),
        deferred_until: new.deferred_until,
        deferred_for: new.deferred_for.as_ref().map(|text| text.0.clone()),
        decline_reason: new.decline_reason,
        authority_hearing_on: *authority_hearing_on,
        total_pence: explanation.total_pence,
        full_year_pence: sum(costs.iter().map(|cost| cost.full_year_pence).collect())?,
        this_year_pence: sum(costs.iter().map(|cost| cost.this_year_pence).collect())?,
        later_years_pence: later.map(sum).transpose()?,
        tier: (!posts.is_empty()).then(|| posts.join(",")),
        explanation: Reasoning::of(explanation)?,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(decisions::table).values(&decision).execute(write.connection)?;
    for (line, cost) in lines.iter().zip(&costs) {
        let row = (
            decision_lines::decision_id.eq(&decision.id),
            decision_lines::request_line_id.eq(&line.id),
            decision_lines::full_year_pence.eq(cost.full_year_pence),
            decision_lines::this_year_pence.eq(cost.this_year_pence),
            decision_lines::later_years_pence.eq(cost.later_years_pence),
            decision_lines::recorded_seq.eq(write.seq()),
        );
        diesel::insert_into(decision_lines::table).values(row).execute(write.connection)?;
    }
    insert_votes_and_signposts(write, &decision.id, new)?;
    let outstanding = (
        outstanding_case_management_decisions::decision_id.eq(&decision.id),
        outstanding_case_management_decisions::recorded_seq.eq(write.seq()),
    );
    diesel::insert_into(outstanding_case_management_decisions::table).values(outstanding).execute(write.connection)?;
    actions::insert(write, &decision.id, &new.actions)?;
    write.record(Event::new("record", "decisions", &decision.id))?;
    Ok(decision)
}

fn insert_votes_and_signposts(write: &mut Write<'_>, decision_id: &str, new: &NewDecision) -> Result<(), Problem> {
    for vote in &new.votes {
        let row = (
            decision_votes::decision_id.eq(decision_id),
            decision_votes::member_id.eq(&vote.member_id.0),
            decision_votes::vote.eq(vote.vote),
            decision_votes::recorded_seq.eq(write.seq()),
        );
        diesel::insert_into(decision_votes::table).values(row).execute(write.connection)?;
    }
    for (number, service) in (1_i64..).zip(&new.signposted_to) {
        let row = (
            decision_signposts::decision_id.eq(decision_id),
            decision_signposts::number.eq(number),
            decision_signposts::service.eq(&service.0),
            decision_signposts::recorded_seq.eq(write.seq()),
        );
        diesel::insert_into(decision_signposts::table).values(row).execute(write.connection)?;
    }
    Ok(())
}

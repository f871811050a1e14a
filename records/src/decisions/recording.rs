//! Recording a decision with its votes, actions and signposts, and the authority that a post puts behind it.

use crate::authority::AuthorityExplanation;
use crate::commitments::BudgetHeld;
use crate::decisions::actions;
use crate::decisions::authorisations::{Authorisation, AuthorisationInPost};
use crate::decisions::decision::Decision;
use crate::decisions::reasoning::Reasoning;
use crate::error::Error;
use crate::panel::Panel;
use crate::requests::{NewRequestLine, Request, RequestLine};
use crate::text::{Id, Paragraphs, Text};
use chrono::NaiveDate;
use db::schema::{authorisations, decision_lines, decision_signposts, decision_votes, decisions, outstanding_case_management_decisions};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::children::ages::as_read;
use domain::costing::Costing;
use domain::decisions::Content;
use domain::panel::{DecisionKind, DecisionRoute, DeclineReason, Vote};
use domain::{FinancialYear, Pence, Profile};
use serde::{Deserialize, Serialize};
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

impl NewDecision {
    /// What it says, but for its votes and actions.
    pub(crate) fn content(&self) -> Content {
        Content {
            kind: self.kind,
            has_lines: self.lines.is_some(),
            deferred_until: self.deferred_until,
            has_deferred_for: self.deferred_for.is_some(),
            has_decline_reason: self.decline_reason.is_some(),
            has_signposts: !self.signposted_to.is_empty(),
            authority_hearing_on: self.authority_hearing_on,
        }
    }
}

/// A decision as it is made: with what it does to its budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionMade {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// Of a decision that is an approval with authority: what it does to the budget lines it is paid from.
    #[serde(flatten)]
    pub held: BudgetHeld,
}

/// What a decision is about to be, once everything is checked.
pub(crate) struct Deciding<'d> {
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

/// Adds the decision with its votes, actions and signposts.
pub(crate) fn insert(
    write: &mut Write<'_>,
    deciding: &Deciding<'_>,
    new: &NewDecision,
    revision: i64,
    lines: &[RequestLine],
    explanation: &AuthorityExplanation,
) -> Result<Decision, Error> {
    let Deciding { id, profile, request, route, panel, decided_as, decided_on, authority_hearing_on } = deciding;
    let year = FinancialYear::of(*decided_on).map_err(Error::fault)?;
    let costs: Vec<Costing> =
        lines.iter().map(|line| profile.costing.cost(&line.costed(), year)).collect::<Result<_, _>>().map_err(Error::fault)?;
    let costs: Vec<_> = lines.iter().zip(costs).map(|(line, cost)| as_read(cost, &line.costed(), line.ends_by_age_on)).collect();
    let sum = |costs: Vec<Pence>| Pence::checked_sum(costs).map_err(Error::fault);
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

fn insert_votes_and_signposts(write: &mut Write<'_>, decision_id: &str, new: &NewDecision) -> Result<(), Error> {
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

/// Puts the authority of a post, or its refusal, behind a decision.
pub(crate) fn put_behind(
    write: &mut Write<'_>,
    decision: &Decision,
    support: AuthorisationInPost,
    on: NaiveDate,
    explanation: &AuthorityExplanation,
) -> Result<Authorisation, Error> {
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

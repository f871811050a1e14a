//! The facts of requests, decisions, the lines decided on, and authorisations.

use crate::error::Error;
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use crate::requests::{Authorisation, DecidedLine, Decision, Request, Requests, Revision, Transition};
use chrono::NaiveDate;
use domain::panel::{AppealOutcome, AssessmentKind, AuthorisationKind, AuthorisationOutcome, DecisionKind, DeclineReason};
use domain::{FinancialYear, Period, Profile, RequestAction, RequestState, TimeZone};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Every fact of requests and decisions. Fails with [`Error::Checks`] when a decision's history does not hold together.
pub(crate) fn build(requests: &Requests, profile: &Profile, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let decided = Decided::all_of(requests, pseudonyms)?;
    Ok(vec![
        ("fact_requests", TableKind::Fact, fact_requests(requests, profile.time_zone, pseudonyms)?),
        ("fact_decisions", TableKind::Fact, fact_decisions(&decided, profile, pseudonyms)?),
        ("fact_decision_lines", TableKind::Fact, fact_decision_lines(&requests.lines, pseudonyms)?),
        ("fact_authorisations", TableKind::Fact, fact_authorisations(&requests.authorisations, pseudonyms)?),
    ])
}

/// What became of a decision.
#[derive(Clone, Copy)]
enum Outcome {
    /// It has authority.
    Given,
    /// It waits for a post.
    Waiting(AuthorisationKind),
    /// A post refused it: the request is declined.
    Declined(AuthorisationKind),
    /// The request was taken back while the decision waited.
    Withdrawn,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::Given => "given",
            Outcome::Waiting(_) => "waiting",
            Outcome::Declined(AuthorisationKind::Ratification) => "declined_at_ratification",
            Outcome::Declined(AuthorisationKind::Authority) => "declined_at_authority",
            Outcome::Withdrawn => "withdrawn",
        }
    }

    fn waits_for(self) -> Option<&'static str> {
        match self {
            Outcome::Waiting(kind) => Some(kind.as_str()),
            _ => None,
        }
    }

    /// The decision as it counts: an approval that a post refused counts as declined, another decision that was not ratified as
    /// deferred, since it is heard again, and what waits as nothing else yet.
    fn counts_as(self, kind: DecisionKind) -> &'static str {
        match self {
            Outcome::Given => kind.as_str(),
            Outcome::Declined(_) if is_approval(kind) => DecisionKind::Declined.as_str(),
            Outcome::Declined(_) => DecisionKind::Deferred.as_str(),
            Outcome::Waiting(_) => "waiting",
            Outcome::Withdrawn => "withdrawn",
        }
    }
}

/// A decision with all that is said of it.
struct Decided<'r> {
    decision: &'r Decision,
    key: String,
    outcome: Outcome,
    needs_ratification: bool,
    needs_authority: bool,
    /// The day from which it has authority.
    effective_on: Option<NaiveDate>,
    is_last: bool,
    assessment: Option<AssessmentKind>,
    assessment_authorised_on: Option<NaiveDate>,
    /// The first day of the support that it brought.
    starts_on: Option<NaiveDate>,
    appeal: Option<&'static str>,
    /// Of the panel, or of the post that declined it after the panel.
    decline_reason: Option<DeclineReason>,
}

impl<'r> Decided<'r> {
    fn all_of(requests: &'r Requests, pseudonyms: &Pseudonyms) -> Result<Vec<Self>, Error> {
        let paths = paths(&requests.transitions);
        let last_numbers: BTreeMap<&str, i64> = requests.decisions.iter().map(|d| (d.request_id.as_str(), d.number)).collect();
        let mut authorisations: BTreeMap<&str, Vec<&Authorisation>> = BTreeMap::new();
        for authorisation in &requests.authorisations {
            authorisations.entry(authorisation.decision_id.as_str()).or_default().push(authorisation);
        }
        let assessments = assessments(&requests.revisions);
        let (mut all, mut problems) = (Vec::with_capacity(requests.decisions.len()), Vec::new());
        for (index, decision) in requests.decisions.iter().enumerate() {
            let key = pseudonyms.of(Kind::Decision, &decision.id);
            // Decisions and the transitions they made are written together: the request's first goes with its first.
            let earlier = requests.decisions[..index].iter().rev().take_while(|d| d.request_id == decision.request_id).count();
            let Some(path) = paths.get(decision.request_id.as_str()).and_then(|paths| paths.get(earlier)) else {
                problems.push(format!("the decision with pseudonym {key} has no transition of its request beside it"));
                continue;
            };
            let said = authorisations.get(decision.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let outcome = outcome_of(path, said);
            let effective_on = match outcome {
                Outcome::Given => given_on(decision, said),
                _ => None,
            };
            if effective_on.is_none() && matches!(outcome, Outcome::Given) {
                problems.push(format!("the approval with pseudonym {key} stands and no post gave authority for it"));
            }
            let assessment = assessments.get(&(decision.request_id.as_str(), decision.revision)).copied().flatten();
            all.push(Decided {
                decision,
                key,
                outcome,
                needs_ratification: path.contains(&RequestState::AwaitingRatification),
                needs_authority: path.contains(&RequestState::AwaitingAuthority),
                effective_on,
                is_last: last_numbers.get(decision.request_id.as_str()) == Some(&decision.number),
                assessment: assessment.map(|(_, kind)| *kind),
                assessment_authorised_on: assessment.and_then(|(id, _)| requests.authorised.get(id)).copied(),
                starts_on: requests.starts.get(&(decision.request_id.clone(), decision.revision)).copied(),
                decline_reason: decision.decline_reason.or_else(|| said.iter().find_map(|authorisation| authorisation.decline_reason)),
                appeal: requests.appeals.get(&decision.id).map(|outcome| outcome.as_ref().map_or("open", AppealOutcome::as_str)),
            });
        }
        if problems.is_empty() { Ok(all) } else { Err(Error::Checks(problems)) }
    }

    fn is_approval(&self) -> bool {
        is_approval(self.decision.kind)
    }

    /// From the assessment's authorisation to the panel; none without a panel.
    fn days_assessment_to_panel(&self) -> Option<i64> {
        Some((self.decision.panel_on? - self.assessment_authorised_on?).num_days())
    }

    /// From the panel to the authority for what it approved; none without a panel, and while there is no authority.
    fn days_panel_to_authority(&self) -> Option<i64> {
        let effective_on = self.effective_on.filter(|_| self.is_approval())?;
        Some((effective_on - self.decision.panel_on?).num_days())
    }

    /// From the panel to the first day of the support that it approved; none without a panel, and while no support is on record.
    fn days_panel_to_start(&self) -> Option<i64> {
        self.effective_on.filter(|_| self.is_approval())?;
        Some((self.starts_on? - self.decision.panel_on?).num_days())
    }
}

fn is_approval(kind: DecisionKind) -> bool {
    matches!(kind, DecisionKind::Approved | DecisionKind::ApprovedInPart)
}

/// By request, for each of its decisions in turn: the states from the decision on, as long as the decision waited.
fn paths(transitions: &[Transition]) -> BTreeMap<&str, Vec<Vec<RequestState>>> {
    use RequestAction as A;
    let mut paths: BTreeMap<&str, Vec<Vec<RequestState>>> = BTreeMap::new();
    for transition in transitions {
        let of_the_request = paths.entry(transition.request_id.as_str()).or_default();
        match (transition.action, of_the_request.last_mut()) {
            (A::Decide | A::AgreeWithoutPanel, _) => of_the_request.push(vec![transition.to]),
            (A::Ratify | A::Authorise | A::Withdraw, Some(path)) if path.last().is_some_and(|state| waits_for(*state).is_some()) => {
                path.push(transition.to);
            }
            _ => {}
        }
    }
    paths
}

fn waits_for(state: RequestState) -> Option<AuthorisationKind> {
    match state {
        RequestState::AwaitingRatification => Some(AuthorisationKind::Ratification),
        RequestState::AwaitingAuthority => Some(AuthorisationKind::Authority),
        _ => None,
    }
}

fn outcome_of(path: &[RequestState], said: &[&Authorisation]) -> Outcome {
    let declined = said.iter().find(|authorisation| authorisation.outcome == AuthorisationOutcome::Declined);
    match (path.last(), declined) {
        (_, Some(authorisation)) => Outcome::Declined(authorisation.kind),
        (Some(RequestState::Withdrawn), None) => Outcome::Withdrawn,
        (last, None) => last.and_then(|state| waits_for(*state)).map_or(Outcome::Given, Outcome::Waiting),
    }
}

/// The day from which a decision that stands has authority: of an approval that of the last authorisation, which there must be;
/// of another the day of its ratification, or else of the decision itself.
fn given_on(decision: &Decision, said: &[&Authorisation]) -> Option<NaiveDate> {
    if is_approval(decision.kind) && !said.iter().any(|authorisation| authorisation.kind == AuthorisationKind::Authority) {
        return None;
    }
    Some(said.iter().map(|authorisation| authorisation.authorised_on).max().unwrap_or(decision.decided_on))
}

/// The assessment that each revision rests on, by request and revision.
type Assessments<'r> = BTreeMap<(&'r str, i64), Option<&'r (String, AssessmentKind)>>;

fn assessments(revisions: &[Revision]) -> Assessments<'_> {
    revisions.iter().map(|row| ((row.request_id.as_str(), row.revision), row.assessment.as_ref())).collect()
}

fn fact_requests(requests: &Requests, zone: TimeZone, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut transitions: BTreeMap<&str, Vec<&Transition>> = BTreeMap::new();
    for transition in &requests.transitions {
        transitions.entry(transition.request_id.as_str()).or_default().push(transition);
    }
    let mut decisions: BTreeMap<&str, i64> = BTreeMap::new();
    for decision in &requests.decisions {
        *decisions.entry(decision.request_id.as_str()).or_default() += 1;
    }
    let history = |request: &Request| transitions.get(request.id.as_str()).map(Vec::as_slice).unwrap_or_default();
    let submissions =
        |request: &Request| history(request).iter().filter(|t| t.action == RequestAction::Submit).map(|t| zone.day_of(t.recorded_at));
    let rows = &requests.requests;
    let by_revision = assessments(&requests.revisions);
    let last_of = |id: &str| by_revision.range((id, i64::MIN)..=(id, i64::MAX)).next_back().and_then(|(_, assessment)| *assessment);
    let assessments = each(rows, |request| last_of(&request.id));
    Ok(df!(
        "request_key" => each(rows, |request| pseudonyms.of(Kind::Request, &request.id)),
        "child_key" => each(rows, |request| pseudonyms.of(Kind::Child, &request.child_id)),
        "state" => each(rows, |request| history(request).last().map_or(RequestState::Draft, |t| t.to).as_str()),
        "assessment_kind" => each(&assessments, |assessment| assessment.map(|(_, kind)| kind.as_str())),
        "assessment_authorised_on" => each(&assessments, |assessment| assessment.and_then(|(id, _)| requests.authorised.get(id)).copied()),
        "recorded_on" => each(rows, |request| zone.day_of(request.recorded_at)),
        "first_submitted_on" => each(rows, |request| submissions(request).next()),
        "submitted_on" => each(rows, |request| submissions(request).next_back()),
        "decisions" => each(rows, |request| decisions.get(request.id.as_str()).copied().unwrap_or_default()),
    )?)
}

fn fact_decisions(decided: &[Decided<'_>], profile: &Profile, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let days = each(decided, |d| d.decision.decided_on);
    let (years, periods) = years_and_periods(&days)?;
    // Truth values as numbers, since they are written differently from one engine to the next.
    let is_above =
        |d: &Decided<'_>| profile.delegation.reporting_thresholds.iter().any(|threshold| d.decision.total.0 > threshold.above_pence);
    Ok(df!(
        "decision_key" => decided.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(),
        "request_key" => each(decided, |d| pseudonyms.of(Kind::Request, &d.decision.request_id)),
        "child_key" => each(decided, |d| pseudonyms.of(Kind::Child, &d.decision.child_id)),
        "number" => each(decided, |d| d.decision.number),
        "is_last" => each(decided, |d| i64::from(d.is_last)),
        "financial_year" => years,
        "period" => periods,
        "panel_on" => each(decided, |d| d.decision.panel_on),
        "decided_on" => days,
        "route" => each(decided, |d| d.decision.route.as_str()),
        "kind" => each(decided, |d| d.decision.kind.as_str()),
        "decided_as" => decided.iter().map(|d| d.decision.decided_as.as_str()).collect::<Vec<_>>(),
        "decline_reason" => each(decided, |d| d.decline_reason.map(|reason| reason.as_str())),
        "deferred_until" => each(decided, |d| d.decision.deferred_until),
        "needs_ratification" => each(decided, |d| i64::from(d.needs_ratification)),
        "needs_authority" => each(decided, |d| i64::from(d.needs_authority)),
        "outcome" => each(decided, |d| d.outcome.as_str()),
        "waits_for" => each(decided, |d| d.outcome.waits_for()),
        "decision" => each(decided, |d| d.outcome.counts_as(d.decision.kind)),
        "effective_on" => each(decided, |d| d.effective_on),
        "total_pence" => each(decided, |d| d.decision.total.0),
        "full_year_pence" => each(decided, |d| d.decision.full_year.0),
        "this_year_pence" => each(decided, |d| d.decision.this_year.0),
        "tier" => decided.iter().map(|d| d.decision.tier.as_deref()).collect::<Vec<_>>(),
        "is_above_reporting_threshold" => each(decided, |d| i64::from(is_above(d))),
        "assessment_kind" => each(decided, |d| d.assessment.map(|kind| kind.as_str())),
        "assessment_authorised_on" => each(decided, |d| d.assessment_authorised_on),
        "days_assessment_to_panel" => each(decided, Decided::days_assessment_to_panel),
        "days_panel_to_authority" => each(decided, Decided::days_panel_to_authority),
        "days_panel_to_start" => each(decided, Decided::days_panel_to_start),
        "appeal" => each(decided, |d| d.appeal),
        "recorded_on" => each(decided, |d| profile.time_zone.day_of(d.decision.recorded_at)),
    )?)
}

/// Each line costs what it cost when it was decided on: this year is the year of the decision.
fn fact_decision_lines(lines: &[DecidedLine], pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let (years, periods) = years_and_periods(&each(lines, |line| line.decided_on))?;
    Ok(df!(
        "decision_key" => each(lines, |line| pseudonyms.of(Kind::Decision, &line.decision_id)),
        "line_number" => each(lines, |line| line.number),
        "financial_year" => years,
        "period" => periods,
        "budget_line" => lines.iter().map(|line| line.budget_line.as_str()).collect::<Vec<_>>(),
        "service" => lines.iter().map(|line| line.service.as_str()).collect::<Vec<_>>(),
        "full_year_pence" => each(lines, |line| line.full_year.0),
        "this_year_pence" => each(lines, |line| line.this_year.0),
    )?)
}

fn fact_authorisations(authorisations: &[Authorisation], pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let days = each(authorisations, |a| a.authorised_on);
    let (years, periods) = years_and_periods(&days)?;
    Ok(df!(
        "authorisation_key" => each(authorisations, |a| pseudonyms.of(Kind::Authorisation, &a.id)),
        "decision_key" => each(authorisations, |a| pseudonyms.of(Kind::Decision, &a.decision_id)),
        "request_key" => each(authorisations, |a| pseudonyms.of(Kind::Request, &a.request_id)),
        "financial_year" => years,
        "period" => periods,
        "authorised_on" => days,
        "kind" => each(authorisations, |a| a.kind.as_str()),
        "outcome" => each(authorisations, |a| a.outcome.as_str()),
        "post" => authorisations.iter().map(|a| a.post.as_str()).collect::<Vec<_>>(),
        "capacity" => each(authorisations, |a| a.capacity.as_str()),
        "total_pence" => each(authorisations, |a| a.total.0),
    )?)
}

/// The financial year and the period of each day.
fn years_and_periods(days: &[NaiveDate]) -> Result<(Vec<String>, Vec<i64>), Error> {
    let years = days.iter().map(|day| Ok(FinancialYear::of(*day)?.as_str().to_owned())).collect::<Result<_, Error>>()?;
    Ok((years, each(days, |day| i64::from(Period::of(*day).number()))))
}

//! Requests and decisions of every kind, written straight into the store.

use super::{Fixture, day};
use chrono::NaiveDate;
use db::schema::{
    appeal_outcomes, appeals, assessment_steps, assessments, authorisations, children, decision_lines, decisions, panels, request_lines,
    request_revisions, request_transitions, requests, users,
};
use db::{Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Frequency, Profile, Quantity, UnitRate};

/// What nobody outside the store should read, wherever people write freely.
pub const SECRET: &str = "words nobody should read";

/// A line asked for: budget line, pounds a week.
pub type Asked = (&'static str, i64);

/// A decision, as a test wants it.
#[derive(Clone)]
pub struct DecisionRow<'d> {
    pub request: &'d str,
    pub number: i64,
    /// None: without a panel.
    pub panel: Option<&'d str>,
    pub kind: &'static str,
    pub decided_as: &'static str,
    pub on: &'static str,
    pub revision: i64,
    /// Of the child's package, of the lines a full year, and of the lines in the year of the decision.
    pub pence: [i64; 3],
    pub tier: Option<&'static str>,
    /// The state the request goes to.
    pub to: &'static str,
}

/// What a post said of a decision.
pub struct Said {
    pub kind: &'static str,
    pub outcome: &'static str,
    pub post: &'static str,
    pub on: &'static str,
    /// The step of the request that follows, and where it leads; none for what was said with the decision itself.
    pub step: Option<(&'static str, &'static str)>,
}

impl Said {
    /// Authority given with the decision itself.
    pub fn authority(post: &'static str, on: &'static str) -> Self {
        Said { kind: "authority", outcome: "given", post, on, step: None }
    }

    /// The post that ratifies said so.
    pub fn ratified(outcome: &'static str, on: &'static str, to: &'static str) -> Self {
        Said { kind: "ratification", outcome, post: "head_of_service", on, step: Some(("ratify", to)) }
    }

    /// After the decision had waited for it.
    pub fn after_waiting(self, outcome: &'static str, to: &'static str) -> Self {
        Said { outcome, step: Some(("authorise", to)), ..self }
    }
}

impl Fixture {
    pub fn user(&self, username: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(users::table)
                .values((
                    users::id.eq(&id),
                    users::username.eq(username),
                    users::role.eq("manager"),
                    users::password_hash.eq("a hash"),
                    users::recorded_at.eq(write.at),
                    users::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    pub fn panel(&self, held_on: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(panels::table)
                .values((
                    panels::id.eq(&id),
                    panels::held_on.eq(day(held_on)),
                    panels::starts_at.eq("10:00"),
                    panels::slots.eq(10),
                    panels::slot_minutes.eq(30),
                    panels::papers_due_on.eq(day(held_on)),
                    panels::recorded_by.eq(&write.actor.id),
                    panels::recorded_at.eq(write.at),
                    panels::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A request of a new child, in draft, that rests on an assessment authorised on a day. Its lines are weekly, without end,
    /// from 1 July 2024. Returns its id.
    pub fn request(&self, user: &str, authorised_on: Option<&str>, lines: &[Asked]) -> String {
        let (child, assessment, request) = (new_id(), new_id(), new_id());
        self.write(|write| {
            diesel::insert_into(children::table)
                .values((
                    children::id.eq(&child),
                    children::case_reference.eq(format!("CASE-REFERENCE-OF-{child}")),
                    children::date_of_birth.eq(day("2011-11-11")),
                    children::recorded_at.eq(write.at),
                    children::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            diesel::insert_into(assessments::table)
                .values((
                    assessments::id.eq(&assessment),
                    assessments::child_id.eq(&child),
                    assessments::kind.eq("child_and_family"),
                    assessments::started_on.eq(day("2024-03-01")),
                    assessments::assessor_id.eq(user),
                    assessments::recorded_by.eq(&write.actor.id),
                    assessments::recorded_at.eq(write.at),
                    assessments::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            for (number, step, on) in [(1, "completed", Some("2024-04-01")), (2, "authorised", authorised_on)] {
                let Some(on) = on else { continue };
                diesel::insert_into(assessment_steps::table)
                    .values((
                        assessment_steps::id.eq(new_id()),
                        assessment_steps::assessment_id.eq(&assessment),
                        assessment_steps::number.eq(number),
                        assessment_steps::step.eq(step),
                        assessment_steps::taken_on.eq(day(on)),
                        assessment_steps::recorded_by.eq(&write.actor.id),
                        assessment_steps::recorded_at.eq(write.at),
                        assessment_steps::recorded_seq.eq(write.seq()),
                    ))
                    .execute(write.connection)
                    .unwrap();
            }
            diesel::insert_into(requests::table)
                .values((
                    requests::id.eq(&request),
                    requests::reference.eq(format!("request reference of {request}")),
                    requests::child_id.eq(&child),
                    requests::state.eq("draft"),
                    requests::revision.eq(1),
                    requests::hearing.eq(0),
                    requests::recorded_by.eq(&write.actor.id),
                    requests::recorded_at.eq(write.at),
                    requests::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            revision(write, &request, 1, &assessment, user, lines);
        });
        request
    }

    /// The paperwork anew, with other lines.
    pub fn revise(&self, user: &str, request: &str, number: i64, lines: &[Asked]) {
        self.write(|write| {
            let assessment: Option<String> = request_revisions::table
                .find((request, number - 1))
                .select(request_revisions::assessment_id)
                .first(write.connection)
                .unwrap();
            revision(write, request, number, &assessment.unwrap(), user, lines);
        });
    }

    /// A submitted request for £70 a week of direct payments from 1 July 2024, which age ends on a day.
    pub fn asked_until_birthday(&self, user: &str, ends: &str) {
        let request = self.request(user, Some("2024-04-10"), &[]);
        self.write(|write| {
            diesel::insert_into(request_lines::table)
                .values((
                    request_lines::id.eq(new_id()),
                    request_lines::request_id.eq(&request),
                    request_lines::revision.eq(1),
                    request_lines::number.eq(1),
                    request_lines::service.eq("personal_care"),
                    request_lines::budget_line.eq("direct_payments"),
                    request_lines::unit.eq("hour"),
                    request_lines::quantity_thousandths.eq(1000),
                    request_lines::frequency.eq("weekly"),
                    request_lines::unit_rate_ten_thousandths.eq(700_000),
                    request_lines::valid_from.eq(day("2024-07-01")),
                    request_lines::valid_to.eq(day(ends)),
                    request_lines::ends_by_age_on.eq(day(ends)),
                    request_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        self.step(&request, "submit", "submitted");
    }

    /// One step of a request's history.
    pub fn step(&self, request: &str, action: &str, to: &str) {
        self.write(|write| transition(write, request, action, to));
    }

    /// Records a decision; returns its id.
    pub fn decide(&self, user: &str, row: &DecisionRow<'_>) -> String {
        let id = new_id();
        self.write(|write| {
            let route = if row.panel.is_some() { "panel" } else { "without_panel" };
            diesel::insert_into(decisions::table)
                .values((
                    decisions::id.eq(&id),
                    decisions::request_id.eq(row.request),
                    decisions::number.eq(row.number),
                    decisions::route.eq(route),
                    decisions::panel_id.eq(row.panel),
                    decisions::kind.eq(row.kind),
                    decisions::decided_by.eq(user),
                    decisions::decided_as.eq(row.decided_as),
                    decisions::decided_on.eq(day(row.on)),
                    decisions::revision.eq(row.revision),
                    decisions::rationale.eq(SECRET),
                    decisions::deferred_until.eq((row.kind == "deferred").then(|| day("2024-06-26"))),
                    decisions::deferred_for.eq((row.kind == "deferred").then_some(SECRET)),
                    decisions::decline_reason.eq((row.kind == "declined").then_some("not_eligible")),
                    decisions::total_pence.eq(row.pence[0]),
                    decisions::full_year_pence.eq(row.pence[1]),
                    decisions::this_year_pence.eq(row.pence[2]),
                    decisions::tier.eq(row.tier),
                    decisions::explanation.eq(format!("{{\"words\": \"{SECRET}\"}}")),
                    decisions::recorded_by.eq(&write.actor.id),
                    decisions::recorded_at.eq(write.at),
                    decisions::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            line_costs(write, &id, row);
            diesel::update(requests::table.find(row.request)).set(requests::decision_id.eq(&id)).execute(write.connection).unwrap();
            transition(write, row.request, if row.panel.is_some() { "decide" } else { "agree_without_panel" }, row.to);
        });
        id
    }

    /// Records what a post said of a decision.
    pub fn authorise(&self, user: &str, decision: &str, said: &Said) {
        self.write(|write| {
            diesel::insert_into(authorisations::table)
                .values((
                    authorisations::id.eq(new_id()),
                    authorisations::decision_id.eq(decision),
                    authorisations::kind.eq(said.kind),
                    authorisations::outcome.eq(said.outcome),
                    authorisations::user_id.eq(user),
                    authorisations::post.eq(said.post),
                    authorisations::capacity.eq("holder"),
                    authorisations::authorised_on.eq(day(said.on)),
                    authorisations::total_pence.eq(1),
                    authorisations::clause.eq("a clause"),
                    authorisations::reason.eq(SECRET),
                    authorisations::explanation.eq(SECRET),
                    authorisations::recorded_by.eq(&write.actor.id),
                    authorisations::recorded_at.eq(write.at),
                    authorisations::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            if let Some((action, to)) = said.step {
                let request: String = decisions::table.find(decision).select(decisions::request_id).first(write.connection).unwrap();
                transition(write, &request, action, to);
            }
        });
    }

    /// An appeal against a decision; returns its id.
    pub fn appeal(&self, request: &str, decision: &str, state_before: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(appeals::table)
                .values((
                    appeals::id.eq(&id),
                    appeals::request_id.eq(request),
                    appeals::decision_id.eq(decision),
                    appeals::received_on.eq(day("2024-07-01")),
                    appeals::state_before.eq(state_before),
                    appeals::recorded_by.eq(&write.actor.id),
                    appeals::recorded_at.eq(write.at),
                    appeals::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            transition(write, request, "appeal", "under_appeal");
        });
        id
    }

    pub fn appeal_outcome(&self, request: &str, appeal: &str, outcome: &str, to: &str) {
        self.write(|write| {
            diesel::insert_into(appeal_outcomes::table)
                .values((
                    appeal_outcomes::appeal_id.eq(appeal),
                    appeal_outcomes::outcome.eq(outcome),
                    appeal_outcomes::decided_on.eq(day("2024-07-10")),
                    appeal_outcomes::reason.eq(SECRET),
                    appeal_outcomes::recorded_by.eq(&write.actor.id),
                    appeal_outcomes::recorded_at.eq(write.at),
                    appeal_outcomes::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            transition(write, request, "decide_appeal", to);
        });
    }
}

fn revision(write: &mut Write<'_>, request: &str, number: i64, assessment: &str, user: &str, lines: &[Asked]) {
    diesel::insert_into(request_revisions::table)
        .values((
            request_revisions::request_id.eq(request),
            request_revisions::revision.eq(number),
            request_revisions::assessment_id.eq(assessment),
            request_revisions::presenter_id.eq(user),
            request_revisions::coster_id.eq(user),
            request_revisions::strengths.eq(SECRET),
            request_revisions::worries.eq(SECRET),
            request_revisions::unmet_need.eq(SECRET),
            request_revisions::outcomes.eq(SECRET),
            request_revisions::outcome_measures.eq(SECRET),
            request_revisions::in_place.eq(SECRET),
            request_revisions::impact.eq(SECRET),
            request_revisions::local_offer_barrier.eq(SECRET),
            request_revisions::recorded_by.eq(&write.actor.id),
            request_revisions::recorded_at.eq(write.at),
            request_revisions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)
        .unwrap();
    for (line, (budget_line, pounds_a_week)) in (1_i64..).zip(lines) {
        diesel::insert_into(request_lines::table)
            .values((
                request_lines::id.eq(new_id()),
                request_lines::request_id.eq(request),
                request_lines::revision.eq(number),
                request_lines::number.eq(line),
                request_lines::service.eq("personal_care"),
                request_lines::budget_line.eq(budget_line),
                request_lines::unit.eq("hour"),
                request_lines::quantity_thousandths.eq(1000),
                request_lines::frequency.eq("weekly"),
                request_lines::unit_rate_ten_thousandths.eq(pounds_a_week * 10_000),
                request_lines::valid_from.eq(day("2024-07-01")),
                request_lines::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)
            .unwrap();
    }
    diesel::update(requests::table.find(request)).set(requests::revision.eq(number)).execute(write.connection).unwrap();
}

/// What the lines of a decision cost in truth, whatever the decision says.
fn line_costs(write: &mut Write<'_>, decision: &str, row: &DecisionRow<'_>) {
    type Line = (String, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);
    let lines: Vec<Line> = request_lines::table
        .filter(request_lines::request_id.eq(row.request).and(request_lines::revision.eq(row.revision)))
        .select((
            request_lines::id,
            request_lines::quantity_thousandths,
            request_lines::frequency,
            request_lines::unit_rate_ten_thousandths,
            request_lines::valid_from,
            request_lines::valid_to,
        ))
        .load(write.connection)
        .unwrap();
    let policy = Profile::bundled("tameside").unwrap().costing;
    for (id, quantity, frequency, unit_rate, valid_from, valid_to) in lines {
        let line = domain::costing::Line { quantity, frequency, unit_rate, valid_from, valid_to };
        let cost = policy.cost(&line, FinancialYear::of(day(row.on)).unwrap()).unwrap();
        diesel::insert_into(decision_lines::table)
            .values((
                decision_lines::decision_id.eq(decision),
                decision_lines::request_line_id.eq(id),
                decision_lines::full_year_pence.eq(cost.full_year_pence),
                decision_lines::this_year_pence.eq(cost.this_year_pence),
                decision_lines::later_years_pence.eq(cost.later_years_pence),
                decision_lines::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)
            .unwrap();
    }
}

fn transition(write: &mut Write<'_>, request: &str, action: &str, to: &str) {
    let from: String = requests::table.find(request).select(requests::state).first(write.connection).unwrap();
    let before: i64 =
        request_transitions::table.filter(request_transitions::request_id.eq(request)).count().get_result(write.connection).unwrap();
    diesel::insert_into(request_transitions::table)
        .values((
            request_transitions::id.eq(new_id()),
            request_transitions::request_id.eq(request),
            request_transitions::number.eq(before + 1),
            request_transitions::action.eq(action),
            request_transitions::from_state.eq(from),
            request_transitions::to_state.eq(to),
            request_transitions::reason.eq(SECRET),
            request_transitions::recorded_by.eq(&write.actor.id),
            request_transitions::recorded_at.eq(write.at),
            request_transitions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)
        .unwrap();
    diesel::update(requests::table.find(request)).set(requests::state.eq(to)).execute(write.connection).unwrap();
}

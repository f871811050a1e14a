//! Decisions on requests, what posts said of them, and appeals, written straight into the store.

use super::requests::transition;
use super::{Fixture, SECRET, day};
use chrono::NaiveDate;
use db::schema::{appeal_outcomes, appeals, authorisations, decision_lines, decisions, request_lines, requests};
use db::{Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Frequency, Profile, Quantity, UnitRate};

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

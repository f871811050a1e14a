//! Requests: written, submitted, booked for a panel, taken back.

use super::{Account, Callers, Line, Request, whole};
use crate::model::PROFILE;
use crate::model::books::{Event, PENDING_IS_NET};
use crate::support::Answer;
use crate::support::people::{id_of, new_request};
use chrono::{Days, NaiveDate};
use domain::RequestState;
use serde_json::{Value, json};

impl Account {
    /// One more request, or the next step of one.
    pub(super) async fn ask_or_go_on(&mut self, callers: &Callers, today: NaiveDate) {
        let open = self.requests.iter().position(|request| request.state != "withdrawn");
        match open {
            Some(at) if self.requests.len() >= 3 || self.dice.one_in(2) => self.go_on(callers, today, at).await,
            _ if self.requests.len() < 3 => self.ask(callers, today).await,
            _ => {}
        }
    }

    async fn ask(&mut self, callers: &Callers, today: NaiveDate) {
        let terms = self.new_terms();
        let from = self.dice.day_near(today, 20, 120);
        let to = self.dice.one_in(2).then(|| self.dice.day_after(from, 300));
        // What is replaced began before, all of its arrangement, and goes on.
        let began = |arrangement: &str| self.lines.iter().filter(|line| line.arrangement == arrangement).all(|line| line.from < from);
        let goes_on = |line: &&Line| line.to.is_none_or(|to| to > from) && began(&line.arrangement);
        let replaceable: Vec<Line> = self.lines.iter().filter(goes_on).cloned().collect();
        let replaced = (PENDING_IS_NET && !replaceable.is_empty() && self.dice.one_in(2)).then(|| self.dice.pick(&replaceable).clone());
        let line = json!({
            "service": format!("asked_for_{}", self.requests.len()), "budget_line": self.budget_line, "provider_id": terms.provider, "unit": "hour",
            "quantity_thousandths": whole(terms.quantity), "frequency": terms.frequency,
            "unit_rate_ten_thousandths": whole(terms.rate), "valid_from": from, "valid_to": to,
            "replaces_line_id": replaced.as_ref().map(|line| &line.id)
        });
        let paperwork = self.paperwork(callers, today, &line).await;
        let id = id_of(&callers.worker.client.record("/v1/requests", &new_request(&self.child, paperwork)).await);
        self.requests.push(Request { id: id.clone(), state: "draft" });
        let replaces = replaced.map(|line| line.arrangement);
        self.note(today, Event::Ask { request: id, from, to, terms, replaces });
    }

    /// Complete paperwork, resting on an assessment of the day.
    async fn paperwork(&self, callers: &Callers, today: NaiveDate, line: &Value) -> Value {
        let worker = &callers.worker;
        let started_on = today - Days::new(20);
        let new = json!({ "child_id": self.child, "kind": "child_and_family", "started_on": started_on, "assessor_id": worker.id });
        let assessment = id_of(&worker.client.record("/v1/assessments", &new).await);
        for step in ["consent_given", "completed"] {
            worker.client.step(&assessment, step, &today.to_string()).await;
        }
        callers.manager.authorise(&assessment, &today.to_string()).await;
        json!({
            "assessment_id": assessment, "presenter_id": worker.id, "coster_id": worker.id, "strengths": "-", "worries": "-",
            "unmet_need": "-", "outcomes": "-", "outcome_measures": "-", "in_place": "-", "impact": "-", "local_offer_used": "-",
            "lines": [line]
        })
    }

    /// A draft is submitted, what is submitted booked, and any of them may be taken back.
    async fn go_on(&mut self, callers: &Callers, today: NaiveDate, at: usize) {
        let Request { id, state } = self.requests[at].clone();
        let state = match state {
            _ if self.dice.one_in(4) => {
                let body = json!({ "reason": "-" });
                callers.worker.client.record(&format!("/v1/requests/{id}/withdrawal"), &body).await;
                "withdrawn"
            }
            "draft" => {
                let answer = callers.worker.client.post(&format!("/v1/requests/{id}/submission"), &json!({})).await;
                if is_too_old(answer) {
                    return;
                }
                "submitted"
            }
            "submitted" => {
                let booking = json!({ "request_id": id });
                if is_too_old(callers.officer.post(&format!("/v1/panels/{}/bookings", callers.panel), &booking).await) {
                    return;
                }
                "booked"
            }
            _ => return,
        };
        self.requests[at].state = state;
        let weight = PROFILE.forecast.weight_percent(state.parse::<RequestState>().unwrap());
        self.note(today, Event::Weigh { request: id, percent: weight.unwrap_or_default().into() });
    }
}

/// Whether a request goes no further because its assessment is current no longer; anything else but success fails the test.
fn is_too_old(answer: Answer) -> bool {
    if answer.status == 409 {
        answer.expect_problem(409, "not_ready");
        return true;
    }
    answer.expect(201);
    false
}

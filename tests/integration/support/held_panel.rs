//! A panel of 10 June 2024 that came to every kind of outcome, after one of 3 June: what their sheets are tested on.
//!
//! A line of 36,500 pence a year costs 100 pence a day in 2024-25, so that every figure can be worked out by hand.

use super::panel_day::{PanelDay, Person, decision_of, line, long_panel, with};
use super::records::{new_grant, new_line};
use super::{Client, TestApp, instant};
use domain::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The panel, its people, and the requests by reference.
pub struct HeldPanel {
    pub day: PanelDay,
    /// Commissions.
    pub finance: Client,
    /// The panel of 10 June.
    pub panel: String,
    pub requests: BTreeMap<&'static str, String>,
    /// Decisions by their request's reference.
    pub decisions: BTreeMap<&'static str, String>,
    /// The package whose home care line is replaced, and that line.
    pub replaced: (String, String),
}

/// A line of a budget line from a day on.
pub fn asked(budget_line: &str, pence: i64, from: &str) -> Value {
    let of = with(with(line(pence), "budget_line", json!(budget_line)), "service", json!(budget_line));
    with(of, "valid_from", json!(from))
}

/// The package line that carries out a request's line.
pub fn carried_out(package: &str, line: &Value, request_line: &str) -> Value {
    let mut new = line.clone();
    new.as_object_mut().unwrap().remove("replaces_line_id");
    with(with(with(new, "package_id", json!(package)), "request_line_id", json!(request_line)), "reason", json!("Agreed at panel"))
}

impl HeldPanel {
    /// Holds both panels.
    pub async fn of(app: &TestApp) -> Self {
        let (day, finance) = (PanelDay::of(app).await, app.as_anyone().await);
        let panel = long_panel(&day.support, "2024-06-10").await;
        let nowhere = (String::new(), String::new());
        let mut held = HeldPanel { day, finance, panel, requests: BTreeMap::new(), decisions: BTreeMap::new(), replaced: nowhere };
        held.budgets().await;
        held.earlier().await;
        held.book_all().await;
        app.clock.set(instant("2024-06-10T12:00:00"));
        held.day.attend(&held.panel).await;
        held.decide_all().await;
        held
    }

    async fn budgets(&self) {
        self.finance.record("/v1/financial-years", &json!({ "year": "2024-25" })).await;
        for (budget_line, pence) in [("targeted_outreach", 10_000_000), ("home_care", 100_000)] {
            let movement = json!({
                "year": "2024-25", "budget_line": budget_line, "kind": "original", "amount_pence": pence, "effective_on": "2024-04-01",
                "reason": "Budget Council"
            });
            self.finance.record("/v1/budget-movements", &movement).await;
        }
        let provider = self.finance.provider("voluntary").await;
        // One grant of this year, and one of 366 pence a day of which 275 days are in it.
        for (from, to, pence) in [("2024-04-01", "2025-04-01", 2_400_000), ("2024-01-01", "2025-01-01", 36_600)] {
            let period = with(with(new_grant(&provider), "period_from", json!(from)), "period_to", json!(to));
            self.finance.record("/v1/grants", &with(period, "amount_pence", json!(pence))).await;
        }
    }

    /// A child whose case reference is that of its request.
    async fn child(&self, reference: &str) -> String {
        let child = json!({ "case_reference": format!("CWD-{reference}"), "date_of_birth": "2014-06-30" });
        self.finance.record("/v1/children", &child).await["id"].as_str().unwrap().to_owned()
    }

    /// A package with an open home care or outreach line of a child's since 2023; answers with both.
    async fn package(&self, child: &str, reference: &str, budget_line: &str, pence: i64) -> (String, String) {
        let package = json!({ "reference": format!("PK-{reference}"), "child_id": child });
        let package = self.finance.record("/v1/packages", &package).await["id"].as_str().unwrap().to_owned();
        let mut line = asked(budget_line, pence, "2023-04-01");
        line.as_object_mut().unwrap().insert("package_id".to_owned(), json!(package));
        line["reason"] = new_line(&package)["reason"].clone();
        let line = self.finance.record("/v1/package-lines", &line).await["line_id"].as_str().unwrap().to_owned();
        (package, line)
    }

    /// A request of a child on a panel's agenda.
    async fn booked(&mut self, panel: &str, reference: &'static str, child: &str, line: Value, on: Option<String>) {
        // An assessment of another child's, since a later one of this child's would take the place of the one it rests on.
        let assessed = if on.is_some() { self.child(&format!("{reference}-0")).await } else { child.to_owned() };
        let mut paperwork = with(self.day.paperwork(&assessed, 100).await, "lines", json!([line]));
        if let Some(assessment) = on {
            paperwork["assessment_id"] = json!(assessment);
        }
        let new = json!({ "reference": reference, "child_id": child, "paperwork": paperwork });
        let worker = &self.day.presenter.client;
        let request = worker.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        self.day.coster.client.own_parts(&request, 1).await.expect(201);
        worker.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        self.day.support.booking(panel, &request).await;
        self.requests.insert(reference, request);
    }

    async fn decide(&mut self, by: fn(&PanelDay) -> &Person, reference: &'static str, body: Value) {
        let decision = self.day.decided(by(&self.day), &self.requests[reference], &body).await;
        self.decisions.insert(reference, decision);
    }

    /// The id of the only line that was agreed.
    pub async fn agreed_line(&self, reference: &str) -> String {
        self.day.decision(&self.decisions[reference]).await["lines"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn appeal(&self, reference: &str, received_on: &str) {
        let path = format!("/v1/requests/{}/appeals", self.requests[reference]);
        self.day.presenter.client.record(&path, &json!({ "received_on": received_on })).await;
    }

    /// What was agreed on 3 June: one waits for a provider, one is under appeal, one replaced a line, one was commissioned by mistake.
    async fn earlier(&mut self) {
        let (outreach, panel) = ("targeted_outreach", self.day.panel.clone());
        let mut packages = BTreeMap::new();
        for (reference, pence) in [("E-1", 36_500), ("E-2", 36_500), ("E-3", 73_000), ("E-4", 14_600)] {
            let child = self.child(reference).await;
            let (package, old) = self.package(&child, reference, outreach, 36_500).await;
            let mut line = asked(outreach, pence, "2024-06-17");
            if reference == "E-3" {
                line["replaces_line_id"] = json!(old);
            } else {
                // Only one of these children has anything yet.
                self.finance.record(&format!("/v1/package-lines/{old}/reversal"), &json!({ "reason": "Another child's" })).await;
            }
            self.booked(&panel, reference, &child, line.clone(), None).await;
            let kind = if reference == "E-2" { "approved_in_part" } else { "approved" };
            self.decide(|day| &day.sum, reference, decision_of(kind, pence)).await;
            packages.insert(reference, (package, old, line));
        }
        self.appeal("E-2", "2024-06-03").await;
        for reference in ["E-3", "E-4"] {
            let (package, old, line) = &packages[reference];
            if reference == "E-3" {
                let end = json!({ "valid_to": "2024-06-17", "reason": "Replaced" });
                self.finance.record(&format!("/v1/package-lines/{old}/end"), &end).await;
            }
            let new = carried_out(package, line, &self.agreed_line(reference).await);
            let made = self.finance.record("/v1/package-lines", &new).await["line_id"].as_str().unwrap().to_owned();
            if reference == "E-4" {
                self.finance.record(&format!("/v1/package-lines/{made}/reversal"), &json!({ "reason": "Too early" })).await;
            }
        }
    }

    async fn book_all(&mut self) {
        let (outreach, panel, from) = ("targeted_outreach", self.panel.clone(), "2024-06-17");
        let brother = self.child("RQ-02").await;
        self.replaced = self.package(&brother, "RQ-02", "home_care", 36_500).await;
        for (reference, budget_line, pence, from) in [
            ("RQ-01", outreach, 73_000, from),
            ("RQ-02", "home_care", 146_000, "2024-07-01"),
            ("RQ-03", outreach, 73_000, from),
            ("RQ-04", outreach, 73_000, from),
            ("RQ-05", outreach, 73_000, from),
            ("RQ-06", outreach, 73_000, from),
            ("RQ-07", outreach, 1_825_000, from),
            ("RQ-08", outreach, 365_000, from),
            ("RQ-09", outreach, 7_300, from),
            ("RQ-10", outreach, 14_600, from),
            ("RQ-11", "home_care", 36_500, "2024-08-01"),
        ] {
            let mut line = asked(budget_line, pence, from);
            if budget_line == "home_care" {
                line["replaces_line_id"] = json!(self.replaced.1);
            }
            let child = if budget_line == "home_care" { brother.clone() } else { self.child(reference).await };
            let late = if reference == "RQ-09" { Some(self.assessed_early(&child).await) } else { None };
            self.booked(&panel, reference, &child, line, late).await;
        }
    }

    /// An assessment completed 31 days before the panel.
    async fn assessed_early(&self, child: &str) -> String {
        let (worker, manager) = (&self.day.presenter.client, &self.day.tm.client);
        let assessment = worker.assessment(child, &self.day.presenter.id).await;
        worker.step(&assessment, "consent_given", "2024-05-10").await;
        worker.step(&assessment, "completed", "2024-05-10").await;
        manager.authorise(&assessment, "2024-05-10").await;
        assessment
    }

    async fn decide_all(&mut self) {
        let (tm, members) = (self.day.tm.id.clone(), &self.day.members);
        let votes: Value = [(&members.sum, "for"), (&members.pm, "for"), (&members.tm, "against")]
            .map(|(member, vote)| json!({ "member_id": member, "vote": vote }))
            .into_iter()
            .collect();
        let action = |text: &str| json!({ "action": text, "owner_id": tm, "due_on": "2024-06-17" });
        let actions = json!([action("Send the profile to the framework"), action("Tell the family")]);
        let interest = json!({ "member_id": members.health, "nature": "knows_family" });
        self.day.support.record(&format!("/v1/requests/{}/interests", self.requests["RQ-05"]), &interest).await;
        let stands_down = format!("/v1/requests/{}/own-interest", self.requests["RQ-08"]);
        self.day.sum.client.record(&stands_down, &json!({ "nature": "colleague" })).await;
        let hearing = |body: Value| with(body, "authority_hearing_on", json!("2024-06-14"));
        self.decide(|day| &day.sum, "RQ-01", with(decision_of("approved", 0), "actions", actions)).await;
        self.decide(|day| &day.sum, "RQ-02", decision_of("approved", 0)).await;
        self.decide(|day| &day.sum, "RQ-03", decision_of("approved_in_part", 73_000)).await;
        self.decide(|day| &day.sum, "RQ-04", with(decision_of("deferred", 0), "deferred_until", json!("2024-06-24"))).await;
        self.decide(|day| &day.sum, "RQ-05", with(decision_of("declined", 0), "votes", votes)).await;
        self.decide(|day| &day.sum, "RQ-06", decision_of("signposted", 0)).await;
        self.decide(|day| &day.sum, "RQ-07", hearing(decision_of("approved", 0))).await;
        self.decide(|day| &day.pm, "RQ-08", decision_of("approved", 0)).await;
        self.decide(|day| &day.sum, "RQ-10", decision_of("approved_in_part", 14_600)).await;
        self.decide(|day| &day.sum, "RQ-11", decision_of("approved", 0)).await;
        self.appeal("RQ-10", "2024-06-10").await;
        let note = format!("/v1/decisions/{}/case-management-decision", self.decisions["RQ-01"]);
        self.day.tm.client.record(&note, &json!({ "made_on": "2024-06-10", "reference": "CN-1" })).await;
        let action = self.day.decision(&self.decisions["RQ-01"]).await["actions"][1]["id"].as_str().unwrap().to_owned();
        let done = format!("/v1/decision-actions/{action}/completion");
        self.day.presenter.client.record(&done, &json!({ "completed_on": "2024-06-10" })).await;
        let notes = json!({ "notes": "The terms of reference were gone through.\n\nThe next panel starts at 10:00." });
        self.day.support.record(&format!("/v1/panels/{}/notes", self.panel), &notes).await;
    }

    /// A manager to read with, so that no test depends on who set things up.
    pub async fn reader(&self, app: &TestApp) -> Client {
        app.as_role(Role::FinanceOfficer)
    }
}

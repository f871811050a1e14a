//! A request that the panel approved, and what is taken of its commissioning.

use super::people::{People, id_of, with, yearly};
use super::{Answer, TestApp};
use serde_json::{Value, json};

/// Every step that the core authority asks for of support by a provider, in the profile's order.
pub const ALL: [&str; 9] = [
    "family_told",
    "outcome_sent",
    "case_management_decision",
    "profile_sent",
    "provider_found",
    "information_sharing_agreement",
    "paperwork_filed",
    "package_recorded",
    "purchase_order",
];

/// Somebody in every post, and a request of a child of its own that the panel approved.
pub struct Approved {
    pub people: People,
    pub panel: String,
    pub child: String,
    pub request: String,
    pub decision: String,
    /// The agreed line.
    pub line: String,
}

impl Approved {
    pub async fn of(app: &TestApp) -> Self {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let child = people.child().await;
        let request = people.submitted(&child, &[yearly(100_000)]).await;
        let decision = id_of(&people.decided(&panel, &request, &json!({ "kind": "approved" })).await);
        let line = people.read(&request).await["decided_lines"][0]["id"].as_str().unwrap().to_owned();
        Approved { people, panel, child, request, decision, line }
    }

    pub async fn another(&self, kind: &str) -> String {
        let request = self.people.submitted(&self.people.child().await, &[yearly(200_000)]).await;
        let decision = match kind {
            "approved_in_part" => json!({ "kind": kind, "lines": [yearly(100_000)] }),
            "declined" => json!({ "kind": kind, "decline_reason": "not_eligible" }),
            "deferred" => json!({ "kind": kind, "deferred_until": "2024-07-01", "deferred_for": "The costing" }),
            _ => json!({ "kind": kind }),
        };
        self.people.decided(&self.panel, &request, &decision).await;
        request
    }

    /// What is missing of the request, as the list has it; nothing, it is not on the list.
    pub async fn missing(&self) -> Vec<String> {
        let list = drift(&self.people, "").await;
        let item = list["items"].as_array().unwrap().iter().find(|item| item["request_id"] == self.request).cloned();
        let steps = item.map(|item| item["missing"].as_array().unwrap().clone()).unwrap_or_default();
        steps.iter().map(|step| step["step"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn try_step(&self, body: Value) -> Answer {
        self.people.worker.client.post(&format!("/v1/requests/{}/commissioning-steps", self.request), &body).await
    }

    /// A step of the whole.
    pub fn whole(&self, step: &str) -> Value {
        json!({ "step": step, "taken_on": "2024-06-03", "taken_by": self.people.worker.id })
    }

    /// A step of the agreed line.
    pub fn of_line(&self, step: &str) -> Value {
        with(self.whole(step), "request_line_id", self.line.clone())
    }

    /// Takes every step but these.
    pub async fn take_all_but(&self, left: &[&str]) -> String {
        let provider = self.people.support.client.provider("private").await;
        let note = json!({ "made_on": "2024-06-03", "reference": "CN-1" });
        for step in ALL.iter().filter(|step| !left.contains(step)) {
            match *step {
                "case_management_decision" => {
                    let path = format!("/v1/decisions/{}/case-management-decision", self.decision);
                    self.people.post("team_manager").client.record(&path, &note).await;
                }
                "profile_sent" | "information_sharing_agreement" => drop(self.try_step(self.of_line(step)).await.expect(201)),
                "provider_found" => {
                    self.try_step(with(self.of_line(step), "provider_id", provider.clone())).await.expect(201);
                }
                "package_recorded" | "purchase_order" => {}
                _ => drop(self.try_step(self.whole(step)).await.expect(201)),
            }
        }
        provider
    }

    /// A package line that carries the agreed line out; answers with the package and the line.
    pub async fn package(&self, provider: &str) -> (String, String) {
        let package = self.people.package_of(&self.child).await;
        let line = with(with(yearly(100_000), "request_line_id", self.line.clone()), "provider_id", provider);
        let line = self.people.package_line(&package, line).await;
        (package, line)
    }

    pub async fn commissioning(&self) -> Value {
        self.people.worker.client.get(&format!("/v1/requests/{}/commissioning", self.request)).await.expect(200).body
    }
}

pub async fn drift(people: &People, query: &str) -> Value {
    people.support.client.get(&format!("/v1/commissionings/drift{query}")).await.expect(200).body
}

pub fn requests(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["request_id"].as_str().unwrap()).collect()
}

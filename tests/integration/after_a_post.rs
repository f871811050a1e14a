//! What a post ended, cut or replaced does not come back by one person: a request line acts without a post only the first time.

use crate::support::people::{People, with, yearly};
use crate::support::varying::{days, rate, variation};
use crate::support::{Answer, on_both};
use serde_json::{Value, json};

const SUM: &str = "service_unit_manager";

/// An agreed request of one line, and the package line that carries it out.
struct CarriedOut {
    people: People,
    panel: String,
    child: String,
    package: String,
    request_line: String,
    line: String,
}

impl CarriedOut {
    async fn of(app: &crate::support::TestApp, pence: i64) -> Self {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let (request_line, line) = Self::one(&people, &panel, &child, &package, yearly(pence)).await;
        CarriedOut { people, panel, child, package, request_line, line }
    }

    /// One more request of the child's, and the line that carries it out.
    async fn one(people: &People, panel: &str, child: &str, package: &str, asked: Value) -> (String, String) {
        let request_line = Self::agreed(people, panel, child, asked.clone()).await;
        let mut own = asked;
        own.as_object_mut().unwrap().remove("replaces_line_id");
        let line = people.package_line(package, with(own, "request_line_id", request_line.clone())).await;
        (request_line, line)
    }

    async fn agreed(people: &People, panel: &str, child: &str, asked: Value) -> String {
        let request = people.submitted(child, &[asked]).await;
        people.decided(panel, &request, &json!({ "kind": "approved" })).await;
        people.read(&request).await["lines"][0]["id"].as_str().unwrap().to_owned()
    }

    /// One person varies a line, and says that the request allows it.
    async fn vary(&self, kind: &str, line: &str, from: &str, more: Value) -> Answer {
        self.people.try_to_vary(&variation(line, kind, from, with(more, "request_line_id", self.request_line.clone()))).await
    }

    async fn reverse(&self, line: &str) {
        self.people.support.client.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "-" })).await;
    }

    /// One person records another line that carries the request out.
    async fn record_anew(&self, pence: i64) -> Answer {
        let line = with(with(yearly(pence), "request_line_id", self.request_line.clone()), "package_id", self.package.clone());
        self.people.support.client.post("/v1/package-lines", &with(line, "reason", "As agreed")).await
    }
}

#[track_caller]
fn refused(answer: Answer, code: &str) {
    let refused = answer.expect_problem(422, "invalid_body");
    assert_eq!(
        (refused.pointers(), &refused.body["errors"][0]["code"]),
        (vec!["/request_line_id".to_owned()], &json!(code)),
        "{}",
        refused.text
    );
}

#[test]
fn one_person_does_not_bring_back_what_a_post_ended() {
    on_both(async |app| {
        let of = CarriedOut::of(app, 1000).await;
        of.people.varied(SUM, &variation(&of.line, "end", "2024-07-01", json!({}))).await;
        refused(of.vary("extension", &of.line, "2024-07-01", json!({})).await, "needs_a_post");
        refused(of.vary("extension", &of.line, "2024-07-01", rate(900)).await, "needs_a_post");
        refused(of.vary("correction", &of.line, "2024-06-17", json!({ "valid_to": "2025-04-01" })).await, "needs_a_post");
        assert_eq!(of.people.support.client.line_days(&of.package).await, [days("2024-06-17", Some("2024-07-01"), 1000)]);
        // Without the request it is proposed, and a post agrees it.
        let proposed = of.people.proposed(&variation(&of.line, "extension", "2024-07-01", json!({}))).await;
        of.people.post(SUM).client.agree_variation(&proposed).await.expect(201);
        assert_eq!(of.people.support.client.line_days(&of.package).await, [days("2024-06-17", None, 1000)]);
    });
}

#[test]
fn one_person_does_not_raise_again_what_a_post_reduced() {
    on_both(async |app| {
        let of = CarriedOut::of(app, 1000).await;
        let cut = of.people.varied(SUM, &variation(&of.line, "rate", "2024-07-01", rate(400))).await;
        let less = cut["made"].as_array().unwrap().last().unwrap()["line_id"].as_str().unwrap().to_owned();
        refused(of.vary("rate", &less, "2024-08-01", rate(1000)).await, "needs_a_post");
        // Less of it needs nobody.
        of.vary("rate", &less, "2024-08-01", rate(300)).await.expect(201);
        // Nor by reversing it and recording it once more.
        for line in
            of.people.support.client.get(&format!("/v1/package-lines?package_id={}", of.package)).await.body["items"].as_array().unwrap()
        {
            of.reverse(line["line_id"].as_str().unwrap()).await;
        }
        refused(of.record_anew(1000).await, "ended_by_a_post");
        assert_eq!(of.people.support.client.line_days(&of.package).await, []);
    });
}

#[test]
fn what_a_post_ended_is_not_recorded_anew_once_it_is_reversed() {
    on_both(async |app| {
        let of = CarriedOut::of(app, 1000).await;
        // Reversed and recorded once more, as long as nobody ended it.
        of.reverse(&of.line).await;
        let again = of.record_anew(1000).await.expect(201).body["line_id"].as_str().unwrap().to_owned();
        of.people.varied(SUM, &variation(&again, "end", "2024-07-01", json!({}))).await;
        of.reverse(&again).await;
        refused(of.record_anew(1000).await, "ended_by_a_post");
        // Nor by a variation of the line that the request could have replaced.
        let other = of.people.package_line(&of.package, yearly(10)).await;
        refused_among(of.vary("rate", &other, "2024-06-17", rate(1000)).await, "ended_by_a_post");
    });
}

#[track_caller]
fn refused_among(answer: Answer, code: &str) {
    let refused = answer.expect_problem(422, "invalid_body");
    assert!(refused.body["errors"].as_array().unwrap().iter().any(|error| error["code"] == code), "{}", refused.text);
}

#[test]
fn what_a_later_decision_replaced_runs_no_longer_beside_it() {
    on_both(async |app| {
        let of = CarriedOut::of(app, 1000).await;
        let asked = with(with(yearly(200), "replaces_line_id", of.line.clone()), "valid_from", "2024-07-01");
        let request_line = CarriedOut::agreed(&of.people, &of.panel, &of.child, asked.clone()).await;
        let end = json!({ "valid_to": "2024-07-01", "reason": "Replaced" });
        of.people.support.client.record(&format!("/v1/package-lines/{}/end", of.line), &end).await;
        let mut own = asked;
        own.as_object_mut().unwrap().remove("replaces_line_id");
        of.people.package_line(&of.package, with(own, "request_line_id", request_line)).await;
        refused(of.vary("extension", &of.line, "2024-07-01", json!({})).await, "needs_a_post");
        of.reverse(&of.line).await;
        refused(of.record_anew(1000).await, "ended_by_a_post");
    });
}

#[test]
fn a_decision_that_a_post_has_overtaken_is_carried_out_by_a_post() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, yearly(1000)).await;
        let request_line = CarriedOut::agreed(
            &people,
            &panel,
            &child,
            with(with(yearly(3000), "replaces_line_id", old.clone()), "valid_from", "2024-07-01"),
        )
        .await;
        people.varied(SUM, &variation(&old, "end", "2024-09-01", json!({}))).await;
        let more = with(rate(3000), "request_line_id", request_line);
        refused(people.try_to_vary(&variation(&old, "rate", "2024-07-01", more)).await, "needs_a_post");
    });
}

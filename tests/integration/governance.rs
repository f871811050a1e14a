//! What a provider must hold, when it runs out, and that red takes no placement.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::people::{id_of, with};
use crate::support::{Answer, Client, TestApp, instant, on_both, on_both_with};
use domain::profile::GovernanceItem;
use domain::{Profile, Role};
use serde_json::{Value, json};

/// The council's profile with an item more, which is shown every year.
fn with_insurance() -> Profile {
    let mut profile = kirklees();
    let item = GovernanceItem {
        code: "insurance".into(),
        name: "Public liability insurance".into(),
        valid_for_months: Some(12),
        clause: "Contract 7".into(),
    };
    profile.commissioning.governance.as_mut().unwrap().items.push(item);
    profile
}

fn green(item: &str, from: &str, to: Option<&str>) -> Value {
    json!({ "item": item, "status": "green", "evidence": "GOV-31", "valid_from": from, "expires_on": to, "reason": "Returned and checked" })
}

fn red(item: &str, from: &str) -> Value {
    json!({ "item": item, "status": "red", "valid_from": from, "reason": "Not returned" })
}

async fn recorded(client: &Client, provider: &str, body: &Value) -> Answer {
    client.post(&format!("/v1/providers/{provider}/governance-records"), body).await
}

/// The rating on a day, and the state of each item.
async fn rating(client: &Client, provider: &str, on: &str) -> (String, Vec<String>) {
    let told = client.get(&format!("/v1/providers/{provider}/governance?on={on}")).await.expect(200).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&told["rating"]), told["items"].as_array().unwrap().iter().map(|item| text(&item["state"])).collect())
}

#[test]
fn a_provider_is_red_from_the_very_day_on_which_an_item_expires() {
    on_both_with(&with_insurance(), async |app| {
        let support = app.person(Role::PanelSupport).client;
        let provider = support.provider("private").await;
        let states = async |on: &str| rating(&support, &provider, on).await;
        let told = |rating: &str, items: [&str; 2]| (rating.to_owned(), items.map(str::to_owned).to_vec());
        assert_eq!(states("2024-06-03").await, told("red", ["missing", "missing"]));
        recorded(&support, &provider, &green("minimum_governance", "2024-02-29", None)).await.expect(201);
        let made = recorded(&support, &provider, &green("insurance", "2024-02-29", Some("2025-02-28"))).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/providers/{provider}/governance"));
        assert_eq!(states("2024-02-28").await, told("red", ["missing", "missing"]));
        assert_eq!(states("2024-02-29").await, told("green", ["green", "green"]));
        assert_eq!(states("2025-02-27").await, told("green", ["green", "green"]));
        assert_eq!(states("2025-02-28").await, told("red", ["green", "expired"]));
        // A renewal recorded ahead takes nothing away from what holds until then.
        recorded(&support, &provider, &green("insurance", "2025-02-28", Some("2026-02-28"))).await.expect(201);
        assert_eq!(states("2025-02-27").await, told("green", ["green", "green"]));
        assert_eq!(states("2025-02-28").await, told("green", ["green", "green"]));
        recorded(&support, &provider, &red("minimum_governance", "2025-01-01")).await.expect(201);
        assert_eq!(states("2025-01-01").await, told("red", ["red", "green"]));
        let all = support.get(&format!("/v1/governance-records?provider_id={provider}")).await.expect(200).body;
        assert_eq!(all["items"].as_array().unwrap().len(), 4);
        assert_eq!(all["items"][1], made.body);
        let today = support.get(&format!("/v1/providers/{provider}/governance")).await.expect(200).body;
        assert_eq!((&today["on"], &today["budget_lines"]), (&json!("2024-06-03"), &json!(["home_care"])));
        assert_eq!(today["items"][1]["record"], made.body);
    });
}

#[test]
fn everything_wrong_with_a_record_is_told_at_once() {
    on_both_with(&with_insurance(), async |app| {
        let support = app.person(Role::PanelSupport).client;
        let provider = support.provider("private").await;
        for (body, pointers) in [
            (with(green("parking", "2024-06-03", Some("2024-06-03")), "evidence", Value::Null), vec!["/evidence", "/expires_on", "/item"]),
            (green("insurance", "2024-06-03", None), vec!["/expires_on"]),
            (green("insurance", "2024-06-03", Some("2025-06-04")), vec!["/expires_on"]),
            (green("insurance", "1850-06-03", Some("1850-06-04")), vec!["/expires_on", "/valid_from"]),
            (with(red("insurance", "2024-06-03"), "expires_on", "2025-06-03"), vec!["/expires_on"]),
        ] {
            let refused = recorded(&support, &provider, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), pointers, "{body}");
        }
        recorded(&support, &provider, &green("insurance", "2024-06-03", Some("2025-06-03"))).await.expect(201);
        recorded(&support, &db::new_id(), &red("insurance", "2024-06-03")).await.expect_problem(404, "not_found");
        support.get(&format!("/v1/providers/{}/governance", db::new_id())).await.expect_problem(404, "not_found");
        assert_eq!(app.count("provider_governance_records"), 1);
    });
}

#[test]
fn where_the_profile_asks_for_nothing_nothing_is_red() {
    on_both(async |app| {
        let support = app.person(Role::PanelSupport).client;
        let provider = support.provider("private").await;
        assert_eq!(rating(&support, &provider, "2024-06-03").await, ("green".to_owned(), vec![]));
        let refused = recorded(&support, &provider, &red("insurance", "2024-06-03")).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/item"]);
        assert_eq!(support.get("/v1/governance-expiries").await.expect(200).body["items"], json!([]));
    });
}

#[test]
fn what_expires_is_listed_by_its_day_and_a_renewal_takes_its_place() {
    on_both_with(&with_insurance(), async |app| {
        let support = app.person(Role::PanelSupport).client;
        let (one, two) = (support.provider("private").await, support.provider("private").await);
        let insured = async |provider: &str, from: &str, to: &str| {
            recorded(&support, provider, &green("insurance", from, Some(to))).await.expect(201);
        };
        let listed = async |query: &str| {
            let rows = support.all_pages(&format!("/v1/governance-expiries{query}"), 1).await.concat();
            rows.iter().map(|row| (row["expires_on"].as_str().unwrap().to_owned(), row["is_expired"] == true)).collect::<Vec<_>>()
        };
        let ends = |rows: &[(&str, bool)]| rows.iter().map(|(day, is)| ((*day).to_owned(), *is)).collect::<Vec<_>>();
        insured(&one, "2023-07-01", "2024-07-01").await;
        insured(&two, "2023-06-03", "2024-06-03").await;
        recorded(&support, &two, &green("minimum_governance", "2024-01-01", Some("2024-07-01"))).await.expect(201);
        recorded(&support, &one, &green("minimum_governance", "2024-01-01", None)).await.expect(201);
        assert_eq!(listed("").await, ends(&[("2024-06-03", true), ("2024-07-01", false), ("2024-07-01", false)]));
        assert_eq!(listed("?before=2024-07-01").await, ends(&[("2024-06-03", true)]));
        assert_eq!(listed("?before=2024-06-03").await, []);
        // Renewed from the day it ends: the old end is no news. Renewed after a gap: it is.
        insured(&one, "2024-07-01", "2025-07-01").await;
        assert_eq!(listed("").await, ends(&[("2024-06-03", true), ("2024-07-01", false), ("2025-07-01", false)]));
        insured(&two, "2024-06-10", "2025-06-10").await;
        assert_eq!(listed("?before=2024-07-01").await, ends(&[("2024-06-03", true)]));
        app.clock.set(instant("2024-06-10T09:00:00"));
        insured(&two, "2024-06-10", "2025-06-09").await;
        assert_eq!(listed("").await, ends(&[("2024-07-01", false), ("2025-06-09", false), ("2025-07-01", false)]));
        recorded(&support, &two, &red("minimum_governance", "2024-06-10")).await.expect(201);
        assert_eq!(listed("?before=2025-06-09").await, []);
    });
}

/// A council whose leader agreed home care for a child, without a panel.
struct Agreed {
    day: Kirklees,
    request: String,
    /// The agreed line, which starts on 17 June.
    line: String,
    package: String,
    provider: String,
}

impl Agreed {
    async fn of(app: &TestApp) -> Self {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.submitted(&child, &[weekly("personal_care", 1_000)]).await;
        let agreed = json!({ "rationale": "Within the hours" });
        day.leader.client.record(&format!("/v1/requests/{request}/agreement-without-panel"), &agreed).await;
        let read = day.support.get(&format!("/v1/requests/{request}")).await.expect(200).body;
        let line = id_of(&read["decided_lines"][0]);
        let package = id_of(&day.support.record("/v1/packages", &json!({ "reference": "PK-1", "child_id": child })).await);
        let provider = day.support.provider("private").await;
        Agreed { day, request, line, package, provider }
    }

    fn step(&self, step: &str, taken_on: &str) -> Value {
        json!({ "step": step, "request_line_id": self.line, "taken_on": taken_on, "taken_by": self.day.presenter.id })
    }

    fn agreement(&self, by_provider: &str, by_manager: &str) -> Value {
        let last = by_provider.max(by_manager);
        let signed = with(self.step("placement_agreement", last), "signed_by_provider_on", by_provider);
        with(with(signed, "signed_by_manager_on", by_manager), "manager_id", self.day.manager.id.clone())
    }

    async fn try_step(&self, body: &Value) -> Answer {
        self.day.presenter.client.post(&format!("/v1/requests/{}/commissioning-steps", self.request), body).await
    }

    async fn try_line(&self, provider: &str) -> Answer {
        let mut line = weekly("personal_care", 1_000);
        for (field, value) in [
            ("package_id", &self.package),
            ("provider_id", &provider.to_owned()),
            ("request_line_id", &self.line),
            ("reason", &"-".to_owned()),
        ] {
            line[field] = json!(value);
        }
        self.day.support.post("/v1/package-lines", &line).await
    }

    async fn found(&self, on: &str) {
        self.try_step(&with(self.step("provider_found", on), "provider_id", self.provider.clone())).await.expect(201);
    }

    async fn is_green(&self, from: &str, to: Option<&str>) {
        recorded(&self.day.support, &self.provider, &green("minimum_governance", from, to)).await.expect(201);
    }
}

fn codes(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[test]
fn no_package_line_carries_an_agreed_line_out_before_the_agreement_is_signed_and_sent() {
    on_both_with(&kirklees(), async |app| {
        let one = Agreed::of(app).await;
        one.is_green("2024-06-03", None).await;
        let missing = [("/request_line_id", "step_missing"), ("/request_line_id", "step_missing")];
        let refused = one.try_line(&one.provider).await.expect_problem(422, "invalid_body");
        assert_eq!(codes(&refused), missing);
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with("a step before the start is missing: Placement agreement signed"), "{detail}");
        one.found("2024-06-03").await;
        // Somebody who manages nothing does not sign.
        let unfit = with(one.agreement("2024-06-03", "2024-06-03"), "manager_id", one.day.leader.id.clone());
        assert_eq!(codes(&one.try_step(&unfit).await.expect_problem(422, "invalid_body")), [("/manager_id", "not_in_post")]);
        let early = with(one.agreement("2024-06-03", "2024-06-03"), "signed_by_provider_on", "2024-06-02");
        assert_eq!(one.try_step(&early).await.expect_problem(422, "invalid_body").pointers(), ["/signed_by_provider_on"]);
        let mut unsigned = one.agreement("2024-06-03", "2024-06-03");
        unsigned.as_object_mut().unwrap().remove("signed_by_manager_on");
        assert_eq!(one.try_step(&unsigned).await.expect_problem(422, "invalid_body").pointers(), ["/signed_by_manager_on"]);
        app.clock.set(instant("2024-06-05T09:00:00"));
        let before_signature = with(one.agreement("2024-06-04", "2024-06-05"), "taken_on", "2024-06-04");
        assert_eq!(codes(&one.try_step(&before_signature).await.expect_problem(422, "invalid_body")), [("/taken_on", "before_signature")]);
        let made = one.try_step(&one.agreement("2024-06-04", "2024-06-05")).await.expect(201).body;
        assert_eq!((&made["is_late"], &made["provider_id"]), (&json!(false), &json!(one.provider)));
        assert_eq!(codes(&one.try_line(&one.provider).await.expect_problem(422, "invalid_body")), missing[..1]);
        one.try_step(&one.step("agreement_sent", "2024-06-05")).await.expect(201);
        let other = one.day.support.provider("private").await;
        recorded(&one.day.support, &other, &green("minimum_governance", "2024-06-03", None)).await.expect(201);
        let refused = one.try_line(&other).await.expect_problem(422, "invalid_body");
        assert_eq!(codes(&refused), [("/provider_id", "another_provider"), ("/provider_id", "another_provider")]);
        one.try_line(&one.provider).await.expect(201);
    });
}

#[test]
fn an_agreement_signed_late_is_recorded_and_shown_as_late() {
    on_both_with(&kirklees(), async |app| {
        let one = Agreed::of(app).await;
        one.is_green("2024-06-03", None).await;
        one.found("2024-06-03").await;
        app.clock.set(instant("2024-06-18T09:00:00"));
        let made = one.try_step(&one.agreement("2024-06-17", "2024-06-18")).await.expect(201).body;
        assert_eq!(made["is_late"], true, "the support was to start on 17 June");
        // Sent on the day of the start is in time.
        assert_eq!(one.try_step(&one.step("agreement_sent", "2024-06-17")).await.expect(201).body["is_late"], false);
        one.try_line(&one.provider).await.expect(201);
        let list = one.day.support.get("/v1/commissionings/drift").await.expect(200).body;
        assert_eq!(list["items"][0]["late"], json!(["Placement agreement signed by the provider and a manager"]));
        let missing: Vec<_> = list["items"][0]["missing"].as_array().unwrap().iter().map(|step| step["step"].clone()).collect();
        assert_eq!(missing, ["skills_confirmed", "contract_terms_told"]);
        for step in ["skills_confirmed", "contract_terms_told"] {
            one.try_step(&one.step(step, "2024-06-18")).await.expect(201);
        }
        assert_eq!(one.day.support.get("/v1/commissionings/drift").await.expect(200).body["items"], json!([]));
        let told = one.day.support.get(&format!("/v1/requests/{}/commissioning", one.request)).await.expect(200).body;
        let late: Vec<_> =
            told["steps"].as_array().unwrap().iter().filter(|step| step["is_late"] == true).map(|step| step["step"].clone()).collect();
        assert_eq!(late, ["placement_agreement"]);
    });
}

#[test]
fn a_red_provider_takes_no_placement_from_the_day_it_is_red() {
    on_both_with(&kirklees(), async |app| {
        let one = Agreed::of(app).await;
        one.found("2024-06-03").await;
        let agreement = one.agreement("2024-06-03", "2024-06-03");
        let refused = one.try_step(&agreement).await.expect_problem(422, "invalid_body");
        assert_eq!(codes(&refused), [("/provider_id", "provider_red")]);
        let told = "the provider is red on 2024-06-03 and takes no placement (18.4 (1 to 4)): \
                    Minimum governance standards is missing (18.4 (1; its appendix 2))";
        assert_eq!(refused.body["errors"][0]["detail"], told);
        one.is_green("2024-06-03", Some("2024-06-10")).await;
        app.clock.set(instant("2024-06-09T22:59:59"));
        one.try_step(&agreement).await.expect(201);
        one.try_step(&one.step("agreement_sent", "2024-06-09")).await.expect(201);
        app.clock.set(instant("2024-06-09T23:00:00"));
        assert_eq!(codes(&one.try_line(&one.provider).await.expect_problem(422, "invalid_body")), [("/provider_id", "provider_red")]);
        one.is_green("2024-06-10", None).await;
        let line = id_of(&one.try_line(&one.provider).await.expect(201).body);
        recorded(&one.day.support, &one.provider, &red("minimum_governance", "2024-06-10")).await.expect(201);
        let order = json!({
            "number": "PO-1", "package_id": one.package, "provider_id": one.provider, "cost_centre": "C", "expense_code": "E",
            "raised_on": "2024-06-10", "line_ids": [line]
        });
        let refused = one.day.support.post("/v1/purchase-orders", &order).await.expect_problem(422, "invalid_body");
        assert_eq!(codes(&refused), [("/provider_id", "provider_red")]);
        one.is_green("2024-06-10", None).await;
        one.day.support.record("/v1/purchase-orders", &order).await;
        // Only the support that the rule is about.
        let mut respite = weekly("respite", 1_000);
        for (field, value) in [("budget_line", "overnight_respite"), ("package_id", one.package.as_str()), ("reason", "-")] {
            respite[field] = json!(value);
        }
        let unknown = one.day.support.provider("own").await;
        one.day.support.record("/v1/package-lines", &with(respite, "provider_id", unknown)).await;
    });
}

//! From an approval to a package in force: the steps, who took them, and the list of drift and delay.

use crate::support::approved::{ALL, Approved, drift, requests};
use crate::support::people::{id_of, with, yearly};
use crate::support::{instant, on_both, on_both_with};
use domain::profile::Number;
use domain::{Profile, Role};
use serde_json::{Value, json};

fn order(package: &str, provider: &str, line: &str, number: &str) -> Value {
    json!({
        "number": number, "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
        "raised_on": "2024-06-03", "line_ids": [line]
    })
}

#[test]
fn whatever_is_approved_is_on_the_list_though_nobody_recorded_anything() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let two = one.another("approved_in_part").await;
        for kind in ["declined", "deferred"] {
            one.another(kind).await;
        }
        one.people.submitted(&one.people.child().await, &[yearly(1)]).await;
        let list = drift(&one.people, "").await;
        let mut on_it = requests(&list);
        on_it.sort_unstable();
        let mut both = [one.request.as_str(), two.as_str()];
        both.sort_unstable();
        assert_eq!(on_it, both);
        assert_eq!(one.missing().await, ALL);
        let item = list["items"].as_array().unwrap().iter().find(|item| item["request_id"] == one.request).unwrap();
        assert_eq!((&item["approved_on"], &item["working_days"]), (&json!("2024-06-03"), &json!(0)));
        assert_eq!((&item["worker_id"], &item["starts_on"]), (&json!(one.people.worker.id), &json!("2024-06-17")));
        assert_eq!(item["is_drift"], Value::Null, "the profile names no number");
        assert_eq!(item["missing"][3]["service"], "targeted_outreach");
        let worker = &list["workers"][0];
        assert_eq!((&worker["packages"], &worker["steps_missing"]), (&json!(2), &json!(18)));
        let reads = app.events("requests", "read").await;
        assert!(reads.iter().filter(|event| event["entity_id"] == two).count() >= 1, "{reads:?}");
        let csv = one.people.support.client.get("/v1/commissionings/drift?format=csv").await.expect(200).text;
        assert_eq!(csv.lines().count(), 3, "{csv}");
        assert!(
            csv.starts_with("working_days,is_drift,worker,reference,case_reference,approved_on,starts_on,steps_missing,missing,late\n")
        );
        assert!(csv.contains("Profile sent to the framework of providers (targeted_outreach)"), "{csv}");
        let book = one.people.support.client.get("/v1/commissionings/drift?format=xlsx").await.expect(200);
        assert_eq!(book.header("content-disposition"), "attachment; filename=\"drift-2024-06-03.xlsx\"");
    });
}

#[test]
fn drift_is_counted_in_working_days_over_a_bank_holiday_and_not_guessed_beyond_the_list() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.commissioning.drift_after_working_days = Some(Number { value: 59, clause: "Here".into() });
    on_both_with(&profile, async |app| {
        let one = Approved::of(app).await;
        // 26 August is the summer bank holiday.
        for (on, days, is_drift) in [
            ("2024-06-03", 0, false),
            ("2024-06-07", 4, false),
            ("2024-06-09", 4, false),
            ("2024-06-10", 5, false),
            ("2024-08-23", 59, false),
            ("2024-08-26", 59, false),
            ("2024-08-27", 60, true),
        ] {
            let list = drift(&one.people, &format!("?on={on}")).await;
            let item = &list["items"][0];
            assert_eq!((&item["working_days"], &item["is_drift"]), (&json!(days), &json!(is_drift)), "{on}");
            assert_eq!((&list["notes"], &list["workers"][0]["longest_working_days"]), (&json!([]), &json!(days)));
        }
        let beyond = drift(&one.people, "?on=2029-01-02").await;
        assert_eq!((&beyond["items"][0]["working_days"], &beyond["items"][0]["is_drift"]), (&Value::Null, &Value::Null));
        assert!(beyond["notes"][0].as_str().unwrap().contains("bank holidays are known from"), "{beyond}");
        assert_eq!(drift(&one.people, "?on=2024-06-02").await["items"], json!([]), "it was not approved yet");
        let refused =
            one.people.support.client.get("/v1/commissionings/drift?on=1850-01-01").await.expect_problem(422, "invalid_parameter");
        assert_eq!(refused.pointers(), ["?on"]);
    });
}

#[test]
fn a_package_leaves_the_list_with_its_last_step_and_comes_back_when_one_is_taken_back() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let provider = one.take_all_but(&[]).await;
        assert_eq!(one.missing().await, ["package_recorded", "purchase_order"]);
        let (package, line) = one.package(&provider).await;
        assert_eq!(one.missing().await, ["purchase_order"]);
        let finance = app.person(Role::FinanceOfficer);
        finance.client.record("/v1/purchase-orders", &order(&package, &provider, &line, "PO-1")).await;
        assert!(one.missing().await.is_empty());
        assert_eq!(app.count("outstanding_commissionings"), 0);
        let told = one.commissioning().await;
        assert_eq!((&told["is_complete"], &told["worker_id"]), (&json!(true), &json!(one.people.worker.id)));
        let steps = told["steps"].as_array().unwrap();
        assert_eq!(steps.iter().map(|step| step["step"].as_str().unwrap()).collect::<Vec<_>>(), ALL);
        assert!(steps.iter().all(|step| step["taken_on"] == "2024-06-03" && step["is_late"] == false), "{told}");
        assert_eq!((&steps[8]["taken_by"], &steps[8]["provider_id"]), (&json!(finance.id), &json!(provider)));
        // A step recorded by mistake.
        let recorded = steps[0]["record_id"].as_str().unwrap();
        let path = format!("/v1/commissioning-steps/{recorded}/reversal");
        let reason = json!({ "reason": "Another family's" });
        let reversed = one.people.worker.client.record(&path, &reason).await;
        assert_eq!((&reversed["id"], &reversed["reversal"]["reason"]), (&json!(recorded), &json!("Another family's")));
        assert_eq!(one.missing().await, ["family_told"]);
        let again = one.people.worker.client.post(&path, &reason).await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "It was reversed before.");
        one.try_step(one.whole("family_told")).await.expect(201);
        assert!(one.missing().await.is_empty());
        let records = one.commissioning().await["records"].as_array().unwrap().clone();
        assert_eq!(records.iter().filter(|record| record["step"] == "family_told").count(), 2);
        assert_eq!(records.iter().filter(|record| !record["reversal"].is_null()).count(), 1);
        // The package line itself was a mistake: with it goes what rests on it.
        one.people.support.client.record(&format!("/v1/package-lines/{line}/reversal"), &reason).await;
        assert_eq!(one.missing().await, ["package_recorded", "purchase_order"]);
    });
}

#[test]
fn what_is_withdrawn_or_under_appeal_leaves_the_list() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        one.people.withdraw(&one.request).await.expect(201);
        assert!(one.missing().await.is_empty());
        let refused = one.try_step(one.whole("family_told")).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The request is `withdrawn`: only what is approved is commissioned.");
        let worker = json!({ "worker_id": one.people.worker.id, "reason": "-" });
        let path = format!("/v1/requests/{}/commissioning-worker", one.request);
        one.people.worker.client.post(&path, &worker).await.expect_problem(409, "state_conflict");
        let told = one.commissioning().await;
        assert_eq!((&told["state"], &told["steps"], &told["decision_id"]), (&json!("withdrawn"), &json!([]), &Value::Null));
        for (outcome, comes_back) in [("dismissed", true), ("upheld", false)] {
            let other = one.another("approved_in_part").await;
            let told = json!({ "step": "family_told", "taken_on": "2024-06-03", "taken_by": one.people.worker.id });
            let path = format!("/v1/requests/{other}/commissioning-steps");
            one.people.worker.client.record(&path, &told).await;
            let appeal =
                one.people.worker.client.record(&format!("/v1/requests/{other}/appeals"), &json!({ "received_on": "2024-06-03" })).await;
            assert!(!requests(&drift(&one.people, "").await).contains(&other.as_str()));
            let outcome = json!({ "outcome": outcome, "reason": "-" });
            one.people.post("director").client.record(&format!("/v1/appeals/{}/outcome", id_of(&appeal)), &outcome).await;
            let list = drift(&one.people, "").await;
            let item = list["items"].as_array().unwrap().iter().find(|item| item["request_id"] == other);
            assert_eq!(item.is_some(), comes_back, "{list}");
            if let Some(item) = item {
                assert_eq!(item["missing"].as_array().unwrap().len(), ALL.len() - 1, "the steps taken stand");
            }
        }
    });
}

#[test]
fn everything_wrong_with_a_step_is_told_at_once() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let nobody = db::new_id();
        let pointers = async |body: Value| one.try_step(body).await.expect_problem(422, "invalid_body").pointers();
        let early = with(with(one.whole("family_told"), "taken_on", "2024-06-02"), "taken_by", nobody.clone());
        assert_eq!(pointers(with(early, "provider_id", nobody.clone())).await, ["/provider_id", "/taken_by", "/taken_on"]);
        for (body, pointer) in [
            (with(one.whole("family_told"), "taken_on", "2024-06-04"), "/taken_on"),
            (one.of_line("family_told"), "/request_line_id"),
            (one.whole("profile_sent"), "/request_line_id"),
            (with(one.whole("profile_sent"), "request_line_id", nobody.clone()), "/request_line_id"),
            (one.whole("case_management_decision"), "/step"),
            (one.of_line("purchase_order"), "/step"),
            (one.of_line("package_recorded"), "/step"),
            (with(one.of_line("profile_sent"), "manager_id", one.people.worker.id.clone()), "/manager_id"),
            (one.of_line("provider_found"), "/provider_id"),
            (with(one.of_line("provider_found"), "provider_id", nobody.clone()), "/provider_id"),
        ] {
            assert_eq!(pointers(body.clone()).await, [pointer], "{body}");
        }
        // The core authority's documents know no placement agreement.
        let provider = one.people.support.client.provider("private").await;
        let agreement = json!({
            "step": "placement_agreement", "request_line_id": one.line, "taken_on": "2024-06-03", "taken_by": one.people.worker.id,
            "provider_id": provider, "signed_by_provider_on": "2024-06-03", "signed_by_manager_on": "2024-06-03",
            "manager_id": one.people.worker.id
        });
        assert_eq!(pointers(agreement).await, ["/step"]);
        let unknown = one.people.worker.client.post(&format!("/v1/requests/{nobody}/commissioning-steps"), &one.whole("family_told")).await;
        unknown.expect_problem(404, "not_found");
        one.people.worker.client.post(&format!("/v1/commissioning-steps/{nobody}/reversal"), &json!({ "reason": "-" })).await.expect(404);
        assert_eq!(app.count("commissioning_steps"), 0);
    });
}

#[test]
fn a_step_that_rests_on_another_comes_after_it_and_is_taken_back_first() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let (provider, other) = (one.people.support.client.provider("private").await, one.people.support.client.provider("private").await);
        let shared = one.of_line("information_sharing_agreement");
        assert_eq!(one.try_step(shared.clone()).await.expect_problem(422, "invalid_body").pointers(), ["/provider_id"]);
        let early = one.try_step(with(shared.clone(), "provider_id", provider.clone())).await.expect_problem(409, "not_ready");
        assert_eq!(
            early.body["errors"][0]["detail"],
            "this comes first: Provider found on the framework (Panel standard 7 (what the profile goes out for))"
        );
        let found = one.try_step(with(one.of_line("provider_found"), "provider_id", provider.clone())).await.expect(201).body;
        let refused = one.try_step(with(shared.clone(), "provider_id", other)).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/provider_id".to_owned()], &json!("another_provider")));
        // Without a provider it is with the one that was found.
        let shared = one.try_step(shared).await.expect(201).body;
        assert_eq!(shared["provider_id"], provider);
        let reverse = async |step: &Value| {
            let path = format!("/v1/commissioning-steps/{}/reversal", id_of(step));
            one.people.worker.client.post(&path, &json!({ "reason": "A mistake" })).await
        };
        let stands = reverse(&found).await.expect_problem(409, "state_conflict");
        assert_eq!(stands.body["detail"], "The later step `information_sharing_agreement` depends on this one. Reverse that step first.");
        reverse(&shared).await.expect(201);
        reverse(&found).await.expect(201);
    });
}

#[test]
fn of_several_who_record_the_same_step_at_once_one_wins() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let path = format!("/v1/requests/{}/commissioning-steps", one.request);
        for step in ["family_told", "outcome_sent", "paperwork_filed"] {
            let calls: Vec<_> = (0..6)
                .map(|number| {
                    let caller = if number % 2 == 0 { &one.people.worker } else { &one.people.support };
                    let (client, path, body) = (caller.client.clone(), path.clone(), with(one.whole(step), "taken_by", caller.id.clone()));
                    tokio::spawn(async move { client.post(&path, &body).await })
                })
                .collect();
            let mut answers = Vec::new();
            for call in calls {
                answers.push(call.await.unwrap());
            }
            assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
            for lost in answers.into_iter().filter(|answer| answer.status != 201) {
                let detail = lost.expect_problem(409, "state_conflict").body["detail"].as_str().unwrap().to_owned();
                assert!(
                    detail.starts_with(&format!("`{step}` is on record: person")) && detail.ends_with("took it on 2024-06-03."),
                    "{detail}"
                );
            }
            assert_eq!(app.count(&format!("commissioning_steps WHERE step = '{step}'")), 1);
        }
        let again = one.people.worker.client.post_once("key-1", &path, &one.of_line("profile_sent")).await.expect(201);
        assert_eq!(one.people.worker.client.post_once("key-1", &path, &one.of_line("profile_sent")).await.expect(201).body, again.body);
    });
}

#[test]
fn whoever_is_named_sees_to_it_and_has_it_on_their_list() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        let two = one.another("approved").await;
        let new = app.person(Role::Practitioner);
        let path = format!("/v1/requests/{two}/commissioning-worker");
        let nobody = json!({ "worker_id": db::new_id(), "reason": "Leave" });
        assert_eq!(one.people.support.client.post(&path, &nobody).await.expect_problem(422, "invalid_body").pointers(), ["/worker_id"]);
        let named = json!({ "worker_id": new.id, "reason": "Leave" });
        let made = one.people.support.client.post(&path, &named).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/requests/{two}/commissioning"));
        for (worker, request) in [(&new.id, &two), (&one.people.worker.id, &one.request)] {
            let list = drift(&one.people, &format!("?worker_id={worker}")).await;
            assert_eq!((requests(&list), &list["workers"][0]["worker_id"]), (vec![request.as_str()], &json!(worker)));
        }
        assert_eq!(drift(&one.people, &format!("?worker_id={}", one.people.coster.id)).await["items"], json!([]));
        // It stays so when a step is recorded.
        one.people.worker.client.record(&format!("/v1/requests/{two}/commissioning-steps"), &one.whole("family_told")).await;
        assert_eq!(requests(&drift(&one.people, &format!("?worker_id={}", new.id)).await), [two.as_str()]);
    });
}

#[test]
fn whoever_has_waited_longest_comes_first() {
    on_both(async |app| {
        let one = Approved::of(app).await;
        // Above the chair's limit: the wait begins with the authority.
        let later = one.people.submitted(&one.people.child().await, &[yearly(1_500_000)]).await;
        let above = json!({ "kind": "approved", "authority_hearing_on": "2024-06-07" });
        let waiting = one.people.decided(&one.panel, &later, &above).await;
        assert_eq!(requests(&drift(&one.people, "").await), [one.request.as_str()], "it waits for the post that has the authority");
        app.clock.set(instant("2024-06-07T09:00:00"));
        let given = json!({ "outcome": "given", "reason": "Heard with the worker" });
        one.people.post("head_of_service").client.record(&format!("/v1/decisions/{}/authorisation", id_of(&waiting)), &given).await;
        let list = drift(&one.people, "").await;
        assert_eq!(requests(&list), [one.request.as_str(), later.as_str()]);
        assert_eq!((&list["items"][0]["working_days"], &list["items"][1]["working_days"]), (&json!(4), &json!(0)));
        assert_eq!(list["items"][1]["approved_on"], "2024-06-07");
    });
}

#[test]
fn where_the_profile_asks_for_no_step_the_list_says_so() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.commissioning.steps.clear();
    on_both_with(&profile, async |app| {
        let one = Approved::of(app).await;
        let list = drift(&one.people, "").await;
        assert_eq!(list["items"], json!([]));
        assert!(list["notes"][0].as_str().unwrap().contains("asks for no step"), "{list}");
        assert_eq!(one.try_step(one.whole("family_told")).await.expect_problem(422, "invalid_body").pointers(), ["/step"]);
        assert_eq!(one.commissioning().await["is_complete"], true);
        let provider = one.people.support.client.provider("private").await;
        one.package(&provider).await;
        assert_eq!(app.count("outstanding_commissionings"), 0, "what is carried out waits for nothing");
    });
}

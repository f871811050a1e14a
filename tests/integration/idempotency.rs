//! The same request with the same key is carried out once.

use crate::support::on_both;
use domain::Role;
use serde_json::json;

#[test]
fn the_same_key_and_body_get_the_first_answer_again() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let new = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "own", "location": "in_borough" });
        let first = support.post_once("a-key", "/v1/providers", &new).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let second = support.post_once("a-key", "/v1/providers", &new).await.expect(201);
        assert_eq!((&first.text, first.header("location")), (&second.text, second.header("location")));
        assert_eq!(app.count("providers"), 1);
        let other_body = json!({ "code": "meadow_hall", "name": "Meadow Hall", "sector": "own", "location": "in_borough" });
        let refused = support.post_once("a-key", "/v1/providers", &other_body).await.expect_problem(422, "idempotency_key_reused");
        insta::assert_json_snapshot!("a_key_used_for_another_request", refused.redacted());
        let other_path =
            support.post_once("a-key", "/v1/children", &json!({ "case_reference": "CWD-1", "date_of_birth": "2014-06-30" })).await;
        other_path.expect_problem(422, "idempotency_key_reused");
        assert_eq!((app.count("providers"), app.count("children")), (1, 0));
    });
}

#[test]
fn a_key_is_its_callers_own() {
    on_both(async |app| {
        let (one, two) = (app.as_role(Role::PanelSupport), app.as_role(Role::PanelSupport));
        let child = |reference: &str| json!({ "case_reference": reference, "date_of_birth": "2014-06-30" });
        let first = one.post_once("1", "/v1/children", &child("CWD-1")).await.expect(201);
        let second = two.post_once("1", "/v1/children", &child("CWD-2")).await.expect(201);
        assert_ne!(first.body["id"], second.body["id"]);
    });
}

#[test]
fn a_refused_request_leaves_its_key_free() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let year = json!({ "year": "2023-24" });
        finance.post_once("first", "/v1/financial-years", &year).await.expect(201);
        finance.post_once("second", "/v1/financial-years", &year).await.expect(409);
        finance.post_once("second", "/v1/financial-years", &json!({ "year": "2024-25" })).await.expect(201);
    });
}

#[test]
fn of_requests_with_one_key_at_once_one_is_carried_out() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let new = json!({ "case_reference": "CWD-1", "date_of_birth": "2014-06-30" });
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let (support, new) = (support.clone(), new.clone());
                tokio::spawn(async move { support.post_once("at-once", "/v1/children", &new).await })
            })
            .collect();
        let mut bodies = Vec::new();
        for call in calls {
            bodies.push(call.await.unwrap().expect(201).text);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        assert_eq!(app.count("children"), 1);
    });
}

#[test]
fn a_reversal_with_a_key_is_carried_out_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = finance.grant().await;
        let (path, why) = (format!("/v1/grants/{grant}/reversal"), json!({ "reason": "Withdrawn" }));
        let first = finance.post_once("reverse", &path, &why).await.expect(201);
        assert_eq!(finance.post_once("reverse", &path, &why).await.expect(201).text, first.text);
        assert_eq!(app.count("grants"), 2);
    });
}

#[test]
fn a_key_has_its_limits() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let year = json!({ "year": "2023-24" });
        for key in ["", "two words", &"k".repeat(201), "clé"] {
            finance.post_once(key, "/v1/financial-years", &year).await.expect_problem(422, "invalid_parameter");
        }
        finance.post_once(&"k".repeat(200), "/v1/financial-years", &year).await.expect(201);
    });
}

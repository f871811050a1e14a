//! Children: what is kept of them, and that every read leaves a trace and no reference leaks.

use crate::support::{captured_log, next_number, on_both};
use domain::Role;
use serde_json::json;

#[test]
fn every_read_of_a_child_leaves_an_audit_event() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let new = json!({ "case_reference": "CWD-00412", "date_of_birth": "2014-06-30" });
        let made = practitioner.post("/v1/children", &new).await.expect(201);
        let id = made.body["id"].as_str().unwrap();
        assert_eq!(practitioner.get(made.header("location")).await.expect(200).body, made.body);
        assert_eq!(app.events("children", "read").await.len(), 1);
        let found = practitioner.post("/v1/child-lookups", &json!({ "case_reference": "CWD-00412" })).await.expect(200);
        assert_eq!(found.body, made.body);
        let reads = app.events("children", "read").await;
        assert_eq!(reads.len(), 2);
        assert!(reads.iter().all(|event| event["entity_id"] == id && event["actor_kind"] == "user"));
        assert_eq!(reads[1]["request_id"], found.header("x-request-id"));
        practitioner.get("/v1/children?limit=10").await.expect(200);
        let reads = app.events("children", "read").await;
        assert_eq!(reads.len(), 3, "a list is a read of every child on it");
        assert_eq!((&reads[2]["entity_id"], &reads[2]["detail"]), (&json!(id), &json!({ "in": "list" })));
        practitioner.post("/v1/child-lookups", &json!({ "case_reference": "CWD-00413" })).await.expect(404);
        assert_eq!(app.events("children", "look_up_in_vain").await.len(), 1);
    });
}

#[test]
fn every_read_of_a_package_leaves_an_audit_event() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let package = support.package().await;
        let line = support.line(&package).await;
        for path in [
            "/v1/packages",
            &format!("/v1/packages/{package}"),
            &format!("/v1/package-lines?package_id={package}"),
            &format!("/v1/package-lines/{line}"),
        ] {
            let (of_package, of_child) = (app.events("packages", "read").await.len(), app.events("children", "read").await.len());
            support.get(path).await.expect(200);
            let now = (app.events("packages", "read").await.len(), app.events("children", "read").await.len());
            assert_eq!(now, (of_package + 1, of_child + 1), "{path} is a read of the package and of its child");
        }
    });
}

#[test]
fn a_child_is_looked_up_by_reference_and_listed_by_page() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        support.post("/v1/child-lookups", &json!({ "case_reference": "CWD-99999" })).await.expect_problem(404, "not_found");
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(support.child().await);
        }
        let pages = support.all_pages("/v1/children", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(pages.concat().iter().map(|child| child["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), made);
        support.get(&format!("/v1/children/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_date_of_birth_is_a_day_and_not_in_the_future() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        // The clock stands on 3 June 2024.
        for (born, status) in [
            ("2024-06-04", 422),
            ("2024-06-03", 201),
            ("2024-02-29", 201),
            ("2023-02-29", 422),
            ("2024-02-30", 422),
            ("2014-6-3", 422),
            ("30/06/2014", 422),
            ("", 422),
            ("2024-06-03T00:00:00Z", 422),
        ] {
            let new = json!({ "case_reference": format!("CWD-{:05}", next_number()), "date_of_birth": born });
            let answer = support.post("/v1/children", &new).await;
            assert_eq!(answer.status, status, "{born}: {}", answer.text);
            assert!(status == 201 || answer.pointers() == ["/date_of_birth"], "{}", answer.text);
        }
    });
}

#[test]
fn a_case_reference_appears_in_no_problem_and_no_log() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let reference = format!("SECRET/{:07}", 7_000_000 + next_number());
        let new = json!({ "case_reference": reference, "date_of_birth": "2014-06-30" });
        support.post("/v1/children", &new).await.expect(201);
        let twice = support.post("/v1/children", &new).await.expect_problem(409, "already_exists");
        insta::assert_json_snapshot!("a_child_recorded_twice", twice.redacted());
        let bad = json!({ "case_reference": format!("{reference} "), "date_of_birth": format!("{reference}"), "name": reference });
        let refused = support.post("/v1/children", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_child_with_every_field_wrong", refused.redacted());
        let found = support.post("/v1/child-lookups", &json!({ "case_reference": reference })).await.expect(200);
        let lost = support.post("/v1/child-lookups", &json!({ "case_reference": format!("{reference}0") })).await.expect(404);
        let cut_short =
            support.post_raw("/v1/children", "application/json", format!("{{\"case_reference\":\"{reference}")).await.expect(400);
        let in_place_of_id = support.get(&format!("/v1/children/{}", reference.replace('/', "-"))).await.expect(404);
        let as_parameter = support.get(&format!("/v1/children?case_reference={reference}")).await.expect(422);
        for problem in [twice, refused, lost, cut_short, in_place_of_id, as_parameter] {
            assert!(!problem.text.contains(&reference), "{}", problem.text);
        }
        let child = found.body["id"].as_str().unwrap();
        for event in app.events("children", "record").await {
            assert!(!event.to_string().contains(&reference));
        }
        // The log does hold the requests: the search is not of an empty log.
        assert!(!captured_log::lines_with("POST /v1/children 201").is_empty());
        assert_eq!(captured_log::lines_with(&reference), Vec::<String>::new());
        assert_eq!(captured_log::lines_with(&reference.replace('/', "-")).iter().filter(|line| line.contains("api")).count(), 0);
        support.get(&format!("/v1/children/{child}")).await.expect(200);
        assert!(captured_log::lines_with(child).iter().all(|line| !line.contains(" api::")), "the log has the route, not the id");
    });
}

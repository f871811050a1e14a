//! Assessments: their steps, who may authorise one, consent, and that every read leaves a trace.

use crate::support::records::new_assessment;
use crate::support::{Client, TestApp, captured_log, instant, next_number, on_both};
use ::records::assessments::{AssessmentProgress, progress};
use domain::assessments::Progress;
use domain::{Permission, Role};
use serde_json::{Value, json};

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn paths(assessment: &str) -> (String, String) {
    (format!("/v1/assessments/{assessment}/steps"), format!("/v1/assessments/{assessment}/authorisation"))
}

fn taken(step: &str, on: &str) -> Value {
    json!({ "step": step, "taken_on": on })
}

/// A practitioner, and an assessment that they make of a child of its own.
async fn under_way(app: &TestApp) -> (Client, String) {
    let practitioner = app.as_role(Role::Practitioner);
    let assessment = practitioner.assessment(&practitioner.child().await, &practitioner.my_id().await).await;
    (practitioner, assessment)
}

fn stands(app: &TestApp, assessment: &str) -> Option<AssessmentProgress> {
    app.store.read(|connection| progress(connection, assessment)).unwrap()
}

#[test]
fn an_assessment_goes_from_its_start_to_authorisation() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let new = new_assessment(&practitioner.child().await, &practitioner.my_id().await);
        let made = practitioner.post("/v1/assessments", &new).await.expect(201);
        insta::assert_json_snapshot!("an_assessment", made.redacted());
        let id = made.body["id"].as_str().unwrap();
        let begun = practitioner.get(made.header("location")).await.expect(200).body;
        let nothing_yet =
            json!({ "completed_on": null, "authorised_on": null, "authorised_by": null, "has_consent": false, "working_days_taken": null });
        assert_eq!((&begun["steps"], &begun["status"]), (&json!([]), &nothing_yet));
        practitioner.step(id, "consent_given", "2024-04-29").await;
        let manager = app.as_role(Role::Manager);
        manager.step(id, "checkpoint", "2024-05-13").await;
        practitioner.step(id, "completed", "2024-05-29").await;
        let authorised = manager.post(&paths(id).1, &json!({ "authorised_on": "2024-06-03" })).await.expect(201);
        assert_eq!(authorised.header("location"), format!("/v1/assessments/{id}"));
        let read = manager.get(authorised.header("location")).await.expect(200);
        insta::assert_json_snapshot!("an_assessment_authorised", read.redacted());
        assert_eq!(read.body["status"]["authorised_by"], manager.my_id().await);
    });
}

#[test]
fn an_assessment_with_nothing_to_stand_on_is_told_all_of_it() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let bad = json!({ "child_id": db::new_id(), "kind": "single", "started_on": "2024-06-04", "assessor_id": db::new_id() });
        let refused = practitioner.post("/v1/assessments", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("an_assessment_with_nothing_to_stand_on", refused.redacted());
        let good = new_assessment(&practitioner.child().await, &practitioner.my_id().await);
        for (field, value) in [
            ("started_on", json!("1990-03-31")),
            ("started_on", json!("2099-04-01")),
            ("started_on", json!("2024-02-30")),
            ("started_on", json!("29/04/2024")),
            ("kind", json!("carers")),
            ("child_id", json!("CWD-00412")),
            ("assessor_id", json!("jane.doe")),
        ] {
            let refused = practitioner.post("/v1/assessments", &with(good.clone(), field, value.clone())).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")], "{value}");
        }
        assert_eq!(app.count("assessments"), 0);
        // The clock's own day is not the future.
        practitioner.post("/v1/assessments", &with(good, "started_on", json!("2024-06-03"))).await.expect(201);
    });
}

#[test]
fn a_step_has_its_place_and_its_day() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        let (steps, _) = paths(&id);
        let refused = practitioner.post(&steps, &taken("authorised", "2024-04-28")).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("an_authorisation_as_a_step", refused.redacted());
        for (step, day, pointer) in [
            ("consent_given", "2024-04-28", "/taken_on"),
            ("consent_given", "2024-06-04", "/taken_on"),
            ("completed", "2024-06-04", "/taken_on"),
            ("completed", "2099-04-01", "/taken_on"),
            ("completed", "2024-02-30", "/taken_on"),
            ("signed", "2024-05-13", "/step"),
        ] {
            let refused = practitioner.post(&steps, &taken(step, day)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{step} {day}");
        }
        practitioner.step(&id, "completed", "2024-06-03").await;
        let again = practitioner.post(&steps, &taken("completed", "2024-06-03")).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("an_assessment_completed_twice", again.redacted());
        assert_eq!(app.count("assessment_steps"), 1);
        let (steps, authorisation) = paths(&db::new_id());
        practitioner.post(&steps, &taken("checkpoint", "2024-05-13")).await.expect_problem(404, "not_found");
        let manager = app.as_role(Role::Manager);
        manager.post(&authorisation, &json!({ "authorised_on": "2024-06-03" })).await.expect_problem(404, "not_found");
    });
}

#[test]
fn an_assessment_is_authorised_by_a_person_who_did_not_make_it() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let assessor = app.as_role(Role::Manager);
        let id = practitioner.assessment(&practitioner.child().await, &assessor.my_id().await).await;
        practitioner.step(&id, "completed", "2024-05-29").await;
        let (_, authorisation) = paths(&id);
        let today = json!({ "authorised_on": "2024-06-03" });
        let own = assessor.post(&authorisation, &today).await.expect_problem(403, "not_allowed");
        insta::assert_json_snapshot!("an_assessor_authorises", own.redacted());
        let tool = app.as_client(&[Permission::AssessmentsAuthorise]).await;
        let by_tool = tool.post(&authorisation, &today).await.expect_problem(403, "not_allowed");
        insta::assert_json_snapshot!("a_tool_authorises", by_tool.redacted());
        practitioner.post(&authorisation, &today).await.expect_problem(403, "not_allowed");
        assert_eq!(app.count("assessment_steps"), 1);
        app.as_role(Role::HeadOfService).authorise(&id, "2024-06-03").await;
    });
}

#[test]
fn an_assessment_is_authorised_once_and_after_its_completion() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        let (_, authorisation) = paths(&id);
        let manager = app.as_role(Role::Manager);
        let on = |day: &str| json!({ "authorised_on": day });
        let early = manager.post(&authorisation, &on("2024-06-03")).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("an_assessment_authorised_early", early.redacted());
        practitioner.step(&id, "completed", "2024-05-29").await;
        for day in ["2024-05-28", "2024-06-04", "2024-02-30"] {
            let refused = manager.post(&authorisation, &on(day)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/authorised_on"], "{day}");
        }
        let other = app.as_role(Role::AssistantDirector);
        let (day, body) = (on("2024-05-29"), on("2024-05-30"));
        let (one, two) = tokio::join!(manager.post(&authorisation, &day), other.post(&authorisation, &body));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
        manager.post(&authorisation, &on("2024-06-03")).await.expect_problem(409, "state_conflict");
        assert_eq!(app.count("assessment_steps"), 2);
    });
}

#[test]
fn a_checkpoint_is_somebody_elses_look() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        let (steps, _) = paths(&id);
        let own = practitioner.post(&steps, &taken("checkpoint", "2024-05-13")).await.expect_problem(403, "not_allowed");
        let expected = "A checkpoint is a manager's look at the assessment. You make this one; somebody else records it.";
        assert_eq!((&own.body["detail"], app.count("assessment_steps")), (&json!(expected), 0));
        for role in [Role::Manager, Role::HeadOfService, Role::AssistantDirector] {
            app.as_role(role).step(&id, "checkpoint", "2024-05-13").await;
        }
        for role in [Role::PanelSupport, Role::Auditor] {
            app.as_role(role).post(&steps, &taken("checkpoint", "2024-05-13")).await.expect_problem(403, "not_allowed");
        }
        assert_eq!(app.count("assessment_steps"), 3);
    });
}

#[test]
fn what_is_authorised_takes_only_consent() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        practitioner.step(&id, "completed", "2024-05-29").await;
        let manager = app.as_role(Role::Manager);
        manager.authorise(&id, "2024-05-30").await;
        for step in ["checkpoint", "completed"] {
            let refused = manager.post(&paths(&id).0, &taken(step, "2024-06-03")).await.expect_problem(409, "state_conflict");
            assert!(refused.body["detail"].as_str().unwrap().contains("new assessment"), "{}", refused.text);
        }
        practitioner.step(&id, "consent_given", "2024-06-03").await;
        practitioner.step(&id, "consent_withdrawn", "2024-06-03").await;
        assert_eq!(app.count("assessment_steps"), 4);
    });
}

#[test]
fn the_latest_word_on_consent_counts() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        for (step, day, has_consent) in [
            ("consent_given", "2024-04-29", true),
            ("consent_withdrawn", "2024-05-10", false),
            // Written down late: the withdrawal came after it.
            ("consent_given", "2024-05-02", false),
            ("consent_given", "2024-05-10", true),
            ("consent_withdrawn", "2024-06-03", false),
        ] {
            practitioner.step(&id, step, day).await;
            let status = practitioner.get(&format!("/v1/assessments/{id}")).await.expect(200).body["status"].clone();
            assert_eq!(status["has_consent"], has_consent, "{step} {day}");
            assert_eq!(stands(app, &id).unwrap().progress.has_consent, has_consent);
        }
    });
}

#[test]
fn where_an_assessment_stands_is_known_to_other_code() {
    on_both(async |app| {
        assert!(stands(app, &db::new_id()).is_none());
        let (practitioner, id) = under_way(app).await;
        let begun = stands(app, &id).unwrap();
        let Progress { completed_on, authorised_on, authorised_by, has_consent } = begun.progress;
        assert_eq!((completed_on, authorised_on, authorised_by, has_consent), (None, None, None, false));
        assert_eq!(begun.assessment.assessor_id, practitioner.my_id().await);
        practitioner.step(&id, "completed", "2024-05-29").await;
        let manager = app.as_role(Role::Manager);
        manager.authorise(&id, "2024-06-03").await;
        let done = stands(app, &id).unwrap().progress;
        assert_eq!(done.completed_on, "2024-05-29".parse().ok());
        assert_eq!((done.authorised_on, done.authorised_by), ("2024-06-03".parse().ok(), Some(manager.my_id().await)));
    });
}

#[test]
fn working_days_are_told_only_where_the_bank_holidays_are_known() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let new = new_assessment(&practitioner.child().await, &practitioner.my_id().await);
        // In the last, two bank holidays and eight days of weekend lie between.
        for (started, completed, days) in
            [("2024-04-29", "2024-04-29", json!(0)), ("2005-04-29", "2005-05-29", json!(null)), ("2024-04-29", "2024-05-29", json!(20))]
        {
            let made = practitioner.record("/v1/assessments", &with(new.clone(), "started_on", json!(started))).await;
            let id = made["id"].as_str().unwrap();
            practitioner.step(id, "completed", completed).await;
            let read = practitioner.get(&format!("/v1/assessments/{id}")).await.expect(200).body;
            assert_eq!(read["status"]["working_days_taken"], days, "{started} {completed}");
        }
    });
}

#[test]
fn a_step_written_down_later_shows_both_days() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        app.clock.set(instant("2024-06-03T09:10:00"));
        practitioner.step(&id, "consent_given", "2024-05-13").await;
        app.clock.set(instant("2024-06-03T09:11:00"));
        practitioner.step(&id, "completed", "2024-05-29").await;
        let steps = practitioner.get(&format!("/v1/assessments/{id}")).await.expect(200).body["steps"].clone();
        let told: Vec<_> = steps
            .as_array()
            .unwrap()
            .iter()
            .map(|step| (step["number"].clone(), step["taken_on"].clone(), step["recorded_at"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                (json!(1), json!("2024-05-13"), json!("2024-06-03T09:10:00Z")),
                (json!(2), json!("2024-05-29"), json!("2024-06-03T09:11:00Z")),
            ]
        );
    });
}

#[test]
fn every_read_of_an_assessment_leaves_an_audit_event() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        let support = app.as_role(Role::PanelSupport);
        let counts = async || (app.events("assessments", "read").await.len(), app.events("children", "read").await.len());
        for path in ["/v1/assessments".to_owned(), format!("/v1/assessments/{id}")] {
            let (of_assessment, of_child) = counts().await;
            support.get(&path).await.expect(200);
            assert_eq!(counts().await, (of_assessment + 1, of_child + 1), "{path} is a read of the assessment and of its child");
        }
        let before = counts().await;
        support.get(&format!("/v1/assessments/{}", db::new_id())).await.expect_problem(404, "not_found");
        let none = support.get(&format!("/v1/assessments?child_id={}", db::new_id())).await.expect(200).body;
        assert_eq!(none, json!({ "items": [], "next_cursor": null }));
        assert_eq!((counts().await, app.events("assessments", "list").await.len()), (before, 1));
        practitioner.step(&id, "completed", "2024-05-29").await;
        app.as_role(Role::Manager).authorise(&id, "2024-06-03").await;
        let steps = app.events("assessments", "take_step").await;
        assert!(steps.len() == 2 && steps.iter().all(|event| event["entity_id"] == id), "{steps:?}");
        assert_eq!(steps[1]["detail"], json!({ "step": "authorised", "number": 2 }));
        assert_eq!(app.events("assessments", "record").await.len(), 1);
    });
}

#[test]
fn assessments_are_listed_by_child_and_by_page() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let (child, other, me) = (practitioner.child().await, practitioner.child().await, practitioner.my_id().await);
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(practitioner.assessment(&child, &me).await);
        }
        practitioner.assessment(&other, &me).await;
        let pages = practitioner.all_pages(&format!("/v1/assessments?child_id={child}"), 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(pages.concat().iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), made);
        assert_eq!(practitioner.all_pages("/v1/assessments", 4).await.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
        practitioner.get("/v1/assessments?assessor_id=me").await.expect_problem(422, "invalid_parameter");
    });
}

#[test]
fn what_a_caller_typed_appears_in_no_problem_and_no_log() {
    on_both(async |app| {
        let (practitioner, id) = under_way(app).await;
        let name = format!("jane.doe.{}", 7_000_000 + next_number());
        let new = json!({ "child_id": name, "kind": name, "started_on": name, "assessor_id": name, "worries": name });
        let all_wrong = practitioner.post("/v1/assessments", &new).await.expect_problem(422, "invalid_body");
        assert_eq!(all_wrong.pointers(), ["/assessor_id", "/child_id", "/kind", "/started_on", "/worries"]);
        let step = practitioner.post(&paths(&id).0, &json!({ "step": name, "taken_on": name })).await.expect_problem(422, "invalid_body");
        let manager = app.as_role(Role::Manager);
        let day = manager.post(&paths(&id).1, &json!({ "authorised_on": name })).await.expect_problem(422, "invalid_body");
        let parameter = practitioner.get(&format!("/v1/assessments?child_id={name}")).await.expect_problem(422, "invalid_parameter");
        for problem in [all_wrong, step, day, parameter] {
            assert!(!problem.text.contains(&name), "{}", problem.text);
        }
        assert_eq!(captured_log::lines_with(&name), Vec::<String>::new());
    });
}

//! What is done to a request: written anew, submitted, taken back; listed and read; and that all of it is on the trail.

use crate::support::people::{People, TEXTS, id_of, new_request, yearly};
use crate::support::{Answer, captured_log, next_number, on_both};
use domain::Role;
use serde_json::{Value, json};

#[test]
fn paperwork_is_written_anew_as_a_whole_and_every_writing_stays_on_record() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let complete = people.paperwork(&child, &[yearly(1), yearly(2)]).await;
        let request = people.empty_draft(&child).await;
        let second = people.revise(&request, &complete).await.expect(201);
        assert_eq!((&second.body["revision"], second.header("location")), (&json!(2), &*format!("/v1/requests/{request}")));
        people.try_to_submit(&request).await.expect(201);
        // What is submitted is a draft again once it is rewritten, and what is left out is gone.
        people.revise(&request, &json!({ "worries": "Broken nights", "lines": [yearly(3)] })).await.expect(201);
        let read = people.read(&request).await;
        assert_eq!((&read["state"], &read["revision"], &read["paperwork"]["revision"]), (&json!("draft"), &json!(3), &json!(3)));
        assert_eq!((&read["paperwork"]["strengths"], &read["full_year_pence"]), (&Value::Null, &json!(3)));
        assert_eq!(read["allowed_actions"], json!(["revise", "submit", "withdraw"]));
        assert_eq!((app.count("request_revisions"), app.count("request_lines")), (3, 3));
        assert_eq!(app.count("request_revisions WHERE revision = 2 AND strengths IS NOT NULL"), 1);
        let steps = people.worker.client.get(&format!("/v1/requests/{request}/transitions")).await.expect(200);
        insta::assert_json_snapshot!("how_a_request_came_to_be_a_draft_again", steps.redacted());
        for statement in ["UPDATE request_revisions SET worries = '-'", "DELETE FROM request_lines", "DELETE FROM request_transitions"] {
            assert!(app.sql(statement).is_err(), "{statement}");
        }
    });
}

#[test]
fn every_writing_of_the_paperwork_is_read_with_its_lines_and_every_read_leaves_a_trace() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let complete = people.paperwork(&child, &[yearly(1), yearly(2)]).await;
        let request = people.empty_draft(&child).await;
        people.revise(&request, &complete).await.expect(201);
        people.revise(&request, &json!({ "worries": "Broken nights", "lines": [yearly(3)] })).await.expect(201);
        let path = format!("/v1/requests/{request}/revisions");
        let auditor = app.as_role(Role::Auditor);
        let pages = auditor.all_pages(&path, 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let told = pages.concat();
        let rates = |revision: &Value| {
            let lines = revision["lines"].as_array().unwrap().iter();
            lines.map(|line| line["unit_rate_ten_thousandths"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(told.iter().map(rates).collect::<Vec<_>>(), [vec![], vec![100, 200], vec![300]]);
        assert_eq!(told.iter().map(|one| one["revision"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((&told[1]["strengths"], &told[2]["strengths"]), (&complete["strengths"], &Value::Null));
        assert_eq!((&told[1]["assessment_id"], &told[2]["worries"]), (&complete["assessment_id"], &json!("Broken nights")));
        let before = (app.events("requests", "read").await.len(), app.events("children", "read").await.len());
        auditor.get(&path).await.expect(200);
        assert_eq!((app.events("requests", "read").await.len(), app.events("children", "read").await.len()), (before.0 + 1, before.1 + 1));
        auditor.get(&format!("/v1/requests/{}/revisions", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn what_the_table_of_states_forbids_is_refused_with_what_can_be_done() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let (submitted, booked, withdrawn, approved) = (
            people.submitted(&people.child().await, &[yearly(1)]).await,
            people.submitted(&people.child().await, &[yearly(1)]).await,
            people.submitted(&people.child().await, &[yearly(1)]).await,
            people.submitted(&people.child().await, &[yearly(1)]).await,
        );
        people.support.client.booking(&panel, &booked).await;
        people.withdraw(&withdrawn).await.expect(201);
        people.decided(&panel, &approved, &json!({ "kind": "approved" })).await;
        let refused = |answer: Answer, allowed: Value| {
            assert_eq!(answer.expect_problem(409, "state_conflict").body["allowed_actions"], allowed);
        };
        let of_submitted = json!(["revise", "book", "agree_without_panel", "withdraw"]);
        let of_booked = json!(["release", "decide", "withdraw"]);
        refused(people.try_to_submit(&submitted).await, of_submitted);
        for (request, allowed) in [(&booked, of_booked), (&withdrawn, json!([])), (&approved, json!(["withdraw"]))] {
            refused(people.try_to_submit(request).await, allowed.clone());
            refused(people.revise(request, &json!({})).await, allowed.clone());
            if *request == withdrawn {
                refused(people.withdraw(request).await, allowed.clone());
            }
            assert_eq!(people.read(request).await["allowed_actions"], allowed);
        }
        let gone = people.withdraw(&withdrawn).await;
        assert!(gone.body["detail"].as_str().unwrap().contains("What can be done now: nothing more."), "{}", gone.text);
        // A booked request that is taken back leaves its slot.
        people.withdraw(&booked).await.expect(201);
        assert_eq!(app.count("panel_booking_releases"), 1);
    });
}

#[test]
fn a_withdrawal_says_why_and_ids_that_do_not_exist_are_not_found() {
    on_both(async |app| {
        let people = People::of(app).await;
        let request = people.empty_draft(&people.child().await).await;
        let path = format!("/v1/requests/{request}/withdrawal");
        for body in [json!({}), json!({ "reason": "" }), json!({ "reason": "a\nb" }), json!({ "reason": "x".repeat(501) })] {
            let refused = people.worker.client.post(&path, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/reason"], "{body}");
        }
        let unknown_field = people.worker.client.post(&format!("/v1/requests/{request}/submission"), &json!({ "force": true })).await;
        assert_eq!(unknown_field.expect_problem(422, "invalid_body").body["errors"][0]["detail"], "there are no fields here");
        let step = people.worker.client.post(&path, &json!({ "reason": "x".repeat(500) })).await.expect(201);
        assert_eq!((&step.body["from_state"], &step.body["to_state"]), (&json!("draft"), &json!("withdrawn")));
        for id in [db::new_id(), "no-such-id".to_owned(), db::new_id().to_uppercase()] {
            for path in [format!("/v1/requests/{id}"), format!("/v1/requests/{id}/transitions"), format!("/v1/requests/{id}/authority")] {
                people.worker.client.get(&path).await.expect_problem(404, "not_found");
            }
            people.revise(&id, &json!({})).await.expect_problem(404, "not_found");
            people.try_to_submit(&id).await.expect_problem(404, "not_found");
            people.withdraw(&id).await.expect_problem(404, "not_found");
        }
    });
}

#[test]
fn requests_are_listed_by_child_and_state_page_by_page() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(people.draft(&child, &[yearly(1)]).await);
        }
        let submitted = people.submitted(&people.child().await, &[yearly(1)]).await;
        people.submit(&made[1]).await;
        made.push(submitted.clone());
        let ids = |pages: Vec<Vec<Value>>| pages.concat().iter().map(id_of).collect::<Vec<_>>();
        let client = &people.worker.client;
        let pages = client.all_pages("/v1/requests", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(ids(pages), made);
        assert_eq!(ids(client.all_pages(&format!("/v1/requests?child_id={child}"), 2).await), made[..3]);
        assert_eq!(ids(client.all_pages("/v1/requests?state=submitted", 1).await), [made[1].clone(), submitted.clone()]);
        assert_eq!(ids(client.all_pages(&format!("/v1/requests?state=submitted&child_id={child}"), 1).await), [made[1].clone()]);
        assert_eq!(client.get("/v1/requests?state=withdrawn").await.expect(200).body["items"], json!([]));
        let listed = client.get("/v1/requests").await.expect(200);
        assert!(TEXTS.iter().all(|field| !listed.text.contains(field)), "a list has no paperwork");
        for (bad, pointer) in [
            ("state=new", "?state"),
            ("child_id=CWD-1", "?child_id"),
            ("limit=0", "?limit"),
            ("limit=501", "?limit"),
            ("cursor=nonsense", "?cursor"),
            ("reference=RQ-1", "?reference"),
        ] {
            let refused = client.get(&format!("/v1/requests?{bad}")).await.expect_problem(422, "invalid_parameter");
            assert_eq!(refused.pointers(), [pointer], "{bad}");
        }
    });
}

#[test]
fn every_read_of_a_request_is_on_the_trail_of_the_request_and_of_its_child() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let request = people.submitted(&child, &[yearly(1)]).await;
        for path in [
            "/v1/requests".to_owned(),
            format!("/v1/requests/{request}"),
            format!("/v1/requests/{request}/transitions"),
            format!("/v1/requests/{request}/authority"),
        ] {
            let (of_request, of_child) = (app.events("requests", "read").await, app.events("children", "read").await);
            people.worker.client.get(&path).await.expect(200);
            let (requests, children) = (app.events("requests", "read").await, app.events("children", "read").await);
            assert_eq!((requests.len(), children.len()), (of_request.len() + 1, of_child.len() + 1), "{path}");
            assert_eq!(
                (&requests[of_request.len()]["entity_id"], &children[of_child.len()]["entity_id"]),
                (&json!(request), &json!(child))
            );
        }
        people.worker.client.get("/v1/requests?state=withdrawn").await.expect(200);
        assert_eq!(app.events("requests", "list").await.len(), 1, "an empty answer is a read as well");
    });
}

#[test]
fn every_change_is_on_the_trail_and_no_word_of_the_paperwork_is_there_or_in_a_problem_or_the_log() {
    on_both(async |app| {
        let people = People::of(app).await;
        let secret = format!("Her brother hits her {}", next_number());
        let child = people.child().await;
        let mut paperwork = people.paperwork(&child, &[yearly(1)]).await;
        for field in TEXTS {
            paperwork[field] = json!(secret);
        }
        let request = id_of(&people.worker.client.record("/v1/requests", &new_request(&child, paperwork.clone())).await);
        people.revise(&request, &paperwork).await.expect(201);
        people.try_to_submit(&request).await.expect(201);
        let path = format!("/v1/requests/{request}/withdrawal");
        people.worker.client.record(&path, &json!({ "reason": secret })).await;
        let again = people.worker.client.post(&path, &json!({ "reason": secret })).await.expect(409);
        let wrong = people.worker.client.post("/v1/requests", &new_request(&child, json!({ "worries": format!("{secret}\t") }))).await;
        for problem in [again, wrong.expect(422)] {
            assert!(!problem.text.contains(&secret), "{}", problem.text);
        }
        let mut events = Vec::new();
        for (action, count) in [("record", 1), ("write_paperwork", 2), ("revise", 1), ("submit", 1), ("withdraw", 1)] {
            let of_action = app.events("requests", action).await;
            assert_eq!(of_action.len(), count, "{action}");
            events.extend(of_action);
        }
        assert!(events.iter().all(|event| event["entity_id"] == request && !event.to_string().contains(&secret)));
        assert_eq!(captured_log::lines_with(&secret), Vec::<String>::new());
    });
}

#[test]
fn the_same_key_carries_a_step_out_once() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (client, child) = (&people.worker.client, people.child().await);
        let paperwork = people.paperwork(&child, &[yearly(1)]).await;
        let new = new_request(&child, paperwork.clone());
        let first = client.post_once("record", "/v1/requests", &new).await.expect(201);
        assert_eq!(client.post_once("record", "/v1/requests", &new).await.expect(201).text, first.text);
        let request = id_of(&first.body);
        let path = |step: &str| format!("/v1/requests/{request}/{step}");
        for (step, body) in
            [("revisions", paperwork.clone()), ("submission", json!({})), ("withdrawal", json!({ "reason": "The family moved away" }))]
        {
            let first = client.post_once(step, &path(step), &body).await.expect(201);
            assert_eq!(client.post_once(step, &path(step), &body).await.expect(201).text, first.text, "{step}");
        }
        client.post_once("withdrawal", &path("withdrawal"), &json!({ "reason": "-" })).await.expect_problem(422, "idempotency_key_reused");
        assert_eq!((app.count("requests"), app.count("request_revisions"), app.count("request_transitions")), (1, 2, 3));
    });
}

#[test]
fn of_steps_at_once_one_is_taken_and_nothing_is_half_written() {
    on_both(async |app| {
        let people = People::of(app).await;
        for round in 0..10 {
            let request = people.draft(&people.child().await, &[yearly(1)]).await;
            let (one, two) = tokio::join!(people.try_to_submit(&request), people.try_to_submit(&request));
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
            let lines = json!({ "lines": [yearly(round)] });
            let (revised, withdrawn) = tokio::join!(people.revise(&request, &lines), people.withdraw(&request));
            assert_eq!(withdrawn.status, 201, "a draft and a submitted request are both withdrawn: {}", withdrawn.text);
            assert!([201, 409].contains(&revised.status), "{}", revised.text);
            let steps = 2 + i64::from(revised.status == 201);
            assert_eq!(app.count(&format!("request_transitions WHERE request_id = '{request}'")), steps);
            assert_eq!(app.count(&format!("request_revisions WHERE request_id = '{request}'")), steps - 1);
            assert_eq!(people.read(&request).await["state"], "withdrawn");
        }
    });
}

#[test]
fn whoever_only_reads_or_pays_writes_no_request() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (child, request) = (people.child().await, people.empty_draft(&people.child().await).await);
        for role in [Role::Auditor, Role::FinanceOfficer] {
            let client = app.person(role).client;
            client.post("/v1/requests", &new_request(&child, json!({}))).await.expect_problem(403, "not_allowed");
            client.post(&format!("/v1/requests/{request}/submission"), &json!({})).await.expect_problem(403, "not_allowed");
            client.get(&format!("/v1/requests/{request}")).await.expect(200);
        }
    });
}

#[test]
fn managers_record_an_appeal_and_that_their_own_action_is_done() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        for role in [Role::Manager, Role::HeadOfService, Role::AssistantDirector] {
            let request = people.submitted(&people.child().await, &[yearly(1)]).await;
            let owner = app.person(role);
            let action = json!([{ "action": "Tell the family", "owner_id": owner.id, "due_on": "2024-06-20" }]);
            let declined = json!({ "kind": "declined", "decline_reason": "other", "actions": action });
            people.decided(&panel, &request, &declined).await;
            let open = owner.client.get(&format!("/v1/decision-actions?owner_id={}", owner.id)).await.expect(200).body;
            let today = app.clock.today();
            let path = format!("/v1/decision-actions/{}/completion", open["items"][0]["id"].as_str().unwrap());
            owner.client.record(&path, &json!({ "completed_on": today })).await;
            owner.client.record(&format!("/v1/requests/{request}/appeals"), &json!({ "received_on": today })).await;
        }
    });
}

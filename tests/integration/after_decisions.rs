//! What follows a decision: the case management decision, and what is to be done by whom.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::panel_day::{PanelDay, Person, approved, decision_of, with};
use crate::support::{Answer, instant, on_both, on_both_with};
use domain::{Permission, Role};
use serde_json::{Value, json};

async fn note(person: &Person, decision: &str, made_on: &str) -> Answer {
    let path = format!("/v1/decisions/{decision}/case-management-decision");
    person.client.post(&path, &json!({ "made_on": made_on, "reference": "CN-88123" })).await
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn a_decision_is_outstanding_until_its_case_note_is_made() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (one, two) = (day.booked(100_000).await, day.booked_for_deputy(100_000).await);
        let one = day.decided(&day.sum, &one, &approved()).await;
        let two = day.decided(&day.pm, &two, &decision_of("declined", 0)).await;
        let outstanding = async |is: bool| {
            let path = format!("/v1/decisions?case_management_outstanding={is}");
            day.support.all_pages(&path, 1).await.concat()
        };
        assert_eq!(ids(&outstanding(true).await), [&one, &two]);
        assert!(outstanding(false).await.is_empty());
        for person in [&day.sum, &day.hos, &day.director] {
            let refused = note(person, &one, "2024-06-03").await.expect_problem(403, "no_authority");
            let said = "The case management decision is recorded by somebody in the post of team_manager or";
            assert!(refused.body["detail"].as_str().unwrap().starts_with(said));
        }
        let path = format!("/v1/decisions/{one}/case-management-decision");
        let tool = app.as_client(&[Permission::DecisionsWrite]).await;
        tool.post(&path, &json!({ "made_on": "2024-06-03", "reference": "-" })).await.expect_problem(403, "no_authority");
        for made_on in ["2024-06-02", "2024-06-04"] {
            assert_eq!(note(&day.tm, &one, made_on).await.expect_problem(422, "invalid_body").pointers(), ["/made_on"]);
        }
        note(&day.tm, &db::new_id(), "2024-06-03").await.expect_problem(404, "not_found");
        let made = note(&day.tm, &one, "2024-06-03").await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/decisions/{one}"));
        let again = note(&day.pm, &one, "2024-06-03").await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "The case management decision was made on 2024-06-03 already.");
        assert_eq!((ids(&outstanding(true).await), ids(&outstanding(false).await)), (vec![&*two], vec![&*one]));
        let full = day.decision(&one).await;
        assert_eq!(full["case_management_decision"]["reference"], "CN-88123");
        let outcomes = day.support.get(&format!("/v1/panels/{}/outcomes", day.panel)).await.expect(200).body;
        let told: Vec<_> = outcomes["items"].as_array().unwrap().iter().map(|item| item["case_management_outstanding"].clone()).collect();
        assert_eq!(told, [json!(false), json!(true)]);
    });
}

#[test]
fn what_still_waits_for_a_post_is_not_put_on_the_childs_record() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked_for_deputy(100_000).await;
        let decision = day.decided(&day.pm, &request, &approved()).await;
        let refused = note(&day.tm, &decision, "2024-06-03").await.expect_problem(409, "state_conflict");
        assert!(refused.body["detail"].as_str().unwrap().contains("`awaiting_ratification`"));
        day.hos.ratify(&decision, "given").await.expect(201);
        note(&day.tm, &decision, "2024-06-03").await.expect(201);
    });
}

#[test]
fn where_the_profile_names_no_post_any_manager_records_the_case_note() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.submitted(&child, &[weekly("social_support", 1_000)]).await;
        let agreed =
            day.leader.client.record(&format!("/v1/requests/{request}/agreement-without-panel"), &json!({ "rationale": "-" })).await;
        let manager = Person::of(app, Role::Manager);
        note(&manager, agreed["id"].as_str().unwrap(), "2024-06-03").await.expect(201);
    });
}

#[test]
fn open_actions_are_listed_by_the_day_they_are_due_until_they_are_done() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let action = |owner: &Person, due_on: &str| json!({ "action": format!("Due {due_on}"), "owner_id": owner.id, "due_on": due_on });
        let decide = async |actions: Value| {
            let request = day.booked(100_000).await;
            day.decided(&day.sum, &request, &with(approved(), "actions", actions)).await
        };
        let one = decide(json!([action(&day.tm, "2024-06-20"), action(&day.coster, "2024-06-10"), action(&day.tm, "2024-06-20")])).await;
        let two = decide(json!([action(&day.coster, "2024-06-03"), action(&day.tm, "2024-06-15")])).await;
        let due = |items: &[Value]| items.iter().map(|item| item["due_on"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let pages = day.support.all_pages("/v1/decision-actions", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let all = pages.concat();
        assert_eq!(due(&all), ["2024-06-03", "2024-06-10", "2024-06-15", "2024-06-20", "2024-06-20"]);
        let mine = day.support.all_pages(&format!("/v1/decision-actions?owner_id={}", day.tm.id), 1).await.concat();
        assert_eq!(due(&mine), ["2024-06-15", "2024-06-20", "2024-06-20"]);
        let numbers: Vec<_> =
            day.decision(&one).await["actions"].as_array().unwrap().iter().map(|action| action["number"].clone()).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let complete = async |id: &str, on: &str| {
            day.presenter.client.post(&format!("/v1/decision-actions/{id}/completion"), &json!({ "completed_on": on })).await
        };
        let first = all[0]["id"].as_str().unwrap();
        for on in ["2024-06-02", "2024-06-04"] {
            assert_eq!(complete(first, on).await.expect_problem(422, "invalid_body").pointers(), ["/completed_on"]);
        }
        app.clock.set(instant("2024-06-12T09:00:00"));
        let done = complete(first, "2024-06-11").await.expect(201);
        assert_eq!((done.header("location"), &done.body["completed_on"]), (&*format!("/v1/decisions/{two}"), &json!("2024-06-11")));
        let again = complete(first, "2024-06-12").await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "The action was done on 2024-06-11.");
        complete(&db::new_id(), "2024-06-12").await.expect_problem(404, "not_found");
        let open = day.support.all_pages("/v1/decision-actions", 500).await.concat();
        assert_eq!(ids(&open), ids(&all)[1..]);
        assert_eq!(day.decision(&two).await["actions"][0]["completed_on"], "2024-06-11");
        let foreign = day.support.get("/v1/appeals?limit=1").await.expect(200).body;
        assert!(foreign["next_cursor"].is_null());
        for cursor in ["abc", "6162", "zz"] {
            day.support.get(&format!("/v1/decision-actions?cursor={cursor}")).await.expect_problem(422, "invalid_parameter");
        }
        let none = day.support.get(&format!("/v1/decision-actions?owner_id={}", db::new_id())).await.expect(200).body;
        assert_eq!((none["items"].clone(), app.events("decision_actions", "list").await.len()), (json!([]), 1));
    });
}

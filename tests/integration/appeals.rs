//! Appeals: received, due, and decided by somebody who had no part in the decision.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::panel_day::{PanelDay, Person, approved, approved_above, assert_whole, decision_of, long_panel, with};
use crate::support::{Answer, instant, on_both, on_both_with};
use domain::{Permission, Role};
use serde_json::{Value, json};

async fn appeal(person: &Person, request: &str, received_on: &str) -> Answer {
    person.client.post(&format!("/v1/requests/{request}/appeals"), &json!({ "received_on": received_on })).await
}

fn no_part(why: &str) -> String {
    format!("You may not decide this appeal: {why}. Somebody who had no part in any decision on the request must decide it.")
}

async fn conclude(person: &Person, appeal: &Value, outcome: &str) -> Answer {
    let path = format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap());
    person.client.post(&path, &json!({ "outcome": outcome, "reason": "The file was read again" })).await
}

#[test]
fn an_appeal_is_due_when_the_profile_says() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.submitted(&child, &[weekly("outreach", 1_000)]).await;
        day.panel_with(app, &[&request]).await;
        day.manager.decide(&request, &decision_of("declined", 0)).await.expect(201);
        app.clock.set(instant("2024-06-12T10:00:00"));
        let received = appeal(&day.presenter, &request, "2024-06-11").await.expect(201);
        assert_eq!(received.body["due_on"], "2024-07-10");
        insta::assert_json_snapshot!("an_appeal", received.redacted());
        let refused = conclude(&day.manager, &received.body, "dismissed").await.expect_problem(403, "no_authority");
        assert_eq!(
            refused.body["detail"],
            "You may not decide this appeal: you decided the request. Somebody who had no part in any decision on the request must decide it."
        );
        conclude(&day.service_manager, &received.body, "dismissed").await.expect(201);
        assert_whole(app);
    });
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        assert_eq!(appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body["due_on"], json!(null));
    });
}

#[test]
fn whoever_had_a_part_in_the_decision_does_not_decide_the_appeal() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (coster, presenter) = (Person::of(app, Role::Manager), Person::of(app, Role::Manager));
        let interested = Person::of(app, Role::HeadOfService);
        let child = day.presenter.client.child().await;
        let mut paperwork = day.paperwork(&child, 3_000_000).await;
        paperwork["coster_id"] = json!(coster.id);
        paperwork["presenter_id"] = json!(presenter.id);
        let request = day.booked_naming(&child, paperwork, &[&coster, &presenter]).await;
        day.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "other" })).await;
        let decision = day.decided(&day.pm, &request, &approved_above()).await;
        day.hos.ratify(&decision, "given").await.expect(201);
        day.ad.authorise(&decision, "declined").await.expect(201);
        let received = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
        interested.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        for (person, why) in [
            (&day.pm, "you decided the request"),
            (&day.sum, "you were at a panel that had it on its agenda"),
            (&day.tm, "you were at a panel that had it on its agenda"),
            (&day.hos, "you authorised or ratified a decision on it, or refused to"),
            (&day.ad, "you authorised or ratified a decision on it, or refused to"),
            (&coster, "you costed, presented or recorded a part of the request, or declared an interest"),
            (&presenter, "you costed, presented or recorded a part of the request, or declared an interest"),
            (&interested, "you costed, presented or recorded a part of the request, or declared an interest"),
        ] {
            let refused = conclude(person, &received, "upheld").await.expect_problem(403, "no_authority");
            assert_eq!(refused.body["detail"], no_part(why));
        }
        let path = format!("/v1/appeals/{}/outcome", received["id"].as_str().unwrap());
        let tool = app.as_client(&[Permission::DecisionsWrite]).await;
        tool.post(&path, &json!({ "outcome": "upheld", "reason": "-" })).await.expect_problem(403, "no_authority");
        day.presenter.client.post(&path, &json!({ "outcome": "upheld", "reason": "-" })).await.expect_problem(403, "not_allowed");
        assert_eq!((app.count("appeal_outcomes"), day.state(&request).await), (0, "under_appeal".to_owned()));
        conclude(&day.director, &received, "upheld").await.expect(201);
        assert_whole(app);
    });
}

#[test]
fn whoever_was_at_the_panel_is_not_cleared_by_being_taken_off_the_list() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        day.decided(&day.sum, &request, &decision_of("declined", 100_000)).await;
        let received = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
        day.support.attend(&day.panel, &day.members.tm, "absent").await;
        conclude(&day.tm, &received, "upheld").await.expect_problem(403, "no_authority");
    });
}

#[test]
fn whoever_had_a_part_in_an_earlier_decision_does_not_decide_the_appeal_against_the_last() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let earlier = Person::of(app, Role::Manager);
        let child = day.presenter.client.child().await;
        let paperwork = with(day.paperwork(&child, 100_000).await, "presenter_id", json!(earlier.id));
        let request = day.booked_naming(&child, paperwork.clone(), &[&earlier]).await;
        day.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "colleague" })).await;
        let deferral = day.decided(&day.pm, &request, &decision_of("deferred", 0)).await;
        day.hos.ratify(&deferral, "given").await.expect(201);
        let presented_by_another = with(paperwork, "presenter_id", json!(day.presenter.id));
        day.presenter.client.record(&format!("/v1/requests/{request}/revisions"), &presented_by_another).await;
        day.coster.client.own_parts(&request, 2).await.expect(201);
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let panel = long_panel(&day.support, "2024-06-10").await;
        day.support.booking(&panel, &request).await;
        app.clock.set(instant("2024-06-10T10:00:00"));
        let chair = Person::in_post(app, &day.administrator, Role::Manager, "service_unit_manager").await;
        let member = day.support.member("service_unit_manager", Some(&chair.id)).await;
        day.support.sign(&member, "2024-04-08").await;
        day.support.attend(&panel, &member, "chair").await;
        day.support.two_members(&panel).await;
        day.decided(&chair, &request, &decision_of("declined", 0)).await;
        let received = appeal(&day.presenter, &request, "2024-06-10").await.expect(201).body;
        for (person, why) in [
            (&chair, "you decided the request"),
            (&day.pm, "you decided the request"),
            (&day.tm, "you were at a panel that had it on its agenda"),
            (&day.hos, "you authorised or ratified a decision on it, or refused to"),
            (&earlier, "you costed, presented or recorded a part of the request, or declared an interest"),
        ] {
            let refused = conclude(person, &received, "upheld").await.expect_problem(403, "no_authority");
            assert_eq!(refused.body["detail"], no_part(why));
        }
        conclude(&day.director, &received, "upheld").await.expect(201);
        assert_whole(app);
    });
}

#[test]
fn whoever_was_at_a_panel_that_the_request_was_taken_off_does_not_decide_its_appeal() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.submitted_for(&day.presenter.client.child().await, 100_000).await;
        let booking = day.support.booking(&day.panel, &request).await;
        day.support.record(&format!("/v1/panel-bookings/{booking}/release"), &json!({ "reason": "Out of time" })).await;
        let panel = long_panel(&day.support, "2024-06-10").await;
        day.support.booking(&panel, &request).await;
        app.clock.set(instant("2024-06-10T10:00:00"));
        day.support.attend(&panel, &day.members.sum, "chair").await;
        day.support.two_members(&panel).await;
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        let received = appeal(&day.presenter, &request, "2024-06-10").await.expect(201).body;
        let refused = conclude(&day.tm, &received, "dismissed").await.expect_problem(403, "no_authority");
        assert_eq!(refused.body["detail"], no_part("you were at a panel that had it on its agenda"));
        conclude(&day.hos, &received, "dismissed").await.expect(201);
    });
}

#[test]
fn a_deferral_that_was_not_ratified_holds_nothing_up() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked_for_deputy(100_000).await;
        let later = with(decision_of("deferred", 100_000), "deferred_until", json!("2024-07-01"));
        let decision = day.decided(&day.pm, &request, &later).await;
        day.hos.send_back(&decision).await.expect(201);
        day.support.booking(&day.support.panel("2024-06-17").await, &request).await;
    });
}

#[test]
fn a_dismissed_appeal_leaves_the_request_where_it_was_and_an_upheld_one_has_it_heard_again() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for kind in ["approved_in_part", "declined", "signposted"] {
            let request = day.booked(100_000).await;
            let decision = day.decided(&day.sum, &request, &decision_of(kind, 100_000)).await;
            let received = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
            assert_eq!((&received["state_before"], &received["decision_id"]), (&json!(kind), &json!(decision)));
            assert_eq!(day.state(&request).await, "under_appeal");
            let concluded = conclude(&day.director, &received, "dismissed").await.expect(201);
            assert_eq!(concluded.header("location"), format!("/v1/appeals/{}", received["id"].as_str().unwrap()));
            assert_eq!(day.state(&request).await, kind);
            let again = appeal(&day.presenter, &request, "2024-06-03").await.expect_problem(409, "state_conflict");
            assert_eq!(again.body["detail"], "This decision was appealed against before.");
            conclude(&day.director, &received, "upheld").await.expect_problem(409, "state_conflict");
        }
        let request = day.booked(100_000).await;
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        let first = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
        conclude(&day.director, &first, "upheld").await.expect(201);
        assert_eq!(day.state(&request).await, "submitted");
        day.support.booking(&day.panel, &request).await;
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        let second = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
        // The earlier appeal is over.
        let refused = conclude(&day.director, &first, "dismissed").await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The appeal was upheld on 2024-06-03.");
        conclude(&day.director, &second, "dismissed").await.expect(201);
        assert_whole(app);
    });
}

#[test]
fn an_appeal_has_its_day_and_its_decision() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        appeal(&day.presenter, &request, "2024-06-03").await.expect_problem(409, "state_conflict");
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        for received_on in ["2024-06-02", "2024-06-04", "2024-02-30"] {
            let refused = appeal(&day.presenter, &request, received_on).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/received_on"]);
        }
        appeal(&day.presenter, &db::new_id(), "2024-06-03").await.expect_problem(404, "not_found");
        day.director.client.get(&format!("/v1/appeals/{}", db::new_id())).await.expect_problem(404, "not_found");
        assert_eq!(app.count("appeals"), 0);
        let agreed = day.booked(100_000).await;
        day.decided(&day.sum, &agreed, &approved()).await;
        let refused = appeal(&day.presenter, &agreed, "2024-06-03").await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["allowed_actions"], json!(["withdraw"]));
    });
}

#[test]
fn appeals_are_listed_and_what_was_agreed_in_part_counts_meanwhile() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.booked_for(&child, 1_000_000).await;
        day.decided(&day.sum, &request, &decision_of("approved_in_part", 1_000_000)).await;
        let open = appeal(&day.presenter, &request, "2024-06-03").await.expect(201).body;
        let other = day.submitted_for(&child, 100_000).await;
        let total = day.support.get(&format!("/v1/requests/{other}/authority")).await.expect(200).body["total_pence"].clone();
        assert_eq!(total, 600_000);
        let closed_request = day.booked(100_000).await;
        day.decided(&day.sum, &closed_request, &decision_of("signposted", 0)).await;
        let closed = appeal(&day.presenter, &closed_request, "2024-06-03").await.expect(201).body;
        conclude(&day.director, &closed, "dismissed").await.expect(201);
        let found = async |question: &str| {
            let page = day.support.get(&format!("/v1/appeals{question}")).await.expect(200).body;
            page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
        };
        let (open, closed) = (open["id"].clone(), closed["id"].clone());
        assert_eq!(found("").await, [open.clone(), closed.clone()]);
        assert_eq!((found("?open=true").await, found("?open=false").await), (vec![open.clone()], vec![closed.clone()]));
        assert_eq!(found(&format!("?request_id={request}")).await, std::slice::from_ref(&open));
        assert_eq!(day.support.all_pages("/v1/appeals", 1).await.concat().len(), 2);
        let before = app.events("requests", "read").await.len();
        let read = day.support.get(&format!("/v1/appeals/{}", closed.as_str().unwrap())).await.expect(200).body;
        assert_eq!(read["outcome"]["outcome"], "dismissed");
        assert_eq!(app.events("requests", "read").await.len(), before + 1);
        let with_outcome = with(read, "outcome", json!(null));
        assert!(with_outcome["due_on"].is_null());
    });
}

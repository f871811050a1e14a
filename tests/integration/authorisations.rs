//! Who puts authority behind a decision: ratification of what a deputy decided, and the post whose limit covers the total.

use crate::support::panel_day::{PanelDay, Person, approved, approved_above, assert_whole, decision_of, with};
use crate::support::{Answer, instant, on_both};
use domain::{Permission, Role};
use serde_json::{Value, json};

fn detail(answer: Answer) -> String {
    answer.expect_problem(403, "no_authority").body["detail"].as_str().unwrap().to_owned()
}

fn supports(full: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = full["authorisations"].as_array().unwrap();
    all.iter().map(|one| (text(&one["kind"]), text(&one["outcome"]), text(&one["post"]))).collect()
}

fn support(kind: &str, outcome: &str, post: &str) -> (String, String, String) {
    (kind.to_owned(), outcome.to_owned(), post.to_owned())
}

#[test]
fn to_the_penny_a_total_goes_to_the_post_whose_limit_covers_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for pence in [1_399_999, 1_400_000] {
            let request = day.booked(pence).await;
            let decision = day.decided(&day.sum, &request, &approved_above()).await;
            let full = day.decision(&decision).await;
            assert_eq!((day.state(&request).await.as_str(), &full["total_pence"]), ("approved", &json!(pence)));
            assert_eq!(supports(&full), [support("authority", "given", "service_unit_manager")]);
            assert!(full["authority_hearing_on"].is_null(), "nobody else hears it");
        }
        let everybody = [&day.sum, &day.pm, &day.tm, &day.hos, &day.ad, &day.director];
        for (pence, posts, may) in [
            (1_400_001, "head_of_service", vec![&day.hos]),
            (2_000_000, "head_of_service", vec![&day.hos]),
            (2_000_001, "assistant_director,director", vec![&day.ad, &day.director]),
        ] {
            for person in &may {
                let request = day.booked(pence).await;
                let refused = day.sum.decide(&request, &approved()).await.expect_problem(422, "invalid_body");
                assert_eq!(refused.pointers(), ["/authority_hearing_on"]);
                let decision = day.decided(&day.sum, &request, &approved_above()).await;
                assert_eq!(day.state(&request).await, "awaiting_authority");
                assert_eq!(day.decision(&decision).await["tier"], posts);
                for other in everybody.iter().filter(|other| !may.iter().any(|one| one.id == other.id)) {
                    let why = detail(other.authorise(&decision, "given").await);
                    assert!(why.contains(&format!("a total of {} a year", domain::Pence(pence))), "{why}");
                }
                let made = person.authorise(&decision, "given").await.expect(201).body;
                assert_eq!((&made["total_pence"], &made["user_id"]), (&json!(pence), &json!(person.id)));
                assert_eq!(day.state(&request).await, "approved");
                person.authorise(&decision, "given").await.expect_problem(409, "state_conflict");
            }
        }
        assert_whole(app);
    });
}

#[test]
fn who_may_not_authorise_hears_every_reason() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let paperwork = with(day.paperwork(&child, 1_500_000).await, "presenter_id", json!(day.hos.id));
        let request = day.booked_naming(&child, paperwork, &[&day.hos]).await;
        let hearing = day.sum.decide(&request, &approved()).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_hearing_is_needed", hearing.redacted());
        let decision = day.decided(&day.sum, &request, &approved_above()).await;
        let responsible = "Responsible: head_of_service (Panel standard 9 (finance: \"up to £20,000 total care package\")).";
        let told = |why: &str| format!("You may not authorise a total of £15,000.00 a year: {why}. {responsible}");
        assert_eq!(detail(day.sum.authorise(&decision, "given").await), told("you decided it, the total is above your post's limit"));
        assert_eq!(detail(day.hos.authorise(&decision, "given").await), told("you present it"));
        assert_eq!(detail(day.tm.authorise(&decision, "given").await), told("your post has no limit"));
        let stranger = Person::of(app, Role::AssistantDirector);
        assert_eq!(detail(stranger.authorise(&decision, "given").await), told("you hold no post today"));
        day.ad.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "colleague" })).await;
        assert_eq!(detail(day.ad.authorise(&decision, "declined").await), told("you declared an interest"));
        let tool = app.as_client(&[Permission::DecisionsWrite]).await;
        let body = json!({ "outcome": "given", "reason": "-" });
        assert!(detail(tool.post(&format!("/v1/decisions/{decision}/authorisation"), &body).await).starts_with("A person decides"));
        assert_eq!(app.count("authorisations"), 0);
        // With the head of service ruled out the next post stands in.
        let made = day.director.authorise(&decision, "given").await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/decisions/{decision}"));
        assert_eq!((&made.body["post"], &made.body["capacity"]), (&json!("director"), &json!("holder")));
    });
}

#[test]
fn whatever_a_deputy_decides_waits_for_ratification() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for kind in ["approved", "approved_in_part", "deferred", "declined", "signposted"] {
            let request = day.booked_for_deputy(1_000_000).await;
            let decision = day.decided(&day.pm, &request, &decision_of(kind, 1_000_000)).await;
            assert_eq!(day.state(&request).await, "awaiting_ratification", "{kind}");
            assert_eq!(supports(&day.decision(&decision).await), []);
            for (other, why) in [
                (&day.pm, "It is ratified by the post of head_of_service"),
                (&day.sum, "It is ratified by the post of head_of_service"),
                (&day.director, "It is ratified by the post of head_of_service"),
            ] {
                let told = detail(other.ratify(&decision, "given").await);
                assert!(told.starts_with(why), "{told}");
            }
            day.hos.authorise(&decision, "given").await.expect_problem(409, "state_conflict");
            let made = day.hos.ratify(&decision, "given").await.expect(201).body;
            assert_eq!(
                (&made["kind"], &made["post"], &made["authority_hearing_on"]),
                (&json!("ratification"), &json!("head_of_service"), &json!(null))
            );
            assert_eq!(day.state(&request).await, kind);
            let mut expected = vec![support("ratification", "given", "head_of_service")];
            if kind.starts_with("approved") {
                expected.push(support("authority", "given", "head_of_service"));
            }
            let mut given = supports(&day.decision(&decision).await);
            given.sort_by(|a, b| b.cmp(a));
            assert_eq!(given, expected, "{kind}");
        }
        assert_whole(app);
    });
}

#[test]
fn an_approval_that_is_not_ratified_is_declined_and_what_was_none_is_heard_again() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for kind in ["approved", "deferred", "declined", "signposted"] {
            let request = day.booked_for_deputy(3_000_000).await;
            let decision = day.decided(&day.pm, &request, &decision_of(kind, 3_000_000)).await;
            let is_approval = kind == "approved";
            // A reason of the list goes with the one and not with the other.
            let wrong = if is_approval { day.hos.send_back(&decision).await } else { day.hos.ratify(&decision, "declined").await };
            assert_eq!(wrong.expect_problem(422, "invalid_body").pointers(), ["/decline_reason"]);
            let right = if is_approval { day.hos.ratify(&decision, "declined").await } else { day.hos.send_back(&decision).await };
            right.expect(201);
            assert_eq!(day.state(&request).await, if is_approval { "declined" } else { "submitted" });
            assert_eq!(supports(&day.decision(&decision).await), [support("ratification", "declined", "head_of_service")]);
            let steps = day.support.get(&format!("/v1/requests/{request}/transitions")).await.expect(200).body;
            let last = steps["items"].as_array().unwrap().last().unwrap().clone();
            assert_eq!((&last["action"], &last["reason"]), (&json!("ratify"), &json!("Read with the minutes")));
            day.hos.ratify(&decision, "given").await.expect_problem(409, "state_conflict");
        }
        assert_whole(app);
    });
}

#[test]
fn who_decided_or_stands_down_does_not_ratify_even_as_deputy_of_the_post() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let stand_in = async |person: &Person| {
            let holding = json!({
                "post": "head_of_service", "user_id": person.id, "capacity": "deputy", "valid_from": "2024-04-01", "reason": "Leave"
            });
            day.administrator.put_in_post(&holding).await;
        };
        stand_in(&day.pm).await;
        stand_in(&day.tm).await;
        let request = day.booked_for_deputy(100_000).await;
        day.hos.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        let decision = day.decided(&day.pm, &request, &approved()).await;
        assert_eq!(detail(day.pm.ratify(&decision, "given").await), "You may not ratify it: you decided it.");
        assert_eq!(detail(day.hos.ratify(&decision, "given").await), "You may not ratify it: you declared an interest.");
        let made = day.tm.ratify(&decision, "given").await.expect(201).body;
        assert_eq!((&made["post"], &made["capacity"]), (&json!("head_of_service"), &json!("deputy")));
        assert_eq!(day.state(&request).await, "approved");
    });
}

#[test]
fn while_a_decision_waits_for_ratification_the_explanation_says_who_ratifies() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked_for_deputy(100_000).await;
        let decision = day.decided(&day.pm, &request, &approved()).await;
        let explained = async || day.support.get(&format!("/v1/requests/{request}/authority")).await.expect(200).body;
        let told = explained().await;
        assert!(told["people"].as_array().unwrap().iter().all(|person| person["may_authorise"] == false), "{told}");
        let names = json!({ "posts": ["head_of_service"], "clause": told["ratification"]["clause"], "people": [day.hos.id] });
        assert_eq!(told["ratification"], names);
        day.hos.ratify(&decision, "given").await.expect(201);
        assert_eq!(explained().await["ratification"], Value::Null);
    });
}

#[test]
fn whoever_left_the_chairs_post_since_the_panel_does_not_decide_for_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let held = day.support.get(&format!("/v1/post-holdings?user_id={}", day.sum.id)).await.expect(200).body;
        let holding = held["items"][0]["holding_id"].as_str().unwrap();
        let end = json!({ "valid_to": "2024-06-04", "reason": "Another job" });
        day.administrator.record(&format!("/v1/post-holdings/{holding}/end"), &end).await;
        app.clock.set(instant("2024-06-04T09:00:00"));
        let sum = app.with_token(app.log_in(&day.sum.name).await.expect(200).body["access_token"].as_str().unwrap());
        let late = sum.post(&format!("/v1/requests/{request}/decisions"), &approved()).await;
        assert!(detail(late).contains("You chaired as service_unit_manager on 2024-06-03 and no longer hold that post"));
    });
}

#[test]
fn whoever_decided_does_not_authorise_it_in_a_higher_post_they_come_to_stand_in_for() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(1_500_000).await;
        let decision = day.decided(&day.sum, &request, &approved_above()).await;
        let holding = json!({
            "post": "head_of_service", "user_id": day.sum.id, "capacity": "deputy", "valid_from": "2024-04-01", "reason": "Leave"
        });
        day.administrator.put_in_post(&holding).await;
        assert!(detail(day.sum.authorise(&decision, "given").await).contains("you decided it"));
        day.hos.authorise(&decision, "given").await.expect(201);
        assert_eq!(day.state(&request).await, "approved");
    });
}

#[test]
fn what_is_above_the_ratifying_posts_limit_goes_on_with_a_day() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let without_day = json!({ "outcome": "given", "reason": "-" });
        for (decided, given) in [(None, Some("2024-06-11")), (Some("2024-06-07"), None), (Some("2024-06-07"), Some("2024-06-11"))] {
            let request = day.booked_for_deputy(2_000_001).await;
            let decision = day.decided(&day.pm, &request, &with(approved(), "authority_hearing_on", json!(decided))).await;
            let path = format!("/v1/decisions/{decision}/ratification");
            if decided.is_none() {
                let refused = day.hos.client.post(&path, &without_day).await.expect_problem(422, "invalid_body");
                assert_eq!(refused.pointers(), ["/authority_hearing_on"]);
            }
            for early in ["2024-06-02", "2099-04-01"] {
                let body = with(without_day.clone(), "authority_hearing_on", json!(early));
                day.hos.client.post(&path, &body).await.expect_problem(422, "invalid_body");
            }
            let body = with(without_day.clone(), "authority_hearing_on", json!(given));
            let ratified = day.hos.client.record(&path, &body).await;
            assert_eq!(ratified["authority_hearing_on"], given.or(decided).unwrap());
            assert_eq!(day.state(&request).await, "awaiting_authority");
            let outcomes = day.support.get(&format!("/v1/panels/{}/outcomes", day.panel)).await.expect(200).body;
            let item = outcomes["items"].as_array().unwrap().iter().find(|item| item["request_id"] == request).unwrap();
            assert_eq!(item["authority_hearing_on"], given.or(decided).unwrap());
            let why = detail(day.hos.authorise(&decision, "given").await);
            assert!(why.contains("the total is above your post's limit"), "{why}");
            day.ad.authorise(&decision, "given").await.expect(201);
            let both = [support("ratification", "given", "head_of_service"), support("authority", "given", "assistant_director")];
            assert_eq!(supports(&day.decision(&decision).await), both);
        }
        assert_whole(app);
    });
}

#[test]
fn the_post_with_the_authority_may_decline() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(2_500_000).await;
        let decision = day.decided(&day.sum, &request, &approved_above()).await;
        day.ad.authorise(&decision, "declined").await.expect(201);
        assert_eq!(day.state(&request).await, "declined");
        assert_eq!(supports(&day.decision(&decision).await), [support("authority", "declined", "assistant_director")]);
        day.director.authorise(&decision, "given").await.expect_problem(409, "state_conflict");
        // The family may appeal against it.
        day.presenter.client.record(&format!("/v1/requests/{request}/appeals"), &json!({ "received_on": "2024-06-03" })).await;
        assert_whole(app);
    });
}

#[test]
fn the_total_is_tested_again_when_it_is_authorised() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let first = day.booked_for(&child, 1_500_000).await;
        let waiting = day.decided(&day.sum, &first, &approved_above()).await;
        let second = day.booked_for(&child, 500_001).await;
        let other = day.decided(&day.sum, &second, &approved_above()).await;
        day.ad.authorise(&other, "given").await.expect(201);
        let why = detail(day.hos.authorise(&waiting, "given").await);
        assert!(why.contains("a total of £20,000.01 a year: the total is above your post's limit"), "{why}");
        let made = day.director.authorise(&waiting, "given").await.expect(201).body;
        assert_eq!((&made["total_pence"], &day.decision(&waiting).await["total_pence"]), (&json!(2_000_001), &json!(1_500_000)));
        // Two requests within the chair's authority are, together, above it.
        let child = day.presenter.client.child().await;
        let (one, two) = (day.booked_for(&child, 700_000).await, day.booked_for(&child, 700_001).await);
        for request in [&one, &two] {
            day.sum.decide(request, &approved()).await.expect_problem(422, "invalid_body");
        }
        day.decided(&day.sum, &two, &decision_of("declined", 0)).await;
        day.decided(&day.sum, &one, &approved()).await;
        assert_whole(app);
    });
}

#[test]
fn consent_withdrawn_after_the_panel_stops_what_waits() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for by_deputy in [false, true] {
            let child = day.presenter.client.child().await;
            let paperwork = day.paperwork(&child, 1_500_000).await;
            let assessment = paperwork["assessment_id"].as_str().unwrap().to_owned();
            let request = day.booked_with(&child, paperwork).await;
            let decider = if by_deputy { &day.pm } else { &day.sum };
            if by_deputy {
                day.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "other" })).await;
            }
            let decision = day.decided(decider, &request, &approved_above()).await;
            day.presenter.client.step(&assessment, "consent_withdrawn", "2024-06-03").await;
            let confirm = async |outcome: &str| {
                if by_deputy { day.hos.ratify(&decision, outcome).await } else { day.hos.authorise(&decision, outcome).await }
            };
            let refused = confirm("given").await.expect_problem(409, "not_ready");
            assert_eq!(refused.pointers(), ["/assessment_id"]);
            assert_eq!(supports(&day.decision(&decision).await), []);
            confirm("declined").await.expect(201);
            assert_eq!(day.state(&request).await, "declined");
        }
        assert_whole(app);
    });
}

#[test]
fn an_earlier_decision_of_the_request_is_not_authorised_in_the_later_ones_place() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(1_500_000).await;
        let declined = day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        let received = json!({ "received_on": "2024-06-03" });
        let appeal = day.presenter.client.record(&format!("/v1/requests/{request}/appeals"), &received).await;
        let outcome = format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap());
        day.director.client.record(&outcome, &json!({ "outcome": "upheld", "reason": "-" })).await;
        day.support.booking(&day.panel, &request).await;
        let waiting = day.decided(&day.sum, &request, &approved_above()).await;
        let refused = day.hos.authorise(&declined, "given").await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "A later decision of the request has taken this one's place.");
        day.hos.authorise(&db::new_id(), "given").await.expect_problem(404, "not_found");
        day.hos.authorise(&waiting, "given").await.expect(201);
        assert_whole(app);
    });
}

#[test]
fn the_chair_does_not_put_another_post_of_theirs_behind_what_they_decide() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        // One administrator puts the chair into a higher post, and another agrees.
        let holding = json!({
            "post": "head_of_service", "user_id": day.sum.id, "capacity": "deputy", "valid_from": "2024-04-01", "reason": "Leave"
        });
        day.administrator.put_in_post(&holding).await;
        let request = day.booked(1_500_000).await;
        let refused = day.sum.decide(&request, &approved()).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/authority_hearing_on"]);
        let decision = day.decided(&day.sum, &request, &approved_above()).await;
        assert_eq!(day.state(&request).await, "awaiting_authority");
        assert!(detail(day.sum.authorise(&decision, "given").await).contains("you decided it"));
        day.hos.authorise(&decision, "given").await.expect(201);
    });
}

//! Several callers at once: one of them wins, the others hear who it was, and nothing is half-written.

use crate::support::panel_day::{PanelDay, Person, approved, approved_above, assert_whole, decision_of, long_panel, with};
use crate::support::{Answer, Client, TestApp, instant, on_both};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde_json::{Value, json};

const ROUNDS: usize = 20;

/// Everybody posts at the same time; the answers in the callers' order.
async fn at_once(calls: Vec<(Client, String, Value)>) -> Vec<Answer> {
    let calls: Vec<_> =
        calls.into_iter().map(|(client, path, body)| tokio::spawn(async move { client.post(&path, &body).await })).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// The place of the only answer that is a 201.
#[track_caller]
fn winner(answers: &[Answer]) -> usize {
    let won: Vec<_> = answers.iter().enumerate().filter(|(_, answer)| answer.status == 201).map(|(place, _)| place).collect();
    assert_eq!(won.len(), 1, "{answers:#?}");
    won[0]
}

/// Every answer but the winner's is a 409 that says who did what.
#[track_caller]
fn assert_lost(answers: Vec<Answer>, won: usize, since: &str) {
    for (_, lost) in answers.into_iter().enumerate().filter(|(place, _)| *place != won) {
        let lost = lost.expect_problem(409, "state_conflict");
        let detail = lost.body["detail"].as_str().unwrap();
        assert!(detail.contains(since) && lost.body["allowed_actions"].is_array(), "{detail}");
    }
}

/// The same person on so many machines.
async fn machines(app: &TestApp, person: &Person, count: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..count {
        let tokens = app.log_in(&person.name).await.expect(200).body;
        clients.push(app.with_token(tokens["access_token"].as_str().unwrap()));
    }
    clients
}

fn of_request(app: &TestApp, table: &str, request: &str, more: &str) -> i64 {
    app.count(&format!("{table} WHERE request_id = '{request}' {more}"))
}

#[test]
fn of_a_chair_at_many_machines_one_decides() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let chairs = machines(app, &day.sum, 8).await;
        for _ in 0..ROUNDS {
            let request = day.booked(100_000).await;
            let kinds = ["approved", "declined", "approved_in_part", "deferred", "signposted", "approved", "declined", "approved_in_part"];
            let calls = chairs.iter().zip(kinds).map(|(chair, kind)| {
                let action = json!({ "action": kind, "owner_id": day.tm.id, "due_on": "2024-06-10" });
                let votes: Value =
                    [&day.members.sum, &day.members.pm].map(|m| json!({ "member_id": m, "vote": "for" })).into_iter().collect();
                let body = with(decision_of(kind, 100_000), "actions", json!([action, action]));
                (chair.clone(), format!("/v1/requests/{request}/decisions"), with(body, "votes", votes))
            });
            let answers = at_once(calls.collect()).await;
            let won = winner(&answers);
            let (decision, kind) = (answers[won].body["id"].as_str().unwrap().to_owned(), kinds[won]);
            assert_lost(answers, won, &format!("is `{kind}` since {} did `decide`", day.sum.name));
            assert_eq!(of_request(app, "decisions", &request, ""), 1);
            assert_eq!(of_request(app, "request_transitions", &request, "AND action = 'decide'"), 1);
            assert_eq!(of_request(app, "request_revisions", &request, ""), 1 + i64::from(kind == "approved_in_part"));
            let hanging = |table: &str| app.count(&format!("{table} WHERE decision_id = '{decision}'"));
            assert_eq!((hanging("decision_votes"), hanging("decision_actions")), (2, 2));
            assert_eq!(hanging("authorisations"), i64::from(kind.starts_with("approved")));
            assert_eq!(day.state(&request).await, kind);
        }
        let each = ROUNDS as i64;
        assert_eq!((app.count("decisions"), app.count("decision_votes"), app.count("decision_actions")), (each, 2 * each, 2 * each));
        assert_eq!(app.events("decisions", "record").await.len(), ROUNDS);
        assert_whole(app);
    });
}

#[test]
fn a_chair_who_stands_down_while_the_deputy_decides_leaves_one_decision_at_most() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (chairs, deputies) = (machines(app, &day.sum, 3).await, machines(app, &day.pm, 3).await);
        for _ in 0..ROUNDS {
            let request = day.booked(100_000).await;
            let path = format!("/v1/requests/{request}/decisions");
            let interest = (day.sum.client.clone(), format!("/v1/requests/{request}/own-interest"), json!({ "nature": "other" }));
            let mut calls = vec![interest];
            for (chair, deputy) in chairs.iter().zip(&deputies) {
                calls.push((deputy.clone(), path.clone(), decision_of("declined", 0)));
                calls.push((chair.clone(), path.clone(), approved()));
            }
            let answers = at_once(calls).await;
            let decided: Vec<_> =
                answers[1..].iter().filter(|answer| answer.status == 201).map(|answer| &answer.body["decided_as"]).collect();
            let expected = match decided.as_slice() {
                [] => "booked",
                [one] if *one == "chair" => "approved",
                [one] if *one == "deputy_chair" => "awaiting_ratification",
                other => panic!("{other:?}"),
            };
            assert_eq!(day.state(&request).await, expected);
            for lost in answers[1..].iter().filter(|answer| answer.status != 201) {
                assert!(lost.status == 409 || lost.status == 403, "{}", lost.text);
            }
            // A chair who has an interest on record before the decision did not make it.
            let late = "decisions d JOIN declared_interests i ON i.request_id = d.request_id AND i.user_id = d.decided_by \
                        AND i.recorded_seq < d.recorded_seq";
            assert_eq!(app.count(late), 0);
            assert_eq!(of_request(app, "decisions", &request, ""), decided.len() as i64);
        }
        assert_whole(app);
    });
}

#[test]
fn of_two_posts_with_the_authority_one_gives_or_declines_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (ads, directors) = (machines(app, &day.ad, 4).await, machines(app, &day.director, 4).await);
        for _ in 0..ROUNDS {
            let request = day.booked(2_500_000).await;
            let decision = day.decided(&day.sum, &request, &approved_above()).await;
            let path = format!("/v1/decisions/{decision}/authorisation");
            let given = json!({ "outcome": "given", "reason": "-" });
            let declined = json!({ "outcome": "declined", "decline_reason": "other", "reason": "-" });
            let calls = ads
                .iter()
                .zip(&directors)
                .flat_map(|(ad, director)| [(ad.clone(), path.clone(), given.clone()), (director.clone(), path.clone(), declined.clone())]);
            let answers = at_once(calls.collect()).await;
            let won = winner(&answers);
            let (state, who) = if won.is_multiple_of(2) { ("approved", &day.ad.name) } else { ("declined", &day.director.name) };
            assert_lost(answers, won, &format!("is `{state}` since {who} did `authorise`"));
            assert_eq!(day.state(&request).await, state);
            assert_eq!(app.count(&format!("authorisations WHERE decision_id = '{decision}'")), 1);
        }
        assert_whole(app);
    });
}

#[test]
fn a_decision_is_ratified_or_its_request_withdrawn() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let heads = machines(app, &day.hos, 4).await;
        for _ in 0..ROUNDS {
            let request = day.booked_for_deputy(100_000).await;
            // An approval could be withdrawn after its ratification; a refusal cannot.
            let decision = day.decided(&day.pm, &request, &decision_of("declined", 0)).await;
            let withdrawal = (day.presenter.client.clone(), format!("/v1/requests/{request}/withdrawal"), json!({ "reason": "-" }));
            let ratification = |head: &Client| {
                (head.clone(), format!("/v1/decisions/{decision}/ratification"), json!({ "outcome": "given", "reason": "-" }))
            };
            let mut calls: Vec<_> = heads.iter().map(ratification).collect();
            calls.insert(2, withdrawal);
            let answers = at_once(calls).await;
            let won = winner(&answers);
            let (state, action) = if won == 2 { ("withdrawn", "withdraw") } else { ("declined", "ratify") };
            assert_lost(answers, won, &format!("did `{action}`"));
            assert_eq!(day.state(&request).await, state);
            let supports = app.count(&format!("authorisations WHERE decision_id = '{decision}'"));
            assert_eq!(supports, if won == 2 { 0 } else { 1 });
        }
        assert_whole(app);
    });
}

#[test]
fn an_item_is_decided_or_taken_off_the_agenda() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let chairs = machines(app, &day.sum, 3).await;
        for _ in 0..ROUNDS {
            let child = day.presenter.client.child().await;
            let request = day.submitted_for(&child, 100_000).await;
            let booking = day.support.booking(&day.panel, &request).await;
            let mut calls: Vec<_> =
                chairs.iter().map(|chair| (chair.clone(), format!("/v1/requests/{request}/decisions"), approved())).collect();
            calls.insert(1, (day.support.clone(), format!("/v1/panel-bookings/{booking}/release"), json!({ "reason": "-" })));
            let answers = at_once(calls).await;
            let won = winner(&answers);
            let (state, action) = if won == 1 { ("submitted", "release") } else { ("approved", "decide") };
            assert_lost(answers, won, &format!("did `{action}`"));
            assert_eq!(day.state(&request).await, state);
            let released = app.count(&format!("panel_booking_releases WHERE booking_id = '{booking}'"));
            assert_eq!((released, of_request(app, "decisions", &request, "")), (i64::from(won == 1), i64::from(won != 1)));
        }
        assert_whole(app);
    });
}

#[test]
fn a_panel_decides_or_is_cancelled() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let mut today = NaiveDate::from_ymd_opt(2024, 6, 3).unwrap();
        for _ in 0..ROUNDS {
            today = today + Days::new(if today.weekday() == Weekday::Fri { 3 } else { 1 });
            app.clock.set(instant(&format!("{today}T09:00:00")));
            let panel = long_panel(&day.support, &today.to_string()).await;
            day.attend(&panel).await;
            let mut requests = Vec::new();
            for _ in 0..3 {
                let child = day.presenter.client.child().await;
                let request = day.submitted_for(&child, 100_000).await;
                day.support.booking(&panel, &request).await;
                requests.push(request);
            }
            let mut calls: Vec<_> =
                requests.iter().map(|request| (day.sum.client.clone(), format!("/v1/requests/{request}/decisions"), approved())).collect();
            calls.insert(1, (day.support.clone(), format!("/v1/panels/{panel}/cancellation"), json!({ "reason": "The chair is ill" })));
            let answers = at_once(calls).await;
            let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            let decided = app.count(&format!("decisions WHERE panel_id = '{panel}'"));
            if answers[1].status == 201 {
                assert_eq!((statuses, decided), (vec![409, 201, 409, 409], 0));
            } else {
                assert_eq!((statuses, decided), (vec![201, 409, 201, 201], 3));
            }
            let state = if decided == 0 { "submitted" } else { "approved" };
            for request in &requests {
                assert_eq!(day.state(request).await, state);
            }
            assert_eq!(app.count(&format!("panel_cancellations WHERE panel_id = '{panel}'")), i64::from(decided == 0));
        }
        assert_whole(app);
    });
}

#[test]
fn an_appeal_its_outcome_a_case_note_and_an_action_are_recorded_once() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for _ in 0..ROUNDS / 2 {
            let request = day.booked(100_000).await;
            let action = json!({ "action": "-", "owner_id": day.tm.id, "due_on": "2024-06-10" });
            let decision = day.decided(&day.sum, &request, &with(decision_of("declined", 0), "actions", json!([action]))).await;
            let action = day.decision(&decision).await["actions"][0]["id"].as_str().unwrap().to_owned();
            let eight = |client: &Client, path: String, body: Value| vec![(client.clone(), path, body); 8];
            let received = json!({ "received_on": "2024-06-03" });
            let answers = at_once(eight(&day.presenter.client, format!("/v1/requests/{request}/appeals"), received)).await;
            let won = winner(&answers);
            let appeal = answers[won].body["id"].as_str().unwrap().to_owned();
            assert_lost(answers, won, &format!("since {} did `appeal`", day.presenter.name));
            let outcomes = ["upheld", "dismissed", "upheld", "dismissed"].map(|outcome| {
                (day.director.client.clone(), format!("/v1/appeals/{appeal}/outcome"), json!({ "outcome": outcome, "reason": "-" }))
            });
            winner(&at_once(outcomes.to_vec()).await);
            let note = json!({ "made_on": "2024-06-03", "reference": "CN-1" });
            winner(&at_once(eight(&day.tm.client, format!("/v1/decisions/{decision}/case-management-decision"), note)).await);
            let done = json!({ "completed_on": "2024-06-03" });
            winner(&at_once(eight(&day.presenter.client, format!("/v1/decision-actions/{action}/completion"), done)).await);
        }
        assert_whole(app);
    });
}

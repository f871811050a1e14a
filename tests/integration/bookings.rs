//! Bookings: a request's slot at a panel, and what happens when several callers want it at once.

use crate::support::records::Workers;
use crate::support::{Answer, Client, TestApp, instant, on_both, on_both_with};
use domain::{Profile, Role};
use serde_json::{Value, json};

const ROUNDS: usize = 20;

/// A caller and the name that others are told.
struct Booker {
    client: Client,
    name: String,
}

fn bookers(app: &TestApp, count: usize) -> Vec<Booker> {
    let users = (0..count).map(|_| app.add_user(Role::PanelSupport));
    users.map(|user| Booker { client: app.as_user(&user), name: user.name }).collect()
}

/// Every booker posts its own body at the same time; the answers in the bookers' order.
async fn at_once(bookers: &[Booker], wishes: impl Fn(usize) -> (String, Value)) -> Vec<Answer> {
    let calls: Vec<_> = bookers
        .iter()
        .enumerate()
        .map(|(number, booker)| {
            let (client, (panel, body)) = (booker.client.clone(), wishes(number));
            tokio::spawn(async move { client.post(&format!("/v1/panels/{panel}/bookings"), &body).await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// The place of the only answer that is a 201.
fn winner(answers: &[Answer]) -> usize {
    let won: Vec<_> = answers.iter().enumerate().filter(|(_, answer)| answer.status == 201).map(|(place, _)| place).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    won[0]
}

fn slots(panel: &Value) -> Vec<i64> {
    panel["bookings"].as_array().unwrap().iter().map(|booking| booking["slot"].as_i64().unwrap()).collect()
}

async fn read(client: &Client, panel: &str) -> Value {
    client.get(&format!("/v1/panels/{panel}")).await.expect(200).body
}

async fn book(client: &Client, panel: &str, body: Value) -> Answer {
    client.post(&format!("/v1/panels/{panel}/bookings"), &body).await
}

/// What a panel would have decided, behind the server's back.
fn decided(app: &TestApp, request: &str, panel: &str, kind: &str, deferred_until: Option<&str>) {
    let (id, until) = (db::new_id(), deferred_until.map_or("NULL".to_owned(), |day| format!("'{day}'")));
    let reason = if kind == "declined" { "'other'" } else { "NULL" };
    app.sql(&format!(
        "INSERT INTO decisions (id, request_id, number, route, panel_id, kind, decided_by, decided_as, decided_on, revision, rationale, \
         deferred_until, decline_reason, total_pence, full_year_pence, this_year_pence, explanation, recorded_by, recorded_at, recorded_seq) \
         SELECT '{id}', r.id, 1, 'panel', '{panel}', '{kind}', r.recorded_by, 'service_unit_manager', '2024-06-10', r.revision, '-', \
         {until}, {reason}, 0, 0, 0, '{{}}', 'test', '2024-06-10 10:00:00', 1 FROM requests r WHERE r.id = '{request}'"
    ))
    .unwrap();
    app.sql(&format!("UPDATE requests SET state = '{kind}', decision_id = '{id}' WHERE id = '{request}'")).unwrap();
}

#[test]
fn a_request_takes_the_first_free_slot_or_the_one_asked_for() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let (support, panel) = (&workers.support, workers.support.panel("2024-06-10").await);
        let (one, two) = (workers.submitted_request().await, workers.submitted_request().await);
        let booked = book(support, &panel, json!({ "request_id": one, "slot": 2 })).await.expect(201);
        insta::assert_json_snapshot!("a_booking", booked.redacted());
        let taken = book(support, &panel, json!({ "request_id": two, "slot": 2 })).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_slot_that_is_taken", taken.redacted());
        let beyond = book(support, &panel, json!({ "request_id": two, "slot": 4 })).await.expect_problem(409, "state_conflict");
        assert_eq!(beyond.body["detail"], "There are only 3 slots; free are 1, 3.");
        support.booking(&panel, &two).await;
        support.booking(&panel, &workers.submitted_request().await).await;
        let fourth = workers.submitted_request().await;
        let full = book(support, &panel, json!({ "request_id": fourth })).await.expect_problem(409, "state_conflict");
        assert_eq!(full.body["detail"], "All 3 slots of the panel of 2024-06-10 are taken.");
        let agenda = read(support, &panel).await;
        assert_eq!((slots(&agenda), &agenda["free_slots"]), (vec![1, 2, 3], &json!([])));
        let starts: Vec<_> = agenda["bookings"].as_array().unwrap().iter().map(|booking| booking["starts_at"].clone()).collect();
        assert_eq!(starts, ["09:30", "09:50", "10:10"]);
        let second = &agenda["bookings"][1];
        assert_eq!((&second["request_id"], &second["state"], &second["hearing"]), (&json!(one), &json!("booked"), &json!(1)));
        assert!(second["paperwork"].is_null() && second["strengths"].is_null() && second["child_id"].is_null());
    });
}

#[test]
fn a_request_booked_twice_is_refused_with_who_booked_it_when_and_where() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let (early, late) = (workers.support.panel("2024-06-10").await, workers.support.panel("2024-06-24").await);
        let request = workers.submitted_request().await;
        let Booker { client, name } = bookers(app, 1).remove(0);
        client.booking(&early, &request).await;
        let other = app.as_role(Role::PanelSupport);
        let refused = book(&other, &late, json!({ "request_id": request })).await.expect_problem(409, "state_conflict");
        assert_eq!(
            refused.body["detail"],
            format!(
                "The request is `booked` since {name} did `book` at 2024-06-03T09:00:00Z, for slot 1 of the panel of 2024-06-10; \
                 `book` is not possible. What can be done now: `release`, `decide`, `withdraw`."
            )
        );
        assert_eq!(refused.body["allowed_actions"], json!(["release", "decide", "withdraw"]));
        let unknown = book(&other, &late, json!({ "request_id": db::new_id() })).await.expect_problem(422, "invalid_body");
        assert_eq!(unknown.pointers(), ["/request_id"]);
        book(&other, &db::new_id(), json!({ "request_id": request })).await.expect_problem(404, "not_found");
        for slot in [json!(0), json!(101), json!(1.5), json!("1")] {
            book(&other, &late, json!({ "request_id": request, "slot": slot })).await.expect_problem(422, "invalid_body");
        }
    });
}

#[test]
fn of_callers_who_book_a_request_at_once_one_wins_and_the_others_see_who() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let many = bookers(app, 8);
        let days = ["2024-06-10", "2024-06-11"];
        let long = |held_on: &str| json!({ "held_on": held_on, "starts_at": "00:00", "slots": 100, "slot_minutes": 14 });
        let mut panels = Vec::new();
        for day in days {
            panels.push(workers.support.record("/v1/panels", &long(day)).await["id"].as_str().unwrap().to_owned());
        }
        for round in 0..2 * ROUNDS {
            let callers = if round < ROUNDS { &many[..2] } else { &many[..] };
            let place = |caller: usize| (caller % 2, 2 * round + 1 + (caller / 2) % 2);
            let request = workers.submitted_request().await;
            let wish = |caller: usize| (panels[place(caller).0].clone(), json!({ "request_id": request, "slot": place(caller).1 }));
            let answers = at_once(callers, wish).await;
            let won = winner(&answers);
            for (_, lost) in answers.into_iter().enumerate().filter(|(place, _)| *place != won) {
                let detail = lost.expect_problem(409, "state_conflict").body["detail"].as_str().unwrap().to_owned();
                let expected = format!("for slot {} of the panel of {}", place(won).1, days[place(won).0]);
                assert!(detail.contains(&format!("since {} did `book`", many[won].name)) && detail.contains(&expected), "{detail}");
            }
            let of_request = format!("WHERE request_id = '{request}'");
            assert_eq!(app.count(&format!("panel_bookings {of_request}")), 1);
            assert_eq!(app.count(&format!("request_transitions {of_request} AND action = 'book'")), 1);
            assert_eq!(app.count(&format!("requests WHERE id = '{request}' AND state = 'booked' AND hearing = 1")), 1);
            assert_eq!(app.count(&format!("audit_events WHERE entity = 'requests' AND action = 'book' AND entity_id = '{request}'")), 1);
        }
        assert_eq!(app.count("panel_bookings"), 2 * ROUNDS as i64);
    });
}

#[test]
fn of_callers_who_want_a_slot_at_once_one_gets_it() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let two = bookers(app, 2);
        let panel = workers.support.panel("2024-06-10").await;
        for _ in 0..ROUNDS {
            let requests = [workers.submitted_request().await, workers.submitted_request().await];
            let answers = at_once(&two, |caller| (panel.clone(), json!({ "request_id": requests[caller], "slot": 2 }))).await;
            let won = winner(&answers);
            let lost = &answers[1 - won];
            assert_eq!((lost.status, &lost.body["detail"]), (409, &json!("Slot 2 is taken; free are 1, 3.")));
            assert_eq!(slots(&read(&workers.support, &panel).await), [2]);
            assert_eq!(app.count(&format!("requests WHERE id = '{}' AND state = 'submitted'", requests[1 - won])), 1);
            let booking = answers[won].body["id"].as_str().unwrap();
            workers.support.record(&format!("/v1/panel-bookings/{booking}/release"), &json!({ "reason": "Next round" })).await;
        }
        assert_eq!((app.count("panel_bookings"), app.count("panel_booking_releases")), (ROUNDS as i64, ROUNDS as i64));
    });
}

#[test]
fn a_released_request_can_be_booked_again_and_its_slot_is_free() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let (early, late) = (support.panel("2024-06-10").await, support.panel("2024-06-24").await);
        let request = workers.submitted_request().await;
        let booking = support.booking(&early, &request).await;
        let path = format!("/v1/panel-bookings/{booking}/release");
        let released = support.post(&path, &json!({ "reason": "The worker is away" })).await.expect(201);
        insta::assert_json_snapshot!("a_released_booking", released.redacted());
        let twice = support.post(&path, &json!({ "reason": "The worker is away" })).await.expect_problem(409, "state_conflict");
        assert_eq!(twice.body["detail"], "The request is already off this agenda.");
        assert_eq!(read(support, &early).await["free_slots"], json!([1, 2, 3]));
        let again = book(support, &late, json!({ "request_id": request })).await.expect(201);
        assert_eq!(again.body["hearing"], 2);
        let other = workers.submitted_request().await;
        support.booking(&early, &other).await;
        let auditor = app.as_role(Role::Auditor);
        let reads = async || (app.events("panels", "read").await.len(), app.events("requests", "read").await.len());
        let before = reads().await;
        let listed = auditor.get(&format!("/v1/panels/{early}/bookings")).await.expect(200).body["items"].clone();
        let told: Vec<_> = listed.as_array().unwrap().iter().map(|one| (&one["request_id"], &one["release"]["reason"])).collect();
        assert_eq!(told, [(&json!(request), &json!("The worker is away")), (&json!(other), &Value::Null)]);
        assert_eq!(reads().await, (before.0 + 1, before.1 + 2));
        let pages = auditor.all_pages(&format!("/v1/panels/{early}/bookings"), 1).await;
        assert_eq!(pages.concat(), *listed.as_array().unwrap());
        auditor.get(&format!("/v1/panels/{}/bookings", db::new_id())).await.expect_problem(404, "not_found");
        let steps = support.get(&format!("/v1/requests/{request}/transitions")).await.expect(200).body;
        let actions: Vec<_> = steps["items"].as_array().unwrap().iter().map(|step| step["action"].clone()).collect();
        assert_eq!(actions, ["submit", "book", "release", "book"]);
        assert_eq!(steps["items"][2]["reason"], "The worker is away");
        support.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        let unknown = format!("/v1/panel-bookings/{}/release", db::new_id());
        support.post(&unknown, &json!({ "reason": "-" })).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_booking_that_was_decided_is_not_released() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let (early, late) = (support.panel("2024-06-10").await, support.panel("2024-06-24").await);
        let request = workers.submitted_request().await;
        let booking = support.booking(&early, &request).await;
        decided(app, &request, &early, "deferred", Some("2024-06-24"));
        let path = format!("/v1/panel-bookings/{booking}/release");
        support.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        support.booking(&late, &request).await;
        let refused = support.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert_eq!(
            refused.body["detail"],
            "The request was decided on this agenda and is on a later one. Take it off the later one \
            instead."
        );
        assert_eq!(slots(&read(support, &early).await), [1]);
        assert_eq!(app.count("panel_booking_releases"), 0);
    });
}

#[test]
fn a_deferred_request_is_not_heard_before_its_day() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let [first, early, late] =
            [support.panel("2024-06-10").await, support.panel("2024-06-24").await, support.panel("2024-06-25").await];
        let request = workers.submitted_request().await;
        support.booking(&first, &request).await;
        decided(app, &request, &first, "deferred", Some("2024-06-25"));
        let refused = book(support, &early, json!({ "request_id": request })).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The request was deferred until 2024-06-25; the panel is held on 2024-06-24, before that.");
        let booking = support.booking(&late, &request).await;
        // Neither a booking that was released nor new paperwork shortens the deferral.
        support.record(&format!("/v1/panel-bookings/{booking}/release"), &json!({ "reason": "-" })).await;
        book(support, &early, json!({ "request_id": request })).await.expect_problem(409, "state_conflict");
        support.booking(&late, &request).await;
    });
}

#[test]
fn a_withdrawn_requests_slot_is_free_but_a_decided_ones_is_not() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let panel = support.panel("2024-06-10").await;
        let (waiting, decided_on) = (workers.submitted_request().await, workers.submitted_request().await);
        support.booking(&panel, &waiting).await;
        support.booking(&panel, &decided_on).await;
        decided(app, &decided_on, &panel, "deferred", Some("2024-06-24"));
        for request in [&waiting, &decided_on] {
            let path = format!("/v1/requests/{request}/withdrawal");
            workers.practitioner.record(&path, &json!({ "reason": "The family moved away" })).await;
        }
        let agenda = read(support, &panel).await;
        assert_eq!((slots(&agenda), &agenda["free_slots"]), (vec![2], &json!([1, 3])));
        support.booking(&panel, &workers.submitted_request().await).await;
        assert_eq!(slots(&read(support, &panel).await), [1, 2]);
    });
}

#[test]
fn what_is_missing_on_the_panels_day_is_told_all_at_once() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let child = workers.practitioner.child().await;
        let paperwork = workers.paperwork(&child).await;
        let assessment = paperwork["assessment_id"].as_str().unwrap().to_owned();
        let request = workers.submitted(&child, paperwork).await;
        let (soon, far) = (workers.support.panel("2025-05-28").await, workers.support.panel("2025-05-29").await);
        // The assessment is current for a year: on the last day still, and not on the day after.
        let refused = book(&workers.support, &far, json!({ "request_id": request })).await.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/assessment_id"]);
        workers.practitioner.step(&assessment, "consent_withdrawn", "2024-06-03").await;
        let refused = book(&workers.support, &far, json!({ "request_id": request })).await.expect_problem(409, "not_ready");
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 2, "{}", refused.text);
        workers.practitioner.step(&assessment, "consent_given", "2024-06-03").await;
        workers.support.booking(&soon, &request).await;
    });
}

#[test]
fn a_draft_is_not_booked() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let panel = workers.support.panel("2024-06-10").await;
        let request = workers.submitted_request().await;
        let child = workers.practitioner.child().await;
        let draft = json!({ "reference": "RQ-DRAFT", "child_id": child, "paperwork": { "lines": [] } });
        let draft = workers.practitioner.record("/v1/requests", &draft).await;
        let refused = book(&workers.support, &panel, json!({ "request_id": draft["id"] })).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["allowed_actions"], json!(["revise", "submit", "withdraw"]));
        decided(app, &request, &panel, "declined", None);
        book(&workers.support, &panel, json!({ "request_id": request })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn papers_are_due_when_the_profile_says() {
    let mut kirklees = Profile::bundled("kirklees").unwrap();
    kirklees.budget_lines = Profile::bundled("tameside").unwrap().budget_lines;
    on_both_with(&kirklees, async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let (near, far) = (support.panel("2024-06-07").await, support.panel("2024-06-12").await);
        assert_eq!(read(support, &far).await["papers_due_on"], "2024-06-05");
        let (one, two) = (workers.submitted_request().await, workers.submitted_request().await);
        let late = book(support, &near, json!({ "request_id": one })).await.expect_problem(409, "state_conflict");
        let detail = late.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("Papers for the panel of 2024-06-07 were due on 2024-05-31 (15.3"), "{detail}");
        app.clock.set(instant("2024-06-05T22:59:59"));
        support.booking(&far, &one).await;
        app.clock.set(instant("2024-06-05T23:00:00"));
        book(support, &far, json!({ "request_id": two })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn without_a_day_for_papers_a_request_is_booked_until_the_panel() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let panel = support.panel("2024-06-10").await;
        assert_eq!(read(support, &panel).await["papers_due_on"], "2024-06-10");
        let (one, two) = (workers.submitted_request().await, workers.submitted_request().await);
        app.clock.set(instant("2024-06-10T08:00:00"));
        support.booking(&panel, &one).await;
        app.clock.set(instant("2024-06-11T08:00:00"));
        let refused = book(support, &panel, json!({ "request_id": two })).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The panel was held on 2024-06-10.");
    });
}

#[test]
fn reading_an_agenda_is_reading_its_children() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let panel = workers.support.panel("2024-06-10").await;
        let request = workers.submitted_request().await;
        workers.support.booking(&panel, &request).await;
        let auditor = app.as_role(Role::Auditor);
        let me = auditor.my_id().await;
        read(&auditor, &panel).await;
        for (entity, id) in [("panels", Some(&panel)), ("requests", Some(&request)), ("children", None)] {
            let events = app.events(entity, "read").await;
            let mine: Vec<_> = events.iter().filter(|event| event["actor_id"] == me).collect();
            assert_eq!(mine.len(), 1, "{entity}: {mine:?}");
            assert!(id.is_none_or(|id| mine[0]["entity_id"] == *id), "{mine:?}");
        }
        // The list shows no agenda, so it reads no child's record.
        let before = app.count("audit_events");
        auditor.get("/v1/panels").await.expect(200);
        assert_eq!(app.count("audit_events"), before);
    });
}

//! Panels: their calendar, who stands down for what, and what becomes of a cancelled one.

use crate::support::panel_day::{PanelDay, approved, decision_of};
use crate::support::records::{Workers, new_panel};
use crate::support::{Client, TestApp, instant, on_both, on_both_with};
use domain::{Permission, Profile, Role};
use serde_json::{Value, json};

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn new_calendar(first_on: &str, last_on: &str) -> Value {
    json!({ "first_on": first_on, "last_on": last_on, "starts_at": "09:30", "slots": 8, "slot_minutes": 20 })
}

fn tameside() -> Profile {
    Profile::bundled("tameside").unwrap()
}

fn days(panels: &Value) -> Vec<&str> {
    panels.as_array().unwrap().iter().map(|panel| panel["held_on"].as_str().unwrap()).collect()
}

async fn support_of(app: &TestApp) -> Client {
    app.as_role(Role::PanelSupport)
}

#[test]
fn a_calendar_skips_bank_holidays_and_days_that_have_a_panel() {
    on_both(async |app| {
        let support = support_of(app).await;
        support.panel("2024-04-29").await;
        let made = support.post("/v1/panel-calendars", &new_calendar("2024-03-18", "2024-05-13")).await.expect(201);
        insta::assert_json_snapshot!("a_calendar_across_easter", made.redacted());
        assert_eq!(made.header("location"), "/v1/panels");
        assert_eq!(days(&made.body["panels"]), ["2024-03-18", "2024-04-15", "2024-05-13"]);
        let christmas = with(new_calendar("2024-12-11", "2025-01-08"), "every_weeks", json!(1));
        let made = support.record("/v1/panel-calendars", &christmas).await;
        assert_eq!(days(&made["panels"]), ["2024-12-11", "2024-12-18", "2025-01-08"]);
        let skipped: Vec<_> = made["skipped"].as_array().unwrap().iter().map(|day| day["name"].clone()).collect();
        assert_eq!(skipped, ["Christmas Day", "New Year’s Day"].map(|name| json!(name.replace('’', "'"))));
        let all = support.all_pages("/v1/panels", 3).await.concat();
        assert_eq!(all.len(), 7);
        let spring = support.get("/v1/panels?from=2024-04-15&to=2024-05-13").await.expect(200);
        assert_eq!(days(&spring.body["items"]), ["2024-04-29", "2024-04-15"]);
        let refused = support.post("/v1/panel-calendars", &new_calendar("2024-12-11", "2024-12-25")).await;
        assert_eq!(
            refused.expect_problem(409, "state_conflict").body["detail"],
            "No panel is to be made: 2024-12-11 has a panel, 2024-12-25 is a bank holiday (Christmas Day)."
        );
    });
}

#[test]
fn a_calendar_with_nothing_to_stand_on_is_told_all_of_it() {
    on_both(async |app| {
        let support = support_of(app).await;
        let bad = with(new_calendar("2024-06-08", "2024-06-07"), "slot_minutes", json!(120));
        let refused = support.post("/v1/panel-calendars", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_calendar_with_nothing_to_stand_on", refused.redacted());
        for (first_on, last_on, pointer) in [
            ("2024-06-10", "2026-06-11", "/last_on"),
            ("2028-12-18", "2029-01-31", "/last_on"),
            ("2029-01-02", "2029-01-31", "/first_on"),
            ("2011-12-30", "2012-01-31", "/first_on"),
        ] {
            let refused = support.post("/v1/panel-calendars", &new_calendar(first_on, last_on)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{}", refused.text);
        }
        let unknown = support.post("/v1/panel-calendars", &new_calendar("2028-12-18", "2029-01-31")).await;
        let detail = &unknown.body["errors"][0]["detail"];
        assert_eq!(detail, "bank holidays are known from 2012-01-01 to 2028-12-31; 2029-01-01 is outside");
        assert_eq!(app.count("panels"), 0);
        support.record("/v1/panel-calendars", &new_calendar("2024-06-10", "2026-06-10")).await;
    });
}

#[test]
fn a_profile_without_weeks_between_panels_asks_for_them() {
    let mut profile = tameside();
    profile.panel.every_weeks = None;
    on_both_with(&profile, async |app| {
        let support = support_of(app).await;
        let calendar = new_calendar("2024-06-10", "2024-07-08");
        let refused = support.post("/v1/panel-calendars", &calendar).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/every_weeks"]);
        let made = support.record("/v1/panel-calendars", &with(calendar, "every_weeks", json!(4))).await;
        assert_eq!(days(&made["panels"]), ["2024-06-10", "2024-07-08"]);
    });
}

#[test]
fn a_day_has_one_panel_that_is_not_cancelled() {
    on_both(async |app| {
        let support = support_of(app).await;
        let made = support.post("/v1/panels", &new_panel("2024-06-10")).await.expect(201);
        insta::assert_json_snapshot!("a_panel", made.redacted());
        support.post("/v1/panels", &new_panel("2024-06-10")).await.expect_problem(409, "state_conflict");
        let path = format!("{}/cancellation", made.header("location"));
        support.record(&path, &json!({ "reason": "The chair is ill" })).await;
        support.panel("2024-06-10").await;
        support.post("/v1/panels", &new_panel("2024-06-10")).await.expect_problem(409, "state_conflict");
        let listed = support.get("/v1/panels").await.expect(200).body;
        let cancelled: Vec<_> = listed["items"].as_array().unwrap().iter().map(|panel| panel["is_cancelled"].clone()).collect();
        assert_eq!(cancelled, [json!(true), json!(false)]);
    });
}

#[test]
fn a_panel_has_limits() {
    on_both(async |app| {
        let support = support_of(app).await;
        for (field, value) in [
            ("held_on", json!("2024-06-08")),
            ("held_on", json!("2024-05-06")),
            ("held_on", json!("2029-01-02")),
            ("held_on", json!("2024-6-10")),
            ("starts_at", json!("24:00")),
            ("starts_at", json!("9:30")),
            ("starts_at", json!("09:30\n")),
            ("slots", json!(0)),
            ("slots", json!(101)),
            ("slots", json!(49)),
            ("slot_minutes", json!(0)),
            ("slot_minutes", json!(481)),
        ] {
            let body = with(new_panel("2024-06-10"), field, value);
            let refused = support.post("/v1/panels", &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [format!("/{field}")], "{body}");
        }
        // The last slot may end at midnight.
        let until_midnight = json!({ "held_on": "2024-06-10", "starts_at": "23:00", "slots": 3, "slot_minutes": 20 });
        support.record("/v1/panels", &until_midnight).await;
        for query in ["from=2024-6-10", "to=yesterday", "on=2024-06-10"] {
            support.get(&format!("/v1/panels?{query}")).await.expect_problem(422, "invalid_parameter");
        }
        support.get(&format!("/v1/panels/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn of_two_who_record_a_panel_of_a_day_at_once_one_does() {
    on_both(async |app| {
        let (one, two) = (support_of(app).await, support_of(app).await);
        for week in 0..10 {
            let day = (chrono::NaiveDate::from_ymd_opt(2024, 9, 10).unwrap() + chrono::Days::new(7 * week)).to_string();
            let body = new_panel(&day);
            let (first, second) = tokio::join!(one.post("/v1/panels", &body), two.post("/v1/panels", &body));
            let mut statuses = [first.status, second.status];
            statuses.sort();
            assert_eq!(statuses, [201, 409]);
        }
        assert_eq!(app.count("panels"), 10);
    });
}

#[test]
fn a_cancelled_panel_gives_its_requests_back() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let (panel, later) = (support.panel("2024-06-10").await, support.panel("2024-06-24").await);
        let (one, two) = (workers.submitted_request().await, workers.submitted_request().await);
        support.booking(&panel, &one).await;
        support.booking(&panel, &two).await;
        let path = format!("/v1/panels/{panel}/cancellation");
        let cancelled = support.post(&path, &json!({ "reason": "The chair is ill" })).await.expect(201);
        insta::assert_json_snapshot!("a_cancellation", cancelled.redacted());
        support.post(&path, &json!({ "reason": "The chair is ill" })).await.expect_problem(409, "state_conflict");
        let read = support.get(&format!("/v1/panels/{panel}")).await.expect(200).body;
        assert_eq!((&read["bookings"], &read["cancellation"]["reason"]), (&json!([]), &json!("The chair is ill")));
        for request in [&one, &two] {
            let steps = support.get(&format!("/v1/requests/{request}/transitions")).await.expect(200).body;
            let last = &steps["items"][2];
            assert_eq!(
                (&last["action"], &last["to_state"], &last["reason"]),
                (&json!("release"), &json!("submitted"), &json!("The chair is ill"))
            );
            let refused = support.post(&format!("/v1/panels/{panel}/bookings"), &json!({ "request_id": request })).await;
            assert_eq!(refused.expect_problem(409, "state_conflict").body["detail"], "The panel of 2024-06-10 was cancelled.");
            support.booking(&later, request).await;
        }
        app.clock.set(instant("2024-06-10T09:00:00"));
        let member = support.member("health_representative", None).await;
        let attendance = json!({ "member_id": member, "attendance": "absent" });
        support.post(&format!("/v1/panels/{panel}/attendances"), &attendance).await.expect_problem(409, "state_conflict");
        support.post(&format!("/v1/panels/{panel}/notes"), &json!({ "notes": "-" })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn an_interest_is_declared_once_for_a_member_or_by_oneself() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let request = workers.submitted_request().await;
        let (path, own) = (format!("/v1/requests/{request}/interests"), format!("/v1/requests/{request}/own-interest"));
        let manager = workers.manager.my_id().await;
        let member = workers.support.member("team_manager", Some(&manager)).await;
        let twin = workers.support.member("partnership_manager", Some(&manager)).await;
        let nurse = workers.support.member("health_representative", None).await;
        let interest = |member: &str| json!({ "member_id": member, "nature": "knows_family" });
        let made = workers.support.post(&path, &interest(&member)).await.expect(201);
        insta::assert_json_snapshot!("an_interest", made.redacted());
        workers.support.record(&path, &interest(&nurse)).await;
        for again in [&member, &twin, &nurse] {
            workers.support.post(&path, &interest(again)).await.expect_problem(409, "already_exists");
        }
        workers.manager.post(&own, &json!({ "nature": "colleague" })).await.expect_problem(409, "already_exists");
        let head = app.as_role(Role::HeadOfService);
        head.record(&own, &json!({ "nature": "colleague" })).await;
        head.post(&own, &json!({ "nature": "provider" })).await.expect_problem(409, "already_exists");
        let seat = workers.support.member("commissioner", Some(&head.my_id().await)).await;
        workers.support.post(&path, &interest(&seat)).await.expect_problem(409, "already_exists");
        let tool = app.as_client(&[Permission::RequestsRead]).await;
        tool.post(&own, &json!({ "nature": "other" })).await.expect_problem(403, "not_allowed");
        workers.practitioner.post(&path, &interest(&nurse)).await.expect_problem(403, "not_allowed");
        let unknown = workers.support.post(&path, &interest(&db::new_id())).await.expect_problem(422, "invalid_body");
        assert_eq!(unknown.pointers(), ["/member_id"]);
        let reads = app.events("requests", "read").await.len();
        let listed = head.get(&path).await.expect(200).body;
        assert_eq!(listed["items"].as_array().unwrap().len(), 3);
        assert_eq!(app.events("requests", "read").await.len(), reads + 1);
        let down = app.store.read(|connection| ::records::panel::stood_down(connection, &request)).unwrap();
        let mut expected = vec![member, twin, nurse, seat];
        expected.sort();
        assert_eq!(down, expected);
    });
}

#[test]
fn an_interest_is_declared_until_the_request_is_decided_for_good() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let request = workers.submitted_request().await;
        let member = workers.support.member("commissioner", None).await;
        let path = format!("/v1/requests/{request}/interests");
        let interest = json!({ "member_id": member, "nature": "provider" });
        for state in ["approved", "approved_in_part", "declined", "signposted", "withdrawn"] {
            app.sql(&format!("UPDATE requests SET state = '{state}' WHERE id = '{request}'")).unwrap();
            workers.support.post(&path, &interest).await.expect_problem(409, "state_conflict");
        }
        for state in ["draft", "booked", "deferred", "awaiting_ratification", "awaiting_authority", "under_appeal"] {
            app.sql(&format!("UPDATE requests SET state = '{state}' WHERE id = '{request}'")).unwrap();
            let member = workers.support.member("commissioner", None).await;
            workers.support.record(&path, &json!({ "member_id": member, "nature": "provider" })).await;
        }
    });
}

#[test]
fn an_interest_declared_by_mistake_is_reversed_by_somebody_else_and_rules_nobody_out() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let path = format!("/v1/requests/{request}/interests");
        let interest = |member: &str| json!({ "member_id": member, "nature": "knows_family" });
        let of_chair = day.support.record(&path, &interest(&day.members.sum)).await["id"].as_str().unwrap().to_owned();
        let of_nurse = day.support.record(&path, &interest(&day.members.health)).await["id"].as_str().unwrap().to_owned();
        let barred = async || day.support.get(&format!("/v1/requests/{request}/authority")).await.expect(200).body["ruled_out"].clone();
        assert!(barred().await[&day.sum.id].is_array() && barred().await[&day.members.health].is_array());
        let reversal = |id: &str| format!("/v1/interests/{id}/reversal");
        let mistake = json!({ "reason": "Another family of that name" });
        day.sum.client.post(&reversal(&of_chair), &mistake).await.expect_problem(403, "not_allowed");
        day.support.post(&reversal(&db::new_id()), &mistake).await.expect_problem(404, "not_found");
        for wrong in [json!({}), json!({ "reason": "" }), json!({ "reason": "x".repeat(501) })] {
            let refused = day.support.post(&reversal(&of_chair), &wrong).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/reason"]);
        }
        let reversed = day.support.post(&reversal(&of_chair), &mistake).await.expect(201);
        insta::assert_json_snapshot!("an_interest_reversed", reversed.redacted());
        day.support.record(&reversal(&of_nurse), &mistake).await;
        let again = day.support.post(&reversal(&of_chair), &mistake).await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "It was reversed before.");
        let listed = day.support.get(&path).await.expect(200).body["items"].clone();
        let told: Vec<_> = listed.as_array().unwrap().iter().map(|one| (&one["id"], &one["reversal"]["reason"])).collect();
        assert_eq!(told, [(&json!(of_chair), &mistake["reason"]), (&json!(of_nurse), &mistake["reason"])]);
        assert_eq!(barred().await.as_object().unwrap().keys().filter(|id| **id == day.sum.id || **id == day.members.health).count(), 0);
        let down = app.store.read(|connection| ::records::panel::stood_down(connection, &request)).unwrap();
        assert_eq!(down, Vec::<String>::new());
        assert_eq!(app.events("declared_interests", "reverse").await.len(), 2);
        assert_eq!(app.count("audit_events WHERE detail LIKE '%of that name%'"), 0);
        // The chair decides, the nurse votes, and the minutes say of nobody that they stood down.
        let votes = json!([{ "member_id": day.members.health, "vote": "for" }]);
        day.decided(&day.sum, &request, &with(approved(), "votes", votes)).await;
        let minutes = day.support.get(&format!("/v1/panels/{}/minutes", day.panel)).await.expect(200).body;
        assert_eq!(minutes["items"][0]["stood_down"], json!([]));
    });
}

#[test]
fn whoever_stood_down_when_it_was_decided_did_so_also_if_the_interest_is_reversed_later() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked_for_deputy(100_000).await;
        let decision = day.decided(&day.pm, &request, &decision_of("declined", 0)).await;
        let path = format!("/v1/requests/{request}/interests");
        let id = day.support.get(&path).await.expect(200).body["items"][0]["id"].as_str().unwrap().to_owned();
        let reversal = format!("/v1/interests/{id}/reversal");
        let mistake = json!({ "reason": "Another family" });
        let stood_down = async || {
            let minutes = day.support.get(&format!("/v1/panels/{}/minutes", day.panel)).await.expect(200).body;
            minutes["items"][0]["stood_down"].clone()
        };
        day.support.record(&reversal, &mistake).await;
        assert_eq!(stood_down().await, json!(["Service unit manager"]));
        // It can be declared anew while the request waits; once it is decided for good it stands.
        day.support.record(&path, &json!({ "member_id": day.members.sum, "nature": "other" })).await;
        day.hos.ratify(&decision, "given").await.expect(201);
        let listed = day.support.get(&path).await.expect(200).body["items"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        let again = format!("/v1/interests/{}/reversal", listed[1]["id"].as_str().unwrap());
        let refused = day.support.post(&again, &mistake).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The request is `declined`: nothing is left to stand down for.");
        assert_eq!(stood_down().await, json!(["Service unit manager"]));
    });
}

#[test]
fn the_last_notes_count_and_reach_no_log_or_trail() {
    on_both(async |app| {
        let support = support_of(app).await;
        let panel = support.panel("2024-06-03").await;
        let path = format!("/v1/panels/{panel}/notes");
        let read = format!("/v1/panels/{panel}");
        assert_eq!(support.get(&read).await.expect(200).body["notes"], json!(null));
        support.record(&path, &json!({ "notes": "A first writing" })).await;
        support.record(&path, &json!({ "notes": "Two\nparagraphs of the second" })).await;
        let notes = support.get(&read).await.expect(200).body["notes"].clone();
        assert_eq!((&notes["number"], &notes["notes"]), (&json!(2), &json!("Two\nparagraphs of the second")));
        assert_eq!(app.count("panel_notes"), 2);
        let auditor = app.as_role(Role::Auditor);
        let pages = auditor.all_pages(&path, 1).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
        let writings: Vec<_> = pages.concat().iter().map(|one| (one["number"].clone(), one["notes"].clone())).collect();
        assert_eq!(writings, [(json!(1), json!("A first writing")), (json!(2), json!("Two\nparagraphs of the second"))]);
        auditor.get(&format!("/v1/panels/{}/notes", db::new_id())).await.expect_problem(404, "not_found");
        for notes in [String::new(), " ".to_owned(), "x".repeat(8001), "a\u{0}b".to_owned()] {
            support.post(&path, &json!({ "notes": notes })).await.expect_problem(422, "invalid_body");
        }
        assert_eq!(app.count("audit_events WHERE detail LIKE '%writing%' OR detail LIKE '%paragraphs%'"), 0);
    });
}

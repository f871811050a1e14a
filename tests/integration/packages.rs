//! Packages, their lines, what a line costs, and what was known of it when.

use crate::support::people::{People, in_force, yearly};
use crate::support::records::new_line;
use crate::support::{instant, on_both};
use domain::Role;
use serde_json::{Value, json};

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[test]
fn a_package_is_recorded_and_read_with_its_lines() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let child = support.child().await;
        let new = json!({ "reference": "PK-0412-1", "child_id": child });
        let made = support.post("/v1/packages", &new).await.expect(201);
        support.post("/v1/packages", &new).await.expect_problem(409, "already_exists");
        let package = made.body["id"].as_str().unwrap();
        let line = support.post("/v1/package-lines", &new_line(package)).await.expect(201);
        let read = support.get(made.header("location")).await.expect(200);
        insta::assert_json_snapshot!("a_package_with_its_line", read.redacted());
        let funding = read.body["lines"][0]["funding"].clone();
        assert_eq!(read.body["lines"], json!([with(line.body, "funding", funding)]));
        support.package().await;
        assert_eq!(support.get(&format!("/v1/packages?child_id={child}")).await.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(support.all_pages("/v1/packages", 1).await.len(), 2);
        let orphan = json!({ "reference": "PK-1", "child_id": db::new_id() });
        assert_eq!(support.post("/v1/packages", &orphan).await.expect_problem(422, "invalid_body").pointers(), ["/child_id"]);
    });
}

#[test]
fn a_line_with_nothing_to_stand_on_is_told_all_of_it() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let bad = json!({
            "package_id": db::new_id(), "service": "home_care", "budget_line": "no_such_line", "provider_id": db::new_id(),
            "statement_category": "no_such_category", "unit": "hour", "quantity_thousandths": 1, "frequency": "weekly",
            "unit_rate_ten_thousandths": 1, "valid_from": "2023-04-01", "valid_to": "2023-04-01", "reason": "-"
        });
        let refused = support.post("/v1/package-lines", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_line_with_nothing_to_stand_on", refused.redacted());
        assert_eq!(app.count("package_lines"), 0);
    });
}

#[test]
fn the_category_that_the_statement_tells_apart_is_demanded() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let package = support.package().await;
        let night = with(with(new_line(&package), "budget_line", json!("overnight_respite")), "unit", json!("night"));
        for (category, code) in [(json!(null), "required"), (json!("community_setting"), "mismatch"), (json!("fun"), "unknown_reference")] {
            let body = with(night.clone(), "statement_category", category);
            let refused = support.post("/v1/package-lines", &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/statement_category"]);
            assert_eq!(refused.body["errors"][0]["code"], code);
        }
        let named = with(night, "statement_category", json!("residential_respite"));
        assert_eq!(support.record("/v1/package-lines", &named).await["statement_category"], "residential_respite");
    });
}

#[test]
fn the_category_follows_from_the_request_line_where_none_is_named() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let asked =
            with(with(yearly(36_500), "budget_line", json!("overnight_respite")), "statement_category", json!("residential_respite"));
        let request = people.submitted(&child, std::slice::from_ref(&asked)).await;
        let panel = people.chaired_panel().await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let package = people.package_of(&child).await;
        let line = with(with(with(asked, "statement_category", json!(null)), "request_line_id", agreed), "package_id", json!(package));
        let line = with(line, "reason", json!("As the panel decided"));
        assert_eq!(people.support.client.record("/v1/package-lines", &line).await["statement_category"], "residential_respite");
    });
}

#[test]
fn a_line_has_limits() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let package = support.package().await;
        for (field, value) in [
            ("quantity_thousandths", json!(0)),
            ("quantity_thousandths", json!(100_000_001)),
            ("quantity_thousandths", json!(1.5)),
            ("unit_rate_ten_thousandths", json!(-1)),
            ("unit_rate_ten_thousandths", json!(10_000_000_001_i64)),
            ("unit_rate_ten_thousandths", json!(i64::MAX)),
            ("valid_from", json!("1990-03-31")),
            ("valid_from", json!("2099-04-01")),
            ("valid_from", json!("99999-01-01")),
            ("valid_from", json!("2023-02-29")),
            ("valid_to", json!("2099-04-01")),
            ("unit", json!("fortnight")),
            ("frequency", json!("daily")),
            ("budget_line", json!("chc_income")),
            ("service", json!("Home care")),
            ("service", json!("x".repeat(61))),
            ("reason", json!("")),
            ("reason", json!(" Home care")),
            ("reason", json!("Home\ncare")),
            ("reason", json!("x".repeat(501))),
            ("reason", json!("a\u{0}b")),
        ] {
            let refused = support.post("/v1/package-lines", &with(new_line(&package), field, value.clone())).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")], "{value}");
        }
        // Each is within its own limits, and together they cost more than a record may carry.
        let dear = with(new_line(&package), "quantity_thousandths", json!(100_000_000));
        let dear = with(dear, "unit_rate_ten_thousandths", json!(10_000_000_000_i64));
        assert_eq!(
            support.post("/v1/package-lines", &dear).await.expect_problem(422, "invalid_body").pointers(),
            ["/quantity_thousandths"]
        );
        support.record("/v1/package-lines", &with(new_line(&package), "valid_from", json!("2024-02-29"))).await;
        support.record("/v1/package-lines", &with(new_line(&package), "reason", json!("Ünïcode \u{1F3E0} \"; DROP"))).await;
    });
}

#[test]
fn a_line_is_ended_moved_and_reversed() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let package = support.package().await;
        let line = support.line(&package).await;
        let (end, reversal) = (format!("/v1/package-lines/{line}/end"), format!("/v1/package-lines/{line}/reversal"));
        let on = |day: &str| json!({ "valid_to": day, "reason": "Moved to a direct payment" });
        support.record(&end, &on("2023-11-01")).await;
        support.record(&end, &on("2023-10-01")).await;
        let again = support.post(&end, &on("2023-10-01")).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_line_ended_twice", again.redacted());
        let later = support.post(&end, &on("2023-10-02")).await.expect_problem(422, "invalid_body");
        assert_eq!(later.body["errors"][0]["code"], "later_end");
        for day in ["2023-04-01", "2023-03-31", "2099-04-01", "0001-01-01"] {
            assert_eq!(support.post(&end, &on(day)).await.expect_problem(422, "invalid_body").pointers(), ["/valid_to"], "{day}");
        }
        let mistake = json!({ "reason": "Recorded for the wrong child" });
        support.record(&reversal, &mistake).await;
        support.post(&reversal, &mistake).await.expect_problem(409, "state_conflict");
        support.post(&end, &on("2023-09-01")).await.expect_problem(409, "state_conflict");
        let history = support.get(&format!("/v1/package-lines/{line}")).await.expect(200).body;
        let told: Vec<_> = history["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| (v["version"].clone(), v["state"].clone(), v["valid_to"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                (json!(1), json!("recorded"), json!("2032-06-30")),
                (json!(2), json!("ended"), json!("2023-11-01")),
                (json!(3), json!("ended"), json!("2023-10-01")),
                (json!(4), json!("reversed"), json!("2023-10-01")),
            ]
        );
        assert_eq!(support.get(&format!("/v1/package-lines?package_id={package}")).await.body, json!({ "items": [] }));
        support.post(&format!("/v1/package-lines/{}/end", db::new_id()), &on("2023-10-01")).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_line_is_read_as_at_a_day_and_as_known_on_a_day() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        app.clock.set(instant("2023-04-10T09:00:00"));
        let package = support.package().await;
        let line = support.line(&package).await;
        app.clock.set(instant("2023-11-20T23:59:59.999999"));
        support.record(&format!("/v1/package-lines/{line}/end"), &json!({ "valid_to": "2023-10-01", "reason": "Moved" })).await;
        app.clock.set(instant("2023-12-05T00:00:00"));
        support.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "Never delivered" })).await;
        let known = async |question: &str| {
            let lines = support.get(&format!("/v1/package-lines?package_id={package}&{question}")).await.expect(200).body;
            let lines = lines["items"].as_array().unwrap().clone();
            lines.iter().map(|line| (line["version"].as_i64().unwrap(), line["valid_to"].as_str().map(str::to_owned))).collect::<Vec<_>>()
        };
        let (open, ended) = ((1, Some("2032-06-30".to_owned())), (2, Some("2023-10-01".to_owned())));
        assert_eq!(known("as_known_on=2023-04-09").await, []);
        assert_eq!(known("as_known_on=2023-04-10").await, std::slice::from_ref(&open));
        assert_eq!(known("as_known_on=2023-11-19").await, std::slice::from_ref(&open));
        assert_eq!(known("as_known_on=2023-11-20").await, std::slice::from_ref(&ended));
        assert_eq!(known("as_known_on=2023-12-04").await, std::slice::from_ref(&ended));
        assert_eq!(known("as_known_on=2023-12-05").await, []);
        assert_eq!(known("as_known_on=2023-11-19&as_at=2023-10-01").await, std::slice::from_ref(&open));
        assert_eq!(known("as_known_on=2023-11-20&as_at=2023-10-01").await, []);
        assert_eq!(known("as_known_on=2023-11-20&as_at=2023-09-30").await, std::slice::from_ref(&ended));
        assert_eq!(known("as_known_on=2023-11-19&as_at=2023-03-31").await, []);
    });
}

#[test]
fn days_that_a_database_cannot_hold_are_no_fault_of_ours() {
    on_both(async |app| {
        let support = app.as_role(Role::PanelSupport);
        let package = support.package().await;
        for day in ["+262142-12-31", "-262143-01-01", "-0001-01-01", "+99999-01-01", "99999-01-01", "2023-02-30", "today", ""] {
            for name in ["as_at", "as_known_on"] {
                let day = day.replace('+', "%2B");
                let answer = support.get(&format!("/v1/package-lines?package_id={package}&{name}={day}")).await;
                assert!([200, 422].contains(&answer.status), "{name}={day}: {} {}", answer.status, answer.text);
            }
        }
    });
}

#[test]
fn a_costing_says_what_a_line_would_cost() {
    on_both(async |app| {
        let practitioner = app.as_role(Role::Practitioner);
        let asked = json!({
            "year": "2023-24", "quantity_thousandths": 3500, "frequency": "weekly", "unit_rate_ten_thousandths": 214_500, "valid_from": "2023-10-01"
        });
        let costs = practitioner.post("/v1/costings", &asked).await.expect(200);
        insta::assert_json_snapshot!("a_costing", costs.redacted());
        let backwards = with(asked.clone(), "valid_to", json!("2023-09-30"));
        assert_eq!(practitioner.post("/v1/costings", &backwards).await.expect_problem(422, "invalid_body").pointers(), ["/valid_to"]);
        let dear = with(with(asked, "quantity_thousandths", json!(100_000_000)), "unit_rate_ten_thousandths", json!(10_000_000_000_i64));
        practitioner.post("/v1/costings", &dear).await.expect_problem(422, "invalid_body");
        assert_eq!(app.count("package_lines"), 0);
    });
}

/// A package line that carries out a request line.
fn carrying_out(package: &str, line: Value, request_line: &Value) -> Value {
    with(with(with(line, "package_id", json!(package)), "request_line_id", request_line.clone()), "reason", json!("Agreed at panel"))
}

#[test]
fn a_line_carries_out_what_was_agreed_and_nothing_else() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let until = with(yearly(700_000), "valid_to", json!("2025-06-17"));
        let once = with(yearly(100), "frequency", json!("one_off"));
        let request = people.submitted(&child, &[until.clone(), once]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let lines = people.read(&request).await["lines"].clone();
        let (agreed, agreed_once) = (&lines[0]["id"], &lines[1]["id"]);
        let package = people.package_of(&child).await;
        let record = async |line: Value| people.support.client.post("/v1/package-lines", &line).await;
        for (field, value, pointer) in [
            ("service", json!("home_care"), "/service"),
            ("budget_line", json!("home_care"), "/budget_line"),
            ("unit", json!("night"), "/unit"),
            ("valid_from", json!("2024-06-16"), "/valid_from"),
            ("valid_to", json!(null), "/valid_to"),
            ("valid_to", json!("2025-06-18"), "/valid_to"),
            ("unit_rate_ten_thousandths", json!(70_000_100), "/quantity_thousandths"),
            ("quantity_thousandths", json!(1001), "/quantity_thousandths"),
            ("frequency", json!("monthly"), "/quantity_thousandths"),
        ] {
            let other = carrying_out(&package, with(until.clone(), field, value.clone()), agreed);
            let refused = record(other).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{field} {value}");
            assert_eq!(refused.body["errors"][0]["code"], "not_as_agreed", "{field} {value}");
        }
        let every_year = record(carrying_out(&package, yearly(100), agreed_once)).await.expect_problem(422, "invalid_body");
        assert_eq!(every_year.pointers(), ["/frequency"]);
        assert_eq!(app.count("package_lines"), 0);
        // Later, shorter and cheaper is within what was agreed.
        let within = with(with(until.clone(), "valid_from", json!("2024-07-01")), "valid_to", json!("2024-08-01"));
        let within = carrying_out(&package, with(within, "quantity_thousandths", json!(500)), agreed);
        let line = record(within.clone()).await.expect(201).body["id"].as_str().unwrap().to_owned();
        let later = json!({ "valid_to": "2024-08-02", "reason": "It goes on" });
        let refused = people.support.client.post(&format!("/v1/package-lines/{line}/end"), &later).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/valid_to"]);
        // One package line for a request line, also once it is over; a reversed one was never there.
        let again = record(within.clone()).await.expect_problem(422, "invalid_body");
        assert_eq!(again.pointers(), ["/request_line_id"]);
        assert_eq!(again.body["errors"][0]["code"], "carried_out");
        assert_eq!(again.body["errors"][0]["detail"], format!("package line {line} carries it out already"));
        people.support.client.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "A mistake" })).await;
        record(within).await.expect(201);
    });
}

#[test]
fn a_decision_is_not_carried_out_while_a_line_that_it_replaces_goes_on() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let (one, two) = (people.package_line(&package, in_force(100)).await, people.package_line(&package, in_force(200)).await);
        let replacing = |old: &str| with(yearly(300), "replaces_line_id", json!(old));
        let request = people.submitted(&child, &[yearly(1), replacing(&one), replacing(&two)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["lines"][0]["id"].clone();
        let new = carrying_out(&package, yearly(1), &agreed);
        let refused = async || {
            let refused = people.support.client.post("/v1/package-lines", &new).await.expect_problem(422, "invalid_body");
            assert!(refused.pointers().iter().all(|pointer| *pointer == "/request_line_id"));
            refused.body["errors"].as_array().unwrap().iter().map(|error| error["detail"].clone()).collect::<Vec<_>>()
        };
        let runs = |line: &str| json!(format!("the decision replaces package line {line}: end that on 2024-06-17 or before"));
        assert_eq!(refused().await, [runs(&one), runs(&two)]);
        let change = async |line: &str, what: &str, body: Value| {
            people.support.client.record(&format!("/v1/package-lines/{line}/{what}"), &body).await
        };
        change(&one, "reversal", json!({ "reason": "A mistake" })).await;
        change(&two, "end", json!({ "valid_to": "2024-06-18", "reason": "Replaced" })).await;
        assert_eq!(refused().await, [runs(&two)]);
        change(&two, "end", json!({ "valid_to": "2024-06-17", "reason": "Replaced" })).await;
        people.support.client.record("/v1/package-lines", &new).await;
    });
}

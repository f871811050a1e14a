//! A child leaves: what ends on the day, what is still to be ended, and how it is taken back.

use crate::after_the_close::carried;
use crate::ages::package_of;
use crate::support::families::{Family, go_to, step};
use crate::support::health::Health;
use crate::support::payments::{home_care, order, pay};
use crate::support::people::{People, id_of, in_force, with, yearly};
use crate::support::varying::{rate, variation};
use crate::support::{Client, TestApp, on_both};
use crate::year_end::{CLOSURE, closing, year_before};
use domain::{Permission, Role};
use serde_json::{Value, json};
use strum::VariantArray;

pub async fn leave(caller: &Client, child: &str, reason: &str, on: &str) -> Value {
    caller.record(&format!("/v1/children/{child}/leaving"), &json!({ "reason": reason, "left_on": on })).await
}

pub async fn take_back(caller: &Client, leaving: &Value) -> Value {
    caller.record(&format!("/v1/child-leavings/{}/reversal", id_of(leaving)), &json!({})).await
}

pub async fn to_end(caller: &Client, child: &str) -> Vec<String> {
    let read = caller.get(&format!("/v1/children/{child}/leaving")).await.expect(200).body;
    kinds_to_end(&read).into_iter().map(str::to_owned).collect()
}

/// What a leaving, as it was recorded or read, says is still to be ended.
pub fn kinds_to_end(leaving: &Value) -> Vec<&str> {
    leaving["to_end"].as_array().unwrap().iter().map(|thing| thing["kind"].as_str().unwrap()).collect()
}

/// A row in both tables of leavings.
pub async fn in_every_table(caller: &Client) {
    let (child, package) = package_of(caller, "2014-06-30").await;
    caller.line(&package).await;
    leave(caller, &child, "other", "2024-06-03").await;
}

/// When the package's lines end, in the order of their days.
pub async fn ends(caller: &Client, package: &str) -> Vec<Option<String>> {
    caller.line_days(package).await.into_iter().map(|(_, to, _)| to).collect()
}

#[test]
fn a_leaving_is_recorded_once_in_one_of_four_words() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (child, _) = package_of(&caller, "2008-02-29").await;
        let path = format!("/v1/children/{child}/leaving");
        for (reason, on, says) in [
            ("died", "2024-06-04", "future"),
            ("moved", "2008-02-28", "before_birth"),
            ("other", "2199-06-03", "out_of_range"),
            ("came_of_age", "2026-02-28", "before_birthday"),
        ] {
            let refused = caller.post(&path, &json!({ "reason": reason, "left_on": on })).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/left_on".to_owned()], &json!(says)));
            assert!(!refused.text.contains("2008"), "{}", refused.text);
        }
        for body in [
            json!({ "reason": "died of it", "left_on": "2024-06-03" }),
            json!({ "reason": "moved", "left_on": "2024-06-03", "to": "Leeds" }),
        ] {
            caller.post(&path, &body).await.expect_problem(422, "invalid_body");
        }
        caller.get(&path).await.expect_problem(404, "not_found");
        caller
            .post(&format!("/v1/children/{}/leaving", db::new_id()), &json!({ "reason": "moved", "left_on": "2024-06-03" }))
            .await
            .expect_problem(404, "not_found");
        let made = leave(&caller, &child, "came_of_age", "2026-03-01").await;
        assert_eq!((&made["left_on"], &made["to_end"]), (&json!("2026-03-01"), &json!([])));
        let again = caller.post(&path, &json!({ "reason": "moved", "left_on": "2024-06-03" })).await.expect_problem(409, "already_exists");
        assert!(again.body["detail"].as_str().unwrap().contains("2026-03-01"));
        // Corrected by taking it back and recording it again.
        let back = take_back(&caller, &made).await;
        assert_eq!((&back["reverses_id"], &back["left_on"]), (&made["id"], &made["left_on"]));
        for id in [&made, &back] {
            caller.post(&format!("/v1/child-leavings/{}/reversal", id_of(id)), &json!({})).await.expect_problem(409, "state_conflict");
        }
        caller.get(&path).await.expect_problem(404, "not_found");
        leave(&caller, &child, "moved", "2024-06-03").await;
        assert_eq!(caller.get(&path).await.expect(200).body["reason"], "moved");
        // Why stays out of the trail.
        let events = format!("{:?}", app.events("child_leavings", "record").await);
        assert!(events.contains(&child) && !events.contains("moved"), "{events}");
    });
}

#[test]
fn whoever_writes_packages_records_it_and_no_tool_does() {
    on_both(async |app| {
        let anyone = app.as_anyone().await;
        let leaving = json!({ "reason": "moved", "left_on": "2024-06-03" });
        for (role, may) in [
            (Role::PanelSupport, true),
            (Role::FinanceOfficer, true),
            (Role::Practitioner, false),
            (Role::Manager, false),
            (Role::Auditor, false),
        ] {
            let (child, _) = package_of(&anyone, "2014-06-30").await;
            let answer = app.as_role(role).post(&format!("/v1/children/{child}/leaving"), &leaving).await;
            assert_eq!(answer.status, if may { 201 } else { 403 }, "{role:?}");
        }
        let (child, _) = package_of(&anyone, "2014-06-30").await;
        let tool = app.as_client(Permission::VARIANTS).await;
        tool.post(&format!("/v1/children/{child}/leaving"), &leaving).await.expect_problem(403, "not_allowed");
        let made = leave(&anyone, &child, "moved", "2024-06-03").await;
        let refused = tool.post(&format!("/v1/child-leavings/{}/reversal", id_of(&made)), &json!({})).await;
        refused.expect_problem(403, "not_allowed");
        assert_eq!(tool.get(&format!("/v1/children/{child}/leaving")).await.expect(200).body["id"], made["id"]);
    });
}

#[test]
fn payments_stop_and_what_was_paid_for_days_after_is_to_be_paid_back() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        family.export("2024-06-03").await;
        // The day of a pause too.
        go_to(app, "2024-06-10");
        family.step(&step("pause", "2024-06-10")).await;
        let made = leave(&family.caller, &family.child, "moved", "2024-06-10").await;
        let kinds: Vec<(&Value, &Value)> =
            made["to_end"].as_array().unwrap().iter().map(|thing| (&thing["kind"], &thing["amount_pence"])).collect();
        assert_eq!(kinds, [(&json!("direct_payment_account"), &json!(null)), (&json!("repayment"), &json!(30_000))]);
        assert_eq!(made["line_ids"], json!([family.line]));
        let page = family.page().await;
        assert_eq!(page["balance"]["to_recover_pence"], 30_000);
        assert_eq!(page["schedule"].as_array().unwrap().iter().filter(|row| row["state"] != "paid").count(), 0, "{page:#}");
        for day in ["2024-07-01", "2024-07-29"] {
            go_to(app, day);
            family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": day })).await.expect_problem(409, "state_conflict");
        }
        // The list shrinks as people end what is theirs.
        family.step(&step("close", "2024-06-10")).await;
        assert_eq!(to_end(&family.caller, &family.child).await, ["repayment"]);
        let repayment = json!({ "received_on": "2024-07-29", "amount_pence": 30_000, "reference": "RCT-1" });
        family.caller.record(&family.path("repayments"), &repayment).await;
        assert_eq!(to_end(&family.caller, &family.child).await, [""; 0]);
    });
}

#[test]
fn commitments_are_released_and_come_back_with_it() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (child, package) = package_of(&caller, "2014-06-30").await;
        let weekly = |from: &str, to: Option<&str>| {
            json!({
                "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
                "frequency": "weekly", "unit_rate_ten_thousandths": 700_000, "valid_from": from, "valid_to": to, "reason": "-",
                "second_support_reason": "On Sundays"
            })
        };
        caller.record("/v1/package-lines", &weekly("2024-06-03", Some("2024-07-01"))).await;
        caller.record("/v1/package-lines", &weekly("2024-07-01", None)).await;
        caller.record("/v1/package-lines", &with(weekly("2024-12-02", Some("2025-01-06")), "service", "night_sitting")).await;
        let whole = [(302 + 35) * 1000, 0, 0, (302 + 35) * 1000];
        assert_eq!(caller.commitments(&package, "2024-25").await, whole);
        // A day to come: 119 days of the open line are left, and the one that would begin after is taken back.
        let made = leave(&caller, &child, "other", "2024-09-30").await;
        let left = [119_000, 0, 0, 119_000];
        assert_eq!(caller.commitments(&package, "2024-25").await, left);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 119_000);
        assert_eq!(ends(&caller, &package).await, [Some("2024-07-01".to_owned()), Some("2024-09-30".to_owned())]);
        // Nothing is recorded for days after, and days before still are.
        for (from, to, pointer) in [("2024-09-01", None, "/valid_to"), ("2024-10-01", Some("2024-11-01"), "/valid_from")] {
            let refused = caller.post("/v1/package-lines", &weekly(from, to)).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec![pointer.to_owned()], &json!("child_left")));
        }
        caller.record("/v1/package-lines", &weekly("2024-05-06", Some("2024-05-13"))).await;
        assert_eq!(caller.commitments(&package, "2024-25").await[0], 126_000);
        // Whoever reads packages does not read why.
        let lines = caller.get(&format!("/v1/package-lines?package_id={package}")).await.expect(200).text;
        assert!(lines.contains("The child leaves the service") && !lines.contains("other"), "{lines}");
        take_back(&caller, &made).await;
        assert_eq!(caller.commitments(&package, "2024-25").await[0], whole[0] + 7_000);
        assert_eq!(
            ends(&caller, &package).await,
            [Some("2024-05-13".to_owned()), Some("2024-07-01".to_owned()), None, Some("2025-01-06".to_owned())]
        );
    });
}

#[test]
fn what_is_asked_for_counts_for_the_days_before_and_goes_no_further() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, support) = (people.chaired_panel().await, app.as_anyone().await);
        support.opened("2024-25").await;
        let child = people.child().await;
        let package = people.package_of(&child).await;
        let running = people.package_line(&package, in_force(1000)).await;
        let draft = people.draft(&child, &[yearly(365_000)]).await;
        let submitted = people.submitted(&child, &[yearly(365_000)]).await;
        let booked = people.submitted(&child, &[yearly(365_000)]).await;
        people.support.client.booking(&panel, &booked).await;
        let agreed = people.submitted(&child, &[yearly(365_000)]).await;
        people.decided(&panel, &agreed, &json!({ "kind": "approved" })).await;
        let proposed = people.proposed(&variation(&running, "rate", "2024-06-01", rate(1100))).await;
        let control = support.control("2024-25", "targeted_outreach").await;
        // From 17 June to the year's end, and two undecided requests by the weight of their state.
        assert_eq!(control["agreed_pence"], 288_000, "{control:#}");
        assert_eq!(control["pending_pence"], 2 * 288_000, "{control:#}");
        let made = leave(&support, &child, "moved", "2024-06-27").await;
        assert_eq!(kinds_to_end(&made), ["request", "request", "request", "package_variation"]);
        let control = support.control("2024-25", "targeted_outreach").await;
        assert_eq!((&control["agreed_pence"], &control["pending_pence"]), (&json!(10_000), &json!(20_000)), "{control:#}");
        // None of it can be submitted, booked, decided or agreed.
        for answer in [
            people.try_to_submit(&draft).await,
            people.support.client.post(&format!("/v1/panels/{panel}/bookings"), &json!({ "request_id": submitted })).await,
            people
                .post("service_unit_manager")
                .client
                .post(&format!("/v1/requests/{booked}/decisions"), &json!({ "kind": "approved", "rationale": "-" }))
                .await,
        ] {
            let refused = answer.expect_problem(409, "not_ready");
            assert!(refused.text.contains("the child leaves the service on 2024-06-27"), "{}", refused.text);
        }
        let stale = people.post("service_unit_manager").client.agree_variation(&proposed).await;
        stale.expect_problem(409, "state_conflict");
        let declined = json!({ "kind": "declined", "decline_reason": "not_eligible", "rationale": "The family moves" });
        people.post("service_unit_manager").client.record(&format!("/v1/requests/{booked}/decisions"), &declined).await;
        for request in [&draft, &submitted] {
            people.withdraw(request).await.expect(201);
        }
        support.record(&format!("/v1/package-variations/{proposed}/withdrawal"), &json!({ "reason": "-" })).await;
        assert_eq!(to_end(&support, &child).await, [""; 0]);
        // From the day on not even a draft.
        go_to(app, "2024-06-27");
        let request = json!({ "reference": "RQ-LATE", "child_id": child, "paperwork": {} });
        people.worker.client.post("/v1/requests", &request).await.expect_problem(409, "state_conflict");
        let list = support.get("/v1/commissionings/drift").await;
        assert!(!list.expect(200).text.contains(&agreed));
    });
}

#[test]
fn stays_and_orders_are_refused_and_listed() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("private").await;
        let (child, package) = package_of(&caller, "2014-06-30").await;
        let running = with(crate::support::records::new_line(&package), "provider_id", provider.clone());
        let later = with(with(running.clone(), "valid_from", "2024-07-01"), "second_support_reason", "-");
        let running = id_of(&caller.record("/v1/package-lines", &running).await);
        let line = id_of(&caller.record("/v1/package-lines", &later).await);
        // Days before were delivered on the one, whose invoices may still come.
        order(app, "PO-0", &package, &running, &provider);
        order(app, "PO-1", &package, &line, &provider);
        let stay = |first: &str, last: &str| {
            json!({
                "child_id": child, "provider_id": provider, "first_night": first, "last_night": last, "reason": "-"
            })
        };
        let booked = id_of(&caller.record("/v1/stays", &stay("2024-07-05", "2024-07-07")).await);
        caller.record("/v1/stays", &stay("2024-06-07", "2024-06-09")).await;
        // What was stayed is a fact.
        let stayed = id_of(&caller.record("/v1/stays", &with(stay("2024-06-01", "2024-06-02"), "state", "stayed")).await);
        let early = json!({ "reason": "moved", "left_on": "2024-06-02" });
        let refused = caller.post(&format!("/v1/children/{child}/leaving"), &early).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/left_on".to_owned()], &json!("stayed_since")));
        caller.record(&format!("/v1/stays/{stayed}/reversal"), &json!({ "reason": "-" })).await;
        let made = leave(&caller, &child, "moved", "2024-06-10").await;
        let things: Vec<(&str, &str)> = made["to_end"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thing| (thing["kind"].as_str().unwrap(), thing["id"].as_str().unwrap()))
            .collect();
        assert_eq!((things[0], things[1].0, things.len()), (("stay", booked.as_str()), "purchase_order", 2));
        let refused = caller.post("/v1/stays", &stay("2024-06-10", "2024-06-10")).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/last_night".to_owned()], &json!("child_left")));
        caller.record("/v1/stays", &stay("2024-06-04", "2024-06-05")).await;
        caller.record(&format!("/v1/stays/{booked}/cancellation"), &json!({ "reason": "-" })).await;
        assert_eq!(to_end(&caller, &child).await, ["purchase_order"]);
        // One that was delivered on stays: its invoices name it.
        caller.opened("2024-25").await;
        pay(app, home_care("2024-06-12", 100).to(&provider).on("PO-1"));
        assert_eq!(to_end(&caller, &child).await, [""; 0]);
        go_to(app, "2024-06-10");
        let new = json!({
            "number": "PO-2", "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": "2024-06-10", "line_ids": [line]
        });
        caller.post("/v1/purchase-orders", &new).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn healths_share_ends_with_the_support() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let income = async || health.proposal("2024-06-01", "2024-07-01").await["total_pence"].clone();
        let before = income().await;
        let child = app
            .store
            .read(|connection| {
                use db::schema::packages;
                use diesel::prelude::*;
                packages::table.find(&health.package).select(packages::child_id).first::<String>(connection).map_err(db::Error::from)
            })
            .unwrap();
        let made = leave(&app.as_anyone().await, &child, "died", "2024-06-03").await;
        assert!(kinds_to_end(&made).contains(&"joint_funding"), "{made:#}");
        let after = income().await;
        assert!(after.as_i64().unwrap() * 15 == before.as_i64().unwrap(), "two days of thirty: {before} {after}");
    });
}

#[test]
fn a_leaving_in_a_closed_year_is_carried_again_and_back() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (_, package, line) = year_before(&caller, app).await;
        caller.record(CLOSURE, &closing(0)).await;
        let open = 366 * 366 - 100_000;
        let child = caller.get(&format!("/v1/packages/{package}")).await.expect(200).body["child_id"].as_str().unwrap().to_owned();
        let made = leave(&caller, &child, "moved", "2024-03-21").await;
        assert_eq!(carried(&caller, "home_care").await, [(open, Value::Null), (-11 * 366, json!(line))]);
        assert_eq!(caller.commitments(&package, "2024-25").await[3], open - 11 * 366);
        take_back(&caller, &made).await;
        assert_eq!(carried(&caller, "home_care").await.last().unwrap(), &(11 * 366, json!(line)));
        assert_eq!(caller.commitments(&package, "2024-25").await[3], open);
    });
}

#[test]
fn what_somebody_changed_since_stays_and_what_was_over_is_left_alone() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (child, package) = package_of(&caller, "2014-06-30").await;
        let line = caller.line(&package).await;
        let made = leave(&caller, &child, "moved", "2024-06-10").await;
        let end = json!({ "valid_to": "2024-05-01", "reason": "The agency stopped" });
        caller.record(&format!("/v1/package-lines/{line}/end"), &end).await;
        take_back(&caller, &made).await;
        assert_eq!(ends(&caller, &package).await, [Some("2024-05-01".to_owned())]);
        // It is over: a leaving after it changes nothing.
        let made = leave(&caller, &child, "moved", "2024-06-10").await;
        assert_eq!(made["line_ids"], json!([]));
        assert_eq!(app.count("package_lines"), 3);
    });
}

#[test]
fn a_line_that_is_agreed_is_agreed_still_once_a_leaving_is_taken_back() {
    on_both(async |app: &TestApp| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let made = leave(&family.caller, &family.child, "moved", "2024-06-17").await;
        take_back(&family.caller, &made).await;
        let confirmations = family.caller.get(&format!("/v1/package-lines/{}/confirmations", family.line)).await.expect(200).body;
        assert_eq!(confirmations["agreed_on"], "2024-06-03");
        assert_eq!(family.export("2024-06-03").await["total_pence"], 40_000);
    });
}

//! Which payment settles what: by a match, an order or a provider; what settles nothing, and what is beyond the plan.

use crate::support::payments::{home_care, order, pay};
use crate::support::{TestApp, on_both};
use domain::{Permission, Role};
use serde_json::{Value, json};

fn matched(line: &str) -> Value {
    json!({ "line_id": line, "reason": "The invoice names it" })
}

fn for_none() -> Value {
    json!({ "not_for_a_package": true, "reason": "An advertisement" })
}

/// Unmatched payments of 2024-25, each with its reason.
async fn unmatched(app: &TestApp) -> Vec<(String, String)> {
    let finance = app.as_role(Role::FinanceOfficer);
    let pages = finance.all_pages("/v1/unmatched-payments?year=2024-25", 1).await.concat();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pages.iter().map(|row| (text(&row["entry_id"]), text(&row["reason"]))).collect()
}

#[test]
fn a_payment_goes_by_its_match_then_its_order_then_its_provider() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.moved("2024-25", "home_care", "original", 200_000).await;
        let provider = caller.provider("private").await;
        let (first, line) = caller.daily(Some(&provider), 100).await;
        let (second, other) = caller.daily(Some(&provider), 100).await;
        assert_eq!(caller.commitments(&first, "2024-25").await, [36_500, 0, 0, 36_500]);
        // By provider: the first of both arrangements' days.
        pay(app, home_care("2024-04-30", 6_000).to(&provider));
        assert_eq!(caller.commitments(&first, "2024-25").await, [36_500, 3_000, 0, 33_500]);
        assert_eq!(caller.commitments(&second, "2024-25").await, [36_500, 3_000, 0, 33_500]);
        // By order: that arrangement, and the provider's other payments go where it leaves something open earlier.
        order(app, "PO-77", &first, &line, &provider);
        pay(app, home_care("2024-05-31", 8_000).to(&provider).on("PO-77"));
        assert_eq!(caller.commitments(&first, "2024-25").await, [36_500, 8_000, 0, 28_500]);
        assert_eq!(caller.commitments(&second, "2024-25").await, [36_500, 6_000, 0, 30_500]);
        // By match, against the order.
        let entry = pay(app, home_care("2024-05-31", 20_000).on("PO-77"));
        assert_eq!(caller.commitments(&first, "2024-25").await[1], 28_000);
        let made = caller.post(&format!("/v1/ledger-entries/{entry}/match"), &matched(&other)).await.expect(201);
        assert_eq!(made.body["line_id"], other);
        assert_eq!(caller.get(made.header("location")).await.expect(200).body, made.body);
        assert_eq!(caller.commitments(&first, "2024-25").await[1], 14_000);
        assert_eq!(caller.commitments(&second, "2024-25").await[1], 20_000);
        let control = caller.control("2024-25", "home_care").await;
        assert_eq!((&control["actual_pence"], &control["open_commitment_pence"]), (&json!(34_000), &json!(73_000 - 34_000)));
        assert_eq!(control["available_pence"], 200_000 - 73_000);
    });
}

#[test]
fn an_order_number_that_no_order_has_says_nothing() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("private").await;
        let (package, _) = caller.daily(Some(&provider), 100).await;
        caller.opened("2024-25").await;
        pay(app, home_care("2024-04-30", 500).to(&provider).on("PO-404"));
        assert_eq!(caller.commitments(&package, "2024-25").await[1], 500);
        assert!(unmatched(app).await.is_empty());
    });
}

#[test]
fn what_settles_nothing_is_listed_with_its_reason() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (provider, stranger) = (caller.provider("private").await, caller.provider("private").await);
        let (package, line) = caller.daily(Some(&provider), 100).await;
        let (elsewhere, past) = caller.daily_between(Some(&provider), 100, "2023-04-01", "2024-04-01").await;
        order(app, "PO-1", &elsewhere, &past, &provider);
        let none = pay(app, home_care("2024-04-01", 100).to(&provider));
        let unplanned = pay(app, home_care("2024-04-02", 200).to(&stranger));
        let old_order = pay(app, home_care("2024-04-03", 300).to(&provider).on("PO-1"));
        let old_line = pay(app, home_care("2024-04-04", 400).to(&provider));
        let settles = pay(app, home_care("2024-04-05", 500));
        caller.record(&format!("/v1/ledger-entries/{none}/match"), &for_none()).await;
        caller.record(&format!("/v1/ledger-entries/{old_line}/match"), &matched(&past)).await;
        let expected = [
            (none.clone(), "not_for_a_package".to_owned()),
            (unplanned, "provider_not_planned".to_owned()),
            (old_order, "order_not_planned".to_owned()),
            (old_line, "arrangement_not_planned".to_owned()),
        ];
        assert_eq!(unmatched(app).await, expected);
        // A payment without a provider settles the budget line.
        assert_eq!(caller.commitments(&package, "2024-25").await[1], 500);
        let control = caller.control("2024-25", "home_care").await;
        assert_eq!((&control["actual_pence"], &control["open_commitment_pence"]), (&json!(1_500), &json!(36_000)));
        let none_here = caller.get("/v1/unmatched-payments?year=2024-25&budget_line=nursery").await.expect(200);
        assert_eq!(none_here.body["items"], json!([]));
        caller.get("/v1/unmatched-payments?year=2024-25&budget_line=no_such_line").await.expect_problem(422, "invalid_parameter");
        // The match taken back, the payment goes by its provider again.
        let matches = caller.all_pages(&format!("/v1/ledger-matches?entry_id={none}"), 1).await.concat();
        let reversal = format!("/v1/ledger-matches/{}/reversal", matches[0]["id"].as_str().unwrap());
        caller.record(&reversal, &json!({ "reason": "It was for a package after all" })).await;
        assert_eq!(caller.commitments(&package, "2024-25").await[1], 600);
        caller.post(&reversal, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        caller.record(&format!("/v1/ledger-entries/{none}/match"), &matched(&line)).await;
        assert!(!settles.is_empty());
    });
}

#[test]
fn payments_beyond_the_plan_are_flagged_with_how_much() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let provider = caller.provider("private").await;
        let (package, line) = caller.daily(Some(&provider), 100).await;
        pay(app, home_care("2024-05-31", 36_500).to(&provider));
        assert_eq!(caller.get("/v1/overpayments?year=2024-25").await.expect(200).body["items"], json!([]));
        let more = pay(app, home_care("2024-05-31", 1).to(&provider));
        let flagged = caller.get("/v1/overpayments?year=2024-25&budget_line=home_care").await.expect(200).body["items"].clone();
        let row = json!({
            "budget_line": "home_care", "paid_for": "provider", "id": provider, "payments_pence": 36_501, "settled_pence": 36_500,
            "overpaid_pence": 1
        });
        assert_eq!(flagged, json!([row]));
        caller.record(&format!("/v1/ledger-entries/{more}/match"), &matched(&line)).await;
        // The narrower pool settles first; what is beyond the plan is the provider's still.
        assert_eq!(caller.get("/v1/overpayments?year=2024-25").await.expect(200).body["items"][0]["overpaid_pence"], 1);
        assert_eq!(caller.commitments(&package, "2024-25").await, [36_500, 36_500, 0, 0]);
        // A credit puts it right.
        pay(app, home_care("2024-06-01", -1).to(&provider));
        assert_eq!(caller.get("/v1/overpayments?year=2024-25").await.expect(200).body["items"], json!([]));
    });
}

#[test]
fn a_match_says_one_thing_of_an_entry_that_stands() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (_, line) = caller.daily(None, 100).await;
        let entry = pay(app, home_care("2024-05-31", 500));
        let path = format!("/v1/ledger-entries/{entry}/match");
        let both = json!({ "line_id": line, "not_for_a_package": true, "reason": "-" });
        for (body, code) in [(both, "one_of_two"), (json!({ "reason": "-" }), "one_of_two"), (matched(&db::new_id()), "unknown_reference")]
        {
            let refused = caller.post(&path, &body).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/line_id".to_owned()], &json!(code)));
        }
        let nursery = pay(app, crate::support::payments::Paid { budget_line: "nursery", ..home_care("2024-05-31", 500) });
        let refused =
            caller.post(&format!("/v1/ledger-entries/{nursery}/match"), &matched(&line)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "other_budget_line");
        let made = caller.record(&path, &matched(&line)).await;
        let again = caller.post(&path, &for_none()).await.expect_problem(409, "state_conflict");
        assert!(again.body["detail"].as_str().unwrap().contains(made["id"].as_str().unwrap()), "{}", again.text);
        caller.post(&format!("/v1/ledger-entries/{}/match", db::new_id()), &for_none()).await.expect_problem(404, "not_found");
        // What takes the entry back goes where it went, and neither is matched otherwise.
        let reversed = caller.record(&format!("/v1/ledger-entries/{entry}/reversal"), &json!({ "reason": "Paid twice" })).await;
        let taking_back = reversed["reversal"]["id"].as_str().unwrap();
        let followed = caller.all_pages(&format!("/v1/ledger-matches?entry_id={taking_back}"), 5).await.concat();
        assert_eq!(followed.iter().map(|one| &one["line_id"]).collect::<Vec<_>>(), [&json!(line)]);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 36_500);
        for id in [&entry, taking_back] {
            caller.post(&format!("/v1/ledger-entries/{id}/match"), &for_none()).await.expect_problem(409, "state_conflict");
        }
        let of_match = format!("/v1/ledger-matches/{}/reversal", made["id"].as_str().unwrap());
        caller.post(&of_match, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn of_many_matches_at_once_one_counts() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (_, line) = caller.daily(None, 100).await;
        for _ in 0..10 {
            let entry = pay(app, home_care("2024-05-31", 500));
            let calls: Vec<_> = (0..4)
                .map(|number| {
                    let (caller, path) = (caller.clone(), format!("/v1/ledger-entries/{entry}/match"));
                    let body = if number % 2 == 0 { matched(&line) } else { for_none() };
                    tokio::spawn(async move { caller.post(&path, &body).await.status })
                })
                .collect();
            let mut statuses = Vec::new();
            for call in calls {
                statuses.push(call.await.unwrap());
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409, 409, 409]);
            assert_eq!(app.count(&format!("ledger_matches WHERE entry_id = '{entry}'")), 1);
        }
    });
}

#[test]
fn showing_whose_line_was_paid_is_a_read_of_the_package() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (package, line) = caller.daily(None, 100).await;
        let entry = pay(app, home_care("2024-05-31", 500));
        caller.record(&format!("/v1/ledger-entries/{entry}/match"), &matched(&line)).await;
        let reader = app.as_client(&[Permission::LedgerRead]).await;
        let before = app.events("packages", "read").await.len();
        let listed = reader.all_pages("/v1/ledger-matches", 10).await.concat();
        reader.get(&format!("/v1/ledger-matches/{}", listed[0]["id"].as_str().unwrap())).await.expect(200);
        let reads = app.events("packages", "read").await;
        assert_eq!(reads.len(), before + 2);
        assert!(reads.iter().all(|event| event["entity_id"] == package));
    });
}

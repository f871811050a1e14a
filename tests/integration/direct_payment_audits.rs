//! What becomes of direct payments: returns, audits, breaches and repayments.

use crate::support::families::{Family, go_to, step};
use crate::support::on_both;
use domain::Profile;
use serde_json::{Value, json};

fn returned(from: &str, to: &str, evidenced: i64) -> Value {
    json!({ "period_from": from, "period_to": to, "evidenced_pence": evidenced, "balance_pence": 0, "received_on": to })
}

fn audit(to: &str, evidenced: i64) -> Value {
    json!({ "audited_on": to, "period_to": to, "evidenced_pence": evidenced })
}

/// Everything due up to a day, paid on it.
async fn paid_until(app: &crate::support::TestApp, family: &Family, day: &str) -> i64 {
    go_to(app, day);
    family.export(day).await["total_pence"].as_i64().unwrap()
}

#[test]
fn a_return_covers_days_that_are_over_once() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-05-06", None).await;
        let returns = family.path("returns");
        let first = family.caller.record(&returns, &returned("2024-05-06", "2024-06-01", 20_000)).await;
        let overlapping = family.caller.post(&returns, &returned("2024-05-31", "2024-06-03", 1)).await;
        overlapping.expect_problem(409, "period_overlaps");
        let mut early = returned("2024-06-01", "2024-06-03", 1);
        early["received_on"] = json!("2024-06-02");
        for (body, pointer) in [
            (returned("2024-05-05", "2024-05-06", 1), "/period_from"),
            (returned("2024-06-01", "2024-06-04", 1), "/received_on"),
            (returned("2024-06-02", "2024-06-02", 1), "/period_to"),
            (returned("2025-03-31", "2025-04-02", 1), "/period_to"),
            (returned("2024-06-01", "2024-06-03", -1), "/evidenced_pence"),
            (early, "/received_on"),
        ] {
            let refused = family.caller.post(&returns, &body).await.expect_problem(422, "invalid_body");
            assert!(refused.pointers().contains(&pointer.to_owned()), "{}", refused.text);
        }
        let page = family.page().await;
        assert_eq!((&page["balance"]["evidenced_pence"], &page["return_due_on"]), (&json!(20_000), &json!("2025-06-01")));
        let reversed = family.reverse("returns", &first).await;
        assert_eq!(reversed["evidenced_pence"], -20_000);
        let path = format!("/v1/direct-payment-returns/{}/reversal", first["id"].as_str().unwrap());
        family.caller.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        let page = family.page().await;
        assert_eq!((&page["balance"]["evidenced_pence"], &page["return_due_on"]), (&json!(0), &json!("2024-07-29")));
        family.caller.record(&returns, &returned("2024-05-06", "2024-06-03", 0)).await;
    });
}

#[test]
fn an_audit_keeps_the_contingency_and_asks_the_rest_back() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let paid = paid_until(app, &family, "2025-06-02").await;
        // Fourteen periods are due within the year and a day, the last of them on this very day.
        let weeks = Profile::bundled("tameside").unwrap().direct_payments.contingency_weeks.unwrap().value;
        let kept = 10_000 * i64::from(weeks);
        go_to(app, "2025-06-10");
        let made = family.caller.record(&family.path("audits"), &audit("2025-06-03", 300_000)).await;
        // 27 of the 28 days that were paid on 2 June come after the period.
        let ahead = 38_571;
        let surplus = paid - 300_000 - kept - ahead;
        for (field, pence) in [
            ("paid_pence", paid),
            ("evidenced_pence", 300_000),
            ("contingency_pence", kept),
            ("surplus_pence", surplus),
            ("required_pence", surplus),
            ("in_advance_pence", ahead),
            ("carried_pence", kept + ahead),
        ] {
            assert_eq!(made[field], pence, "{field}");
        }
        assert_eq!((&made["finding"], &made["period_from"]), (&json!("surplus"), &json!("2024-06-03")));
        let page = family.page().await;
        let balance = &page["balance"];
        assert_eq!((&balance["owed_pence"], &balance["balance_pence"]), (&json!(surplus), &json!(paid - 300_000)));
        assert_eq!((&balance["weekly_pence"], &page["audit_due_on"]), (&json!(10_000), &json!("2026-06-03")));
        // The balance is what was not spent: its weeks in hand are the contingency's, those to come, and the surplus's.
        assert_eq!(balance["weeks_in_hand_thousandths"], (paid - 300_000 + 5) / 10);
        let repayment = json!({ "received_on": "2025-06-10", "amount_pence": surplus, "reference": "RCT-7" });
        family.caller.record(&family.path("repayments"), &repayment).await;
        assert_eq!(family.page().await["balance"]["owed_pence"], 0);
        let too_much = json!({ "received_on": "2025-06-10", "amount_pence": paid, "reference": "RCT-8" });
        let refused = family.caller.post(&family.path("repayments"), &too_much).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/amount_pence"]);
        // The next audit starts where this one ended, with what it left.
        let next = family.caller.record(&family.path("audits"), &audit("2025-06-10", kept)).await;
        assert_eq!((&next["brought_forward_pence"], &next["finding"]), (&json!(kept + ahead), &json!("sound")));
        assert_eq!((&next["carried_pence"], &next["surplus_pence"]), (&json!(ahead), &json!(0)));
        let path = format!("/v1/direct-payment-audits/{}/reversal", made["id"].as_str().unwrap());
        family.caller.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        family.reverse("audits", &next).await;
        family.reverse("audits", &made).await;
        assert_eq!(family.page().await["balance"]["owed_pence"], -surplus, "it was paid back and is asked back no longer");
    });
}

#[test]
fn an_audit_that_asks_for_another_sum_says_why_and_never_for_more_than_is_unspent() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-05-06", None).await;
        family.export("2024-06-03").await;
        go_to(app, "2024-06-10");
        let audits = family.path("audits");
        let with = |field: &str, value: Value| {
            let mut body = audit("2024-06-04", 0);
            body[field] = value;
            body
        };
        for (body, pointers) in [
            (with("required_pence", json!(100)), vec!["/reason"]),
            (with("required_pence", json!(1_000_000)), vec!["/reason", "/required_pence"]),
            (with("finding", json!("surplus")), vec!["/finding"]),
            (with("period_to", json!("2024-05-06")), vec!["/period_to"]),
            (with("period_to", json!("2024-06-05")), vec!["/period_to"]),
            (with("audited_on", json!("2024-06-11")), vec!["/audited_on"]),
            (with("evidenced_pence", json!(-1)), vec!["/evidenced_pence"]),
        ] {
            let refused = family.caller.post(&audits, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), pointers, "{body}");
        }
        let mut body = with("required_pence", json!(100));
        body["reason"] = json!("The family asked to return it");
        let made = family.caller.record(&audits, &body).await;
        assert_eq!((&made["finding"], &made["required_pence"]), (&json!("sound"), &json!(100)));
    });
}

#[test]
fn a_breach_asks_back_any_part_and_no_more_than_all_that_was_paid() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let paid = paid_until(app, &family, "2024-06-03").await;
        let breaches = family.path("breaches");
        let breach =
            |pence: i64| json!({ "found_on": "2024-06-03", "what": "Spent on what the plan does not name", "required_pence": pence });
        let refused = family.caller.post(&breaches, &breach(paid + 1)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/required_pence"]);
        let first = family.caller.record(&breaches, &breach(paid - 1)).await;
        family.caller.post(&breaches, &breach(2)).await.expect_problem(422, "invalid_body");
        family.caller.record(&breaches, &breach(1)).await;
        assert_eq!(family.page().await["balance"]["owed_pence"], paid);
        family.reverse("breaches", &first).await;
        assert_eq!(family.page().await["balance"]["owed_pence"], 1);
        let events = format!("{:?}", app.events("direct_payment_breaches", "record").await);
        assert!(!events.contains("plan does not name"), "{events}");
    });
}

#[test]
fn a_closed_account_keeps_nothing_and_what_was_paid_ahead_is_asked_back_once() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let paid = paid_until(app, &family, "2024-06-03").await;
        go_to(app, "2024-06-20");
        family.step(&step("close", "2024-06-17")).await;
        let ahead = family.page().await["balance"]["to_recover_pence"].as_i64().unwrap();
        let made = family.caller.record(&family.path("audits"), &audit("2024-06-17", 5_000)).await;
        assert_eq!((&made["claimed_pence"], &made["contingency_pence"]), (&json!(ahead), &json!(0)));
        assert_eq!(made["required_pence"], paid - ahead - 5_000);
        let page = family.page().await;
        assert_eq!((&page["balance"]["owed_pence"], &page["audit_due_on"]), (&json!(paid - 5_000), &Value::Null));
        let repayment = json!({ "received_on": "2024-06-20", "amount_pence": paid - 5_000, "reference": "RCT-1" });
        family.caller.record(&family.path("repayments"), &repayment).await;
        let balance = family.page().await["balance"].clone();
        assert_eq!((&balance["owed_pence"], &balance["balance_pence"], &balance["to_recover_pence"]), (&json!(0), &json!(0), &json!(0)));
    });
}

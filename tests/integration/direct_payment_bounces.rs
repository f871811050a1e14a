//! Payments that the bank returned, days on which banks pay, and awards that are paid by themselves.

use crate::support::families::{Family, go_to, step, weekly};
use crate::support::people::{id_of, with};
use crate::support::{TestApp, next_number, on_both};
use serde_json::{Value, json};

const FROM: &str = "2024-06-03";

fn bounce(export: &Value, on: &str, pence: i64) -> Value {
    json!({ "export_id": export["id"], "bounced_on": on, "amount_pence": pence, "reason": "The account is closed" })
}

fn states(page: &Value) -> Vec<&str> {
    page["schedule"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).take(3).collect()
}

#[test]
fn a_payment_that_the_bank_returned_is_paid_once_more_by_another() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let export = family.export(FROM).await;
        go_to(app, "2024-06-10");
        let bounces = family.path("bounces");
        for (body, pointers) in [
            (bounce(&export, "2024-06-05", 39_999), vec!["/amount_pence"]),
            (bounce(&export, "2024-06-02", 40_000), vec!["/bounced_on"]),
            (bounce(&export, "2024-06-11", 40_000), vec!["/bounced_on"]),
            (bounce(&json!({ "id": db::new_id() }), "2024-06-05", 40_000), vec!["/export_id"]),
        ] {
            let refused = family.payer.post(&bounces, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), pointers, "{body}");
        }
        let made = family.payer.record(&bounces, &bounce(&export, "2024-06-05", 40_000)).await;
        let again = family.payer.post(&bounces, &bounce(&export, "2024-06-06", 40_000)).await;
        again.expect_problem(409, "state_conflict");
        let page = family.page().await;
        assert_eq!(states(&page), ["bounced", "planned", "planned"]);
        assert_eq!((&page["balance"]["paid_pence"], &page["schedule"][1]["period_from"]), (&json!(0), &json!(FROM)));
        assert_eq!((&page["outstanding_adjustments"], &page["bounces"]), (&json!([]), &json!([made])));
        // Whoever said that it came back does not send it out again.
        assert_eq!(family.paid_by(&family.payer, "2024-06-10").await, (0, vec!["repayment_by_another".into()]));
        let other = app.as_anyone().await;
        assert_eq!(family.paid_by(&other, "2024-06-10").await, (1, vec![]));
        let page = family.page().await;
        assert_eq!((states(&page), &page["balance"]["paid_pence"]), (vec!["bounced", "paid", "planned"], &json!(40_000)));
        assert_eq!(app.count("direct_payments WHERE attempt = 2"), 1);
        // It is paid: taken back, the first would count as paid beside it.
        let path = format!("/v1/direct-payment-bounces/{}/reversal", id_of(&made));
        let refused = family.caller.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert!(refused.body["detail"].as_str().unwrap().contains("2024-06-10"), "{}", refused.text);
        go_to(app, "2024-07-01");
        assert_eq!(family.paid_by(&family.payer, "2024-07-01").await, (1, vec![]));
        assert_eq!(family.page().await["balance"]["paid_pence"], 80_000);
        let events = format!("{:?}", app.events("direct_payment_bounces", "record").await);
        assert!(events.contains(&id_of(&export)) && !events.contains("The account is closed"), "{events}");
    });
}

#[test]
fn a_payment_that_arrived_after_all_is_not_due_again() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let export = family.export(FROM).await;
        let made = family.caller.record(&family.path("bounces"), &bounce(&export, FROM, 40_000)).await;
        let reversed = family.reverse("bounces", &made).await;
        assert_eq!((&reversed["amount_pence"], &reversed["reverses_id"]), (&json!(-40_000), &made["id"]));
        let page = family.page().await;
        assert_eq!((states(&page)[0], &page["balance"]["paid_pence"]), ("paid", &json!(40_000)));
        let nothing = family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": FROM })).await;
        nothing.expect_problem(409, "state_conflict");
        for id in [&made, &reversed] {
            let path = format!("/v1/direct-payment-bounces/{}/reversal", id_of(id));
            family.caller.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        }
        // Once more it did come back, and an audit of its days counts nothing as paid.
        family.caller.record(&family.path("bounces"), &bounce(&export, FROM, 40_000)).await;
        go_to(app, "2024-06-10");
        let audit = json!({ "audited_on": "2024-06-10", "period_to": "2024-06-10", "evidenced_pence": 0 });
        let audit = family.caller.record(&family.path("audits"), &audit).await;
        assert_eq!((&audit["paid_pence"], &audit["surplus_pence"]), (&json!(0), &json!(0)));
    });
}

#[test]
fn an_audit_leaves_what_was_paid_in_advance_and_the_familys_own_and_says_how_it_comes_about() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-04-01", None).await;
        // Twelve weeks are paid, of which ten are over at the audit.
        assert_eq!(family.export(FROM).await["total_pence"], 120_000);
        go_to(app, "2024-06-10");
        let audit =
            |own: i64| json!({ "audited_on": "2024-06-10", "period_to": "2024-06-10", "evidenced_pence": 0, "own_money_pence": own });
        let refused = family.caller.post(&family.path("audits"), &audit(120_001)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/own_money_pence"]);
        let made = family.caller.record(&family.path("audits"), &audit(1_000)).await;
        for (field, pence) in [
            ("paid_pence", 120_000),
            ("in_advance_pence", 20_000),
            ("contingency_pence", 80_000),
            ("own_money_pence", 1_000),
            ("required_pence", 19_000),
            ("carried_pence", 101_000),
        ] {
            assert_eq!(made[field], pence, "{field}");
        }
        let working = made["working"].as_str().unwrap();
        assert!(working.contains("£800.00 of that may be kept in hand. ") && working.ends_with(" is asked back."), "{working}");
        assert_eq!(family.page().await["audits"][0]["working"], working);
    });
}

/// A family whose award is bought once, or by the year.
async fn awarded(app: &TestApp, frequency: &str, pounds: i64, to: Option<&str>) -> Family {
    let caller = app.as_anyone().await;
    let child = caller.child().await;
    let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
    let package = id_of(&caller.record("/v1/packages", &package).await);
    let line = with(weekly(&package, pounds, FROM, to), "frequency", frequency);
    let line = id_of(&caller.record("/v1/package-lines", &line).await);
    let family = Family::paid_for(app, caller, (child, package, line)).await;
    family.confirm(&family.line, 1).await;
    family.all_steps().await;
    family
}

#[test]
fn what_is_bought_once_or_by_the_year_is_paid_by_itself_exactly() {
    on_both(async |app| {
        let once = awarded(app, "one_off", 250, None).await;
        let page = once.page().await;
        assert_eq!((page["schedule"].as_array().unwrap().len(), &page["schedule"][0]["amount_pence"]), (1, &json!(25_000)));
        // Another account does not pay it a second time.
        let other = Family::ready(app, FROM, None).await;
        let elsewhere = json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": once.line });
        other.caller.post(&other.path("steps"), &elsewhere).await.expect_problem(422, "invalid_body");
        let yearly = awarded(app, "per_year", 1_000, Some("2025-04-01")).await;
        let of = |family: &Family| json!({ "pay_on": FROM, "account_ids": [family.account] });
        assert_eq!(once.payer.record("/v1/direct-payment-exports", &of(&once)).await["total_pence"], 25_000);
        once.payer.post("/v1/direct-payment-exports", &of(&once)).await.expect_problem(409, "state_conflict");
        let planned: i64 =
            yearly.page().await["schedule"].as_array().unwrap().iter().map(|row| row["amount_pence"].as_i64().unwrap()).sum();
        // 302 of the 365 days of £1,000.00.
        assert_eq!(planned, 82_740);
        let late = json!({ "reference": "DP-X", "line_id": once.line });
        once.caller.post("/v1/direct-payment-accounts", &late).await.expect_problem(409, "already_exists");
    });
}

#[test]
fn a_pay_day_is_a_working_day_and_pays_what_falls_due_before_the_next() {
    on_both(async |app| {
        go_to(app, "2026-03-30");
        let family = Family::ready(app, "2026-04-03", None).await;
        for (pay_on, name) in [("2026-04-03", "Good Friday"), ("2026-04-05", "a Sunday"), ("2026-04-06", "Easter Monday")] {
            let refused = family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": pay_on })).await;
            let refused = refused.expect_problem(422, "invalid_body");
            let said = refused.body["errors"][0]["detail"].as_str().unwrap().to_owned();
            assert!(said.starts_with(&format!("{pay_on} is {name}: pay on 2026-04-02")), "{said}");
        }
        // The period that begins on Good Friday.
        assert_eq!(family.export("2026-04-02").await["total_pence"], 40_000);
    });
}

#[test]
fn what_a_pause_or_a_closure_will_not_pay_is_not_committed() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, Some("2025-03-03")).await;
        family.caller.opened("2024-25").await;
        family.caller.opened("2025-26").await;
        let planned = async || family.caller.commitments(&family.package, "2024-25").await[0];
        let control = async || family.caller.control("2024-25", "direct_payments").await["open_commitment_pence"].as_i64().unwrap();
        assert_eq!((planned().await, control().await), (39 * 10_000, 39 * 10_000));
        let pause = json!({ "kind": "pause", "taken_on": "2024-06-24", "until_on": "2024-07-08", "reason": "In hospital" });
        let paused = family.step(&pause).await;
        assert_eq!((planned().await, control().await), (37 * 10_000, 37 * 10_000));
        family.reverse("steps", &paused).await;
        assert_eq!(planned().await, 39 * 10_000);
        let closed = family.step(&step("close", "2024-07-01")).await;
        assert_eq!((planned().await, control().await), (4 * 10_000, 4 * 10_000));
        family.reverse("steps", &closed).await;
        assert_eq!(planned().await, 39 * 10_000);
    });
}

#[test]
fn a_pause_over_the_years_end_commits_nothing_in_either_year_also_after_the_close() {
    on_both(async |app| {
        go_to(app, "2025-03-04");
        let family = Family::unconfirmed(app, "2025-03-04", Some("2025-04-29")).await;
        family.confirm(&family.line, 1).await;
        for year in ["2024-25", "2025-26"] {
            family.caller.opened(year).await;
        }
        let planned = async |year: &str| family.caller.commitments(&family.package, year).await[0];
        assert_eq!((planned("2024-25").await, planned("2025-26").await), (40_000, 40_000));
        let pause = json!({ "kind": "pause", "taken_on": "2025-03-25", "until_on": "2025-04-08", "reason": "In hospital" });
        let paused = family.step(&pause).await;
        assert_eq!((planned("2024-25").await, planned("2025-26").await), (30_000, 30_000));
        family.reverse("steps", &paused).await;
        // Closed without a payment, the year's commitment is carried; a pause that is recorded after takes its days off.
        go_to(app, "2025-05-07");
        family.caller.record("/v1/financial-years/2024-25/closure", &json!({ "reason": "Accounts closed" })).await;
        assert_eq!(planned("2025-26").await, 80_000);
        let paused = family.step(&pause).await;
        assert_eq!(planned("2025-26").await, 60_000);
        family.reverse("steps", &paused).await;
        assert_eq!(planned("2025-26").await, 80_000);
    });
}

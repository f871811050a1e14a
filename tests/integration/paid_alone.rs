//! Nobody alone says that money came back, or brings days back that were not to be paid, and pays them: through whichever account of the
//! child, and with whichever tool.

use crate::support::families::{Family, go_to, step, weekly};
use crate::support::people::{id_of, with};
use crate::support::{Client, TestApp, on_both};
use domain::Permission;
use serde_json::{Value, json};
use strum::VariantArray;

const FROM: &str = "2024-06-03";

fn bounce(export: &Value, on: &str, pence: i64) -> Value {
    json!({ "export_id": export["id"], "bounced_on": on, "amount_pence": pence, "reason": "The account is closed" })
}

/// Pays these accounts, or tries to.
async fn pay(payer: &Client, accounts: &[&Family], pay_on: &str) -> crate::support::Answer {
    let ids: Vec<&str> = accounts.iter().map(|family| family.account.as_str()).collect();
    payer.post("/v1/direct-payment-exports", &json!({ "pay_on": pay_on, "account_ids": ids })).await
}

/// That somebody may not pay an account because they lack that.
async fn lacks(payer: &Client, account: &Family, pay_on: &str, word: &str) {
    let refused = pay(payer, &[account], pay_on).await.expect_problem(409, "not_ready");
    assert!(refused.text.contains(&format!("lacks {word}\"")), "{}", refused.text);
}

/// A child's second account, which lacks nothing, and a set-up line of £250.00 that is agreed.
async fn second_account(app: &TestApp, family: &Family) -> (Family, Value) {
    let line = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 1, FROM, None)).await);
    let beside = (family.child.clone(), family.package.clone(), line);
    let other = Family::paid_for(app, family.caller.clone(), beside).await;
    family.confirm(&other.line, 1).await;
    other.all_steps().await;
    let set_up = with(weekly(&family.package, 250, FROM, None), "frequency", "one_off");
    let line = id_of(&family.caller.record("/v1/package-lines", &set_up).await);
    family.confirm(&line, 1).await;
    (other, json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": line }))
}

#[test]
fn what_a_tool_said_of_a_bounce_counts_as_its_owners() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let officer = app.person(domain::Role::FinanceOfficer);
        let (tool, tool_id) = app.tool_and_id_of(&officer.id, Permission::VARIANTS.to_vec());
        let export = family.export(FROM).await;
        go_to(app, "2024-06-10");
        let refused = tool.post(&family.path("bounces"), &bounce(&export, "2024-06-05", 40_000)).await;
        refused.expect_problem(403, "no_authority");
        let made = family.caller.record(&family.path("bounces"), &bounce(&export, "2024-06-05", 40_000)).await;
        let path = format!("/v1/direct-payment-bounces/{}/reversal", id_of(&made));
        tool.post(&path, &json!({ "reason": "-" })).await.expect_problem(403, "no_authority");
        family.reverse("bounces", &made).await;
        // As a tool recorded it before tools were refused.
        app.sql(&format!(
            "INSERT INTO direct_payment_bounces (id, account_id, export_id, bounced_on, amount_pence, reason, recorded_by, recorded_at, \
             recorded_seq) SELECT '{}', '{}', id, '2024-06-05', 40000, '-', '{}', recorded_at, (SELECT max(seq) FROM audit_events) \
             FROM direct_payment_exports WHERE id = '{}'",
            db::new_id(),
            family.account,
            tool_id,
            id_of(&export)
        ))
        .unwrap();
        assert_eq!(family.paid_by(&officer.client, "2024-06-10").await, (0, vec!["repayment_by_another".into()]));
        assert_eq!(family.paid_by(&family.payer, "2024-06-10").await, (1, vec![]));
    });
}

#[test]
fn a_set_up_that_came_back_is_not_paid_through_another_account_by_whoever_said_so() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let (other, bought) = second_account(app, &family).await;
        let another = app.as_anyone().await;
        let taken = family.step(&bought).await;
        let export = pay(&family.payer, &[&family], FROM).await.expect(201).body;
        assert_eq!(export["total_pence"], 65_000);
        let officer = &family.payer;
        let said = officer.record(&family.path("bounces"), &bounce(&export, FROM, 65_000)).await;
        family.reverse("steps", &taken).await;
        let again = other.step(&bought).await;
        lacks(officer, &other, FROM, "repayment_by_another").await;
        // While another account is about to pay it, or has, the first is not said to have arrived.
        let back = format!("/v1/direct-payment-bounces/{}/reversal", id_of(&said));
        let why = async || {
            let refused = family.caller.post(&back, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
            refused.body["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            why().await,
            format!("Account {} pays the same line now, so it would be paid twice. Take that step back first.", other.account)
        );
        pay(&another, &[&other], FROM).await.expect(201);
        assert!(why().await.starts_with("Another account was paid £250.00 for the same support since."), "{}", why().await);
        other.reverse("steps", &again).await;
        assert!(why().await.starts_with("Another account was paid £250.00 for the same support since."), "{}", why().await);
        // The days of the first account are not paid again yet.
        lacks(officer, &family, FROM, "repayment_by_another").await;
        pay(&another, &[&family], FROM).await.expect(201);
        go_to(app, "2024-07-01");
        pay(officer, &[&family], "2024-07-01").await.expect(201);
    });
}

#[test]
fn a_bounce_is_taken_back_once_no_other_account_pays_its_line() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let (other, bought) = second_account(app, &family).await;
        let taken = family.step(&bought).await;
        let export = pay(&family.payer, &[&family], FROM).await.expect(201).body;
        let said = family.caller.record(&family.path("bounces"), &bounce(&export, FROM, 65_000)).await;
        family.reverse("steps", &taken).await;
        let again = other.step(&bought).await;
        other.reverse("steps", &again).await;
        family.step(&bought).await;
        family.reverse("bounces", &said).await;
        assert_eq!(family.page().await["balance"]["paid_pence"], 65_000);
        assert_eq!(family.page().await["outstanding_adjustments"], json!([]));
    });
}

#[test]
fn a_repayment_is_not_taken_back_while_another_account_is_about_to_pay_what_it_settled() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, Some("2024-07-01")).await;
        let (other, bought) = second_account(app, &family).await;
        let another = app.as_anyone().await;
        let taken = family.step(&bought).await;
        pay(&family.payer, &[&family], FROM).await.expect(201);
        family.reverse("steps", &taken).await;
        let repaid = json!({ "received_on": FROM, "amount_pence": 25_000, "reference": "RCT-1" });
        let repayment = family.payer.record(&family.path("repayments"), &repaid).await;
        other.step(&bought).await;
        lacks(&family.payer, &other, FROM, "repayment_by_another").await;
        let back = format!("/v1/direct-payment-repayments/{}/reversal", id_of(&repayment));
        let refused = family.payer.post(&back, &json!({ "reason": "Not theirs" })).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("pays the same line now"), "{}", refused.text);
        // Paid by another, it is a debt of the first account that did not come back.
        pay(&another, &[&other], FROM).await.expect(201);
        family.payer.record(&back, &json!({ "reason": "Not theirs" })).await;
        assert_eq!(family.page().await["balance"]["to_recover_pence"], 25_000);
    });
}

#[test]
fn two_officers_who_each_recorded_a_repayment_confirm_each_others_and_pay_again() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, Some("2024-07-01")).await;
        let (other, bought) = second_account(app, &family).await;
        let (ann, ben) = (app.person(domain::Role::FinanceOfficer), app.person(domain::Role::FinanceOfficer));
        let taken = family.step(&bought).await;
        pay(&family.payer, &[&family], FROM).await.expect(201);
        family.reverse("steps", &taken).await;
        let repaid = |pence: i64, reference: &str| json!({ "received_on": FROM, "amount_pence": pence, "reference": reference });
        let first = ann.client.record(&family.path("repayments"), &repaid(10_000, "RCT-1")).await;
        let second = ben.client.record(&family.path("repayments"), &repaid(15_000, "RCT-2")).await;
        other.step(&bought).await;
        for officer in [&ann.client, &ben.client] {
            lacks(officer, &other, FROM, "repayment_by_another").await;
        }
        let confirmation = |repayment: &Value| format!("/v1/direct-payment-repayments/{}/confirmation", id_of(repayment));
        let own = ann.client.post(&confirmation(&first), &json!({})).await.expect_problem(403, "no_authority");
        assert!(own.text.contains("another looks at the receipt"), "{}", own.text);
        let confirmed = ben.client.record(&confirmation(&first), &json!({})).await;
        assert_eq!(confirmed["confirmation"]["recorded_by"], json!(ben.id));
        ann.client.post(&confirmation(&first), &json!({})).await.expect_problem(403, "no_authority");
        family.caller.post(&confirmation(&first), &json!({})).await.expect_problem(409, "state_conflict");
        // Two people said that the first came back: whoever recorded it may pay, and whoever recorded the other may not yet.
        lacks(&ben.client, &other, FROM, "repayment_by_another").await;
        pay(&ann.client, &[&other], FROM).await.expect(201);
        let page = family.page().await;
        let told: Vec<bool> = page["repayments"].as_array().unwrap().iter().map(|row| row["confirmation"].is_null()).collect();
        assert_eq!(told, [false, true]);
        let back =
            ann.client.record(&format!("/v1/direct-payment-repayments/{}/reversal", id_of(&second)), &json!({ "reason": "-" })).await;
        for gone in [&second, &back] {
            family.caller.post(&confirmation(gone), &json!({})).await.expect_problem(409, "state_conflict");
        }
    });
}

#[test]
fn a_closure_or_pause_that_is_taken_back_is_paid_by_another() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let (officer, other) = (&family.payer, &app.as_anyone().await);
        let take_back = async |step: &Value| {
            officer.record(&format!("/v1/direct-payment-steps/{}/reversal", id_of(step)), &json!({ "reason": "By mistake" })).await;
        };
        pay(officer, &[&family], FROM).await.expect(201);
        let closed = family.step(&step("close", "2024-07-01")).await;
        go_to(app, "2024-08-27");
        take_back(&closed).await;
        lacks(officer, &family, "2024-08-27", "resumption_by_another").await;
        assert_eq!(family.paid_by(officer, "2024-08-27").await, (0, vec!["resumption_by_another".into()]));
        // Whoever paid it since knew of it.
        pay(other, &[&family], "2024-08-27").await.expect(201);
        go_to(app, "2024-09-23");
        pay(officer, &[&family], "2024-09-23").await.expect(201);
        // A pause that is taken back, and one that is ended.
        let paused = family.step(&step("pause", "2024-10-21")).await;
        take_back(&paused).await;
        go_to(app, "2024-10-21");
        lacks(officer, &family, "2024-10-21", "resumption_by_another").await;
        pay(other, &[&family], "2024-10-21").await.expect(201);
        family.step(&step("pause", "2024-11-18")).await;
        let resumed = officer.record(&family.path("steps"), &step("resume", "2024-11-18")).await;
        go_to(app, "2024-11-18");
        lacks(officer, &family, "2024-11-18", "resumption_by_another").await;
        family.reverse("steps", &resumed).await;
        family.step(&step("resume", "2024-11-18")).await;
        pay(officer, &[&family], "2024-11-18").await.expect(201);
    });
}

#[test]
fn what_an_audit_counted_is_not_said_to_have_come_back_until_the_audit_is_reversed() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let export = family.export(FROM).await;
        go_to(app, "2024-06-28");
        let audit = |pence: i64| {
            json!({
                "audited_on": "2024-06-28", "period_to": "2024-06-28", "evidenced_pence": 0, "required_pence": pence, "reason": "It ends"
            })
        };
        let first = family.caller.record(&family.path("audits"), &audit(35_714)).await;
        assert_eq!((&first["paid_pence"], &first["carried_pence"]), (&json!(40_000), &json!(4_286)));
        go_to(app, "2024-07-02");
        // Whether it came back in the days of the audit or after them: the family never had it.
        for day in ["2024-06-05", "2024-07-01"] {
            let refused = family.caller.post(&family.path("bounces"), &bounce(&export, day, 40_000)).await;
            let refused = refused.expect_problem(409, "state_conflict");
            assert!(refused.text.contains(&format!("Reverse audit {}", id_of(&first))), "{}", refused.text);
        }
        family.reverse("audits", &first).await;
        let made = family.caller.record(&family.path("bounces"), &bounce(&export, "2024-07-01", 40_000)).await;
        let second = family.caller.record(&family.path("audits"), &audit(0)).await;
        assert_eq!((&second["paid_pence"], &second["carried_pence"]), (&json!(0), &json!(0)));
        // Said not to have come back, the money would be in no audit.
        let back = format!("/v1/direct-payment-bounces/{}/reversal", id_of(&made));
        let refused = family.caller.post(&back, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains(&format!("Reverse audit {}", id_of(&second))), "{}", refused.text);
        // Paid anew, the next audit counts what was paid then, and takes nothing off it.
        let paid = family.export("2024-07-02").await;
        go_to(app, "2024-07-29");
        let next = json!({ "audited_on": "2024-07-29", "period_to": "2024-07-29", "evidenced_pence": paid["total_pence"] });
        let next = family.caller.record(&family.path("audits"), &next).await;
        assert_eq!((&next["paid_pence"], &next["required_pence"]), (&json!(80_000), &json!(0)));
    });
}

#[test]
fn a_set_up_line_that_a_closed_account_will_not_pay_is_not_committed() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, Some("2025-03-03")).await;
        for year in ["2024-25", "2025-26"] {
            family.caller.opened(year).await;
        }
        let planned = async || {
            let (package, control) = (
                family.caller.commitments(&family.package, "2024-25").await[0],
                family.caller.control("2024-25", "direct_payments").await["open_commitment_pence"].as_i64().unwrap(),
            );
            assert_eq!(package, control);
            package
        };
        let once = |from: &str| with(weekly(&family.package, 250, from, None), "frequency", "one_off");
        for from in [FROM, "2024-08-05"] {
            let line = id_of(&family.caller.record("/v1/package-lines", &once(from)).await);
            family.confirm(&line, 1).await;
        }
        let lines = family.caller.get(&format!("/v1/package-lines?package_id={}", family.package)).await.expect(200).body;
        let lines: Vec<&Value> = lines["items"].as_array().unwrap().iter().filter(|line| line["frequency"] == "one_off").collect();
        let mut steps = Vec::new();
        for line in lines {
            let id = line["line_id"].as_str().unwrap();
            steps.push((
                line["valid_from"].clone(),
                family.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": id })).await,
            ));
        }
        assert_eq!(planned().await, 39 * 10_000 + 2 * 25_000);
        // What is due before the closure is still paid; a pause does not touch what is bought once.
        let paused = family.step(&step("pause", "2024-08-05")).await;
        assert_eq!(planned().await, 9 * 10_000 + 2 * 25_000);
        family.reverse("steps", &paused).await;
        let closed = family.step(&step("close", "2024-07-01")).await;
        assert_eq!(planned().await, 4 * 10_000 + 25_000);
        // Taken off the account, it is the package's to pay again.
        let (_, later) = steps.iter().find(|(from, _)| from == "2024-08-05").unwrap();
        family.reverse("steps", later).await;
        assert_eq!(planned().await, 4 * 10_000 + 2 * 25_000);
        family.reverse("steps", &closed).await;
        assert_eq!(planned().await, 39 * 10_000 + 2 * 25_000);
    });
}

//! What health may be asked for at most: no more than the days cost, over all shares.

use crate::health_invoices::{PATH, end_line, note, reversal};
use crate::support::health::Health;
use crate::support::on_both;
use serde_json::{Value, json};

#[test]
fn no_reason_is_enough_for_more_than_the_days_cost() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let because = |mut line: Value| {
            line["reason"] = json!("The funder owes us from before");
            line
        };
        // April costs £300.00, of which half is expected.
        let more = health.new_invoice("CHC-1", "2024-05-02", &[because(health.charge("2024-04-01", "2024-05-01", 30_001))]);
        let refused = health.finance.post(PATH, &more).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines/0/amount_pence"]);
        assert!(refused.text.contains("£300.01 would be asked for days that cost £300.00"), "{}", refused.text);
        let april = health.invoice("CHC-1", "2024-05-02", &[because(health.charge("2024-04-01", "2024-05-01", 30_000))]).await;
        // Nor does a correction lift a line above it.
        let mut correction = because(health.charge("2024-04-01", "2024-05-01", 1));
        correction["adjusts_line_id"] = april["lines"][0]["id"].clone();
        let refused = health.finance.post(PATH, &health.new_invoice("CHC-2", "2024-06-03", &[correction.clone()])).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/lines/0/amount_pence"]);
        health.post(&april, "credit-notes", &note("CN-1", "error", &[(&april["lines"][0], 1)])).await.expect(201);
        health.invoice("CHC-2", "2024-06-03", &[correction]).await;
        // Days after the line's end cost nothing.
        end_line(&health, "2024-05-21").await;
        let late = because(health.charge("2024-05-21", "2024-06-01", 1));
        let refused = health.finance.post(PATH, &health.new_invoice("CHC-3", "2024-06-03", &[late])).await;
        assert!(refused.expect_problem(422, "invalid_body").text.contains("days that cost £0.00 in all"));
    });
}

#[test]
fn all_shares_together_ask_for_no_more_than_the_days_cost() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let other = health.share(&json!({ "percentage_ten_thousandths": 500_000 })).await;
        let of_other = |from: &str, to: &str, pence: i64| json!({ "funding_id": other, "period_from": from, "period_to": to, "amount_pence": pence, "reason": "As agreed" });
        let refused = async |lines: &[Value]| {
            let answer = health.finance.post(PATH, &health.new_invoice("CHC-9", "2024-06-03", lines)).await;
            answer.expect_problem(409, "state_conflict")
        };
        let mut first = health.charge("2024-04-01", "2024-05-01", 20_000);
        first["reason"] = json!("As agreed");
        let both = refused(&[first.clone(), of_other("2024-04-01", "2024-05-01", 10_001)]).await;
        assert_eq!(both.pointers(), ["/lines/1/amount_pence"]);
        let april = health.invoice("CHC-0001", "2024-05-02", &[first]).await;
        let told = refused(&[of_other("2024-04-01", "2024-05-01", 15_000)]).await;
        let detail = told.body["detail"].as_str().unwrap();
        for part in ["cost £300.00 in all", "invoice CHC-0001 for £200.00", "£50.00 more than they cost"] {
            assert!(detail.contains(part), "{detail}");
        }
        // What finds room on other days of April does so, to the penny.
        refused(&[of_other("2024-04-16", "2024-05-01", 10_001)]).await;
        refused(&[of_other("2024-04-11", "2024-05-11", 20_001)]).await;
        let reached = health.invoice("CHC-0002", "2024-06-03", &[of_other("2024-04-11", "2024-05-11", 20_000)]).await;
        health.post(&reached, "reversal", &reversal("CN-1")).await.expect(201);
        // What is credited makes room.
        health.post(&april, "credit-notes", &note("CN-2", "error", &[(&april["lines"][0], 4_999)])).await.expect(201);
        refused(&[of_other("2024-04-01", "2024-05-01", 15_000)]).await;
        health.post(&april, "credit-notes", &note("CN-3", "dispute", &[(&april["lines"][0], 1)])).await.expect(201);
        health.invoice("CHC-0003", "2024-06-03", &[of_other("2024-04-01", "2024-05-01", 15_000)]).await;
        // April is full; days after it are not.
        end_line(&health, "2024-05-11").await;
        health
            .invoice(
                "CHC-0004",
                "2024-06-03",
                &[health.charge("2024-05-01", "2024-05-11", 5_000), of_other("2024-05-01", "2024-05-11", 5_000)],
            )
            .await;
    });
}

#[test]
fn of_two_shares_at_once_one_has_the_last_of_the_days() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let other = health.share(&json!({ "percentage_ten_thousandths": 500_000 })).await;
        let mut calls = Vec::new();
        for (number, funding) in [&health.funding, &other, &health.funding, &other].into_iter().enumerate() {
            let line = json!({
                "funding_id": funding, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 15_001, "reason": "As agreed"
            });
            let (client, new) = (health.finance.clone(), health.new_invoice(&format!("CHC-{number}"), "2024-05-02", &[line]));
            calls.push(tokio::spawn(async move { client.post(PATH, &new).await }));
        }
        let mut won = 0;
        for call in calls {
            let answer = call.await.unwrap();
            won += usize::from(answer.status == 201);
            assert!(answer.status == 201 || answer.status == 409, "{}", answer.text);
        }
        assert_eq!((won, app.count("health_invoice_lines")), (1, 1));
    });
}

#[test]
fn days_that_another_share_was_invoiced_for_are_put_right_before_the_share_that_replaces_it() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        let end = json!({ "valid_to": "2024-04-16", "reason": "Ends" });
        health.finance.record(&format!("/v1/joint-fundings/{}/end", health.funding), &end).await;
        let half = health.share(&json!({ "percentage_ten_thousandths": 500_000, "valid_from": "2024-04-16" })).await;
        let charge =
            |from: &str, to: &str, pence: i64| json!({ "funding_id": half, "period_from": from, "period_to": to, "amount_pence": pence });
        let (days, late) = (charge("2024-04-16", "2024-06-01", 23_000), charge("2024-05-01", "2024-06-01", 15_500));
        let again = health.new_invoice("CHC-2", "2024-06-03", std::slice::from_ref(&days));
        let refused = health.finance.post(PATH, &again).await.expect_problem(409, "period_overlaps");
        for part in ["Invoice CHC-0001 still asks for £75.00", "from 2024-04-16 up to but not including 2024-05-01", &health.funding] {
            assert!(refused.text.contains(part), "{}", refused.text);
        }
        // Other days, a correction on the same invoice, or a credit note first.
        let may = health.invoice("CHC-2", "2024-06-03", &[late]).await;
        health.post(&may, "reversal", &reversal("CN-1")).await.expect(201);
        let correction = json!({
            "funding_id": health.funding, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": -7_500,
            "adjusts_line_id": april["lines"][0]["id"]
        });
        let both = health.invoice("CHC-3", "2024-06-03", &[days.clone(), correction]).await;
        health.post(&both, "reversal", &reversal("CN-2")).await.expect(201);
        let again = health.new_invoice("CHC-4", "2024-06-03", &[days]);
        health.post(&april, "credit-notes", &note("CN-3", "adjustment", &[(&april["lines"][0], 7_499)])).await.expect(201);
        assert!(health.finance.post(PATH, &again).await.expect_problem(409, "period_overlaps").text.contains("still asks for £0.01 for"));
        health.post(&april, "credit-notes", &note("CN-4", "error", &[(&april["lines"][0], 7_501)])).await.expect(201);
        health.finance.post(PATH, &again).await.expect(201);
    });
}

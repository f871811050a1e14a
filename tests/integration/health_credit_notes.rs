//! Credit notes to health: what they take off, and what they put right.

use crate::health_invoices::{PATH, end_line, note, told};
use crate::support::health::Health;
use crate::support::on_both;
use serde_json::json;

#[test]
fn a_credit_note_takes_off_what_a_line_still_asks_for() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let line = &invoice["lines"][0];
        let made = health.post(&invoice, "credit-notes", &note("CN-1", "error", &[(line, 4_000)])).await.expect(201).body;
        assert_eq!(made["amount_pence"], 4_000);
        assert_eq!(health.money(&invoice).await, [15_000, 4_000, 0, 0, 11_000]);
        assert_eq!(health.read(&invoice).await["lines"][0]["credited_pence"], 4_000);
        for (number, cause, lines, pointer) in [
            ("CN-2", "error", vec![(line, 11_001)], "/lines/0/amount_pence"),
            ("CN-2", "error", vec![(line, 1), (line, 1)], "/lines/1/line_id"),
            ("CN-2", "adjustment", vec![(line, 1)], "/lines/0/amount_pence"),
            ("CN-2", "reversal", vec![(line, 1)], "/cause"),
            ("CN-2", "error", vec![(line, 0)], "/lines/0/amount_pence"),
        ] {
            let refused = health.post(&invoice, "credit-notes", &note(number, cause, &lines)).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [pointer], "{cause}");
        }
        let too_much = health.post(&invoice, "credit-notes", &note("CN-2", "error", &[(line, 11_001)])).await;
        assert!(too_much.text.contains("the line asks for £150.00, of which £40.00 is credited: £110.00 is left"), "{}", too_much.text);
        health.post(&invoice, "credit-notes", &note("CN-1", "error", &[(line, 1)])).await.expect_problem(409, "already_exists");
        // A mistake is no change of what is expected: nothing is proposed again.
        assert_eq!(told(&health.proposal("2024-04-01", "2024-05-01").await), Vec::<String>::new());
        // Paid, and then credited: it is in credit, and the money can be paid back and no more.
        health.receive(&invoice, 11_000, "2024-05-28").await.expect(201);
        health.post(&invoice, "credit-notes", &note("CN-2", "error", &[(line, 1_000)])).await.expect(201);
        assert_eq!(health.money(&invoice).await, [15_000, 5_000, 11_000, 0, -1_000]);
        assert_eq!(health.read(&invoice).await["standing"], "in_credit");
        health.receive(&invoice, -1_001, "2024-06-03").await.expect_problem(409, "state_conflict");
        health.receive(&invoice, -1_000, "2024-06-03").await.expect(201);
        assert_eq!(health.read(&invoice).await["standing"], "settled");
    });
}

#[test]
fn a_line_that_ended_back_in_time_is_put_right_by_a_credit_note() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let before = health.read(&invoice).await;
        end_line(&health, "2024-04-21").await;
        let proposal = health.proposal("2024-05-01", "2024-06-01").await;
        assert_eq!(told(&proposal), ["adjustment 2024-04-01 2024-05-01 -5000"]);
        assert_eq!(
            (&proposal["lines"][0]["adjusts_line_id"], &proposal["lines"][0]["adjusts_invoice_number"]),
            (&invoice["lines"][0]["id"], &json!("CHC-0001"))
        );
        assert_eq!(health.read(&invoice).await, before, "nothing invoiced is rewritten");
        let line = &invoice["lines"][0];
        let refused = health.post(&invoice, "credit-notes", &note("CN-1", "adjustment", &[(line, 5_001)])).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/lines/0/amount_pence"]);
        health.post(&invoice, "credit-notes", &note("CN-1", "adjustment", &[(line, 2_000)])).await.expect(201);
        assert_eq!(told(&health.proposal("2024-05-01", "2024-06-01").await), ["adjustment 2024-04-01 2024-05-01 -3000"]);
        health.post(&invoice, "credit-notes", &note("CN-2", "adjustment", &[(line, 3_000)])).await.expect(201);
        assert_eq!(told(&health.proposal("2024-04-01", "2024-06-01").await), Vec::<String>::new());
        assert_eq!(health.money(&invoice).await, [15_000, 5_000, 0, 0, 10_000]);
    });
}

#[test]
fn two_shares_of_a_line_are_put_right_together() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let fixed = health.share(&json!({ "amount_pence": 3_650, "amount_frequency": "per_year" })).await;
        let other = json!({ "funding_id": fixed, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 300 });
        let invoice = health.invoice("CHC-1", "2024-05-02", &[health.charge("2024-04-01", "2024-05-01", 15_000), other]).await;
        end_line(&health, "2024-04-21").await;
        assert_eq!(
            told(&health.proposal("2024-04-01", "2024-05-01").await),
            ["adjustment 2024-04-01 2024-05-01 -5000", "adjustment 2024-04-01 2024-05-01 -100"]
        );
        let lines = [(&invoice["lines"][0], 5_000), (&invoice["lines"][1], 100)];
        health.post(&invoice, "credit-notes", &note("CN-1", "adjustment", &lines)).await.expect(201);
        assert_eq!(told(&health.proposal("2024-04-01", "2024-05-01").await), Vec::<String>::new());
        let far = health.new_invoice("CHC-2", "2024-05-02", &[health.charge("2024-05-01", "2150-01-01", 0)]);
        assert_eq!(health.finance.post(PATH, &far).await.expect_problem(422, "invalid_body").pointers(), ["/lines/0/period_to"]);
    });
}

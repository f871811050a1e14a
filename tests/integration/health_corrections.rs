//! Corrections of invoices to health: what they may take off and add, and what stands when one is taken back.

use crate::support::health::Health;
use crate::support::{Answer, on_both};
use serde_json::{Value, json};

const PATH: &str = "/v1/health-invoices";

/// Days of a share.
fn charge(share: &str, days: [&str; 2], pence: i64) -> Value {
    json!({ "funding_id": share, "period_from": days[0], "period_to": days[1], "amount_pence": pence })
}

/// More or less for the days that an invoice's first line asks for.
fn correction(invoice: &Value, pence: i64) -> Value {
    let line = &invoice["lines"][0];
    let [share, from, to] = ["funding_id", "period_from", "period_to"].map(|field| line[field].as_str().unwrap());
    let mut correction = charge(share, [from, to], pence);
    correction["adjusts_line_id"] = line["id"].clone();
    correction
}

fn because(mut line: Value) -> Value {
    line["reason"] = json!("As agreed with the funder");
    line
}

/// A credit note for an invoice's first line.
fn note(number: &str, cause: &str, invoice: &Value, pence: i64) -> Value {
    let lines = [json!({ "line_id": invoice["lines"][0]["id"], "amount_pence": pence })];
    json!({ "number": number, "cause": cause, "issued_on": "2024-06-03", "reason": "Less than was asked", "lines": lines })
}

fn reversal(number: &str) -> Value {
    json!({ "number": number, "issued_on": "2024-06-03", "reason": "Sent to the wrong body" })
}

/// First day and pence of each line proposed, for the first half of the year.
async fn proposed(health: &Health) -> Vec<(String, i64)> {
    let proposal = health.proposal("2024-04-01", "2024-07-01").await;
    let line = |line: &Value| (line["period_from"].as_str().unwrap().to_owned(), line["expected_pence"].as_i64().unwrap());
    proposal["lines"].as_array().unwrap().iter().map(line).collect()
}

/// April and May, of which each day costs £10.
const APRIL: [&str; 2] = ["2024-04-01", "2024-05-01"];
const MAY: [&str; 2] = ["2024-05-01", "2024-06-01"];

async fn reverse_share(health: &Health, share: &str) {
    health.finance.record(&format!("/v1/joint-fundings/{share}/reversal"), &json!({ "reason": "Mistake" })).await;
}

async fn end_share(health: &Health, day: &str) {
    let end = json!({ "valid_to": day, "reason": "Ends" });
    health.finance.record(&format!("/v1/joint-fundings/{}/end", health.funding), &end).await;
}

/// All of the cost instead of the half.
async fn whole(health: &Health) -> String {
    health.share(&json!({ "percentage_ten_thousandths": 1_000_000 })).await
}

async fn half(health: &Health, from: &str) -> String {
    health.share(&json!({ "percentage_ten_thousandths": 500_000, "valid_from": from })).await
}

/// Refused because another invoice asks for the days since.
fn refused_for(answer: Answer, number: &str) {
    let refused = answer.expect_problem(409, "state_conflict");
    let said = format!("Reverse or credit invoice {number} first.");
    assert!(refused.text.contains(&said), "{}", refused.text);
}

#[test]
fn an_invoice_whose_correction_made_room_is_reversed_after_what_took_the_room() {
    on_both(async |app| {
        let health = Health::of(app).await;
        reverse_share(&health, &health.funding).await;
        let first = whole(&health).await;
        let april = health.invoice("CHC-1", "2024-05-02", &[charge(&first, APRIL, 30_000)]).await;
        reverse_share(&health, &first).await;
        let second = whole(&health).await;
        let moved = health.invoice("CHC-2", "2024-06-03", &[correction(&april, -30_000), charge(&second, MAY, 31_000)]).await;
        let again = health.invoice("CHC-3", "2024-06-03", &[charge(&second, APRIL, 30_000)]).await;
        refused_for(health.post(&moved, "reversal", &reversal("CN-1")).await, "CHC-3");
        // A credit of half of it leaves half in the way.
        health.post(&again, "credit-notes", &note("CN-1", "error", &again, 15_000)).await.expect(201);
        refused_for(health.post(&moved, "reversal", &reversal("CN-2")).await, "CHC-3");
        health.post(&again, "reversal", &reversal("CN-2")).await.expect(201);
        health.post(&moved, "reversal", &reversal("CN-3")).await.expect(201);
        let open = [("2024-04-01", -30_000), ("2024-04-01", 91_000)].map(|(day, pence)| (day.to_owned(), pence));
        assert_eq!(proposed(&health).await, open);
    });
}

#[test]
fn the_room_is_taken_by_another_share_though_the_days_cost_enough_for_both() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        reverse_share(&health, &health.funding).await;
        let second = half(&health, "2024-04-01").await;
        let moved = health.invoice("CHC-2", "2024-06-03", &[correction(&april, -15_000), charge(&second, MAY, 15_500)]).await;
        let again = health.invoice("CHC-3", "2024-06-03", &[charge(&second, ["2024-04-30", "2024-05-01"], 500)]).await;
        refused_for(health.post(&moved, "reversal", &reversal("CN-1")).await, "CHC-3");
        health.post(&again, "credit-notes", &note("CN-1", "error", &again, 500)).await.expect(201);
        health.post(&moved, "reversal", &reversal("CN-2")).await.expect(201);
    });
}

#[test]
fn what_a_reversal_brought_back_is_in_the_way_of_the_next() {
    on_both(async |app| {
        let health = Health::of(app).await;
        reverse_share(&health, &health.funding).await;
        let first = whole(&health).await;
        let april = health.invoice("CHC-1", "2024-05-02", &[charge(&first, APRIL, 30_000)]).await;
        reverse_share(&health, &first).await;
        let second = whole(&health).await;
        let moved = health.invoice("CHC-2", "2024-06-03", &[correction(&april, -30_000), charge(&second, MAY, 31_000)]).await;
        let again = health.invoice("CHC-3", "2024-06-03", &[charge(&second, APRIL, 30_000)]).await;
        let june = charge(&second, ["2024-06-01", "2024-08-01"], 61_000);
        let off = health.invoice("CHC-4", "2024-06-03", &[because(correction(&again, -30_000)), june]).await;
        health.post(&moved, "reversal", &reversal("CN-1")).await.expect(201);
        refused_for(health.post(&off, "reversal", &reversal("CN-2")).await, "CHC-1");
    });
}

#[test]
fn a_later_correction_of_the_same_line_is_in_the_way_and_a_line_that_ended_is_not() {
    on_both(async |app| {
        let health = Health::of(app).await;
        reverse_share(&health, &health.funding).await;
        let all = whole(&health).await;
        let april = health.invoice("CHC-1", "2024-05-02", &[charge(&all, APRIL, 30_000)]).await;
        let off = health.invoice("CHC-2", "2024-06-03", &[because(correction(&april, -10_000)), charge(&all, MAY, 31_000)]).await;
        let on = health.invoice("CHC-3", "2024-06-03", &[because(correction(&april, 10_000))]).await;
        refused_for(health.post(&off, "reversal", &reversal("CN-1")).await, "CHC-3");
        health.post(&on, "reversal", &reversal("CN-1")).await.expect(201);
        health.post(&off, "reversal", &reversal("CN-2")).await.expect(201);
        // May ended early, which was corrected beside another month: without that it stands as it did before.
        let may = health.invoice("CHC-4", "2024-06-03", &[charge(&all, MAY, 31_000)]).await;
        let end = json!({ "valid_to": "2024-05-11", "reason": "Moved away" });
        health.post(&april, "reversal", &reversal("CN-3")).await.expect(201);
        health.anyone.record(&format!("/v1/package-lines/{}/end", health.line), &end).await;
        let next = health.invoice("CHC-5", "2024-06-03", &[correction(&may, -21_000), charge(&all, APRIL, 30_000)]).await;
        health.post(&next, "reversal", &reversal("CN-4")).await.expect(201);
        assert_eq!(proposed(&health).await, [("2024-04-01".to_owned(), 30_000), ("2024-05-01".to_owned(), -21_000)]);
    });
}

#[test]
fn a_correction_that_asks_for_more_comes_after_the_share_that_no_longer_pays() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        end_share(&health, "2024-04-16").await;
        health.post(&april, "credit-notes", &note("CN-1", "adjustment", &april, 7_500)).await.expect(201);
        let second = half(&health, "2024-04-16").await;
        let rest = health.invoice("CHC-2", "2024-06-03", &[charge(&second, ["2024-04-16", "2024-05-01"], 7_500)]).await;
        reverse_share(&health, &second).await;
        end_share(&health, "2025-04-01").await;
        let expected = [("2024-05-01", 30_500), ("2024-04-01", 7_500), ("2024-04-16", -7_500)].map(|(day, pence)| (day.to_owned(), pence));
        assert_eq!(proposed(&health).await, expected);
        let half_of_it = health.new_invoice("CHC-3", "2024-06-03", &[correction(&april, 7_500)]);
        let refused = health.finance.post(PATH, &half_of_it).await.expect_problem(409, "period_overlaps");
        assert!(refused.text.contains("Invoice CHC-2 still asks for £75.00") && refused.text.contains(&second), "{}", refused.text);
        // A penny too little taken off stands.
        let may = charge(&health.funding, MAY, 15_500);
        let nearly = [correction(&april, 7_500), because(correction(&rest, -7_499)), may.clone()];
        let refused = health.finance.post(PATH, &health.new_invoice("CHC-3", "2024-06-03", &nearly)).await;
        assert!(refused.expect_problem(409, "period_overlaps").text.contains("still asks for £0.01 for"));
        let both = health.invoice("CHC-3", "2024-06-03", &[correction(&april, 7_500), correction(&rest, -7_500), may]).await;
        assert_eq!(both["invoiced_pence"], 15_500);
        assert_eq!(proposed(&health).await, [("2024-06-01".to_owned(), 15_000)]);
        // What is given and taken on one invoice is taken back with it.
        health.post(&both, "reversal", &reversal("CN-2")).await.expect(201);
        assert_eq!(proposed(&health).await, expected);
    });
}

#[test]
fn a_correction_takes_off_all_that_is_owed_no_longer_and_is_never_nothing() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        end_share(&health, "2024-04-16").await;
        let second = half(&health, "2024-04-16").await;
        let days = charge(&second, ["2024-04-16", "2024-06-01"], 23_000);
        let nothing = health.new_invoice("CHC-2", "2024-06-03", &[days.clone(), because(correction(&april, 0))]);
        let refused = health.finance.post(PATH, &nothing).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/lines/1/amount_pence".to_owned()], &json!("nothing")));
        let penny = health.new_invoice("CHC-2", "2024-06-03", &[days.clone(), because(correction(&april, -1))]);
        let refused = health.finance.post(PATH, &penny).await.expect_problem(409, "period_overlaps");
        assert!(refused.text.contains("Invoice CHC-0001 still asks for £74.99"), "{}", refused.text);
        health.invoice("CHC-2", "2024-06-03", &[days, correction(&april, -7_500)]).await;
    });
}

#[test]
fn neither_a_correction_nor_a_credit_leaves_less_than_nothing_asked_for() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        let refused = async |pence: i64, share: &str, days: [&str; 2]| {
            let new =
                health.new_invoice("CHC-9", "2024-06-03", &[because(correction(&april, pence)), because(charge(share, days, 15_000))]);
            let refused = health.finance.post(PATH, &new).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/lines/0/amount_pence"]);
            refused.body["errors"][0]["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(refused(-15_001, &health.funding, MAY).await, "only £150.00 is asked for these days: take off no more than that");
        // £120 is credited for a dispute; then the share ends, and less is expected than is left.
        health.post(&april, "credit-notes", &note("CN-1", "dispute", &april, 12_000)).await.expect(201);
        end_share(&health, "2024-04-16").await;
        let second = half(&health, "2024-05-01").await;
        assert_eq!(proposed(&health).await, [("2024-04-01".to_owned(), -3_000), ("2024-05-01".to_owned(), 30_500)]);
        assert_eq!(refused(-3_001, &second, MAY).await, "only £30.00 is asked for these days: take off no more than that");
        let new = [correction(&april, -3_000), charge(&second, MAY, 15_500)];
        health.invoice("CHC-2", "2024-06-03", &new).await;
        assert_eq!(proposed(&health).await, [("2024-06-01".to_owned(), 15_000)]);
        assert_eq!(
            refused(-1, &second, ["2024-06-01", "2024-07-01"]).await,
            "only £0.00 is asked for these days: take off no more than that"
        );
        // Nor does a credit of the first invoice give back once more what the second has taken off it.
        for cause in ["error", "dispute"] {
            let twice = health.post(&april, "credit-notes", &note("CN-2", cause, &april, 1)).await.expect_problem(422, "invalid_body");
            assert_eq!(twice.pointers(), ["/lines/0/amount_pence"]);
            assert!(twice.text.contains("only £0.00 is asked for these days"), "{}", twice.text);
        }
        // The share goes on after all: what was credited for the dispute stays credited.
        end_share(&health, "2024-05-01").await;
        assert_eq!(proposed(&health).await[0], ("2024-04-01".to_owned(), 3_000));
    });
}

#[test]
fn a_dispute_won_is_credited_whole_whatever_a_correction_took_off_the_invoice() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        end_share(&health, "2024-04-16").await;
        let second = half(&health, "2024-05-01").await;
        let may = health.invoice("CHC-2", "2024-06-03", &[charge(&second, MAY, 15_500), correction(&april, -7_500)]).await;
        let dispute = |amount: Value, lines: Value| json!({ "opened_on": "2024-06-03", "amount_pence": amount, "line_ids": lines, "reason": "Not agreed" });
        health.post(&may, "disputes", &dispute(json!(8_001), Value::Null)).await.expect_problem(409, "state_conflict");
        let opened = health.post(&may, "disputes", &dispute(Value::Null, json!([may["lines"][0]["id"]]))).await.expect(201).body;
        assert_eq!(opened["amount_pence"], 15_500);
        assert_eq!(health.money(&may).await, [8_000, 0, 0, 8_000, 8_000], "no more is disputed than is owed");
        let refused = health.post(&may, "credit-notes", &note("CN-1", "error", &may, 8_001)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines"]);
        let refused = health.post(&may, "credit-notes", &note("CN-1", "dispute", &may, 15_501)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines/0/amount_pence"]);
        let credit = health.post(&may, "credit-notes", &note("CN-1", "dispute", &may, 15_500)).await.expect(201).body;
        let upheld = json!({ "outcome": "upheld", "resolved_on": "2024-06-03", "credit_note_id": credit["id"], "reason": "Looked at" });
        health.finance.record(&format!("/v1/health-disputes/{}/resolution", opened["id"].as_str().unwrap()), &upheld).await;
        // What is left is the correction of April: it takes off what April asks for, or is paid back.
        assert_eq!(health.money(&may).await, [8_000, 15_500, 0, 0, -7_500]);
        assert_eq!(health.read(&may).await["standing"], "in_credit");
        let debt = health.finance.get("/v1/health-invoices/aged-debt").await.expect(200).body["totals"].clone();
        assert_eq!((&debt["total_pence"], &debt["disputed_pence"]), (&json!(7_500), &json!(0)));
        health.receive(&april, 15_000, "2024-06-03").await.expect(201);
        health.receive(&may, -7_500, "2024-06-03").await.expect(201);
        health.receive(&may, -1, "2024-06-03").await.expect_problem(409, "state_conflict");
        assert_eq!(health.read(&may).await["standing"], "settled");
    });
}

//! Invoices to health: proposed, issued once, credited, paid in parts, disputed, and put right when the past changes.

use crate::support::health::Health;
use crate::support::on_both;
use domain::Role;
use serde_json::{Value, json};

pub const PATH: &str = "/v1/health-invoices";

pub fn note(number: &str, cause: &str, lines: &[(&Value, i64)]) -> Value {
    let lines: Vec<_> = lines.iter().map(|(line, pence)| json!({ "line_id": line["id"], "amount_pence": pence })).collect();
    json!({ "number": number, "cause": cause, "issued_on": "2024-06-03", "reason": "Less than was asked", "lines": lines })
}

pub fn reversal(number: &str) -> Value {
    json!({ "number": number, "issued_on": "2024-06-03", "reason": "Sent to the wrong body" })
}

/// Kind, first day and pence of each line proposed.
pub fn told(proposal: &Value) -> Vec<String> {
    let line = |line: &Value| {
        let text = |field: &str| line[field].as_str().unwrap().to_owned();
        format!("{} {} {} {}", text("kind"), text("period_from"), text("period_to"), line["expected_pence"])
    };
    proposal["lines"].as_array().unwrap().iter().map(line).collect()
}

pub async fn end_line(health: &Health, day: &str) {
    let end = json!({ "valid_to": day, "reason": "Moved away" });
    health.anyone.record(&format!("/v1/package-lines/{}/end", health.line), &end).await;
}

#[test]
fn what_is_proposed_is_issued_and_paid_in_parts() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let proposal = health.proposal("2024-04-01", "2024-06-01").await;
        assert_eq!(told(&proposal), ["charge 2024-04-01 2024-06-01 30500"]);
        assert_eq!(app.count("health_invoices"), 0);
        let invoice = health.april().await;
        insta::assert_json_snapshot!("an_invoice_to_health", crate::support::Answer::redacted(&health.finance.get(PATH).await.expect(200)));
        assert_eq!((&invoice["due_on"], &invoice["standing"]), (&json!("2024-06-01"), &json!("unpaid")));
        assert_eq!(health.read(&invoice).await, invoice);
        assert_eq!(told(&health.proposal("2024-04-01", "2024-06-01").await), ["charge 2024-05-01 2024-06-01 15500"]);
        let first = health.receive(&invoice, 10_000, "2024-05-20").await.expect(201).body;
        assert_eq!(health.money(&invoice).await, [15_000, 0, 10_000, 0, 5_000]);
        assert_eq!(health.read(&invoice).await["standing"], "part_paid");
        let refused = health.receive(&invoice, 5_001, "2024-05-20").await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "£50.00 is still owed on invoice CHC-0001.");
        health.receive(&invoice, -1, "2024-05-20").await.expect_problem(409, "state_conflict");
        health.receive(&invoice, 5_000, "2024-06-03").await.expect(201);
        assert_eq!(health.read(&invoice).await["standing"], "settled");
        health.receive(&invoice, 1, "2024-06-03").await.expect_problem(409, "state_conflict");
        for (pence, on, pointer) in
            [(0, "2024-05-20", "/amount_pence"), (1, "2024-06-04", "/received_on"), (1, "2024-05-01", "/received_on")]
        {
            let refused = health.receive(&invoice, pence, on).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{pence} on {on}");
        }
        // One that bounced is taken back, once.
        let (path, why) = (format!("/v1/health-receipts/{}/reversal", first["id"].as_str().unwrap()), json!({ "reason": "Bounced" }));
        let back = health.finance.record(&path, &why).await;
        assert_eq!(back["amount_pence"], -10_000);
        health.finance.post(&path, &why).await.expect_problem(409, "state_conflict");
        let of_reversal = format!("/v1/health-receipts/{}/reversal", back["id"].as_str().unwrap());
        health.finance.post(&of_reversal, &why).await.expect_problem(409, "state_conflict");
        assert_eq!(health.money(&invoice).await, [15_000, 0, 5_000, 0, 10_000]);
    });
}

#[test]
fn another_amount_than_the_expected_one_needs_a_reason() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let mut line = health.charge("2024-04-01", "2024-05-01", 14_000);
        let refused = health.finance.post(PATH, &health.new_invoice("CHC-1", "2024-05-02", &[line.clone()])).await;
        let refused = refused.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines/0/reason"]);
        assert!(refused.text.contains("150.00"), "{}", refused.text);
        line["reason"] = json!("As agreed with the funder");
        let invoice = health.invoice("CHC-1", "2024-05-02", &[line]).await;
        assert_eq!((&invoice["lines"][0]["expected_pence"], &invoice["outstanding_pence"]), (&json!(15_000), &json!(14_000)));
        // What was agreed is no change in what is expected.
        assert_eq!(told(&health.proposal("2024-04-01", "2024-05-01").await), Vec::<String>::new());
    });
}

#[test]
fn days_are_invoiced_once() {
    on_both(async |app| {
        let health = Health::of(app).await;
        health.april().await;
        let again =
            |number: &str, from: &str, to: &str, pence: i64| health.new_invoice(number, "2024-06-03", &[health.charge(from, to, pence)]);
        for (from, to, pence) in
            [("2024-04-01", "2024-05-01", 15_000), ("2024-04-30", "2024-05-02", 1_000), ("2024-04-10", "2024-04-11", 500)]
        {
            let refused = health.finance.post(PATH, &again("CHC-2", from, to, pence)).await.expect_problem(409, "period_overlaps");
            assert!(refused.text.contains("CHC-0001"), "{}", refused.text);
        }
        let twice = [health.charge("2024-05-01", "2024-05-11", 5_000), health.charge("2024-05-10", "2024-05-12", 1_000)];
        let refused = health.finance.post(PATH, &health.new_invoice("CHC-2", "2024-06-03", &twice)).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/lines"]);
        let held = again("CHC-0001", "2024-05-01", "2024-05-02", 500);
        health.finance.post(PATH, &held).await.expect_problem(409, "already_exists");
        health.finance.record(PATH, &again("CHC-2", "2024-05-01", "2024-05-02", 500)).await;
    });
}

#[test]
fn of_two_officers_at_once_one_invoices_the_days() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let mut calls = Vec::new();
        for number in 0..6 {
            let (client, line) = (health.finance.clone(), health.charge("2024-04-01", "2024-05-01", 15_000));
            let new = health.new_invoice(&format!("CHC-{number}"), "2024-05-02", &[line]);
            calls.push(tokio::spawn(async move { client.post(PATH, &new).await }));
        }
        let mut won = 0;
        for call in calls {
            let answer = call.await.unwrap();
            won += usize::from(answer.status == 201);
            if answer.status != 201 {
                answer.expect_problem(409, "period_overlaps");
            }
        }
        assert_eq!((won, app.count("health_invoices"), app.count("health_invoice_lines")), (1, 1, 1));
    });
}

#[test]
fn everything_wrong_with_an_invoice_is_told_at_once() {
    on_both(async |app| {
        let (health, other) = (Health::of(app).await, Health::of(app).await);
        let lines = [
            json!({ "funding_id": db::new_id(), "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 1 }),
            json!({ "funding_id": other.funding, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 15_000 }),
            health.charge("2024-05-01", "2024-05-01", 0),
            health.charge("2024-03-31", "2024-04-02", 500),
            json!({
                "funding_id": health.funding, "period_from": "2024-04-01", "period_to": "2024-04-02", "amount_pence": -500, "reason": "-"
            }),
            json!({
                "funding_id": health.funding, "period_from": "2024-04-01", "period_to": "2024-04-02", "amount_pence": 1,
                "adjusts_line_id": db::new_id()
            }),
        ];
        let bad = health.new_invoice("CHC-1", "2024-06-04", &lines);
        let refused = health.finance.post(PATH, &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("an_invoice_that_breaks_every_rule", refused.redacted());
        let late = health.charge("2024-04-01", "2024-05-01", 15_000);
        let mut early = health.new_invoice("CHC-1", "2024-05-02", &[late]);
        early["due_on"] = json!("2024-05-01");
        assert_eq!(health.finance.post(PATH, &early).await.expect_problem(422, "invalid_body").pointers(), ["/due_on"]);
        let nothing = health.new_invoice("CHC-1", "2024-05-02", &[]);
        assert_eq!(health.finance.post(PATH, &nothing).await.expect_problem(422, "invalid_body").pointers(), ["/lines"]);
        assert_eq!(app.count("health_invoices"), 0);
    });
}

#[test]
fn a_share_that_changed_back_in_time_is_put_right_on_the_next_invoice() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let april = health.april().await;
        // Reversed, and recorded again at a tenth from the middle of April.
        health
            .finance
            .record(&format!("/v1/joint-fundings/{}/end", health.funding), &json!({ "valid_to": "2024-04-16", "reason": "Less" }))
            .await;
        let tenth = health.share(&json!({ "percentage_ten_thousandths": 100_000, "valid_from": "2024-04-16" })).await;
        let proposal = health.proposal("2024-04-01", "2024-06-01").await;
        assert_eq!(told(&proposal), ["adjustment 2024-04-01 2024-05-01 -7500", "charge 2024-04-16 2024-06-01 4600"]);
        assert_eq!(proposal["total_pence"], -2_900);
        let correction = json!({
            "funding_id": health.funding, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": -7_500,
            "adjusts_line_id": april["lines"][0]["id"]
        });
        let charge =
            |to: &str, pence: i64| json!({ "funding_id": tenth, "period_from": "2024-04-16", "period_to": to, "amount_pence": pence });
        // An invoice asks for something.
        let small = health.new_invoice("CHC-2", "2024-06-03", &[correction.clone(), charge("2024-06-01", 4_600)]);
        assert_eq!(health.finance.post(PATH, &small).await.expect_problem(422, "invalid_body").pointers(), ["/lines"]);
        let mut other_days = correction.clone();
        other_days["period_to"] = json!("2024-04-30");
        let wrong = health.new_invoice("CHC-2", "2024-06-03", &[other_days, charge("2024-06-30", 7_500)]);
        assert_eq!(health.finance.post(PATH, &wrong).await.expect_problem(422, "invalid_body").pointers(), ["/lines/0/period_from"]);
        let next = health.invoice("CHC-2", "2024-06-03", &[correction.clone(), charge("2024-07-01", 7_600)]).await;
        assert_eq!(next["invoiced_pence"], 100);
        assert_eq!(told(&health.proposal("2024-04-01", "2024-07-01").await), Vec::<String>::new());
        // A line has more left than the invoice, of which the correction took something off.
        let charged = &next["lines"][1];
        let refused = health.post(&next, "credit-notes", &note("CN-0", "error", &[(charged, 101)])).await;
        let refused = refused.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines"]);
        let said = "invoice CHC-2 asks for £1.00, of which £0.00 is credited: £1.00 is left, and the note is for £1.01";
        assert!(refused.text.contains(said), "{}", refused.text);
        // The first cannot be taken back under the second; after it, everything is open again.
        let refused = health.post(&april, "reversal", &reversal("CN-1")).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("CHC-2"), "{}", refused.text);
        health.post(&next, "reversal", &reversal("CN-1")).await.expect(201);
        assert_eq!(health.money(&next).await, [100, 100, 0, 0, 0]);
        assert_eq!(told(&health.proposal("2024-04-01", "2024-06-01").await), told(&proposal));
        health.post(&april, "reversal", &reversal("CN-2")).await.expect(201);
        assert_eq!(
            told(&health.proposal("2024-04-01", "2024-06-01").await),
            ["charge 2024-04-01 2024-04-16 7500", "charge 2024-04-16 2024-06-01 4600"]
        );
    });
}

#[test]
fn a_reversed_share_makes_all_that_was_invoiced_of_it_an_adjustment() {
    on_both(async |app| {
        let health = Health::of(app).await;
        health.april().await;
        health.finance.record(&format!("/v1/joint-fundings/{}/reversal", health.funding), &json!({ "reason": "Mistake" })).await;
        assert_eq!(told(&health.proposal("2024-04-01", "2024-06-01").await), ["adjustment 2024-04-01 2024-05-01 -15000"]);
        assert_eq!(told(&health.proposal("2024-03-01", "2024-04-01").await), Vec::<String>::new(), "days before the invoice's");
        let more = health.new_invoice("CHC-2", "2024-06-03", &[health.charge("2024-05-01", "2024-06-01", 0)]);
        assert_eq!(health.finance.post(PATH, &more).await.expect_problem(422, "invalid_body").pointers(), ["/lines/0/funding_id"]);
    });
}

#[test]
fn an_invoice_that_is_reversed_frees_its_days() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let paid = health.receive(&invoice, 1, "2024-05-20").await.expect(201).body;
        let refused = health.post(&invoice, "reversal", &reversal("CN-1")).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_paid_invoice_that_is_reversed", refused.redacted());
        let back = format!("/v1/health-receipts/{}/reversal", paid["id"].as_str().unwrap());
        health.finance.record(&back, &json!({ "reason": "For another invoice" })).await;
        let line = &invoice["lines"][0];
        health.post(&invoice, "credit-notes", &note("CN-1", "error", &[(line, 4_000)])).await.expect(201);
        let whole = health.post(&invoice, "reversal", &reversal("CN-2")).await.expect(201).body;
        assert_eq!((&whole["cause"], &whole["amount_pence"]), (&json!("reversal"), &json!(11_000)));
        let read = health.read(&invoice).await;
        assert_eq!((&read["standing"], &read["outstanding_pence"]), (&json!("reversed"), &json!(0)));
        health.post(&invoice, "reversal", &reversal("CN-3")).await.expect_problem(409, "state_conflict");
        health.post(&invoice, "credit-notes", &note("CN-3", "error", &[(line, 1)])).await.expect_problem(409, "state_conflict");
        health.receive(&invoice, 1, "2024-06-03").await.expect_problem(409, "state_conflict");
        assert_eq!(told(&health.proposal("2024-04-01", "2024-05-01").await), ["charge 2024-04-01 2024-05-01 15000"]);
        health.invoice("CHC-0002", "2024-06-03", &[health.charge("2024-04-01", "2024-05-01", 15_000)]).await;
    });
}

#[test]
fn a_dispute_is_rejected_or_upheld_by_a_credit_note() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let line = &invoice["lines"][0];
        let dispute = |amount: Value, lines: Value| json!({ "opened_on": "2024-05-20", "amount_pence": amount, "line_ids": lines, "reason": "Not agreed for these weeks" });
        let opened = health.post(&invoice, "disputes", &dispute(json!(4_000), Value::Null)).await.expect(201).body;
        assert_eq!(health.money(&invoice).await, [15_000, 0, 0, 4_000, 15_000]);
        let refused = health.post(&invoice, "disputes", &dispute(json!(11_001), Value::Null)).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("110.00"), "{}", refused.text);
        health.post(&invoice, "disputes", &dispute(Value::Null, json!([line["id"]]))).await.expect_problem(409, "state_conflict");
        for (amount, lines, pointer) in [
            (Value::Null, Value::Null, "/amount_pence"),
            (json!(1), json!([line["id"]]), "/amount_pence"),
            (Value::Null, json!([db::new_id()]), "/line_ids"),
        ] {
            let refused = health.post(&invoice, "disputes", &dispute(amount, lines)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer]);
        }
        let path = format!("/v1/health-disputes/{}/resolution", opened["id"].as_str().unwrap());
        let end = |outcome: &str, note: Value| json!({ "outcome": outcome, "resolved_on": "2024-06-03", "credit_note_id": note, "reason": "Looked at" });
        let refused = health.finance.post(&path, &end("upheld", Value::Null)).await.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/credit_note_id"]);
        let error = health.post(&invoice, "credit-notes", &note("CN-1", "error", &[(line, 1_000)])).await.expect(201).body;
        for (outcome, id) in [("upheld", &error["id"]), ("upheld", &json!(db::new_id())), ("rejected", &error["id"])] {
            let refused = health.finance.post(&path, &end(outcome, id.clone())).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/credit_note_id"]);
        }
        let credit = health.post(&invoice, "credit-notes", &note("CN-2", "dispute", &[(line, 4_000)])).await.expect(201).body;
        let ended = health.finance.record(&path, &end("upheld", credit["id"].clone())).await;
        assert_eq!(ended["resolution"]["outcome"], "upheld");
        health.finance.post(&path, &end("rejected", Value::Null)).await.expect_problem(409, "state_conflict");
        assert_eq!(health.money(&invoice).await, [15_000, 5_000, 0, 0, 10_000]);
        // The rest by its line, and rejected.
        let rest = health.post(&invoice, "disputes", &dispute(Value::Null, json!([line["id"]]))).await.expect(201).body;
        assert_eq!((&rest["amount_pence"], &rest["line_ids"]), (&json!(10_000), &json!([line["id"]])));
        health.receive(&invoice, 9_000, "2024-06-03").await.expect(201);
        assert_eq!(health.money(&invoice).await, [15_000, 5_000, 9_000, 1_000, 1_000], "no more is disputed than is owed");
        let path = format!("/v1/health-disputes/{}/resolution", rest["id"].as_str().unwrap());
        health.finance.post(&path, &end("upheld", credit["id"].clone())).await.expect_problem(422, "invalid_body");
        health.finance.record(&path, &end("rejected", Value::Null)).await;
        assert_eq!(health.money(&invoice).await, [15_000, 5_000, 9_000, 0, 1_000]);
        assert_eq!(health.read(&invoice).await["disputes"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_share_that_ends_in_mid_month_is_invoiced_up_to_its_end() {
    on_both(async |app| {
        let health = Health::of(app).await;
        health
            .finance
            .record(&format!("/v1/joint-fundings/{}/end", health.funding), &json!({ "valid_to": "2024-04-21", "reason": "Ends" }))
            .await;
        assert_eq!(told(&health.proposal("2024-04-01", "2024-06-01").await), ["charge 2024-04-01 2024-04-21 10000"]);
        let beyond = health.new_invoice("CHC-1", "2024-05-02", &[health.charge("2024-04-01", "2024-04-22", 10_000)]);
        assert_eq!(health.finance.post(PATH, &beyond).await.expect_problem(422, "invalid_body").pointers(), ["/lines/0/period_to"]);
        health.invoice("CHC-1", "2024-05-02", &[health.charge("2024-04-01", "2024-04-21", 10_000)]).await;
    });
}

#[test]
fn invoices_are_listed_and_one_that_is_read_is_on_the_trail_of_its_children() {
    on_both(async |app| {
        let (health, other) = (Health::of(app).await, Health::of(app).await);
        let invoice = health.april().await;
        health.invoice("CHC-0002", "2024-06-03", &[health.charge("2024-05-01", "2024-06-01", 15_500)]).await;
        other.invoice("CHC-0003", "2024-06-03", &[other.charge("2024-05-01", "2024-06-01", 15_500)]).await;
        assert_eq!(health.finance.all_pages(PATH, 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let of = health.finance.get(&format!("{PATH}?provider_id={}", other.funder)).await.expect(200).body;
        assert_eq!((&of["items"][0]["number"], of["items"].as_array().unwrap().len()), (&json!("CHC-0003"), 1));
        let numbered = health.finance.get(&format!("{PATH}?number=CHC-0002")).await.expect(200).body;
        assert_eq!(numbered["items"].as_array().unwrap().len(), 1);
        let before = app.events("children", "read").await.len();
        health.read(&invoice).await;
        assert_eq!(app.events("children", "read").await.len(), before + 1);
        let auditor = app.as_role(Role::Auditor);
        auditor.get(PATH).await.expect(200);
        auditor.post(PATH, &json!({})).await.expect_problem(403, "not_allowed");
        health.finance.get(&format!("{PATH}/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_receipts_reference_holds_no_bank_details() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let receipt = |reference: &str| json!({ "amount_pence": 1, "received_on": "2024-05-20", "reference": reference });
        for reference in ["12-34-56 12345678", "From account 12345678", "20 00 00"] {
            let refused = health.post(&invoice, "receipts", &receipt(reference)).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/reference".to_owned()], &json!("bank_details")));
            assert!(!refused.text.contains(reference), "it is not repeated");
        }
        assert_eq!(app.count("health_receipts"), 0);
        health.post(&invoice, "receipts", &receipt("BACS 4417 of 2024-05-20")).await.expect(201);
    });
}

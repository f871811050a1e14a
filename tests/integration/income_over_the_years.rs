//! What health owes for a closed year: carried, received for what it was invoiced for, credited and given up.

use crate::health_invoices::note;
use crate::same_figures::store_and_warehouse_agree;
use crate::support::families::Family;
use crate::support::health::Health;
use crate::support::payments::{Paid, pay};
use crate::support::{TestApp, on_both};
use crate::year_end::CLOSURE;
use domain::Role;
use serde_json::{Value, json};

const INCOME: &str = "chc_income";
/// Half of £10 a day over 366 days of 2023-24, and over the 365 of 2024-25 at the same sum a year.
const SHARE: i64 = 183_000;
const RECEIVED: i64 = 100_000;
/// What is owed of 2023-24.
const OWED: i64 = SHARE - RECEIVED;

/// A line of £3,660 a year from 1 April 2023, of which health pays half; £1,000.00 of it came in 2023-24.
async fn shared(app: &TestApp) -> Health {
    let (finance, anyone) = (app.as_role(Role::FinanceOfficer), app.as_anyone().await);
    for year in ["2023-24", "2024-25"] {
        anyone.opened(year).await;
    }
    let (funder, package) = (anyone.provider("other_public").await, anyone.package().await);
    let new = json!({
        "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
        "frequency": "per_year", "unit_rate_ten_thousandths": 36_600_000, "valid_from": "2023-04-01", "reason": "Panel of 14 March 2023"
    });
    let line = anyone.record("/v1/package-lines", &new).await["line_id"].as_str().unwrap().to_owned();
    app.confirmed(&line);
    let mut health = Health { finance, anyone, funder, package, line, funding: String::new() };
    health.funding = health.share(&json!({ "percentage_ten_thousandths": 500_000, "valid_from": "2023-04-01" })).await;
    receive_in_ledger(app, &health, "2024-02-20", RECEIVED);
    health
}

/// An entry of the ledger in which the funder paid.
fn receive_in_ledger(app: &TestApp, health: &Health, posted_on: &str, pence: i64) -> String {
    pay(app, Paid { budget_line: INCOME, posted_on, pence: -pence, provider: Some(&health.funder), order: None })
}

/// What is still expected in a year.
async fn expected(health: &Health, year: &str) -> i64 {
    -health.finance.control(year, INCOME).await["open_commitment_pence"].as_i64().unwrap()
}

async fn close(health: &Health) -> Value {
    health.anyone.record(CLOSURE, &json!({ "reason": "Accounts closed" })).await
}

/// What was carried out of 2023-24, in the order recorded.
async fn carried(health: &Health) -> Vec<i64> {
    let rows = health.anyone.all_pages(&format!("/v1/commitment-carry-forwards?from_year=2023-24&budget_line={INCOME}"), 10).await.concat();
    rows.iter().map(|row| row["amount_pence"].as_i64().unwrap()).collect()
}

/// An invoice for March 2024, half of £310.00.
async fn march(health: &Health) -> Value {
    health.invoice("CHC-0001", "2024-04-03", &[health.charge("2024-03-01", "2024-04-01", 15_500)]).await
}

/// A receipt that came in an entry of the ledger.
fn receipt(pence: i64, on: &str, entry: &str) -> Value {
    json!({ "amount_pence": pence, "received_on": on, "reference": "BACS 4417", "ledger_entry_id": entry })
}

#[test]
fn what_is_owed_of_a_closed_year_is_expected_in_the_next() {
    on_both(async |app| {
        let health = shared(app).await;
        assert_eq!((expected(&health, "2023-24").await, expected(&health, "2024-25").await), (OWED, SHARE));
        let preview = health.anyone.post(&format!("{CLOSURE}/preview"), &json!({})).await.expect(200).body;
        let closure = close(&health).await;
        let income = json!([{
            "budget_line": INCOME, "actual_pence": -RECEIVED, "carried_income_pence": -OWED, "carried_receivables": 1
        }]);
        assert_eq!((&preview["income_lines"], &closure["income_lines"]), (&income, &income));
        assert_eq!(health.anyone.get(CLOSURE).await.expect(200).body["income_lines"], income);
        assert_eq!((expected(&health, "2023-24").await, expected(&health, "2024-25").await), (0, OWED + SHARE));
        store_and_warehouse_agree(app, "2023-24").await;
        store_and_warehouse_agree(app, "2024-25").await;
        // What comes without a word is for the oldest.
        receive_in_ledger(app, &health, "2024-05-20", OWED);
        assert_eq!(expected(&health, "2024-25").await, SHARE);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn a_receipt_settles_what_its_invoice_was_for_in_whichever_year_it_arrives() {
    on_both(async |app| {
        let health = shared(app).await;
        let old = march(&health).await;
        close(&health).await;
        let new = health.invoice("CHC-0002", "2024-05-02", &[health.charge("2024-04-01", "2024-05-01", 15_041)]).await;
        // Given up but for the invoice: a release of what was carried leaves this year's share.
        let release =
            json!({ "year": "2024-25", "budget_line": INCOME, "up_to": "2024-05-01", "only_carried": true, "reason": "Statute-barred" });
        let released = health.anyone.record("/v1/commitment-releases", &release).await;
        assert_eq!((&released["released_pence"], &released["only_carried"]), (&json!(OWED), &json!(true)));
        assert_eq!(expected(&health, "2024-25").await, SHARE);
        let entry = receive_in_ledger(app, &health, "2024-05-20", 20_000);
        assert_eq!(expected(&health, "2024-25").await, SHARE - 20_000, "without a receipt it is for what the funder owes");
        // Most of it was for March: nothing of this year's is settled by that.
        let late = health.post(&old, "receipts", &receipt(15_500, "2024-05-20", &entry)).await.expect(201).body;
        assert_eq!(late["ledger_entry_id"], json!(entry));
        assert_eq!(expected(&health, "2024-25").await, SHARE - 4_500);
        for (body, code) in
            [(receipt(4_501, "2024-05-20", &entry), "more_than_entry"), (receipt(1, "2024-05-20", &health.funding), "unknown_reference")]
        {
            let refused = health.post(&new, "receipts", &body).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/ledger_entry_id".to_owned()], &json!(code)));
        }
        health.post(&new, "receipts", &receipt(4_500, "2024-05-20", &entry)).await.expect(201);
        assert_eq!(expected(&health, "2024-25").await, SHARE - 4_500);
        store_and_warehouse_agree(app, "2024-25").await;
        // The release and the receipt are taken back.
        let id = released["id"].as_str().unwrap();
        health.anyone.record(&format!("/v1/commitment-releases/{id}/reversal"), &json!({ "reason": "They will pay" })).await;
        assert_eq!(expected(&health, "2024-25").await, OWED + SHARE - 20_000);
        let id = late["id"].as_str().unwrap();
        health.finance.record(&format!("/v1/health-receipts/{id}/reversal"), &json!({ "reason": "Another invoice's" })).await;
        assert_eq!(expected(&health, "2024-25").await, OWED + SHARE - 20_000);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn what_a_credit_note_gives_up_is_expected_no_longer_in_the_year_of_its_days() {
    on_both(async |app| {
        let health = shared(app).await;
        let (old, new) = (march(&health).await, [health.charge("2024-04-01", "2024-05-01", 15_041)]);
        let new = health.invoice("CHC-0002", "2024-05-02", &new).await;
        let credit = async |invoice: &Value, number: &str, cause: &str, pence: i64| {
            health.post(invoice, "credit-notes", &note(number, cause, &[(&invoice["lines"][0], pence)])).await.expect(201);
        };
        // In the open year, before the close and after it.
        credit(&old, "CN-1", "error", 500).await;
        assert_eq!((expected(&health, "2023-24").await, expected(&health, "2024-25").await), (OWED - 500, SHARE));
        close(&health).await;
        credit(&new, "CN-2", "dispute", 1_041).await;
        assert_eq!((carried(&health).await, expected(&health, "2024-25").await), (vec![OWED - 500], OWED - 500 + SHARE - 1_041));
        credit(&old, "CN-3", "error", 3_000).await;
        assert_eq!((carried(&health).await, expected(&health, "2024-25").await), (vec![OWED - 500, -3_000], OWED - 3_500 + SHARE - 1_041));
        store_and_warehouse_agree(app, "2024-25").await;
        // An invoice that is taken back was as if it had not been.
        let reversal = json!({ "number": "CN-4", "issued_on": "2024-06-03", "reason": "Wrong funder" });
        health.post(&old, "reversal", &reversal).await.expect(201);
        assert_eq!((carried(&health).await, expected(&health, "2024-25").await), (vec![OWED - 500, -3_000, 3_500], OWED + SHARE - 1_041));
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn what_changes_a_share_of_a_closed_year_is_carried_again() {
    on_both(async |app| {
        let health = shared(app).await;
        close(&health).await;
        // The support ended eleven days before: health owes half of them no longer.
        let end = json!({ "valid_to": "2024-03-21", "reason": "In hospital" });
        health.anyone.record(&format!("/v1/package-lines/{}/end", health.line), &end).await;
        assert_eq!((carried(&health).await, expected(&health, "2024-25").await), (vec![OWED, -5_500], OWED - 5_500));
        // Health agrees to a share found late, for ten days.
        let late = json!({ "percentage_ten_thousandths": 100_000, "valid_from": "2024-03-11", "valid_to": "2024-03-21" });
        let funding = health.share(&late).await;
        assert_eq!((carried(&health).await, expected(&health, "2024-25").await), (vec![OWED, -5_500, 1_000], OWED - 4_500));
        store_and_warehouse_agree(app, "2024-25").await;
        // And ends it, then takes it back.
        let path = format!("/v1/joint-fundings/{funding}");
        health.finance.record(&format!("{path}/end"), &json!({ "valid_to": "2024-03-16", "reason": "No longer eligible" })).await;
        assert_eq!(expected(&health, "2024-25").await, OWED - 5_000);
        health.finance.record(&format!("{path}/reversal"), &json!({ "reason": "Another child's" })).await;
        assert_eq!(expected(&health, "2024-25").await, OWED - 5_500);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn a_release_takes_what_was_carried_before_it_and_not_what_is_carried_later() {
    on_both(async |app| {
        let health = shared(app).await;
        close(&health).await;
        let of_line = json!({
            "year": "2024-25", "budget_line": INCOME, "line_id": health.line, "up_to": "2024-06-01", "only_carried": true, "reason": "Never paid"
        });
        health.anyone.record("/v1/commitment-releases", &of_line).await;
        health.anyone.post("/v1/commitment-releases", &of_line).await.expect_problem(409, "state_conflict");
        let all = json!({ "year": "2024-25", "budget_line": "home_care", "up_to": "2024-06-01", "reason": "All is billed" });
        health.anyone.record("/v1/commitment-releases", &all).await;
        let cost = async || health.finance.control("2024-25", "home_care").await["open_commitment_pence"].as_i64().unwrap();
        let before = cost().await;
        // Found late, in the closed year: ten days at £10, and half of them health's.
        let late = json!({ "percentage_ten_thousandths": 500_000, "valid_from": "2024-03-22", "valid_to": "2024-04-01" });
        let package = health.anyone.package().await;
        let new = json!({
            "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
            "frequency": "per_year", "unit_rate_ten_thousandths": 36_500_000, "valid_from": "2024-03-22", "valid_to": "2024-04-01",
            "reason": "Found late"
        });
        let line = health.anyone.record("/v1/package-lines", &new).await["line_id"].clone();
        assert_eq!(cost().await, before + 10_000);
        let mut share = health.new_share(&late);
        share["line_id"] = line;
        health.finance.record("/v1/joint-fundings", &share).await;
        assert_eq!(expected(&health, "2024-25").await, SHARE + 5_000);
        // Of the very line that was released.
        let more = json!({ "percentage_ten_thousandths": 100_000, "valid_from": "2024-03-22", "valid_to": "2024-04-01" });
        health.share(&more).await;
        assert_eq!(expected(&health, "2024-25").await, SHARE + 5_000 + 1_000);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn a_receipt_is_matched_with_the_arrangement_that_it_is_a_share_of() {
    on_both(async |app| {
        let health = shared(app).await;
        let entry = receive_in_ledger(app, &health, "2024-05-20", 20_000);
        let path = format!("/v1/ledger-entries/{entry}/match");
        health.anyone.record(&path, &json!({ "line_id": health.line, "reason": "CHC-0001" })).await;
        assert_eq!(expected(&health, "2024-25").await, SHARE - 20_000);
        let (_, other) = health.anyone.daily(None, 100).await;
        let entry = receive_in_ledger(app, &health, "2024-05-21", 10);
        let refused = health.anyone.post(&format!("/v1/ledger-entries/{entry}/match"), &json!({ "line_id": other, "reason": "-" })).await;
        refused.expect_problem(422, "invalid_body");
    });
}

#[test]
fn nothing_is_expected_of_health_for_days_that_an_account_leaves_unpaid() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-04-01", None).await;
        let caller = &family.caller;
        let funder = caller.provider("other_public").await;
        let share = json!({
            "line_id": family.line, "provider_id": funder, "budget_line": INCOME, "percentage_ten_thousandths": 500_000,
            "valid_from": "2024-04-01", "agreement_reference": "JF-2024-017", "reason": "Continuing care panel"
        });
        let funding = caller.record("/v1/joint-fundings", &share).await["funding_id"].as_str().unwrap().to_owned();
        let open = async |line: &str| caller.control("2024-25", line).await["open_commitment_pence"].as_i64().unwrap();
        let halved = async || {
            let (cost, income) = (open("direct_payments").await, -open(INCOME).await);
            assert!(cost > 0 && (cost - 2 * income).abs() <= 1, "{income} is half of {cost}");
            cost
        };
        let all = halved().await;
        let pause = json!({ "kind": "pause", "taken_on": "2024-06-10", "until_on": "2024-07-08", "reason": "In hospital" });
        family.step(&pause).await;
        let paused = halved().await;
        assert!(paused < all);
        // Nor is it asked for them.
        let asked = json!({ "provider_id": funder, "period_from": "2024-06-10", "period_to": "2024-07-08" });
        let proposal = caller.post("/v1/health-invoice-proposals", &asked).await.expect(200).body;
        let lines = proposal["lines"].as_array().unwrap().iter().filter(|line| line["funding_id"] == funding.as_str());
        assert_eq!(lines.map(|line| line["amount_pence"].as_i64().unwrap_or_default()).sum::<i64>(), 0, "{proposal}");
        family.step(&json!({ "kind": "close", "taken_on": "2024-09-02", "reason": "The family moved" })).await;
        assert!(halved().await < paused);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

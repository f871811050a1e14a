//! What health owes, by how long it is past due, on any day and as it was known then.

use crate::support::health::Health;
use crate::support::{instant, on_both, on_both_with};
use domain::Profile;
use serde_json::{Value, json};

const PATH: &str = "/v1/health-invoices/aged-debt";

async fn debt(health: &Health, query: &str) -> Value {
    health.finance.get(&format!("{PATH}?{query}")).await.expect(200).body
}

/// Not due, then each band.
fn bands(debt: &Value) -> Vec<i64> {
    let overdue = debt["overdue"].as_array().unwrap().iter().map(|band| band["pence"].as_i64().unwrap());
    std::iter::once(debt["current_pence"].as_i64().unwrap()).chain(overdue).collect()
}

#[test]
fn a_debt_moves_from_band_to_band_on_the_day() {
    on_both(async |app| {
        let health = Health::of(app).await;
        // Due on 1 May; the year's end and no leap day in between.
        health.invoice("CHC-1", "2024-04-01", &[health.charge("2024-04-01", "2024-05-01", 15_000)]).await;
        for (on, band) in [
            ("2024-04-01", 0),
            ("2024-05-01", 0),
            ("2024-05-02", 1),
            ("2024-05-31", 1),
            ("2024-06-01", 2),
            ("2024-06-30", 2),
            ("2024-07-01", 3),
            ("2024-07-30", 3),
            ("2024-07-31", 4),
            ("2025-04-01", 4),
        ] {
            let debt = debt(&health, &format!("on={on}")).await;
            let mut expected = [0; 5];
            expected[band] = 15_000;
            assert_eq!(bands(&debt["totals"]), expected, "{on}");
            assert_eq!(debt["rows"][0]["provider_id"], health.funder);
        }
        assert_eq!(debt(&health, "on=2024-03-31").await["rows"], json!([]));
    });
}

#[test]
fn a_leap_day_and_a_years_end_are_days_like_others() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let leap = crate::support::health::ten_pounds_a_day(&health.anyone, &health.package, "2023-04-01").await;
        app.confirmed(&leap);
        let funding = health.share(&json!({ "line_id": leap, "percentage_ten_thousandths": 1_000_000, "valid_from": "2023-04-01" })).await;
        // £3,650 over the 366 days of 2023-24: January has 31 of them.
        let january = json!({ "funding_id": funding, "period_from": "2024-01-01", "period_to": "2024-02-01", "amount_pence": 30_915 });
        health.invoice("CHC-1", "2024-01-31", &[january]).await;
        // Due on 1 March, 30 days over 29 February.
        for (on, band) in [("2024-03-01", 0), ("2024-03-02", 1), ("2024-03-31", 1), ("2024-04-01", 2), ("2024-05-01", 3), ("2024-05-31", 4)]
        {
            let mut expected = [0; 5];
            expected[band] = 30_915;
            assert_eq!(bands(&debt(&health, &format!("on={on}")).await["totals"]), expected, "{on}");
        }
    });
}

#[test]
fn payments_credits_and_disputes_count_from_their_own_days() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        let line = invoice["lines"][0]["id"].clone();
        health.receive(&invoice, 5_000, "2024-05-20").await.expect(201);
        let credit = json!({
            "number": "CN-1", "cause": "dispute", "issued_on": "2024-06-02", "reason": "-", "lines": [{ "line_id": line, "amount_pence": 1_000 }]
        });
        let credit = health.post(&invoice, "credit-notes", &credit).await.expect(201).body;
        let dispute = json!({ "opened_on": "2024-05-25", "amount_pence": 2_000, "reason": "-" });
        let dispute = health.post(&invoice, "disputes", &dispute).await.expect(201).body;
        let end = json!({ "outcome": "upheld", "resolved_on": "2024-06-03", "credit_note_id": credit["id"], "reason": "-" });
        health.finance.record(&format!("/v1/health-disputes/{}/resolution", dispute["id"].as_str().unwrap()), &end).await;
        for (on, owed, disputed) in [
            ("2024-05-02", 15_000, 0),
            ("2024-05-19", 15_000, 0),
            ("2024-05-20", 10_000, 0),
            ("2024-05-25", 10_000, 2_000),
            ("2024-06-02", 9_000, 2_000),
            ("2024-06-03", 9_000, 0),
        ] {
            let totals = debt(&health, &format!("on={on}")).await["totals"].clone();
            assert_eq!((&totals["total_pence"], &totals["disputed_pence"]), (&json!(owed), &json!(disputed)), "{on}");
        }
        health.receive(&invoice, 9_000, "2024-06-03").await.expect(201);
        assert_eq!(debt(&health, "").await["rows"], json!([]), "who owes nothing is left out");
    });
}

#[test]
fn a_debt_can_be_asked_for_as_it_was_known() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let invoice = health.april().await;
        app.clock.set(instant("2024-06-10T00:00:00"));
        // Received earlier than it was recorded.
        health.receive(&invoice, 5_000, "2024-05-20").await.expect(201);
        for (query, owed) in [
            ("on=2024-06-01&as_known_on=2024-06-02", 0),
            ("on=2024-06-01&as_known_on=2024-06-03", 15_000),
            ("on=2024-06-01&as_known_on=2024-06-09", 15_000),
            ("on=2024-06-01&as_known_on=2024-06-10", 10_000),
            ("on=2024-06-01", 10_000),
        ] {
            assert_eq!(debt(&health, query).await["totals"]["total_pence"], owed, "{query}");
        }
        for bad in ["on=1990-03-31", "as_known_on=2099-04-01", "on=yesterday", "format=pdf", "year=2023-24"] {
            health.finance.get(&format!("{PATH}?{bad}")).await.expect_problem(422, "invalid_parameter");
        }
    });
}

#[test]
fn debts_come_as_a_sheet() {
    on_both(async |app| {
        let (health, other) = (Health::of(app).await, Health::of(app).await);
        health.april().await;
        other.invoice("CHC-9", "2024-06-03", &[other.charge("2024-04-01", "2024-05-01", 15_000)]).await;
        let csv = health.finance.get(&format!("{PATH}?format=csv")).await.expect(200);
        let lines: Vec<_> = csv.text.lines().collect();
        assert_eq!(
            lines[0],
            "provider_code,provider_name,current_pounds,days_1_to_30_pounds,days_31_to_60_pounds,days_61_to_90_pounds,over_90_days_pounds,\
             total_pounds,disputed_pounds"
        );
        assert_eq!(lines.len(), 3);
        // Codes are numbered, and sorted as text.
        let mut amounts: Vec<_> = lines[1..].iter().map(|line| line.split_once(',').unwrap().1).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, ["Meadow House,0.00,150.00,0.00,0.00,0.00,150.00,0.00", "Meadow House,150.00,0.00,0.00,0.00,0.00,150.00,0.00"]);
        let workbook = health.finance.get(&format!("{PATH}?format=xlsx")).await.expect(200);
        assert_eq!(workbook.header("content-disposition"), "attachment; filename=\"aged-debt-2024-06-03.xlsx\"");
    });
}

#[test]
fn a_council_without_rules_names_each_due_day_and_has_one_band() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.joint_funding = Default::default();
    on_both_with(&profile, async |app| {
        let health = Health::of(app).await;
        let mut new = health.new_invoice("CHC-1", "2024-05-02", &[health.charge("2024-04-01", "2024-05-01", 15_000)]);
        let refused = health.finance.post("/v1/health-invoices", &new).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/due_on"]);
        new["due_on"] = json!("2024-05-16");
        health.finance.record("/v1/health-invoices", &new).await;
        assert_eq!(bands(&debt(&health, "on=2024-05-16").await["totals"]), [15_000, 0]);
        assert_eq!(bands(&debt(&health, "on=2034-05-16").await["totals"]), [0, 15_000]);
    });
}

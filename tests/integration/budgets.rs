//! Financial years, budget lines, budget movements and virements.

use crate::support::records::new_movement;
use crate::support::{Client, on_both};
use domain::Role;
use serde_json::{Value, json};

fn virement(from: &str, to: &str, amount_pence: i64) -> Value {
    json!({
        "year": "2023-24", "from_budget_line": from, "to_budget_line": to, "amount_pence": amount_pence, "effective_on": "2023-10-01",
        "reason": "Two placements more than planned"
    })
}

/// The sum of a line's movements.
async fn budget_of(client: &Client, line: &str) -> i64 {
    let pages = client.all_pages(&format!("/v1/budget-movements?year=2023-24&budget_line={line}"), 100).await;
    pages.concat().iter().map(|movement| movement["amount_pence"].as_i64().unwrap()).sum()
}

#[test]
fn a_year_is_opened_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let leap = finance.post("/v1/financial-years", &json!({ "year": "2023-24" })).await.expect(201);
        insta::assert_json_snapshot!("an_opened_year", leap.redacted());
        assert_eq!(finance.get(leap.header("location")).await.expect(200).body, leap.body);
        finance.post("/v1/financial-years", &json!({ "year": "2023-24" })).await.expect_problem(409, "already_exists");
        for year in ["2023-25", "2023/24", "1989-90", "2099-00", "", "2023-24\u{0}"] {
            finance.post("/v1/financial-years", &json!({ "year": year })).await.expect_problem(422, "invalid_body");
        }
        finance.record("/v1/financial-years", &json!({ "year": "1999-00" })).await;
        let listed = finance.all_pages("/v1/financial-years", 1).await.concat();
        assert_eq!(listed.iter().map(|year| year["year"].as_str().unwrap()).collect::<Vec<_>>(), ["1999-00", "2023-24"]);
        finance.get("/v1/financial-years/2030-31").await.expect_problem(404, "not_found");
        finance.get("/v1/financial-years/2030").await.expect_problem(404, "not_found");
    });
}

#[test]
fn the_profile_brings_its_budget_lines_and_others_are_added() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let before = finance.all_pages("/v1/budget-lines", 3).await.concat();
        let profile = finance.get("/v1/profile").await.expect(200).body;
        assert_eq!(before.len(), profile["budget_lines"].as_array().unwrap().len());
        let equipment = json!({ "code": "equipment", "name": "Specialist equipment", "direction": "expenditure" });
        let made = finance.post("/v1/budget-lines", &equipment).await.expect(201);
        assert_eq!(finance.get("/v1/budget-lines/equipment").await.expect(200).body, made.body);
        finance.post("/v1/budget-lines", &equipment).await.expect_problem(409, "already_exists");
        finance.get("/v1/budget-lines/no_such_line").await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_movement_is_recorded_read_and_reversed_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        let made = finance.post("/v1/budget-movements", &new_movement("original", "home_care", 41_000_000)).await.expect(201);
        assert_eq!(finance.get(made.header("location")).await.expect(200).body, made.body);
        let id = made.body["id"].as_str().unwrap();
        let reversal = format!("/v1/budget-movements/{id}/reversal");
        let wrong_year = json!({ "reason": "Recorded against the wrong year" });
        let reversed = finance.post(&reversal, &wrong_year).await.expect(201);
        insta::assert_json_snapshot!("a_reversed_movement", reversed.redacted());
        assert_eq!(reversed.body["movements"][0]["reverses_id"], id);
        let again = finance.post(&reversal, &wrong_year).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_movement_reversed_twice", again.redacted());
        let of_reversal = format!("/v1/budget-movements/{}/reversal", reversed.body["movements"][0]["id"].as_str().unwrap());
        finance.post(&of_reversal, &wrong_year).await.expect_problem(409, "state_conflict");
        finance.post(&format!("/v1/budget-movements/{}/reversal", db::new_id()), &wrong_year).await.expect_problem(404, "not_found");
        assert_eq!(budget_of(&finance, "home_care").await, 0);
        // What was taken back may be recorded again.
        finance.budget("home_care", 5).await;
    });
}

#[test]
fn a_line_has_one_original_budget_a_year_of_the_right_sign() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        finance.budget("home_care", 100).await;
        finance.post("/v1/budget-movements", &new_movement("original", "home_care", 200)).await.expect_problem(409, "already_exists");
        finance.record("/v1/budget-movements", &new_movement("adjustment", "home_care", -100)).await;
        let below =
            finance.post("/v1/budget-movements", &new_movement("adjustment", "home_care", -1)).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_budget_below_nought", below.redacted());
        for (line, amount) in [("nursery", -1), ("nursery", 0), ("chc_income", 1)] {
            let refused = finance.post("/v1/budget-movements", &new_movement("original", line, amount)).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/amount_pence"], "{line} {amount}");
        }
        finance.budget("chc_income", -1).await;
        finance.post("/v1/budget-movements", &new_movement("virement", "nursery", 1)).await.expect_problem(422, "invalid_body");
        let unknown = json!({
            "year": "2031-32", "budget_line": "no_such_line", "kind": "adjustment", "amount_pence": 1, "effective_on": "2023-04-01", "reason": "-"
        });
        let refused = finance.post("/v1/budget-movements", &unknown).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_movement_with_nothing_to_stand_on", refused.redacted());
    });
}

#[test]
fn amounts_have_limits() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        for amount in ["100000000001", "-100000000001", "9223372036854775808", "1e400", "1.5", "\"1\"", "null", "12345678901234567890123"] {
            let body =
                new_movement("adjustment", "home_care", 1).to_string().replace("\"amount_pence\":1", &format!("\"amount_pence\":{amount}"));
            let refused = finance.post_raw("/v1/budget-movements", "application/json", body).await;
            assert!([400, 422].contains(&refused.status), "{amount}: {}", refused.text);
        }
        finance.record("/v1/budget-movements", &new_movement("adjustment", "home_care", 100_000_000_000)).await;
        finance.record("/v1/budget-movements", &new_movement("adjustment", "home_care", -100_000_000_000)).await;
    });
}

#[test]
fn a_virement_moves_budget_and_no_more_than_there_is() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        finance.budget("nursery", 1_000).await;
        let made = finance.post("/v1/virements", &virement("nursery", "home_care", 600)).await.expect(201);
        insta::assert_json_snapshot!("a_virement", made.redacted());
        assert_eq!(finance.get(made.header("location")).await.expect(200).body, made.body);
        let refused = finance.post("/v1/virements", &virement("nursery", "home_care", 401)).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_virement_beyond_the_budget", refused.redacted());
        finance.record("/v1/virements", &virement("nursery", "home_care", 400)).await;
        assert_eq!((budget_of(&finance, "nursery").await, budget_of(&finance, "home_care").await), (0, 1_000));
        finance.post("/v1/virements", &virement("nursery", "home_care", 1)).await.expect_problem(409, "state_conflict");
        for (from, to, pointer) in [
            ("home_care", "home_care", "/to_budget_line"),
            ("chc_income", "home_care", "/from_budget_line"),
            ("home_care", "chc_income", "/to_budget_line"),
            ("no_such_line", "home_care", "/from_budget_line"),
        ] {
            let refused = finance.post("/v1/virements", &virement(from, to, 1)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer]);
        }
        for amount in [0, -1, 100_000_000_001] {
            let refused = finance.post("/v1/virements", &virement("home_care", "nursery", amount)).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/amount_pence"]);
        }
        finance.get(&format!("/v1/virements/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_virement_is_reversed_on_both_sides() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        finance.budget("nursery", 1_000).await;
        let made = finance.record("/v1/virements", &virement("nursery", "home_care", 600)).await;
        let sides: Vec<_> = made["movements"].as_array().unwrap().iter().map(|side| side["id"].as_str().unwrap().to_owned()).collect();
        let why = json!({ "reason": "Not agreed after all" });
        let reversed = finance.record(&format!("/v1/budget-movements/{}/reversal", sides[1]), &why).await;
        assert_eq!(reversed["movements"].as_array().unwrap().len(), 2);
        assert_eq!((budget_of(&finance, "nursery").await, budget_of(&finance, "home_care").await), (1_000, 0));
        for side in sides {
            finance.post(&format!("/v1/budget-movements/{side}/reversal"), &why).await.expect_problem(409, "state_conflict");
        }
        assert_eq!(budget_of(&finance, "nursery").await, 1_000);
    });
}

#[test]
fn virements_at_once_never_give_more_than_there_is() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        finance.budget("nursery", 1_000).await;
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let finance = finance.clone();
                tokio::spawn(async move { finance.post("/v1/virements", &virement("nursery", "home_care", 300)).await.status })
            })
            .collect();
        let mut recorded = 0;
        for call in calls {
            recorded += i32::from(call.await.unwrap() == 201);
        }
        assert_eq!(recorded, 3);
        assert_eq!(budget_of(&finance, "nursery").await, 100);
    });
}

#[test]
fn no_movement_leaves_a_line_with_less_than_no_budget() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        let original = finance.budget("nursery", 10_000).await;
        let less = json!({
            "year": "2023-24", "budget_line": "nursery", "kind": "adjustment", "amount_pence": -10_001, "effective_on": "2023-06-01",
            "reason": "Savings"
        });
        finance.post("/v1/budget-movements", &less).await.expect_problem(409, "state_conflict");
        let virement = json!({
            "year": "2023-24", "from_budget_line": "nursery", "to_budget_line": "home_care", "amount_pence": 4_000,
            "effective_on": "2023-06-01", "reason": "More care at home"
        });
        finance.record("/v1/virements", &virement).await;
        // What was given away is no longer there to be taken back.
        let reversal = format!("/v1/budget-movements/{original}/reversal");
        finance.post(&reversal, &json!({ "reason": "Wrong year" })).await.expect_problem(409, "state_conflict");
        let mut late = virement.clone();
        late["effective_on"] = json!("2024-04-01");
        let refused = finance.post("/v1/virements", &late).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/effective_on"]);
    });
}

//! Ledger entries: read, reversed and recoded.

use crate::support::on_both;
use crate::support::records::ledger_entries;
use domain::Role;
use serde_json::json;

#[test]
fn entries_are_listed_by_year_line_and_file() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        let (file, ids) = ledger_entries(app, 5);
        ledger_entries(app, 2);
        let pages = finance.all_pages(&format!("/v1/ledger-entries?file_id={file}&year=2023-24&budget_line=home_care"), 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(pages.concat().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), ids);
        assert_eq!(finance.all_pages("/v1/ledger-entries", 500).await.concat().len(), 7);
        for none in ["year=2022-23", "budget_line=nursery", "file_id=0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41"] {
            assert_eq!(finance.get(&format!("/v1/ledger-entries?{none}")).await.expect(200).body["items"], json!([]));
        }
        let read = finance.get(&format!("/v1/ledger-entries/{}", ids[0])).await.expect(200);
        insta::assert_json_snapshot!("a_ledger_entry", read.redacted());
    });
}

#[test]
fn an_entry_is_recoded_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        let (_, ids) = ledger_entries(app, 2);
        let path = format!("/v1/ledger-entries/{}/reversal", ids[0]);
        let recoding = json!({ "reason": "Coded to the wrong line", "recode_to": "nursery" });
        for (line, code) in [("home_care", "same_line"), ("no_such_line", "unknown_reference")] {
            let refused = finance.post(&path, &json!({ "reason": "-", "recode_to": line })).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.body["errors"][0]["code"], code);
        }
        let recoded = finance.record(&path, &recoding).await;
        assert_eq!((&recoded["reversal"]["amount_pence"], &recoded["reversal"]["reverses_id"]), (&json!(-100), &json!(ids[0])));
        assert_eq!((&recoded["replacement"]["amount_pence"], &recoded["replacement"]["budget_line"]), (&json!(100), &json!("nursery")));
        finance.post(&path, &recoding).await.expect_problem(409, "state_conflict");
        let of_reversal = format!("/v1/ledger-entries/{}/reversal", recoded["reversal"]["id"].as_str().unwrap());
        finance.post(&of_reversal, &recoding).await.expect_problem(409, "state_conflict");
        // The replacement may be corrected in its turn.
        let of_replacement = format!("/v1/ledger-entries/{}/reversal", recoded["replacement"]["id"].as_str().unwrap());
        finance.record(&of_replacement, &json!({ "reason": "Should not count at all" })).await;
        let plain = finance.record(&format!("/v1/ledger-entries/{}/reversal", ids[1]), &json!({ "reason": "Paid back" })).await;
        assert_eq!(plain["replacement"], json!(null));
        let left: i64 = finance.all_pages("/v1/ledger-entries", 3).await.concat().iter().map(|e| e["amount_pence"].as_i64().unwrap()).sum();
        assert_eq!(left, 0);
    });
}

#[test]
fn a_mistaken_reversal_is_taken_back_and_money_keeps_its_direction() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.open_year().await;
        let (_, ids) = ledger_entries(app, 1);
        let why = json!({ "reason": "The other one was wrong" });
        let to_income = json!({ "reason": "-", "recode_to": "chc_income" });
        let path = |id: &str| format!("/v1/ledger-entries/{id}/reversal");
        let refused = finance.post(&path(&ids[0]), &to_income).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "direction");
        let reversal = finance.record(&path(&ids[0]), &why).await["reversal"]["id"].as_str().unwrap().to_owned();
        let again = finance.record(&path(&reversal), &why).await;
        assert_eq!((&again["reversal"]["amount_pence"], &again["reversal"]["reverses_id"]), (&json!(100), &json!(reversal)));
        finance.post(&path(&reversal), &why).await.expect_problem(409, "state_conflict");
        let left: i64 = finance.all_pages("/v1/ledger-entries", 2).await.concat().iter().map(|e| e["amount_pence"].as_i64().unwrap()).sum();
        assert_eq!(left, 100);
    });
}

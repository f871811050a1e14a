//! Ledger lines that come after their year was closed.

use crate::support::ledger_files::MAPPING;
use crate::support::{Client, on_both, send};
use crate::year_end::CLOSURE;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

async fn import(client: &Client, name: &str, file: &str) -> Value {
    let file = format!("Posting Date,Amount,Transaction,Code,Order\n{file}");
    let mapping = MAPPING.replace("code = \"Code\"", "code = \"Code\"\npurchase_order = \"Order\"");
    let form = Form::new().text("mapping", mapping).part("file", Part::bytes(file.into_bytes()).file_name(name.to_owned()));
    let answer = send(client.request(Method::POST, "/v1/ledger-imports").multipart(form)).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
    answer.body
}

#[test]
fn entries_posted_in_a_closed_year_count_in_the_next_and_files_loaded_before_stay_as_they_are() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let early = "01/02/2024,10.00,T1,6401,PO-1\n02/02/2024,20.00,T2,6401,\n";
        import(&caller, "february.csv", early).await;
        caller.opened("2024-25").await;
        let loaded = caller.all_pages("/v1/ledger-entries", 10).await.concat();
        assert_eq!(loaded.iter().map(|entry| &entry["purchase_order"]).collect::<Vec<_>>(), [&json!("PO-1"), &json!(null)]);
        caller.record(CLOSURE, &json!({ "reason": "Accounts closed" })).await;
        let before = app.count("audit_events");
        // The very file again, and its lines in another file: nothing is added or moved.
        let again = import(&caller, "february.csv", early).await;
        assert_eq!((&again["files"][0]["status"], &again["total"]["moved_to_open_year"]), (&json!("already_loaded"), &json!(0)));
        assert_eq!(app.count("audit_events"), before);
        let late = format!("{early}15/03/2024,30.00,T3,6401,PO-2\n05/04/2024,40.00,T4,6401,\n01/01/1995,5.00,T5,6401,\n");
        let more = import(&caller, "late.csv", &late).await;
        let counts = ["already_present", "moved_to_open_year", "look_alike"].map(|field| more["total"][field].as_i64().unwrap());
        assert_eq!(counts, [2, 2, 0]);
        let mut warned = more["files"][0]["warnings"].as_array().unwrap().iter().filter_map(|warning| warning.as_str());
        assert!(warned.any(|warning| warning.starts_with("2 new lines are posted in a year that was closed")), "{more}");
        let entries = caller.all_pages("/v1/ledger-entries", 10).await.concat();
        let told: Vec<_> = entries.iter().map(|entry| (entry["year"].as_str().unwrap(), entry["reason"].as_str().unwrap())).collect();
        let expected = [
            ("2023-24", "imported"),
            ("2023-24", "imported"),
            ("2024-25", "posted in 2023-24, which was closed"),
            ("2024-25", "imported"),
            ("2024-25", "posted in 1994-95, which was closed"),
        ];
        assert_eq!((told, &entries[2]["posted_on"]), (expected.to_vec(), &json!("2024-03-15")));
        // A year long past is not opened for it.
        assert_eq!(caller.all_pages("/v1/financial-years", 10).await.concat().len(), 2);
        let third = import(&caller, "late-2.csv", &format!("{late}\n")).await;
        assert_eq!((&third["total"]["already_present"], &third["total"]["moved_to_open_year"]), (&json!(5), &json!(0)));
        assert_eq!(app.count("ledger_entries"), 5);
        // Lines that are identified otherwise are still seen to look alike.
        let other = MAPPING.replace("identity = [\"date\", \"reference\", \"amount\"]", "identity = [\"Code\", \"reference\"]");
        let form = Form::new().text("mapping", other).text("dry_run", "true").part(
            "file",
            Part::bytes(format!("Date,Amount,Transaction,Code\n{}", "15/03/2024,30.00,T3,6401\n").into_bytes()).file_name("x.csv"),
        );
        let tried = send(caller.request(Method::POST, "/v1/ledger-imports").multipart(form)).await;
        assert_eq!(tried.body["total"]["look_alike"], 1, "{}", tried.text);
    });
}

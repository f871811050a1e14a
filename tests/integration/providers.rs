//! Providers.

use crate::support::on_both;
use domain::Role;
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn a_provider_is_recorded_and_read() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let new = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "private", "location": "out_of_borough" });
        let made = finance.post("/v1/providers", &new).await.expect(201);
        insta::assert_json_snapshot!("a_new_provider", made.redacted());
        let read = finance.get(made.header("location")).await.expect(200);
        assert_eq!(read.body, made.body);
    });
}

#[test]
fn a_code_is_held_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let new = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "private", "location": "out_of_borough" });
        finance.post("/v1/providers", &new).await.expect(201);
        let refused = finance.post("/v1/providers", &new).await.expect_problem(409, "already_exists");
        insta::assert_json_snapshot!("a_code_that_another_provider_has", refused.redacted());
    });
}

#[test]
fn of_many_who_record_one_code_at_once_one_succeeds() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let new = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "private", "location": "in_borough" });
        let calls: Vec<_> = (0..12)
            .map(|_| {
                let (finance, new) = (finance.clone(), new.clone());
                tokio::spawn(async move { finance.post("/v1/providers", &new).await.status })
            })
            .collect();
        let mut statuses = BTreeMap::new();
        for call in calls {
            *statuses.entry(call.await.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(201, 1), (409, 11)]));
        assert_eq!(app.count("providers"), 1);
    });
}

#[test]
fn the_list_is_read_page_by_page_and_filtered() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let mut made = Vec::new();
        for number in 0..7 {
            made.push(finance.provider(if number % 3 == 0 { "voluntary" } else { "own" }).await);
        }
        let pages = finance.all_pages("/v1/providers", 3).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(pages.concat().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), made);
        // A last page that is exactly full leads to no empty one.
        assert_eq!(finance.all_pages("/v1/providers", 7).await.len(), 1);
        assert_eq!(finance.all_pages("/v1/providers?sector=voluntary", 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let code = pages[0][1]["code"].as_str().unwrap();
        assert_eq!(finance.get(&format!("/v1/providers?code={code}")).await.body["items"], json!([pages[0][1]]));
    });
}

#[test]
fn every_bad_field_is_told_at_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let bad = json!({ "code": "Meadow House", "name": " ", "sector": "charity", "town": "Hyde" });
        let refused = finance.post("/v1/providers", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_provider_with_every_field_wrong", refused.redacted());
    });
}

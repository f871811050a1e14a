//! What a tool may never do: one table, which the API's operations are held against.

use crate::support::families::{Family, step};
use crate::support::{Client, on_both};
use domain::people::tools::NEVER_BY_A_TOOL;
use domain::{Permission, Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use strum::VariantArray;

/// Every operation that changes something, by its id, with its path.
fn writing() -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(&api::document().to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let posts = paths.filter_map(|(path, item)| Some((item["post"]["operationId"].as_str()?.to_owned(), path.clone())));
    posts.collect()
}

async fn call(caller: &Client, path: &str) -> crate::support::Answer {
    let path = path.replace("{id}", "0199c1f4-0000-7000-8000-000000000000").replace("{year}", "2050-51").replace("{number}", "1");
    caller.post(&path, &json!({})).await
}

#[test]
fn a_tool_is_refused_whatever_the_table_lists_and_nothing_else() {
    let operations = writing();
    for (operation, _) in NEVER_BY_A_TOOL {
        assert!(operations.contains_key(*operation), "{operation} is no operation of the API");
    }
    on_both(async |app| {
        let (tool, person) = (app.as_client(Permission::VARIANTS).await, app.as_anyone().await);
        for (operation, path) in &operations {
            let is_listed = NEVER_BY_A_TOOL.iter().any(|(listed, _)| listed == operation);
            let answer = call(&tool, path).await;
            assert_eq!(answer.status == 403, is_listed, "{operation}: {}", answer.text);
            let answer = call(&person, path).await;
            assert!(answer.status != 403, "{operation}: {}", answer.text);
        }
    });
}

#[test]
fn whoever_holds_a_tool_pays_no_account_that_they_recorded() {
    on_both(async |app| {
        let family = Family::without_anything(app, "2024-06-03", None).await;
        let tool = app.as_client(Permission::VARIANTS).await;
        tool.post(&family.path("steps"), &step("bank_account_recorded", "2024-06-03")).await.expect_problem(403, "no_authority");
        family.all_steps().await;
        tool.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-06-03" })).await.expect_problem(403, "no_authority");
        assert_eq!(family.paid_by(&family.caller, "2024-06-03").await.0, 0);
        assert_eq!(family.paid_by(&app.person(Role::FinanceOfficer).client, "2024-06-03").await.0, 1);
    });
}

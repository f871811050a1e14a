//! Users and API clients.

use crate::support::{PASSWORD, on_both};
use domain::{Permission, Role};
use serde_json::json;
use strum::VariantArray;

#[test]
fn a_user_is_added_and_logs_in() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let new = json!({ "username": "finance.team", "password": PASSWORD, "role": "finance_officer" });
        let made = administrator.post("/v1/users", &new).await.expect(201);
        insta::assert_json_snapshot!("a_new_user", made.redacted());
        assert_eq!(administrator.get(made.header("location")).await.expect(200).body, made.body);
        app.log_in("finance.team").await.expect(200);
        administrator.post("/v1/users", &new).await.expect_problem(409, "already_exists");
    });
}

#[test]
fn a_user_that_cannot_be_is_told_why_and_no_password_is_repeated() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let bad = json!({ "username": "Finance Team", "password": "tooshort-0", "role": "king" });
        let refused = administrator.post("/v1/users", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_user_with_every_field_wrong", refused.redacted());
        assert!(!refused.text.contains("tooshort-0"));
        let long = json!({ "username": "someone", "password": "x".repeat(201), "role": "auditor" });
        assert_eq!(administrator.post("/v1/users", &long).await.expect_problem(422, "invalid_body").pointers(), ["/password"]);
        assert!(crate::support::captured_log::lines_with("tooshort-0").is_empty());
        assert!(crate::support::captured_log::lines_with(PASSWORD).is_empty());
    });
}

#[test]
fn users_and_clients_are_listed_page_by_page() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        for _ in 0..4 {
            app.add_user(Role::Manager);
        }
        let pages = administrator.all_pages("/v1/users", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert!(pages.concat().iter().all(|user| user.get("password_hash").is_none() && user.get("password").is_none()));
        for number in 0..3 {
            let new = json!({ "name": format!("Tool {number}"), "scope": ["reports:read"] });
            administrator.record("/v1/api-clients", &new).await;
        }
        let pages = administrator.all_pages("/v1/api-clients", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!(pages.concat().iter().all(|client| client.get("client_secret").is_none() && client.get("secret_hash").is_none()));
        let twice = json!({ "name": "Tool 1", "scope": ["reports:read"] });
        administrator.post("/v1/api-clients", &twice).await.expect_problem(409, "already_exists");
        for scope in [json!([]), json!(["everything"]), json!("reports:read"), json!(vec!["reports:read"; 101])] {
            let refused = administrator.post("/v1/api-clients", &json!({ "name": "Tool", "scope": scope })).await;
            refused.expect_problem(422, "invalid_body");
        }
        let everything = json!({ "name": "Everything", "scope": Permission::VARIANTS });
        administrator.record("/v1/api-clients", &everything).await;
    });
}

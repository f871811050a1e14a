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
        administrator.post("/v1/users", &new).await.expect_problem(409, "already_exists");
        app.log_in("finance.team").await.expect_problem(401, "not_authenticated");
        let id = made.body["id"].as_str().unwrap();
        app.as_role(Role::Administrator).record(&format!("/v1/users/{id}/agreement"), &json!({})).await;
        app.log_in("finance.team").await.expect(200);
    });
}

#[test]
fn rights_over_money_are_good_once_a_second_administrator_agreed() {
    on_both(async |app| {
        let (first, second) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let waiting = [Role::FinanceOfficer, Role::Manager, Role::Administrator, Role::Practitioner].map(|role| (role, true));
        for (role, waits) in waiting.into_iter().chain([(Role::Auditor, false)]) {
            let name = format!("somebody.{role}");
            let made = first.record("/v1/users", &json!({ "username": name, "password": PASSWORD, "role": role })).await;
            let path = format!("/v1/users/{}/agreement", made["id"].as_str().unwrap());
            let listed = second.get("/v1/waiting-log-ins").await.expect(200).body["items"].clone();
            if !waits {
                app.log_in(&name).await.expect(200);
                assert_eq!(listed, json!([]));
                second.post(&path, &json!({})).await.expect_problem(409, "state_conflict");
                continue;
            }
            assert_eq!((&listed[0]["subject_id"], &listed[0]["opened_by"]), (&made["id"], &json!(first.my_id().await)));
            // A wrong password is told no more than before.
            let wrong = json!({ "grant_type": "password", "username": name, "password": "not the password" });
            app.anonymous().post("/v1/tokens", &wrong).await.expect_problem(401, "bad_credentials");
            let refused = app.log_in(&name).await.expect_problem(401, "not_authenticated");
            assert!(refused.text.contains("second administrator"), "{}", refused.text);
            first.post(&path, &json!({})).await.expect_problem(403, "not_allowed");
            app.as_client(Permission::VARIANTS).await.post(&path, &json!({})).await.expect_problem(403, "no_authority");
            let agreed = second.record(&path, &json!({})).await;
            assert_eq!((&agreed["opened_by"], &agreed["recorded_by"]), (&listed[0]["opened_by"], &json!(second.my_id().await)));
            second.post(&path, &json!({})).await.expect_problem(409, "state_conflict");
            app.log_in(&name).await.expect(200);
        }
        assert_eq!(app.events("users", "agree").await.len(), 4);
    });
}

#[test]
fn a_new_password_for_somebody_with_rights_over_money_is_good_once_another_agreed() {
    on_both(async |app| {
        let (first, second) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let user = app.add_user(Role::FinanceOfficer);
        let standing = app.as_user(&user);
        let reset = first.post(&format!("/v1/users/{}/password-reset", user.id), &json!({})).await.expect(200).body;
        let log_in = json!({ "grant_type": "password", "username": user.name, "password": reset["password"] });
        app.anonymous().post("/v1/tokens", &log_in).await.expect_problem(401, "not_authenticated");
        // Nor does a token from before write anything meanwhile.
        standing
            .post("/v1/providers", &json!({ "code": "a_provider", "name": "A", "sector": "own", "location": "in_borough" }))
            .await
            .expect_problem(401, "not_authenticated");
        second.record(&format!("/v1/users/{}/agreement", user.id), &json!({})).await;
        app.anonymous().post("/v1/tokens", &log_in).await.expect(200);
    });
}

#[test]
fn a_tool_with_rights_over_money_waits_and_has_an_owner() {
    on_both(async |app| {
        let (first, second) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let owner = app.add_user(Role::FinanceOfficer);
        let (answering, owner) = (app.as_user(&owner), owner.id);
        for (scope, owner_id, waits) in [("reports:read", json!(null), false), ("ledger:write", json!(owner), true)] {
            let new = json!({ "name": format!("Tool {scope}"), "scope": [scope], "owner_id": owner_id });
            let made = first.record("/v1/api-clients", &new).await;
            let expected = if owner_id.is_null() { json!(first.my_id().await) } else { owner_id };
            assert_eq!(made["owner_id"], expected);
            let credentials =
                json!({ "grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["client_secret"] });
            if waits {
                app.anonymous().post("/v1/tokens", &credentials).await.expect_problem(401, "not_authenticated");
                let path = format!("/v1/api-clients/{}/agreement", made["id"].as_str().unwrap());
                first.post(&path, &json!({})).await.expect_problem(403, "not_allowed");
                second.record(&path, &json!({})).await;
                // Agreed by another administrator, it waits for the one who answers for it.
                let refused = app.anonymous().post("/v1/tokens", &credentials).await.expect_problem(401, "not_authenticated");
                assert!(refused.text.contains("until the user who answers for it accepts"), "{}", refused.text);
                let own = answering.get("/v1/me/api-clients").await.expect(200).body;
                assert_eq!(own["items"].as_array().unwrap().len(), 1);
                assert_eq!((&own["items"][0]["id"], &own["items"][0]["owner_accepted_at"]), (&made["id"], &json!(null)));
                let path = format!("/v1/me/api-clients/{}/acceptance", made["id"].as_str().unwrap());
                // Nobody accepts for another, whoever made the tool.
                for administrator in [&first, &second] {
                    administrator.post(&path, &json!({})).await.expect_problem(404, "not_found");
                }
                assert!(answering.post(&path, &json!({})).await.expect(200).body["owner_accepted_at"].is_string());
                answering.post(&path, &json!({})).await.expect_problem(409, "state_conflict");
            }
            app.anonymous().post("/v1/tokens", &credentials).await.expect(200);
        }
        assert_eq!(first.get("/v1/me/api-clients").await.expect(200).body["items"].as_array().unwrap().len(), 1);
        let unknown = json!({ "name": "Nobody's", "scope": ["reports:read"], "owner_id": db::new_id() });
        assert_eq!(first.post("/v1/api-clients", &unknown).await.expect_problem(422, "invalid_body").pointers(), ["/owner_id"]);
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

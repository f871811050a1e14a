//! Tokens: logging in, going on, logging out, and tokens that are not good.

use crate::support::{Client, PASSWORD, TestApp, instant, on_both};
use domain::{Permission, Role};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

async fn refresh(app: &TestApp, token: &Value) -> crate::support::Answer {
    app.anonymous().post("/v1/tokens", &json!({ "grant_type": "refresh_token", "refresh_token": token })).await
}

#[test]
fn a_person_logs_in_and_is_known() {
    on_both(async |app| {
        let username = app.add_user(Role::Auditor).name;
        let tokens = app.log_in(&username).await.expect(200);
        insta::assert_json_snapshot!("tokens_of_a_person", tokens.redacted());
        let me = app.with_token(tokens.body["access_token"].as_str().unwrap()).get("/v1/me").await.expect(200);
        insta::assert_json_snapshot!("an_auditor", me.redacted());
    });
}

#[test]
fn wrong_credentials_are_refused_alike() {
    on_both(async |app| {
        let username = app.add_user(Role::Auditor).name;
        let wrong_password = json!({ "grant_type": "password", "username": username, "password": "not the password" });
        let nobody = json!({ "grant_type": "password", "username": "nobody", "password": PASSWORD });
        let mut said = Vec::new();
        for body in [
            wrong_password,
            nobody,
            json!({ "grant_type": "password", "username": "nobody", "password": "\u{0}" }),
            json!({ "grant_type": "refresh_token", "refresh_token": "never given" }),
            json!({ "grant_type": "client_credentials", "client_id": db::new_id(), "client_secret": "none" }),
        ] {
            said.push(app.anonymous().post("/v1/tokens", &body).await.expect_problem(401, "bad_credentials").redacted());
        }
        insta::assert_json_snapshot!("wrong_credentials", said[0]);
        assert!(said.iter().all(|problem| *problem == said[0]));
        let nul = json!({ "grant_type": "password", "username": "nul\u{0}", "password": PASSWORD });
        app.anonymous().post("/v1/tokens", &nul).await.expect_problem(401, "bad_credentials");
    });
}

#[test]
fn a_token_request_is_of_one_kind() {
    on_both(async |app| {
        for body in [
            json!({}),
            json!([]),
            json!({ "grant_type": "implicit" }),
            json!({ "grant_type": "password", "username": "a" }),
            json!({ "grant_type": "client_credentials", "client_id": 7, "client_secret": "c" }),
        ] {
            app.anonymous().post("/v1/tokens", &body).await.expect_problem(422, "invalid_body");
        }
    });
}

#[test]
fn a_refresh_token_is_good_once_and_its_reuse_revokes_the_family() {
    on_both(async |app| {
        let username = app.add_user(Role::FinanceOfficer).name;
        let first = app.log_in(&username).await.expect(200).body;
        let other = app.log_in(&username).await.expect(200).body;
        let second = refresh(app, &first["refresh_token"]).await.expect(200).body;
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        app.with_token(second["access_token"].as_str().unwrap()).get("/v1/providers").await.expect(200);
        refresh(app, &first["refresh_token"]).await.expect_problem(401, "bad_credentials");
        refresh(app, &second["refresh_token"]).await.expect_problem(401, "bad_credentials");
        assert_eq!(app.events("users", "reuse_refresh_token").await.len(), 1);
        // Another log-in of the same person is another family.
        refresh(app, &other["refresh_token"]).await.expect(200);
    });
}

#[test]
fn of_two_who_refresh_at_once_one_succeeds() {
    on_both(async |app| {
        let username = app.add_user(Role::FinanceOfficer).name;
        let tokens = app.log_in(&username).await.expect(200).body;
        let (one, two) = tokio::join!(refresh(app, &tokens["refresh_token"]), refresh(app, &tokens["refresh_token"]));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
    });
}

#[test]
fn a_refresh_token_ends_with_time_and_with_logging_out() {
    on_both(async |app| {
        let username = app.add_user(Role::FinanceOfficer).name;
        let tokens = app.log_in(&username).await.expect(200).body;
        let revocation = json!({ "refresh_token": tokens["refresh_token"] });
        app.anonymous().post("/v1/tokens/revocation", &revocation).await.expect(204);
        app.anonymous().post("/v1/tokens/revocation", &revocation).await.expect(204);
        app.anonymous().post("/v1/tokens/revocation", &json!({ "refresh_token": "nobody's" })).await.expect(204);
        refresh(app, &tokens["refresh_token"]).await.expect_problem(401, "bad_credentials");
        let tokens = app.log_in(&username).await.expect(200).body;
        app.clock.set(instant("2024-06-17T09:00:01"));
        refresh(app, &tokens["refresh_token"]).await.expect_problem(401, "bad_credentials");
    });
}

#[test]
fn a_disabled_user_gets_no_tokens() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let username = app.add_user(Role::FinanceOfficer).name;
        let tokens = app.log_in(&username).await.expect(200).body;
        let me = app.with_token(tokens["access_token"].as_str().unwrap()).get("/v1/me").await.body;
        let path = format!("/v1/users/{}/disabling", me["id"].as_str().unwrap());
        administrator.post(&path, &json!(null)).await.expect(200);
        administrator.post(&path, &json!(null)).await.expect_problem(409, "state_conflict");
        app.log_in(&username).await.expect_problem(401, "bad_credentials");
        refresh(app, &tokens["refresh_token"]).await.expect_problem(401, "bad_credentials");
    });
}

#[test]
fn a_disabled_client_gets_no_tokens() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let new = json!({ "name": "Council dashboard", "scope": ["reports:read", "reports:read"] });
        let made = administrator.post("/v1/api-clients", &new).await.expect(201);
        let mut shown = made.redacted();
        shown["client_secret"] = json!("[secret]");
        insta::assert_json_snapshot!("a_new_client", shown);
        let id = made.body["id"].as_str().unwrap();
        let credentials = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": made.body["client_secret"] });
        let tokens = app.anonymous().post("/v1/tokens", &credentials).await.expect(200).body;
        assert!(tokens.get("refresh_token").is_none());
        app.with_token(tokens["access_token"].as_str().unwrap()).get("/v1/providers").await.expect_problem(403, "not_allowed");
        let read = administrator.get(made.header("location")).await.expect(200);
        assert!(!read.text.contains("secret"));
        administrator.post(&format!("/v1/api-clients/{id}/disabling"), &json!(null)).await.expect(200);
        administrator.post(&format!("/v1/api-clients/{id}/disabling"), &json!(null)).await.expect_problem(409, "state_conflict");
        app.anonymous().post("/v1/tokens", &credentials).await.expect_problem(401, "bad_credentials");
    });
}

/// The newest of the server's keys, as it stands in the file of keys: its id and its secret.
fn newest_key(app: &TestApp) -> (String, String) {
    let keys: Value = serde_json::from_slice(&std::fs::read(app.folder.path().join("keys/tokens.json")).unwrap()).unwrap();
    let newest = keys.as_array().unwrap().last().unwrap();
    (newest["kid"].as_str().unwrap().to_owned(), newest["secret"].as_str().unwrap().to_owned())
}

fn signed(algorithm: Algorithm, (kid, secret): (&str, &str), expires_in: i64, claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    let mut claims = claims.clone();
    let now = chrono::Utc::now().timestamp();
    claims["iat"] = json!(now - 1_000);
    claims["exp"] = json!(now + expires_in);
    encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[test]
fn only_a_token_that_we_signed_and_that_has_not_expired_is_good() {
    on_both(async |app| {
        let (kid, secret) = newest_key(app);
        let key = (kid.as_str(), secret.as_str());
        let claims = json!({ "sub": db::new_id(), "kind": "client", "permissions": ["reference:read"] });
        let get = async |client: Client| client.get("/v1/providers").await;
        let good = signed(Algorithm::HS256, key, 60, &claims);
        get(app.with_token(good.clone())).await.expect(200);
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        // {"alg":"none","kid":…} needs no library: base64 of ASCII without padding to think of.
        let alg_none = base64url(&json!({ "typ": "JWT", "alg": "none", "kid": kid }).to_string());
        let bad = [
            signed(Algorithm::HS256, key, -1, &claims),
            signed(Algorithm::HS256, (&kid, "another secret"), 60, &claims),
            signed(Algorithm::HS256, ("another kid", &secret), 60, &claims),
            signed(Algorithm::HS512, key, 60, &claims),
            signed(Algorithm::HS256, key, 60, &json!({ "sub": "x", "kind": "client", "permissions": ["everything"] })),
            signed(Algorithm::HS256, key, 60, &json!({ "permissions": ["reference:read"] })),
            format!("{alg_none}.{payload}."),
            format!("{alg_none}.{payload}.{signature}"),
            format!("{alg_none}.{payload}"),
            good[..good.len() - 3].to_owned(),
            "x".repeat(5_000),
            String::new(),
        ];
        for token in bad {
            let refused = get(app.with_token(&token)).await.expect_problem(401, "not_authenticated");
            assert_eq!(refused.header("www-authenticate"), "Bearer", "{token}");
        }
        let refused = get(app.anonymous()).await.expect_problem(401, "not_authenticated");
        insta::assert_json_snapshot!("no_token", refused.redacted());
        let basic = app.anonymous().request(reqwest::Method::GET, "/v1/providers").header("Authorization", format!("Basic {good}"));
        crate::support::send(basic).await.expect_problem(401, "not_authenticated");
    });
}

fn base64url(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            encoded.push(char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    encoded
}

#[test]
fn a_scope_holds_no_more_than_it_says() {
    on_both(async |app| {
        let reader = app.as_client(&[Permission::BudgetsRead]).await;
        reader.get("/v1/budget-movements").await.expect(200);
        let refused = reader.get("/v1/children").await.expect_problem(403, "not_allowed");
        insta::assert_json_snapshot!("not_allowed", refused.redacted());
    });
}

#[test]
fn a_person_changes_their_password_and_every_log_in_ends() {
    on_both(async |app| {
        let username = app.add_user(Role::FinanceOfficer).name;
        let first = app.log_in(&username).await.expect(200).body;
        let person = app.with_token(first["access_token"].as_str().unwrap());
        let change = |current: &str| json!({ "current_password": current, "new_password": "another four words and 8" });
        let wrong = person.post("/v1/me/password", &change("not this one")).await.expect_problem(422, "invalid_body");
        assert_eq!(wrong.body["errors"][0]["pointer"], "/current_password");
        person.post("/v1/me/password", &change(PASSWORD)).await.expect(204);
        app.log_in(&username).await.expect_problem(401, "bad_credentials");
        refresh(app, &first["refresh_token"]).await.expect_problem(401, "bad_credentials");
        let new = json!({ "grant_type": "password", "username": username, "password": "another four words and 8" });
        app.anonymous().post("/v1/tokens", &new).await.expect(200);
        let tool = app.as_client(&[Permission::ReportsRead]).await;
        tool.post("/v1/me/password", &change(PASSWORD)).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn an_administrator_gives_a_new_password_once() {
    on_both(async |app| {
        let username = app.add_user(Role::Auditor).name;
        let administrator = app.as_role(Role::Administrator);
        let users = administrator.get("/v1/users?limit=500").await.expect(200).body;
        let id = users["items"].as_array().unwrap().iter().find(|user| user["username"] == *username).unwrap()["id"].clone();
        let reset = format!("/v1/users/{}/password-reset", id.as_str().unwrap());
        let given = administrator.post(&reset, &json!({})).await.expect(200).body;
        app.log_in(&username).await.expect_problem(401, "bad_credentials");
        let body = json!({ "grant_type": "password", "username": username, "password": given["password"] });
        app.anonymous().post("/v1/tokens", &body).await.expect(200);
        let nobody = format!("/v1/users/{}/password-reset", db::new_id());
        administrator.post(&nobody, &json!({})).await.expect_problem(404, "not_found");
    });
}

#[test]
fn after_ten_wrong_passwords_a_name_waits_and_the_trail_shows_them() {
    on_both(async |app| {
        let username = app.add_user(Role::Manager).name;
        let wrong = json!({ "grant_type": "password", "username": username, "password": "a wrong password" });
        for _ in 0..10 {
            app.anonymous().post("/v1/tokens", &wrong).await.expect_problem(401, "bad_credentials");
        }
        let refused = app.log_in(&username).await.expect_problem(429, "too_many_attempts");
        assert_eq!(refused.header("retry-after"), "300");
        assert_eq!(app.events("users", "refuse_log_in").await.len(), 10);
        app.log_in(&app.add_user(Role::Manager).name).await.expect(200);
    });
}

#[test]
fn tokens_are_asked_for_by_form_as_well() {
    on_both(async |app| {
        let username = app.add_user(Role::Auditor).name;
        let form = format!("grant_type=password&username={username}&password={}", PASSWORD.replace(' ', "+"));
        app.anonymous().post_raw("/v1/tokens", "application/x-www-form-urlencoded", form).await.expect(200);
    });
}

//! Requests that are wrong in ways that have nothing to do with what they ask for.

use crate::support::{captured_log, on_both, send};
use domain::Role;
use reqwest::Method;
use serde_json::json;

#[test]
fn a_body_is_json_of_the_right_media_type_and_size() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let path = "/v1/providers";
        let malformed =
            finance.post_raw(path, "application/json", "{\"code\": \"meadow\",\n \"name\"").await.expect_problem(400, "malformed_json");
        insta::assert_json_snapshot!("malformed_json", malformed.redacted());
        for body in ["", "{", "nul", "\u{feff}{}", "{} {}", "{\"a\":NaN}"] {
            finance.post_raw(path, "application/json", body).await.expect_problem(400, "malformed_json");
        }
        finance.post_raw(path, "application/json", vec![b'"', 0xff, b'"']).await.expect_problem(400, "malformed_json");
        finance.post_raw(path, "application/json", "[".repeat(100_000)).await.expect_problem(400, "malformed_json");
        for body in ["null", "[]", "\"text\"", "1", "1e999999", "{}"] {
            let refused = finance.post_raw(path, "application/json", body).await;
            assert!([400, 422].contains(&refused.status), "{body}: {}", refused.text);
        }
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""] {
            finance.post_raw(path, media_type, "{}").await.expect_problem(415, "unsupported_media_type");
        }
        finance.post_raw(path, "application/json; charset=utf-8", "{}").await.expect_problem(422, "invalid_body");
        let large = format!("{{\"code\":\"{}\"}}", "x".repeat(300_000));
        let refused = finance.post_raw(path, "application/json", large).await.expect_problem(413, "too_large");
        insta::assert_json_snapshot!("too_large", refused.redacted());
    });
}

#[test]
fn unknown_fields_and_parameters_are_refused() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let refused = finance.post("/v1/financial-years", &json!({ "year": "2023-24", "colour": "red" })).await;
        insta::assert_json_snapshot!("an_unknown_field", refused.expect_problem(422, "invalid_body").redacted());
        let refused = finance.get("/v1/providers?colour=red").await.expect_problem(422, "invalid_parameter");
        insta::assert_json_snapshot!("an_unknown_parameter", refused.redacted());
        for list in
            ["financial-years", "budget-lines", "budget-movements", "children", "packages", "grants", "activity-returns", "ledger-entries"]
        {
            finance.get(&format!("/v1/{list}?colour=red")).await.expect_problem(422, "invalid_parameter");
        }
    });
}

#[test]
fn an_operation_that_takes_no_parameters_refuses_whatever_is_asked_of_it() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("voluntary").await;
        let refused = caller.get(&format!("/v1/providers/{provider}?as_at=2024-06-03&colour=red")).await;
        assert_eq!(refused.expect_problem(422, "invalid_parameter").pointers(), ["?as_at", "?colour"]);
        caller.get("/v1/profile?unknown=1").await.expect_problem(422, "invalid_parameter");
        // Nothing is done before it is refused.
        let body = json!({ "year": "2025-26" });
        let refused = caller.post("/v1/financial-years?dry_run=true", &body).await.expect_problem(422, "invalid_parameter");
        assert_eq!(refused.pointers(), ["?dry_run"]);
        caller.get("/v1/financial-years/2025-26").await.expect_problem(404, "not_found");
        caller.post("/v1/financial-years", &body).await.expect(201);
        caller.post("/v1/financial-years/2025-26/closure/preview?x", &json!({})).await.expect_problem(422, "invalid_parameter");
        caller.get(&format!("/v1/providers/{provider}?")).await.expect(200);
        caller.get("/v1/no-such-thing?x=1").await.expect_problem(404, "not_found");
    });
}

#[test]
fn limits_and_cursors_are_checked() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let hex = |text: &str| db::audit::hex(text.as_bytes());
        let words = hex("no such key");
        for list in [
            "providers",
            "financial-years",
            "budget-lines",
            "budget-movements",
            "children",
            "packages",
            "panels",
            "panel-members",
            "grants",
            "grant-activity-returns",
            "activity-returns",
            "ledger-entries",
            "users",
            "api-clients",
            "audit-events",
        ] {
            for limit in ["0", "501", "-1", "1.5", "", "many", "99999999999999999999", "+-1", "1%00"] {
                caller.get(&format!("/v1/{list}?limit={limit}")).await.expect_problem(422, "invalid_parameter");
            }
            for limit in ["1", "500"] {
                caller.get(&format!("/v1/{list}?limit={limit}")).await.expect(200);
            }
            let refused = caller.get(&format!("/v1/{list}?limit=1&limit=2")).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            for cursor in ["0", "zz", "ff", "00", "%00", "%F0%9F%8F%A0", &"30".repeat(300), "'", "c3"] {
                caller.get(&format!("/v1/{list}?cursor={cursor}")).await.expect_problem(422, "invalid_parameter");
            }
            // A cursor made by hand from words is taken or refused, and never a fault.
            for cursor in [&words, &hex("99999999999999999999"), &hex("-1"), &hex("' OR 1=1 --")] {
                let answer = caller.get(&format!("/v1/{list}?cursor={cursor}")).await;
                assert!([200, 422].contains(&answer.status), "{list} {cursor}: {}", answer.text);
            }
        }
    });
}

#[test]
fn nul_and_other_control_characters_reach_no_database() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for text in ["a\u{0}b", "\u{0}", "a\u{7f}", "a\u{1b}[0m", "a\rb"] {
            let provider = json!({ "code": text, "name": text, "sector": text, "location": text });
            caller.post("/v1/providers", &provider).await.expect_problem(422, "invalid_body");
            let provider = json!({ "code": "meadow_house", "name": text, "sector": "own", "location": "in_borough" });
            assert_eq!(caller.post("/v1/providers", &provider).await.expect_problem(422, "invalid_body").pointers(), ["/name"]);
            caller.post("/v1/children", &json!({ "case_reference": text, "date_of_birth": "2014-06-30" })).await.expect(422);
            caller.post("/v1/child-lookups", &json!({ "case_reference": text })).await.expect(422);
            let log_in = json!({ "grant_type": "password", "username": text, "password": text });
            let answer = app.anonymous().post("/v1/tokens", &log_in).await;
            assert!([401, 422].contains(&answer.status), "{}", answer.text);
            let refresh = json!({ "grant_type": "refresh_token", "refresh_token": text });
            let answer = app.anonymous().post("/v1/tokens", &refresh).await;
            assert!([401, 422].contains(&answer.status), "{}", answer.text);
        }
        for text in ["%00", "a%00b", "%7F", "%0D%0A", "%FF", "%C0%80", "%ED%A0%80", "%", "%zz"] {
            for resource in ["providers", "budget-lines", "financial-years", "children", "package-lines", "ledger-entries", "users"] {
                let answer = caller.get(&format!("/v1/{resource}/{text}")).await;
                assert!([400, 404].contains(&answer.status), "{resource}/{text}: {} {}", answer.status, answer.text);
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
            for query in
                ["providers?code=", "audit-events?entity_id=", "audit-events?entity=", "packages?child_id=", "budget-movements?year="]
            {
                let answer = caller.get(&format!("/v1/{query}{text}")).await;
                assert!([200, 422].contains(&answer.status), "{query}{text}: {} {}", answer.status, answer.text);
            }
        }
        assert_eq!(captured_log::lines_with("internal error"), Vec::<String>::new());
    });
}

#[test]
fn a_path_that_leads_nowhere_is_not_found() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let lost = finance.get("/v1/unicorns").await.expect_problem(404, "not_found");
        insta::assert_json_snapshot!("no_such_path", lost.redacted());
        for path in ["/", "/v1", "/v1/", "/v2/providers", "/v1/providers/", "/v1//providers"] {
            finance.get(path).await.expect_problem(404, "not_found");
        }
        let id = db::new_id();
        for resource in [
            "providers",
            "budget-movements",
            "virements",
            "children",
            "packages",
            "package-lines",
            "panels",
            "panel-members",
            "grants",
            "grant-activity-returns",
            "activity-returns",
            "ledger-entries",
        ] {
            finance.get(&format!("/v1/{resource}/{id}")).await.expect_problem(404, "not_found");
            for bad in [id.to_uppercase(), "1".to_owned(), "x".repeat(2_000)] {
                finance.get(&format!("/v1/{resource}/{bad}")).await.expect_problem(404, "not_found");
            }
        }
    });
}

#[test]
fn a_method_that_a_path_does_not_take_is_told_which_it_takes() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let refused = send(finance.request(Method::DELETE, "/v1/providers")).await.expect_problem(405, "method_not_allowed");
        insta::assert_json_snapshot!("method_not_allowed", refused.redacted());
        let id = db::new_id();
        let of_one = format!("/v1/providers/{id}");
        let reversal = format!("/v1/grants/{id}/reversal");
        for (path, allow) in [
            ("/v1/providers", "GET, POST"),
            (&of_one, "GET"),
            (&reversal, "POST"),
            ("/v1/tokens", "POST"),
            ("/health/live", "GET"),
            ("/metrics", "GET"),
        ] {
            for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
                let refused = send(finance.request(method, path)).await.expect_problem(405, "method_not_allowed");
                assert_eq!(refused.header("allow"), allow, "{path}");
            }
        }
    });
}

#[test]
fn every_answer_has_an_id_and_is_kept_by_no_cache() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        for path in ["/v1/providers", "/v1/unicorns", "/v1/profile"] {
            let answer = finance.get(path).await;
            assert_eq!(answer.header("x-request-id").len(), 36);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        assert_eq!(finance.get("/v1/children").await.header("cache-control"), "no-store");
    });
}

#[test]
fn health_and_metrics_need_no_token_and_name_nobody() {
    on_both(async |app| {
        let (anonymous, finance) = (app.anonymous(), app.as_role(Role::FinanceOfficer));
        assert_eq!(anonymous.get("/health/live").await.expect(200).body, json!({ "status": "ok" }));
        assert_eq!(anonymous.get("/health/ready").await.expect(200).body, json!({ "status": "ok" }));
        let child = db::new_id();
        finance.get(&format!("/v1/children/{child}")).await.expect(404);
        send(finance.request(Method::from_bytes(b"BREW").unwrap(), "/v1/tea")).await.expect(404);
        let metrics = anonymous.get("/metrics").await.expect(200);
        assert!(metrics.text.contains("route=\"/v1/children/{id}\",status=\"404\"} 1"), "{}", metrics.text);
        assert!(!metrics.text.contains(&child) && !metrics.text.contains("BREW") && !metrics.text.contains("tea"));
    });
}

#[test]
fn the_documents_are_served() {
    on_both(async |app| {
        let served = app.anonymous().get("/openapi.json").await.expect(200).body;
        assert_eq!(served, serde_json::from_str::<serde_json::Value>(&api::document().to_json().unwrap()).unwrap());
        let page = app.anonymous().get("/docs/").await.expect(200);
        assert!(page.text.contains("swagger-ui"));
        app.anonymous().get("/docs").await.expect(200);
    });
}

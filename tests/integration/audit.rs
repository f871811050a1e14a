//! The audit trail: complete, and broken when anybody changes it.

use crate::support::{Backend, on_both, on_each};
use domain::Role;
use serde_json::json;

#[test]
fn every_write_leaves_an_event_that_names_who_and_in_which_request() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let me = finance.get("/v1/me").await.body;
        let made = finance.post("/v1/financial-years", &json!({ "year": "2023-24" })).await.expect(201);
        let auditor = app.as_role(Role::Auditor);
        let events = auditor.get("/v1/audit-events?entity=financial_years&entity_id=2023-24").await.expect(200).body;
        let event = &events["items"][0];
        assert_eq!((&event["actor_id"], &event["action"]), (&me["id"], &json!("open")));
        assert_eq!(event["request_id"], made.header("x-request-id"));
        let verified = auditor.get("/v1/audit-verification").await.expect(200).body;
        assert_eq!((&verified["is_sound"], &verified["events"]), (&json!(true), &json!(app.count("audit_events"))));
    });
}

#[test]
fn a_refused_write_leaves_nothing() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let before = app.count("audit_events");
        let bad = json!({ "package_id": db::new_id(), "reason": "-" });
        finance.post("/v1/package-lines", &bad).await.expect(422);
        finance.get("/v1/budget-movements").await.expect(200);
        assert_eq!(app.count("audit_events"), before);
    });
}

#[test]
fn the_trail_is_read_page_by_page() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        for _ in 0..5 {
            finance.provider("own").await;
        }
        let auditor = app.as_role(Role::Auditor);
        let pages = auditor.all_pages("/v1/audit-events", 3).await;
        let numbers: Vec<_> = pages.concat().iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=app.count("audit_events")).collect::<Vec<_>>());
        assert!(pages.len() > 2);
    });
}

#[test]
fn a_changed_or_missing_event_is_noticed() {
    for (change, first_broken) in [
        ("UPDATE audit_events SET detail = '{\"changed\":true}' WHERE seq = 3", 3),
        ("UPDATE audit_events SET actor_id = 'somebody else' WHERE seq = 2", 2),
        ("UPDATE audit_events SET recorded_at = '2020-01-01 00:00:00' WHERE seq = 4", 4),
        ("DELETE FROM audit_events WHERE seq = 3", 3),
        ("DELETE FROM audit_events WHERE seq = 1", 1),
    ] {
        on_each(async |app| {
            let finance = app.as_role(Role::FinanceOfficer);
            for _ in 0..3 {
                finance.provider("own").await;
            }
            match app.backend {
                Backend::Sqlite => {
                    app.sql("DROP TRIGGER audit_events_no_update").unwrap();
                    app.sql("DROP TRIGGER audit_events_no_delete").unwrap();
                }
                Backend::Postgres => drop(app.sql("DROP TRIGGER audit_events_append_only ON audit_events").unwrap()),
            }
            app.sql(change).unwrap();
            let auditor = app.as_role(Role::Auditor);
            let verified = auditor.get("/v1/audit-verification").await.expect(200).body;
            let expected = json!({ "is_sound": false, "events": first_broken - 1, "last_hash": null, "first_broken_seq": first_broken });
            assert_eq!(verified, expected, "{change}");
        });
    }
}

//! The databases themselves: the same tables on both, and history that cannot be changed.

use crate::support::records::{ledger_entries, new_line};
use crate::support::{Backend, TestApp, on_both};
use diesel::RunQueryDsl;
use serde_json::json;
use std::collections::BTreeSet;

const HISTORY: [&str; 8] = [
    "audit_events",
    "budget_movements",
    "package_lines",
    "grants",
    "grant_activity_returns",
    "activity_returns",
    "ledger_files",
    "ledger_entries",
];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    column_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    is_needed: i64,
}

fn columns(app: &TestApp) -> BTreeSet<Column> {
    let query = match app.backend {
        Backend::Sqlite => {
            "SELECT m.name AS table_name, c.name AS column_name, LOWER(c.type) AS kind, c.\"notnull\" AS is_needed \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        Backend::Postgres => {
            "SELECT table_name::text, column_name::text, REPLACE(data_type, ' without time zone', '')::text AS kind, \
             (is_nullable = 'NO')::int::bigint AS is_needed \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    diesel::sql_query(query).load::<Column>(&mut *app.store.connection().unwrap()).unwrap().into_iter().collect()
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let apps: Vec<_> = Backend::all().into_iter().map(TestApp::start).collect();
    let sqlite = columns(&apps[0]);
    assert!(sqlite.iter().any(|column| column.table_name == "ledger_entries" && column.column_name == "recodes_id"), "{sqlite:?}");
    for app in &apps[1..] {
        let other = columns(app);
        let differing: Vec<_> = sqlite.symmetric_difference(&other).collect();
        assert!(differing.is_empty(), "only on one of them: {differing:#?}");
    }
}

#[test]
fn history_refuses_to_be_changed() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.open_year().await;
        caller.budget("home_care", 1).await;
        let package = caller.package().await;
        caller.record("/v1/package-lines", &new_line(&package)).await;
        let grant = caller.grant().await;
        let (from, to) = ("2023-04-01", "2023-07-01");
        let returned = json!({
            "grant_id": grant, "period_from": from, "period_to": to, "children_and_families_reached": 1, "sessions": 1, "reason": "-"
        });
        caller.record("/v1/grant-activity-returns", &returned).await;
        let provider = caller.provider("own").await;
        let returned =
            json!({ "provider_id": provider, "service": "swimming", "period_from": from, "period_to": to, "sessions": 1, "reason": "-" });
        caller.record("/v1/activity-returns", &returned).await;
        ledger_entries(app, 1);
        for table in HISTORY {
            let rows = app.count(table);
            assert!(rows > 0, "{table} has no row to try on");
            for statement in [format!("UPDATE {table} SET recorded_at = recorded_at"), format!("DELETE FROM {table}")] {
                let refused = app.sql(&statement).unwrap_err().to_string();
                assert!(refused.contains(&format!("{table} is append-only")), "{statement}: {refused}");
            }
            if app.backend == Backend::Postgres {
                app.sql(&format!("TRUNCATE {table} CASCADE")).unwrap_err();
            }
            assert_eq!(app.count(table), rows);
        }
    });
}

#[test]
fn every_table_of_money_or_decisions_is_history() {
    on_both(async |app| {
        let all: BTreeSet<_> = columns(app).into_iter().map(|column| column.table_name).collect();
        // Who may call and what things are called may change; a new table belongs here or among the history.
        let changing = [
            "api_clients",
            "budget_lines",
            "children",
            "financial_years",
            "idempotency_keys",
            "packages",
            "providers",
            "refresh_tokens",
            "users",
        ];
        let known: BTreeSet<_> = HISTORY.into_iter().chain(changing).map(str::to_owned).collect();
        assert_eq!(all, known);
    });
}

#[test]
fn processes_that_start_together_bring_a_database_up_to_date_once() {
    for backend in Backend::all() {
        let folder = tempfile::tempdir().unwrap();
        let url: db::DatabaseUrl = backend.new_database(&folder).parse().unwrap();
        let opened: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                std::thread::spawn(move || db::Store::open(&url, db::Clock::system()).map(drop))
            })
            .collect();
        for thread in opened {
            thread.join().unwrap().unwrap();
        }
    }
}

//! The databases themselves: the same tables on both, and history that cannot be changed.

use crate::support::panel_day::{PanelDay, approved, decision_of, with};
use crate::support::records::{Workers, ledger_entries, new_line};
use crate::support::{Backend, TestApp, on_both};
use diesel::RunQueryDsl;
use domain::Role;
use serde_json::json;
use std::collections::BTreeSet;

const HISTORY: [&str; 34] = [
    "audit_events",
    "budget_movements",
    "package_lines",
    "grants",
    "grant_activity_returns",
    "activity_returns",
    "ledger_files",
    "ledger_entries",
    "post_holdings",
    "assessments",
    "assessment_steps",
    "panels",
    "panel_cancellations",
    "panel_members",
    "panel_signatures",
    "panel_attendances",
    "panel_bookings",
    "panel_booking_releases",
    "declared_interests",
    "declared_interest_reversals",
    "panel_notes",
    "request_revisions",
    "request_lines",
    "request_transitions",
    "decisions",
    "decision_lines",
    "decision_actions",
    "decision_action_completions",
    "decision_signposts",
    "decision_votes",
    "authorisations",
    "appeals",
    "appeal_outcomes",
    "case_management_decisions",
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
        let person = app.as_role(Role::Practitioner).await.my_id().await;
        caller.holding("team_manager", &person).await;
        let assessment = caller.assessment(&caller.child().await, &person).await;
        caller.step(&assessment, "checkpoint", "2024-05-13").await;
        a_row_in_every_table_of_panels(app).await;
        a_row_in_every_table_of_decisions(app).await;
        for table in HISTORY {
            let rows = app.count(table);
            assert!(rows > 0, "{table} has no row to try on");
            let column = if table == "audit_events" { "seq" } else { "recorded_seq" };
            for statement in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
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

async fn a_row_in_every_table_of_panels(app: &TestApp) {
    let workers = Workers::of(app).await;
    let support = &workers.support;
    let (panel, request) = (support.panel("2024-06-03").await, workers.submitted_request().await);
    let member = support.member("health_representative", None).await;
    support.sign(&member, "2024-06-03").await;
    support.attend(&panel, &member, "member").await;
    support.record(&format!("/v1/panels/{panel}/notes"), &json!({ "notes": "-" })).await;
    let interest = json!({ "member_id": member, "nature": "other" });
    let interest = support.record(&format!("/v1/requests/{request}/interests"), &interest).await;
    let path = format!("/v1/interests/{}/reversal", interest["id"].as_str().unwrap());
    support.record(&path, &json!({ "reason": "-" })).await;
    support.booking(&panel, &request).await;
    support.record(&format!("/v1/panels/{panel}/cancellation"), &json!({ "reason": "-" })).await;
}

async fn a_row_in_every_table_of_decisions(app: &TestApp) {
    let day = PanelDay::of(app).await;
    let request = day.booked(100_000).await;
    let vote = json!([{ "member_id": day.members.health, "vote": "for" }]);
    let action = json!([{ "action": "-", "owner_id": day.presenter.id, "due_on": "2024-06-10" }]);
    let decision = day.decided(&day.sum, &request, &with(with(approved(), "votes", vote), "actions", action)).await;
    let full = day.decision(&decision).await;
    let done = json!({ "completed_on": "2024-06-03" });
    let action = full["actions"][0]["id"].as_str().unwrap();
    day.presenter.client.record(&format!("/v1/decision-actions/{action}/completion"), &done).await;
    let note = json!({ "made_on": "2024-06-03", "reference": "CN-1" });
    day.tm.client.record(&format!("/v1/decisions/{decision}/case-management-decision"), &note).await;
    let signposted = day.booked(100_000).await;
    day.decided(&day.sum, &signposted, &decision_of("signposted", 100_000)).await;
    let appeal = json!({ "received_on": "2024-06-03" });
    let appeal = day.presenter.client.record(&format!("/v1/requests/{signposted}/appeals"), &appeal).await;
    let outcome = json!({ "outcome": "dismissed", "reason": "-" });
    day.director.client.record(&format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap()), &outcome).await;
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
            "open_decision_actions",
            "outstanding_case_management_decisions",
            "packages",
            "providers",
            "refresh_tokens",
            "requests",
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

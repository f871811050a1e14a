//! The databases themselves: the same tables on both, and history that cannot be changed.

use crate::support::health::Health;
use crate::support::panel_day::{PanelDay, approved, decision_of, with};
use crate::support::records::{Workers, ledger_entries, new_line};
use crate::support::{Backend, TestApp, on_both};
use diesel::RunQueryDsl;
use domain::Role;
use serde_json::json;
use std::collections::BTreeSet;

const HISTORY: [&str; 99] = [
    "audit_events",
    "child_leavings",
    "child_leaving_lines",
    "authority",
    "budget_movements",
    "package_lines",
    "package_line_confirmations",
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
    "request_own_parts",
    "access_agreements",
    "post_holding_agreements",
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
    "purchase_orders",
    "purchase_order_lines",
    "purchase_order_cancellations",
    "provider_governance_records",
    "commissioning_steps",
    "commissioning_step_reversals",
    "commissioning_workers",
    "ledger_matches",
    "commitment_releases",
    "year_closures",
    "commitment_carry_forwards",
    "upratings",
    "uprating_proposals",
    "uprating_proposal_withdrawals",
    "package_variations",
    "package_variation_steps",
    "provider_registrations",
    "grant_conditions",
    "grant_condition_completions",
    "grant_instalments",
    "grant_instalment_payments",
    "grant_returns_due",
    "night_bookings",
    "night_passings",
    "night_acknowledgements",
    "joint_fundings",
    "health_invoices",
    "health_invoice_lines",
    "health_credit_notes",
    "health_credit_note_lines",
    "health_receipts",
    "health_disputes",
    "health_dispute_lines",
    "health_dispute_resolutions",
    "direct_payment_accounts",
    "direct_payment_steps",
    "direct_payment_exports",
    "direct_payment_re_exports",
    "direct_payment_returns",
    "direct_payment_audits",
    "direct_payment_bounces",
    "direct_payment_breaches",
    "direct_payment_repayments",
    "direct_payment_repayment_confirmations",
    "direct_payments",
    "statement_editions",
    "statement_sections",
    "statement_consultations",
    "statement_requirements",
    "statement_disclosures",
    "provider_public_entries",
    "statement_approvals",
    "statement_publications",
    "statement_snapshots",
    "statement_files",
    "statement_withdrawals",
    "statement_consultation_reversals",
    "statement_what_changed",
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
            "SELECT table_name::text, column_name::text, REPLACE(REPLACE(data_type, ' without time zone', ''), 'bytea', 'blob')::text AS kind, \
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
        let person = app.as_role(Role::Practitioner).my_id().await;
        caller.holding("team_manager", &person).await;
        let assessment = caller.assessment(&caller.child().await, &person).await;
        caller.step(&assessment, "checkpoint", "2024-05-13").await;
        crate::grant_conditions::in_every_table(&caller).await;
        crate::uprating::in_every_table(app, &caller).await;
        let user = json!({ "username": "finance.team", "password": crate::support::PASSWORD, "role": "finance_officer" });
        let user = caller.record("/v1/users", &user).await["id"].as_str().unwrap().to_owned();
        app.as_role(Role::Administrator).record(&format!("/v1/users/{user}/agreement"), &json!({})).await;
        a_row_in_every_table_of_nights(app).await;
        crate::direct_payments::in_every_table(app).await;
        a_row_in_every_table_of_panels(app).await;
        a_row_in_every_table_of_decisions(app).await;
        a_row_in_every_table_of_joint_funding(app).await;
        crate::leaving::in_every_table(&caller).await;
        crate::year_end::in_every_table(app, &caller).await;
        crate::support::statement_office::in_every_table(app).await;
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

/// A stay of 18 nights, which is one too many for a single stay.
async fn a_row_in_every_table_of_nights(app: &TestApp) {
    let caller = app.as_anyone().await;
    let head = app.person(Role::HeadOfService);
    caller.holding("head_of_service", &head.id).await;
    let (child, provider) = (caller.child().await, caller.provider("own").await);
    let stay = json!({
        "child_id": child, "provider_id": provider, "first_night": "2024-06-03", "last_night": "2024-06-20", "reason": "-",
        "waits_for": ["single_stay"]
    });
    let stay = caller.record("/v1/stays", &stay).await;
    let known = json!({ "booking_id": stay["id"], "reason": "-" });
    head.client.record(&format!("/v1/stays/{}/acknowledgement", stay["stay_id"].as_str().unwrap()), &known).await;
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
    a_row_in_every_table_of_commissioning(app, &day, &request).await;
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

async fn a_row_in_every_table_of_commissioning(app: &TestApp, day: &PanelDay, request: &str) {
    let (worker, support) = (&day.presenter.client, &day.support);
    let step = json!({ "step": "family_told", "taken_on": "2024-06-03", "taken_by": day.presenter.id });
    let step = worker.record(&format!("/v1/requests/{request}/commissioning-steps"), &step).await;
    let path = format!("/v1/commissioning-steps/{}/reversal", step["id"].as_str().unwrap());
    worker.record(&path, &json!({ "reason": "-" })).await;
    let named = json!({ "worker_id": day.coster.id, "reason": "-" });
    worker.record(&format!("/v1/requests/{request}/commissioning-worker"), &named).await;
    let (package, provider) = (support.package().await, support.provider("own").await);
    let line = support.record("/v1/package-lines", &with(new_line(&package), "provider_id", json!(provider))).await;
    app.confirmed(line["line_id"].as_str().unwrap());
    let order = json!({
        "number": "PO-1", "package_id": package, "provider_id": provider, "cost_centre": "C", "expense_code": "E",
        "raised_on": "2024-06-03", "line_ids": [line["line_id"]]
    });
    let order = support.record("/v1/purchase-orders", &order).await;
    let path = format!("/v1/purchase-orders/{}/cancellation", order["id"].as_str().unwrap());
    support.record(&path, &json!({ "reason": "-" })).await;
    // The core authority asks for nothing of a provider's governance.
    let row = "INSERT INTO provider_governance_records VALUES ('-', 'PROVIDER', 'item', 'red', NULL, '2024-06-03', NULL, '-', '-', '2024-06-03', 1)";
    app.sql(&row.replace("PROVIDER", &provider)).unwrap();
}

async fn a_row_in_every_table_of_joint_funding(app: &TestApp) {
    let health = Health::of(app).await;
    let invoice = health.april().await;
    let line = &invoice["lines"][0]["id"];
    let lines = json!([{ "line_id": line, "amount_pence": 1 }]);
    let note = json!({ "number": "CN-1", "cause": "dispute", "issued_on": "2024-06-03", "reason": "-", "lines": lines });
    let note = health.post(&invoice, "credit-notes", &note).await.expect(201).body;
    health.receive(&invoice, 1, "2024-05-20").await.expect(201);
    let dispute = json!({ "opened_on": "2024-05-20", "line_ids": [line], "reason": "-" });
    let dispute = health.post(&invoice, "disputes", &dispute).await.expect(201).body;
    let end = json!({ "outcome": "upheld", "resolved_on": "2024-06-03", "credit_note_id": note["id"], "reason": "-" });
    health.finance.record(&format!("/v1/health-disputes/{}/resolution", dispute["id"].as_str().unwrap()), &end).await;
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
            "direct_payment_standings",
            "financial_years",
            "governance_expiries",
            "idempotency_keys",
            "open_decision_actions",
            "open_package_variations",
            "open_uprating_proposals",
            "open_night_passings",
            "stays_to_confirm",
            "open_grant_returns",
            "outstanding_case_management_decisions",
            "outstanding_commissionings",
            "packages",
            "providers",
            "refresh_tokens",
            "requests",
            "unconfirmed_lines",
            "users",
            "waiting_access",
            "waiting_post_holdings",
        ];
        let known: BTreeSet<_> = HISTORY.into_iter().chain(changing).map(str::to_owned).collect();
        assert_eq!(all, known);
    });
}

#[test]
fn processes_that_start_together_bring_a_database_up_to_date_once() {
    for backend in Backend::all() {
        let folder = tempfile::tempdir().unwrap();
        let url: db::DatabaseUrl = backend.empty_database(folder.path()).parse().unwrap();
        let opened: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                std::thread::spawn(move || db::Store::open(&url, db::Clock::system(domain::TimeZone::default())).map(drop))
            })
            .collect();
        for thread in opened {
            thread.join().unwrap().unwrap();
        }
    }
}

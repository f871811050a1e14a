//! The reports of panel decisions: what the server decided is what the warehouse says, and it adds up.

use crate::support::program::Program;
use crate::support::records::Workers;
use crate::support::{Backend, Client, TestApp, on_both, send};
use domain::Role;
use reqwest::Method;
use serde_json::{Value, json};

fn publish(app: &TestApp) -> String {
    let profile = domain::Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap().snapshot_id
}

/// A panel of today with its chair, who is the service unit manager.
struct Sitting {
    workers: Workers,
    chair: Client,
    panel: String,
}

impl Sitting {
    async fn of(app: &TestApp) -> Self {
        let (workers, chair) = (Workers::of(app).await, app.as_role(Role::Manager));
        let user = chair.my_id().await;
        app.as_role(Role::Administrator).holding("service_unit_manager", &user).await;
        let member = workers.support.member("service_unit_manager", Some(&user)).await;
        workers.support.sign(&member, "2024-04-08").await;
        let panel = workers.support.panel("2024-06-03").await;
        workers.support.attend(&panel, &member, "chair").await;
        workers.support.two_members(&panel).await;
        Sitting { workers, chair, panel }
    }

    /// A request for so many hours a week at £19.80 from 17 June, and what the chair decides on it.
    async fn decide(&self, hours: i64, decision: Value) {
        let child = self.workers.practitioner.child().await;
        let mut paperwork = self.workers.paperwork(&child).await;
        paperwork["lines"][0]["quantity_thousandths"] = json!(hours * 1000);
        let request = self.workers.submitted(&child, paperwork).await;
        self.workers.support.booking(&self.panel, &request).await;
        self.chair.record(&format!("/v1/requests/{request}/decisions"), &decision).await;
    }
}

#[test]
fn what_was_decided_is_what_the_warehouse_says() {
    on_both(async |app| {
        let sitting = Sitting::of(app).await;
        for report in ["panel-decisions", "panel-outcomes"] {
            sitting.chair.get(&format!("/v1/reports/{report}?year=2024-25")).await.expect_problem(404, "nothing_published");
        }
        sitting.decide(3, json!({ "kind": "approved", "rationale": "RATIONALE-NOBODY-READS" })).await;
        let above = json!({ "kind": "approved", "rationale": "RATIONALE-NOBODY-READS", "authority_hearing_on": "2024-06-20" });
        sitting.decide(20, above).await;
        let declined = json!({ "kind": "declined", "rationale": "RATIONALE-NOBODY-READS", "decline_reason": "not_eligible" });
        sitting.decide(3, declined).await;
        let snapshot = publish(app);
        let outcomes = sitting.chair.get("/v1/reports/panel-outcomes?year=2024-25").await.expect(200);
        // £3,088.80 and £20,592.00 a year; 41 weeks and a day of it this year.
        let row = |decision: &str, full: i64, this: i64, to_authority: Value| {
            json!({ "month": "2024-06", "budget_line": "targeted_outreach", "decision": decision, "decisions": 1, "full_year_pence": full,
                "this_year_pence": this, "median_days_assessment_to_panel": 4, "median_days_panel_to_authority": to_authority })
        };
        let rows = [
            row("approved", 308_880, 244_389, json!(0)),
            row("declined", 308_880, 244_389, Value::Null),
            row("waiting", 2_059_200, 1_629_257, Value::Null),
        ];
        assert_eq!(outcomes.body, json!({ "snapshot_id": snapshot, "year": "2024-25", "rows": rows }));
        let decisions = sitting.chair.get("/v1/reports/panel-decisions?year=2024-25").await.expect(200);
        let waiting = decisions.body["rows"].as_array().unwrap().iter().find(|row| row["decision"] == "waiting").unwrap();
        assert_eq!((&waiting["waits_for"], &waiting["effective_on"]), (&json!("authority"), &Value::Null));
        assert_eq!((&waiting["decided_as"], &waiting["tier"]), (&json!("chair"), &json!(["assistant_director", "director"])));
        assert!(!decisions.text.contains("RATIONALE") && !outcomes.text.contains("RATIONALE"));
    });
}

#[test]
fn the_reports_are_answered_as_the_others_are() {
    on_both(async |app| {
        let snapshot = publish(app);
        let auditor = app.as_role(Role::Auditor);
        for report in ["panel-decisions", "panel-outcomes"] {
            let path = format!("/v1/reports/{report}?year=2024-25");
            let answer = auditor.get(&path).await.expect(200);
            assert_eq!(answer.body, json!({ "snapshot_id": snapshot, "year": "2024-25", "rows": [] }));
            let unchanged = auditor.request(Method::GET, &path).header("If-None-Match", answer.header("etag"));
            send(unchanged).await.expect(304);
            let csv = auditor.get(&format!("{path}&format=csv")).await.expect(200);
            assert!(csv.header("content-type").starts_with("text/csv") && csv.text.lines().count() == 1, "{}", csv.text);
            let book = auditor.get(&format!("{path}&format=xlsx")).await.expect(200);
            assert_eq!(book.header("content-disposition"), format!("attachment; filename=\"{report}-2024-25.xlsx\""));
            auditor.get(&format!("/v1/reports/{report}?year=2031-32")).await.expect_problem(404, "not_found");
            auditor.get(&format!("/v1/reports/{report}")).await.expect_problem(422, "invalid_parameter");
            auditor.get(&format!("{path}&month=2024-06")).await.expect_problem(422, "invalid_parameter");
        }
    });
}

#[test]
fn the_command_line_gives_them_too() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        program.run(&["etl"]).expect(0);
        let year = chrono::Utc::now().date_naive();
        let year = domain::FinancialYear::of(year).unwrap();
        for report in ["panel-decisions", "panel-outcomes"] {
            let answer = program.run(&["report", report, "--year", year.as_str()]).expect(0).json();
            assert_eq!(answer["rows"], json!([]));
            let csv = program.run(&["report", report, "--year", year.as_str(), "--format", "csv"]).expect(0);
            assert!(csv.stdout.contains(",full_year_pounds,this_year_pounds,"), "{}", csv.stdout);
            assert!(program.run(&["report", report, "--year", "2050-51"]).expect(1).stderr.contains("2050-51"));
        }
    }
}

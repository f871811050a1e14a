//! The reports of commitments and of the forecast outturn, as the server answers them.

use crate::support::records::new_line;
use crate::support::{TestApp, on_both};
use domain::Role;
use serde_json::{Value, json};

fn publish(app: &TestApp) -> String {
    let profile = domain::Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap().snapshot_id
}

/// A package with one line, as `new_line` has it.
async fn package_line(app: &TestApp) -> Value {
    let support = app.as_role(Role::PanelSupport);
    let package = support.package().await;
    support.record("/v1/package-lines", &new_line(&package)).await
}

fn sum(rows: &Value, column: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| row[column].as_i64().unwrap()).sum()
}

#[test]
fn what_a_package_plans_is_open_by_week_and_forecast_by_month() {
    on_both(async |app| {
        let auditor = app.as_role(Role::Auditor);
        for report in ["forecast-outturn", "commitments-by-week"] {
            auditor.get(&format!("/v1/reports/{report}?year=2024-25")).await.expect_problem(404, "nothing_published");
        }
        let line = package_line(app).await;
        let snapshot = publish(app);
        let budget_line = line["budget_line"].as_str().unwrap();
        let forecast = auditor.get(&format!("/v1/reports/forecast-outturn?year=2024-25&budget_line={budget_line}")).await.expect(200);
        assert_eq!(forecast.body["snapshot_id"], snapshot);
        assert_eq!(forecast.body["rows"].as_array().unwrap().len(), 12);
        let open = sum(&forecast.body["rows"], "committed_pence");
        assert!(open > 0);
        let weeks = auditor.get("/v1/reports/commitments-by-week?year=2024-25").await.expect(200);
        assert_eq!(sum(&weeks.body["rows"], "open_pence"), open);
        let position = auditor.get("/v1/reports/budget-position?year=2024-25").await.expect(200);
        assert_eq!(sum(&position.body["rows"], "commitment_pence"), open);
    });
}

#[test]
fn an_earlier_day_and_a_movement_are_answered_and_a_later_day_is_refused() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        package_line(app).await;
        publish(app);
        let moved = finance.get("/v1/reports/forecast-outturn?year=2024-25&since=2024-01-01").await.expect(200);
        let new: i64 = moved.body["rows"].as_array().unwrap().iter().map(|row| row["movement"]["new_pence"].as_i64().unwrap()).sum();
        assert_eq!(new, sum(&moved.body["rows"], "forecast_pence"));
        let before = finance.get("/v1/reports/forecast-outturn?year=2024-25&as_known_on=2024-01-01").await.expect(200);
        assert_eq!((sum(&before.body["rows"], "forecast_pence"), &before.body["as_known_on"]), (0, &json!("2024-01-01")));
        let refused =
            finance.get("/v1/reports/forecast-outturn?year=2024-25&as_known_on=2031-01-01").await.expect_problem(422, "invalid_parameter");
        assert_eq!(refused.pointers(), ["?as_known_on"]);
        let refused = finance.get("/v1/reports/forecast-outturn?year=2024-25&as_known_on=2024-01-01&since=2024-01-02").await;
        assert_eq!(refused.expect_problem(422, "invalid_parameter").pointers(), ["?since"]);
        let refused = finance.get("/v1/reports/commitments-by-week?year=2024-25&budget_line=nurseries").await;
        assert_eq!(refused.expect_problem(422, "invalid_parameter").pointers(), ["?budget_line"]);
    });
}

#[test]
fn the_forecast_is_had_as_csv_and_as_a_workbook_with_its_payments() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        package_line(app).await;
        publish(app);
        let csv = finance.get("/v1/reports/forecast-outturn?year=2024-25&format=csv&since=2024-01-01").await.expect(200);
        assert!(csv.text.starts_with("budget_line,month,actual_pounds,committed_pounds,"), "{}", csv.text);
        let workbook = finance.get("/v1/reports/forecast-outturn?year=2024-25&format=xlsx").await.expect(200);
        assert_eq!(workbook.header("content-disposition"), "attachment; filename=\"forecast-outturn-2024-25.xlsx\"");
        finance.get("/v1/reports/commitments-by-week?year=2024-25&format=xlsx").await.expect(200);
    });
}

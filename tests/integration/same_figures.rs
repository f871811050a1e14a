//! One word is one figure: what the store's budget control says of a budget line is what the warehouse's budget position says.

use crate::support::health::Health;
use crate::support::on_both;
use domain::{Profile, Role};
use serde_json::Value;
use std::collections::BTreeMap;

/// Budget, actual and open commitment by budget line.
fn by_line(rows: &Value, open: &str) -> BTreeMap<String, [i64; 3]> {
    let pence = |row: &Value, field: &str| row[field].as_i64().unwrap();
    let row = |row: &Value| {
        (row["budget_line"].as_str().unwrap().to_owned(), ["budget_pence", "actual_pence", open].map(|field| pence(row, field)))
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn budget_control_is_budget_position_on_every_line_of_expenditure_and_income() {
    on_both(async |app| {
        Health::of(app).await;
        let profile = Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let auditor = app.as_role(Role::Auditor);
        let control = auditor.get("/v1/budget-control?year=2024-25").await.expect(200).body;
        let control = by_line(&control["items"], "open_commitment_pence");
        let position = auditor.get("/v1/reports/budget-position?year=2024-25").await.expect(200).body;
        assert_eq!(by_line(&position["rows"], "commitment_pence"), control);
        // Half of £10 a day is expected of health: without it nothing would be compared on a line of income.
        assert_eq!(control["chc_income"], [0, 0, -500 * 365]);
    });
}

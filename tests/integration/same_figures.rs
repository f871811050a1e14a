//! One word is one figure: what the store's budget control says of a budget line is what the warehouse's budget position says.

use crate::support::health::{Health, ten_pounds_a_day};
use crate::support::program::Program;
use crate::support::{TestApp, on_both};
use ::records::commitments::control::control;
use ::records::money::budget_lines;
use db::{Clock, Store};
use domain::{FinancialYear, Profile, Role};
use etl::{Snapshot, Which};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Budget, actual and open commitment by budget line.
fn by_line(rows: &Value, open: &str) -> BTreeMap<String, [i64; 4]> {
    let pence = |row: &Value, field: &str| row[field].as_i64().unwrap();
    let row = |row: &Value| {
        (
            row["budget_line"].as_str().unwrap().to_owned(),
            ["budget_pence", "actual_pence", open, "unconfirmed_pence"].map(|field| pence(row, field)),
        )
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

/// Of every budget line, in every year that the published snapshot covers, the program's store and its warehouse say the same.
pub fn control_is_position_in_every_year(program: &Program) {
    let profile = Profile::bundled("tameside").unwrap();
    let store = Store::open(&program.database_url.parse().unwrap(), Clock::system(profile.time_zone)).unwrap();
    let warehouse = program.folder.path().join("data/warehouse");
    let snapshot = Snapshot::open(&warehouse, &Which::Current).unwrap();
    let years = etl::texts(&snapshot.table("dim_financial_year").unwrap(), "financial_year").unwrap();
    assert!(years.len() >= 3, "{years:?}");
    for year in years.into_iter().flatten() {
        let year: FinancialYear = year.parse().unwrap();
        let controls: Result<BTreeMap<_, _>, ::records::Error> = store.read(|connection| {
            let mut controls = BTreeMap::new();
            for line in budget_lines::all(connection)? {
                let control = control(connection, &profile, year, &line, None)?;
                let amounts = [control.budget_pence, control.actual_pence, control.open_commitment_pence, control.unconfirmed_pence];
                controls.insert(line.code, amounts.map(|pence| pence.0));
            }
            Ok(controls)
        });
        let position = reports::budget_position(&warehouse, &Which::Current, year).unwrap();
        let amounts = |row: &reports::Amounts| [row.budget_pence, row.actual_pence, row.commitment_pence, row.unconfirmed_pence];
        let position: BTreeMap<_, _> = position.rows.iter().map(|row| (row.budget_line.clone(), amounts(&row.amounts))).collect();
        assert_eq!(controls.unwrap(), position, "{year}");
    }
}

/// Publishes, and holds what the store says of a year and what its warehouse says of it equal, line by line: budget, actual, open commitment,
/// and what requests that are agreed or undecided may yet cost.
pub async fn store_and_warehouse_agree(app: &TestApp, year: &str) {
    let profile = Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
    let auditor = app.as_role(Role::Auditor);
    let control = auditor.get(&format!("/v1/budget-control?year={year}&with_pending=true")).await.expect(200).body;
    let position = auditor.get(&format!("/v1/reports/budget-position?year={year}")).await.expect(200).body;
    assert_eq!(by_line(&position["rows"], "commitment_pence"), by_line(&control["items"], "open_commitment_pence"), "{year}");
    let forecast = auditor.get(&format!("/v1/reports/forecast-outturn?year={year}")).await.expect(200).body;
    let mut pending: BTreeMap<String, i64> = BTreeMap::new();
    for row in forecast["rows"].as_array().unwrap() {
        *pending.entry(row["budget_line"].as_str().unwrap().to_owned()).or_default() += row["pending_pence"].as_i64().unwrap();
    }
    for line in control["items"].as_array().unwrap() {
        let asked = line["agreed_pence"].as_i64().unwrap() + line["pending_pence"].as_i64().unwrap();
        assert_eq!(pending[line["budget_line"].as_str().unwrap()], asked, "{year}: {line}");
    }
}

#[test]
fn budget_control_is_budget_position_on_every_line_of_expenditure_and_income() {
    on_both(async |app| {
        let health = Health::of(app).await;
        // Another of £10 a day that nobody has confirmed, and half of it from health.
        let waits = ten_pounds_a_day(&health.anyone, &health.package, "2024-04-01").await;
        health.share(&json!({ "line_id": waits, "percentage_ten_thousandths": 500_000 })).await;
        let profile = Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let auditor = app.as_role(Role::Auditor);
        let control = auditor.get("/v1/budget-control?year=2024-25").await.expect(200).body;
        let control = by_line(&control["items"], "open_commitment_pence");
        let position = auditor.get("/v1/reports/budget-position?year=2024-25").await.expect(200).body;
        assert_eq!(by_line(&position["rows"], "commitment_pence"), control);
        // Half of £10 a day is expected of health: without it nothing would be compared on a line of income.
        assert_eq!(control["chc_income"], [0, 0, -2 * 500 * 365, -500 * 365]);
        assert_eq!(control["home_care"], [0, 0, 2 * 1_000 * 365, 1_000 * 365]);
    });
}

//! One word is one figure: what the store's budget control says of a budget line is what the warehouse's budget position says.

use crate::support::health::Health;
use crate::support::on_both;
use crate::support::program::Program;
use ::records::commitments::control::control;
use ::records::money::budget_lines;
use db::{Clock, Store};
use domain::{FinancialYear, Profile, Role};
use etl::{Snapshot, Which};
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
                controls
                    .insert(line.code, [control.budget_pence, control.actual_pence, control.open_commitment_pence].map(|pence| pence.0));
            }
            Ok(controls)
        });
        let position = reports::budget_position(&warehouse, &Which::Current, year).unwrap();
        let amounts = |row: &reports::PositionRow| [row.amounts.budget_pence, row.amounts.actual_pence, row.amounts.commitment_pence];
        let position: BTreeMap<_, _> = position.rows.iter().map(|row| (row.budget_line.clone(), amounts(row))).collect();
        assert_eq!(controls.unwrap(), position, "{year}");
    }
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

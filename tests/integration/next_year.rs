//! What the next year needs, as the server and the command line answer it.

use crate::support::people::in_force;
use crate::support::program::Program;
use crate::support::statement_office::publish_warehouse;
use crate::support::{Backend, on_both};
use crate::uprating::Provided;
use domain::{FinancialYear, Role};
use serde_json::{Value, json};

const PATH: &str = "/v1/reports/next-year";

/// What a column comes to in each month of each budget line.
fn months(report: &Value, column: impl Fn(&Value) -> &Value) -> Vec<(String, String, i64)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let rows = report["rows"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "budget_line"), text(row, "month"), column(row).as_i64().unwrap())).collect()
}

#[test]
fn a_rise_that_is_assumed_needs_what_the_same_rise_needs_once_it_is_agreed() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let (one, two) = (of.package().await, of.package().await);
        of.line(&one, in_force(1000)).await;
        of.line(&two, in_force(70)).await;
        of.people.package_line(&two, in_force(9)).await;
        let finance = app.as_role(Role::FinanceOfficer);
        let provider = finance.get(&format!("/v1/providers/{}", of.provider)).await.expect(200).body["code"].clone();
        publish_warehouse(app);
        let rise = json!({ "provider": provider, "from": "2024-07-01", "percentage_ten_thousandths": 100_000 });
        let assumed = finance
            .post(PATH, &json!({ "year": "2024-25", "scenarios": [{ "name": "steady" }, { "name": "rise", "upratings": [rise] }] }))
            .await
            .expect(200)
            .body;
        let in_force_before = months(&assumed, |row| &row["in_force_pence"]);
        assert_eq!(months(&assumed, |row| &row["scenarios"][0]["needed_pence"]), in_force_before);
        let needed = months(&assumed, |row| &row["scenarios"][1]["needed_pence"]);
        assert_ne!(needed, in_force_before);
        // Nothing of it was recorded.
        assert_eq!(of.recorded(app), (0, 0, 0));
        of.raised(&of.rise(100_000)).await;
        publish_warehouse(app);
        let agreed = finance.post(PATH, &json!({ "year": "2024-25" })).await.expect(200).body;
        assert_eq!(months(&agreed, |row| &row["in_force_pence"]), needed);
        assert_eq!(agreed["total"]["in_force_pence"], assumed["total"]["scenarios"][1]["needed_pence"]);
    });
}

#[test]
fn what_a_scenario_may_not_say_is_told_at_once_with_its_place() {
    on_both(async |app| {
        let auditor = app.as_role(Role::Auditor);
        let next = json!({ "year": "2025-26", "scenarios": [] });
        auditor.post(PATH, &next).await.expect_problem(404, "nothing_published");
        publish_warehouse(app);
        let unfit = json!({ "year": "2025-26", "scenarios": [{
            "name": "One", "upratings": [{ "percent": 3, "percentage_ten_thousandths": 2_000_000 }],
            "new_demand": [{ "budget_line": "nursery", "packages": 0, "quantity_thousandths": 1_000, "frequency": "weekly",
                "unit_rate_ten_thousandths": 100 }]
        }] });
        let told = auditor.post(PATH, &unfit).await.expect_problem(422, "invalid_body").pointers();
        let (uprating, demand) = ("/scenarios/0/upratings/0", "/scenarios/0/new_demand/0");
        assert_eq!(
            told,
            [
                "/scenarios/0/name".to_owned(),
                format!("{demand}/packages"),
                format!("{uprating}/percent"),
                format!("{uprating}/percentage_ten_thousandths")
            ]
        );
        let unknown = json!({ "year": "2025-26", "scenarios": [{
            "name": "one", "upratings": [{ "budget_line": "nurseries", "percentage_ten_thousandths": 0 }, { "provider": "nobody", "percentage_ten_thousandths": 1 }]
        }] });
        let told = auditor.post(PATH, &unknown).await.expect_problem(422, "invalid_body").pointers();
        assert_eq!(
            told,
            [
                format!("{uprating}/budget_line"),
                format!("{uprating}/percentage_ten_thousandths"),
                "/scenarios/0/upratings/1/provider".to_owned()
            ]
        );
        auditor.post(PATH, &json!({ "year": "2040-41" })).await.expect_problem(404, "not_found");
        let csv = auditor.post(&format!("{PATH}?format=csv"), &next).await.expect(200);
        assert!(csv.text.starts_with("budget_line,month,this_year_pounds,"), "{}", csv.text);
        let workbook = auditor.post(&format!("{PATH}?format=xlsx"), &next).await.expect(200);
        assert_eq!(workbook.header("content-disposition"), "attachment; filename=\"next-year-2025-26.xlsx\"");
        auditor.post(&format!("{PATH}?year=2025-26"), &next).await.expect_problem(422, "invalid_parameter");
    });
}

#[test]
fn the_command_line_reads_scenarios_from_files_and_tells_all_that_is_wrong_with_them() {
    let program = Program::on(Backend::Sqlite);
    program.run(&["etl"]).expect(0);
    let this_year = FinancialYear::of(chrono::Utc::now().date_naive()).unwrap();
    let next = this_year.next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let steady = file("steady.toml", "name = \"steady\"\n[[upratings]]\npercentage_ten_thousandths = 20_000\n");
    let report = ["report", "next-year", "--year", next.as_str(), "--scenario", &steady];
    let made = program.run(&report).expect(0).json();
    assert_eq!((&made["this_year"], &made["scenarios"][0]["name"]), (&json!(this_year.as_str()), &json!("steady")));
    let table = program.run(&[&report[..], &["--format", "txt"]].concat()).expect(0);
    assert!(table.stdout.starts_with(&format!("Next year, {next}\n")) && table.stdout.contains("2 %"), "{}", table.stdout);
    let wrong = file("wrong.toml", "nmae = \"wrong\"\n[[upratings]]\npercentage_ten_thousandths = 2.5\n");
    let refused = program.run(&[&report[..], &["--scenario", &wrong, "--scenario", "nowhere.toml"]].concat()).expect(1);
    assert!(refused.stdout.is_empty());
    for told in ["wrong.toml: nmae: ", "wrong.toml: name: ", "wrong.toml: upratings 1, percentage_ten_thousandths: ", "nowhere.toml: "] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
}

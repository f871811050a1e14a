//! Returns and open data over HTTP and from the command line, in the layout of their year.

use crate::support::ledger_files::{write_file, write_mapping};
use crate::support::program::Program;
use crate::support::records::new_grant;
use crate::support::{Backend, TestApp, on_both};
use domain::{Profile, Role};
use serde_json::json;

const REPORTS: [&str; 5] = ["spending-over-500", "voluntary-sector-grants", "grants-360giving", "section-251", "freedom-of-information"];

fn publish(app: &TestApp) {
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    let profile = Profile::bundled("tameside").unwrap();
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
}

#[test]
fn each_return_is_answered_as_json_csv_and_workbook() {
    on_both(async |app| {
        let (finance, auditor) = (app.as_role(Role::FinanceOfficer), app.as_role(Role::Auditor));
        for report in REPORTS {
            auditor.get(&format!("/v1/reports/{report}?year=2023-24")).await.expect_problem(404, "nothing_published");
        }
        let group = finance.provider("voluntary").await;
        let registration = json!({ "kind": "charity", "number": "1164883", "reason": "On the register" });
        finance.record(&format!("/v1/providers/{group}/registrations"), &registration).await;
        let mut new = new_grant(&group);
        new["awarded_on"] = json!("2023-04-01");
        let grant = finance.record("/v1/grants", &new).await;
        // Awarded before the first year of which the warehouse has anything else.
        finance.record("/v1/grants", &new_grant(&group)).await;
        finance.open_year().await;
        finance.budget("home_care", 5_000_000).await;
        publish(app);
        for report in REPORTS {
            let path = format!("/v1/reports/{report}?year=2023-24");
            auditor.get(&path).await.expect(200);
            let csv = auditor.get(&format!("{path}&format=csv")).await.expect(200);
            assert!(csv.header("content-type").starts_with("text/csv"), "{report}");
            let book = auditor.get(&format!("{path}&format=xlsx")).await.expect(200);
            assert!(book.text.starts_with("PK"), "{report}");
            auditor.get(&format!("/v1/reports/{report}?year=2031-32")).await.expect_problem(404, "not_found");
        }
        let file = auditor.get("/v1/reports/grants-360giving?year=2023-24").await.expect(200);
        assert_eq!(file.body["grants"].as_array().unwrap().len(), 1);
        let before = auditor.get("/v1/reports/voluntary-sector-grants?year=2022-23").await.expect(200);
        assert_eq!(before.body["grants"][0]["awarded_on"], "2023-03-20");
        assert!(file.text.contains("\"amountAwarded\":24000.00,"), "{}", file.text);
        let published = &file.body["grants"][0];
        assert_eq!(published["recipientOrganization"][0]["id"], "GB-CHC-1164883");
        assert_eq!(published["id"], json!(format!("GB-LAE-TAM-{}", grant["id"].as_str().unwrap())));
        // What somebody wrote of the grant stays in the store.
        for words in ["title", "purpose"] {
            assert!(!file.text.contains(grant[words].as_str().unwrap()), "{words}");
        }
        for years in ["0", "6", "two"] {
            let path = format!("/v1/reports/freedom-of-information?year=2023-24&years={years}");
            auditor.get(&path).await.expect_problem(422, "invalid_parameter");
        }
        auditor.get("/v1/reports/freedom-of-information?year=2023-24&years=5").await.expect(200);
    });
}

#[test]
fn spending_is_written_from_the_command_line_and_no_family_is_in_it() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let mapping = write_mapping(program.folder.path());
        let (file, _) = write_file(program.folder.path(), "may", 3_000);
        program.run(&["import", "ledger", file.to_str().unwrap(), "--mapping", mapping.to_str().unwrap()]).expect(0);
        program.run(&["report", "spending-over-500", "--year", "2023-24"]).expect(1);
        program.run(&["etl"]).expect(0);
        let csv = program.run(&["report", "spending-over-500", "--year", "2023-24", "--format", "csv"]).expect(0).stdout;
        let mut lines = csv.lines();
        assert!(lines.next().unwrap().starts_with("Organisation,Quarter,Date,Department,Beneficiary,"), "{csv}");
        let to_families: Vec<_> = lines.filter(|line| line.contains(",Direct payments,")).collect();
        assert!(!to_families.is_empty() && to_families.iter().all(|line| line.contains(",REDACTED PERSONAL DATA,")), "{csv}");
        let spending = program.run(&["report", "spending-over-500", "--year", "2023-24"]).expect(0).json();
        let amounts: Vec<_> = spending["items"].as_array().unwrap().iter().map(|item| item["amount_pence"].as_i64().unwrap()).collect();
        assert!(amounts.len() + 1 == csv.lines().count() && amounts.iter().all(|pence| pence.abs() > 50_000), "{amounts:?}");
        let pack = program.run(&["report", "freedom-of-information", "--year", "2023-24", "--years", "5"]).expect(0).json();
        assert!(pack["answers"].as_array().unwrap().iter().any(|answer| answer["marker"] == "[x]"));
    }
}

//! Ledger files taken in, from the command line and over HTTP, and spend as it is reported from them.

use crate::support::ledger_files::{MAPPING, write_file, write_mapping};
use crate::support::program::Program;
use crate::support::{Answer, Backend, Client, TestApp, captured_log, on_both, send};
use domain::Role;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

async fn import(client: &Client, mapping: &str, name: &str, file: impl Into<Vec<u8>>, more: &[(&'static str, &str)]) -> Answer {
    let form = Form::new().text("mapping", mapping.to_owned()).part("file", Part::bytes(file.into()).file_name(name.to_owned()));
    let form = more.iter().fold(form, |form, (name, value)| form.text(*name, (*value).to_owned()));
    send(client.request(Method::POST, "/v1/ledger-imports").multipart(form)).await
}

/// The report as a dry run gives it, which makes no record of the file.
fn without_id(mut report: Value) -> Value {
    assert!(report["files"][0]["file_id"].is_string(), "{report}");
    report["files"][0]["file_id"] = json!(null);
    report
}

#[test]
fn a_file_is_loaded_once_from_the_command_line_and_its_spend_reported() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let mapping = write_mapping(program.folder.path());
        let (file, expected) = write_file(program.folder.path(), "may", 300);
        let arguments = ["import", "ledger", file.to_str().unwrap(), "--mapping", mapping.to_str().unwrap(), "--json"];
        let tried = program.run(&[&arguments[..], &["--dry-run"]].concat()).expect(0).json();
        let loaded = program.run(&arguments).expect(0);
        assert!(loaded.stderr.is_empty(), "{}", loaded.stderr);
        assert_eq!(tried, without_id(loaded.json()));
        insta::assert_json_snapshot!("a_loaded_file", tried);
        let again = program.run(&arguments).expect(0).json();
        assert_eq!((&again["files"][0]["status"], &again["total"]["already_present"]), (&json!("already_loaded"), &json!(200)));

        program.run(&["report", "spend", "--year", "2023-24"]).expect(1);
        program.run(&["etl"]).expect(0);
        let spend =
            program.run(&["report", "spend", "--year", "2023-24", "--group-by", "budget_line", "--format", "json"]).expect(0).json();
        let row = |line: &str, (entries, pence): (i64, i64)| json!({ "budget_line": line, "actual_pence": pence, "entries": entries });
        let expected = [row("direct_payments", expected.direct_payments), row("overnight_respite", expected.overnight_respite)];
        assert_eq!(spend["rows"], json!(expected));
        let csv = program.run(&["report", "spend", "--year", "2023-24", "--format", "csv"]).expect(0).stdout;
        assert_eq!(csv.lines().count(), 3, "{csv}");
        let book = program.folder.path().join("spend.xlsx");
        let to_a_file = ["report", "spend", "--year", "2023-24", "--format", "xlsx", "--out", book.to_str().unwrap()];
        assert_eq!(program.run(&to_a_file).expect(0).stdout, "");
        let piped = program.command().args(&to_a_file[..6]).output().unwrap();
        assert!(piped.status.success() && piped.stdout.starts_with(b"PK") && piped.stdout == std::fs::read(book).unwrap());
        let figures = program.run(&["report", "statement-figures", "--year", "2023-24"]).expect(0).json();
        // What providers and groups return nobody has returned, so it is not nought: it is not known.
        let nobody = |figure: &Value| figure["value"] == if figure["standing"] == "known" { json!(0) } else { Value::Null };
        assert!(figures["figures"].as_array().unwrap().iter().all(nobody), "{figures}");
        the_statement_is_told(&program);
        program.run(&["audit", "verify"]).expect(0);
    }
}

/// A statement with figures alone, since nobody wrote one.
fn the_statement_is_told(program: &Program) {
    let statement = |more: &[&str]| program.run(&[&["report", "statement", "--year", "2023-24"][..], more].concat());
    let page = statement(&[]).expect(0).stdout;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Nothing is authored yet"), "{page}");
    let figures = statement(&["--format", "csv"]).expect(0).stdout;
    assert!(figures.lines().any(|line| line.starts_with("2023-24,commissioned_sessions,") && line.contains(",[x],")), "{figures}");
    let as_counted = statement(&["--format", "json", "--as-counted", "Nobody can be told from it"]).expect(0).json();
    assert_eq!(as_counted["disclosure"]["choice"], "as_counted");
    assert_eq!(statement(&["--withheld"]).expect(0).stdout, "figure,why\n");
    assert!(program.run(&["report", "statement", "--year", "2019-20"]).expect(1).stderr.starts_with("The statement cannot be given: "));
}

#[test]
fn a_refused_file_leaves_the_store_untouched_and_says_every_problem() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let mapping = write_mapping(program.folder.path());
        let file = program.folder.path().join("bad.csv");
        let lines =
            "Posting Date,Amount,Transaction,Code\n01/05/2023,1.00,T1,6401\n31/02/2023,1.00,T2,6401\n01/05/2023,lots,T3,5700\nx,y,z,1\n";
        std::fs::write(&file, lines).unwrap();
        let arguments = ["import", "ledger", file.to_str().unwrap(), "--mapping", mapping.to_str().unwrap(), "--json"];
        let refused = program.run(&arguments).expect(1);
        assert!(refused.stderr.contains("bad.csv"));
        let report = refused.json();
        insta::assert_json_snapshot!("a_refused_file", report["files"][0]["problems"]);
        let (good, _) = write_file(program.folder.path(), "good", 3);
        let both = [&arguments[..3], &[good.to_str().unwrap()], &arguments[3..]].concat();
        let report = program.run(&both).expect(1).json();
        let statuses: Vec<_> = report["files"].as_array().unwrap().iter().map(|file| file["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["refused", "loaded"]);
        program.run(&["import", "ledger", "no-such-file.csv", "--mapping", mapping.to_str().unwrap()]).expect(1);
        program.run(&["import", "ledger", file.to_str().unwrap(), "--mapping", "no-such-mapping.toml"]).expect(1);
        program.run(&["import", "ledger", file.to_str().unwrap()]).expect(2);
        program.run(&["audit", "verify"]).expect(0);
    }
}

#[test]
fn a_file_is_loaded_over_http() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let (path, _) = write_file(app.folder.path(), "may", 30);
        let file = std::fs::read(path).unwrap();
        let tried = import(&finance, MAPPING, "may.csv", file.clone(), &[("dry_run", "true")]).await.expect(200);
        assert_eq!((app.count("ledger_files"), app.count("ledger_entries")), (0, 0));
        let loaded = import(&finance, MAPPING, "may.csv", file.clone(), &[]).await.expect(201);
        assert_eq!(tried.body, without_id(loaded.body));
        assert_eq!((app.count("ledger_files"), app.count("ledger_entries")), (1, 20));
        let again = import(&finance, MAPPING, "may.csv", file, &[]).await.expect(200);
        assert_eq!(again.body["files"][0]["status"], "already_loaded");
        let listed = finance.all_pages("/v1/ledger-imports", 10).await.concat();
        assert_eq!(listed.len(), 1);
        let id = listed[0]["id"].as_str().unwrap();
        assert_eq!(finance.get(&format!("/v1/ledger-imports/{id}")).await.expect(200).body, listed[0]);
        let entries = finance.all_pages(&format!("/v1/ledger-entries?file_id={id}"), 7).await;
        assert_eq!(entries.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 6]);
        let refused = import(&finance, MAPPING, "june.csv", "Date,Amount,Transaction,Code\nx,y,z,6401\n", &[]).await;
        insta::assert_json_snapshot!("a_file_refused_over_http", refused.expect_problem(422, "ledger_file_refused").redacted());
        let refused = import(&finance, "colour = 1", "june.csv", "", &[]).await;
        insta::assert_json_snapshot!("a_mapping_refused_over_http", refused.expect_problem(422, "invalid_mapping").redacted());
    });
}

/// A workbook of one payment a sheet, each sheet with its own header for the amount.
fn workbook(sheets: [(&str, &str); 2]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for ((name, amount), number) in sheets.into_iter().zip(1..) {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (column, text) in (0..).zip(["Posting Date", amount, "Transaction", "Code"]) {
            sheet.write(0, column, text).unwrap();
        }
        for (column, text) in (0..).zip(["01/05/2023", "100.00", &format!("T{number}"), "6401"]) {
            sheet.write(1, column, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_with_payments_is_read_or_named_over_http() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let refused = import(&finance, MAPPING, "two.xlsx", workbook([("May", "Amount"), ("June", "Sum")]), &[]).await;
        let refused = refused.expect_problem(422, "ledger_file_refused");
        assert_eq!(
            (&refused.body["errors"][0]["pointer"], &refused.body["errors"][0]["code"]),
            (&json!("/file/sheet June/line 2"), &json!("sheet_not_read"))
        );
        let loaded = import(&finance, MAPPING, "two.xlsx", workbook([("May", "Amount"), ("June", "Amount")]), &[]).await.expect(201).body;
        assert_eq!(
            (&loaded["files"][0]["sheet"], &loaded["total"]["matched"], &loaded["refused"]["matched"]),
            (&json!("May, June"), &json!(2), &json!(0))
        );
        let entries = finance.all_pages("/v1/ledger-entries", 10).await.concat();
        assert_eq!(entries.iter().map(|entry| &entry["sheet"]).collect::<Vec<_>>(), [&json!("May"), &json!("June")]);
    });
}

#[test]
fn a_form_that_is_wrong_is_no_fault_of_ours() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let file = || Part::text("Date,Amount,Transaction,Code\n01/05/2023,1,T1,6401\n").file_name("may.csv");
        let post = async |form: Form| send(finance.request(Method::POST, "/v1/ledger-imports").multipart(form)).await;
        post(Form::new()).await.expect_problem(400, "malformed_form");
        post(Form::new().text("mapping", MAPPING)).await.expect_problem(400, "malformed_form");
        post(Form::new().part("file", file())).await.expect_problem(400, "malformed_form");
        post(Form::new().text("mapping", MAPPING).part("file", file()).text("colour", "red")).await.expect_problem(400, "malformed_form");
        post(Form::new().text("mapping", MAPPING).part("file", file()).text("dry_run", "perhaps"))
            .await
            .expect_problem(400, "malformed_form");
        post(Form::new().text("mapping", "x".repeat(300_000)).part("file", file())).await.expect_problem(413, "too_large");
        finance.post_raw("/v1/ledger-imports", "application/json", "{}").await.expect_problem(415, "unsupported_media_type");
        let broken = finance
            .post_raw("/v1/ledger-imports", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"fi")
            .await;
        broken.expect_problem(400, "malformed_form");
        finance.post_raw("/v1/ledger-imports", "multipart/form-data", "x").await.expect_problem(400, "malformed_form");
        assert_eq!(app.count("ledger_entries"), 0);
    });
}

#[test]
fn control_characters_in_a_file_its_name_or_its_mapping_reach_no_database() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let file = "Date,Amount,Transaction,Code\n01/05/2023,1,T1,6401\n";
        let in_line = file.replace("T1", "T\u{0}1");
        let in_header = file.replace("Transaction", "Trans\u{0}action");
        let in_source = MAPPING.replace("Finance system", "Finance\\u0000system");
        let in_budget_line = MAPPING.replace("direct_payments", "direct\\u0000payments");
        let in_provider =
            format!("{MAPPING}\n[[providers]]\nprovider = \"meadow\\u0000house\"\nwhen = [{{ column = \"code\", equals = \"6401\" }}]\n");
        let in_rule = MAPPING.replace("6401", "64\\u000001");
        let tries = [
            (MAPPING, "may.csv", in_line.as_str()),
            (MAPPING, "may.csv", &in_header),
            (&in_source, "may.csv", file),
            (&in_rule, "may.csv", file),
            (&in_budget_line, "may.csv", file),
            (&in_provider, "may.csv", file),
            (MAPPING, "ma\u{1}y.csv", file),
            (MAPPING, "../../etc/may.csv", file),
            (MAPPING, &"m".repeat(5_000), file),
        ];
        for (mapping, name, file) in tries {
            let answer = import(&finance, mapping, name, file, &[]).await;
            assert!([200, 201, 400, 422].contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        }
        // A name with a NUL can only come percent-encoded.
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"mapping\"\r\n\r\n{MAPPING}\r\n--b\r\nContent-Disposition: form-data; \
             name=\"file\"; filename*=UTF-8''may%00.csv\r\n\r\n{}\r\n--b--\r\n",
            file.replace("T1", "T9")
        );
        let answer = finance.post_raw("/v1/ledger-imports", "multipart/form-data; boundary=b", body).await;
        assert!([200, 201, 400, 422].contains(&answer.status), "{} {}", answer.status, answer.text);
        assert_eq!(captured_log::lines_with("internal error"), Vec::<String>::new());
        assert!(!finance.get("/v1/ledger-imports").await.expect(200).text.contains("etc/"));
    });
}

#[test]
fn two_who_load_one_file_at_once_load_it_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let (path, _) = write_file(app.folder.path(), "may", 3_000);
        let file = std::fs::read(path).unwrap();
        let (one, two) =
            tokio::join!(import(&finance, MAPPING, "may.csv", file.clone(), &[]), import(&finance, MAPPING, "may.csv", file.clone(), &[]));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", one.text, two.text);
        assert_eq!((app.count("ledger_files"), app.count("ledger_entries")), (1, 2_000));
    });
}

fn publish(app: &TestApp) -> String {
    let profile = domain::Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap().snapshot_id
}

#[test]
fn reports_are_answered_from_the_published_snapshot() {
    on_both(async |app| {
        let manager = app.as_role(Role::Manager);
        for report in ["spend", "budget-position?year=2023-24", "statement-figures?year=2023-24"] {
            manager.get(&format!("/v1/reports/{report}")).await.expect_problem(404, "nothing_published");
        }
        let finance = app.as_role(Role::FinanceOfficer);
        let (path, expected) = write_file(app.folder.path(), "may", 30);
        import(&finance, MAPPING, "may.csv", std::fs::read(path).unwrap(), &[]).await.expect(201);
        finance.budget("direct_payments", 5_000_000).await;
        let snapshot = publish(app);
        let spend = manager.get("/v1/reports/spend?year=2023-24").await.expect(200);
        assert_eq!(spend.body["snapshot_id"], json!(snapshot));
        assert_eq!(spend.body["rows"][0]["actual_pence"], json!(expected.direct_payments.1));
        let etag = spend.header("etag").to_owned();
        let unchanged = manager.request(Method::GET, "/v1/reports/spend?year=2023-24").header("If-None-Match", &etag);
        let unchanged = send(unchanged).await.expect(304);
        assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", etag.as_str()));
        let csv = send(manager.request(Method::GET, "/v1/reports/spend").header("Accept", "text/csv")).await.expect(200);
        assert!(csv.header("content-type").starts_with("text/csv") && csv.header("etag") != etag);
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let by_header = manager.request(Method::GET, "/v1/reports/budget-position?year=2023-24").header("Accept", xlsx);
        let by_parameter = manager.request(Method::GET, "/v1/reports/budget-position?year=2023-24&format=xlsx");
        for book in [send(by_header).await.expect(200), send(by_parameter).await.expect(200)] {
            assert_eq!((book.header("content-type"), book.header("etag")), (xlsx, format!("\"{snapshot}.xlsx\"").as_str()));
            assert_eq!(book.header("content-disposition"), "attachment; filename=\"budget-position-2023-24.xlsx\"");
            assert!(book.text.starts_with("PK"));
        }
        let unchanged =
            manager.request(Method::GET, "/v1/reports/spend?format=xlsx").header("If-None-Match", format!("\"{snapshot}.xlsx\""));
        send(unchanged).await.expect(304);
        let refused = send(manager.request(Method::GET, "/v1/reports/spend").header("Accept", "image/png")).await;
        refused.expect_problem(406, "not_acceptable");
        let position = manager.get("/v1/reports/budget-position?year=2023-24").await.expect(200).body;
        let row = position["rows"].as_array().unwrap().iter().find(|row| row["budget_line"] == "direct_payments").unwrap();
        assert_eq!((&row["budget_pence"], &row["actual_pence"]), (&json!(5_000_000), &json!(expected.direct_payments.1)));
        for wrong in
            ["spend?year=2023", "spend?group_by=colour", "spend?month=2023-13", "spend?colour=red", "spend?format=pdf", "budget-position"]
        {
            manager.get(&format!("/v1/reports/{wrong}")).await.expect_problem(422, "invalid_parameter");
        }
        // What is recorded after the run is in no report until the next.
        finance.record("/v1/budget-movements", &crate::support::records::new_movement("adjustment", "direct_payments", 1)).await;
        assert_eq!(manager.get("/v1/reports/budget-position?year=2023-24").await.expect(200).body, position);
        assert_ne!(publish(app), snapshot);
        assert_ne!(manager.get("/v1/reports/budget-position?year=2023-24").await.expect(200).body["snapshot_id"], json!(snapshot));
    });
}

/// The year after: what the panel agreed counts too, and what was not returned is not counted as nought.
fn later_figures_count_every_line(program: &Program) {
    let figures = program.run(&["report", "statement-figures", "--year", "2024-25", "--format", "json"]).expect(0).json();
    let of = |code: &str| figures["figures"].as_array().unwrap().iter().find(|figure| figure["code"] == code).unwrap().clone();
    for (code, children) in [("residential_respite_children", 15), ("community_support_holiday_children", 81)] {
        let figure = of(code);
        assert_eq!((&figure["value"], &figure["uncategorised_lines"]), (&json!(children), &json!(0)), "{figure}");
    }
    assert!(figures["figures"].as_array().unwrap().iter().all(|figure| figure["uncategorised_lines"] == 0), "{figures}");
    // The line that the demonstration shows waiting counts in none of them.
    assert!(figures["figures"].as_array().unwrap().iter().all(|figure| figure["unconfirmed_lines"].is_i64()), "{figures}");
    let (reach, sessions) = (of("grant_funded_reach"), of("commissioned_sessions"));
    // Of each of four grants two returns are to come, and one is late.
    assert_eq!((&reach["standing"], &reach["missing_returns"]), (&json!("so_far"), &json!(9)), "{reach}");
    assert_eq!((&sessions["value"], &sessions["standing"]), (&json!(null), &json!("not_yet_known")), "{sessions}");
}

#[test]
fn the_demonstration_prints_the_statements_figures_and_refuses_a_folder_in_use() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let said = program.run(&["demo", "--no-serve"]).expect(0);
        let figures = program.run(&["report", "statement-figures", "--year", "2023-24", "--format", "json"]).expect(0).json();
        let values: Vec<_> =
            figures["figures"].as_array().unwrap().iter().map(|figure| (figure["code"].clone(), figure["value"].clone())).collect();
        let expected = [
            ("direct_payments_children", 40),
            ("residential_respite_children", 13),
            ("residential_respite_out_of_borough_children", 1),
            ("home_care_children", 29),
            ("targeted_outreach_children", 35),
            ("community_setting_children", 5),
            ("community_support_holiday_children", 78),
            ("grant_funded_reach", 16_742),
            ("commissioned_sessions", 46_628),
        ];
        assert_eq!(values, expected.map(|(code, value)| (json!(code), json!(value))));
        assert!(said.stdout.contains("16,742") && said.stdout.contains("46,628"), "{}", said.stdout);
        program.run(&["audit", "verify"]).expect(0);
        later_figures_count_every_line(&program);
        crate::same_figures::control_is_position_in_every_year(&program);
        let refused = program.run(&["demo", "--no-serve"]).expect(1);
        assert!(!refused.stderr.is_empty());
        let unchanged: Value = program.run(&["report", "statement-figures", "--year", "2023-24"]).expect(0).json();
        assert_eq!(unchanged, figures);
    }
}

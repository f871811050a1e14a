//! The annual review over HTTP and from the command line.

use crate::support::program::Program;
use crate::support::{Backend, on_both, send};
use domain::{Profile, Role};
use reqwest::Method;

#[test]
fn it_is_a_page_a_pdf_or_a_workbook_of_the_published_snapshot() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        finance.get("/v1/reports/annual-review?year=2024-25").await.expect_problem(404, "nothing_published");
        finance.open_year().await;
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        let profile = Profile::bundled("tameside").unwrap();
        let snapshot = etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap().snapshot_id;
        let auditor = app.as_role(Role::Auditor);
        let page = auditor.get("/v1/reports/annual-review?year=2024-25").await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
        assert_eq!(page.header("etag"), format!("\"{snapshot}.html\""));
        assert!(page.text.contains("Not for publication") && page.text.contains("Timeliness"));
        for (format, media_type) in
            [("pdf", "application/pdf"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
        {
            let file = auditor.get(&format!("/v1/reports/annual-review?year=2024-25&format={format}")).await.expect(200);
            assert_eq!(file.header("content-type"), media_type);
            assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"annual-review-2024-25.{format}\""));
            assert_eq!(file.header("etag"), format!("\"{snapshot}.{format}\""));
        }
        let known = auditor.request(Method::GET, "/v1/reports/annual-review?year=2024-25").header("If-None-Match", page.header("etag"));
        assert_eq!(send(known).await.expect(304).text, "");
        auditor.get("/v1/reports/annual-review?year=2031-32").await.expect_problem(404, "not_found");
        auditor.get("/v1/reports/annual-review").await.expect_problem(422, "invalid_parameter");
        auditor.get("/v1/reports/annual-review?year=2024-25&format=csv").await.expect_problem(422, "invalid_parameter");
        auditor.get("/v1/reports/annual-review?year=2024-25&month=2024-06").await.expect_problem(422, "invalid_parameter");
    });
}

#[test]
fn the_command_line_writes_it_to_a_file() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        program.run(&["etl"]).expect(0);
        let year = domain::FinancialYear::of(chrono::Utc::now().date_naive()).unwrap();
        let page = program.run(&["report", "annual-review", "--year", year.as_str()]).expect(0).stdout;
        assert!(page.contains("Not for publication") && page.contains(year.as_str()));
        for (format, start) in [("pdf", b"%PDF".as_slice()), ("xlsx", b"PK".as_slice()), ("html", b"<!DO".as_slice())] {
            let path = program.folder.path().join(format!("review.{format}"));
            program
                .run(&["report", "annual-review", "--year", year.as_str(), "--format", format, "--out", path.to_str().unwrap()])
                .expect(0);
            assert!(std::fs::read(path).unwrap().starts_with(start), "{format}");
        }
        assert!(program.run(&["report", "annual-review", "--year", "2050-51"]).expect(1).stderr.contains("2050-51"));
    }
}

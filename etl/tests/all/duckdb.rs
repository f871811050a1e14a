//! Another engine, run over the same files with the same SQL, gives the same marts.
//!
//! Needs a Python with the package `duckdb` (`PYTHON` names it, otherwise `python3`). Without one the test says so and passes,
//! or with `REQUIRE_DUCKDB=1` fails.

use crate::common::{Fixture, LineVersion, ShareVersion, day, noon};
use std::process::Command;

/// Some of everything: years, gaps, credits, postings dated ahead, income, ended and reversed lines, a budget line with a grant
/// and a package, returns taken back, decisions of every kind, several parts.
const BUDGET_LINES: [&str; 5] = ["direct_payments", "home_care", "targeted_outreach", "overnight_respite", "chc_income"];

fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let near = fixture.provider("near", "private", "in_borough");
        let far = fixture.provider("far", "voluntary", "out_of_borough");
        let packages: Vec<_> = (0..20).map(|number| fixture.package(&format!("case {number}"))).collect();
        fill_packages(fixture, &packages, &near, &far);
        fill_budgets_and_grants(fixture, &packages, &near, &far);
        fill_payments_and_shares(fixture, &packages);
        fill_ledger(fixture, &near, &far);
    })
}

fn fill_packages(fixture: &Fixture, packages: &[String], near: &str, far: &str) {
    for (number, budget_line) in BUDGET_LINES.iter().cycle().take(40).enumerate() {
        let line = LineVersion::new(&packages[number / 2], "2022-11-15");
        let line = LineVersion {
            budget_line,
            provider: [Some(near.to_owned()), Some(far.to_owned()), None][number % 3].clone(),
            category: [None, Some("residential_respite"), Some("community_setting")][number / 2 % 3],
            frequency: ["weekly", "monthly", "one_off", "term_time_weeks"][number % 4],
            rate: 55_555 + number as i64,
            ..line
        };
        fixture.line(&line);
        if number % 3 == 0 {
            fixture.confirmation(&line.line_id, 1, "2022-11-15");
        }
        if number % 4 == 0 {
            fixture.line(&LineVersion { version: 2, to: Some("2024-01-10"), state: "ended", ..line });
        } else if number % 7 == 0 {
            fixture.line(&LineVersion { version: 2, state: "reversed", ..line });
        }
    }
}

fn fill_budgets_and_grants(fixture: &Fixture, packages: &[String], near: &str, far: &str) {
    for (number, year) in ["2022-23", "2023-24", "2024-25"].iter().enumerate() {
        fixture.movement(year, BUDGET_LINES[number], "original", 1_000_000 + number as i64);
        fixture.movement(year, BUDGET_LINES[number], "adjustment", -77);
    }
    let shared = LineVersion::new(&packages[0], "2024-04-01");
    fixture.line(&LineVersion { budget_line: "voluntary_sector_grants", provider: Some(near.to_owned()), ..shared });
    for (provider, on, pence) in [(Some(far), "2024-05-01", 70_000), (Some(near), "2024-06-01", 4_321), (None, "2024-12-01", 5)] {
        fixture.entries(&[("voluntary_sector_grants", provider, day(on), pence)]);
    }
    let grant = fixture.grant(far, "2024-02-10", "2025-02-10", 333_333, None);
    let wrong = fixture.grant_return(&grant, "2024-02-10", "2024-05-10", 40, None);
    fixture.grant_return(&grant, "2024-02-10", "2024-05-10", -40, Some(&wrong));
    fixture.grant_return(&grant, "2024-04-10", "2024-05-10", 41, None);
    fixture.activity(near, "2023-04-01", "2024-04-01", 1_234);
    let paid_by_halves = fixture.grant(near, "2024-04-01", "2025-04-01", 100_001, None);
    let half = fixture.instalment(&paid_by_halves, 1, "2024-04-15", 50_001);
    fixture.instalment(&paid_by_halves, 2, "2025-04-15", 50_000);
    fixture.grant_payment(&half, "2024-04-20", 50_001, None);
    fixture.return_due(&paid_by_halves, 1, "2024-04-01", "2024-07-01", "2024-07-10");
    fixture.return_due(&paid_by_halves, 2, "2024-07-01", "2025-04-01", "2025-04-30");
    for (number, provider) in (0..5).map(|number| (number, fixture.provider(&format!("club_{number}"), "private", "in_borough"))) {
        let line = LineVersion::new(&packages[0], "2023-04-01");
        fixture.line(&LineVersion { budget_line: "community_short_breaks", provider: Some(provider.clone()), ..line });
        fixture.entries(&[(
            "community_short_breaks",
            Some(provider.as_str()),
            day("2023-06-01"),
            [49_999, 50_001, 52_000, 300_000, -5][number],
        )]);
    }
}

fn fill_payments_and_shares(fixture: &Fixture, packages: &[String]) {
    fixture.release("2024-25", "home_care", None, "2024-06-01", None);
    fixture.story();
    let paid = LineVersion { rate: 1_000_000, ..LineVersion::new(&packages[1], "2023-11-06") };
    fixture.line(&paid);
    let account = fixture.direct_payment_account(&paid, "2023-11-06");
    let periods = [("2023-11-06", "2023-12-04", 40_000), ("2024-04-22", "2024-05-20", 40_000)];
    for (number, (from, to, pence)) in (1..).zip(periods) {
        fixture.pay_file(number, from, &[(&account, "period", from, to, pence, None)]);
    }
    fixture.direct_payment_return(&account, "2023-11-06", "2024-02-01", 20_000);
    fixture.direct_payment_audit(&account, "2023-11-06", "2024-05-01", 25_000, 9_000);
    fixture.direct_payment_repayment(&account, "2024-05-02", 4_000);
    let health = fixture.provider("health", "other_public", "in_borough");
    let shared = LineVersion { budget_line: "home_care", ..LineVersion::new(&packages[1], "2023-11-15") };
    fixture.line(&shared);
    let share = ShareVersion { percentage: Some(333_333), from: "2023-11-15", ..ShareVersion::half(&shared.line_id, &health) };
    fixture.share(&share);
    let invoice = fixture.health_invoice(&share, "2024-01-05", "2023-11-15", "2024-01-01", 7_654);
    fixture.health_credit(&invoice, "2024-02-29", 321);
    fixture.health_receipt(&invoice, "2024-04-01", 5_000);
    fixture.nights();
}

fn fill_ledger(fixture: &Fixture, near: &str, far: &str) {
    for batch in 0..3_i64 {
        let entry = |number: i64| {
            let provider = [Some(near), Some(far), None][(number % 3) as usize];
            let posted_on = day("2022-12-01") + chrono::Days::new((number * 37 + batch * 11) as u64 % 800);
            (BUDGET_LINES[(number % 5) as usize], provider, posted_on, (number * 7_919 + batch) % 90_001 - 30_000)
        };
        fixture.entries(&(0..60).map(entry).collect::<Vec<_>>());
        fixture.clock.set(noon("2024-07-16"));
        fixture.run();
    }
}

#[test]
fn duckdb_gives_the_same_marts() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_duckdb = Command::new(&python).args(["-c", "import duckdb"]).output().is_ok_and(|output| output.status.success());
    if !has_duckdb {
        assert!(std::env::var("REQUIRE_DUCKDB").is_err(), "{python} has no package duckdb, and REQUIRE_DUCKDB is set");
        eprintln!("skipped: {python} has no package duckdb");
        return;
    }
    for fixture in filled() {
        let snapshot = fixture.current();
        assert!(snapshot.manifest().table("fact_ledger_entries").unwrap().files.len() > 6, "several parts a year");
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(&python)
            .arg(here.join("tests/all/compare_with_duckdb.py"))
            .arg(snapshot.directory())
            .arg(here.join("marts"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches("rows compared").count(), etl::MARTS.len(), "{said}");
    }
}

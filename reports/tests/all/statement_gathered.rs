//! The statement's figures, gathered from a snapshot of a real warehouse.

use crate::common::{Fixture, LineVersion, day};
use crate::statement::{withheld, year};
use reports::statement::{EditionContent, compose, gather};
use reports::{Error, Which};
use serde_json::Value;

#[test]
fn figures_are_gathered_from_a_snapshot() {
    for fixture in Fixture::on_each_database() {
        for number in 1..=9 {
            let package = fixture.package(&number.to_string());
            let outreach = LineVersion { budget_line: "targeted_outreach", ..LineVersion::new(&package, "2023-05-01") };
            fixture.confirmed_line(&outreach);
            if number <= 2 {
                fixture.confirmed_line(&LineVersion {
                    budget_line: "home_care",
                    to: Some("2024-02-01"),
                    ..LineVersion::new(&package, "2023-05-01")
                });
            }
        }
        fixture.entries(&[("targeted_outreach", None, day("2023-06-30"), 90_000), ("home_care", None, day("2023-06-30"), 70_000)]);
        fixture.entries(&[("nursery", None, day("2023-06-30"), 5_000)]);
        fixture.run();
        let gathered = gather(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2023-24"), &[]).unwrap();
        let of_year = gathered.years.last().unwrap();
        assert_eq!((of_year.children, gathered.has_ended, gathered.years.len()), (9, true, 1));
        let line = |code: &str| of_year.lines.iter().find(|line| line.code == code).map(|line| (line.children, line.spend_pence));
        assert_eq!((line("targeted_outreach"), line("home_care"), line("chc_income")), (Some((9, 90_000)), Some((2, 70_000)), None));
        let content = EditionContent::not_authored("A Council".to_owned(), year("2023-24"), gathered.made_on());
        let statement = compose(&content, &gathered, &fixture.profile).unwrap();
        let withheld = withheld(&statement, "2023-24");
        for code in ["children.home_care", "spend.home_care"] {
            assert!(withheld.iter().any(|one| one == code), "{withheld:?}");
        }
        assert!(!withheld.iter().any(|one| one == "targeted_outreach_children"), "{withheld:?}");
        let next = gather(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25"), &[]).unwrap();
        assert_eq!((next.years.len(), next.has_ended), (2, false));
    }
}

#[test]
fn a_snapshot_of_another_layout_or_without_a_table_is_refused_with_what_to_run() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        let path = fixture.current().directory().join("manifest.json");
        let manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let gathered = || gather(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2024-25"), &[]);
        assert!(gathered().is_ok());
        let (mut older, mut smaller) = (manifest.clone(), manifest);
        older["layout"] = 1.into();
        smaller["tables"].as_array_mut().unwrap().retain(|table| table["name"] != "budget_position");
        for other in [older, smaller] {
            std::fs::write(&path, other.to_string()).unwrap();
            let error = gathered().unwrap_err();
            assert!(matches!(error, Error::OtherLayout(_)) && error.is_refusal(), "{error}");
            assert!(error.to_string().contains("run `short-breaks etl`"), "{error}");
        }
    }
}

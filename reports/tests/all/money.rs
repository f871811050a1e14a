//! The reports, from a store to their JSON and CSV.

use crate::common::{Fixture, LineVersion, day};
use calamine::{DataType, Reader, Xlsx};
use domain::{FinancialYear, Sector};
use reports::{Error, GroupBy, SpendQuery, Which, budget_position, spend, statement_figures};
use serde_json::{Value, json};
use std::io::Cursor;

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

/// Two providers and an entry without one, in two months and two years.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let star = fixture.provider("star", "voluntary", "in_borough");
        let council = fixture.provider("=council", "own", "in_borough");
        fixture.movement("2024-25", "home_care", "original", 100_000);
        fixture.line(&LineVersion::new(&fixture.package("1"), "2024-04-01"));
        fixture.entries(&[
            ("home_care", Some(&star), day("2024-04-01"), 10_000),
            ("home_care", Some(&star), day("2024-05-30"), -2_500),
            ("home_care", None, day("2024-05-30"), 1),
            ("nursery", Some(&council), day("2024-04-30"), 99),
            ("nursery", Some(&council), day("2023-04-30"), 12_345),
        ]);
        fixture.run();
    })
}

fn json_of(fixture: &Fixture, query: &SpendQuery) -> Value {
    let mut value = serde_json::to_value(spend(&fixture.warehouse(), &Which::Current, query).unwrap()).unwrap();
    assert_eq!(value["snapshot_id"], fixture.current().id());
    value.as_object_mut().unwrap().remove("snapshot_id");
    value
}

#[test]
fn spend_of_a_year_by_budget_line_is_exactly_this_document() {
    for fixture in filled() {
        let query = SpendQuery { years: vec![year("2024-25")], ..SpendQuery::default() };
        assert_eq!(
            json_of(&fixture, &query),
            json!({ "year": "2024-25", "rows": [
            { "budget_line": "home_care", "actual_pence": 7_501, "entries": 3 },
            { "budget_line": "nursery", "actual_pence": 99, "entries": 1 },
        ] })
        );
    }
}

#[test]
fn spend_without_a_year_is_of_all_years_and_groups_come_in_order() {
    for fixture in filled() {
        let query = SpendQuery { group_by: vec![GroupBy::Provider, GroupBy::Year, GroupBy::Provider], ..SpendQuery::default() };
        assert_eq!(
            json_of(&fixture, &query),
            json!({ "year": null, "rows": [
            { "year": "2024-25", "provider": null, "actual_pence": 1, "entries": 1 },
            { "year": "2023-24", "provider": "=council", "actual_pence": 12_345, "entries": 1 },
            { "year": "2024-25", "provider": "=council", "actual_pence": 99, "entries": 1 },
            { "year": "2024-25", "provider": "star", "actual_pence": 7_500, "entries": 2 },
        ] })
        );
    }
}

#[test]
fn filters_add_to_one_another() {
    for fixture in filled() {
        let query = SpendQuery {
            months: vec!["2024-04".to_owned(), "2024-05".to_owned()],
            sectors: vec![Sector::Voluntary],
            budget_lines: vec!["home_care".to_owned(), "nursery".to_owned()],
            providers: vec!["star".to_owned()],
            group_by: vec![GroupBy::Month, GroupBy::Sector],
            ..SpendQuery::default()
        };
        assert_eq!(
            json_of(&fixture, &query)["rows"],
            json!([
                { "month": "2024-04", "sector": "voluntary", "actual_pence": 10_000, "entries": 1 },
                { "month": "2024-05", "sector": "voluntary", "actual_pence": -2_500, "entries": 1 },
            ])
        );
    }
}

#[test]
fn what_the_warehouse_does_not_know_is_refused() {
    for fixture in filled() {
        let refuse = |query: SpendQuery| spend(&fixture.warehouse(), &Which::Current, &query).unwrap_err();
        let error = refuse(SpendQuery { years: vec![year("2031-32")], ..SpendQuery::default() });
        assert_eq!(error.to_string(), "the warehouse has nothing for 2031-32; it has 2023-24, 2024-25");
        let error = refuse(SpendQuery { budget_lines: vec!["homecare".to_owned()], ..SpendQuery::default() });
        assert!(matches!(&error, Error::UnknownBudgetLine { known, .. } if known.len() == 8));
        assert!(matches!(refuse(SpendQuery { providers: vec!["moon".to_owned()], ..SpendQuery::default() }), Error::UnknownProvider(_)));
        assert!(matches!(budget_position(&fixture.warehouse(), &Which::Current, year("2031-32")), Err(Error::UnknownYear { .. })));
        assert!(matches!(
            statement_figures(&fixture.warehouse(), &Which::Id("none".to_owned()), year("2024-25")),
            Err(Error::UnknownSnapshot(_))
        ));
        assert!(error.is_refusal());
    }
}

#[test]
fn a_month_outside_the_years_there_are_or_were_asked_for_is_refused() {
    for fixture in filled() {
        let asked = |months: &[&str], years: &[&str]| {
            let months = months.iter().map(|month| (*month).to_owned()).collect();
            let query = SpendQuery { months, years: years.iter().map(|code| year(code)).collect(), ..SpendQuery::default() };
            spend(&fixture.warehouse(), &Which::Current, &query).map(|spend| spend.rows.len())
        };
        let error = asked(&["2024-04", "2031-04"], &[]).unwrap_err();
        assert_eq!(error.to_string(), "the month 2031-04 lies in none of the years 2023-24, 2024-25");
        assert!(error.is_refusal() && matches!(error, Error::UnknownMonth { .. }));
        let error = asked(&["2024-03"], &["2024-25"]).unwrap_err();
        assert_eq!(error.to_string(), "the month 2024-03 lies in none of the years 2024-25");
        // A month of the year in which nothing was spent is answered.
        assert_eq!(asked(&["2025-03"], &["2024-25"]).unwrap(), 0);
        assert_eq!(asked(&["2024-03", "2024-04"], &["2023-24", "2024-25"]).unwrap(), 2);
    }
}

#[test]
fn a_damaged_snapshot_is_not_answered_from() {
    for fixture in filled() {
        let position = || budget_position(&fixture.warehouse(), &Which::Current, year("2024-25"));
        let directory = fixture.current().directory().to_owned();
        // A single bit of a single byte, in the middle of the figures.
        let path = directory.join("marts/budget_position.parquet");
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let refused = |error: Error| {
            assert!(matches!(error, Error::Damaged(_)) && !error.is_refusal(), "{error}");
            assert!(std::error::Error::source(&error).is_none(), "its cause would be said twice");
            assert!(error.to_string().contains("damaged") && error.to_string().contains("run `short-breaks etl`"), "{error}");
        };
        refused(position().unwrap_err());
        std::fs::remove_file(&path).unwrap();
        refused(position().unwrap_err());
        std::fs::write(directory.join("manifest.json"), "{").unwrap();
        refused(position().unwrap_err());
        for text in ["", "0198"] {
            std::fs::write(fixture.warehouse().join("CURRENT"), text).unwrap();
            refused(position().unwrap_err());
        }
        fixture.run();
        position().unwrap();
    }
}

#[test]
fn nothing_published_says_what_to_run() {
    for fixture in Fixture::on_each_database() {
        let error = spend(&fixture.warehouse(), &Which::Current, &SpendQuery::default()).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("short-breaks etl"));
    }
}

#[test]
fn a_position_has_every_line_and_adds_up() {
    for fixture in filled() {
        let position = budget_position(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        assert_eq!(position.rows.len(), 8);
        let value = serde_json::to_value(&position).unwrap();
        assert_eq!(
            value["rows"].as_array().unwrap().iter().find(|row| row["budget_line"] == "home_care").unwrap(),
            &json!({ "budget_line": "home_care", "name": "Home care (excluding direct payments)", "direction": "expenditure", "budget_pence": 100_000,
            "actual_pence": 7_501, "commitment_pence": 0, "unconfirmed_pence": 0, "forecast_pence": 7_501, "variance_pence": -92_499 })
        );
        let net = position.totals.net;
        assert_eq!((net.actual_pence, net.commitment_pence, net.forecast_pence), (7_600, 52_143, 59_743));
        assert_eq!(net.unconfirmed_pence, 52_143, "nobody confirmed the line");
        assert_eq!(position.totals.expenditure, net);
        assert_eq!(position.totals.income.budget_pence, 0);
    }
}

#[test]
fn figures_come_in_the_profiles_order_with_noughts() {
    for fixture in filled() {
        let figures = statement_figures(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        let codes: Vec<_> = figures.figures.iter().map(|figure| figure.code.clone()).collect();
        let expected: Vec<_> = fixture.profile.statement.figures.iter().map(|figure| figure.code.clone()).collect();
        assert_eq!(codes, expected);
        // Nothing was paid, there is no grant, and nobody has returned sessions.
        let values: Vec<_> = figures.figures.iter().map(|figure| figure.value).collect();
        assert_eq!(values, [Some(0), Some(0), Some(0), Some(0), Some(0), Some(0), Some(0), Some(0), None]);
        let value = serde_json::to_value(&figures).unwrap();
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["snapshot_id", "year", "figures"]);
        assert_eq!(
            value["figures"][0],
            json!({
                "code": "direct_payments_children", "label": "Children in receipt of direct payments", "value": 0, "standing": "known",
                "missing_returns": 0, "uncategorised_lines": 0, "unconfirmed_lines": 0
            })
        );
    }
}

#[test]
fn csv_is_in_pounds_and_no_cell_is_a_formula() {
    for fixture in filled() {
        let query = SpendQuery { group_by: vec![GroupBy::Month, GroupBy::Provider], ..SpendQuery::default() };
        let sheet = spend(&fixture.warehouse(), &Which::Current, &query).unwrap().to_csv().unwrap();
        assert_eq!(
            sheet,
            "month,provider,actual_pounds,entries\n2023-04,'=council,123.45,1\n2024-04,'=council,0.99,1\n2024-04,star,100.00,1\n\
         2024-05,,0.01,1\n2024-05,star,-25.00,1\n"
        );
        let sheet = budget_position(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap().to_csv().unwrap();
        assert!(
            sheet.contains("home_care,Home care (excluding direct payments),expenditure,1000.00,75.01,0.00,75.01,-924.99,0.00\n"),
            "{sheet}"
        );
        let sheet = statement_figures(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap().to_csv().unwrap();
        let first = "code,label,value,standing,missing_returns,uncategorised_lines,unconfirmed_lines\n\
                     direct_payments_children,Children in receipt of direct payments,0,known,0,0,0\n";
        assert!(sheet.starts_with(first) && sheet.ends_with(",,not yet known,12,0,0\n"), "{sheet}");
    }
}

#[test]
fn a_report_is_a_workbook_too_and_its_totals_are_the_reports_own() {
    for fixture in filled() {
        let position = budget_position(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        let net = position.totals.net;
        let ours = [net.budget_pence, net.actual_pence, net.commitment_pence, net.forecast_pence, net.variance_pence];
        let sheet = position.to_sheet().unwrap();
        assert_eq!([3, 4, 5, 6, 7].map(|column| sheet.total(column).unwrap()), ours);
        let query = SpendQuery { years: vec![year("2024-25")], providers: vec!["star".to_owned()], ..SpendQuery::default() };
        let spend = spend(&fixture.warehouse(), &Which::Current, &query).unwrap();
        let figures = statement_figures(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        let snapshot = format!("Snapshot {}, made 15 July 2024 at", spend.snapshot_id);
        for (sheet, made_at, expected) in [
            (sheet, position.origin.made_at, ["Budget position 2024-25", "Expenditure is positive", &snapshot]),
            (spend.to_sheet().unwrap(), spend.origin.made_at, [&snapshot, "Financial years: 2024-25", "Providers: star"]),
            (figures.to_sheet().unwrap(), figures.origin.made_at, ["Statement figures 2024-25", &snapshot, "Figure"]),
        ] {
            let bytes = sheet.to_xlsx(made_at).unwrap();
            assert!(bytes == sheet.to_xlsx(made_at).unwrap());
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
            let cells = book.worksheet_range_at(0).unwrap().unwrap();
            let texts: Vec<_> = cells.used_cells().filter_map(|(_, _, cell)| cell.as_string()).collect();
            for text in expected {
                assert!(texts.iter().any(|cell| cell.starts_with(text)), "no {text} in {texts:?}");
            }
        }
    }
}

#[test]
fn readers_are_answered_while_snapshots_come_and_go() {
    for fixture in filled() {
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..12 {
                    fixture.run();
                }
                done.store(true, std::sync::atomic::Ordering::Release);
            });
            while !done.load(std::sync::atomic::Ordering::Acquire) {
                let spend = spend(&fixture.warehouse(), &Which::Current, &SpendQuery::default()).unwrap();
                assert_eq!(spend.rows.len(), 2);
            }
        });
    }
}

//! The forecast outturn and commitments by week, from a store to their JSON, CSV and sheets.

use crate::common::{Fixture, LineVersion, day, noon};
use domain::FinancialYear;
use reports::{Error, ForecastOutturn, OutturnQuery, WeeksQuery, Which, commitments_by_week, forecast_outturn};
use serde_json::json;

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

/// £10 a week from April, £14 paid of it in June and £7 nobody planned; from 1 July £20 a week more.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let star = fixture.provider("star", "private", "in_borough");
        let moon = fixture.provider("moon", "private", "in_borough");
        let package = fixture.package("1");
        fixture.clock.set(noon("2024-06-15"));
        fixture.line(&LineVersion { provider: Some(star.clone()), ..LineVersion::new(&package, "2024-04-01") });
        fixture.entries(&[
            ("direct_payments", Some(&star), day("2024-06-10"), 1_400),
            ("direct_payments", Some(&moon), day("2024-06-11"), 700),
        ]);
        fixture.clock.set(noon("2024-07-15"));
        fixture.line(&LineVersion { rate: 200_000, provider: Some(star), ..LineVersion::new(&package, "2024-07-01") });
        fixture.run();
    })
}

fn query(as_known_on: Option<&str>, since: Option<&str>) -> OutturnQuery {
    let budget_lines = vec!["direct_payments".to_owned()];
    OutturnQuery { year: year("2024-25"), budget_lines, as_known_on: as_known_on.map(day), since: since.map(day) }
}

fn report(fixture: &Fixture, query: &OutturnQuery) -> Result<ForecastOutturn, Error> {
    forecast_outturn(&fixture.warehouse(), &Which::Current, &fixture.profile, query)
}

#[test]
fn a_forecast_has_every_month_and_what_became_of_the_payments() {
    for fixture in filled() {
        let forecast = report(&fixture, &query(None, None)).unwrap();
        assert_eq!(forecast.rows.len(), 12);
        let value = serde_json::to_value(&forecast).unwrap();
        assert_eq!((&value["as_known_on"], &value["since"]), (&json!(null), &json!(null)));
        // £10 a week: four weeks and two days in April are £42.86, of which £14 are paid.
        assert_eq!(
            value["rows"][0],
            json!({ "budget_line": "direct_payments", "month": "2024-04", "actual_pence": 0, "committed_pence": 2_886, "unconfirmed_pence": 2_886,
                "forecast_pence": 2_886, "pending_pence": 0, "forecast_with_pending_pence": 2_886, "movement": null })
        );
        let amounts = |payments: i64, paid: i64, unmatched: i64| {
            json!({ "budget_line": "direct_payments", "payments_pence": payments, "paid_pence": paid, "overpaid_pence": 0,
                "credit_pence": 0, "unmatched_pence": unmatched })
        };
        let with = |mut row: serde_json::Value, words: [(&str, serde_json::Value); 4]| {
            words.into_iter().for_each(|(key, word)| row[key] = word);
            row
        };
        let words = |target: &str, provider: &str, reason: serde_json::Value| {
            [
                ("target", json!(target)),
                ("provider", json!(provider)),
                ("provider_name", json!(format!("Provider {provider}"))),
                ("reason", reason),
            ]
        };
        assert_eq!(
            value["payments"],
            json!([
                with(amounts(1_400, 1_400, 0), words("provider", "star", json!(null))),
                with(amounts(700, 0, 700), words("unmatched", "moon", json!("provider_not_planned"))),
            ])
        );
        // Asked for as known today, it is worked out anew and the same.
        let anew = report(&fixture, &query(Some("2024-07-15"), None)).unwrap();
        assert_eq!((anew.rows, anew.payments), (forecast.rows, forecast.payments));
    }
}

#[test]
fn an_earlier_day_has_its_own_figures_and_the_movement_adds_up() {
    for fixture in filled() {
        let then = report(&fixture, &query(Some("2024-07-14"), None)).unwrap();
        let forecast = |report: &ForecastOutturn| report.rows.iter().map(|row| row.forecast_pence).sum::<i64>();
        assert_eq!(forecast(&then), 52_843);
        let moved = report(&fixture, &query(None, Some("2024-07-14"))).unwrap();
        let before: i64 = moved.rows.iter().filter_map(|row| row.movement).map(|movement| movement.forecast_before_pence).sum();
        let new: i64 = moved.rows.iter().filter_map(|row| row.movement).map(|movement| movement.new_pence).sum();
        // £20 a week: 39 weeks and a day from July on are £782.86.
        assert_eq!((before, new, forecast(&moved)), (52_843, 78_286, 52_843 + 78_286));
        let since_april = report(&fixture, &query(Some("2024-06-15"), Some("2024-04-01"))).unwrap();
        let row = since_april.rows[2].movement.unwrap();
        assert_eq!((row.forecast_before_pence, row.payment_pence), (0, 2_100));
    }
}

#[test]
fn the_sheets_are_the_report() {
    for fixture in filled() {
        let plain = report(&fixture, &query(None, None)).unwrap();
        let csv = plain.to_sheet().unwrap().to_csv().unwrap();
        assert!(csv.starts_with(
            "budget_line,month,actual_pounds,committed_pounds,forecast_pounds,pending_pounds,forecast_with_pending_pounds,\
             unconfirmed_pounds\ndirect_payments,2024-04,0.00,28.86,28.86,0.00,28.86,28.86\n"
        ));
        let moved = report(&fixture, &query(None, Some("2024-07-14"))).unwrap();
        let sheets = moved.to_sheets().unwrap();
        assert_eq!((sheets[0].columns().len(), sheets[0].rows().len(), sheets[1].rows().len()), (17, 12, 2));
        let total =
            |header: &str| sheets[0].total(sheets[0].columns().iter().position(|column| column.header() == header).unwrap()).unwrap();
        let causes = ["new", "ended", "volume", "rate", "timing", "correction", "payment"];
        let explained: i64 = causes.iter().map(|cause| total(&format!("moved_{cause}_pounds"))).sum();
        assert_eq!(total("forecast_pounds"), total("forecast_before_pounds") + explained);
        assert!(!reports::workbook(&sheets, moved.origin.made_at).unwrap().is_empty());
    }
}

#[test]
fn weeks_are_those_asked_for_and_add_up() {
    for fixture in filled() {
        let weeks = |budget_line: &str, from: Option<&str>, to: Option<&str>| {
            let budget_lines = vec![budget_line.to_owned()];
            let query = WeeksQuery { year: year("2024-25"), budget_lines, from: from.map(day), to: to.map(day) };
            commitments_by_week(&fixture.warehouse(), &Which::Current, &query)
        };
        let all = weeks("direct_payments", None, None).unwrap();
        assert_eq!(all.rows.len(), 53);
        assert!(all.rows.iter().all(|row| row.planned_pence == row.paid_pence + row.released_pence + row.open_pence));
        assert_eq!(all.rows.iter().map(|row| row.paid_pence).sum::<i64>(), 1_400);
        let some = weeks("direct_payments", Some("2024-04-10"), Some("2024-04-15")).unwrap();
        assert_eq!(
            some.to_sheet().unwrap().to_csv().unwrap(),
            "week_starts_on,budget_line,provider,provider_name,arrangements,planned_pounds,carried_forward_pounds,paid_pounds,\
             released_pounds,open_pounds,unconfirmed_pounds\n\
             2024-04-08,direct_payments,star,Provider star,1,10.00,0.00,4.00,0.00,6.00,6.00\n\
             2024-04-15,direct_payments,star,Provider star,1,10.00,0.00,0.00,0.00,10.00,10.00\n"
        );
        assert!(weeks("nursery", None, None).unwrap().rows.is_empty());
        assert!(matches!(weeks("nurseries", None, None), Err(Error::UnknownBudgetLine { .. })));
    }
}

#[test]
fn days_that_make_no_sense_are_refused() {
    for fixture in filled() {
        let refused = |query: OutturnQuery| {
            let error = report(&fixture, &query).unwrap_err();
            assert!(error.is_refusal());
            error.to_string()
        };
        // Snapshots are made by the fixture's clock.
        assert_eq!(
            refused(query(Some("2024-07-16"), None)),
            "the snapshot holds what was known by 2024-07-15, and not by 2024-07-16; ask for an earlier day, or run `short-breaks etl` again"
        );
        assert_eq!(
            refused(query(Some("2024-07-01"), Some("2024-07-02"))),
            "a movement since 2024-07-02 cannot be told as known on 2024-07-01: the day comes after"
        );
        let unknown = OutturnQuery { budget_lines: vec!["nurseries".to_owned()], ..query(None, None) };
        assert!(matches!(report(&fixture, &unknown), Err(Error::UnknownBudgetLine { .. })));
        assert!(matches!(report(&fixture, &OutturnQuery { year: year("2031-32"), ..query(None, None) }), Err(Error::UnknownYear { .. })));
    }
}

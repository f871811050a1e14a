//! Commitments from a store to the marts: what is planned, what payments settle of it, what is released and carried forward.

use crate::common::{EntryOf, Fixture, LineVersion, SECRET, ShareVersion, cells, day, noon, value};
use etl::Snapshot;
use polars::prelude::DataFrame;

fn mart(fixture: &Fixture, name: &str) -> DataFrame {
    fixture.run();
    fixture.current().table(name).unwrap()
}

/// Planned, paid, released and open of a year and budget line, over all weeks.
fn weeks(fixture: &Fixture, year: &str, line: &str) -> [i64; 4] {
    let table = mart(fixture, "commitments_by_week");
    let (years, lines) = (etl::texts(&table, "financial_year").unwrap(), etl::texts(&table, "budget_line").unwrap());
    ["planned_pence", "paid_pence", "released_pence", "open_pence"].map(|column| {
        let cells = etl::integers(&table, column).unwrap();
        let rows = (0..table.height()).filter(|row| years[*row].as_deref() == Some(year) && lines[*row].as_deref() == Some(line));
        rows.map(|row| cells[row]).sum()
    })
}

fn position(snapshot: &Snapshot, year: &str, line: &str) -> i64 {
    let table = snapshot.table("budget_position").unwrap();
    value(&table, &[("financial_year", year), ("budget_line", line)], "commitment_pence")
}

/// Target, provider, reason and amounts of the payments of a budget line.
fn payments(fixture: &Fixture, line: &str) -> Vec<String> {
    let table = mart(fixture, "payment_settlement");
    let columns = [
        "budget_line",
        "target",
        "provider_code",
        "reason",
        "payments_pence",
        "paid_pence",
        "overpaid_pence",
        "credit_pence",
        "unmatched_pence",
    ];
    cells(&table, &columns).into_iter().filter_map(|row| row.strip_prefix(&format!("{line}|")).map(str::to_owned)).collect()
}

#[test]
fn a_week_is_paid_or_open_and_payments_settle_the_earliest_first() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        fixture.line(&LineVersion { provider: Some(star.clone()), ..LineVersion::new(&fixture.package("1"), "2024-04-01") });
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [52_143, 0, 0, 52_143]);
        fixture.entries(&[("direct_payments", Some(&star), day("2024-06-10"), 1_500)]);
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [52_143, 1_500, 0, 50_643]);
        assert_eq!(position(&fixture.current(), "2024-25", "direct_payments"), 50_643);
        let table = mart(&fixture, "commitments_by_week");
        let first = [("week_starts_on", "2024-04-01")];
        let days = etl::dates(&table, "week_starts_on").unwrap();
        assert_eq!((days[0], days.len()), (Some(day("2024-04-01")), 53), "{first:?}");
        let paid = etl::integers(&table, "paid_pence").unwrap();
        let planned = etl::integers(&table, "planned_pence").unwrap();
        assert_eq!(paid[0], planned[0]);
        assert_eq!(paid.iter().sum::<i64>(), 1_500);
    }
}

#[test]
fn payments_go_to_their_match_their_order_their_provider_or_nowhere() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let moon = fixture.provider("moon", "private", "in_borough");
        let package = fixture.package("1");
        let line = |rate| LineVersion {
            provider: Some(star.clone()),
            rate,
            to: Some("2024-06-01"),
            budget_line: "home_care",
            ..LineVersion::new(&package, "2024-05-01")
        };
        let (one, two) = (line(100_000), line(200_000));
        fixture.line(&one);
        fixture.line(&two);
        fixture.order("PO-NUMBER-NOBODY-READS", &package, &star, &[&two.line_id]);
        let entry = |pence, provider, purchase_order| {
            fixture.entry_of(&EntryOf { budget_line: "home_care", provider, on: "2024-06-20", pence, purchase_order, ..EntryOf::default() })
        };
        entry(100, Some(star.as_str()), None);
        entry(20_000, Some(star.as_str()), Some("PO-NUMBER-NOBODY-READS"));
        entry(7, Some(moon.as_str()), Some("an order that nobody raised"));
        entry(11, None, None);
        let other = entry(300, Some(moon.as_str()), None);
        let wrong = fixture.matched(&other, None, None);
        assert_eq!(
            payments(&fixture, "home_care"),
            [
                "budget_line|null|null|11|11|0|0|0",
                // £20 a week for four weeks and three days: £88.57.
                "order|star|null|20000|8857|11143|0|0",
                "provider|star|null|100|100|0|0|0",
                "unmatched|moon|not_for_a_package|300|0|0|0|300",
                "unmatched|moon|provider_not_planned|7|0|0|0|7",
            ]
        );
        fixture.matched(&other, None, Some(&wrong));
        fixture.matched(&other, Some(&one.line_id), None);
        // A reversal is for what the entry that it reverses is for.
        let reversal = EntryOf { budget_line: "home_care", provider: Some(&moon), on: "2024-06-21", pence: -300, ..EntryOf::default() };
        assert!(payments(&fixture, "home_care").contains(&"arrangement|star|null|300|300|0|0|0".to_owned()));
        fixture.entry_of(&EntryOf { reverses: Some(&other), ..reversal });
        assert!(payments(&fixture, "home_care").contains(&"arrangement|star|null|0|0|0|0|0".to_owned()));
    }
}

#[test]
fn an_arrangement_goes_on_through_its_variations_and_a_new_provider_has_cells_of_its_own() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let moon = fixture.provider("moon", "private", "in_borough");
        let first = LineVersion { provider: Some(star.clone()), ..LineVersion::new(&fixture.package("1"), "2024-05-06") };
        fixture.line(&first);
        fixture.line(&LineVersion { version: 2, to: Some("2024-05-15"), state: "ended", ..first.clone() });
        let change = fixture.variation(&first, "provider");
        let second = LineVersion { line_id: db::new_id(), provider: Some(moon.clone()), from: "2024-05-15", ..first.clone() };
        fixture.line_of(&second, Some(&first.line_id), Some(&change));
        let entry =
            EntryOf { budget_line: "direct_payments", provider: Some(&star), on: "2024-06-20", pence: 10_000, ..EntryOf::default() };
        let id = fixture.entry_of(&entry);
        fixture.matched(&id, Some(&first.line_id), None);
        let table = mart(&fixture, "commitments_by_week");
        let rows = cells(&table, &["week_starts_on", "provider_code", "arrangements", "paid_pence"]);
        assert_eq!(&rows[..3], ["2024-05-06|star|1|1000", "2024-05-13|moon|1|714", "2024-05-13|star|1|286"]);
        assert_eq!(etl::integers(&table, "paid_pence").unwrap().iter().sum::<i64>(), 10_000, "the match covers both providers");
    }
}

#[test]
fn a_year_keeps_its_commitments_until_it_is_closed_and_carries_them_forward() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let line =
            LineVersion { provider: Some(star.clone()), to: Some("2024-04-01"), ..LineVersion::new(&fixture.package("1"), "2023-04-01") };
        fixture.line(&line);
        fixture.entries(&[("direct_payments", Some(&star), day("2024-03-20"), 40_000)]);
        assert_eq!(weeks(&fixture, "2023-24", "direct_payments"), [52_286, 40_000, 0, 12_286], "it has ended, and bills still come");
        fixture.close("2023-24", "2024-25", &[("direct_payments", Some(&star), &line.line_id, 12_286)]);
        assert_eq!(weeks(&fixture, "2023-24", "direct_payments"), [52_286, 40_000, 12_286, 0]);
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [12_286, 0, 0, 12_286]);
        let late = EntryOf { budget_line: "direct_payments", provider: Some(&star), on: "2024-03-28", pence: 12_500, ..EntryOf::default() };
        fixture.entry_of(&EntryOf { year: Some("2024-25"), ..late });
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [12_286, 12_286, 0, 0]);
        assert_eq!(payments(&fixture, "direct_payments")[1], "provider|star|null|12500|12286|214|0|0");
        let outturn = fixture.current().table("forecast_outturn").unwrap();
        let april = [("financial_year", "2024-25"), ("calendar_month", "2024-04"), ("budget_line", "direct_payments")];
        assert_eq!(value(&outturn, &april, "actual_pence"), 12_500, "posted in a closed year, it counts in the first month");
        let spend = fixture.current().table("spend_by_month").unwrap();
        assert_eq!(value(&spend, &[("financial_year", "2024-25")], "period"), 1);
    }
}

#[test]
fn what_is_released_is_open_no_more_until_the_release_is_taken_back() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        fixture.line(&LineVersion { provider: Some(star.clone()), ..LineVersion::new(&fixture.package("1"), "2024-04-01") });
        // £10 a week: four weeks and two days are £42.86.
        let release = fixture.release("2024-25", "direct_payments", Some(&star), "2024-05-01", None);
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [52_143, 0, 4_286, 47_857]);
        fixture.release("2024-25", "direct_payments", Some(&star), "2024-05-01", Some(&release));
        assert_eq!(weeks(&fixture, "2024-25", "direct_payments"), [52_143, 0, 0, 52_143]);
    }
}

#[test]
fn healths_share_of_a_package_is_expected_income() {
    for fixture in Fixture::on_each_database() {
        let icb = fixture.provider("icb", "other_public", "in_borough");
        let line = LineVersion { budget_line: "home_care", ..LineVersion::new(&fixture.package("1"), "2024-04-01") };
        fixture.line(&line);
        fixture.share(&ShareVersion::half(&line.line_id, &icb));
        assert_eq!(weeks(&fixture, "2024-25", "chc_income"), [-26_071, 0, 0, -26_071]);
        fixture.entries(&[("chc_income", Some(&icb), day("2024-06-20"), -6_000)]);
        assert_eq!(weeks(&fixture, "2024-25", "chc_income"), [-26_071, -6_000, 0, -20_071]);
        assert_eq!(position(&fixture.current(), "2024-25", "chc_income"), -20_071);
        assert_eq!(payments(&fixture, "chc_income"), ["provider|icb|null|-6000|-6000|0|0|0"]);
    }
}

#[test]
fn grants_and_packages_of_one_line_are_settled_by_their_providers() {
    for fixture in Fixture::on_each_database() {
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let carer = fixture.provider("carer", "private", "in_borough");
        fixture.grant(&charity, "2024-04-01", "2025-04-01", 120_000, None);
        let wrong = fixture.grant(&charity, "2024-06-10", "2024-12-10", 33_333, None);
        fixture.grant(&charity, "2024-06-10", "2024-12-10", -33_333, Some(&wrong));
        let line = LineVersion::new(&fixture.package("1"), "2024-04-01");
        fixture.line(&LineVersion { budget_line: "voluntary_sector_grants", provider: Some(carer.clone()), ..line });
        fixture.entries(&[
            ("voluntary_sector_grants", Some(&charity), day("2024-04-02"), 30_000),
            ("voluntary_sector_grants", Some(&carer), day("2024-06-02"), 60_000),
        ]);
        assert_eq!(weeks(&fixture, "2024-25", "voluntary_sector_grants"), [172_143, 82_143, 0, 90_000]);
        assert_eq!(
            payments(&fixture, "voluntary_sector_grants"),
            ["provider|carer|null|60000|52143|7857|0|0", "provider|charity|null|30000|30000|0|0|0"]
        );
    }
}

#[test]
fn the_number_of_an_order_and_free_text_stay_in_the_store() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let package = fixture.package("1");
        let line = LineVersion { provider: Some(star.clone()), ..LineVersion::new(&package, "2024-04-01") };
        fixture.line(&line);
        fixture.order("PO-NUMBER-NOBODY-READS", &package, &star, &[&line.line_id]);
        let entry = fixture.entry_of(&EntryOf {
            budget_line: "direct_payments",
            provider: Some(&star),
            on: "2024-06-20",
            pence: 5,
            purchase_order: Some("PO-NUMBER-NOBODY-READS"),
            ..EntryOf::default()
        });
        fixture.matched(&entry, Some(&line.line_id), None);
        fixture.release("2024-25", "direct_payments", None, "2024-05-01", None);
        fixture.run();
        let mut bytes = Vec::new();
        files(&fixture.warehouse(), &mut bytes);
        for secret in ["PO-NUMBER-NOBODY-READS", SECRET, line.line_id.as_str(), package.as_str()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "`{secret}` is in the warehouse");
        }
    }
}

fn files(directory: &std::path::Path, bytes: &mut Vec<u8>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, bytes) } else { bytes.extend(std::fs::read(&path).unwrap()) }
    }
}

/// Lines, payments and credits of every kind, in an order that looks like chance: every run proves itself against the store.
#[test]
fn whatever_is_in_the_store_the_marts_add_up_to_it() {
    for fixture in Fixture::on_each_database() {
        let providers: Vec<_> = (0..3).map(|number| fixture.provider(&format!("p{number}"), "private", "in_borough")).collect();
        let packages: Vec<_> = (0..6).map(|number| fixture.package(&format!("case {number}"))).collect();
        let lines = ["direct_payments", "home_care", "chc_income"];
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for number in 0..24_usize {
            let provider = [None, Some(providers[next(3) as usize].clone())][next(4).min(1) as usize].clone();
            let from = ["2022-11-15", "2023-04-01", "2024-02-29", "2024-07-03", "2025-03-31"][next(5) as usize];
            let line = LineVersion {
                budget_line: lines[next(3) as usize],
                provider,
                frequency: ["weekly", "monthly", "one_off", "term_time_weeks", "holiday_weeks"][next(5) as usize],
                rate: 10_000 + next(500_000) as i64,
                ..LineVersion::new(&packages[number % 6], from)
            };
            fixture.line(&line);
            match next(5) {
                0 => fixture.line(&LineVersion { version: 2, state: "reversed", ..line }),
                1 => fixture.line(&LineVersion { version: 2, state: "ended", to: Some("2025-06-17"), ..line }),
                _ => {}
            }
        }
        for _ in 0..60 {
            let provider = [None, Some(providers[next(3) as usize].as_str())][next(4).min(1) as usize];
            let on = day("2023-01-15") + chrono::Days::new(next(800));
            fixture.entries(&[(lines[next(3) as usize], provider, on, next(90_000) as i64 - 20_000)]);
        }
        for up_to in ["2024-06-01", "2024-09-15"] {
            fixture.release("2024-25", lines[next(3) as usize], Some(&providers[next(3) as usize]), up_to, None);
        }
        fixture.clock.set(noon("2024-11-15"));
        fixture.run();
        let outturn = fixture.current().table("forecast_outturn").unwrap();
        let years = etl::texts(&fixture.current().table("dim_financial_year").unwrap(), "financial_year").unwrap();
        assert_eq!(outturn.height(), years.len() * 12 * 8);
        let sum = |table: &DataFrame, column: &str| etl::integers(table, column).unwrap().iter().sum::<i64>();
        let position = fixture.current().table("budget_position").unwrap();
        assert_eq!(sum(&outturn, "forecast_pence"), sum(&position, "forecast_pence"));
    }
}

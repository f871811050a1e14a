//! The forecast outturn: of any day from one snapshot, and its movement by cause.

use crate::common::{DecisionRow, EntryOf, Fixture, LineVersion, Said, ShareVersion, cells, day, noon, rows, value};
use db::schema::request_lines;
use diesel::prelude::*;
use domain::commitments::Cause;
use domain::profile::{ForecastPolicy, ForecastStage};
use domain::{FinancialYear, RequestState};
use etl::{History, MonthMovement, Outturn, Question};
use std::collections::BTreeMap;

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

fn question<'q>(fixture: &'q Fixture, known_on: Option<&str>) -> Question<'q> {
    Question { profile: &fixture.profile, year: year("2024-25"), budget_lines: &[], known_on: known_on.map(day) }
}

fn outturn(fixture: &Fixture, known_on: Option<&str>) -> Outturn {
    History::of(&fixture.current()).unwrap().outturn(&question(fixture, known_on)).unwrap()
}

fn movement(fixture: &Fixture, since: &str, known_on: Option<&str>) -> Vec<MonthMovement> {
    History::of(&fixture.current()).unwrap().movement(&question(fixture, known_on), day(since)).unwrap()
}

/// The year's movement of a budget line, by cause.
fn causes(movement: &[MonthMovement], line: &str) -> BTreeMap<Cause, i64> {
    let mut causes = BTreeMap::new();
    for (cause, amount) in movement.iter().filter(|month| month.budget_line == line).flat_map(|month| &month.causes) {
        *causes.entry(*cause).or_insert(0) += amount.0;
    }
    causes.retain(|_, amount| *amount != 0);
    causes
}

/// What was published of the year: months, and payments by pool.
fn published(fixture: &Fixture) -> Vec<String> {
    let of_the_year = |row: &String| row.starts_with("2024-25");
    let columns = ["financial_year", "budget_line", "period", "actual_pence", "committed_pence", "unconfirmed_pence", "pending_pence"];
    let outturn = cells(&fixture.current().table("forecast_outturn").unwrap(), &columns);
    let settlements = rows(&fixture.current().table("fact_settlements").unwrap());
    let settlements = settlements.into_iter().map(|row| row.replace('"', ""));
    outturn.into_iter().chain(settlements).filter(of_the_year).collect()
}

/// The same of an earlier day, as the history tells it.
fn told(fixture: &Fixture, known_on: Option<&str>) -> Vec<String> {
    let Outturn { months, payments } = outturn(fixture, known_on);
    let months = months.into_iter().map(|month| {
        let (period, line) = (month.period.number(), month.budget_line);
        let amounts = [month.actual, month.committed, month.unconfirmed, month.pending].map(|amount| amount.0.to_string()).join("|");
        format!("2024-25|{line}|{period}|{amounts}")
    });
    let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
    let payments = payments.into_iter().map(|row| {
        let words = format!("{}|{}|{}", or_null(row.target_key), or_null(row.provider), or_null(row.reason.map(str::to_owned)));
        let amounts = [row.payments, row.paid, row.overpaid, row.credit, row.unmatched].map(|amount| amount.0.to_string()).join("|");
        format!("2024-25|{}|{}|{words}|{amounts}", row.budget_line, row.target)
    });
    months.chain(payments).collect()
}

/// From each day to the next the causes add up to what the forecast moved by.
fn assert_movements(fixture: &Fixture, days: &[&str]) {
    for pair in days.windows(2) {
        let moved = movement(fixture, pair[0], Some(pair[1]));
        let then = outturn(fixture, Some(pair[0]));
        let now = outturn(fixture, Some(pair[1]));
        for ((moved, before), after) in moved.iter().zip(&then.months).zip(&now.months) {
            let forecast = |month: &etl::OutturnMonth| month.actual.0 + month.committed.0;
            let told: i64 = moved.causes.values().map(|amount| amount.0).sum();
            assert_eq!((moved.before.0, told), (forecast(before), forecast(after) - forecast(before)), "{moved:?}");
            assert_eq!(moved.pending.0, after.pending.0 - before.pending.0);
        }
    }
}

/// On each of these days something is recorded, and a snapshot published.
const DAYS: [&str; 8] = ["2024-04-02", "2024-04-20", "2024-05-31", "2024-06-01", "2024-06-20", "2024-07-01", "2024-07-02", "2024-08-09"];

/// The entry of April, taken back.
fn taken_back<'e>(provider: &'e str, entry: &'e str) -> EntryOf<'e> {
    EntryOf {
        budget_line: "direct_payments",
        provider: Some(provider),
        on: "2024-04-19",
        pence: -4_400,
        purchase_order: Some("PO-1"),
        reverses: Some(entry),
        year: None,
    }
}

/// A quarter of a package's life: lines varied back into the past, orders, matches, releases, credits, requests, a year's end.
#[test]
fn as_known_on_a_day_the_figures_are_those_reported_then() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let moon = fixture.provider("moon", "private", "in_borough");
        let user = fixture.user("a user");
        let package = fixture.package("1");
        let old = LineVersion { provider: Some(star.clone()), ..LineVersion::new(&package, "2023-06-01") };
        let later = LineVersion { line_id: db::new_id(), rate: 120_000, from: "2024-05-15", ..old.clone() };
        let mut kept = Vec::new();
        let [mut entry, mut matched, mut release, mut request] = [const { String::new() }; 4];
        let pay = |on: &str, pence: i64, purchase_order: Option<&str>| {
            let provider = Some(star.as_str());
            fixture.entry_of(&EntryOf { budget_line: "direct_payments", provider, on, pence, purchase_order, ..EntryOf::default() })
        };
        for (number, today) in DAYS.iter().enumerate() {
            fixture.clock.set(noon(today));
            match number {
                0 => {
                    fixture.line(&old);
                    pay("2024-03-20", 30_000, None);
                }
                1 => {
                    entry = pay("2024-04-19", 4_400, Some("PO-1"));
                    request = fixture.request(&user, Some("2024-04-10"), &[("home_care", 30)]);
                    fixture.step(&request, "submit", "submitted");
                }
                2 => {
                    // Back-dated: another rate since the middle of the month.
                    fixture.line(&LineVersion { version: 2, to: Some("2024-05-15"), state: "ended", ..old.clone() });
                    let rate = fixture.variation(&old, "rate");
                    fixture.line_of(&later, Some(&old.line_id), Some(&rate));
                    fixture.step(&request, "book", "booked");
                }
                3 => {
                    // The order that the entry of April names is recorded only now.
                    fixture.order("PO-1", &package, &star, &[&old.line_id]);
                    matched = fixture.matched(&entry, None, None);
                    fixture.step(&request, "withdraw", "withdrawn");
                }
                4 => {
                    fixture.matched(&entry, None, Some(&matched));
                    release = fixture.release("2024-25", "direct_payments", Some(&star), "2024-05-20", None);
                    pay("2024-06-19", 9_999, None);
                }
                5 => {
                    fixture.grant(&moon, "2024-04-01", "2025-04-01", 100_001, None);
                    fixture.share(&ShareVersion::half(&old.line_id, &moon));
                    fixture.close("2023-24", "2024-25", &[("direct_payments", Some(&star), &old.line_id, 13_000)]);
                }
                6 => {
                    fixture.release("2024-25", "direct_payments", Some(&star), "2024-05-20", Some(&release));
                    fixture.entry_of(&taken_back(&star, &entry));
                }
                _ => {
                    let ended = LineVersion { version: 2, to: Some("2024-09-01"), state: "ended", ..later.clone() };
                    fixture.line_of(&ended, Some(&old.line_id), None);
                    pay("2024-03-28", 500, None);
                    fixture.entries(&[("direct_payments", Some(&moon), day("2024-08-08"), 77), ("nursery", None, day("2024-08-08"), 5)]);
                }
            }
            fixture.run();
            let now = told(&fixture, None);
            assert_eq!(now, published(&fixture), "the report of {today} is what was published");
            kept.push((*today, now));
        }
        for (today, then) in &kept {
            assert_eq!(&told(&fixture, Some(today)), then, "as known on {today}, from the last snapshot");
        }
        assert_eq!(told(&fixture, Some("2024-06-19")), kept[3].1, "nothing was recorded from the 2nd to the 19th of June");
        assert_eq!(told(&fixture, Some("2020-01-01")).len(), 96, "before everything there is nothing");
        assert_movements(&fixture, &kept.iter().map(|(today, _)| *today).collect::<Vec<_>>());
    }
}

#[test]
fn a_snapshot_as_known_on_a_day_says_what_the_history_says() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let line = LineVersion { provider: Some(star.clone()), ..LineVersion::new(&fixture.package("1"), "2024-04-01") };
        fixture.clock.set(noon("2024-05-01"));
        fixture.line(&line);
        fixture.entries(&[("direct_payments", Some(&star), day("2024-04-20"), 1_000)]);
        fixture.clock.set(noon("2024-06-01"));
        fixture.line(&LineVersion { version: 2, to: Some("2024-06-01"), state: "ended", ..line });
        fixture.entries(&[("direct_payments", Some(&star), day("2024-05-20"), 2_000)]);
        fixture.run();
        let aside = fixture.snapshot(&fixture.run_as_known_on("2024-05-31"));
        let from_aside = History::of(&aside).unwrap().outturn(&question(&fixture, None)).unwrap();
        assert_eq!(from_aside, outturn(&fixture, Some("2024-05-31")));
    }
}

#[test]
fn a_forecast_moves_for_a_reason() {
    for fixture in Fixture::on_each_database() {
        let star = fixture.provider("star", "private", "in_borough");
        let package = fixture.package("1");
        let line = |from| LineVersion { provider: Some(star.clone()), ..LineVersion::new(&package, from) };
        let (kept, mistaken, stopped) = (line("2024-04-01"), line("2024-04-01"), line("2024-04-01"));
        fixture.clock.set(noon("2024-05-01"));
        for line in [&kept, &mistaken, &stopped] {
            fixture.line(line);
        }
        fixture.clock.set(noon("2024-06-01"));
        // £10 a week: 304 days from 1 June are £434.29.
        fixture.line(&LineVersion { version: 2, to: Some("2024-06-01"), state: "ended", ..stopped });
        fixture.line(&LineVersion { version: 2, state: "reversed", ..mistaken });
        fixture.line(&LineVersion { version: 2, to: Some("2024-06-01"), state: "ended", ..kept.clone() });
        let rate = fixture.variation(&kept, "rate");
        let dearer = LineVersion { line_id: db::new_id(), from: "2024-06-01", rate: 110_000, ..kept.clone() };
        fixture.line_of(&dearer, Some(&kept.line_id), Some(&rate));
        fixture.line(&line("2025-01-01"));
        fixture.entries(&[("direct_payments", None, day("2024-06-01"), 100), ("nursery", None, day("2024-06-01"), 7)]);
        fixture.grant(&star, "2024-04-01", "2025-04-01", 1_200, None);
        fixture.run();
        let moved = movement(&fixture, "2024-05-31", None);
        let ninety_days = 12_857;
        assert_eq!(
            causes(&moved, "direct_payments"),
            BTreeMap::from([
                (Cause::New, ninety_days),
                (Cause::Ended, -43_429),
                // £11 from June: £477.71 less £434.29.
                (Cause::Rate, 4_342),
                (Cause::Correction, -52_143)
            ]),
            "a payment within the plan moves nothing over the year"
        );
        assert_eq!(causes(&moved, "nursery"), BTreeMap::from([(Cause::Payment, 7)]), "spend without a plan");
        assert_eq!(causes(&moved, "voluntary_sector_grants"), BTreeMap::from([(Cause::New, 1_200)]));
        let months = moved.iter().filter(|month| month.budget_line == "direct_payments");
        let by_payment: Vec<i64> = months.map(|month| month.causes.get(&Cause::Payment).map_or(0, |amount| amount.0)).collect();
        assert_eq!((by_payment[0], by_payment[2]), (-100, 100), "paid in June for April");
        fixture.clock.set(noon("2024-07-01"));
        // A suspension in July, and a correction of the line that starts in January.
        fixture.line_of(&LineVersion { version: 2, to: Some("2024-07-01"), state: "ended", ..dearer.clone() }, Some(&kept.line_id), None);
        let pause = fixture.variation(&dearer, "suspension");
        let back = LineVersion { line_id: db::new_id(), from: "2024-08-01", ..dearer };
        fixture.line_of(&back, Some(&kept.line_id), Some(&pause));
        fixture.run();
        let moved = causes(&movement(&fixture, "2024-06-30", None), "direct_payments");
        assert_eq!(moved.keys().copied().collect::<Vec<_>>(), [Cause::Timing]);
        assert!(causes(&movement(&fixture, "2024-07-01", None), "direct_payments").is_empty());
    }
}

fn weights(stages: &[(RequestState, u8)]) -> ForecastPolicy {
    let stage =
        |(state, weight_percent): &(RequestState, u8)| ForecastStage { state: *state, weight_percent: *weight_percent, clause: "T".into() };
    ForecastPolicy { stages: stages.iter().map(stage).collect() }
}

#[test]
fn what_is_asked_for_weighs_by_its_state_until_a_package_carries_it_out() {
    for mut fixture in Fixture::on_each_database() {
        use RequestState as S;
        fixture.profile.forecast = weights(&[(S::Submitted, 25), (S::Booked, 50), (S::Approved, 100)]);
        let pending = |fixture: &Fixture| {
            fixture.run();
            let table = fixture.current().table("forecast_outturn").unwrap();
            let lines = etl::texts(&table, "budget_line").unwrap();
            let pence = etl::integers(&table, "pending_pence").unwrap();
            pence.iter().zip(lines).filter(|(_, line)| line.as_deref() == Some("home_care")).map(|(pence, _)| pence).sum::<i64>()
        };
        let user = fixture.user("a user");
        let request = fixture.request(&user, Some("2024-04-10"), &[("home_care", 10)]);
        // £10 a week from July on: 39 weeks and a day are £391.43.
        assert_eq!(pending(&fixture), 0, "a draft has no weight");
        fixture.step(&request, "submit", "submitted");
        assert_eq!(pending(&fixture), 9_786);
        fixture.step(&request, "book", "booked");
        assert_eq!(pending(&fixture), 19_572);
        let panel = fixture.panel("2024-05-02");
        let row = DecisionRow {
            request: &request,
            number: 1,
            panel: Some(&panel),
            kind: "approved",
            decided_as: "chair",
            on: "2024-05-02",
            revision: 1,
            pence: [52_000, 52_000, 39_143],
            tier: Some("service_unit_manager"),
            to: "approved",
        };
        let decision = fixture.decide(&user, &row);
        fixture.authorise(&user, &decision, &Said::authority("service_unit_manager", "2024-05-02"));
        assert_eq!(pending(&fixture), 39_143);
        let asked: String =
            fixture.store.read(|connection| Ok::<_, db::Error>(request_lines::table.select(request_lines::id).first(connection)?)).unwrap();
        fixture.clock.set(noon("2024-07-20"));
        let line = LineVersion { budget_line: "home_care", ..LineVersion::new(&fixture.package("1"), "2024-07-01") };
        fixture.line_with(&line, None, None, Some(&asked));
        assert_eq!(pending(&fixture), 0, "the package carries it out");
        assert_eq!(outturn(&fixture, Some("2024-07-19")).months.iter().map(|month| month.pending.0).sum::<i64>(), 39_143);
        fixture.clock.set(noon("2024-07-21"));
        fixture.line_with(&LineVersion { version: 2, state: "reversed", ..line }, None, None, Some(&asked));
        assert_eq!(pending(&fixture), 39_143, "and is taken back");
        let position = fixture.current().table("budget_position").unwrap();
        assert_eq!(value(&position, &[("financial_year", "2024-25"), ("budget_line", "home_care")], "forecast_pence"), 0);
    }
}

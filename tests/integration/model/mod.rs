//! The forecast against a model that goes day by day: made-up starts, variations dated back up to eight weeks, suspensions, part payments,
//! credits, reversals, matches and releases, on many budget lines of one store. Actual, commitment and movement by cause must agree to the
//! penny for every line, month and day of knowing; so must what was published on the way.
//!
//! `MODEL_ACCOUNTS` says how many budget lines (each is a run of its own), `MODEL_SEED` with what chances; a failure names both.

mod costs;
mod day_by_day;
mod events;
mod movement;
mod payments;

use crate::support::{Client, TestApp, instant, on_both};
use chrono::{Days, NaiveDate};
use day_by_day::{History, day};
use domain::{FinancialYear, Profile, Role};
use events::{Account, Callers, Dice};
use movement::CAUSES;
use reports::{ForecastOutturn, OutturnQuery, Which, forecast_outturn};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

const YEARS: [&str; 2] = ["2023-24", "2024-25"];
const LAST_DAY: &str = "2024-07-12";
/// 2023-24 is closed on the first day of events from here on.
const CLOSES_AFTER: &str = "2024-05-06";

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::bundled("tameside").unwrap());

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

#[test]
fn the_forecast_agrees_with_a_model_that_goes_day_by_day() {
    let accounts = setting("MODEL_ACCOUNTS").unwrap_or(60);
    let by_the_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = setting("MODEL_SEED").unwrap_or_else(by_the_clock);
    println!("MODEL_ACCOUNTS={accounts} MODEL_SEED={seed}");
    on_both(async |app| agrees(app, accounts, seed).await);
}

async fn agrees(app: &TestApp, account_count: u64, seed: u64) {
    let mut days = event_days();
    app.clock.set(at_nine(days[0]));
    let (officer, director) = (app.as_anyone().await, app.add_user(Role::AssistantDirector));
    for year in YEARS {
        officer.record("/v1/financial-years", &json!({ "year": year })).await;
    }
    let mut accounts = Vec::new();
    for number in 0..account_count {
        accounts.push(Account::open(&officer, seed.wrapping_mul(1_000_003).wrapping_add(number)).await);
    }
    let mut chance = Dice(seed);
    let published_on: Vec<NaiveDate> = (0..2).map(|_| *chance.pick(&days[20..])).collect();
    let mut published = Vec::new();
    let (mut post_held, mut closed) = (false, false);
    for today in days.drain(..) {
        app.clock.set(at_nine(today));
        // Tokens live for some minutes, and this takes longer.
        let officer = app.as_anyone().await;
        let director = app.as_user(&director);
        if !post_held {
            let holding = json!({
                "post": "assistant_director", "user_id": director.my_id().await, "capacity": "holder", "valid_from": "2022-04-01", "reason": "-"
            });
            officer.record("/v1/post-holdings", &holding).await;
            post_held = true;
        }
        let callers = Callers { officer, director };
        for account in &mut accounts {
            if account.dice.one_in(3) {
                account.act(app, &callers, today).await;
            }
        }
        if today >= day(CLOSES_AFTER) && !closed {
            let closure = json!({ "carry_forward": [], "reason": "The year is over" });
            callers.officer.record("/v1/financial-years/2023-24/closure", &closure).await;
            accounts.iter_mut().for_each(|account| account.close(today, YEARS[0].parse().unwrap()));
            closed = true;
        }
        if published_on.contains(&today) {
            publish(app);
            published.extend(YEARS.map(|year| (today, year, reported(app, year, None, None))));
        }
    }
    app.clock.set(at_nine(day(LAST_DAY)));
    publish(app);
    for (known_on, year, then) in published {
        let now = reported(app, year, Some(known_on), None);
        assert_eq!((now.rows, now.payments), (then.rows, then.payments), "{year} as known on {known_on}");
    }
    let histories: BTreeMap<&str, &History> = accounts.iter().map(|one| (one.budget_line.as_str(), &one.history)).collect();
    let all = event_days();
    for _ in 0..6 {
        let (one, other) = (*chance.pick(&all), *chance.pick(&all));
        compare(app, &histories, one.min(other), one.max(other));
    }
    compare(app, &histories, all[0], day(LAST_DAY));
    let officer = app.as_anyone().await;
    for account in &accounts {
        for year in YEARS {
            compare_cells(&officer, account, year).await;
        }
    }
}

/// Every week of the account's package, as the server has it now.
async fn compare_cells(officer: &Client, account: &Account, year: &str) {
    let answer = officer.get(&format!("/v1/packages/{}/commitments?year={year}", account.package)).await.expect(200).body;
    let pence = |cell: &Value, field: &str| i128::from(cell[field].as_i64().unwrap());
    let words = |cell: &Value, field: &str| cell[field].as_str().map(str::to_owned);
    let found: Vec<_> = answer["weeks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| {
            let amounts = ["planned_pence", "paid_pence", "released_pence", "open_pence"].map(|field| pence(cell, field));
            (words(cell, "line_id").unwrap(), words(cell, "provider_id"), words(cell, "from").unwrap(), words(cell, "to").unwrap(), amounts)
        })
        .collect();
    let expected = account.history.expected(year.parse::<FinancialYear>().unwrap().starts_on(), day(LAST_DAY));
    let expected: Vec<_> = expected
        .cells
        .iter()
        .map(|cell| {
            let amounts = [cell.planned, cell.paid, cell.released, cell.open()];
            (cell.arrangement.clone(), cell.provider.clone(), cell.from.to_string(), cell.to.to_string(), amounts)
        })
        .collect();
    assert_eq!(found, expected, "{} of {year}: {:#?}", account.budget_line, account.history);
}

/// Every ninth day or so, over a leap day and two years' ends.
fn event_days() -> Vec<NaiveDate> {
    (0..56).map(|number| day("2023-02-20") + Days::new(number * 9 + number % 3)).collect()
}

fn at_nine(today: NaiveDate) -> chrono::NaiveDateTime {
    instant(&format!("{today}T09:00:00"))
}

fn publish(app: &TestApp) {
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &PROFILE, &warehouse, &keys, &etl::Options::default()).unwrap();
}

fn reported(app: &TestApp, year: &str, as_known_on: Option<NaiveDate>, since: Option<NaiveDate>) -> ForecastOutturn {
    let query = OutturnQuery { year: year.parse().unwrap(), budget_lines: Vec::new(), as_known_on, since };
    forecast_outturn(&app.folder.path().join("warehouse"), &Which::Current, &PROFILE, &query).unwrap()
}

fn compare(app: &TestApp, histories: &BTreeMap<&str, &History>, since: NaiveDate, known_on: NaiveDate) {
    for year in YEARS {
        let starts = year.parse::<FinancialYear>().unwrap().starts_on();
        let report = reported(app, year, Some(known_on), Some(since));
        for (line, history) in histories {
            let said = || format!("{line} of {year}, as known on {known_on}, since {since}: {history:#?}");
            let expected = history.expected(starts, known_on);
            let rows: Vec<_> = report.rows.iter().filter(|row| row.budget_line == *line).collect();
            assert_eq!(rows.len(), 12, "{}", said());
            let moved = history.movement(starts, since, known_on);
            for (month, row) in rows.iter().enumerate() {
                let found = (i128::from(row.actual_pence), i128::from(row.committed_pence));
                assert_eq!(found, (expected.actual[month], expected.committed[month]), "actual and committed in {}, {}", row.month, said());
                let movement = row.movement.expect("asked for");
                let found = [
                    movement.new_pence,
                    movement.ended_pence,
                    movement.volume_pence,
                    movement.rate_pence,
                    movement.timing_pence,
                    movement.correction_pence,
                    movement.payment_pence,
                ];
                assert_eq!(found.map(i128::from), moved[month], "{CAUSES:?} in {}, {}", row.month, said());
            }
            let payments = report.payments.iter().filter(|row| row.budget_line == *line);
            let sum =
                payments.fold((0, 0, 0), |sum, row| (sum.0 + row.overpaid_pence, sum.1 + row.credit_pence, sum.2 + row.unmatched_pence));
            let found = (i128::from(sum.0), i128::from(sum.1), i128::from(sum.2));
            assert_eq!(found, (expected.overpaid, expected.credit, expected.unmatched), "overpaid, credit, unmatched: {}", said());
        }
    }
}

//! The forecast against a model that goes day by day: made-up starts, variations and corrections dated back up to eight weeks, suspensions,
//! rises of rates, grants, others' shares, purchase orders, part payments, credits, receipts, reversals, matches, releases and requests, on
//! many accounts of one store, over the close of two years. Actual, commitment, pending and movement by cause must agree to the penny for
//! every budget line, month and day of knowing; so must what was published on the way, and what the API says at the end.
//!
//! `MODEL_ACCOUNTS` says how many accounts (each is a run of its own), `MODEL_SEED` with what chances; a failure names both. An account's
//! chances follow from the seed and its number alone: `MODEL_ONLY` runs that one and no other, and `MODEL_UNTIL` ends on an earlier day.

mod books;
mod comparing;
mod payments;
mod story;

use crate::support::people::Person;
use crate::support::{Client, TestApp, User, instant, on_both_with};
use books::day;
use chrono::{Days, NaiveDate};
use comparing::{agree, agree_on_receivables, agree_over_http};
use domain::{Profile, Role};
use reports::{ForecastOutturn, OutturnQuery, Which, forecast_outturn};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use story::dice::Dice;
use story::{Account, Callers};

const YEARS: [&str; 3] = ["2023-24", "2024-25", "2025-26"];
const LAST_DAY: &str = "2025-07-12";
/// Each year is closed on the first day of events from a day on.
const CLOSES_AFTER: [(&str, &str); 2] = [("2023-24", "2024-05-06"), ("2024-25", "2025-05-05")];

/// The core authority, where requests weigh less the further they are from a decision.
static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let mut profile = Profile::bundled("tameside").unwrap();
    for (stage, percent) in profile.forecast.stages.iter_mut().zip([37, 61, 70, 80, 90, 99]) {
        stage.weight_percent = percent;
    }
    profile
});

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

#[test]
fn the_forecast_agrees_with_a_model_that_goes_day_by_day() {
    let accounts = setting("MODEL_ACCOUNTS").unwrap_or(24);
    // The same each time, so that a change is not refused for what another run might have found.
    let seed = setting("MODEL_SEED").unwrap_or(1);
    println!("MODEL_ACCOUNTS={accounts} MODEL_SEED={seed}");
    on_both_with(&PROFILE, async |app| agrees(app, accounts, seed).await);
}

/// Those who record, as long as the store lives.
struct Staff {
    director: User,
    worker: User,
    manager: User,
}

impl Staff {
    async fn of(app: &TestApp) -> Self {
        let staff = Staff {
            director: app.add_user(Role::AssistantDirector),
            worker: app.add_user(Role::Practitioner),
            manager: app.add_user(Role::Manager),
        };
        let holding = json!({
            "post": "assistant_director", "user_id": staff.director.id, "capacity": "holder", "valid_from": "2022-04-01", "reason": "-"
        });
        app.as_anyone().await.put_in_post(&holding).await;
        staff
    }

    /// With tokens of the day: they live for some minutes, and a story takes longer.
    async fn callers(&self, app: &TestApp, today: NaiveDate) -> Callers {
        let officer = app.as_anyone().await;
        // On the first working day from today on.
        let mut panels = Vec::new();
        for held_on in today.iter_days().take(7) {
            let panel = json!({ "held_on": held_on, "starts_at": "00:00", "slots": 100, "slot_minutes": 14 });
            let answer = officer.post("/v1/panels", &panel).await;
            if answer.status == 201 {
                panels.push(answer.body["id"].as_str().unwrap().to_owned());
                break;
            }
            answer.expect_problem(422, "invalid_body");
        }
        let panel = panels.pop().expect("a working day");
        let worker = Person { id: self.worker.id.clone(), client: app.as_user(&self.worker) };
        Callers { officer, director: app.as_user(&self.director), worker, manager: app.as_user(&self.manager), panel }
    }
}

async fn agrees(app: &TestApp, account_count: u64, seed: u64) {
    let mut chance = Dice(seed);
    app.clock.set(at_nine(event_days()[0]));
    let staff = Staff::of(app).await;
    let officer = app.as_anyone().await;
    for year in YEARS {
        officer.opened(year).await;
    }
    let mut accounts = Vec::new();
    for number in (0..account_count).filter(|number| setting("MODEL_ONLY").is_none_or(|only| only == *number)) {
        accounts.push(Account::open(&officer, &YEARS, seed.wrapping_mul(1_000_003).wrapping_add(number), number).await);
    }
    let all = event_days();
    let published_on: Vec<NaiveDate> = (0..2).map(|_| *chance.pick(&all[all.len() / 3..])).collect();
    let mut published = Vec::new();
    let mut to_close = CLOSES_AFTER.into_iter().peekable();
    for today in all.iter().copied() {
        app.clock.set(at_nine(today));
        let callers = staff.callers(app, today).await;
        for account in &mut accounts {
            if account.dice.one_in(2) {
                account.act(app, &callers, today).await;
            }
        }
        if let Some((year, _)) = to_close.next_if(|(_, after)| today >= day(after)) {
            close(&callers.officer, year).await;
            accounts.iter_mut().for_each(|account| account.close(today, year.parse().unwrap()));
        }
        if published_on.contains(&today) {
            publish(app);
            published.extend(YEARS.map(|year| (today, year, reported(app, year, None, None))));
        }
    }
    println!("{:?}", kinds(&accounts));
    app.clock.set(at_nine(day(LAST_DAY)));
    publish(app);
    for (known_on, year, then) in published {
        let now = reported(app, year, Some(known_on), None);
        assert_eq!((now.rows, now.payments), (then.rows, then.payments), "{year} as known on {known_on}");
    }
    for _ in 0..5 {
        let (one, other) = (*chance.pick(&all), *chance.pick(&all));
        agree(app, &accounts, one.min(other), one.max(other));
    }
    agree(app, &accounts, all[0], day(LAST_DAY));
    agree_on_receivables(app, &accounts);
    agree_over_http(&app.as_anyone().await, &accounts).await;
}

/// How many events of each kind the stories have.
fn kinds(accounts: &[Account]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for (_, event) in accounts.iter().flat_map(|account| &account.history.events) {
        let kind = format!("{event:?}").split(' ').next().unwrap_or_default().to_owned();
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

async fn close(officer: &Client, year: &str) {
    let closure = json!({ "carry_forward": [], "reason": "The year is over" });
    officer.record(&format!("/v1/financial-years/{year}/closure"), &closure).await;
}

/// Every fortnight or so, over a leap day and three years' ends.
fn event_days() -> Vec<NaiveDate> {
    let until = std::env::var("MODEL_UNTIL").map_or(day(LAST_DAY), |text| day(&text));
    let days = (0..62).map(|number| day("2023-02-20") + Days::new(number * 14 + number % 3));
    days.filter(|today| *today < until).collect()
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

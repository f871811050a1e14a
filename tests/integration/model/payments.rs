//! Direct payments against a model that goes day by day: a year and more of pay files every four weeks, with pauses recorded before and
//! after their days, transfers that the bank returned, and a closure. What was sent and arrived must be what the days cost, to the penny,
//! after every file.

use super::costs::{Terms, pence_of_day};
use super::day_by_day::day;
use super::events::Dice;
use super::{at_nine, setting};
use crate::support::families::{Family, weekly};
use crate::support::people::{id_of, with};
use crate::support::{Client, TestApp, next_number, on_both};
use chrono::{Days, Months, NaiveDate};
use domain::FinancialYear;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const YEARS: [&str; 2] = ["2024-25", "2025-26"];
const FIRST: &str = "2024-06-03";
/// Files, one of them due on a bank holiday; the last periods lie in the next financial year.
const FILES: u64 = 15;

#[test]
fn a_year_of_four_weekly_payments_agrees_with_a_model_that_goes_day_by_day() {
    let by_the_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = setting("MODEL_SEED").unwrap_or_else(by_the_clock);
    println!("MODEL_SEED={seed}");
    on_both(async |app| {
        app.clock.set(at_nine(day(FIRST)));
        let officer = app.as_anyone().await;
        for year in YEARS {
            officer.opened(year).await;
        }
        for number in 0..setting("MODEL_FAMILIES").unwrap_or(6) {
            Paid::of(app, seed.wrapping_mul(31).wrapping_add(number)).await.year(app).await;
        }
    });
}

/// What is known of one family's payments.
struct Paid {
    family: Family,
    seed: u64,
    dice: Dice,
    terms: Terms,
    pauses: Vec<(NaiveDate, NaiveDate)>,
    closed_on: Option<NaiveDate>,
    /// Of each file its id, and what it sent.
    files: Vec<(String, i128)>,
    arrived: i128,
}

impl Paid {
    /// 36 hours at £14.50 every four weeks for the first, made-up terms for the others.
    async fn of(app: &TestApp, seed: u64) -> Self {
        app.clock.set(at_nine(day(FIRST)));
        let mut dice = Dice(seed);
        let caller = app.as_anyone().await;
        let child = caller.child().await;
        let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
        let package = id_of(&caller.record("/v1/packages", &package).await);
        let frequency = *dice.pick(&["four_weekly", "four_weekly", "weekly", "fortnightly", "monthly"]);
        let is_plain = frequency == "four_weekly" && dice.one_in(2);
        // No more than a service unit manager may confirm.
        let (quantity, rate) = if is_plain { (36_000, 145_000) } else { (dice.between(500, 20_000), dice.between(1, 100_000)) };
        let line = with(weekly(&package, 1, FIRST, None), "frequency", frequency);
        let line = with(with(line, "quantity_thousandths", quantity), "unit_rate_ten_thousandths", rate);
        let line = id_of(&caller.record("/v1/package-lines", &line).await);
        let family = Family::paid_for(app, caller, (child, package, line)).await;
        family.confirm(&family.line, 1).await;
        for kind in crate::support::families::STEPS {
            family.step(&crate::support::families::step(kind, FIRST)).await;
        }
        let terms = Terms { quantity: quantity.into(), frequency, rate: rate.into(), provider: None };
        Paid { family, seed, dice, terms, pauses: Vec::new(), closed_on: None, files: Vec::new(), arrived: 0 }
    }

    async fn year(mut self, app: &TestApp) {
        for number in 0..FILES {
            let due_on = day(FIRST) + Days::new(28 * number);
            let today = due_on - Days::new(if number == 0 { 0 } else { 4 });
            app.clock.set(at_nine(today));
            // Tokens live for some minutes of the clock.
            let caller = app.as_anyone().await;
            if number > 0 {
                self.happen(&caller, today).await;
            }
            self.pay(app, due_on).await;
            self.compare(&caller, due_on + Days::new(28)).await;
        }
        let caller = app.as_anyone().await;
        for year in YEARS {
            let starts = year.parse::<FinancialYear>().unwrap().starts_on();
            let cost = self.cost(starts.max(day(FIRST)), starts + Months::new(12));
            let planned = caller.commitments(&self.family.package, year).await[0];
            assert_eq!(i128::from(planned), cost, "{year}, MODEL_SEED of {}: {:?}", self.seed, self.terms);
        }
    }

    /// What the days from one to the day before another cost, of those that are paid.
    fn cost(&self, from: NaiveDate, to: NaiveDate) -> i128 {
        let days = from.iter_days().take_while(|one| *one < to && self.closed_on.is_none_or(|closed| *one < closed));
        let is_paid = |one: &NaiveDate| !self.pauses.iter().any(|(from, to)| from <= one && one < to);
        days.filter(is_paid).map(|one| pence_of_day(&self.terms, day(FIRST), one)).sum()
    }

    /// A pause, a transfer that came back, or a closure.
    async fn happen(&mut self, caller: &Client, today: NaiveDate) {
        if self.closed_on.is_none() && self.dice.one_in(3) {
            let from = self.dice.day_near(today, 30, 40).max(day(FIRST));
            let to = from + Days::new(self.dice.between(1, 30).unsigned_abs());
            let stands_beside = |other: &(NaiveDate, NaiveDate)| (other.0 < to && from < other.1) || (other.1 > today && to > today);
            if !self.pauses.iter().any(stands_beside) {
                let pause = json!({ "kind": "pause", "taken_on": from, "until_on": to, "reason": "In hospital" });
                caller.record(&self.family.path("steps"), &pause).await;
                self.pauses.push((from, to));
            }
        }
        if self.dice.one_in(3) && self.files.last().is_some_and(|(_, sent)| *sent > 0) {
            let (id, sent) = self.files.pop().expect("a file");
            let bounce = json!({ "export_id": id, "bounced_on": today, "amount_pence": i64::try_from(sent).unwrap(), "reason": "Closed" });
            caller.record(&self.family.path("bounces"), &bounce).await;
            self.arrived -= sent;
        }
        if self.closed_on.is_none() && self.dice.one_in(12) {
            let on = self.dice.day_near(today, 20, 20).max(day(FIRST));
            caller.record(&self.family.path("steps"), &json!({ "kind": "close", "taken_on": on, "reason": "Moved" })).await;
            self.closed_on = Some(on);
        }
    }

    /// A pay file of this account alone for the working day on or before the day due.
    async fn pay(&mut self, app: &TestApp, due_on: NaiveDate) {
        let payer = app.as_anyone().await;
        let mut body = json!({ "pay_on": due_on, "account_ids": [self.family.account] });
        let mut answer = payer.post("/v1/direct-payment-exports", &body).await;
        if answer.status == 422 {
            // It says on which day to pay.
            let said = answer.body["errors"][0]["detail"].as_str().unwrap().to_owned();
            let pay_on = said.split("pay on ").nth(1).and_then(|rest| rest.get(..10)).unwrap_or_else(|| panic!("{said}")).to_owned();
            body["pay_on"] = json!(pay_on);
            answer = payer.post("/v1/direct-payment-exports", &body).await;
        }
        if answer.status == 201 {
            let sent = i128::from(answer.body["total_pence"].as_i64().unwrap());
            self.files.push((id_of(&answer.body), sent));
            self.arrived += sent;
        } else {
            answer.expect_problem(409, "state_conflict");
        }
    }

    /// What arrived, and what is to be set off or asked back, against the days up to the end of the last period paid.
    async fn compare(&self, caller: &Client, until: NaiveDate) {
        let page: Value = caller.get(&format!("/v1/direct-payment-accounts/{}", self.family.account)).await.expect(200).body;
        let outstanding: i64 =
            page["outstanding_adjustments"].as_array().unwrap().iter().map(|one| one["amount_pence"].as_i64().unwrap()).sum();
        let said = || format!("MODEL_SEED of {}: {:?} {:?} {:?} {page:#}", self.seed, self.terms, self.pauses, self.closed_on);
        assert_eq!(page["balance"]["paid_pence"].as_i64().map(i128::from), Some(self.arrived), "{}", said());
        assert_eq!(self.arrived + i128::from(outstanding), self.cost(day(FIRST), until), "{}", said());
        if self.pauses.is_empty() && self.closed_on.is_none() && self.terms.frequency == "four_weekly" {
            let whole = (2 * self.terms.quantity * self.terms.rate + 100_000) / 200_000;
            let amounts = page["schedule"].as_array().unwrap().iter().filter(|row| row["state"] == "paid");
            assert!(amounts.clone().all(|row| i128::from(row["amount_pence"].as_i64().unwrap()) == whole), "{}", said());
        }
    }
}

//! Direct payments against a model that goes day by day: a year and more of pay files every four weeks, with pauses recorded before and
//! after their days, transfers that the bank returned, a closure, what families paid back, and each of these taken back again. What was
//! sent, arrived and was kept must be what the days cost, to the penny, after every file.

use super::books::costs::{Terms, pence_of_day};
use super::books::day;
use super::story::dice::Dice;
use super::{at_nine, setting};
use crate::support::families::{Family, weekly};
use crate::support::people::{id_of, with};
use crate::support::{Client, TestApp, next_number, on_both};
use chrono::{Days, Months, NaiveDate};
use domain::FinancialYear;
use serde_json::{Value, json};

const YEARS: [&str; 2] = ["2024-25", "2025-26"];
const FIRST: &str = "2024-06-03";
/// Files, one of them due on a bank holiday; the last periods lie in the next financial year.
const FILES: u64 = 15;

#[test]
fn a_year_of_four_weekly_payments_agrees_with_a_model_that_goes_day_by_day() {
    // The same each time, so that a change is not refused for what another run might have found.
    let seed = setting("MODEL_SEED").unwrap_or(1);
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
    pauses: Vec<Pause>,
    /// Whether anything but whole periods was ever to be paid.
    is_broken: bool,
    closed_on: Option<NaiveDate>,
    /// The step that says so.
    closure: String,
    /// Of each file its id, and what it sent.
    files: Vec<(String, i128)>,
    arrived: i128,
    /// What the family paid back of it: each repayment's id, and how much.
    repaid: Vec<(String, i128)>,
}

/// Days that are not paid.
#[derive(Debug, Clone)]
struct Pause {
    from: NaiveDate,
    to: NaiveDate,
    step: String,
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
        Paid {
            family,
            seed,
            dice,
            terms,
            pauses: Vec::new(),
            is_broken: false,
            closed_on: None,
            closure: String::new(),
            files: Vec::new(),
            arrived: 0,
            repaid: Vec::new(),
        }
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
                self.correct(&caller, today).await;
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

    /// The cost of the paid days from `from` to the day before `to`.
    fn cost(&self, from: NaiveDate, to: NaiveDate) -> i128 {
        let days = from.iter_days().take_while(|one| *one < to && self.closed_on.is_none_or(|closed| *one < closed));
        let is_paid = |one: &NaiveDate| !self.pauses.iter().any(|pause| pause.from <= *one && *one < pause.to);
        days.filter(is_paid).map(|one| pence_of_day(&self.terms, day(FIRST), one)).sum()
    }

    /// A pause, a transfer that came back, or a closure.
    async fn happen(&mut self, caller: &Client, today: NaiveDate) {
        if self.closed_on.is_none() && self.dice.one_in(3) {
            let from = self.dice.day_near(today, 30, 40).max(day(FIRST));
            let to = from + Days::new(self.dice.between(1, 30).unsigned_abs());
            let stands_beside = |other: &Pause| (other.from < to && from < other.to) || (other.to > today && to > today);
            if !self.pauses.iter().any(stands_beside) {
                let pause = json!({ "kind": "pause", "taken_on": from, "until_on": to, "reason": "In hospital" });
                let step = id_of(&caller.record(&self.family.path("steps"), &pause).await);
                self.pauses.push(Pause { from, to, step });
                self.is_broken = true;
            }
        }
        if self.dice.one_in(3) && self.files.last().is_some_and(|(_, sent)| *sent > 0) {
            let (id, sent) = self.files.pop().expect("a file");
            let bounce = json!({ "export_id": id, "bounced_on": today, "amount_pence": i64::try_from(sent).unwrap(), "reason": "Closed" });
            let bounce = id_of(&caller.record(&self.family.path("bounces"), &bounce).await);
            if self.dice.one_in(4) {
                // The bank was wrong: it did arrive.
                reverse(caller, "bounces", &bounce).await;
                self.files.push((id, sent));
            } else {
                self.arrived -= sent;
            }
        }
        if self.closed_on.is_none() && self.dice.one_in(12) {
            let on = self.dice.day_near(today, 20, 20).max(day(FIRST));
            let close = json!({ "kind": "close", "taken_on": on, "reason": "Moved" });
            self.closure = id_of(&caller.record(&self.family.path("steps"), &close).await);
            self.closed_on = Some(on);
            self.is_broken = true;
        }
    }

    /// Takes back what was recorded wrongly, and records what the family pays back of payments for days after the closure.
    async fn correct(&mut self, caller: &Client, today: NaiveDate) {
        if self.closed_on.is_none() && !self.pauses.is_empty() && self.dice.one_in(6) {
            let at = self.dice.place(self.pauses.len());
            reverse(caller, "steps", &self.pauses.swap_remove(at).step).await;
        }
        if self.closed_on.is_some() {
            let to_recover = self.page(caller).await["balance"]["to_recover_pence"].as_i64().unwrap();
            if to_recover > 0 && self.dice.one_in(2) {
                let pence = self.dice.between(1, to_recover);
                let repayment = json!({ "received_on": today, "amount_pence": pence, "reference": "RCT-1" });
                let id = id_of(&caller.record(&self.family.path("repayments"), &repayment).await);
                self.repaid.push((id, pence.into()));
            }
            if !self.repaid.is_empty() && self.dice.one_in(5) {
                let (id, _) = self.repaid.swap_remove(0);
                reverse(caller, "repayments", &id).await;
            }
            if self.dice.one_in(8) {
                reverse(caller, "steps", &self.closure).await;
                self.closed_on = None;
            }
        }
    }

    async fn page(&self, caller: &Client) -> Value {
        caller.get(&format!("/v1/direct-payment-accounts/{}", self.family.account)).await.expect(200).body
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
        let page = self.page(caller).await;
        let outstanding: i64 =
            page["outstanding_adjustments"].as_array().unwrap().iter().map(|one| one["amount_pence"].as_i64().unwrap()).sum();
        let said = || format!("MODEL_SEED of {}: {:?} {:?} {:?} {page:#}", self.seed, self.terms, self.pauses, self.closed_on);
        assert_eq!(page["balance"]["paid_pence"].as_i64().map(i128::from), Some(self.arrived), "{}", said());
        let kept = self.arrived - self.repaid.iter().map(|(_, pence)| pence).sum::<i128>();
        assert_eq!(kept + i128::from(outstanding), self.cost(day(FIRST), until), "{}", said());
        if !self.is_broken && self.terms.frequency == "four_weekly" {
            let whole = (2 * self.terms.quantity * self.terms.rate + 100_000) / 200_000;
            let amounts = page["schedule"].as_array().unwrap().iter().filter(|row| row["state"] == "paid");
            assert!(amounts.clone().all(|row| i128::from(row["amount_pence"].as_i64().unwrap()) == whole), "{}", said());
        }
    }
}

async fn reverse(caller: &Client, kind: &str, id: &str) {
    caller.record(&format!("/v1/direct-payment-{kind}/{id}/reversal"), &json!({ "reason": "By mistake" })).await;
}

//! A year and more of made-up events of many budget lines: each is recorded over the API and noted for the model.

use super::costs::Terms;
use super::day_by_day::{Event, History, Scope, day};
use crate::support::{Client, TestApp, next_number};
use chrono::{Days, NaiveDate};
use db::schema::ledger_entries;
use db::{Actor, Event as Audit, new_id};
use diesel::prelude::*;
use domain::FinancialYear;
use serde_json::{Value, json};

/// The first day that anything is posted: no year before it is open.
const FIRST_POSTED: &str = "2023-04-01";

/// Numbers that look like chance and are the same for the same seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.next() % u64::try_from(most - least + 1).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, of: i64) -> bool {
        self.between(1, of) == 1
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[usize::try_from(self.between(0, i64::try_from(among.len()).unwrap() - 1)).unwrap()]
    }

    pub fn day_near(&mut self, today: NaiveDate, back: i64, ahead: i64) -> NaiveDate {
        today + chrono::TimeDelta::days(self.between(-back, ahead))
    }
}

/// Those who record.
pub struct Callers {
    pub officer: Client,
    /// In a post that may agree any amount.
    pub director: Client,
}

/// A line as it stands.
#[derive(Debug, Clone)]
struct Line {
    number: usize,
    id: String,
    arrangement: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    terms: Terms,
}

#[derive(Debug, Clone)]
struct Paid {
    id: String,
    year: FinancialYear,
    match_id: Option<String>,
}

/// One budget line with its providers, packages and events.
pub struct Account {
    pub budget_line: String,
    pub history: History,
    pub dice: Dice,
    pub package: String,
    providers: [String; 3],
    lines: Vec<Line>,
    line_count: usize,
    payments: Vec<Paid>,
    releases: Vec<(usize, String, FinancialYear)>,
    release_count: usize,
    closed: Option<FinancialYear>,
}

impl Account {
    pub async fn open(officer: &Client, seed: u64) -> Self {
        let budget_line = format!("line_{}", next_number());
        officer.record("/v1/budget-lines", &json!({ "code": budget_line, "name": "A line", "direction": "expenditure" })).await;
        let mut providers = Vec::new();
        for _ in 0..3 {
            providers.push(officer.provider("private").await);
        }
        Account {
            budget_line,
            history: History::default(),
            dice: Dice(seed),
            package: officer.package().await,
            providers: providers.try_into().unwrap(),
            lines: Vec::new(),
            line_count: 0,
            payments: Vec::new(),
            releases: Vec::new(),
            release_count: 0,
            closed: None,
        }
    }

    /// One event, or a few, of the day.
    pub async fn act(&mut self, app: &TestApp, callers: &Callers, today: NaiveDate) {
        match self.dice.between(0, 11) {
            0..=2 if self.arrangement_count() < 3 => self.start(callers, today).await,
            0..=5 if !self.lines.is_empty() => self.vary(callers, today).await,
            6..=8 => self.pay(app, today),
            9 if !self.payments.is_empty() => self.take_back(callers, today).await,
            10 if !self.payments.is_empty() => self.match_or_unmatch(callers, today).await,
            11 => self.release_or_not(callers, today).await,
            _ => {}
        }
    }

    /// Notes that a year was closed.
    pub fn close(&mut self, today: NaiveDate, year: FinancialYear) {
        self.closed = Some(year);
        // What was released in it stays so.
        self.releases.retain(|(_, _, of)| *of != year);
        self.note(today, Event::Close { starts: year.starts_on() });
    }

    fn note(&mut self, today: NaiveDate, event: Event) {
        self.history.events.push((today, event));
    }

    fn arrangement_count(&self) -> usize {
        self.history.events.iter().filter(|(_, event)| matches!(event, Event::Start { .. })).count()
    }

    fn next_line(&mut self) -> usize {
        self.line_count += 1;
        self.line_count
    }

    async fn start(&mut self, callers: &Callers, today: NaiveDate) {
        let dice = &mut self.dice;
        let frequencies: [&'static str; 8] =
            ["weekly", "fortnightly", "four_weekly", "monthly", "term_time_weeks", "holiday_weeks", "per_year", "one_off"];
        let &frequency = dice.pick(&frequencies);
        let terms = Terms {
            quantity: dice.between(1, 9_000).into(),
            frequency,
            rate: dice.between(0, 400_000).into(),
            provider: if dice.one_in(4) { None } else { Some(dice.pick(&self.providers[..2]).clone()) },
        };
        let from = dice.day_near(today, 56, 42);
        let to = dice.one_in(2).then(|| from + Days::new(dice.between(1, 500).unsigned_abs()));
        let line = json!({
            "package_id": self.package, "service": "a_service", "budget_line": self.budget_line, "provider_id": terms.provider,
            "unit": "hour", "quantity_thousandths": whole(terms.quantity), "frequency": terms.frequency,
            "unit_rate_ten_thousandths": whole(terms.rate), "valid_from": from, "valid_to": to, "reason": "-"
        });
        let id = text(&callers.officer.record("/v1/package-lines", &line).await, "line_id");
        let number = self.next_line();
        let line = Line { number, id: id.clone(), arrangement: id.clone(), from, to, terms: terms.clone() };
        self.lines.push(line);
        self.note(today, Event::Start { arrangement: id, line: number, from, to, terms });
    }

    async fn vary(&mut self, callers: &Callers, today: NaiveDate) {
        let line = self.dice.pick(&self.lines).clone();
        if self.dice.one_in(12) {
            let reversal = json!({ "reason": "-" });
            callers.officer.record(&format!("/v1/package-lines/{}/reversal", line.id), &reversal).await;
            self.lines.retain(|one| one.number != line.number);
            return self.note(today, Event::Reverse { arrangement: line.arrangement, line: line.number });
        }
        let is_last = self.lines.iter().all(|one| one.arrangement != line.arrangement || one.from <= line.from);
        if let Some(ends) = line.to.filter(|_| is_last && line.terms.frequency != "one_off" && self.dice.one_in(4)) {
            return self.extend(callers, today, line, ends).await;
        }
        let from = self.dice.day_near(today, 56, 28);
        if line.terms.frequency != "one_off" && from >= line.from && line.to.is_none_or(|ends| from < ends) {
            self.change(callers, today, line, from).await;
        }
    }

    async fn extend(&mut self, callers: &Callers, today: NaiveDate, line: Line, ends: NaiveDate) {
        let to = ends + Days::new(self.dice.between(1, 200).unsigned_abs());
        vary(callers, json!({ "line_id": line.id, "kind": "extension", "valid_from": ends, "valid_to": to, "reason": "-" })).await;
        self.lines.iter_mut().filter(|one| one.number == line.number).for_each(|one| one.to = Some(to));
        self.note(today, Event::Extend { arrangement: line.arrangement, line: line.number, to });
    }

    async fn change(&mut self, callers: &Callers, today: NaiveDate, line: Line, from: NaiveDate) {
        let dice = &mut self.dice;
        let mut terms = line.terms.clone();
        let kinds = ["increase", "decrease", "rate", "rate", "provider", "suspension", "end"];
        let kind = *dice.pick(&kinds);
        match kind {
            "increase" => terms.quantity += i128::from(dice.between(1, 3_000)),
            "decrease" if terms.quantity > 1 => terms.quantity -= i128::from(dice.between(1, whole(terms.quantity) - 1)),
            "decrease" => return,
            "rate" => terms.rate += i128::from(dice.between(1, 90_000)),
            "provider" => {
                terms.provider = self.providers[..2].iter().find(|one| terms.provider.as_ref() != Some(one)).cloned();
                terms.rate += i128::from(dice.between(0, 1) * 12_345);
            }
            _ => {}
        }
        let back = from + Days::new(dice.between(1, 120).unsigned_abs());
        let is_for_a_time = kind == "suspension" || (kind != "end" && dice.one_in(3));
        let to = is_for_a_time.then_some(back);
        if to.is_some_and(|to| line.to.is_some_and(|ends| to >= ends)) {
            return;
        }
        let is_other = |old: i128, new: i128| (old != new).then(|| whole(new));
        let body = json!({
            "line_id": line.id, "kind": kind, "valid_from": from, "valid_to": to,
            "quantity_thousandths": is_other(line.terms.quantity, terms.quantity),
            "unit_rate_ten_thousandths": is_other(line.terms.rate, terms.rate),
            "provider_id": (line.terms.provider != terms.provider).then(|| terms.provider.clone()), "reason": "-"
        });
        let made = vary(callers, body).await;
        self.take_over(today, line, kind, (from, to), terms, &made);
    }

    /// Puts what a variation made in the place of the line.
    fn take_over(
        &mut self,
        today: NaiveDate,
        line: Line,
        kind: &str,
        (from, to): (NaiveDate, Option<NaiveDate>),
        terms: Terms,
        made: &[Value],
    ) {
        let new_id = |starts: NaiveDate| {
            let is_it = |one: &&Value| text(one, "line_id") != line.id && text(one, "valid_from") == starts.to_string();
            made.iter().find(is_it).map(|one| text(one, "line_id"))
        };
        self.lines.retain(|one| one.number != line.number);
        if line.from < from {
            self.lines.push(Line { to: Some(from), ..line.clone() });
        }
        let middle = (!["suspension", "end"].contains(&kind)).then(|| (self.next_line(), terms.clone()));
        if let Some((number, terms)) = &middle {
            let id = new_id(from).expect("a changed line");
            self.lines.push(Line { number: *number, id, from, to: to.or(line.to), terms: terms.clone(), ..line.clone() });
        }
        let after = self.next_line();
        if let Some(back) = to {
            let id = new_id(back).expect("a resumed line");
            self.lines.push(Line { number: after, id, from: back, ..line.clone() });
        }
        self.note(today, Event::Vary { arrangement: line.arrangement, line: line.number, from, to, middle, after });
    }

    /// Payments and credits, in part or in full, as a ledger file would bring them.
    fn pay(&mut self, app: &TestApp, today: NaiveDate) {
        for _ in 0..self.dice.between(1, 4) {
            let posted_on = self.dice.day_near(today, 45, 0);
            if posted_on < day(FIRST_POSTED) {
                continue;
            }
            let dice = &mut self.dice;
            let pence = if dice.one_in(6) { -dice.between(1, 40_000) } else { dice.between(1, 90_000) };
            let provider = if dice.one_in(4) { None } else { Some(dice.pick(&self.providers).clone()) };
            let year = FinancialYear::of(posted_on).unwrap();
            let year = if self.closed == Some(year) { year.next().unwrap() } else { year };
            let id = post(app, &self.budget_line, year, posted_on, pence, provider.clone());
            self.payments.push(Paid { id: id.clone(), year, match_id: None });
            self.note(today, Event::Pay { id, posted_on, pence: pence.into(), provider });
        }
    }

    async fn take_back(&mut self, callers: &Callers, today: NaiveDate) {
        let at = usize::try_from(self.dice.between(0, i64::try_from(self.payments.len()).unwrap() - 1)).unwrap();
        let paid = self.payments.swap_remove(at);
        let taken = callers.officer.record(&format!("/v1/ledger-entries/{}/reversal", paid.id), &json!({ "reason": "-" })).await;
        self.note(today, Event::TakeBack { id: paid.id, by: text(&taken["reversal"], "id") });
    }

    async fn match_or_unmatch(&mut self, callers: &Callers, today: NaiveDate) {
        let at = usize::try_from(self.dice.between(0, i64::try_from(self.payments.len()).unwrap() - 1)).unwrap();
        let paid = self.payments[at].clone();
        if self.closed == Some(paid.year) {
            return;
        }
        if let Some(match_id) = paid.match_id {
            callers.officer.record(&format!("/v1/ledger-matches/{match_id}/reversal"), &json!({ "reason": "-" })).await;
            self.payments[at].match_id = None;
            return self.note(today, Event::Unmatch { payment: paid.id });
        }
        let is_for_none = self.lines.is_empty() || self.dice.one_in(5);
        let line = (!is_for_none).then(|| self.dice.pick(&self.lines).clone());
        let body = match &line {
            Some(line) => json!({ "line_id": line.id, "reason": "-" }),
            None => json!({ "not_for_a_package": true, "reason": "-" }),
        };
        let matched = callers.officer.record(&format!("/v1/ledger-entries/{}/match", paid.id), &body).await;
        self.payments[at].match_id = Some(text(&matched, "id"));
        self.note(today, Event::Match { payment: paid.id, arrangement: line.map(|line| line.arrangement) });
    }

    async fn release_or_not(&mut self, callers: &Callers, today: NaiveDate) {
        if !self.releases.is_empty() && self.dice.one_in(3) {
            let (number, id, _) = self.releases.swap_remove(0);
            callers.officer.record(&format!("/v1/commitment-releases/{id}/reversal"), &json!({ "reason": "-" })).await;
            return self.note(today, Event::Unrelease { id: number });
        }
        let up_to = self.dice.day_near(today, 60, 0);
        if up_to <= day(FIRST_POSTED) {
            return;
        }
        // The first of April is the last day of the year before to be released.
        let year = FinancialYear::of(up_to - Days::new(1)).unwrap();
        if self.closed == Some(year) {
            return;
        }
        let (mut provider, mut line) = (None, None);
        match self.dice.between(0, 2) {
            0 => provider = Some(self.dice.pick(&self.providers[..2]).clone()),
            1 if !self.lines.is_empty() => line = Some(self.dice.pick(&self.lines).clone()),
            _ => {}
        }
        let body = json!({
            "year": year, "budget_line": self.budget_line, "up_to": up_to, "reason": "-", "provider_id": provider,
            "line_id": line.as_ref().map(|line| &line.id)
        });
        let of_line = line.map(|line| Scope::Arrangement(line.arrangement));
        let scope = of_line.or(provider.map(Scope::Provider)).unwrap_or(Scope::Whole);
        let answer = callers.officer.post("/v1/commitment-releases", &body).await;
        if answer.status == 409 {
            // Nothing was open, so nothing is recorded.
            return;
        }
        let release = answer.expect(201).body;
        self.release_count += 1;
        self.releases.push((self.release_count, text(&release, "id"), year));
        self.note(today, Event::Release { id: self.release_count, scope, up_to });
    }
}

/// Proposes a variation and agrees it; answers with the versions of lines that it made.
async fn vary(callers: &Callers, body: Value) -> Vec<Value> {
    let proposed = callers.officer.record("/v1/package-variations", &body).await;
    let agreement = format!("/v1/package-variations/{}/agreement", text(&proposed, "id"));
    let agreed = callers.director.record(&agreement, &json!({})).await;
    agreed["made"].as_array().unwrap_or_else(|| panic!("{agreed}")).clone()
}

/// A ledger entry as if a file had brought it; answers with its id.
fn post(app: &TestApp, budget_line: &str, year: FinancialYear, posted_on: NaiveDate, pence: i64, provider: Option<String>) -> String {
    let id = new_id();
    let done: Result<(), db::Error> = app.store.write(&Actor::system("test"), |write| {
        diesel::insert_into(ledger_entries::table)
            .values((
                (ledger_entries::id.eq(&id), ledger_entries::source.eq("test")),
                (ledger_entries::line_hash.eq(&id), ledger_entries::occurrence.eq(1_i64)),
                (ledger_entries::posted_on.eq(posted_on), ledger_entries::year.eq(year.as_str())),
                (ledger_entries::budget_line.eq(budget_line), ledger_entries::provider_id.eq(provider)),
                (ledger_entries::amount_pence.eq(pence), ledger_entries::reason.eq("imported")),
                (ledger_entries::recorded_by.eq("test"), ledger_entries::recorded_at.eq(write.at)),
                ledger_entries::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
        write.record(Audit::new("import", "ledger_entries", &id))
    });
    done.unwrap();
    id
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_else(|| panic!("no {field} in {record}")).to_owned()
}

fn whole(number: i128) -> i64 {
    i64::try_from(number).unwrap()
}

//! Lines of support: started, varied, extended, corrected, reversed.

use super::{Account, Callers, Line, text, whole};
use crate::model::books::Event;
use crate::model::books::costs::Terms;
use crate::support::families::confirm;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// From a day, until another if one is given.
type Days = (NaiveDate, Option<NaiveDate>);

impl Account {
    pub(super) fn new_terms(&mut self) -> Terms {
        let provider = self.planned_provider();
        let frequencies: [&'static str; 8] =
            ["weekly", "fortnightly", "four_weekly", "monthly", "term_time_weeks", "holiday_weeks", "per_year", "one_off"];
        let dice = &mut self.dice;
        let frequency = *dice.pick(&frequencies);
        Terms { quantity: dice.between(1, 9_000).into(), frequency, rate: dice.between(0, 400_000).into(), provider }
    }

    pub(super) async fn start(&mut self, callers: &Callers, today: NaiveDate) {
        let terms = self.new_terms();
        let from = self.dice.day_near(today, 56, 42);
        let to = self.dice.one_in(2).then(|| self.dice.day_after(from, 500));
        // Each arrangement is support of its own: the same twice over would need a reason.
        let service = format!("{}_service_{}", self.budget_line, self.arrangement_count());
        let line = json!({
            "package_id": self.package, "service": service, "budget_line": self.budget_line, "provider_id": terms.provider,
            "unit": "hour", "quantity_thousandths": whole(terms.quantity), "frequency": terms.frequency,
            "unit_rate_ten_thousandths": whole(terms.rate), "valid_from": from, "valid_to": to, "reason": "-"
        });
        let id = text(&callers.officer.record("/v1/package-lines", &line).await, "line_id");
        confirm(&callers.director, "assistant_director", &id, 1).await.expect(201);
        let number = self.next_line();
        self.lines.push(Line { number, id: id.clone(), arrangement: id.clone(), service, from, to, terms: terms.clone() });
        self.note(today, Event::Start { arrangement: id, line: number, from, to, terms });
    }

    pub(super) async fn vary(&mut self, callers: &Callers, today: NaiveDate) {
        let line = self.dice.pick(&self.lines).clone();
        if self.dice.one_in(12) {
            let reversal = json!({ "reason": "-" });
            callers.officer.record(&format!("/v1/package-lines/{}/reversal", line.id), &reversal).await;
            self.lines.retain(|one| one.number != line.number);
            return self.note(today, Event::Reverse { arrangement: line.arrangement, line: line.number });
        }
        if self.dice.one_in(8) {
            return self.correct(callers, today, line).await;
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
        let to = self.dice.day_after(ends, 200);
        vary(callers, json!({ "line_id": line.id, "kind": "extension", "valid_from": ends, "valid_to": to, "reason": "-" })).await;
        self.lines.iter_mut().filter(|one| one.number == line.number).for_each(|one| one.to = Some(to));
        self.note(today, Event::Extend { arrangement: line.arrangement, line: line.number, to });
    }

    /// Another quantity, rate or first day, right from the start.
    async fn correct(&mut self, callers: &Callers, today: NaiveDate, line: Line) {
        let mut terms = line.terms.clone();
        let mut from = line.from;
        match self.dice.between(0, 2) {
            0 => terms.quantity += i128::from(self.dice.between(1, 2_000)),
            1 => terms.rate += i128::from(self.dice.between(1, 50_000)),
            _ => from = self.dice.day_after(from, 20),
        }
        // The arrangement's other lines stay as they are.
        if line.to.is_some_and(|ends| from >= ends) {
            return;
        }
        let is_other = |old: i128, new: i128| (old != new).then(|| whole(new));
        let made = vary(
            callers,
            json!({
                "line_id": line.id, "kind": "correction", "valid_from": from,
                "quantity_thousandths": is_other(line.terms.quantity, terms.quantity),
                "unit_rate_ten_thousandths": is_other(line.terms.rate, terms.rate), "reason": "-"
            }),
        )
        .await;
        let id = made.iter().map(|one| text(one, "line_id")).find(|id| *id != line.id).expect("a right line");
        let right = self.next_line();
        self.lines.retain(|one| one.number != line.number);
        self.lines.push(Line { number: right, id, from, terms: terms.clone(), ..line.clone() });
        let (arrangement, to) = (line.arrangement, line.to);
        self.note(today, Event::Correct { arrangement, line: line.number, right, from, to, terms });
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
        let back = dice.day_after(from, 120);
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
        let middle = (!["suspension", "end"].contains(&kind)).then_some(terms);
        self.take_over(today, line, (from, to), middle, &made);
    }

    /// Puts what a variation made in the place of the line: another on its terms, or nothing, and the line again after it.
    pub(super) fn take_over(&mut self, today: NaiveDate, line: Line, (from, to): Days, middle: Option<Terms>, made: &[Value]) {
        let new_id = |starts: NaiveDate| {
            let is_it = |one: &&Value| text(one, "line_id") != line.id && text(one, "valid_from") == starts.to_string();
            made.iter().find(is_it).map(|one| text(one, "line_id"))
        };
        self.lines.retain(|one| one.number != line.number);
        if line.from < from {
            self.lines.push(Line { to: Some(from), ..line.clone() });
        }
        let middle = middle.map(|terms| (self.next_line(), terms));
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
}

/// Proposes a variation and agrees it; answers with the versions of lines that it made.
async fn vary(callers: &Callers, body: Value) -> Vec<Value> {
    let proposed = callers.officer.record("/v1/package-variations", &body).await;
    let agreement = format!("/v1/package-variations/{}/agreement", text(&proposed, "id"));
    let agreed = callers.director.record(&agreement, &json!({})).await;
    agreed["made"].as_array().unwrap_or_else(|| panic!("{agreed}")).clone()
}

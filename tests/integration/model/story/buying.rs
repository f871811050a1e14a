//! Purchase orders, and grants to a voluntary group.

use super::{Account, Callers, next_order, text};
use crate::model::books::Event;
use crate::support::next_number;
use chrono::{Days, NaiveDate};
use serde_json::json;

impl Account {
    /// An order of one arrangement, or of several of the same provider. Payments may have carried its number before.
    pub(super) async fn order(&mut self, callers: &Callers, today: NaiveDate) {
        let free: Vec<_> = self.lines.iter().filter(|line| !self.ordered.contains(&line.arrangement)).cloned().collect();
        let Some(provider) = free.iter().find_map(|line| line.terms.provider.clone()) else { return };
        let own = free.iter().filter(|line| line.terms.provider.as_ref() == Some(&provider));
        let mut arrangements: Vec<String> = own.map(|line| line.arrangement.clone()).collect();
        arrangements.sort();
        arrangements.dedup();
        if self.dice.one_in(2) {
            arrangements.truncate(1);
        }
        let number = self.order_numbers.last().expect("the next number").clone();
        let body = json!({
            "number": number, "package_id": self.package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": today, "line_ids": arrangements
        });
        let id = text(&callers.officer.record("/v1/purchase-orders", &body).await, "id");
        self.order_numbers.push(next_order());
        self.ordered.extend(arrangements.clone());
        self.note(today, Event::Order { id, number, arrangements });
    }

    /// A grant over its days or by instalments, or one that is taken back.
    pub(super) async fn grant_or_not(&mut self, callers: &Callers, today: NaiveDate) {
        if !self.grants.is_empty() && self.dice.one_in(3) {
            let id = self.grants.swap_remove(0);
            callers.officer.record(&format!("/v1/grants/{id}/reversal"), &json!({ "reason": "-" })).await;
            return self.note(today, Event::Ungrant { id });
        }
        let dice = &mut self.dice;
        let from = dice.day_near(today, 90, 60);
        let to = dice.day_after(from, 500);
        let pence = dice.between(1, 500_000);
        let mut instalments = Vec::new();
        if dice.one_in(2) {
            let first = dice.between(0, pence - 1);
            let mut due_on = from;
            for part in [first, pence - first].into_iter().filter(|part| *part > 0) {
                due_on = dice.day_after(due_on, 200);
                instalments.push((due_on, part));
            }
        }
        let provider = self.providers[3].clone();
        let body = json!({
            "reference": format!("G-{:05}", next_number()), "provider_id": provider, "budget_line": self.budget_line,
            "title": "A club", "purpose": "A club", "awarded_on": from, "period_from": from, "period_to": to, "amount_pence": pence,
            "reason": "-",
            "instalments": instalments.iter().map(|(due_on, pence)| json!({ "due_on": due_on, "amount_pence": pence })).collect::<Vec<_>>()
        });
        let answer = callers.officer.post("/v1/grants", &body).await;
        // An instalment long after the grant's end is taken for a slip of the pen.
        if answer.status == 422 && instalments.iter().any(|(due_on, _)| *due_on > to + Days::new(360)) {
            return;
        }
        let id = text(&answer.expect(201).body, "id");
        let mut parts: Vec<_> = instalments.iter().map(|(due_on, pence)| (*due_on, *due_on + Days::new(1), i128::from(*pence))).collect();
        if parts.is_empty() {
            parts.push((from, to, pence.into()));
        }
        self.grants.push(id.clone());
        self.note(today, Event::Grant { id, provider, parts });
    }
}

//! Shares that others pay of an arrangement: recorded, ended, taken back.

use super::{Account, Callers, text, whole};
use crate::model::books::costs::Terms;
use crate::model::books::{Event, Part};
use chrono::NaiveDate;
use serde_json::json;

impl Account {
    pub(super) async fn share_or_not(&mut self, callers: &Callers, today: NaiveDate) {
        let at = (!self.shares.is_empty()).then(|| self.dice.place(self.shares.len()));
        match (self.dice.between(0, 5), at) {
            (0, Some(at)) => {
                let (id, _) = self.shares.swap_remove(at);
                callers.officer.record(&format!("/v1/joint-fundings/{id}/reversal"), &json!({ "reason": "-" })).await;
                self.note(today, Event::Unshare { id });
            }
            (1 | 2, Some(at)) => {
                let (id, from) = self.shares[at].clone();
                let to = self.dice.day_near(today, 60, 60);
                let end = json!({ "valid_to": to, "reason": "-" });
                let answer = callers.officer.post(&format!("/v1/joint-fundings/{id}/end"), &end).await;
                // It ends after its start, on another day than before, and where no other share stands in the way.
                match answer.status {
                    409 | 422 => assert!(to <= from || answer.status == 409, "{}", answer.text),
                    _ => {
                        answer.expect(201);
                        self.note(today, Event::EndShare { id, to });
                    }
                }
            }
            _ => self.share(callers, today).await,
        }
    }

    async fn share(&mut self, callers: &Callers, today: NaiveDate) {
        if self.lines.is_empty() {
            return;
        }
        let arrangement = self.dice.pick(&self.lines).arrangement.clone();
        let funder = self.dice.pick(&self.funders).clone();
        let dice = &mut self.dice;
        let from = dice.day_near(today, 90, 60);
        let to = dice.one_in(2).then(|| dice.day_after(from, 300));
        let part = if dice.one_in(3) {
            let frequency = *dice.pick::<&'static str>(&["weekly", "four_weekly", "monthly", "per_year"]);
            // An amount is what one unit costs; a rate has a hundred parts a penny.
            Part::Amount(Terms { quantity: 1_000, frequency, rate: i128::from(dice.between(1, 20_000)) * 100, provider: None })
        } else {
            Part::Percentage(dice.between(1, 700_000).into())
        };
        let mut body = json!({
            "line_id": arrangement, "provider_id": funder, "budget_line": self.income_line, "valid_from": from, "valid_to": to,
            "agreement_reference": "JF-1", "reason": "-"
        });
        match &part {
            Part::Percentage(percentage) => body["percentage_ten_thousandths"] = json!(whole(*percentage)),
            Part::Amount(terms) => {
                body["amount_pence"] = json!(whole(terms.rate / 100));
                body["amount_frequency"] = json!(terms.frequency);
            }
        }
        let answer = callers.officer.post("/v1/joint-fundings", &body).await;
        if answer.status == 409 {
            // Together they would be more than all of it.
            return;
        }
        let id = text(&answer.expect(201).body, "funding_id");
        self.shares.push((id.clone(), from));
        self.note(today, Event::Share { id, arrangement, funder, part, from, to });
    }
}

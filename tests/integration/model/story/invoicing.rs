//! Invoices to funders, what arrives of them, and what is credited.

use super::{Account, Callers, text, whole};
use crate::model::books::{CREDITS_LOWER_WHAT_IS_EXPECTED, Event, day};
use crate::support::next_number;
use chrono::{Datelike, Months, NaiveDate};
use domain::FinancialYear;
use serde_json::{Value, json};

impl Account {
    pub(super) async fn invoice_or_go_on(&mut self, callers: &Callers, today: NaiveDate) {
        let bills = self.history.known_on(today).bills;
        let owing: Vec<(String, NaiveDate)> =
            bills.invoiced.iter().filter(|(id, _)| bills.owed(id) > 0).map(|(id, (on, _))| (id.clone(), *on)).collect();
        let received: Vec<String> = bills.received.keys().cloned().collect();
        match self.dice.between(0, 7) {
            0 | 1 if !owing.is_empty() => {
                let (bill, issued_on) = self.dice.pick(&owing).clone();
                let pence = self.dice.between(1, whole(bills.owed(&bill)));
                let on = self.dice.day_near(today, 10, 0).max(issued_on);
                let body = json!({ "amount_pence": pence, "received_on": on, "reference": "BACS 1" });
                let id = text(&callers.officer.record(&format!("/v1/health-invoices/{bill}/receipts"), &body).await, "id");
                self.note(today, Event::Receive { id, bill, on, pence: pence.into() });
            }
            2 if !received.is_empty() => {
                let id = self.dice.pick(&received).clone();
                callers.officer.record(&format!("/v1/health-receipts/{id}/reversal"), &json!({ "reason": "-" })).await;
                self.note(today, Event::Unreceive { id });
            }
            3 if !owing.is_empty() => {
                let (bill, _) = self.dice.pick(&owing).clone();
                let body = json!({ "number": format!("CN-{}", next_number()), "issued_on": today, "reason": "-" });
                let answer = callers.officer.post(&format!("/v1/health-invoices/{bill}/reversal"), &body).await;
                // Money that arrived, or a correction, stands in the way.
                if answer.status != 409 {
                    answer.expect(201);
                    let pence = bills.owed(&bill);
                    self.note(today, Event::Credit { bill, on: today, pence, conceded: Vec::new() });
                }
            }
            4 if !owing.is_empty() && CREDITS_LOWER_WHAT_IS_EXPECTED => self.concede(callers, today, &owing).await,
            _ => self.invoice(callers, today).await,
        }
    }

    /// A month that is over, as it is proposed.
    async fn invoice(&mut self, callers: &Callers, today: NaiveDate) {
        let funder = self.dice.pick(&self.funders).clone();
        let back = Months::new(self.dice.between(1, 9).unsigned_abs().try_into().unwrap());
        let from = (today.with_day(1).unwrap() - back).max(day("2023-04-01"));
        let to = from + Months::new(1);
        let asked = json!({ "provider_id": funder, "period_from": from, "period_to": to });
        let proposal = callers.officer.post("/v1/health-invoice-proposals", &asked).await.expect(200).body;
        let lines = proposal["lines"].as_array().unwrap().clone();
        self.compare_proposal(today, (from, to), &funder, &lines);
        if lines.is_empty() {
            return;
        }
        let body: Vec<Value> = lines
            .iter()
            .map(|line| {
                json!({
                    "funding_id": line["funding_id"], "period_from": line["period_from"], "period_to": line["period_to"],
                    "adjusts_line_id": line["adjusts_line_id"], "amount_pence": line["expected_pence"]
                })
            })
            .collect();
        let invoice = json!({ "number": format!("CHC-{}", next_number()), "provider_id": funder, "issued_on": today, "lines": body });
        let answer = callers.officer.post("/v1/health-invoices", &invoice).await;
        if [409, 422].contains(&answer.status) {
            // Other shares' invoices are to be put right first, or the invoice would ask for less than nothing.
            return;
        }
        let id = text(&answer.expect(201).body, "id");
        let lines = lines.iter().map(|line| {
            let month = line["period_from"].as_str().unwrap().parse::<NaiveDate>().unwrap().with_day(1).unwrap();
            (text(line, "funding_id"), month, i128::from(line["expected_pence"].as_i64().unwrap()))
        });
        let lines: Vec<_> = lines.collect();
        self.billed.extend(lines.iter().map(|(share, month, _)| (share.clone(), *month)));
        self.note(today, Event::Bill { id, on: today, lines });
    }

    /// Of a month that no invoice asked for, what is proposed of a share is what the share comes to in that month.
    fn compare_proposal(&self, today: NaiveDate, (from, to): (NaiveDate, NaiveDate), funder: &str, lines: &[Value]) {
        let known = self.history.known_on(today);
        let starts = FinancialYear::of(from).unwrap().starts_on();
        for share in known.shares.iter().filter(|share| share.funder == funder) {
            if self.billed.contains(&(share.id.clone(), from)) {
                continue;
            }
            let part = known.shares_by_month(&share.arrangement, starts).remove(&from).and_then(|mut month| month.remove(&share.id));
            let own = lines.iter().filter(|line| line["funding_id"] == share.id.as_str() && line["kind"] == "charge");
            let proposed: i128 = own.map(|line| i128::from(line["expected_pence"].as_i64().unwrap())).sum();
            assert_eq!(proposed, part.map_or(0, |(_, pence)| pence), "{share:?} from {from} to {to}: {lines:#?} {}", self.said());
        }
    }

    /// A credit note that says that some of a line will not come.
    async fn concede(&mut self, callers: &Callers, today: NaiveDate, owing: &[(String, NaiveDate)]) {
        let (bill, _) = self.dice.pick(owing).clone();
        let read = callers.officer.get(&format!("/v1/health-invoices/{bill}")).await.expect(200).body;
        let line = read["lines"].as_array().unwrap()[0].clone();
        let most = line["amount_pence"].as_i64().unwrap();
        if most < 1 || !line["adjusts_line_id"].is_null() {
            return;
        }
        let pence = self.dice.between(1, most);
        let cause = *self.dice.pick(&["dispute", "error"]);
        let body = json!({
            "number": format!("CN-{}", next_number()), "cause": cause, "issued_on": today, "reason": "-",
            "lines": [{ "line_id": line["id"], "amount_pence": pence }]
        });
        let answer = callers.officer.post(&format!("/v1/health-invoices/{bill}/credit-notes"), &body).await;
        if [409, 422].contains(&answer.status) {
            return;
        }
        answer.expect(201);
        let month = line["period_from"].as_str().unwrap().parse::<NaiveDate>().unwrap().with_day(1).unwrap();
        let conceded = vec![(text(&line, "funding_id"), month, pence.into())];
        self.note(today, Event::Credit { bill, on: today, pence: pence.into(), conceded });
    }
}

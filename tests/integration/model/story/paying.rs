//! Payments and receipts as a ledger's files bring them, what they are said to be for, and what is released.

use super::{Account, Callers, FIRST_POSTED, Paid, text};
use crate::model::books::{Event, INCOME_IS_RELEASED, Scope, Side, day};
use crate::support::TestApp;
use chrono::{Days, NaiveDate};
use db::schema::ledger_entries;
use db::{Actor, Event as Audit, new_id};
use diesel::prelude::*;
use domain::FinancialYear;
use serde_json::json;

/// An entry of the ledger.
struct Posted<'p> {
    budget_line: &'p str,
    year: FinancialYear,
    posted_on: NaiveDate,
    /// As the ledger has it: income negative.
    pence: i64,
    provider: Option<&'p String>,
    order: Option<&'p String>,
}

impl Account {
    /// Payments and credits, in part or in full; some of them from funders.
    pub(super) fn pay(&mut self, app: &TestApp, today: NaiveDate) {
        for _ in 0..self.dice.between(1, 4) {
            let posted_on = self.dice.day_near(today, 45, 0);
            if posted_on < day(FIRST_POSTED) {
                continue;
            }
            let dice = &mut self.dice;
            let side = if dice.one_in(4) { Side::Income } else { Side::Cost };
            let pence = if dice.one_in(6) { -dice.between(1, 40_000) } else { dice.between(1, 90_000) };
            let of_nobody = dice.one_in(4);
            let provider = match side {
                Side::Cost => dice.pick(&self.providers),
                Side::Income => dice.pick(&self.funders),
            };
            let provider = Some(provider.clone()).filter(|_| !of_nobody);
            let order = (side == Side::Cost && dice.one_in(4)).then(|| dice.pick(&self.order_numbers).clone());
            let mut year = FinancialYear::of(posted_on).unwrap();
            while self.closed.contains(&year) {
                year = year.next().unwrap();
            }
            let (budget_line, sign) = if side == Side::Cost { (&self.budget_line, 1) } else { (&self.income_line, -1) };
            let posted = Posted { budget_line, year, posted_on, pence: sign * pence, provider: provider.as_ref(), order: order.as_ref() };
            let id = post(app, &posted);
            self.payments.push(Paid { id: id.clone(), year, match_id: None, is_income: side == Side::Income });
            self.note(today, Event::Pay { id, side, posted_on, pence: pence.into(), provider, order });
        }
    }

    pub(super) async fn take_back(&mut self, callers: &Callers, today: NaiveDate) {
        let at = self.dice.place(self.payments.len());
        let paid = self.payments.swap_remove(at);
        let taken = callers.officer.record(&format!("/v1/ledger-entries/{}/reversal", paid.id), &json!({ "reason": "-" })).await;
        self.note(today, Event::TakeBack { id: paid.id, by: text(&taken["reversal"], "id") });
    }

    pub(super) async fn match_or_unmatch(&mut self, callers: &Callers, today: NaiveDate) {
        let at = self.dice.place(self.payments.len());
        let paid = self.payments[at].clone();
        if self.closed.contains(&paid.year) {
            return;
        }
        if let Some(match_id) = paid.match_id {
            callers.officer.record(&format!("/v1/ledger-matches/{match_id}/reversal"), &json!({ "reason": "-" })).await;
            self.payments[at].match_id = None;
            return self.note(today, Event::Unmatch { payment: paid.id });
        }
        let is_for_none = paid.is_income || self.lines.is_empty() || self.dice.one_in(5);
        let line = (!is_for_none).then(|| self.dice.pick(&self.lines).clone());
        let body = match &line {
            Some(line) => json!({ "line_id": line.id, "reason": "-" }),
            None => json!({ "not_for_a_package": true, "reason": "-" }),
        };
        let matched = callers.officer.record(&format!("/v1/ledger-entries/{}/match", paid.id), &body).await;
        self.payments[at].match_id = Some(text(&matched, "id"));
        self.note(today, Event::Match { payment: paid.id, arrangement: line.map(|line| line.arrangement) });
    }

    pub(super) async fn release_or_not(&mut self, callers: &Callers, today: NaiveDate) {
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
        if self.closed.contains(&year) {
            return;
        }
        let side = if INCOME_IS_RELEASED && self.dice.one_in(4) { Side::Income } else { Side::Cost };
        let (mut provider, mut line) = (None, None);
        match (self.dice.between(0, 2), side) {
            (0, Side::Cost) => provider = Some(self.dice.pick(&self.providers[..2]).clone()),
            (0, Side::Income) => provider = Some(self.dice.pick(&self.funders).clone()),
            (1, Side::Cost) if !self.lines.is_empty() => line = Some(self.dice.pick(&self.lines).clone()),
            _ => {}
        }
        let budget_line = if side == Side::Cost { &self.budget_line } else { &self.income_line };
        let body = json!({
            "year": year, "budget_line": budget_line, "up_to": up_to, "reason": "-", "provider_id": provider,
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
        self.note(today, Event::Release { id: self.release_count, side, scope, up_to });
    }
}

/// A ledger entry as if a file had brought it; answers with its id.
fn post(app: &TestApp, posted: &Posted<'_>) -> String {
    let id = new_id();
    let done: Result<(), db::Error> = app.store.write(&Actor::system("test"), |write| {
        diesel::insert_into(ledger_entries::table)
            .values((
                (ledger_entries::id.eq(&id), ledger_entries::source.eq("test")),
                (ledger_entries::line_hash.eq(&id), ledger_entries::occurrence.eq(1_i64)),
                (ledger_entries::posted_on.eq(posted.posted_on), ledger_entries::year.eq(posted.year.as_str())),
                (ledger_entries::budget_line.eq(posted.budget_line), ledger_entries::provider_id.eq(posted.provider)),
                ledger_entries::purchase_order.eq(posted.order),
                (ledger_entries::amount_pence.eq(posted.pence), ledger_entries::reason.eq("imported")),
                (ledger_entries::recorded_by.eq("test"), ledger_entries::recorded_at.eq(write.at)),
                ledger_entries::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
        write.record(Audit::new("import", "ledger_entries", &id))
    });
    done.unwrap();
    id
}

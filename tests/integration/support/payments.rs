//! Payments as if ledger files had brought them, and lines that cost a round sum a day.

use super::{Client, TestApp};
use chrono::NaiveDate;
use db::schema::ledger_entries;
use db::{Actor, Event, new_id};
use diesel::prelude::*;
use domain::FinancialYear;
use serde_json::{Value, json};

/// A payment to enter.
#[derive(Clone, Copy)]
pub struct Paid<'p> {
    pub budget_line: &'p str,
    pub posted_on: &'p str,
    pub pence: i64,
    pub provider: Option<&'p str>,
    pub order: Option<&'p str>,
}

/// A payment for home care.
pub fn home_care(posted_on: &str, pence: i64) -> Paid<'_> {
    Paid { budget_line: "home_care", posted_on, pence, provider: None, order: None }
}

impl<'p> Paid<'p> {
    /// To a provider.
    pub fn to(self, provider: &'p str) -> Self {
        Paid { provider: Some(provider), ..self }
    }

    /// On an order.
    pub fn on(self, order: &'p str) -> Self {
        Paid { order: Some(order), ..self }
    }
}

/// Enters a payment in the year of its day; answers with the entry's id.
pub fn pay(app: &TestApp, paid: Paid<'_>) -> String {
    let id = new_id();
    let day: NaiveDate = paid.posted_on.parse().unwrap();
    let done: Result<(), db::Error> = app.store.write(&Actor::system("test"), |write| {
        diesel::insert_into(ledger_entries::table)
            .values((
                (ledger_entries::id.eq(&id), ledger_entries::source.eq("test"), ledger_entries::line_hash.eq(&id)),
                (ledger_entries::occurrence.eq(1_i64), ledger_entries::posted_on.eq(day)),
                ledger_entries::year.eq(FinancialYear::of(day).expect("a year")),
                (ledger_entries::budget_line.eq(paid.budget_line), ledger_entries::amount_pence.eq(paid.pence)),
                (ledger_entries::provider_id.eq(paid.provider), ledger_entries::purchase_order.eq(paid.order)),
                (ledger_entries::reason.eq("imported"), ledger_entries::recorded_by.eq("test")),
                (ledger_entries::recorded_at.eq(write.at), ledger_entries::recorded_seq.eq(write.seq())),
            ))
            .execute(write.connection)?;
        write.record(Event::new("import", "ledger_entries", &id))
    });
    done.unwrap();
    id
}

/// A purchase order of an arrangement.
pub fn order(app: &TestApp, number: &str, package: &str, line: &str, provider: &str) {
    let (id, own) = (new_id(), new_id());
    app.sql(&format!(
        "INSERT INTO purchase_orders (id, number, package_id, provider_id, cost_centre, expense_code, raised_on, recorded_by, recorded_at, \
         recorded_seq) VALUES ('{id}', '{number}', '{package}', '{provider}', 'CWD30', '6401', '2024-04-01', 'test', '2024-04-01 09:00:00', 1)"
    ))
    .unwrap();
    app.sql(&format!(
        "INSERT INTO purchase_order_lines (id, purchase_order_id, line_id, recorded_at, recorded_seq) \
         VALUES ('{own}', '{id}', '{line}', '2024-04-01 09:00:00', 1)"
    ))
    .unwrap();
}

impl Client {
    /// A package with one home care line of so many pence a day for 365 days of 2024-25, by a provider; answers with both ids.
    pub async fn daily(&self, provider: Option<&str>, pence_a_day: i64) -> (String, String) {
        self.daily_between(provider, pence_a_day * 365, "2024-04-01", "2025-04-01").await
    }

    /// The same with a full year's cost and dates.
    pub async fn daily_between(&self, provider: Option<&str>, full_year_pence: i64, from: &str, to: &str) -> (String, String) {
        let package = self.package().await;
        let line = json!({
            "package_id": package, "service": "home_care", "budget_line": "home_care", "provider_id": provider, "unit": "item",
            "quantity_thousandths": 1000, "frequency": "per_year", "unit_rate_ten_thousandths": full_year_pence * 100, "valid_from": from,
            "valid_to": to, "reason": "Agreed"
        });
        let line = self.record("/v1/package-lines", &line).await["line_id"].as_str().unwrap().to_owned();
        (package, line)
    }

    /// A package's commitments of a year: planned, paid, released and open.
    pub async fn commitments(&self, package: &str, year: &str) -> [i64; 4] {
        let read = self.get(&format!("/v1/packages/{package}/commitments?year={year}")).await.expect(200).body;
        ["planned_pence", "paid_pence", "released_pence", "open_pence"].map(|field| {
            let sum: i64 = read["weeks"].as_array().unwrap().iter().map(|week| week[field].as_i64().unwrap()).sum();
            assert_eq!(read[field], sum, "{field} adds up");
            sum
        })
    }

    /// What a budget line has in a year.
    pub async fn control(&self, year: &str, budget_line: &str) -> Value {
        let read = self.get(&format!("/v1/budget-control?year={year}&budget_line={budget_line}&with_pending=true")).await.expect(200).body;
        read["items"][0].clone()
    }

    /// A financial year, opened.
    pub async fn opened(&self, year: &str) {
        self.record("/v1/financial-years", &json!({ "year": year })).await;
    }

    /// A movement of a budget on the year's first day.
    pub async fn moved(&self, year: &str, budget_line: &str, kind: &str, pence: i64) {
        let movement = json!({
            "year": year, "budget_line": budget_line, "kind": kind, "amount_pence": pence, "effective_on": format!("{}-04-01", &year[..4]),
            "reason": "Budget Council"
        });
        self.record("/v1/budget-movements", &movement).await;
    }
}

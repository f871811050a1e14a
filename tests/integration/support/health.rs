//! A package that health shares, to invoice.

use super::{Answer, Client, TestApp};
use domain::Role;
use serde_json::{Value, json};

/// A line of £10 a day from 1 April 2024, of which a funder pays half.
pub struct Health {
    /// A finance officer.
    pub finance: Client,
    /// Who may do everything.
    pub anyone: Client,
    pub funder: String,
    pub package: String,
    pub line: String,
    pub funding: String,
}

impl Health {
    pub async fn of(app: &TestApp) -> Self {
        let (finance, anyone) = (app.as_role(Role::FinanceOfficer), app.as_anyone().await);
        let (funder, package) = (anyone.provider("other_public").await, anyone.package().await);
        let line = ten_pounds_a_day(&anyone, &package, "2024-04-01").await;
        app.confirmed(&line);
        let mut health = Health { finance, anyone, funder, package, line, funding: String::new() };
        health.funding = health.share(&json!({ "percentage_ten_thousandths": 500_000 })).await;
        health
    }

    /// Another share of the line by the same funder, with these fields beside or instead of the usual ones; answers with its id.
    pub async fn share(&self, fields: &Value) -> String {
        let made = self.finance.record("/v1/joint-fundings", &self.new_share(fields)).await;
        made["funding_id"].as_str().unwrap().to_owned()
    }

    /// A share to record.
    pub fn new_share(&self, fields: &Value) -> Value {
        let mut new = json!({
            "line_id": self.line, "provider_id": self.funder, "budget_line": "chc_income", "valid_from": "2024-04-01",
            "agreement_reference": "JF-2024-017", "reason": "Continuing care panel"
        });
        for (field, value) in fields.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    }

    /// A line of an invoice.
    pub fn charge(&self, from: &str, to: &str, pence: i64) -> Value {
        json!({ "funding_id": self.funding, "period_from": from, "period_to": to, "amount_pence": pence })
    }

    /// An invoice to issue.
    pub fn new_invoice(&self, number: &str, issued_on: &str, lines: &[Value]) -> Value {
        json!({ "number": number, "provider_id": self.funder, "issued_on": issued_on, "lines": lines })
    }

    /// Issues an invoice.
    pub async fn invoice(&self, number: &str, issued_on: &str, lines: &[Value]) -> Value {
        self.finance.record("/v1/health-invoices", &self.new_invoice(number, issued_on, lines)).await
    }

    /// An invoice of £150.00 for April 2024, of 2 May.
    pub async fn april(&self) -> Value {
        self.invoice("CHC-0001", "2024-05-02", &[self.charge("2024-04-01", "2024-05-01", 15_000)]).await
    }

    /// What could be invoiced of some days.
    pub async fn proposal(&self, from: &str, to: &str) -> Value {
        let asked = json!({ "provider_id": self.funder, "period_from": from, "period_to": to });
        self.finance.post("/v1/health-invoice-proposals", &asked).await.expect(200).body
    }

    /// Does something to an invoice.
    pub async fn post(&self, invoice: &Value, what: &str, body: &Value) -> Answer {
        self.finance.post(&format!("/v1/health-invoices/{}/{what}", invoice["id"].as_str().unwrap()), body).await
    }

    /// Records what was received of an invoice.
    pub async fn receive(&self, invoice: &Value, pence: i64, on: &str) -> Answer {
        self.post(invoice, "receipts", &json!({ "amount_pence": pence, "received_on": on, "reference": "BACS 4417" })).await
    }

    /// An invoice as it stands.
    pub async fn read(&self, invoice: &Value) -> Value {
        self.finance.get(&format!("/v1/health-invoices/{}", invoice["id"].as_str().unwrap())).await.expect(200).body
    }

    /// Invoiced, credited, received, disputed, outstanding.
    pub async fn money(&self, invoice: &Value) -> [i64; 5] {
        let read = self.read(invoice).await;
        ["invoiced", "credited", "received", "disputed", "outstanding"].map(|name| read[format!("{name}_pence")].as_i64().unwrap())
    }
}

/// A line of a package from a day; answers with its id.
pub async fn ten_pounds_a_day(client: &Client, package: &str, from: &str) -> String {
    let new = json!({
        "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
        "frequency": "per_year", "unit_rate_ten_thousandths": 36_500_000, "valid_from": from, "reason": "Panel of 14 March 2024",
        "second_support_reason": "At other times"
    });
    client.record("/v1/package-lines", &new).await["line_id"].as_str().unwrap().to_owned()
}

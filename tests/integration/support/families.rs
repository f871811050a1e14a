//! Families that are paid directly, made over the API by a caller who may do everything.

use super::{Client, TestApp, instant, next_number};
use serde_json::{Value, json};

/// A family with an account.
pub struct Family {
    pub caller: Client,
    pub child: String,
    pub package: String,
    /// The first line of the arrangement.
    pub line: String,
    pub account: String,
    pub reference: String,
}

/// The steps that every profile of the tests demands.
pub const STEPS: [&str; 3] = ["agreement_signed", "bank_account_recorded", "dbs_seen"];

fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// A step as it is recorded, with what its kind needs.
pub fn step(kind: &str, taken_on: &str) -> Value {
    match kind {
        "bank_account_recorded" => {
            json!({ "kind": kind, "taken_on": taken_on, "bank_reference": "****4321", "payee_reference": "V-20417" })
        }
        "pause" | "close" => json!({ "kind": kind, "taken_on": taken_on, "reason": "In hospital" }),
        _ => json!({ "kind": kind, "taken_on": taken_on }),
    }
}

/// So many pounds a week of direct payments.
pub fn weekly(package: &str, pounds: i64, from: &str, to: Option<&str>) -> Value {
    json!({
        "package_id": package, "service": "personal_assistant", "budget_line": "direct_payments", "unit": "week",
        "quantity_thousandths": 1000, "frequency": "weekly", "unit_rate_ten_thousandths": pounds * 10_000, "valid_from": from,
        "valid_to": to, "reason": "Panel of 3 June 2024"
    })
}

impl Family {
    /// With an account from the line's first day, and nothing on record yet. £100 a week.
    pub async fn without_anything(app: &TestApp, from: &str, to: Option<&str>) -> Self {
        let caller = app.as_anyone().await;
        let child = caller.child().await;
        let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
        let package = id_of(&caller.record("/v1/packages", &package).await);
        let line = id_of(&caller.record("/v1/package-lines", &weekly(&package, 100, from, to)).await);
        let reference = format!("DP-{:04}", next_number());
        let account = json!({ "reference": reference, "line_id": line });
        let account = id_of(&caller.record("/v1/direct-payment-accounts", &account).await);
        Family { caller, child, package, line, account, reference }
    }

    /// As [`Family::without_anything`], with everything on record.
    pub async fn ready(app: &TestApp, from: &str, to: Option<&str>) -> Self {
        let family = Self::without_anything(app, from, to).await;
        for kind in STEPS {
            family.step(&step(kind, "2024-06-03")).await;
        }
        family
    }

    /// The path of something below the account.
    pub fn path(&self, below: &str) -> String {
        format!("/v1/direct-payment-accounts/{}/{below}", self.account)
    }

    /// Records a step.
    pub async fn step(&self, step: &Value) -> Value {
        self.caller.record(&self.path("steps"), step).await
    }

    /// The account's page.
    pub async fn page(&self) -> Value {
        self.caller.get(&format!("/v1/direct-payment-accounts/{}", self.account)).await.expect(200).body
    }

    /// Reverses one of the account's records.
    pub async fn reverse(&self, kind: &str, record: &Value) -> Value {
        let path = format!("/v1/direct-payment-{kind}/{}/reversal", record["id"].as_str().unwrap());
        self.caller.record(&path, &json!({ "reason": "By mistake" })).await
    }

    /// Makes a pay file.
    pub async fn export(&self, pay_on: &str) -> Value {
        self.caller.record("/v1/direct-payment-exports", &json!({ "pay_on": pay_on })).await
    }

    /// The text of a pay file.
    pub async fn file(&self, export: &Value) -> String {
        self.caller.get(&format!("/v1/direct-payment-exports/{}/file", export["id"].as_str().unwrap())).await.expect(200).text
    }

    /// Another rate from a day on, as a variation leaves it: the line ends and another carries the arrangement on.
    pub async fn another_rate(&self, app: &TestApp, pounds: i64, from: &str) {
        let end = json!({ "valid_to": from, "reason": "Another rate" });
        self.caller.record(&format!("/v1/package-lines/{}/end", self.line), &end).await;
        let id = db::new_id();
        let copied = "package_id, service, budget_line, unit, quantity_thousandths, frequency";
        app.sql(&format!(
            "INSERT INTO package_lines (id, line_id, version, {copied}, unit_rate_ten_thousandths, valid_from, state, reason, recorded_by, \
             recorded_at, recorded_seq, continues_line_id) SELECT '{id}', '{id}', 1, {copied}, {}, '{from}', 'recorded', '-', recorded_by, \
             recorded_at, recorded_seq, line_id FROM package_lines WHERE line_id = '{}' AND version = 1",
            pounds * 10_000,
            self.line
        ))
        .unwrap();
    }
}

/// Moves the clock to nine in the morning of a day.
pub fn go_to(app: &TestApp, day: &str) {
    app.clock.set(instant(&format!("{day}T09:00:00")));
}

/// Whether a page's payments, made and planned, and what is to be adjusted add up to a sum.
#[track_caller]
pub fn assert_adds_up(page: &Value, pence: i64) {
    let sum = |list: &str| page[list].as_array().unwrap().iter().map(|row| row["amount_pence"].as_i64().unwrap()).sum::<i64>();
    let total: i64 = ["schedule", "set_up_payments", "adjustments", "outstanding_adjustments"].into_iter().map(sum).sum();
    assert_eq!(total, pence, "{page:#}");
}

//! Families that are paid directly, made over the API: one caller records, a manager confirms what was recorded, and another pays.

use super::people::Person;
use super::{Answer, Client, TestApp, instant, next_number};
use domain::Role;
use serde_json::{Value, json};

/// A family with an account.
pub struct Family {
    /// Records the line, the account and its steps.
    pub caller: Client,
    /// Makes the pay files.
    pub payer: Client,
    /// A service unit manager, who confirms lines.
    pub manager: Person,
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
        "valid_to": to, "reason": "Panel of 3 June 2024", "second_support_reason": "At other times"
    })
}

impl Family {
    /// With an account from the line's first day. £100 a week, which nobody has agreed.
    pub async fn unconfirmed(app: &TestApp, from: &str, to: Option<&str>) -> Self {
        let caller = app.as_anyone().await;
        let child = caller.child().await;
        let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
        let package = id_of(&caller.record("/v1/packages", &package).await);
        let line = id_of(&caller.record("/v1/package-lines", &weekly(&package, 100, from, to)).await);
        Self::paid_for(app, caller, (child, package, line)).await
    }

    /// With an account for a line of a child's package.
    pub async fn paid_for(app: &TestApp, caller: Client, (child, package, line): (String, String, String)) -> Self {
        let manager = app.person(Role::Manager);
        app.person(Role::Administrator).client.holding("service_unit_manager", &manager.id).await;
        let payer = app.as_anyone().await;
        let reference = format!("DP-{:04}", next_number());
        let account = json!({ "reference": reference, "line_id": line });
        let account = id_of(&caller.record("/v1/direct-payment-accounts", &account).await);
        Family { caller, payer, manager, child, package, line, account, reference }
    }

    /// As [`Family::unconfirmed`], with the line confirmed, and no step on record yet.
    pub async fn without_anything(app: &TestApp, from: &str, to: Option<&str>) -> Self {
        let family = Self::unconfirmed(app, from, to).await;
        family.confirm(&family.line, 1).await;
        family
    }

    /// As [`Family::without_anything`], with everything on record.
    pub async fn ready(app: &TestApp, from: &str, to: Option<&str>) -> Self {
        let family = Self::without_anything(app, from, to).await;
        family.all_steps().await;
        family
    }

    /// Records every step that is demanded.
    pub async fn all_steps(&self) {
        for kind in STEPS {
            self.step(&step(kind, "2024-06-03")).await;
        }
    }

    /// The manager confirms a version of a line.
    pub async fn confirm(&self, line: &str, version: i64) -> Value {
        confirm(&self.manager.client, "service_unit_manager", line, version).await.expect(201).body
    }

    /// What a pay file by a caller says: the accounts paid, and what this one lacks if it was left out or is refused.
    pub async fn paid_by(&self, payer: &Client, pay_on: &str) -> (i64, Vec<String>) {
        let answer = payer.post("/v1/direct-payment-exports", &json!({ "pay_on": pay_on })).await;
        if answer.status == 201 {
            let mut left_out =
                answer.body["left_out"].as_array().unwrap().iter().filter(|left| left["account_id"] == self.account.as_str());
            let missing = left_out.next().map_or_else(Vec::new, |left| left["missing"].as_array().unwrap().clone());
            let words = missing.iter().map(|word| word.as_str().unwrap().to_owned()).collect();
            return (answer.body["accounts"].as_i64().unwrap(), words);
        }
        let refused = answer.expect_problem(409, "not_ready");
        let said = refused.body["errors"].as_array().unwrap().iter().map(|error| error["detail"].as_str().unwrap().to_owned());
        let own = said.filter_map(|said| said.strip_prefix(&format!("account {} lacks ", self.reference)).map(str::to_owned));
        (0, own.flat_map(|words| words.split(", ").map(str::to_owned).collect::<Vec<_>>()).collect())
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
        self.payer.record("/v1/direct-payment-exports", &json!({ "pay_on": pay_on })).await
    }

    /// The text of a pay file.
    pub async fn file(&self, export: &Value) -> String {
        self.caller.get(&format!("/v1/direct-payment-exports/{}/file", export["id"].as_str().unwrap())).await.expect(200).text
    }

    /// Another rate from a day on, as a variation leaves it: the line ends and another carries the arrangement on, which is confirmed.
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
        self.confirm(&id, 1).await;
    }
}

/// Confirms a version of a line in a post, or tries to; one that is paid to a family from its first day on.
pub async fn confirm(client: &Client, post: &str, line: &str, version: i64) -> Answer {
    let versions = client.get(&format!("/v1/package-lines/{line}")).await.body["versions"].clone();
    let last = versions.as_array().and_then(|versions| versions.last().cloned()).unwrap_or_default();
    let paid_from = Some(last["valid_from"].clone()).filter(|_| last["budget_line"] == "direct_payments");
    confirm_from(client, post, line, version, &paid_from.unwrap_or_default()).await
}

/// Confirms a version of a line in a post, paid from a day on, or tries to.
pub async fn confirm_from(client: &Client, post: &str, line: &str, version: i64, paid_from: &Value) -> Answer {
    let body = json!({ "post": post, "version": version, "paid_from": paid_from, "reason": "Panel of 14 March 2023" });
    client.post(&format!("/v1/package-lines/{line}/confirmations"), &body).await
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

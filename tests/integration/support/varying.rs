//! Lines that are varied: proposing, agreeing, and what a package then has.

use super::people::{People, Person, id_of};
use super::{Answer, Client};
use serde_json::{Value, json};

/// A line of a package as tests compare it: its days, and what a full year of it costs in pence.
pub type Days = (String, Option<String>, i64);

/// A variation to record.
pub fn variation(line: &str, kind: &str, from: &str, more: Value) -> Value {
    let mut body = json!({ "line_id": line, "kind": kind, "valid_from": from, "reason": "Spoken about at the review" });
    more.as_object().unwrap().iter().for_each(|(field, value)| body[field] = value.clone());
    body
}

/// A new rate of a line that is bought once a year, so that it costs this many pence.
pub fn rate(pence: i64) -> Value {
    json!({ "unit_rate_ten_thousandths": pence * 100 })
}

/// A line's days as tests name them.
pub fn days(from: &str, to: Option<&str>, pence: i64) -> Days {
    (from.to_owned(), to.map(str::to_owned), pence)
}

impl Client {
    /// Agrees a variation, or tries to.
    pub async fn agree_variation(&self, variation: &str) -> Answer {
        self.post(&format!("/v1/package-variations/{variation}/agreement"), &json!({})).await
    }

    /// The lines of a package as known now, in order of their days; a line bought once a year costs its rate.
    pub async fn line_days(&self, package: &str) -> Vec<Days> {
        let lines = self.get(&format!("/v1/package-lines?package_id={package}")).await.expect(200).body;
        let of = |line: &Value| {
            let text = |field: &str| line[field].as_str().map(str::to_owned);
            let pence = line["unit_rate_ten_thousandths"].as_i64().unwrap() * line["quantity_thousandths"].as_i64().unwrap() / 100_000;
            // A line that ends by age alone is one without an end.
            (text("valid_from").unwrap(), text("valid_to").filter(|ends| line["ends_by_age_on"] != ends.as_str()), pence)
        };
        let mut days: Vec<Days> = lines["items"].as_array().unwrap().iter().map(of).collect();
        days.sort();
        days
    }

    /// The line of a package that is in force on a day.
    pub async fn line_on(&self, package: &str, day: &str) -> String {
        let lines = self.get(&format!("/v1/package-lines?package_id={package}&as_at={day}")).await.expect(200).body;
        let items = lines["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{lines}");
        items[0]["line_id"].as_str().unwrap().to_owned()
    }
}

impl People {
    /// Proposes a variation; answers with its id.
    pub async fn proposed(&self, body: &Value) -> String {
        id_of(&self.support.client.record("/v1/package-variations", body).await)
    }

    /// Proposes a variation, which a post then agrees; answers with it.
    pub async fn varied(&self, post: &str, body: &Value) -> Value {
        let variation = self.proposed(body).await;
        self.post(post).client.agree_variation(&variation).await.expect(201).body
    }

    /// Tries to propose a variation.
    pub async fn try_to_vary(&self, body: &Value) -> Answer {
        self.support.client.post("/v1/package-variations", body).await
    }

    /// A package of a child of its own with a line since 1 April 2023 of so many pence a year; answers with both.
    pub async fn line_of(&self, pence: i64) -> (String, String) {
        let child = self.child().await;
        let package = self.package_of(&child).await;
        let line = self.package_line(&package, super::people::in_force(pence)).await;
        (package, line)
    }

    /// Who may agree a variation.
    pub async fn variation_authority(&self, variation: &str) -> super::people::Authority {
        let path = format!("/v1/package-variations/{variation}/authority");
        let mut explained = self.support.client.get(&path).await.expect(200).body;
        explained["total_pence"] = explained["total_after_pence"].clone();
        super::people::Authority(explained)
    }
}

impl Person {
    /// Refuses a variation.
    pub async fn refuse_variation(&self, variation: &str) -> Answer {
        let body = json!({ "reason": "The panel hears it with the review" });
        self.client.post(&format!("/v1/package-variations/{variation}/refusal"), &body).await
    }
}

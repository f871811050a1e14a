//! Lists of lines to confirm, and what waits to be confirmed.

use super::Client;
use super::people::with;
use serde_json::{Value, json};

pub const SUM: &str = "service_unit_manager";
pub const HEAD: &str = "head_of_service";
/// Where a list is confirmed.
pub const LIST: &str = "/v1/package-line-confirmations";
pub const PREVIEW: &str = "/v1/package-line-confirmation-previews";

/// The list as a post would confirm it.
pub async fn previewed(client: &Client, post: &str, items: &[Value]) -> (Value, Value) {
    let list = json!({ "post": post, "items": items });
    let seen = client.post(PREVIEW, &list).await.expect(200).body;
    let signed = with(with(list, "preview_sha256", seen["preview_sha256"].clone()), "reason", "The list of 2 April");
    (seen, signed)
}

pub fn item(line: &str, version: i64) -> Value {
    json!({ "line_id": line, "version": version })
}

/// How many wait, and what is told apart of a budget line's commitment.
pub async fn told_apart(client: &Client) -> (usize, i64, i64) {
    let waiting = client.get("/v1/unconfirmed-package-lines").await.expect(200).body["items"].as_array().unwrap().len();
    let control = client.get("/v1/budget-control?year=2024-25&budget_line=targeted_outreach").await.expect(200).body["items"][0].clone();
    (waiting, control["open_commitment_pence"].as_i64().unwrap(), control["unconfirmed_pence"].as_i64().unwrap())
}

//! How packages that were in force already are brought over: recorded by business support, listed, and confirmed in lists by the posts that
//! are responsible for the children's totals. One that came in since still waits.

use super::caller::Caller;
use super::instant;
use super::office::{Office, items, text};
use super::panels::PEOPLE;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use db::Clock;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Direct payments are confirmed with their accounts, each from the day on which it is paid here.
const PAID_TO_FAMILIES: &str = "direct_payments";

/// The child whose new line nobody has confirmed, from when it is to run, and the day of recording.
const WAITING: (usize, &str, &str) = (140, "2025-04-07", "2025-01-09");

/// Confirms everything that waits, list by list: each by the first of the posts responsible.
pub async fn confirm<S, B>(office: &Office<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let lines = waiting(office.of("panel.support")?).await?;
    // Whoever is responsible is told by a preview; the lines are then listed by that.
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for some in lines.chunks(500) {
        let seen = preview(office, "service_unit_manager", some).await?;
        for item in items(&seen) {
            let line = json!({ "line_id": item["line_id"], "version": item["version"] });
            lists.entry(text(&item["posts"][0])).or_default().push(line);
        }
    }
    for (post, lines) in lists {
        for some in lines.chunks(500) {
            let seen = preview(office, &post, some).await?;
            let list = json!({
                "post": post, "items": some, "preview_sha256": seen["preview_sha256"],
                "reason": "Packages in force, agreed at panel; the minutes are in the archive"
            });
            office.of(holder(&post)?)?.post("/v1/package-line-confirmations", list).await?;
        }
    }
    Ok(())
}

/// Records a line that no decision brought, and that nobody has confirmed.
pub async fn one_waits<S, B>(office: &Office<'_, S>, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (child, from, on) = WAITING;
    clock.set(instant(on));
    let line = json!({
        "package_id": office.package(child).await?, "service": "targeted_outreach", "budget_line": "targeted_outreach",
        "provider_id": office.provider("stepping_out").await?, "unit": "hour", "quantity_thousandths": 2_000, "frequency": "weekly",
        "unit_rate_ten_thousandths": 198_000, "valid_from": from, "reason": "Taken over from the authority the family left"
    });
    office.of("panel.support")?.post("/v1/package-lines", line).await.map(drop)
}

async fn preview<S, B>(office: &Office<'_, S>, post: &str, lines: &[Value]) -> anyhow::Result<Value>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let list = json!({ "post": post, "items": lines });
    office.of(holder(post)?)?.answer("/v1/package-line-confirmation-previews", list).await
}

/// Who is in a post.
fn holder(post: &str) -> anyhow::Result<&'static str> {
    let found = PEOPLE.iter().find(|(_, _, own, _)| *own == Some(post));
    found.map(|(name, ..)| *name).with_context(|| format!("nobody is in the post {post}"))
}

/// Every line that waits and is not paid to a family.
async fn waiting<S, B>(caller: &Caller<'_, S>) -> anyhow::Result<Vec<Value>>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("/v1/unconfirmed-package-lines?limit=500{cursor}")).await?;
        let others = items(&page).filter(|line| line["budget_line"] != PAID_TO_FAMILIES);
        lines.extend(others.map(|line| json!({ "line_id": line["line_id"], "version": line["version"] })));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(lines),
        }
    }
}

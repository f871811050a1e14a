//! How the made-up authority commissions what its panel approved: the steps, the purchase orders, and what its providers must show.

use super::caller::Caller;
use super::ledger_files::coding;
use super::office::{Office, items, text};
use super::{authority, instant};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use chrono::{Days, Months, NaiveDate};
use db::Clock;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Each step that is recorded as such, and how many days after the approval it is taken.
const STEPS: [(&str, u64); 6] = [
    ("family_told", 0),
    ("outcome_sent", 0),
    ("profile_sent", 0),
    ("provider_found", 1),
    ("information_sharing_agreement", 5),
    ("paperwork_filed", 6),
];
/// So many days after it the order is raised.
const ORDERED_AFTER: u64 = 7;

/// From this approval on home care waits for its agreement with the agency, and with it for its order: on the list of drift and delay.
const STUCK: (&str, &str) = ("2024-12-12", "home_care");

/// Nothing that was approved from this day on has been begun.
const UNTOUCHED_FROM: &str = "2025-01-09";

/// Children with overnight respite, whose orders stand from the first year on.
const STANDING: std::ops::Range<usize> = 80..93;
const STANDING_RAISED: &str = "2023-06-05";

/// The provider whose evidence is not renewed, and the day on which it expires.
const EXPIRES: (&str, &str) = ("little_acorns", "2024-10-01");

/// Records that every provider has what the authority's profile asks for, before it takes a placement: nothing, where that asks for
/// nothing. One does not renew it.
pub async fn govern<S, B>(caller: &Caller<'_, S>, providers: &HashMap<&str, String>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let profile = caller.get("/v1/profile").await?;
    let asked = profile["commissioning"]["governance"]["items"].as_array().cloned().unwrap_or_default();
    let last: NaiveDate = super::TODAY.parse()?;
    for (code, ..) in authority::PROVIDERS {
        let id = providers.get(code).context("a provider is missing")?;
        let end: Option<NaiveDate> = if code == EXPIRES.0 { Some(EXPIRES.1.parse()?) } else { None };
        for item in &asked {
            let months = item["valid_for_months"].as_u64().and_then(|months| u32::try_from(months).ok());
            let mut from: NaiveDate = "2022-04-01".parse()?;
            loop {
                let renewed = months.map(|months| from + Months::new(months));
                let expires = renewed.into_iter().chain(end).min();
                let record = json!({
                    "item": item["code"], "status": "green", "evidence": format!("GOV-{code}-{}", from.format("%y%m")),
                    "valid_from": from, "expires_on": expires, "reason": "Returned and checked"
                });
                caller.post(&format!("/v1/providers/{id}/governance-records"), record).await?;
                match renewed.filter(|next| *next < last && end.is_none_or(|end| *next < end)) {
                    Some(next) => from = next,
                    None => break,
                }
            }
        }
    }
    Ok(())
}

/// Records the steps of every approval and its order, and the orders of overnight respite that no panel of the demonstration decided.
pub async fn record<S, B>(office: &Office<'_, S>, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let mut number = 0;
    clock.set(instant(STANDING_RAISED));
    for child in STANDING {
        let line = office.line(child, "overnight_stay", STANDING_RAISED).await?;
        number += 1;
        order(office, number, STANDING_RAISED, &line).await?;
    }
    let support = office.of("panel.support")?;
    let mut approved = Vec::new();
    for state in ["approved", "approved_in_part"] {
        let page = support.get(&format!("/v1/requests?state={state}&limit=500")).await?;
        for request in items(&page) {
            let standing = support.get(&format!("/v1/requests/{}/commissioning", text(&request["id"]))).await?;
            approved.push((text(&standing["approved_on"]), text(&request["reference"]), text(&request["child_id"]), standing));
        }
    }
    approved.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    for (approved_on, _, child_id, standing) in approved {
        if approved_on.as_str() < UNTOUCHED_FROM {
            number = commission(office, clock, &child_id, &standing, number).await?;
        }
    }
    Ok(())
}

/// Takes the steps of an approval that are missing; answers with the number of the last order.
async fn commission<S, B>(office: &Office<'_, S>, clock: &Clock, child_id: &str, standing: &Value, mut number: u32) -> anyhow::Result<u32>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let worker = text(&standing["worker_id"]);
    let caller = office.with_id(&worker)?;
    let approved_on: NaiveDate = text(&standing["approved_on"]).parse()?;
    let package = office.package_of(child_id).await?;
    let lines = caller.get(&format!("/v1/package-lines?package_id={package}")).await?;
    let carrying = |agreed: &Value| items(&lines).find(|line| !agreed.is_null() && line["request_line_id"] == *agreed);
    let asked = standing["steps"].as_array().into_iter().flatten().filter(|step| step["taken_on"].is_null());
    let mut missing: Vec<_> =
        asked.filter_map(|step| STEPS.iter().find(|(name, _)| step["step"] == *name).map(|(name, after)| (*after, *name, step))).collect();
    missing.sort_by_key(|(after, ..)| *after);
    let is_stuck =
        |line: Option<&Value>| approved_on.to_string().as_str() >= STUCK.0 && line.is_some_and(|line| line["service"] == STUCK.1);
    for (after, name, step) in missing {
        let line = carrying(&step["request_line_id"]);
        if name == "information_sharing_agreement" && is_stuck(line) {
            continue;
        }
        let day = approved_on + Days::new(after);
        clock.set(instant(&day.to_string()));
        let provider = line.filter(|_| name == "provider_found").map_or(Value::Null, |line| line["provider_id"].clone());
        let taken = json!({
            "step": name, "request_line_id": step["request_line_id"], "taken_on": day, "taken_by": worker, "provider_id": provider
        });
        caller.post(&format!("/v1/requests/{}/commissioning-steps", text(&standing["request_id"])), taken).await?;
    }
    let day = (approved_on + Days::new(ORDERED_AFTER)).to_string();
    clock.set(instant(&day));
    for step in standing["steps"].as_array().into_iter().flatten().filter(|step| step["step"] == "purchase_order") {
        if let Some(line) = carrying(&step["request_line_id"]).filter(|line| !is_stuck(Some(line))) {
            number += 1;
            order(office, number, &day, line).await?;
        }
    }
    Ok(number)
}

/// Raises the order for a package line.
async fn order<S, B>(office: &Office<'_, S>, number: u32, day: &str, line: &Value) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (cost_centre, expense_code) = coding(line["budget_line"].as_str().unwrap_or_default()).context("a line without coding")?;
    let order = json!({
        "number": format!("PO-{:07}", 4_410_000 + number), "package_id": line["package_id"], "provider_id": line["provider_id"],
        "cost_centre": cost_centre, "expense_code": expense_code, "raised_on": day, "line_ids": [line["line_id"]]
    });
    office.of("finance.officer")?.post("/v1/purchase-orders", order).await.map(drop)
}

//! A child of the made-up authority whose family moves next April, and what people still have to end for it.

use super::arrangements::of_budget_line;
use super::caller::Caller;
use super::{day, instant_of};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use db::Store;
use db::schema::{child_leavings, direct_payment_bounces};
use diesel::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The day it is told, and the first day without support, in the year after.
const TOLD_ON: &str = "2025-01-09";
const LEFT_ON: &str = "2025-04-14";
/// Of the families with direct payments.
const PLACE: usize = 25;

/// Records it.
pub async fn record<S, B>(store: &Store, caller: &Caller<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    store.clock().set(instant_of(day(TOLD_ON)));
    let families = of_budget_line(store, "direct_payments")?;
    let family = families.into_iter().filter(|line| line.valid_to.is_none_or(|ends| ends > day(LEFT_ON))).nth(PLACE);
    let family = family.context("so many families have direct payments")?;
    let leaving = json!({ "reason": "moved", "left_on": LEFT_ON });
    caller.post(&format!("/v1/children/{}/leaving", family.child_id), leaving).await.map(drop)
}

/// What is still to be ended, and what the bank returned, as people read it.
pub async fn tell<S, B>(store: &Store, caller: &Caller<'_, S>, text: &mut String) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (children, bounced): (Vec<String>, i64) = store.read(|connection| {
        let children = child_leavings::table.select(child_leavings::child_id).order(child_leavings::recorded_seq).load(connection)?;
        Ok::<_, db::Error>((children, direct_payment_bounces::table.count().get_result(connection)?))
    })?;
    writeln!(text, "  payments that came back   {bounced}")?;
    for child in children {
        let leaving = caller.get(&format!("/v1/children/{child}/leaving")).await?;
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for left in leaving["to_end"].as_array().into_iter().flatten() {
            *kinds.entry(left["kind"].as_str().unwrap_or_default().replace('_', " ")).or_default() += 1;
        }
        let open: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let day = leaving["left_on"].as_str().unwrap_or_default();
        writeln!(text, "  a child leaves            on {day}; still to be ended: {}", open.join(", "))?;
    }
    Ok(())
}

//! Nights away of the made-up authority's children: a stay a month, one child near the warning's threshold, and one above the limit with
//! what is booked.

use super::arrangements::{Arrangement, of_budget_line};
use super::caller::Caller;
use super::{day, instant_of};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use chrono::{Datelike, Days, Months, NaiveDate};
use db::Store;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The first month with stays, and how many have them: up to December 2024.
const FIRST_MONTH: &str = "2023-04-01";
const MONTHS: u32 = 21;
/// The day on which the month to come is booked.
const BOOKED_ON: &str = "2025-01-08";

/// Children with more nights a month than the others, by number.
const FIVE_NIGHTS: usize = 90;
const SIX_NIGHTS: usize = 92;
/// Whose last stay nobody has confirmed yet, and whose next one is cancelled.
const UNCONFIRMED: usize = 84;
const CANCELLED: usize = 86;

/// Records stays month by month. `head` acknowledges the first of two bookings that pass a limit; the second waits.
pub async fn record<S, B>(store: &Store, caller: &Caller<'_, S>, head: &Caller<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let lines = of_budget_line(store, "overnight_respite")?;
    let first: NaiveDate = day(FIRST_MONTH);
    for month in (0..MONTHS).map(|n| first + Months::new(n)) {
        store.clock().set(instant_of(month + Months::new(1) + Days::new(2)));
        let is_last = month + Months::new(1) > day("2024-12-31");
        for (child, _, mut stay) in stays(&lines, month) {
            if is_last && child == UNCONFIRMED {
                stay["state"] = json!("booked");
            }
            caller.post("/v1/stays", stay).await?;
        }
    }
    store.clock().set(instant_of(day(BOOKED_ON)));
    for (child, line, mut booking) in stays(&lines, day("2025-01-01")) {
        if booking["last_night"].as_str().is_some_and(|last| last >= BOOKED_ON) {
            booking["state"] = json!("booked");
        }
        let id = caller.post("/v1/stays", booking).await?;
        if child == CANCELLED {
            caller.post(&format!("/v1/stays/{id}/cancellation"), json!({ "reason": "The family will be away" })).await?;
        }
        if child == SIX_NIGHTS {
            // Above the limit with these, which so wait for the post that the profile names.
            let above = |first_night: &str, last_night: &str, reason: &str| {
                json!({
                    "child_id": line.child_id, "provider_id": line.provider_id, "line_id": line.line_id, "first_night": first_night,
                    "last_night": last_night, "reason": reason, "waits_for": ["rolling"]
                })
            };
            let week = caller.post("/v1/stays", above("2025-02-03", "2025-02-09", "A parent's operation")).await?;
            let why = "Nobody else can look after the child in this week; the plan is reviewed on 13 February";
            head.post(&format!("/v1/stays/{week}/acknowledgement"), json!({ "booking_id": week, "reason": why })).await?;
            caller.post("/v1/stays", above("2025-02-14", "2025-02-15", "A family wedding")).await?;
        }
    }
    Ok(())
}

/// The stays of a month, each with its child's number and the line that pays: one a child, whichever line is in force.
fn stays(lines: &[Arrangement], month: NaiveDate) -> Vec<(usize, &Arrangement, Value)> {
    let mut seen = HashSet::new();
    let of = |line| stay(line, month).map(|(child, stay)| (child, line, stay));
    lines.iter().filter_map(of).filter(|(child, ..)| seen.insert(*child)).collect()
}

/// A child's stay in a month, on the same days in every month, if the line is in force on them.
fn stay(line: &Arrangement, month: NaiveDate) -> Option<(usize, Value)> {
    let child = line.child()?;
    let nights = match child {
        FIVE_NIGHTS => 5,
        SIX_NIGHTS => 6,
        _ => line.quantity.0 / 1000,
    };
    let first_night = month.with_day(u32::try_from(child * 3 % 20).ok()? + 1)?;
    let last_night = first_night + Days::new(u64::try_from(nights).ok()?.checked_sub(1)?);
    let is_in_force = line.valid_from <= first_night && line.valid_to.is_none_or(|ends| ends > last_night);
    let stay = json!({
        "child_id": line.child_id, "provider_id": line.provider_id, "line_id": line.line_id, "first_night": first_night,
        "last_night": last_night, "state": "stayed", "reason": "As planned with the family"
    });
    is_in_force.then_some((child, stay))
}

//! What health pays of the made-up authority's packages: its shares, the quarterly invoices, and what became of them.

use super::arrangements::of_budget_line;
use super::caller::Caller;
use super::{day, instant_of};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use db::Store;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The body that pays: code and name.
pub const FUNDER: (&str, &str) = ("integrated_care_board", "Integrated Care Board");

/// Child, budget line, and what health pays of it in ten-thousandths of a per cent.
const SHARES: [(usize, &str, i64); 12] = [
    (80, "overnight_respite", 500_000),
    (81, "overnight_respite", 500_000),
    (82, "overnight_respite", 500_000),
    (83, "overnight_respite", 500_000),
    (84, "overnight_respite", 500_000),
    (85, "overnight_respite", 500_000),
    (86, "overnight_respite", 500_000),
    (87, "overnight_respite", 500_000),
    (92, "overnight_respite", 600_000),
    (33, "home_care", 250_000),
    (36, "home_care", 250_000),
    (39, "home_care", 250_000),
];

/// What becomes of an invoice after it is issued.
enum Course {
    /// Paid in full on that day.
    Paid(&'static str),
    /// A share of it, in hundredths, paid on that day.
    PaidInPart(i64, &'static str),
    /// A night too many was asked for; it is credited, and the rest paid, both on that day.
    Credited(&'static str),
    /// Its first line is disputed on the first day, which is rejected on the second, and all is paid then.
    DisputeRejected(&'static str, &'static str),
    /// Of the rest, so many hundredths were paid on the second day; the first line is disputed on the first.
    Disputed(&'static str, i64, &'static str),
    /// Not paid yet.
    Open,
}

/// An invoice: its number, for which budget line's packages, from when up to when, and the day of issue.
struct Invoice {
    number: &'static str,
    of: &'static str,
    days: (&'static str, &'static str),
    issued_on: &'static str,
    course: Course,
}

const fn invoice(
    number: &'static str,
    of: &'static str,
    days: (&'static str, &'static str),
    issued_on: &'static str,
    course: Course,
) -> Invoice {
    Invoice { number, of, days, issued_on, course }
}

const NIGHTS: &str = "overnight_respite";
const CARE: &str = "home_care";

/// Quarter by quarter; home care is invoiced by itself, and in the last year at other times.
const INVOICES: [Invoice; 14] = [
    invoice("CHC-2301", NIGHTS, ("2023-04-01", "2023-07-01"), "2023-07-05", Course::Paid("2023-07-31")),
    invoice("CHC-2302", CARE, ("2023-04-01", "2023-07-01"), "2023-07-05", Course::Paid("2023-08-02")),
    invoice("CHC-2303", NIGHTS, ("2023-07-01", "2023-10-01"), "2023-10-04", Course::DisputeRejected("2023-10-20", "2023-11-13")),
    invoice("CHC-2304", CARE, ("2023-07-01", "2023-10-01"), "2023-10-04", Course::Paid("2023-11-01")),
    invoice("CHC-2305", NIGHTS, ("2023-10-01", "2024-01-01"), "2024-01-04", Course::Paid("2024-02-05")),
    invoice("CHC-2306", CARE, ("2023-10-01", "2024-01-01"), "2024-01-04", Course::Paid("2024-02-05")),
    invoice("CHC-2307", NIGHTS, ("2024-01-01", "2024-04-01"), "2024-03-14", Course::Credited("2024-03-28")),
    invoice("CHC-2308", CARE, ("2024-01-01", "2024-04-01"), "2024-03-14", Course::Paid("2024-03-28")),
    invoice("CHC-2401", NIGHTS, ("2024-04-01", "2024-07-01"), "2024-07-04", Course::PaidInPart(80, "2024-08-05")),
    invoice("CHC-2402", CARE, ("2024-04-01", "2024-07-01"), "2024-07-04", Course::Paid("2024-08-05")),
    invoice("CHC-2403", NIGHTS, ("2024-07-01", "2024-10-01"), "2024-10-03", Course::Disputed("2024-10-21", 100, "2024-11-18")),
    invoice("CHC-2404", CARE, ("2024-07-01", "2024-10-01"), "2024-10-31", Course::PaidInPart(50, "2024-12-09")),
    invoice("CHC-2405", CARE, ("2024-10-01", "2024-12-01"), "2024-12-05", Course::Open),
    invoice("CHC-2406", NIGHTS, ("2024-10-01", "2025-01-01"), "2025-01-03", Course::Open),
];

/// What one night at the authority's own house costs, in pence.
const NIGHT: i64 = 31_200;

/// Records the shares, and then each invoice and what became of it.
pub async fn record<S, B>(store: &Store, caller: &Caller<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    store.clock().set(instant_of(day("2023-03-27")));
    let (code, name) = FUNDER;
    let funder = json!({ "code": code, "name": name, "sector": "other_public", "location": "in_borough" });
    let funder = caller.post("/v1/providers", funder).await?;
    let mut shares: Vec<(&str, String)> = Vec::new();
    for (number, (child, budget_line, share)) in (1..).zip(SHARES) {
        let lines = of_budget_line(store, budget_line)?;
        let line = lines
            .into_iter()
            .find(|line| line.is_first() && line.child() == Some(child))
            .with_context(|| format!("child {child} has no such line"))?;
        let share = json!({
            "line_id": line.line_id, "provider_id": funder, "budget_line": "chc_income", "percentage_ten_thousandths": share,
            "valid_from": line.valid_from.max(day("2023-04-01")), "agreement_reference": format!("JF-2023-{number:02}"),
            "reason": "Agreed by the continuing care panel"
        });
        shares.push((budget_line, caller.post("/v1/joint-fundings", share).await?));
    }
    for invoice in &INVOICES {
        let of: HashSet<&str> = shares.iter().filter(|(line, _)| *line == invoice.of).map(|(_, id)| id.as_str()).collect();
        let id = issue(store, caller, invoice, &funder, &of).await?;
        follow(store, caller, invoice, &id).await?;
    }
    // What was done is in the order of the invoices; the authority stands on its own day again.
    store.clock().set(instant_of(day(super::TODAY)));
    Ok(())
}

/// Issues what the system proposes for the days, of these shares.
async fn issue<S, B>(store: &Store, caller: &Caller<'_, S>, invoice: &Invoice, funder: &str, of: &HashSet<&str>) -> anyhow::Result<String>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    store.clock().set(instant_of(day(invoice.issued_on)));
    let asked = json!({ "provider_id": funder, "period_from": invoice.days.0, "period_to": invoice.days.1 });
    let proposal = caller.answer("/v1/health-invoice-proposals", asked).await?;
    let proposed = proposal["lines"].as_array().into_iter().flatten();
    let mut lines: Vec<Value> = proposed
        .filter(|line| line["kind"] == "charge" && line["funding_id"].as_str().is_some_and(|id| of.contains(id)))
        .map(|line| {
            json!({
                "funding_id": line["funding_id"], "period_from": line["period_from"], "period_to": line["period_to"],
                "amount_pence": line["expected_pence"]
            })
        })
        .collect();
    if let (Course::Credited(_), Some(line)) = (&invoice.course, lines.first_mut()) {
        line["amount_pence"] = json!(line["amount_pence"].as_i64().unwrap_or_default() + NIGHT);
        line["reason"] = json!("One night more than planned");
    }
    let new = json!({ "number": invoice.number, "provider_id": funder, "issued_on": invoice.issued_on, "lines": lines });
    caller.post("/v1/health-invoices", new).await
}

/// Records what became of an invoice.
async fn follow<S, B>(store: &Store, caller: &Caller<'_, S>, invoice: &Invoice, id: &str) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let on = |date: &str| store.clock().set(instant_of(day(date)));
    let path = |what: &str| format!("/v1/health-invoices/{id}/{what}");
    let issued = caller.get(&format!("/v1/health-invoices/{id}")).await?;
    let line = issued["lines"][0]["id"].clone();
    match invoice.course {
        Course::Open => {}
        Course::Paid(date) => {
            on(date);
            receive(caller, id, invoice.number, date, 100).await?;
        }
        Course::PaidInPart(hundredths, date) => {
            on(date);
            receive(caller, id, invoice.number, date, hundredths).await?;
        }
        Course::Credited(date) => {
            on(date);
            let note = json!({
                "number": format!("{}-C", invoice.number), "cause": "error", "issued_on": date, "reason": "The night was not stayed",
                "lines": [{ "line_id": line, "amount_pence": NIGHT }]
            });
            caller.post(&path("credit-notes"), note).await?;
            receive(caller, id, invoice.number, date, 100).await?;
        }
        Course::DisputeRejected(opened_on, resolved_on) => {
            let dispute = dispute(store, caller, &path("disputes"), opened_on, &line).await?;
            on(resolved_on);
            let outcome = json!({ "outcome": "rejected", "resolved_on": resolved_on, "reason": "The agreement covers these nights" });
            caller.post(&format!("/v1/health-disputes/{dispute}/resolution"), outcome).await?;
            receive(caller, id, invoice.number, resolved_on, 100).await?;
        }
        Course::Disputed(opened_on, hundredths, date) => {
            dispute(store, caller, &path("disputes"), opened_on, &line).await?;
            on(date);
            receive(caller, id, invoice.number, date, hundredths).await?;
        }
    }
    Ok(())
}

async fn dispute<S, B>(store: &Store, caller: &Caller<'_, S>, path: &str, opened_on: &str, line: &Value) -> anyhow::Result<String>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    store.clock().set(instant_of(day(opened_on)));
    let dispute = json!({ "opened_on": opened_on, "line_ids": [line], "reason": "Health's own records have fewer nights" });
    caller.post(path, dispute).await
}

/// Records that so many hundredths arrived of what is owed and not disputed.
async fn receive<S, B>(caller: &Caller<'_, S>, id: &str, number: &str, date: &str, hundredths: i64) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let stands = caller.get(&format!("/v1/health-invoices/{id}")).await?;
    let pence = |field: &str| stands[field].as_i64().unwrap_or_default();
    let owed = pence("outstanding_pence") - pence("disputed_pence");
    let receipt = json!({ "amount_pence": owed * hundredths / 100, "received_on": date, "reference": format!("ICB {number}") });
    caller.post(&format!("/v1/health-invoices/{id}/receipts"), receipt).await.map(drop)
}

//! How families' money, health's invoices, nights away and grants stand on the day: what the demonstration prints of them.

use super::TODAY;
use super::caller::Caller;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use domain::{FinancialYear, Pence};
use reports::DirectPaymentAccountRow;
use serde_json::Value;
use std::fmt::Write as _;

/// A few lines of text: what was paid to families, as the warehouse has it, and the rest as the API answers it.
pub async fn tell<S, B>(caller: &Caller<'_, S>, accounts: &[DirectPaymentAccountRow], year: FinancialYear) -> anyhow::Result<String>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let sum = |amount: fn(&DirectPaymentAccountRow) -> i64| Pence(accounts.iter().map(amount).sum());
    let mut text = String::new();
    writeln!(text, "\nPeople's money and nights, on {TODAY}")?;
    let (paid, planned, owed) = (sum(|row| row.paid_pence), sum(|row| row.planned_pence), sum(|row| row.owed_pence));
    writeln!(text, "  direct payments, {year:<8} {} accounts: paid {paid}, planned {planned}, owed by families {owed}", accounts.len())?;
    let debt = caller.get("/v1/health-invoices/aged-debt").await?["totals"].clone();
    write!(text, "  invoices to health        not yet due {}", pence(&debt["current_pence"]))?;
    for band in debt["overdue"].as_array().into_iter().flatten() {
        match (band["from_days"].as_i64().unwrap_or_default(), band["to_days"].as_i64()) {
            (from, Some(to)) => write!(text, ", {from} to {to} days late {}", pence(&band["pence"]))?,
            (from, None) => write!(text, ", over {} {}", from - 1, pence(&band["pence"]))?,
        }
    }
    writeln!(text, "; disputed {}", pence(&debt["disputed_pence"]))?;
    let warnings = caller.get("/v1/night-warnings?limit=500").await?;
    let passes = |warning: &&Value| !warning["rolling"]["passes_on"].is_null();
    let above = warnings["items"].as_array().into_iter().flatten().filter(passes).count();
    let waiting = caller.get("/v1/stays?waiting=true&state=booked&limit=500").await?["items"].as_array().map_or(0, Vec::len);
    let (warned, waits) = (&warnings["total"], if waiting == 1 { "booking waits" } else { "bookings wait" });
    writeln!(
        text,
        "  nights away               {warned} children warned of, {above} above the limit with what is booked; {waiting} {waits}"
    )?;
    let overdue = caller.get("/v1/grant-returns-due?overdue=true&limit=500").await?["items"].as_array().map_or(0, Vec::len);
    writeln!(text, "  returns of grants         {overdue} overdue")?;
    let waiting = caller.get("/v1/unconfirmed-package-lines").await?["by_budget_line"].clone();
    let lines: i64 = waiting.as_array().into_iter().flatten().filter_map(|row| row["lines"].as_i64()).sum();
    let are = if lines == 1 { "line waits" } else { "lines wait" };
    writeln!(text, "  packages                  {lines} {are} to be confirmed: nothing is ordered, booked or paid on what waits")?;
    Ok(text)
}

fn pence(value: &Value) -> Pence {
    Pence(value.as_i64().unwrap_or_default())
}

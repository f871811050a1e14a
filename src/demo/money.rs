//! The made-up authority's money, month by month: its ledger is loaded, what is odd in it is seen to, what will not be billed is
//! released, and the first year is closed.

use super::ledger_files::{self, LedgerFile, Odd};
use super::office::{Office, items, text};
use super::{TODAY, instant};
use crate::settings::Settings;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::{Context, bail};
use chrono::NaiveDate;
use db::{Actor, Store};
use domain::{FinancialYear, Pence, Profile};
use reports::{OutturnQuery, Which, budget_position, forecast_outturn};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// The year that is closed, on which day, and what of its budget is carried forward: budget line and pence.
const CLOSED: (&str, &str, &str, i64) = ("2023-24", "2024-05-31", "nursery", 150_000);

/// Before the close everything up to this day is released. March stays open: its last invoices come in the new year.
const RELEASED_BEFORE_CLOSE: &str = "2024-03-01";

/// What is released each month up to that month's first day: budget line, provider if not all of the line, and a day that is left out
/// since money is still to come for the days before it.
const RELEASED: [(&str, Option<&str>, Option<&str>); 8] = [
    ("nursery", None, None),
    ("community_short_breaks", None, None),
    ("targeted_outreach", None, None),
    ("overnight_respite", Some("willow_house"), None),
    // The rest of October's invoice is paid in November.
    ("overnight_respite", Some("harbour_lodge"), Some("2024-11-01")),
    ("home_care", Some("brightway_care"), None),
    // What was increased back to September is paid in October.
    ("home_care", Some("kestrel_care"), Some("2024-10-01")),
    ("direct_payments", None, None),
];

/// The day since which the printed forecast tells how it moved.
const MOVED_SINCE: &str = "2024-10-01";

/// Loads the ledger's files, each on its day, and does what the finance officer does with them.
pub async fn record<S, B>(office: &Office<'_, S>, settings: &Settings, store: &Store) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let folder = settings.data_dir.join("demo");
    let mapping = ledger::Mapping::parse(ledger_files::MAPPING)?;
    let closed_on: NaiveDate = CLOSED.1.parse()?;
    let mut is_open = true;
    for file in ledger_files::write(store, &settings.profile, &folder)? {
        if is_open && file.imported_on > closed_on {
            close(office, store).await?;
            is_open = false;
        }
        store.clock().set(file.imported_on.and_hms_opt(9, 0, 0).unwrap_or_default());
        let input = ledger::Input::new(&file.path);
        let report = ledger::import(store, &Actor::system("demo"), &mapping, &[input], ledger::Mode::Load, &mut |_| {})?;
        if report.total.files_refused > 0 {
            bail!("the demonstration's own ledger file {} was refused: {:?}", file.path.display(), report.files);
        }
        let file_id = report.files.first().and_then(|file| file.file_id.clone()).context("a file without an id")?;
        see_to(office, &file, &file_id).await?;
        release(office, &file).await?;
    }
    Ok(())
}

/// Closes the first year; nothing of it is entered any more.
async fn close<S, B>(office: &Office<'_, S>, store: &Store) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (year, day, budget_line, pence) = CLOSED;
    store.clock().set(instant(day));
    let closure = json!({ "carry_forward": [{ "budget_line": budget_line, "budget_pence": pence }], "reason": "Accounts closed" });
    office.of("finance.officer")?.post(&format!("/v1/financial-years/{year}/closure"), closure).await.map(drop)
}

/// Sees to what is odd in a file, as far as somebody has.
async fn see_to<S, B>(office: &Office<'_, S>, file: &LedgerFile, file_id: &str) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    if file.odd.is_empty() {
        return Ok(());
    }
    let finance = office.of("finance.officer")?;
    let entries = finance.get(&format!("/v1/ledger-entries?file_id={file_id}&limit=500")).await?;
    for (odd, document) in &file.odd {
        let entry =
            items(&entries).find(|entry| entry["reference"] == document.as_str()).with_context(|| format!("no entry {document}"))?;
        let path = format!("/v1/ledger-entries/{}", text(&entry["id"]));
        let (path, body) = match odd {
            Odd::Credit | Odd::Unexplained | Odd::InPart => continue,
            Odd::Twice => (format!("{path}/reversal"), json!({ "reason": "Paid twice; the provider has paid it back" })),
            Odd::NotForAPackage => {
                (format!("{path}/match"), json!({ "not_for_a_package": true, "reason": "An afternoon that was open to all" }))
            }
            Odd::OtherName(child) => {
                let line = office.line(*child, &text(&entry["budget_line"]), &file.month.to_string()).await?;
                let reason = "The agency's invoice, under its company name";
                (format!("{path}/match"), json!({ "line_id": line["line_id"], "reason": reason }))
            }
        };
        finance.post(&path, body).await?;
    }
    Ok(())
}

/// Releases what was not billed, and will not be.
async fn release<S, B>(office: &Office<'_, S>, file: &LedgerFile) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let year = FinancialYear::of(file.month)?;
    let is_last_of_closed = year.as_str() == CLOSED.0 && file.month == RELEASED_BEFORE_CLOSE.parse()?;
    if !is_last_of_closed && (year.as_str() == CLOSED.0 || file.month == year.starts_on()) {
        return Ok(());
    }
    let finance = office.of("finance.officer")?;
    for (budget_line, provider, left_out) in RELEASED {
        if left_out == Some(file.month.to_string().as_str()) {
            continue;
        }
        let mut released = json!({
            "year": year, "budget_line": budget_line, "up_to": file.month, "reason": "Everything up to then has been billed"
        });
        if let Some(code) = provider {
            released["provider_id"] = json!(office.provider(code).await?);
        }
        match finance.post("/v1/commitment-releases", released).await {
            // Where payments came to what was planned, nothing is open.
            Err(refused) if format!("{refused:#}").contains("there is nothing to release") => {}
            made => {
                made?;
            }
        }
    }
    Ok(())
}

/// What the year will come to by budget line, and how that moved.
pub fn tell_outturn(text: &mut String, warehouse: &Path, profile: &Profile, year: FinancialYear) -> anyhow::Result<()> {
    let since: NaiveDate = MOVED_SINCE.parse()?;
    let query = OutturnQuery { year, budget_lines: Vec::new(), as_known_on: None, since: Some(since) };
    let report = forecast_outturn(warehouse, &Which::Current, profile, &query)?;
    let budgets = budget_position(warehouse, &Which::Current, year)?.rows;
    let budgets: BTreeMap<&str, i64> = budgets.iter().map(|row| (row.budget_line.as_str(), row.amounts.budget_pence)).collect();
    let mut lines: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    let mut causes = [("new", 0), ("ended", 0), ("volume", 0), ("rate", 0), ("timing", 0), ("correction", 0), ("paid otherwise", 0)];
    for row in &report.rows {
        let own = lines.entry(&row.budget_line).or_default();
        for (sum, pence) in own.iter_mut().zip([row.actual_pence, row.committed_pence, row.pending_pence, row.forecast_pence]) {
            *sum += pence;
        }
        let moved = row.movement.unwrap_or_default();
        let by_cause = [
            moved.new_pence,
            moved.ended_pence,
            moved.volume_pence,
            moved.rate_pence,
            moved.timing_pence,
            moved.correction_pence,
            moved.payment_pence,
        ];
        for ((_, sum), pence) in causes.iter_mut().zip(by_cause) {
            *sum += pence;
        }
    }
    writeln!(text, "\nForecast outturn, {year}, on {TODAY}; pending: asked for or agreed, and not commissioned yet")?;
    writeln!(text, "  {:<24} {:>14} {:>14} {:>14} {:>14} {:>14}", "", "actual", "committed", "pending", "forecast", "budget")?;
    for (budget_line, [actual, committed, pending, forecast]) in lines {
        write!(text, "  {budget_line:<24}")?;
        for pence in [actual, committed, pending, forecast, budgets.get(budget_line).copied().unwrap_or_default()] {
            write!(text, " {:>14}", Pence(pence).to_string())?;
        }
        writeln!(text)?;
    }
    let total = causes.iter().map(|(_, pence)| pence).sum();
    let causes: Vec<_> =
        causes.iter().filter(|(_, pence)| *pence != 0).map(|(cause, pence)| format!("{cause} {}", Pence(*pence))).collect();
    writeln!(text, "  The forecast moved by {} since {MOVED_SINCE}: {}.", Pence(total), causes.join(", "))?;
    Ok(())
}

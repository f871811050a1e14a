//! The made-up authority's direct payments: an account for each family, a pay file every four weeks, what families return, and what
//! does not go as it should.

use super::arrangements::{Arrangement, of_budget_line};
use super::caller::Caller;
use super::office::{Office, text};
use super::{day, instant_of};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use chrono::{Days, NaiveDate};
use db::Store;
use domain::{BankHolidays, Frequency};
use serde_json::{Value, json};

/// The first day that anything was paid for through an account, a Monday.
const FIRST: &str = "2023-04-03";
/// The last day on which something is recorded.
const LAST: &str = "2025-01-09";
/// Days that a pay file is for, and how many days before its day of payment it is made.
const PERIOD: u64 = 28;
const AHEAD: u64 = 4;

// Accounts by their place, which of the first 38 is that of the child.
const HAS_SURPLUS: usize = 3;
const IN_BREACH: usize = 11;
const DEARER: usize = 15;
const PAUSED: usize = 21;
const CLOSED: usize = 29;
const BOUNCED: usize = 33;
/// Families whose second return has not come, and who were not audited.
const SILENT: [usize; 2] = [7, 19];

/// What is recorded on a day; of the account with that place.
#[derive(Debug, Clone, Copy)]
enum Event {
    Open(usize),
    FirstReturn(usize),
    SecondReturn(usize),
    Audit(usize),
    SurplusRepaid(usize),
    NewRate(usize),
    Breach(usize),
    BreachRepaid(usize),
    Close(usize),
    Recovered(usize),
    Pause(usize),
    /// The bank returned what the last file sent.
    Bounced(usize),
    /// A pay file for that day.
    Export(NaiveDate),
    /// And the same file again, which the finance system had lost.
    ExportTwice(NaiveDate),
}

/// A family's arrangement, and its account once that is open.
struct Family {
    line: Arrangement,
    starts_on: NaiveDate,
    account: Option<String>,
}

impl Family {
    fn account(&self) -> anyhow::Result<&str> {
        self.account.as_deref().context("an account is used before it is opened")
    }

    /// Of each hundred pounds, what the family spends.
    fn spends(place: usize) -> i64 {
        if place == HAS_SURPLUS { 58 } else { 90 + (place as i64 * 7) % 9 }
    }

    /// The first return's days, in one financial year.
    fn first_return(&self) -> (NaiveDate, NaiveDate) {
        let year = day("2024-04-01");
        let to = self.starts_on + Days::new(3 * PERIOD);
        let from = if self.starts_on < year && to > year { year } else { self.starts_on };
        (from, to)
    }
}

/// Records it all in the order of its days. `caller` records what families need and return; the finance officer makes the pay files; posts
/// confirm what was agreed before requests were kept, and a manager agrees what a rate rises to.
pub async fn record<S, B>(store: &Store, caller: &Caller<'_, S>, office: &Office<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (first, last) = (day(FIRST), day(LAST));
    let finance = office.of("finance.officer")?;
    let mut families: Vec<Family> = of_budget_line(store, "direct_payments")?
        .into_iter()
        .filter(|line| line.is_first() && line.frequency != Frequency::OneOff)
        .map(|line| Family { starts_on: line.valid_from.max(first), line, account: None })
        .filter(|family| family.starts_on <= last && family.line.valid_to.is_none_or(|ends| family.starts_on < ends))
        .collect();
    let mut last_file = None;
    let newest = (0..families.len()).max_by_key(|place| families[*place].starts_on);
    for (on, event) in events(&families)? {
        store.clock().set(instant_of(on));
        match event {
            Event::Open(place) => {
                let is_agreed = Some(place) != newest;
                confirm(office, &families[place]).await?;
                families[place].account = Some(open(caller, &families[place], place, on, is_agreed).await?);
            }
            Event::Export(pay_on) => last_file = Some(finance.post("/v1/direct-payment-exports", json!({ "pay_on": pay_on })).await?),
            Event::Bounced(place) => {
                let file = last_file.as_deref().context("the bank returns what no file sent")?;
                bounced(caller, &families[place], file, on).await?;
            }
            Event::ExportTwice(pay_on) => {
                let file = finance.post("/v1/direct-payment-exports", json!({ "pay_on": pay_on })).await?;
                let reason = json!({ "reason": "The finance system could not read the first" });
                finance.post(&format!("/v1/direct-payment-exports/{file}/re-exports"), reason).await?;
            }
            Event::NewRate(place) => new_rate(caller, office.of("service.unit.manager")?, &families[place].line).await?,
            event => happen(caller, event, on, &families).await?,
        }
    }
    Ok(())
}

/// Everything that is recorded, by day.
fn events(families: &[Family]) -> anyhow::Result<Vec<(NaiveDate, Event)>> {
    let (first, last) = (day(FIRST), day(LAST));
    let mut events = Vec::new();
    for (place, family) in families.iter().enumerate() {
        let is_first = family.starts_on == first;
        events.push((if is_first { day("2023-03-20") } else { family.starts_on }, Event::Open(place)));
        events.push((family.first_return().1 + Days::new(9), Event::FirstReturn(place)));
        if is_first && !SILENT.contains(&place) {
            events.push((day("2024-04-15"), Event::SecondReturn(place)));
            events.push((day("2024-04-25"), Event::Audit(place)));
        }
    }
    for (on, event) in [
        ("2024-05-20", Event::SurplusRepaid(HAS_SURPLUS)),
        ("2024-08-27", Event::Close(CLOSED)),
        ("2024-09-12", Event::Breach(IN_BREACH)),
        ("2024-09-20", Event::Recovered(CLOSED)),
        ("2024-10-17", Event::Bounced(BOUNCED)),
        ("2024-10-28", Event::NewRate(DEARER)),
        ("2024-11-04", Event::BreachRepaid(IN_BREACH)),
        ("2024-11-28", Event::Pause(PAUSED)),
    ] {
        events.push((day(on), event));
    }
    let lost = day("2024-05-27");
    let holidays = BankHolidays::bundled()?;
    let mut due_on = first;
    while due_on <= last {
        // What is due on a bank holiday is paid on the working day before.
        let mut pay_on = due_on;
        while !holidays.is_working_day(pay_on)? {
            pay_on = pay_on - Days::new(1);
        }
        let export = if due_on == lost { Event::ExportTwice(pay_on) } else { Event::Export(pay_on) };
        events.push((pay_on - Days::new(AHEAD), export));
        due_on = due_on + Days::new(PERIOD);
    }
    events.retain(|(on, _)| *on <= last);
    // The sort keeps the order of what happens on one day.
    events.sort_by_key(|(on, _)| *on);
    Ok(events)
}

/// A line that carries out no request was agreed before requests were kept: the post that is responsible for the child's total says so,
/// and that it is paid here from the account's first day on.
async fn confirm<S, B>(office: &Office<'_, S>, family: &Family) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let line_id = &family.line.line_id;
    let path = format!("/v1/package-lines/{line_id}/confirmations");
    let told = office.of("service.unit.manager")?.get(&path).await?;
    let mut people = told["authority"]["people"].as_array().into_iter().flatten();
    if told["authority"].is_null() {
        return Ok(());
    }
    let may = people.find(|person| person["may_authorise"] == true).with_context(|| format!("nobody may confirm line {line_id}"))?;
    let word = json!({
        "post": may["post"], "version": told["version"], "paid_from": family.starts_on,
        "reason": "Agreed at panel; the minutes are in the archive"
    });
    office.with_id(&text(&may["user_id"]))?.post(&path, word).await.map(drop)
}

/// Opens an account, with everything that is needed before it is paid, or all but the agreement; answers with its id.
async fn open<S, B>(caller: &Caller<'_, S>, family: &Family, place: usize, on: NaiveDate, is_agreed: bool) -> anyhow::Result<String>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let new = json!({ "reference": format!("DP-{:03}", place + 1), "line_id": family.line.line_id, "starts_on": family.starts_on });
    let account = caller.post("/v1/direct-payment-accounts", new).await?;
    let steps = format!("/v1/direct-payment-accounts/{account}/steps");
    if is_agreed {
        caller.post(&steps, json!({ "kind": "agreement_signed", "taken_on": on })).await?;
    }
    let bank = json!({
        "kind": "bank_account_recorded", "taken_on": on, "bank_reference": format!("****{:04}", 1000 + place * 37),
        "payee_reference": format!("V-{}", 20_400 + place)
    });
    caller.post(&steps, bank).await?;
    caller.post(&steps, json!({ "kind": "dbs_seen", "taken_on": on })).await?;
    Ok(account)
}

/// What happens to one account.
async fn happen<S, B>(caller: &Caller<'_, S>, event: Event, on: NaiveDate, families: &[Family]) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (place, what, body) = match event {
        Event::FirstReturn(place) => {
            let (from, to) = families[place].first_return();
            let paid = families[place].line.pence_each_time() * 3;
            (place, "returns", family_return((from, to), paid, 0, Family::spends(place), on))
        }
        Event::SecondReturn(place) => {
            let each = families[place].line.pence_each_time();
            let spends = Family::spends(place);
            let before = each * 3 - each * 3 * spends / 100;
            let from = families[place].first_return().1;
            (place, "returns", family_return((from, day("2024-04-01")), each * 10, before, spends, on))
        }
        Event::Audit(place) => {
            let spent = families[place].line.pence_each_time() * 13 * Family::spends(place) / 100;
            (place, "audits", json!({ "audited_on": on, "period_to": "2024-04-01", "evidenced_pence": spent }))
        }
        Event::SurplusRepaid(place) => {
            let asked = page(caller, &families[place]).await?["audits"][0]["required_pence"].clone();
            (place, "repayments", json!({ "received_on": on, "amount_pence": asked, "reference": "RCT-4471" }))
        }
        Event::Breach(place) => {
            let what = "Spent on something that the support plan does not name";
            (place, "breaches", json!({ "found_on": on, "what": what, "required_pence": 12_000 }))
        }
        Event::BreachRepaid(place) => (place, "repayments", json!({ "received_on": on, "amount_pence": 5_000, "reference": "RCT-4902" })),
        Event::Close(place) => {
            let end = json!({ "valid_to": "2024-08-26", "reason": "The family moved out of the area" });
            caller.post(&format!("/v1/package-lines/{}/end", families[place].line.line_id), end).await?;
            (place, "steps", json!({ "kind": "close", "taken_on": "2024-08-26", "reason": "The family moved out of the area" }))
        }
        Event::Recovered(place) => {
            let over = page(caller, &families[place]).await?["balance"]["to_recover_pence"].clone();
            (place, "repayments", json!({ "received_on": on, "amount_pence": over, "reference": "RCT-4688" }))
        }
        Event::Pause(place) => (place, "steps", json!({ "kind": "pause", "taken_on": "2024-12-09", "reason": "A long stay in hospital" })),
        Event::Open(_) | Event::NewRate(_) | Event::Export(_) | Event::ExportTwice(_) | Event::Bounced(_) => return Ok(()),
    };
    caller.post(&format!("/v1/direct-payment-accounts/{}/{what}", families[place].account()?), body).await.map(drop)
}

/// A return: what was spent of each hundred pounds, and what is left with what was left before.
fn family_return((from, to): (NaiveDate, NaiveDate), paid: i64, before: i64, spends: i64, on: NaiveDate) -> Value {
    let spent = paid * spends / 100;
    json!({
        "period_from": from, "period_to": to, "evidenced_pence": spent, "balance_pence": before + paid - spent, "received_on": on
    })
}

async fn page<S, B>(caller: &Caller<'_, S>, family: &Family) -> anyhow::Result<Value>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    caller.get(&format!("/v1/direct-payment-accounts/{}", family.account()?)).await
}

/// The family closed its account, and the bank returned the payment: the next file pays it once more, to the new account.
async fn bounced<S, B>(caller: &Caller<'_, S>, family: &Family, file: &str, on: NaiveDate) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let page = page(caller, family).await?;
    let mut sent = page["schedule"].as_array().into_iter().flatten();
    let sent = sent.find(|payment| payment["export_id"] == file).context("the file sent nothing to the account")?;
    let account = family.account()?;
    let bounce = json!({ "export_id": file, "bounced_on": on, "amount_pence": sent["amount_pence"], "reason": "The account is closed" });
    caller.post(&format!("/v1/direct-payment-accounts/{account}/bounces"), bounce).await?;
    let bank = json!({
        "kind": "bank_account_recorded", "taken_on": on, "bank_reference": "****8315", "payee_reference": format!("V-{}", 20_400 + BOUNCED)
    });
    caller.post(&format!("/v1/direct-payment-accounts/{account}/steps"), bank).await.map(drop)
}

/// A higher rate, agreed six weeks late: the next pay file makes up for it.
async fn new_rate<S, B>(caller: &Caller<'_, S>, manager: &Caller<'_, S>, line: &Arrangement) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let rate = json!({
        "line_id": line.line_id, "kind": "rate", "valid_from": "2024-09-16", "unit_rate_ten_thousandths": 152_500,
        "reason": "The personal assistant's new hourly rate"
    });
    let variation = caller.post("/v1/package-variations", rate).await?;
    manager.post(&format!("/v1/package-variations/{variation}/agreement"), json!({})).await.map(drop)
}

//! The made-up authority's records: budgets, providers, children and their packages, activity.

use super::caller::Caller;
use super::instant;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use chrono::{Days, NaiveDate};
use db::Clock;
use domain::Profile;
use domain::profile::Counted;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;

/// Who runs the programme that is open to all.
const LEISURE: &str = "leisure_trust";

/// Code, name, sector, location.
pub const PROVIDERS: [(&str, &str, &str, &str); 12] = [
    ("willow_house", "Willow House", "own", "in_borough"),
    ("harbour_lodge", "Harbour Lodge", "private", "out_of_borough"),
    ("brightway_care", "Brightway Home Care", "private", "in_borough"),
    ("kestrel_care", "Kestrel Care Agency", "private", "in_borough"),
    ("stepping_out", "Stepping Out", "voluntary", "in_borough"),
    ("painted_door", "The Painted Door Arts Centre", "voluntary", "in_borough"),
    ("holiday_crew", "Holiday Crew", "private", "in_borough"),
    ("little_acorns", "Little Acorns Nursery", "private", "in_borough"),
    (LEISURE, "The Leisure Trust", "other_public", "in_borough"),
    ("parents_together", "Parents Together", "voluntary", "in_borough"),
    ("saturday_stars", "Saturday Stars", "voluntary", "in_borough"),
    ("all_aboard", "All Aboard Play", "voluntary", "in_borough"),
];

/// Budget line, original budget of 2023-24, of 2024-25, in pounds; income is negative.
const BUDGETS: [(&str, i64, i64); 8] = [
    ("nursery", 38_000, 15_000),
    ("community_short_breaks", 205_000, 204_000),
    ("targeted_outreach", 124_000, 129_000),
    ("overnight_respite", 105_000, 122_000),
    ("home_care", 155_000, 150_000),
    ("direct_payments", 200_000, 215_000),
    ("voluntary_sector_grants", 118_000, 118_000),
    ("chc_income", -44_000, -50_000),
];

/// Sessions of the leisure trust's open programme in each month of 2023-24, April first.
const SESSIONS: [i64; 12] = [3610, 3725, 3842, 4510, 4986, 3701, 3655, 3588, 3210, 3790, 3934, 4077];

/// What a stretch of children has: one line each, from a day, for ever or until another.
struct Support {
    children: Range<usize>,
    service: &'static str,
    budget_line: &'static str,
    category: Option<&'static str>,
    providers: &'static [&'static str],
    unit: &'static str,
    frequency: &'static str,
    /// The least quantity, in thousandths; each third child has a half more.
    quantity: i64,
    /// Ten-thousandths of a pound.
    rate: i64,
    from: &'static str,
    to: Option<&'static str>,
}

const CHILDREN: usize = 170;

/// Lines of 2023-24 and 2024-25, and beside them lines that the statement of 2023-24 must not count: ended the day before it,
/// begun the day after it.
const SUPPORT: [Support; 12] = [
    support(0..38, "direct_payment", "direct_payments", None, &[], ("hour", "four_weekly", 24_000, 145_000), "2022-09-05", None),
    support(38..40, "direct_payment", "direct_payments", None, &[], ("hour", "four_weekly", 16_000, 145_000), "2024-02-05", None),
    support(
        80..92,
        "overnight_stay",
        "overnight_respite",
        RESIDENTIAL,
        &["willow_house"],
        ("night", "monthly", 2_000, 3_120_000),
        "2023-01-16",
        None,
    ),
    support(
        92..93,
        "overnight_stay",
        "overnight_respite",
        RESIDENTIAL,
        &["harbour_lodge"],
        ("night", "monthly", 3_000, 3_985_000),
        "2023-06-01",
        None,
    ),
    support(
        30..59,
        "home_care",
        "home_care",
        None,
        &["brightway_care", "kestrel_care"],
        ("hour", "weekly", 4_000, 214_500),
        "2022-11-07",
        None,
    ),
    support(
        50..85,
        "targeted_outreach",
        "targeted_outreach",
        None,
        &["stepping_out"],
        ("hour", "weekly", 3_000, 198_000),
        "2023-02-06",
        None,
    ),
    support(
        90..95,
        "arts_sessions",
        "community_short_breaks",
        Some("community_setting"),
        &["painted_door"],
        ("session", "term_time_weeks", 1_000, 285_000),
        "2023-04-17",
        None,
    ),
    support(
        72..150,
        "holiday_club_one_to_one",
        "community_short_breaks",
        Some("community_support_holiday"),
        &["holiday_crew"],
        ("day", "holiday_weeks", 2_000, 780_000),
        "2023-04-01",
        None,
    ),
    support(
        150..160,
        "nursery_extra_hours",
        "nursery",
        None,
        &["little_acorns"],
        ("hour", "term_time_weeks", 6_000, 165_000),
        "2023-09-04",
        Some("2024-07-20"),
    ),
    support(
        160..166,
        "home_care",
        "home_care",
        None,
        &["kestrel_care"],
        ("hour", "weekly", 3_000, 204_500),
        "2022-05-02",
        Some("2023-04-01"),
    ),
    support(166..169, "direct_payment", "direct_payments", None, &[], ("hour", "four_weekly", 20_000, 152_500), "2024-04-01", None),
    support(
        169..170,
        "overnight_stay",
        "overnight_respite",
        RESIDENTIAL,
        &["willow_house"],
        ("night", "monthly", 2_000, 3_210_000),
        "2024-04-08",
        None,
    ),
];
const RESIDENTIAL: Option<&str> = Some("residential_respite");

#[allow(clippy::too_many_arguments, reason = "a row of the table above")]
const fn support(
    children: Range<usize>,
    service: &'static str,
    budget_line: &'static str,
    category: Option<&'static str>,
    providers: &'static [&'static str],
    (unit, frequency, quantity, rate): (&'static str, &'static str, i64, i64),
    from: &'static str,
    to: Option<&'static str>,
) -> Support {
    Support { children, service, budget_line, category, providers, unit, frequency, quantity, rate, from, to }
}

/// Under which code and service the statement's sessions are recorded: the profile names both.
struct Sessions<'p> {
    provider: &'p str,
    service: &'p str,
}

impl<'p> Sessions<'p> {
    fn of(profile: &'p Profile) -> Self {
        let figure = profile.statement.figures.iter().find(|figure| figure.counts == Counted::Sessions);
        let provider = figure.and_then(|figure| figure.providers.first()).map_or(LEISURE, String::as_str);
        let service = figure.and_then(|figure| figure.services.first()).map_or("open_programme", String::as_str);
        Sessions { provider, service }
    }
}

/// Records all of it, the clock moving on as the authority's years do.
pub async fn record<S, B>(caller: &Caller<'_, S>, profile: &Profile, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    record_budgets(caller, "2023-24", "2023-04-01", |(_, first, _)| first).await?;
    let sessions = Sessions::of(profile);
    let mut providers = HashMap::new();
    for (code, name, sector, location) in PROVIDERS {
        let recorded = if code == LEISURE { sessions.provider } else { code };
        let id = caller.post("/v1/providers", json!({ "code": recorded, "name": name, "sector": sector, "location": location })).await?;
        providers.insert(code, id);
    }
    super::commissioning::govern(caller, &providers).await?;
    record_packages(caller, &providers).await?;
    clock.set(instant("2023-10-02"));
    let virement = json!({
        "year": "2023-24", "from_budget_line": "nursery", "to_budget_line": "overnight_respite", "amount_pence": 900_000,
        "effective_on": "2023-10-01", "reason": "Nursery places began in September; one placement out of the borough since June"
    });
    caller.post("/v1/virements", virement).await?;
    clock.set(instant("2024-03-11"));
    record_budgets(caller, "2024-25", "2024-04-01", |(_, _, second)| second).await?;
    clock.set(instant("2024-04-15"));
    record_activity(caller, &providers, sessions.service).await
}

async fn record_budgets<S, B>(
    caller: &Caller<'_, S>,
    year: &str,
    effective_on: &str,
    amount: fn((&str, i64, i64)) -> i64,
) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    caller.post("/v1/financial-years", json!({ "year": year })).await?;
    for budget in BUDGETS {
        let movement = json!({
            "year": year, "budget_line": budget.0, "kind": "original", "amount_pence": amount(budget) * 100, "effective_on": effective_on,
            "reason": "Budget Council"
        });
        caller.post("/v1/budget-movements", movement).await?;
    }
    Ok(())
}

async fn record_packages<S, B>(caller: &Caller<'_, S>, providers: &HashMap<&str, String>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    for child in 0..CHILDREN {
        let born = born(child);
        let id = caller.post("/v1/children", json!({ "case_reference": format!("DEMO-{child:04}"), "date_of_birth": born })).await?;
        let package = json!({ "reference": format!("PK-{child:04}"), "child_id": id });
        let package_id = caller.post("/v1/packages", package).await?;
        for support in SUPPORT.iter().filter(|support| support.children.contains(&child)) {
            let provider = support.providers.get(child % support.providers.len().max(1)).and_then(|code| providers.get(code));
            let line = line(support, child, &package_id, provider);
            let line_id = caller.post("/v1/package-lines", line.clone()).await?;
            if child % 40 == 7 {
                // Typed in twice by mistake, and put right: the second line is reversed and counts nowhere.
                let mut line = line;
                line["second_support_reason"] = json!("On the second list, too");
                let twice = caller.post("/v1/package-lines", line).await?;
                caller.post(&format!("/v1/package-lines/{twice}/reversal"), json!({ "reason": "Recorded twice" })).await?;
            }
            if support.budget_line == "home_care" && child % 9 == 4 && support.to.is_none() {
                let end = json!({ "valid_to": "2024-09-30", "reason": "Moved to a direct payment" });
                caller.post(&format!("/v1/package-lines/{line_id}/end"), end).await?;
            }
        }
    }
    Ok(())
}

/// Ages from 2 to 16 on the first day, the youngest at nursery until it ends. The eldest come of age in 2025-26, when their support ends.
fn born(child: usize) -> NaiveDate {
    let (years, most_days) = if (150..160).contains(&child) { (2, 250) } else { (4 + child % 12, 300) };
    let day = NaiveDate::from_ymd_opt(2023, 3, 31).unwrap_or_default();
    day - Days::new((years * 365 + child * 37 % most_days) as u64)
}

fn line(support: &Support, child: usize, package_id: &str, provider_id: Option<&String>) -> Value {
    let quantity = if child.is_multiple_of(3) { support.quantity * 3 / 2 } else { support.quantity };
    json!({
        "package_id": package_id, "service": support.service, "budget_line": support.budget_line, "provider_id": provider_id,
        "statement_category": support.category, "unit": support.unit, "quantity_thousandths": quantity, "frequency": support.frequency,
        "unit_rate_ten_thousandths": support.rate, "valid_from": support.from, "valid_to": support.to, "reason": "Agreed at panel",
    })
}

async fn record_activity<S, B>(caller: &Caller<'_, S>, providers: &HashMap<&str, String>, service: &str) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let start = NaiveDate::from_ymd_opt(2023, 4, 1).unwrap_or_default();
    for (month, sessions) in (0..).zip(SESSIONS) {
        let (from, to) = (start + chrono::Months::new(month), start + chrono::Months::new(month + 1));
        let activity = json!({
            "provider_id": providers.get(LEISURE), "service": service, "period_from": from, "period_to": to,
            "sessions": sessions, "reason": "Monthly return"
        });
        caller.post("/v1/activity-returns", activity).await?;
    }
    Ok(())
}

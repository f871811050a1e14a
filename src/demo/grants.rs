//! The made-up authority's grants: conditions, a payment and a return each quarter, and what was achieved.

use super::caller::Caller;
use super::{day, instant_of};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use chrono::{Days, Months, NaiveDate};
use db::Clock;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Children and families reached, mostly the same ones again, and sessions held, quarter by quarter.
type Quarters = [(i64, i64); 4];

/// Group, yearly grant in pounds, children and families reached and sessions held in each quarter of 2023-24.
const GRANTS: [(&str, i64, Quarters); 4] = [
    ("parents_together", 42_000, [(5210, 96), (6334, 104), (5875, 92), (6102, 99)]),
    ("saturday_stars", 28_000, [(3980, 48), (4392, 52), (4105, 47), (4240, 50)]),
    ("all_aboard", 30_000, [(3120, 60), (3957, 88), (3418, 58), (3560, 61)]),
    ("stepping_out", 18_000, [(1874, 36), (2059, 40), (1902, 35), (1985, 37)]),
];

/// Register, number. Of the right form, and far above any number that was given out.
const REGISTRATIONS: [(&str, &str, &str); 4] = [
    ("parents_together", "charity", "9900001"),
    ("saturday_stars", "charity", "9900002"),
    ("all_aboard", "charity", "9900003"),
    ("stepping_out", "cic", "99000004"),
];

/// The group whose second return of 2024-25 has not come, and the one whose accounts have not.
const OWES_RETURN: &str = "all_aboard";
const OWES_ACCOUNTS: &str = "saturday_stars";

/// Records both years of them.
pub async fn record<S, B>(caller: &Caller<'_, S>, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let listed = caller.get("/v1/providers?limit=500").await?;
    let providers: HashMap<&str, &str> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|provider| Some((provider["code"].as_str()?, provider["id"].as_str()?)))
        .collect();
    clock.set(instant_of(day("2023-04-03")));
    for (code, kind, number) in REGISTRATIONS {
        let registration = json!({ "kind": kind, "number": number, "reason": "From the register" });
        let provider = providers.get(code).copied().unwrap_or_default();
        caller.post(&format!("/v1/providers/{provider}/registrations"), registration).await?;
    }
    // Quarters of each year that are paid, and of which the returns are in.
    for (year, from, quarters_paid, quarters_returned) in [(2023, "2023-04-01", 4, 4), (2024, "2024-04-01", 4, 2)] {
        let from = day(from);
        let mut ids = Vec::new();
        clock.set(instant_of(from + Days::new(2)));
        for (place, (code, pounds, _)) in GRANTS.into_iter().enumerate() {
            let provider = providers.get(code).copied().unwrap_or_default();
            ids.push(caller.post("/v1/grants", award(year, place, code, provider, pounds, from)).await?);
        }
        for quarter in 0..4_u32 {
            let starts = from + Months::new(quarter * 3);
            clock.set(instant_of(starts + Days::new(3)));
            for (grant, (code, ..)) in ids.iter().zip(GRANTS) {
                if quarter == 0 {
                    met(caller, grant, 1, starts + Days::new(3), "Approved by the trustees in March").await?;
                }
                if quarter == 2 && (year, code) != (2024, OWES_ACCOUNTS) {
                    met(caller, grant, 2, starts + Days::new(3), "Examined accounts, sent by e-mail").await?;
                }
                if quarter < quarters_paid {
                    let paid = json!({ "paid_on": starts + Days::new(3), "reference": format!("GR-{year}-{}", quarter + 1) });
                    caller.post(&format!("/v1/grants/{grant}/instalments/{}/payment", quarter + 1), paid).await?;
                }
            }
            if quarter < quarters_returned {
                clock.set(instant_of(starts + Months::new(3) + Days::new(19)));
                for (grant, (code, _, returns)) in ids.iter().zip(GRANTS) {
                    if (year, quarter, code) == (2024, 1, OWES_RETURN) {
                        continue;
                    }
                    let (reached, sessions) = returns[quarter as usize];
                    // A twentieth more than the year before.
                    let of_year = |count: i64| if year == 2023 { count } else { count + count / 20 };
                    let activity = json!({
                        "grant_id": grant, "period_from": starts, "period_to": starts + Months::new(3),
                        "children_and_families_reached": of_year(reached), "sessions": of_year(sessions), "reason": "Quarterly return"
                    });
                    caller.post("/v1/grant-activity-returns", activity).await?;
                }
            }
        }
    }
    Ok(())
}

/// A year's grant, paid in four instalments, with a return for each quarter.
fn award(year: i32, place: usize, code: &str, provider: &str, pounds: i64, from: NaiveDate) -> Value {
    let quarters: Vec<NaiveDate> = (0..4).map(|quarter| from + Months::new(quarter * 3)).collect();
    let instalments: Vec<Value> = quarters.iter().map(|starts| json!({ "due_on": starts, "amount_pence": pounds * 100 / 4 })).collect();
    let returns: Vec<Value> = quarters
        .iter()
        .map(|starts| {
            let ends = *starts + Months::new(3);
            json!({ "period_from": starts, "period_to": ends, "due_on": ends + Days::new(29) })
        })
        .collect();
    json!({
        "reference": format!("G-{year}-{:02}", place + 1), "provider_id": provider, "budget_line": "voluntary_sector_grants",
        "title": format!("Short breaks by {code}").replace('_', " "), "purpose": "Activities open to disabled children and their families",
        "awarded_on": from, "period_from": from, "period_to": from + Months::new(12), "amount_pence": pounds * 100, "reason": "Award letter",
        "conditions": [
            { "code": "safeguarding_policy", "text": "A safeguarding policy approved by the trustees" },
            { "code": "accounts", "text": "Examined accounts of the year before", "due_on": from + Months::new(6) },
        ],
        "instalments": instalments, "returns_due": returns,
    })
}

async fn met<S, B>(caller: &Caller<'_, S>, grant: &str, number: i64, met_on: NaiveDate, evidence: &str) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let body = json!({ "met_on": met_on, "evidence": evidence });
    caller.post(&format!("/v1/grants/{grant}/conditions/{number}/completion"), body).await.map(drop)
}

//! Variations of the made-up authority's packages: a yearly rise of a provider's rates, and one of each other kind, some of them late.

use super::instant;
use super::office::{Office, text};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use db::Clock;
use serde_json::{Value, json};

/// The provider whose rates rise, from when, and by how much in ten-thousandths of one per cent: 4.25 %.
const RISE: (&str, &str, i64) = ("kestrel_care", "2024-04-01", 42_500);
const RISE_RECORDED: &str = "2024-03-18";

/// What is varied, and what becomes of that.
struct Varied {
    /// The day of recording.
    on: &'static str,
    child: usize,
    service: &'static str,
    kind: &'static str,
    from: &'static str,
    to: Option<&'static str>,
    quantity: Option<i64>,
    /// The new provider, and its rate in ten-thousandths of a pound.
    provider: Option<(&'static str, i64)>,
    reason: &'static str,
    is_agreed: bool,
}

/// In the order of recording. Child 37 has its rate raised before, and then three variations, each of the line that the last one left.
const VARIED: [Varied; 8] = [
    Varied {
        quantity: Some(1_000),
        ..varied("2024-05-28", 86, "overnight_stay", "decrease", "2024-06-03", "One night a month, as the family asks")
    },
    // Two weeks after July was paid: the provider gives it back.
    Varied {
        to: Some("2024-07-29"),
        ..varied("2024-08-12", 37, "home_care", "suspension", "2024-07-01", "In hospital, as the ward wrote afterwards")
    },
    // Five weeks back: what September was short of is paid with October.
    Varied {
        quantity: Some(6_000),
        ..varied("2024-10-07", 37, "home_care", "increase", "2024-09-02", "Two hours more since school began; agreed by telephone")
    },
    varied("2024-10-21", 52, "targeted_outreach", "end", "2024-10-28", "The goals of the plan are reached"),
    Varied {
        provider: Some(("kestrel_care", 223_616)),
        ..varied("2024-10-28", 44, "home_care", "provider", "2024-11-04", "The agency gives up its round in the east of the borough")
    },
    // The child's total comes to lie in a higher tier: the head of service agrees it.
    Varied {
        quantity: Some(4_000),
        to: Some("2025-01-06"),
        ..varied("2024-10-30", 88, "overnight_stay", "increase", "2024-11-04", "The main carer has an operation")
    },
    Varied {
        quantity: Some(5_000),
        ..varied("2024-11-25", 37, "home_care", "decrease", "2024-12-02", "An hour less, as the review found")
    },
    Varied {
        quantity: Some(5_000),
        is_agreed: false,
        ..varied("2025-01-08", 46, "home_care", "increase", "2025-01-06", "An hour more until the review")
    },
];

const fn varied(
    on: &'static str,
    child: usize,
    service: &'static str,
    kind: &'static str,
    from: &'static str,
    reason: &'static str,
) -> Varied {
    Varied { on, child, service, kind, from, to: None, quantity: None, provider: None, reason, is_agreed: true }
}

/// Raises a provider's rates for the new year: finance proposes what the preview showed, and the head of service agrees it.
pub async fn raise_rates<S, B>(office: &Office<'_, S>, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    clock.set(instant(RISE_RECORDED));
    let (provider, from, percentage) = RISE;
    let mut rise = json!({
        "provider_id": office.provider(provider).await?, "from": from, "percentage_ten_thousandths": percentage,
        "reason": "Yearly rise under the framework agreement"
    });
    let finance = office.of("finance.officer")?;
    rise["preview_sha256"] = finance.answer("/v1/uprating-previews", rise.clone()).await?["preview_sha256"].clone();
    let proposal = finance.post("/v1/uprating-proposals", rise).await?;
    let agreement = json!({ "proposal_id": proposal, "post": "head_of_service" });
    office.of("head.of.service")?.post("/v1/upratings", agreement).await.map(drop)
}

/// Records the variations; whoever has the authority agrees each.
pub async fn record<S, B>(office: &Office<'_, S>, clock: &Clock) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let support = office.of("panel.support")?;
    for varied in &VARIED {
        clock.set(instant(varied.on));
        let line = office.line(varied.child, varied.service, varied.from).await?;
        let mut variation = json!({
            "line_id": line["line_id"], "kind": varied.kind, "valid_from": varied.from, "valid_to": varied.to,
            "quantity_thousandths": varied.quantity, "reason": varied.reason
        });
        if let Some((provider, rate)) = varied.provider {
            variation["provider_id"] = json!(office.provider(provider).await?);
            variation["unit_rate_ten_thousandths"] = json!(rate);
        }
        let id = support.post("/v1/package-variations", variation).await?;
        if varied.is_agreed {
            let authority: Value = support.get(&format!("/v1/package-variations/{id}/authority")).await?;
            let people = || authority["people"].as_array().into_iter().flatten().filter(|person| person["may_authorise"] == true);
            // The manager of the service where that is enough, else whoever has the authority.
            let may = people().find(|person| person["username"] == "service.unit.manager").or_else(|| people().next());
            let may = may.with_context(|| format!("nobody may agree the variation of child {}", varied.child))?;
            let agreement = json!({ "reason": "Spoken about with the worker" });
            office.with_id(&text(&may["user_id"]))?.post(&format!("/v1/package-variations/{id}/agreement"), agreement).await?;
        }
    }
    Ok(())
}

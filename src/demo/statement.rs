//! The made-up authority's statement: what the public is told of providers, last year's edition and this one's, and its correction.

use super::caller::Caller;
use super::office::{Office, text};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use serde_json::{Value, json};

/// Provider, kind, offer, telephone, page, youngest, oldest.
type Entry = (&'static str, &'static str, &'static str, &'static str, &'static str, i64, i64);

const ENTRIES: [Entry; 9] = [
    (
        "Brightway Home Care",
        "day_care_at_home",
        "Care workers who come to your home in the day.",
        "01632 960101",
        "https://brightway.example.org",
        0,
        18,
    ),
    (
        "Kestrel Care Agency",
        "overnight_at_home",
        "A waking night at home, so that you can sleep.",
        "01632 960102",
        "https://kestrel.example.org",
        5,
        18,
    ),
    (
        "Little Acorns Nursery",
        "day_care_elsewhere",
        "A nursery place with a worker who knows your child.",
        "01632 960103",
        "https://acorns.example.org",
        0,
        5,
    ),
    (
        "Willow House",
        "overnight_elsewhere",
        "Nights away in a house of six rooms, near home.",
        "01632 960104",
        "https://willow.example.org",
        8,
        17,
    ),
    (
        "Harbour Lodge",
        "overnight_elsewhere",
        "Nights away for children with complex health needs.",
        "01632 960105",
        "https://harbour.example.org",
        5,
        17,
    ),
    (
        "The Leisure Trust",
        "educational_or_leisure",
        "Swimming, trampolining and cycling, open to any child with special needs.",
        "01632 960106",
        "https://leisure.example.org",
        4,
        18,
    ),
    (
        "The Painted Door Arts Centre",
        "educational_or_leisure",
        "Painting, music and drama in small groups.",
        "01632 960107",
        "https://painteddoor.example.org",
        7,
        18,
    ),
    (
        "Holiday Crew",
        "evenings_weekends_holidays",
        "A club on each weekday of the school holidays.",
        "01632 960108",
        "https://holidaycrew.example.org",
        5,
        16,
    ),
    (
        "Saturday Stars",
        "evenings_weekends_holidays",
        "A club on Saturdays, and a youth club on Friday evenings.",
        "01632 960109",
        "https://saturdaystars.example.org",
        8,
        18,
    ),
];

/// What last year's edition says: section and text.
const LAST_YEAR: [(&str, &str); 8] = [
    (
        "introduction",
        "This statement tells families of disabled children which short breaks there are, who can have them, and how to ask.\n\nWe write it with \
         parents, and look at it again every year.",
    ),
    (
        "definitions",
        "A **short break** gives a disabled child time to enjoy and learn, and gives those who care for the child a rest.\n\nSome breaks are open \
         to any family of a disabled child. Others need an assessment:\n\n- *community breaks* need none; you book with the provider\n- *targeted \
         breaks* follow an assessment of what your child and family need",
    ),
    (
        "programme_and_priorities",
        "Families told us that three things matter most:\n\n1. breaks close to home\n2. people who stay, so that children know them\n3. something \
         in every school holiday",
    ),
    (
        "consultation",
        "The parent carer forum read a draft of this statement. Children told us what they liked with pictures and at their clubs.",
    ),
    (
        "local_offer_range",
        "Breaks are by day and by night, at home and elsewhere, in the week, at weekends and in the holidays. Carers told us that they need breaks \
         they can rely on, so regular breaks keep their days. A carer who would be unable to go on without a break is seen first.",
    ),
    ("local_offer_outcomes", "We ask every family once a year whether the break did what it was meant to do."),
    (
        "local_offer_transitions",
        "From the age of 14 we plan with each young person what comes after school. Adult services join the plan at 16, so that no break simply \
         stops at 18.",
    ),
    ("reviewing", "We look at this statement every year with the parent carer forum, and sooner where families tell us that it is wrong."),
];

/// What this year's edition says instead.
const THIS_YEAR: [(&str, &str); 2] = [
    (
        "local_offer_outcomes",
        "In the year {{figure direct_payments_children}} children had a direct payment, and {{figure residential_respite_children}} stayed away \
         overnight.\n\nWe ask every family once a year whether the break did what it was meant to do.",
    ),
    (
        "consultation",
        "The parent carer forum read a draft of this statement and asked for shorter words about who can have which break. Children told us what \
         they liked with pictures and at their clubs.",
    ),
];

/// Records what the public is told of providers, and publishes three editions.
pub async fn publish<S, B>(office: &Office<'_, S>) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let support = office.of("panel.support")?;
    for (provider, kind, offer, phone, link, from, to) in ENTRIES {
        let entry = json!({
            "kind": kind, "offer": offer, "phone": phone, "link": link, "from_age_years": from, "to_age_years": to, "valid_from": "2023-04-01",
            "reason": "From the provider's own page"
        });
        support.post(&format!("/v1/providers/{}/public-entries", office.provider_named(provider).await?), entry).await?;
    }
    let last = support.post("/v1/statement-editions", json!({ "financial_year": "2022-23" })).await?;
    write(support, &last, &LAST_YEAR).await?;
    take_through(office, &last, "The order of the sections.").await?;
    let first = support.post("/v1/statement-editions", json!({ "financial_year": "2023-24" })).await?;
    write(support, &first, &THIS_YEAR).await?;
    take_through(office, &first, "Shorter words about who can have which break.").await?;
    let correction = json!({
        "financial_year": "2023-24", "corrects_id": first, "what_changed": "Every count stands as counted, also those that are small."
    });
    let second = support.post("/v1/statement-editions", correction).await?;
    let choice = json!({ "disclosure": "as_counted", "reason": "These figures were published before, as counted" });
    support.post(&format!("/v1/statement-editions/{second}/disclosure"), choice).await?;
    take_through(office, &second, "Nothing: the forum was told of the correction.").await
}

async fn write<S, B>(support: &Caller<'_, S>, edition: &str, sections: &[(&str, &str)]) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    for (section, markdown) in sections {
        let path = format!("/v1/statement-editions/{edition}/sections/{section}");
        let version = support.get(&path).await?["version"].clone();
        support.put(&path, &version, json!({ "markdown": markdown })).await?;
    }
    Ok(())
}

/// From the text as it stands to its publication.
async fn take_through<S, B>(office: &Office<'_, S>, edition: &str, what_changed: &str) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (support, director) = (office.of("panel.support")?, office.of("assistant.director")?);
    let path = format!("/v1/statement-editions/{edition}");
    for (requirement, section) in
        [("range_of_services", "local_offer_range"), ("eligibility_criteria", "definitions"), ("carers_needs", "local_offer_range")]
    {
        support.post(&format!("{path}/requirements/{requirement}"), json!({ "standing": "met", "section": section })).await?;
    }
    let consultation = json!({ "with_whom": "The parent carer forum", "held_on": "2024-12-05", "what_changed": what_changed });
    support.post(&format!("{path}/consultations"), consultation).await?;
    let stands: Value = director.get(&path).await?;
    director.post(&format!("{path}/approval"), json!({ "revision": stands["revision"], "snapshot_id": stands["snapshot_id"] })).await?;
    support.post(&format!("{path}/publication"), json!({})).await?;
    Ok(())
}

/// A line for each edition, as the API tells it.
pub async fn tell<S, B>(caller: &Caller<'_, S>) -> anyhow::Result<String>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let editions = caller.get("/v1/statement-editions?limit=500").await?;
    let mut told = String::from("\nEditions of the statement\n");
    for edition in super::office::items(&editions) {
        told.push_str(&format!("  {} edition {}: {}\n", text(&edition["financial_year"]), edition["number"], text(&edition["state"])));
    }
    Ok(told)
}

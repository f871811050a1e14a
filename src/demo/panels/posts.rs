//! Who is in which post of the made-up authority.

use super::items::PEOPLE;
use crate::demo::caller::Caller;
use crate::demo::instant;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use anyhow::Context;
use db::Clock;
use serde_json::json;
use std::collections::HashMap;

/// Puts everybody in post: one administrator records it, another agrees. The service unit manager deputises while the head of service is on
/// leave in August. `users` are the ids of [`PEOPLE`].
pub async fn take_posts<S, B>(
    administrators: (&Caller<'_, S>, &Caller<'_, S>),
    clock: &Clock,
    users: &HashMap<String, String>,
) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let held = PEOPLE.into_iter().filter_map(|(name, _, post, _)| Some((name, post?, "holder", "2023-02-01", None)));
    let deputy = ("service.unit.manager", "head_of_service", "deputy", "2024-08-12", Some("2024-08-27"));
    clock.set(instant("2024-01-02"));
    for (name, post, capacity, from, to) in held.chain([deputy]) {
        let user = users.get(name).with_context(|| format!("the user {name} is missing"))?;
        let holding =
            json!({ "post": post, "user_id": user, "capacity": capacity, "valid_from": from, "valid_to": to, "reason": "Appointment" });
        let holding = administrators.0.post("/v1/post-holdings", holding).await?;
        administrators.1.post(&format!("/v1/post-holdings/{holding}/agreement"), json!({})).await?;
    }
    Ok(())
}
